"""Issues in the staff member's own words: spans of their lines, gathered over lines and stages; the rest set aside with a reason."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from coach.domain import (
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
    Stage,
)  # fmt: skip
from coach.japanese import amounts, sentences
from coach.line_model import goes_on, judge, pair_features
from coach.privacy import spans
from coach.reading import Heard, finder_of, hear, topic_words
from coach.sequence import Board, StageOf, read

BULLET = re.compile(r"^[\s　]*(?:[・•\-‐＊○●◯■□▪◆◇→⇒>＞]+|\(?\d{1,2}[.)．）]|[①-⑳])?[\s　]*(?:[→⇒]+[\s　]*)?")
MAX_TITLE = 34  # characters
GOES_ON = 0.42  # least probability that a line goes on with the issue before it
SAME_AGAIN = 0.6  # least share of common words by which a later group is the same issue
WORTH_ASKING = (
    Aspect.VOLUME, Aspect.TIME, Aspect.PEOPLE, Aspect.EXCEPTION, Aspect.ORIGIN, Aspect.ATTEMPT, Aspect.GOAL, Aspect.DECISION, Aspect.BUDGET,
)  # fmt: skip


@dataclass
class Group:
    """Lines that belong to one issue, in order."""

    lines: list["Judged"]

    @property
    def step(self) -> str | None:
        """The step most of its lines are about."""
        steps = [j.step for j in self.lines if j.step]
        return max(dict.fromkeys(steps), key=steps.count) if steps else None


@dataclass(frozen=True)
class Judged:
    """A staff line with what it is: ``issue``, or the reason to set it aside."""

    note: Note
    heard: Heard
    step: str | None
    stage: Stage
    verdict: str
    after_question: bool


def extract(notes: Sequence[Note], process: Process | None, stage_of: StageOf) -> IssueList:
    """Issues of a hearing, in the order they came up; ranks are given by ``coach.priority``."""
    board = read(process, notes, stage_of) if process else None
    judged = _judge(notes, board)
    groups = _merge(_gather(judged, process))
    used = {j.note.n for g in groups for j in g.lines}
    aside = tuple(
        SetAside(line=j.note.n, why=j.verdict)  # pyright: ignore[reportArgumentType] - all but "issue" are reasons
        for j in judged
        if j.note.n not in used
    )
    found = tuple(_issue(i, g, board) for i, g in enumerate(groups, start=1))
    return IssueList(issues=found, set_aside=aside)


def _judge(notes: Sequence[Note], board: Board | None) -> list[Judged]:
    steps = {line.note.n: (line.step, line.stage) for line in board.lines} if board else {}
    verdicts = judge([(n.speaker, n.text) for n in notes])
    found = []
    asked = False
    for note, said in zip(notes, verdicts, strict=True):
        if note.speaker == "rep":
            asked = True
            continue
        heard = hear(note.text)
        step, stage = steps.get(note.n, (None, heard.stage))
        found.append(Judged(note, heard, step, stage, guarded(said, heard), asked))
        asked = False
    return found


def guarded(said: str, heard: Heard) -> str:
    """The model's verdict, but a line that addresses the tool, holds personal data or nothing is never an issue."""
    if not re.search(r"\w", heard.text):
        return "out_of_scope"
    if "instruction" in heard.cues:
        return "instruction"
    if spans(heard.text):
        return "personal_data"
    if said != "out_of_scope" and not (said == "issue" and _only_felt(heard)):
        return said
    if _plainly_told(heard):
        return "issue"
    if "denial" in heard.cues and not heard.amounts:
        return "no_problem"
    return "subjective" if _only_felt(heard) else said


def _only_felt(heard: Heard) -> bool:
    """忙しい, 楽にしたい … with no number, step or event behind it."""
    facts = {"hard", "person", "workaround", "past"} & heard.cues.keys() or heard.amounts
    return "subjective" in heard.cues and not facts and len(heard.text) < 30


def _plainly_told(heard: Heard) -> bool:
    """A mistake, a wait, paper … named outright, with a number or a burden: the model was trained on less plain ways to say it."""
    cues = heard.cues.keys()
    if {"denial", "relief", "elsewhere", "praise"} & cues:
        return False
    return "person" in cues or ("burden" in cues and ("hard" in cues or bool(heard.amounts)))


def _gather(judged: Sequence[Judged], process: Process | None) -> list[Group]:
    """Runs of issue lines about one thing."""
    finder = finder_of(process) if process else None
    groups: list[Group] = []
    asked = False
    for j in judged:
        asked = asked or j.after_question
        if j.verdict != "issue":
            continue
        last = groups[-1].lines[-1] if groups else None
        values: list[float] = []
        if last:
            steps = [finder.find(k.note.text) if finder else None for k in (last, j)]
            same = 0.0 if None in steps else 1.0 if steps[0] == steps[1] else -1.0
            values = pair_features([k.note.text for k in groups[-1].lines], j.note.text, j.note.n - last.note.n, asked, same)
        if values and goes_on(values) > GOES_ON:
            groups[-1].lines.append(j)
        else:
            groups.append(Group([j]))
        asked = False
    return groups


def _merge(groups: list[Group]) -> list[Group]:
    """Join groups on the same step that speak of the same things, told again later."""
    found: list[Group] = []
    for group in groups:
        home = next((g for g in found if g.step == group.step and any(_overlap(g, j) >= SAME_AGAIN for j in group.lines)), None)
        if home:
            home.lines += group.lines
        else:
            found.append(group)
    return found


def _overlap(group: Group, j: Judged) -> float:
    mine = topic_words(j.note.text)
    theirs = frozenset().union(*(topic_words(k.note.text) for k in group.lines))
    return len(mine & theirs) / min(len(mine), len(theirs)) if min(len(mine), len(theirs)) >= 3 else 0.0


def _issue(n: int, group: Group, board: Board | None) -> Issue:
    quotes = tuple(_quote(j) for j in group.lines)
    stages: dict[str, tuple[int, ...]] = {s.value: tuple(j.note.n for j in group.lines if j.stage == s) for s in STAGES}
    measures = tuple(Measured(line=j.note.n, text=a.text, value=a.value, unit=a.unit) for j in group.lines for a in j.heard.amounts if not _is_base(a))
    unknown: tuple[Aspect, ...] = ()
    if board and group.step:
        unknown = tuple(a for a in WORTH_ASKING if board.state(group.step, a) != "answered")
    fact = measures or any({"past", "person", "hard"} & j.heard.cues.keys() for j in group.lines) or len(group.lines) > 1
    return Issue(
        id=f"i{n}", title=title(group.lines[0]), quotes=quotes, step=group.step, stages=stages, measures=measures,
        kind="objective" if fact else "subjective", unknown=unknown, priority=Priority(rank=n, score=0.0, factors={}, reason=""),
    )  # fmt: skip


def _is_base(amount) -> bool:  # noqa: ANN001 - coach.japanese.Amount
    """「1件」「1日」 said as a base (1件あたり) is not a measure."""
    return amount.value == 1 and amount.unit in ("件", "日", "回", "人", "枚", "通", "月", "年", "箇所", "%")


def _quote(j: Judged) -> Quote:
    """The sentences of the line that carry the issue, as one span without bullets and closing marks."""
    text = j.note.text
    start = len(text) - len(BULLET.sub("", text))
    end = len(text.rstrip())
    parts = [(max(a, start), b) for a, b in sentences(text) if b > start]
    if len(parts) > 1:
        telling = [s for s in parts if {"burden", "person"} & hear(text[s[0] : s[1]]).cues.keys() or amounts(text[s[0] : s[1]])]
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
