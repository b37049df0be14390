"""One act at a time: plan, judge a question, take a note, next question, issues, hand over. Pages and commands call only this."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from string import Template

from coach.casebase import Casebase
from coach.domain import (
    CaseSearch,
    Finding,
    IssueList,
    Judgement,
    Label,
    LanguageModel,
    Municipality,
    Note,
    Plan,
    Process,
    Question,
    SearchResult,
    Stage,
    Step,
)  # fmt: skip
from coach.gate import Gate, reasons
from coach.issues import extract
from coach.japanese import nfkc
from coach.lexical import LexicalIndex
from coach.priority import WEIGHTS, rank
from coach.prompts import texts
from coach.questions import Writer
from coach.reading import aspects_of, finder_of
from coach.rewording import reword
from coach.sequence import Board, read

NAMED = 0.3  # least share of a question's words found in a process for it to be about that process
SPLIT = re.compile(r"(?<=[かね])[、。,.?？]+|(?<=[。?？])|(?:それから|それと|あと、|また、|加えて|あわせて|併せて)")


@dataclass(frozen=True)
class Decisions:
    """What people decided about the issues of a hearing: own titles by issue line, own order, dropped ones."""

    titles: Mapping[str, str]
    order: tuple[str, ...] = ()


class Coach:
    """The services of a running installation, wired by ``coach.wiring``."""

    def __init__(self, base: Casebase, search: CaseSearch, model: LanguageModel | None = None) -> None:
        self.base = base
        self.search_service = search
        self.model = model
        self._found: dict[str, tuple[Process, Step]] = {}
        self.gate = Gate(base.processes.values(), self._rewrite)
        self.writer = Writer(base, search, self.gate)

    # 準備 ----------------------------------------------------------------------------------------------
    def search(self, query: str, k: int, field: str | None, town: Municipality | None) -> SearchResult:
        """Comparable cases for a query."""
        return self.search_service.search(query, k, field=field, municipality=town)

    def plan(self, town: Municipality, process: Process) -> Plan:
        """Cases and questions for a hearing."""
        return self.writer.plan(town, process)

    # 質問 ----------------------------------------------------------------------------------------------
    def check(self, text: str, process: Process | None = None, board: Board | None = None) -> Judgement:
        """Judge a question; in a hearing (``board``) its order too. ``process`` makes rewrites concrete."""
        if process:
            self._found[text] = (process, finder_of(process).find(text) or process.steps[0])
        judged = self.gate.judge(text)
        self._found.pop(text, None)
        if board is None or judged.stage not in (Stage.PAST, Stage.FUTURE):
            return judged
        found = self._out_of_order(text, judged.stage, board)
        return judged.model_copy(update={"findings": (*judged.findings, found)}) if found else judged

    def _out_of_order(self, text: str, stage: Stage, board: Board) -> Finding | None:
        step = finder_of(board.process).find(text)
        if step is None or board.allowed(step.id, stage):
            return None
        missing = Stage.PRESENT if stage == Stage.PAST or not board.known(step.id, Stage.PRESENT) else Stage.PAST
        need = "いまのやり方" if missing == Stage.PRESENT else "これまでの経緯"
        reason = Template(reasons()["out_of_order"]).safe_substitute(words=step.name, need=need)
        rewrite = self.writer.rewrite(board.process, step, missing)
        return Finding(label="out_of_order", reason=reason, start=0, end=len(text), rewrite=rewrite)

    def _rewrite(self, text: str, label: Label, stage: Stage) -> str:
        """A better question with the same intent: the first of two questions, or one on the same step and aspect."""
        if label == "double_barrelled":
            for part in SPLIT.split(text):
                part = part.strip(" 、。")
                if len(part) >= 10 and self.gate.labels(part) == ((), stage):
                    return part if part.endswith(("か", "?", "？")) else f"{part}か"
        known = self._found.get(text) or self._guess(text)
        wanted = stage if stage in (Stage.PAST, Stage.FUTURE) and label not in ("vague", "pitch", "hypothetical") else Stage.PRESENT
        found = self.writer.rewrite(*known, wanted, prefer=aspects_of(text, wanted), turn=len(text)) if known else ""
        return found or texts()[f"last_resort_{wanted}"]

    def _guess(self, text: str) -> tuple[Process, Step] | None:
        """The process and step a question is about, or None when it names none."""
        scores = self._processes.scores(nfkc(text)[-600:])
        if scores.max() < NAMED:
            return None
        process = list(self.base.processes.values())[int(scores.argmax())]
        return process, finder_of(process).find(text) or process.steps[0]

    @cached_property
    def _processes(self) -> LexicalIndex:
        return LexicalIndex([_about(p) for p in self.base.processes.values()])

    # 本番 ----------------------------------------------------------------------------------------------
    def board(self, process: Process, notes: Sequence[Note]) -> Board:
        """What has been heard so far."""
        return read(process, notes, self._stage_of)

    def next(self, town: Municipality, process: Process, board: Board, k: int = 3) -> list[Question]:
        """The best next questions; the language model, when there is one, may word the first."""
        found = self.writer.next(town, process, board, k)
        return reword(found, process, board, self.model, self.gate) if self.model else found

    def _stage_of(self, text: str) -> Stage:
        return self.gate.labels(text)[1]

    # 整理 ----------------------------------------------------------------------------------------------
    def issues(self, notes: Sequence[Note], process: Process | None, decisions: Decisions | None = None, weights: Mapping[str, float] = WEIGHTS) -> IssueList:
        """Issues ranked, with what people decided kept: titles and order by the issue's first line."""
        found = extract(notes, process, self._stage_of)
        if decisions is None:
            return found.model_copy(update={"issues": rank(found.issues, self.search_service, weights)})
        own = {first_line(i.quotes[0].line): i for i in found.issues}
        titled = tuple(i.model_copy(update={"title": decisions.titles[k], "title_by": "rep"}) if decisions.titles.get(k, i.title) != i.title else i for k, i in own.items())
        order = [own[k].id for k in decisions.order if k in own]
        return found.model_copy(update={"issues": rank(titled, self.search_service, weights, order)})


def first_line(line: int) -> str:
    """Key by which decisions about an issue are kept: the line that states it."""
    return f"L{line}"


def _about(process: Process) -> str:
    parts = [process.name, *process.aliases, process.department]
    for step in process.steps:
        parts += [step.name, *step.documents, *step.exceptions, *step.words]
    return " ".join(parts)
