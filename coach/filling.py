"""Fill question templates from a step of a process: which measure, document or exception, and does it read well."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from string import Template

from coach.domain import Aspect, Event, Measure, Municipality, Process, Step
from coach.japanese import pairs_in_common
from coach.prompts import Ask, templates

TIME_UNITS = frozenset(("秒", "分", "時間", "日", "週", "週間", "か月", "営業日"))
OCCASIONS = ("1回の選挙", "1回の災害", "1回の議会", "1シーズン", "1回の試験", "1回の実施")
CONTRACTED = re.compile(r"システム|サービス|クラウド|アプリ|ソフト|発券機|基盤")  # not Excel, paper or the telephone
NOT_OURS = re.compile(
    r"^(国|県|都道府県)の|住基ネット|戸籍情報連携|情報提供ネットワーク|農業委員会サポート|国税連携|要介護認定ソフト|人口動態|表計算|文書作成|ワープロ|PDF|テスト環境|会議システム|検索|画像編集|作図"
)
MISTAKE = re.compile(r"漏れ|もれ|誤り|誤|違い|不一致|不足|忘れ|遅れ|重複|未|不備|間違|ミス|欠け|ずれ|切れ|超過|二重|ちがい|ちがえ|違え|途絶え|空振り|滞留|相違")
TOUCHED = 0.15  # least share of an event's character pairs found in a step that it touched
SHORTENED = re.compile(r"処理|作成|確認|受付|準備|入力|待ち|までの|かかる|審査|交付|対応|作業")  # what one sets a target for
MOST = {"1日": "いちばん多い日", "月の": "いちばん多い月", "週の": "いちばん多い週", "1回": "いちばん多い回"}
MAX_EVENT = 26
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

    mistakes = [e for e in step.exceptions if MISTAKE.search(e)]
    peak = process.peak if len(process.peak) <= MAX_PEAK else "いちばん忙しい時期"
    values = {"you": town.honorific, "step": step.name, "peak": peak, "per": per(process, step), **_bouts(process, step)}
    values |= {"document": pick(list(step.documents)), "exception": pick(list(step.exceptions)), "person": pick(list(process.people))}
    if mistakes:
        values["mistake"] = pick(mistakes)
    systems = [s for s in step.systems if CONTRACTED.search(s) and not NOT_OURS.search(s)]
    if systems:
        values["system"] = pick(systems)
    units = {m.name: m.unit for m in step.measures if _fits(m, aspect)}
    if units:
        values["measure"] = pick(list(units))
        values["unit"] = units[values["measure"]]
        most = next((word for start, word in MOST.items() if values["measure"].startswith(start)), None)
        values |= {"most": most} if most else {}
    event = _event(process, step)
    if event:
        values |= {"when": event.when, "what": _short(event.what)}
    return values


def _event(process: Process, step: Step) -> Event | None:
    """A change that touched this step more than any other of the process."""
    for event in process.changes:
        near = {s.id: pairs_in_common(event.what, f"{s.name} {' '.join((*s.words, *s.documents))}") for s in process.steps}
        if near[step.id] == max(near.values()) >= TOUCHED and len(_short(event.what)) <= MAX_EVENT:
            return event
    return None


def _short(what: str) -> str:
    return re.sub(r"（.*?）", "", what)


def _fits(measure: Measure, aspect: Aspect) -> bool:
    if aspect == Aspect.GOAL:
        return measure.unit in TIME_UNITS and bool(SHORTENED.search(measure.name))
    if aspect == Aspect.TIME:
        return measure.unit in TIME_UNITS
    return measure.unit not in TIME_UNITS if aspect == Aspect.VOLUME else True


def per(process: Process, step: Step) -> str:
    """The period in which exceptions are counted: 月に, or per election, disaster … where the work comes in such bouts."""
    own = [m.name for m in step.measures]
    names_of = [[m.name for m in s.measures] for s in process.steps]
    for occasion in OCCASIONS:
        spread = sum(any(occasion in name for name in names) for names in names_of)
        if any(occasion in name for name in own) or spread >= 3:
            return f"{occasion}で"
    return "年に" if all("年間" in name or "年度" in name for name in own) else "月に"


def _bouts(process: Process, step: Step) -> dict[str, str]:
    kind = next((o.removeprefix("1回の") for o in OCCASIONS if o.startswith("1回の") and per(process, step) == f"{o}で"), None)
    if kind is None:
        return {"last": "前回の繁忙期に", "coming": "次の繁忙期までに"}
    return {"last": f"前回の{kind}のとき", "coming": f"次の{kind}までに" if kind != "災害" else "次の災害に備えて"}


def ways(process: Process, step: Step, town: Municipality, aspect: Aspect, turn: int = 0, topic: Topic | None = None, with_case: bool = False) -> Iterator[tuple[Ask, str]]:
    """Ways to ask for this slot that can be filled, each with its text; ``turn`` rotates which comes first."""
    asks = [a for a in templates()[aspect].asks if a.with_case or not with_case]
    values = names(process, step, town, aspect, turn, topic)
    for ask in asks[turn % len(asks) :] + asks[: turn % len(asks)]:
        filled = values | ({"exception": values.get("mistake", "")} if ask.mistake else {})
        if ask.names <= filled.keys() and (not ask.mistake or filled["exception"]):
            text = Template(ask.ask).substitute(filled)
            if len(text) <= MAX_ASK:
                yield ask, text
