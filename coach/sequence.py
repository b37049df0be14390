"""Slots and order: what has been heard of each step, and what may be asked next."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from coach.domain import ASPECTS, STAGES, Aspect, Note, Process, Slot, SlotState, Stage
from coach.reading import Heard, aspects_of, finder_of, hear

REACH = 3  # staff lines that still count as an answer to the same question
RANK: dict[SlotState, int] = {"open": 0, "vague": 1, "refused": 2, "answered": 3}
StageOf = Callable[[str], Stage]


@dataclass(frozen=True)
class Line:
    """A note as understood in its hearing: the step carries over from the lines before when nothing else is said."""

    note: Note
    heard: Heard
    step: str | None
    stage: Stage
    aspects: tuple[Aspect, ...]


@dataclass
class Board:
    """State of a hearing: every slot of the process, and the lines read so far."""

    process: Process
    slots: dict[str, Slot]
    lines: list[Line] = field(default_factory=list)

    def state(self, step: str, aspect: Aspect) -> SlotState:
        """State of one slot."""
        return self.slots[Slot(step=step, aspect=aspect).key].state

    def known(self, step: str, stage: Stage) -> bool:
        """True when at least one slot of this step and stage is answered."""
        return any(self.state(step, a) == "answered" for a in ASPECTS[stage])

    def allowed(self, step: str, stage: Stage) -> bool:
        """The order rule: past needs something of the present, future something of the past."""
        before = STAGES[: STAGES.index(stage)]
        return all(self.known(step, s) for s in before[-1:])

    def coverage(self) -> dict[tuple[str, Stage], SlotState]:
        """For each step × stage the best state of its slots."""
        found: dict[tuple[str, Stage], SlotState] = {}
        for step in self.process.steps:
            for stage in STAGES:
                states: list[SlotState] = [self.state(step.id, a) for a in ASPECTS[stage]]
                found[step.id, stage] = max(states, key=lambda s: RANK[s])
        return found

    def mark(self, step: str, aspect: Aspect, state: SlotState, line: int) -> None:
        """Raise the state of a slot; an answer is never lowered."""
        key = Slot(step=step, aspect=aspect).key
        old = self.slots[key]
        better = state if RANK[state] >= RANK[old.state] else old.state
        self.slots[key] = old.model_copy(update={"state": better, "lines": (*old.lines, line)})


def read(process: Process, notes: Sequence[Note], stage_of: StageOf) -> Board:
    """The board after ``notes``. ``stage_of`` judges the stage of the rep's own questions (the gate)."""
    board = Board(process, {s.key: s for s in _all_slots(process)})
    finder = finder_of(process)
    asked: Line | None = None
    since = 0
    step: str | None = None
    for note in notes:
        heard = hear(note.text)
        found = finder.find(note.text)
        if note.speaker == "rep":
            stage = stage_of(note.text)
            step = found.id if found else step
            asked, since = Line(note, heard, step, stage, tuple(aspects_of(note.text, stage, 1))), 0
            board.lines.append(asked)
            continue
        answering = asked if asked and since < REACH else None
        since += 1
        step = found.id if found else step
        line = _staff_line(note, heard, step, answering)
        board.lines.append(line)
        _mark(board, line, answering)
    return board


def _all_slots(process: Process) -> list[Slot]:
    return [Slot(step=step.id, aspect=a) for step in process.steps for stage in STAGES for a in ASPECTS[stage]]


def _staff_line(note: Note, heard: Heard, step: str | None, answering: Line | None) -> Line:
    stage = heard.stage
    if stage == Stage.PRESENT and answering and answering.stage in STAGES:
        stage = answering.stage
    return Line(note, heard, step, stage, tuple(aspects_of(note.text, stage)))


def substance(heard: Heard) -> SlotState:
    """How much an answer is worth: a fact, something vague, or a refusal."""
    cues = heard.cues
    if "refusal" in cues:
        return "refused"
    facts = heard.amounts or "burden" in cues or "person" in cues or "workaround" in cues
    if ("subjective" in cues or "denial" in cues or "wish" in cues) and not facts:
        return "vague"
    if "vague_number" in cues and not heard.amounts and len(heard.text) < 18:
        return "vague"
    return "answered" if len(heard.text.strip()) >= 4 else "vague"


def _mark(board: Board, line: Line, answering: Line | None) -> None:
    if line.step is None or "instruction" in line.heard.cues or "personal_data" in line.heard.cues:
        return
    state = substance(line.heard)
    if answering and answering.step and answering.aspects:
        board.mark(answering.step, answering.aspects[0], state, line.note.n)
    if state == "answered" or not answering:
        for aspect in line.aspects:
            board.mark(line.step, aspect, state, line.note.n)
