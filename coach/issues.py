"""Issues in the staff member's own words: spans of their lines, gathered over lines and stages; the rest set aside with a reason."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from coach.domain import (
    ASPECTS,
    STAGES,
    Aspect,
    Issue,
    IssueList,
    Measured,
    Note,
    Priority,
    Process,
    Quote,
    SetAside,
    SetAsideReason,
    Stage,
)  # fmt: skip
from coach.japanese import amounts, sentences
from coach.reading import Heard, hear, topic_words
from coach.sequence import Board, StageOf, read

BULLET = re.compile(r"^[\s　]*(?:[・•\-‐*＊○●◯■□▪◆◇→⇒>＞]+|\(?\d{1,2}[.)．）]|[①-⑳])?[\s　]*(?:[→⇒]+[\s　]*)?")
BUT = re.compile(r"が|けど|けれど|ただ|でも|のに")
REACH = 3  # lines within which a number or cause still belongs to the issue before it
MAX_TITLE = 34  # characters
ALIKE = 0.34  # share of common words from which two groups on one step are the same issue
WORTH_ASKING = (
    Aspect.VOLUME, Aspect.TIME, Aspect.PEOPLE, Aspect.EXCEPTION, Aspect.ORIGIN, Aspect.ATTEMPT, Aspect.GOAL, Aspect.DECISION, Aspect.BUDGET,
)  # fmt: skip


@dataclass
class Group:
    """Lines that belong to one issue; ``main`` states it, ``support`` gives numbers and causes."""

    step: str | None
    main: list["Judged"] = field(default_factory=list)
    support: list["Judged"] = field(default_factory=list)

    @property
    def lines(self) -> list["Judged"]:
        """All lines in order."""
        return sorted([*self.main, *self.support], key=lambda j: j.note.n)


@dataclass(frozen=True)
class Judged:
    """A staff line with what it is: ``issue`` (states a problem), ``fact`` (may support one) or a reason to set it aside."""

    note: Note
    heard: Heard
    step: str | None
    stage: Stage
    verdict: str
    after_question: bool


def extract(notes: Sequence[Note], process: Process | None, stage_of: StageOf) -> IssueList:
    """Issues of a hearing, in the order they came up; ranks are given by ``coach.priority``."""
    board = read(process, notes, stage_of) if process else None
    judged = _judge(notes, process, board)
    groups = _merge(_gather(judged))
    used = {j.note.n for g in groups for j in g.lines}
    aside = tuple(SetAside(line=j.note.n, why=_reason(j)) for j in judged if j.note.n not in used)
    found = tuple(_issue(i, g, board) for i, g in enumerate(groups, start=1))
    return IssueList(issues=found, set_aside=aside)


def _judge(notes: Sequence[Note], process: Process | None, board: Board | None) -> list[Judged]:
    steps = {line.note.n: (line.step, line.stage) for line in board.lines} if board else {}
    found = []
    asked = False
    for note in notes:
        if note.speaker == "rep":
            asked = True
            continue
        heard = hear(note.text)
        step, stage = steps.get(note.n, (None, heard.stage))
        found.append(Judged(note, heard, step, stage, verdict(heard), asked))
        asked = False
    return found


def verdict(heard: Heard) -> str:
    """What a staff line is: an issue, a fact that may support one, or the reason to set it aside."""
    cues = heard.cues
    if not heard.text.strip() or "elsewhere" in cues:
        return "out_of_scope"
    for aside in ("instruction", "personal_data"):
        if aside in cues:
            return aside
    problem = "burden" in cues or "person" in cues
    if "relief" in cues and not (problem and BUT.search(heard.text)):
        return "praise" if "praise" in cues else "fact"
    if problem:
        vague = {"subjective", "wish"} & cues.keys() and not heard.amounts and len(heard.text) < 24
        return "subjective" if vague and not {"person", "hard"} & cues.keys() else "issue"
    return _no_problem(heard)


def _no_problem(heard: Heard) -> str:
    cues = heard.cues
    if "denial" in cues:
        return "fact" if heard.amounts else "no_problem"
    if "praise" in cues:
        return "praise"
    if heard.amounts:
        return "fact"
    if "subjective" in cues or "wish" in cues:
        return "subjective"
    return "small_talk" if "small_talk" in cues else "fact"


def _reason(judged: Judged) -> SetAsideReason:
    if judged.verdict in ("issue", "fact"):
        return "no_problem" if "denial" in judged.heard.cues else "out_of_scope"
    return judged.verdict  # type: ignore[return-value]  # the other verdicts are the reasons


def _gather(judged: Sequence[Judged]) -> list[Group]:
    """Runs of lines about one thing; a fact joins the issue before it when it carries a number or goes on with its words."""
    groups: list[Group] = []
    current: Group | None = None
    last = -99
    for j in judged:
        near = current is not None and j.note.n - last <= REACH
        if j.verdict == "issue":
            if current and near and not (j.after_question and _new_topic(current, j)) and _continues(current, j):
                current.main.append(j)
            else:
                current = Group(j.step, [j])
                groups.append(current)
            last = j.note.n
        elif j.verdict == "fact" and current and near and _supports(current, j):
            current.support.append(j)
            last = j.note.n
        elif j.after_question:
            last = -99
    return groups


def _continues(group: Group, j: Judged) -> bool:
    adjacent = j.note.n - group.lines[-1].note.n == 1
    indented = bool(re.match(r"^[\s　]+|^[→⇒]", j.note.text))
    bulleted = bool(re.match(r"^[・•○●■◆①-⑳\-]", j.note.text))
    if bulleted and not indented:
        return _overlap(group, j) >= ALIKE
    return indented or (adjacent and j.step == group.step) or _overlap(group, j) >= ALIKE or bool(CONTINUE.match(_stripped(j.note.text)))


CONTINUE = re.compile(
    r"(それ|その|そこ|だから|なので|で、|そのため|しかも|おかげで|結局|特に|あと(は)?その|ほかにも|たとえば|例えば|まあ|だいたい|多い(とき|時)|ひどい|去年|先月|前回)"
)


def _new_topic(group: Group, j: Judged) -> bool:
    return j.step != group.step and _overlap(group, j) < ALIKE


def _supports(group: Group, j: Judged) -> bool:
    text = j.note.text
    adjacent = j.note.n - group.lines[-1].note.n <= 2
    bulleted = bool(re.match(r"^[・•○●■◆①-⑳]", text))
    if not adjacent or (bulleted and _overlap(group, j) < ALIKE):
        return False
    short_number = bool(j.heard.amounts) and len(text) <= 30 and j.after_question
    return short_number or bool(re.match(r"^[\s　→⇒]+", text)) or (bool(j.heard.amounts) and bool(CONTINUE.match(_stripped(text))))


def _stripped(text: str) -> str:
    return BULLET.sub("", text)


def _overlap(group: Group, j: Judged) -> float:
    mine = topic_words(j.note.text)
    theirs = frozenset().union(*(topic_words(k.note.text) for k in group.main))
    return len(mine & theirs) / max(1, min(len(mine), len(theirs)))


def _merge(groups: list[Group]) -> list[Group]:
    """Join groups on the same step that speak of the same things."""
    found: list[Group] = []
    for group in groups:
        home = next((g for g in found if g.step == group.step and any(_overlap(g, j) >= 0.5 for j in group.main)), None)
        if home:
            home.main += group.main
            home.support += group.support
        else:
            found.append(group)
    return found


def _issue(n: int, group: Group, board: Board | None) -> Issue:
    quotes = tuple(_quote(j) for j in group.lines)
    stages: dict[str, tuple[int, ...]] = {s.value: tuple(j.note.n for j in group.lines if j.stage == s) for s in STAGES}
    measures = tuple(Measured(line=j.note.n, text=a.text, value=a.value, unit=a.unit) for j in group.lines for a in j.heard.amounts if not _is_base(a))
    unknown: tuple[Aspect, ...] = ()
    if board and group.step:
        unknown = tuple(a for a in WORTH_ASKING if board.state(group.step, a) != "answered")
    fact = measures or any({"past", "person", "hard"} & j.heard.cues.keys() for j in group.lines) or len(group.lines) > 1
    return Issue(
        id=f"i{n}", title=title(group.main[0]), quotes=quotes, step=group.step, stages=stages, measures=measures,
        kind="objective" if fact else "subjective", unknown=unknown, priority=Priority(rank=n, score=0.0, factors={}, reason=""),
    )  # fmt: skip


def _is_base(amount) -> bool:  # noqa: ANN001 - coach.japanese.Amount
    """「1件」「1日」 said as a base (1件あたり) is not a measure."""
    return amount.value == 1 and amount.unit in ("件", "日", "回", "人", "枚", "通", "月", "年", "箇所", "%")


def _quote(j: Judged) -> Quote:
    """The sentences of the line that carry the issue, as one span without bullets and closing marks."""
    text = j.note.text
    start = len(text) - len(_stripped(text))
    end = len(text.rstrip())
    spans = [(max(a, start), b) for a, b in sentences(text) if b > start]
    if j.verdict == "issue" and len(spans) > 1:
        telling = [s for s in spans if {"burden", "person"} & hear(text[s[0] : s[1]]).cues.keys() or amounts(text[s[0] : s[1]])]
        if telling:
            start, end = telling[0][0], telling[-1][1]
    return Quote(line=j.note.n, start=start, end=end, text=text[start:end])


def title(j: Judged) -> str:
    """The clause that states the problem, with as much before it as fits: their words, some left out."""
    quote = _quote(j)
    text = quote.text.rstrip("。．.、 　!！?？")
    if len(text) <= MAX_TITLE:
        return text
    cue = j.heard.cues.get("burden") or j.heard.cues.get("person") or (quote.start, quote.end)
    at = min(max(0, cue[0] - quote.start), len(text) - 1)
    cuts = [0, *(m.end() for m in re.finditer(r"[、。，．\s　（(]|ので|けど|から|が、", text))]
    ends = [*(m.start() for m in re.finditer(r"[、。，．\s　（(）)]|$", text))]
    start = next((c for c in cuts if at - c < MAX_TITLE - 6 and c <= at), at)
    end = next((e for e in reversed(ends) if start < e <= start + MAX_TITLE and e > at), min(len(text), start + MAX_TITLE))
    return text[start:end].strip("、。 　（(") or text[:MAX_TITLE]


def unknown_stages(issue: Issue) -> list[Stage]:
    """Stages in which nothing is known of an issue yet."""
    return [stage for stage in STAGES if not issue.stages.get(stage.value) and not set(ASPECTS[stage]) - set(issue.unknown)]
