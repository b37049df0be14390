"""What is handed over, ready to be laid out: nothing is decided in the writers."""

from collections.abc import Sequence
from datetime import date

from coach.domain import ASPECT_NAMES, OUTCOME_NAMES, SET_ASIDE_NAMES, Hit, IssueList, Municipality, Note, Noun, Process, Question
from coach.priority import FACTOR_NAMES, WEIGHTS
from coach.privacy import mask

KIND_NAMES = {"objective": "事実あり", "subjective": "感想まで"}
STAGE_HEADS = {"present": "現在", "past": "過去", "future": "未来"}


class Row(Noun):
    """One issue as handed over."""

    rank: int
    title: str
    title_by: str
    step: str
    kind: str
    score: float
    reason: str
    factors: dict[str, float]
    measures: tuple[str, ...]
    figures: tuple[tuple[str, float, str, int], ...]
    unknown: tuple[str, ...]
    lines: tuple[int, ...]
    stages: dict[str, tuple[int, ...]]
    quotes: tuple[tuple[int, int, int, str], ...]


class Document(Noun):
    """A prioritized issue list with its grounds."""

    title: str
    municipality: str
    process: str
    department: str
    date: str
    rows: tuple[Row, ...]
    aside: tuple[tuple[int, str, str], ...]
    open_slots: tuple[tuple[str, str], ...]
    next_questions: tuple[str, ...]
    cases: tuple[tuple[str, str, str, str], ...]
    weights: dict[str, float]
    issue_list: IssueList


def build(
    title: str, town: Municipality | None, process: Process | None, notes: Sequence[Note], found: IssueList,
    questions: Sequence[Question] = (), hits: Sequence[Hit] = (), on: date | None = None,
) -> Document:  # fmt: skip
    """Lay out ``found`` with names, masked text and what is still open."""
    steps = {s.id: s.name for s in process.steps} if process else {}
    text_of = {n.n: mask(n.text) for n in notes}
    rows = tuple(_row(issue, steps, text_of) for issue in found.issues)
    aside = tuple((a.line, SET_ASIDE_NAMES[a.why], "" if a.why == "personal_data" else text_of[a.line]) for a in found.set_aside)
    open_slots = tuple((steps[i.step], ASPECT_NAMES[a]) for i in found.issues if i.step in steps for a in i.unknown)
    return Document(
        title=title, municipality=town.full_name if town else "", process=process.name if process else "", department=process.department if process else "",
        date=(on or date.today()).isoformat(), rows=rows, aside=aside, open_slots=tuple(dict.fromkeys(open_slots)),
        next_questions=tuple(mask(q.text) for q in questions), weights={FACTOR_NAMES[k]: v for k, v in WEIGHTS.items()}, issue_list=found,
        cases=tuple((h.case.prefecture + h.case.municipality, h.case.title, OUTCOME_NAMES[h.case.outcome], h.case.sources[0].url) for h in hits),
    )  # fmt: skip


def _row(issue, steps: dict[str, str], text_of: dict[int, str]) -> Row:  # noqa: ANN001 - coach.domain.Issue
    quotes = tuple((q.line, q.start, q.end, text_of[q.line][q.start : q.end]) for q in issue.quotes)
    return Row(
        rank=issue.priority.rank, title=mask(issue.title), title_by={"staff": "職員の言葉", "rep": "営業の言葉"}[issue.title_by],
        step=steps.get(issue.step or "", "工程の指定なし"), kind=KIND_NAMES[issue.kind], score=issue.priority.score, reason=mask(issue.priority.reason),
        factors={FACTOR_NAMES[k]: v for k, v in issue.priority.factors.items()},
        measures=tuple(f"{m.text}（{m.line}行目）" for m in issue.measures),
        figures=tuple((m.text, m.value, m.unit, m.line) for m in issue.measures),
        unknown=tuple(ASPECT_NAMES[a] for a in issue.unknown), lines=tuple(q.line for q in issue.quotes),
        stages={STAGE_HEADS[s]: lines for s, lines in issue.stages.items()}, quotes=quotes,
    )  # fmt: skip
