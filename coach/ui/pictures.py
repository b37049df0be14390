"""Pictures: step × stage coverage, priority matrix."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from coach.domain import STAGE_NAMES, STAGES, Issue
from coach.sequence import Board

STATE_NAMES = {"open": "まだ", "vague": "あいまい", "refused": "断られた", "answered": "聞けた"}
STATE_MARKS = {"open": "", "vague": "△", "refused": "×", "answered": "○"}
STATE_COLORS = ["#8d979b33", "#d9a441", "#b5655a", "#2f8f83"]
INK = {"open": "#8d979b", "vague": "#1d1d1d", "refused": "#ffffff", "answered": "#ffffff"}


def coverage(board: Board) -> alt.LayerChart | alt.FacetChart:
    """Which step has been heard of in which stage; also told by a mark, not by colour alone."""
    names = [f"{i}. {s.name}" for i, s in enumerate(board.process.steps, start=1)]
    found = board.coverage()
    rows = [
        {
            "工程": name, "時制": STAGE_NAMES[stage], "状態": STATE_NAMES[found[step.id, stage]],
            "印": STATE_MARKS[found[step.id, stage]], "ink": INK[found[step.id, stage]],
        }
        for name, step in zip(names, board.process.steps, strict=True)
        for stage in STAGES
    ]  # fmt: skip
    base = alt.Chart(pd.DataFrame(rows)).encode(
        x=alt.X("時制:N", sort=[STAGE_NAMES[s] for s in STAGES], title=None, axis=alt.Axis(orient="top", labelAngle=0, domain=False, ticks=False, labelFontSize=12)),
        y=alt.Y("工程:N", sort=names, title=None, axis=alt.Axis(labelLimit=230, domain=False, ticks=False, labelFontSize=12)),
        tooltip=["工程", "時制", "状態"],
    )
    color = alt.Color("状態:N", scale=alt.Scale(domain=list(STATE_NAMES.values()), range=STATE_COLORS), legend=alt.Legend(orient="bottom", title=None, labelFontSize=12, columns=2))
    cells = base.mark_rect(cornerRadius=4, stroke="#8d979b44", strokeWidth=1, width=alt.RelativeBandSize(0.92), height=alt.RelativeBandSize(0.86)).encode(color=color)
    marks = base.mark_text(fontSize=13, fontWeight="bold").encode(text="印:N", color=alt.Color("ink:N", scale=None))
    return (cells + marks).properties(height=34 * len(names) + 60).configure_view(strokeWidth=0)


def matrix(issues: Sequence[Issue]) -> alt.LayerChart | alt.FacetChart:
    """Impact × urgency, size = load; each issue by its rank."""
    rows = [
        {
            "順位": str(i.priority.rank), "課題": i.title, "急ぎ度": i.priority.factors["urgency"], "住民への影響": i.priority.factors["impact"],
            "負荷": i.priority.factors["load"], "x": i.priority.factors["urgency"] + 0.028 * (k % 3 - 1), "y": i.priority.factors["impact"] + 0.05 * (k % 2),
        }
        for k, i in enumerate(issues)
    ]  # fmt: skip
    axis = alt.Axis(values=[0, 0.5, 1], labelExpr="datum.value == 0 ? '低い' : datum.value == 1 ? '高い' : ''", grid=True, gridOpacity=0.25, labelFontSize=12, titleFontSize=13)
    base = alt.Chart(pd.DataFrame(rows)).encode(
        x=alt.X("x:Q", title="急ぎ度（期限・監査・繁忙期）", scale=alt.Scale(domain=[-0.08, 1.1]), axis=axis),
        y=alt.Y("y:Q", title="住民への影響", scale=alt.Scale(domain=[-0.1, 1.14]), axis=axis),
        tooltip=["順位", "課題", "急ぎ度", "住民への影響", "負荷"],
    )
    dots = base.mark_circle(color="#2f8f83", opacity=0.85, stroke="#ffffff", strokeWidth=1.5).encode(
        size=alt.Size("負荷:Q", scale=alt.Scale(domain=[0, 1], range=[420, 1800]), legend=None)
    )
    return (dots + base.mark_text(color="#ffffff", fontWeight="bold", fontSize=14).encode(text="順位:N")).properties(height=330)
