"""Fill question templates from a step of a process: which measure, document or exception, and does it read well."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from string import Template

from coach.domain import Aspect, Municipality, Process, Step
from coach.prompts import Ask, templates

TIME_UNITS = frozenset(("秒", "分", "時間", "日", "週", "週間", "か月", "営業日"))
OCCASIONS = ("1回の選挙", "1回の災害", "1回の議会", "1シーズン", "1回の試験", "1回の実施")
CONTRACTED = re.compile(r"システム|サービス|クラウド|アプリ|ソフト|発券機|基盤")  # not Excel, paper or the telephone
MAX_PEAK = 12
MAX_ASK = 60  # characters a rep can say in one breath


Similarity = Callable[[str, Sequence[str]], list[float]]


@dataclass(frozen=True)
class Topic:
    """What is being talked about; draws the choice of measure, document and exception to it."""

    text: str
    similarity: Similarity


def names(process: Process, step: Step, town: Municipality, aspect: Aspect, turn: int, topic: Topic | None = None) -> dict[str, str]:
    """Values for the ``$names`` of a template; ``turn`` varies the choice where no topic decides it."""

    def pick(phrases: list[str]) -> str:
        if topic:
            scores = topic.similarity(topic.text, phrases)
            return phrases[scores.index(max(scores))]
        return phrases[turn % len(phrases)]

    peak = process.peak if len(process.peak) <= MAX_PEAK else "いちばん忙しい時期"
    values = {"you": town.honorific, "step": step.name, "peak": peak, "per": per(process), **_bouts(process)}
    values |= {"document": pick(list(step.documents)), "exception": pick(list(step.exceptions)), "person": pick(list(process.people))}
    systems = [s for s in step.systems if CONTRACTED.search(s)]
    if systems:
        values["system"] = pick(systems)
    units = {m.name: m.unit for m in step.measures if _fits(m.unit, aspect)}
    if units:
        values["measure"] = pick(list(units))
        values["unit"] = units[values["measure"]]
    if process.changes:
        event = process.changes[turn % len(process.changes)]
        values |= {"when": event.when, "what": event.what}
    return values


def _fits(unit: str, aspect: Aspect) -> bool:
    if aspect == Aspect.TIME:
        return unit in TIME_UNITS
    return unit not in TIME_UNITS if aspect == Aspect.VOLUME else True


def per(process: Process) -> str:
    """The period in which exceptions are counted: 月に, or per election, disaster … where the work comes in such bouts."""
    measures = [m.name for step in process.steps for m in step.measures]
    for occasion in OCCASIONS:
        if any(occasion in name for name in measures):
            return f"{occasion}で"
    return "月に"


def _bouts(process: Process) -> dict[str, str]:
    kind = next((o.removeprefix("1回の") for o in OCCASIONS if o.startswith("1回の") and per(process) == f"{o}で"), None)
    if kind is None:
        return {"last": "前回の繁忙期に", "coming": "次の繁忙期までに"}
    return {"last": f"前回の{kind}のとき", "coming": f"次の{kind}までに" if kind != "災害" else "次の災害に備えて"}


def ways(
    process: Process, step: Step, town: Municipality, aspect: Aspect, turn: int = 0, topic: Topic | None = None, with_case: bool = False
) -> Iterator[tuple[Ask, str]]:
    """Ways to ask for this slot that can be filled, each with its text; ``turn`` rotates which comes first."""
    asks = [a for a in templates()[aspect].asks if a.with_case or not with_case]
    values = names(process, step, town, aspect, turn, topic)
    for ask in asks[turn % len(asks) :] + asks[: turn % len(asks)]:
        if ask.names <= values.keys():
            text = Template(ask.ask).substitute(values)
            if len(text) <= MAX_ASK + 10:
                yield ask, text
