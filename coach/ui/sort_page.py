"""整理: issues in the staff member's words, with their lines; titles and order are decided here."""

import pandas as pd
import streamlit as st

from coach.domain import ASPECT_NAMES, SET_ASIDE_NAMES, STAGE_NAMES, Issue, IssueList, Note, Process, Stage
from coach.handover import decisions_of
from coach.hearing import first_line
from coach.priority import FACTOR_NAMES, WEIGHTS
from coach.store import Hearing
from coach.ui import frame, parts, pictures


def _table(issues: tuple[Issue, ...], process: Process) -> pd.DataFrame:
    steps = {s.id: s.name for s in process.steps}
    rows = [
        {
            "順位": i.priority.rank, "課題（職員の言葉）": i.title, "工程": steps.get(i.step or "", "—"),
            "題": "営業の言葉" if i.title_by == "rep" else "職員の言葉", "順位の理由": i.priority.reason,
        }
        for i in issues
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _edit(hearing: Hearing, found: IssueList, process: Process) -> None:
    table = _table(found.issues, process)
    config = {
        "順位": st.column_config.NumberColumn(min_value=1, max_value=99, step=1, width=60, help="書き換えると並びが変わります"),
        "課題（職員の言葉）": st.column_config.TextColumn(max_chars=80, width="large", help="書き換えると「営業の言葉」と示します"),
        "順位の理由": st.column_config.TextColumn(width="large"),
    }
    version = "-".join(f"{i.id}{i.priority.rank}{i.title}" for i in found.issues)
    edited = st.data_editor(table, hide_index=True, width="stretch", column_config=config, disabled=["工程", "題", "順位の理由"], key=f"edit-{hash(version)}")
    if not edited.equals(table):
        _decide(hearing, found.issues, table, edited)
        st.rerun()


def _decide(hearing: Hearing, issues: tuple[Issue, ...], before: pd.DataFrame, after: pd.DataFrame) -> None:
    keys = [first_line(i.quotes[0].line) for i in issues]
    titles = dict(hearing.decisions.get("titles", {}))
    moved = []
    for i, key in enumerate(keys):
        title = str(after.iloc[i, 1] or "").strip()
        if title and title != before.iloc[i, 1]:
            titles[key] = title
        rank = after.iloc[i, 0]
        changed = pd.notna(rank) and rank != before.iloc[i, 0]
        moved.append((float(rank) if pd.notna(rank) else float(before.iloc[i, 0]), 0 if changed else 1, i, key))
    decisions = hearing.decisions | {"titles": titles}
    if not after["順位"].equals(before["順位"]):
        decisions["order"] = [key for *_, key in sorted(moved)]
    frame.store().update(hearing.id, decisions=decisions)


def _details(issue: Issue, process: Process) -> None:
    with st.expander(f"{issue.priority.rank}. {parts.plain(issue.title)}", expanded=issue.priority.rank == 1):
        st.html("".join(parts.quote_html(q.text, q.line) for q in issue.quotes))
        stages = "、".join(STAGE_NAMES[Stage(s)] for s, lines in issue.stages.items() if lines)
        facts = [f"語られた時制: {stages or 'なし'}"]
        if issue.measures:
            facts.append("出た数: " + "、".join(f"{m.text}（{m.line}行目）" for m in issue.measures))
        if issue.unknown:
            facts.append("まだ聞けていないこと: " + "、".join(ASPECT_NAMES[a] for a in issue.unknown))
        factors = "　".join(f"{FACTOR_NAMES[k]} {v:.2f}" for k, v in issue.priority.factors.items())
        st.markdown("  \n".join(parts.plain(f) for f in facts))
        st.caption(f"点数 {issue.priority.score:.2f}（{factors}）")


def _aside(found: IssueList, notes: list[Note]) -> None:
    text_of = {n.n: n.text for n in notes}
    with st.expander(f"課題に入れなかった行（{len(found.set_aside)}行）"):
        for reason, name in SET_ASIDE_NAMES.items():
            lines = [a.line for a in found.set_aside if a.why == reason]
            if lines:
                st.markdown(f"**{name}**")
                st.html("".join(parts.quote_html(text_of[n] if reason != "personal_data" else "（個人情報のため表示しません）", n) for n in lines))


def page() -> None:
    """Draw the page."""
    current = frame.current()
    if not current:
        return
    hearing, _, process = current
    notes = frame.store().notes(hearing.id)
    st.title("課題の整理", anchor=False)
    st.caption(f"{hearing.title}　{len(notes)}行")
    found = frame.coach().issues(notes, process, decisions_of(hearing))
    if not found.issues:
        st.info("課題として挙げられる発言は、まだありません。「本番メモ」で、手間・待ち・やり直しが起きた場面を1件たずねてみてください。", icon=":material/info:")
        _aside(found, notes)
        return
    _edit(hearing, found, process)
    weights = "、".join(f"{FACTOR_NAMES[k]} {v:.0%}" for k, v in WEIGHTS.items())
    st.caption(f"順位は重み（{weights}）による案です。担当の方と話して書き換えてください。書き換えた順位が優先されます。")
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader("根拠の言葉")
        for issue in found.issues:
            _details(issue, process)
        _aside(found, notes)
    with right:
        st.subheader("影響と急ぎ度")
        st.altair_chart(pictures.matrix(found.issues), width="stretch")
        st.caption("数字は順位、円の大きさは職員の負荷です。")
        st.page_link("coach/ui/export_page.py", label="書き出しへ", icon=":material/download:")


page()
