"""Write questions: the plan before a hearing, and the next question after every line. What is said passes the gate."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from string import Template

from coach.casebase import Casebase
from coach.domain import (
    ASPECTS,
    STAGES,
    Aspect,
    Basis,
    Case,
    CaseSearch,
    Hit,
    Municipality,
    Plan,
    Process,
    Question,
    Stage,
    Step,
)  # fmt: skip
from coach.filling import Topic, names, ways
from coach.gate import Gate
from coach.japanese import nfkc, pairs_in_common
from coach.prompts import FollowUp, followups, templates, texts
from coach.reading import aspects_of, topic_words
from coach.relevance import CaseMap
from coach.sequence import Board, Line

PRESENT_ORDER = (Aspect.VOLUME, Aspect.EXCEPTION, Aspect.TIME, Aspect.TOOLS, Aspect.PEOPLE, Aspect.PEAK)
PAST_ORDER = (Aspect.ORIGIN, Aspect.ATTEMPT, Aspect.INCIDENT, Aspect.CHANGE)
FUTURE_ORDER = (Aspect.GOAL, Aspect.DECISION, Aspect.CONDITION, Aspect.BUDGET)
PLAN_CASES = 8
CASE_USES = 3
SHORTEST = 15  # questions of a plan, even with no case
PACE = 2.6  # questions for each one that compares with a case
VERY_NEAR = 0.32
COMMON = frozenset(
    [
        "時間",
        "件",
        "人",
        "年",
        "月",
        "日",
        "回",
        "職員",
        "市",
        "町",
        "村",
        "窓口",
        "為る",
        "成る",
        "居る",
        "有る",
        "出来る",
        "作業",
        "手間",
        "担当",
        "システム",
        "確認",
        "入力",
        "対応",
        "予定",
        "全て",
        "使う",
        "出す",
        "掛かる",
        "始める",
        "行う",
        "言う",
        "来る",
    ]
)
CONDITIONS = re.compile(r"様式|規則|要綱|条例|法|了解|同意|説明|研修|操作|運用|紙|併用|個人情報|費用|担当|連携|準備|入力")
COHERENT = 0.27  # least similarity of a case sentence to the step it introduces


@dataclass(frozen=True)
class Lead:
    """A sentence about a case that can be said before a question of ``stage``."""

    case: Case
    stage: Stage
    line: str
    nearness: float = 0.0


@dataclass
class Drafts:
    """What has been written so far: texts not to repeat, skeletons not to place side by side, cases already raised."""

    texts: set[str] = field(default_factory=set)
    last_skeleton: str = ""
    skeletons: Counter[str] = field(default_factory=Counter)
    cases: dict[str, int] = field(default_factory=dict)
    lines: set[str] = field(default_factory=set)


class Writer:
    """Writes questions for one casebase. Pure: the same state gives the same questions."""

    def __init__(self, base: Casebase, search: CaseSearch, gate: Gate) -> None:
        self._base = base
        self._search = search
        self._gate = gate
        self._map: CaseMap | None = None

    def plan(self, town: Municipality, process: Process) -> Plan:
        """Cases and 12–20 questions present → past → future along the steps."""
        hits = self.cases(town, process)
        drafts = Drafts()
        leads = self._near_leads(_leads(hits), process)
        slots = _plan_slots(process, leads)
        placed = _place(leads, slots)
        kept = _trim(slots, placed)
        questions = []
        for i in kept:
            step, aspect = slots[i]
            found = self._write(town, process, step, aspect, i, placed.get(i), drafts)
            if found:
                questions.append(found.model_copy(update={"id": f"q{len(questions) + 1:02d}"}))
        readiness = texts()["readiness"].strip()
        return Plan(municipality=town, process=process, readiness=readiness, cases=tuple(hits), questions=tuple(questions))

    def cases(self, town: Municipality, process: Process) -> list[Hit]:
        """Cases of other municipalities that are near enough to the process to be said aloud, the nearest first."""
        if self._map is None:
            self._map = CaseMap(list(self._base.processes.values()), self._search)
        return self._map.hits(process, town, PLAN_CASES)

    def next(self, town: Municipality, process: Process, board: Board, k: int = 3) -> list[Question]:
        """Up to ``k`` questions for this moment, the best first: take up what was said, stay with the pain, then go on."""
        drafts = Drafts(texts={_bare(line.note.text) for line in board.lines if line.note.speaker == "rep"})
        found: list[Question] = []
        for question in self._candidates(town, process, board, drafts):
            if all(_bare(question.text) != _bare(q.text) and (question.step, question.aspect) != (q.step, q.aspect) for q in found):
                found.append(question.model_copy(update={"id": f"n{len(found) + 1}"}))
            if len(found) == k:
                break
        return found

    def rewrite(self, process: Process, step: Step, stage: Stage, prefer: Sequence[Aspect] = (), turn: int = 0) -> str:
        """A concrete question for a step in the given stage, of a preferred aspect where one passes; empty when none does."""
        order = {Stage.PAST: PAST_ORDER, Stage.FUTURE: FUTURE_ORDER[1:]}.get(stage, PRESENT_ORDER[1:] + PRESENT_ORDER[:1])
        town = Municipality(code="", prefecture="", name="市", kind="市")
        for aspect in (*prefer, *order):
            for _, text in ways(process, step, town, aspect, turn):
                if self._passes(text):
                    return text
        return ""

    def _candidates(self, town: Municipality, process: Process, board: Board, drafts: Drafts) -> Iterator[Question]:
        yield from self._follow_ups(town, process, board)
        leads = _leads(self.cases(town, process))
        _raised(board, leads, self._base, drafts)
        for turn, (step, aspect) in enumerate(_open_slots(board)):
            lead = self._best_lead(leads, step, aspect, drafts)
            found = self._write(town, process, step, aspect, turn + len(board.lines), lead, drafts)
            if found:
                yield found

    def _follow_ups(self, town: Municipality, process: Process, board: Board) -> Iterator[Question]:
        staff = [line for line in board.lines if line.note.speaker == "staff"][-2:]
        for line in reversed(staff):
            if {"instruction", "personal_data", "small_talk"} & line.heard.cues.keys() or line.step is None:
                continue
            for rule in followups():
                question = self._follow_up(rule, town, process, board, line)
                if question:
                    yield question

    def _follow_up(self, rule: FollowUp, town: Municipality, process: Process, board: Board, line: Line) -> Question | None:
        if rule.cue not in line.heard.cues or (rule.unless and rule.unless in line.heard.cues) or line.step is None:
            return None
        step = process.step(line.step)
        stage = next(s for s, aspects in ASPECTS.items() if rule.aspect in aspects)
        if board.state(step.id, rule.aspect) in ("answered", "refused") and rule.cue != "refusal":
            return None
        topic = Topic(line.note.text, self._search.similarity)
        values = names(process, step, town, rule.aspect, line.note.n, topic) | {"words": line.heard.words_of(rule.cue)}
        text = Template(rule.ask).safe_substitute(values)
        if "$" in text or not self._passes(text) or any(_bare(text) == _bare(past.note.text) for past in board.lines):
            return None
        return Question(
            id="", stage=stage, step=step.id, aspect=rule.aspect, text=text, listen_for=rule.listen_for,
            basis=Basis(line=line.note.n), skeleton=rule.id,
        )  # fmt: skip

    def _write(self, town: Municipality, process: Process, step: Step, aspect: Aspect, turn: int, lead: Lead | None, drafts: Drafts) -> Question | None:
        for use in [lead, None] if lead else [None]:
            topic = Topic(use.line, self._search.similarity) if use else None
            tries = ways(process, step, town, aspect, turn, topic, with_case=use is not None)
            for ask, text in sorted(tries, key=lambda t: drafts.skeletons[t[0].id]):
                spoken = self._with_lead(use, town, text)
                if ask.id == drafts.last_skeleton or (ask.once and drafts.skeletons[ask.id]) or _bare(text) in drafts.texts or not self._passes(spoken):
                    continue
                drafts.last_skeleton = ask.id
                drafts.skeletons[ask.id] += 1
                drafts.texts.add(_bare(text))
                if use:
                    drafts.cases[use.case.id] = drafts.cases.get(use.case.id, 0) + 1
                    drafts.lines.add(use.line)
                stage = next(s for s, aspects in ASPECTS.items() if aspect in aspects)
                return Question(
                    id="", stage=stage, step=step.id, aspect=aspect, text=spoken, listen_for=templates()[aspect].listen_for,
                    basis=Basis(case=use.case.id if use else None), skeleton=ask.id,
                )  # fmt: skip
        return None

    def _near_leads(self, leads: Sequence[Lead], process: Process) -> list[tuple[float, Step, Lead]]:
        """Each lead with the steps it is about and how near it is, the nearest first."""
        found = []
        for lead in leads:
            near = self._search.similarity(lead.line, [_step_text(step) for step in process.steps])
            least = max(COHERENT, 0.9 * max(near))
            found += [(n, step, lead) for n, step in zip(near, process.steps, strict=True) if n >= least and _same_thing(lead, step, n)]
        return sorted(found, key=lambda f: -f[0])

    def _best_lead(self, leads: Sequence[Lead], step: Step, aspect: Aspect, drafts: Drafts) -> Lead | None:
        """A lead not yet raised whose sentence is about this step and aspect."""
        fits = []
        for lead in leads:
            if aspect in _aspects(lead) and lead.line not in drafts.lines:
                near = self._search.similarity(lead.line, [_step_text(step)])[0]
                if _same_thing(lead, step, near):
                    fits.append((near - 0.1 * drafts.cases.get(lead.case.id, 0), lead))
        best = max(fits, key=lambda f: f[0], default=None)
        return best[1] if best and best[0] >= COHERENT else None

    def _with_lead(self, lead: Lead | None, town: Municipality, ask: str) -> str:
        if lead is None:
            return ask
        said = Template(texts()["lead"]).substitute(whose=self._base.spoken_name(lead.case), talk=lead.line)
        return said + Template(texts()["compare"]).substitute(you=town.honorific, ask=ask)

    def _passes(self, text: str) -> bool:
        labels, _ = self._gate.labels(text)
        return not labels


def _leads(hits: Sequence[Hit]) -> list[Lead]:
    found = []
    for hit in hits:
        talk = hit.case.talk
        for stage, line in ((Stage.PRESENT, talk.present), (Stage.PAST, talk.past), (Stage.FUTURE, talk.future), (Stage.FUTURE, talk.caution)):
            if line and _sayable(hit.case, stage, line):
                found.append(Lead(hit.case, stage, line, hit.score))
    return found


def _sayable(case: Case, stage: Stage, line: str) -> bool:
    """A result is compared with a goal, a shortfall with a condition; a failure is shown in the list, not said to a customer."""
    if stage != Stage.FUTURE:
        return True
    if line == case.talk.caution:
        return bool(CONDITIONS.search(line))
    return case.outcome in ("success", "partial", "ongoing")


def _plan_slots(process: Process, leads: Sequence[tuple[float, Step, Lead]]) -> list[tuple[Step, Aspect]]:
    """Which aspect to ask of which step: every step once in the present, the fuller ones twice, then past, then future.

    Full = much to ask about, and cases to compare with.
    """
    steps = process.steps
    told = {stage: [step.id for _, step, lead in leads if lead.stage == stage] for stage in STAGES}
    size = {s.id: len(s.exceptions) + len(s.measures) + len(s.systems) for s in steps}

    def fullest(stage: Stage, most: int) -> list[Step]:
        best = sorted(steps, key=lambda s: -(size[s.id] + 4 * min(2, told[stage].count(s.id))))[:most]
        return [s for s in steps if s in best]

    twice = fullest(Stage.PRESENT, 3)
    chosen: list[tuple[Step, Aspect]] = []
    for i, step in enumerate(steps):
        chosen.append((step, PRESENT_ORDER[i % len(PRESENT_ORDER)]))
        if step in twice:
            chosen.append((step, PRESENT_ORDER[(i + 2) % len(PRESENT_ORDER)]))
            if told[Stage.PRESENT].count(step.id) >= 3:
                chosen.append((step, PRESENT_ORDER[(i + 4) % len(PRESENT_ORDER)]))
    for stage, order, most in ((Stage.PAST, PAST_ORDER, 4), (Stage.FUTURE, FUTURE_ORDER, 4)):
        for i, step in enumerate(fullest(stage, most)):
            chosen.append((step, order[i % 4]))
            if told[stage].count(step.id) >= 2:
                chosen.append((step, order[(i + 1) % 4]))
    return chosen


def _place(leads: Sequence[tuple[float, Step, Lead]], slots: list[tuple[Step, Aspect]]) -> dict[int, Lead]:
    """Give each slot the nearest lead, and turn the slot to the aspect the lead is about.

    A case serves at most three times, a sentence once; ``slots`` is changed in place.
    """
    placed: dict[int, Lead] = {}
    uses: dict[str, int] = {}
    for _, step, lead in leads:
        free = [i for i, (s, a) in enumerate(slots) if s == step and a in ASPECTS[lead.stage] and i not in placed]
        if not free or lead in placed.values() or uses.get(lead.case.id, 0) >= CASE_USES:
            continue
        taken = {a for i, (s, a) in enumerate(slots) if s == step and i != free[0]}
        own = [slots[free[0]][1]] if lead.stage == Stage.PRESENT else []
        repeatable = [Aspect.GOAL] if lead.stage == Stage.FUTURE else []
        fitting = [a for a in (*_aspects(lead), *own) if a not in taken or a in repeatable]
        if not fitting:
            continue
        placed[free[0]] = lead
        uses[lead.case.id] = uses.get(lead.case.id, 0) + 1
        slots[free[0]] = (step, fitting[0])
    return placed


def _trim(slots: Sequence[tuple[Step, Aspect]], placed: Mapping[int, Lead]) -> list[int]:
    """Slots worth the hour: those with a case, one of every step, some of every stage; the rest only as far as cases keep pace."""
    most = max(SHORTEST, int(PACE * len(placed)))
    kept = list(range(len(slots)))
    for stage, least in ((Stage.FUTURE, 3), (Stage.PAST, 3), (Stage.PRESENT, 4)):
        for i in reversed(range(len(slots))):
            mine = [j for j in kept if slots[j][1] in ASPECTS[stage]]
            alone = stage == Stage.PRESENT and sum(slots[j][0] == slots[i][0] for j in mine) == 1
            if len(kept) > most and i in mine and i not in placed and len(mine) > least and not alone:
                kept.remove(i)
    return kept


def _aspects(lead: Lead) -> list[Aspect]:
    """Aspects that follow naturally from a lead."""
    if lead.stage == Stage.FUTURE:
        return [Aspect.CONDITION if lead.line == lead.case.talk.caution else Aspect.GOAL]
    if lead.stage == Stage.PAST:
        return [Aspect.ATTEMPT, Aspect.CHANGE]
    return aspects_of(lead.line, lead.stage, most=4)


def _same_thing(lead: Lead, step: Step, near: float) -> bool:
    """A sentence about a neighbouring job is not said: it shares a noun with the step, or is very near in meaning."""
    mine = {w for w in topic_words(lead.line) if w not in COMMON}
    theirs = topic_words(" ".join((step.name, *step.words, *step.documents, *step.exceptions, *(m.name for m in step.measures))))
    return near >= VERY_NEAR or bool(mine & theirs)


def _step_text(step: Step) -> str:
    return f"{step.name} {' '.join(step.words)} {' '.join(m.name for m in step.measures)}"


def _open_slots(board: Board) -> list[tuple[Step, Aspect]]:
    """Slots worth asking now: the step where pain or a number just appeared first, then breadth in working order."""
    current = next((line.step for line in reversed(board.lines) if line.note.speaker == "staff" and line.step), None)
    hot = _is_hot(board)
    scored = []
    for i, step in enumerate(board.process.steps):
        for stage, order in ((Stage.PRESENT, PRESENT_ORDER), (Stage.PAST, PAST_ORDER), (Stage.FUTURE, FUTURE_ORDER)):
            if not board.allowed(step.id, stage):
                continue
            for j, aspect in enumerate(order):
                if board.state(step.id, aspect) != "open":
                    continue
                heard = sum(board.state(step.id, a) != "open" for a in ASPECTS[stage])
                value = 10 - 3 * heard - 0.3 * ((j - i) % len(order)) - 1.5 * STAGES.index(stage) - 0.4 * i
                value += 6 if hot and step.id == current and heard == 0 else 0
                value += 2 if hot and step.id == current else 0
                scored.append((value, step, aspect))
    return [(step, aspect) for _, step, aspect in sorted(scored, key=lambda s: -s[0])]


def _is_hot(board: Board) -> bool:
    last = next((line for line in reversed(board.lines) if line.note.speaker == "staff"), None)
    return bool(last and (last.heard.amounts or {"burden", "person", "workaround"} & last.heard.cues.keys()))


def _raised(board: Board, leads: Sequence[Lead], base: Casebase, drafts: Drafts) -> None:
    """Cases the rep has already named are not raised again with the same sentence."""
    said = " ".join(nfkc(line.note.text) for line in board.lines if line.note.speaker == "rep")
    for lead in leads:
        if lead.line in said or (base.spoken_name(lead.case) in said and pairs_in_common(lead.line, said) > 0.8):
            drafts.lines.add(lead.line)
            drafts.cases[lead.case.id] = drafts.cases.get(lead.case.id, 0) + 1


def _bare(text: str) -> str:
    """A question without lead-in, punctuation and politeness of its start, for telling repeats."""
    last = re.split(r"[。？?]", nfkc(text).strip("。？? "))[-1]
    return re.sub(r"^(御|貴)[市区町村都道府県庁]では、|[\s、。]", "", last)
