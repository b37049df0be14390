"""The nouns of Kikitori and the protocols between its parts. The vocabulary is that of docs/architecture.md."""

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, field_validator

if TYPE_CHECKING:
    import numpy as np


class Stage(StrEnum):
    """時制. ``none`` only when judging a question that is not about their work in time."""

    PRESENT = "present"
    PAST = "past"
    FUTURE = "future"
    NONE = "none"


STAGES = (Stage.PRESENT, Stage.PAST, Stage.FUTURE)
STAGE_NAMES = {Stage.PRESENT: "現在", Stage.PAST: "過去", Stage.FUTURE: "未来", Stage.NONE: "時制なし"}


class Aspect(StrEnum):
    """観点: what is asked of a step."""

    VOLUME = "volume"
    TIME = "time"
    PEOPLE = "people"
    TOOLS = "tools"
    EXCEPTION = "exception"
    PEAK = "peak"
    ORIGIN = "origin"
    ATTEMPT = "attempt"
    INCIDENT = "incident"
    CHANGE = "change"
    GOAL = "goal"
    CONDITION = "condition"
    DECISION = "decision"
    BUDGET = "budget"


ASPECTS = {
    Stage.PRESENT: (Aspect.VOLUME, Aspect.TIME, Aspect.PEOPLE, Aspect.TOOLS, Aspect.EXCEPTION, Aspect.PEAK),
    Stage.PAST: (Aspect.ORIGIN, Aspect.ATTEMPT, Aspect.INCIDENT, Aspect.CHANGE),
    Stage.FUTURE: (Aspect.GOAL, Aspect.CONDITION, Aspect.DECISION, Aspect.BUDGET),
}
STAGE_OF = {aspect: stage for stage, aspects in ASPECTS.items() for aspect in aspects}
ASPECT_NAMES = {
    Aspect.VOLUME: "件数",
    Aspect.TIME: "時間",
    Aspect.PEOPLE: "体制",
    Aspect.TOOLS: "帳票・システム",
    Aspect.EXCEPTION: "差し戻し・例外",
    Aspect.PEAK: "繁忙期",
    Aspect.ORIGIN: "経緯",
    Aspect.ATTEMPT: "試したこと",
    Aspect.INCIDENT: "出来事",
    Aspect.CHANGE: "変わったこと",
    Aspect.GOAL: "望む状態",
    Aspect.CONDITION: "条件",
    Aspect.DECISION: "決め方",
    Aspect.BUDGET: "予算・期限",
}

Label = Literal["vague", "leading", "double_barrelled", "pitch", "hypothetical", "closed", "out_of_order"]
LABEL_NAMES: dict[str, str] = {
    "vague": "漠然としている",
    "leading": "誘導している",
    "double_barrelled": "二つ聞いている",
    "pitch": "売り込みになっている",
    "hypothetical": "仮定・感想を聞いている",
    "closed": "はい・いいえで終わる",
    "out_of_order": "順番が早い",
}

Kind = Literal["都道府県", "指定都市", "中核市", "市", "特別区", "町", "村", "広域"]
Field_ = Literal[
    "窓口", "税務", "福祉", "介護", "子育て", "健康医療", "学校教育", "生涯学習", "総務人事", "財務契約", "文書議会",
    "広報広聴", "DX推進", "防災", "インフラ", "上下水道", "環境", "商工観光", "農林水産", "移住定住", "選挙",
]  # fmt: skip
Outcome = Literal["success", "partial", "ongoing", "stalled", "failed"]
OUTCOME_NAMES: dict[str, str] = {
    "success": "効果あり",
    "partial": "一部効果",
    "ongoing": "取組中",
    "stalled": "停滞",
    "failed": "中止・失敗",
}


class Noun(BaseModel):
    """Base of all nouns: immutable, and a misspelt field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Municipality(Noun):
    """自治体. ``population`` is the 2015 census; ``region`` is one of the eight customary regions."""

    code: str
    prefecture: str
    name: str
    kana: str = ""
    kind: Kind
    population: int | None = None
    url: str = ""
    region: str = ""

    @property
    def full_name(self) -> str:
        """Prefecture and name, the prefecture not twice."""
        return self.name if self.name == self.prefecture else self.prefecture + self.name

    @property
    def honorific(self) -> str:
        """How a rep addresses this body: 御市, 御県 …"""
        return "御" + (self.name[-1] if self.name[-1] in "都道府県市区町村" else "組合")


class Source(Noun):
    """Where a fact can be read."""

    title: str = Field(min_length=1)
    publisher: str = Field(min_length=1)
    url: str = Field(pattern=r"^https?://\S+$")
    published: str | None = None

    @field_validator("published", mode="before")
    @classmethod
    def _text(cls, value: object) -> object:
        return None if value is None else str(value)


class Metric(Noun):
    """A figure of a case: a value, a before/after pair or a change in words."""

    name: str = Field(min_length=1)
    value: float | int | None = None
    before: float | int | None = None
    after: float | int | None = None
    change: str | None = None
    unit: str | None = None


class Talk(Noun):
    """Spoken lead-ins of a case; each follows 「○○市では、」 and ends in hearsay (…そうです)."""

    present: str | None = None
    past: str | None = None
    future: str | None = None
    caution: str | None = None


class Case(Noun):
    """事例: one card. ``sections`` maps a heading to its text."""

    id: str
    municipality: str
    prefecture: str
    kind: Kind
    population: int | None = None
    field: Field_
    department: str | None = None
    title: str = Field(min_length=1)
    solution: str = Field(min_length=1)
    product: str | None = None
    approach: tuple[str, ...] = ()
    outcome: Outcome
    period: str | None = None
    metrics: tuple[Metric, ...] = ()
    sources: tuple[Source, ...] = Field(min_length=1)
    talk: Talk = Talk()
    sections: dict[str, str]
    region: str = ""

    @property
    def text(self) -> str:
        """All prose of the card, for indexing and for checking figures."""
        return "\n".join([self.title, self.solution, *self.sections.values()])


class Measure(Noun):
    """What can be counted at a step."""

    name: str = Field(min_length=1)
    unit: str = Field(min_length=1)


class Step(Noun):
    """工程: one step of a process, with the things staff handle there."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    name: str = Field(min_length=2, max_length=24)
    documents: tuple[str, ...] = Field(min_length=1)
    systems: tuple[str, ...] = ()
    measures: tuple[Measure, ...] = Field(min_length=1)
    exceptions: tuple[str, ...] = Field(min_length=1)
    words: tuple[str, ...] = Field(min_length=1)


class Event(Noun):
    """A dated change that touched a process everywhere, with its public source."""

    when: str
    what: str
    url: str = Field(pattern=r"^https?://\S+$")


class Process(Noun):
    """業務: a concrete business process of one field, as 4–9 steps in working order.

    ``related`` are ids of processes whose cases are worth comparing with too.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    name: str = Field(min_length=1)
    aliases: tuple[str, ...] = ()
    field: Field_
    department: str
    peak: str
    people: tuple[str, ...] = Field(min_length=1)
    law: str | None = None
    changes: tuple[Event, ...] = ()
    related: tuple[str, ...] = ()
    steps: tuple[Step, ...] = Field(min_length=4, max_length=9)

    def __hash__(self) -> int:
        return hash(self.id)

    def step(self, step_id: str) -> Step:
        """The step with this id. Raises ``KeyError``."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(step_id)


class Hit(Noun):
    """A case found for a query. ``why`` are the words that matched; ``likeness``/``difference`` compare the bodies."""

    case: Case
    score: float
    why: tuple[str, ...] = ()
    likeness: tuple[str, ...] = ()
    difference: tuple[str, ...] = ()


class Basis(Noun):
    """What a question rests on: a case id, or the number of a note line."""

    case: str | None = None
    line: int | None = None


class Question(Noun):
    """質問. ``text`` is what the rep reads aloud: the lead-in (a case, or their words) and what is asked."""

    id: str
    stage: Stage
    step: str
    aspect: Aspect
    text: str
    listen_for: str
    basis: Basis = Basis()
    skeleton: str = Field("", exclude=True)


class Finding(Noun):
    """指摘: one flaw of a question at ``text[start:end]``, and a better question."""

    label: Label
    reason: str
    start: int
    end: int
    rewrite: str


class Judgement(Noun):
    """How the gate judges one utterance as it stands."""

    text: str
    stage: Stage
    findings: tuple[Finding, ...]
    usable: bool

    def has(self, label: str) -> bool:
        """True when a finding with this label is present."""
        return any(finding.label == label for finding in self.findings)


class Note(Noun):
    """発言メモ: one typed line. ``n`` counts from 1 within a hearing."""

    n: int = Field(ge=1)
    speaker: Literal["staff", "rep"] = "staff"
    text: str


SlotState = Literal["open", "vague", "refused", "answered"]


class Slot(Noun):
    """聞けたこと: what is known of one aspect of one step, and the lines it rests on."""

    step: str
    aspect: Aspect
    state: SlotState = "open"
    lines: tuple[int, ...] = ()

    @property
    def stage(self) -> Stage:
        """The stage the aspect belongs to."""
        return STAGE_OF[self.aspect]

    @property
    def key(self) -> str:
        """``step/stage/aspect``, as in the JSON of ``kikitori next``."""
        return f"{self.step}/{self.stage}/{self.aspect}"


class Quote(Noun):
    """引用: a span of one line. ``text`` always equals ``line.text[start:end]``."""

    line: int
    start: int
    end: int
    text: str


class Measured(Noun):
    """A number a staff member said: ``text`` as said, ``value`` in ``unit``."""

    line: int
    text: str
    value: float
    unit: str


class Priority(Noun):
    """優先順位 of an issue: factors 0–1, their weighted sum, and the reason in one sentence."""

    rank: int
    score: float
    factors: dict[str, float]
    reason: str


class Issue(Noun):
    """課題 in the staff member's words. ``title_by`` tells whose wording the title is."""

    id: str
    title: str
    title_by: Literal["staff", "rep"] = "staff"
    quotes: tuple[Quote, ...]
    step: str | None
    stages: dict[str, tuple[int, ...]]
    measures: tuple[Measured, ...] = ()
    kind: Literal["objective", "subjective"]
    unknown: tuple[Aspect, ...] = ()
    priority: Priority


SetAsideReason = Literal["small_talk", "praise", "subjective", "no_problem", "instruction", "personal_data", "out_of_scope"]
SET_ASIDE_NAMES: dict[str, str] = {
    "small_talk": "雑談",
    "praise": "評価・お礼",
    "subjective": "感想のみ（根拠となる事実がまだない）",
    "no_problem": "困っていないとの発言",
    "instruction": "ツールへの指示文",
    "personal_data": "個人情報",
    "out_of_scope": "業務の説明・事実の説明",
}


class SetAside(Noun):
    """A staff line that is not (part of) an issue, and why."""

    line: int
    why: SetAsideReason


class IssueList(Noun):
    """What is brought home: issues by rank, and what was set aside."""

    issues: tuple[Issue, ...]
    set_aside: tuple[SetAside, ...]


class SearchResult(Noun):
    """Hits by score. ``none`` is true when nothing is close enough to be worth showing."""

    query: str
    hits: tuple[Hit, ...]
    none: bool


class Plan(Noun):
    """準備: cases and questions for one municipality and process."""

    municipality: Municipality
    process: Process
    readiness: str
    cases: tuple[Hit, ...]
    questions: tuple[Question, ...]


class CaseSearch(Protocol):
    """Finds comparable cases. See ``coach.retrieval``."""

    def search(self, query: str, k: int = 5, field: str | None = None, prefer: str | None = None, municipality: Municipality | None = None) -> SearchResult:
        """The ``k`` best cases; ``field`` filters, ``prefer`` is a soft bonus for a field."""
        ...

    def scores(self, text: str) -> "np.ndarray":
        """Substance of every case for a text: float array of shape (cases,), in the order of ``cases``."""
        ...

    def hit(self, case_id: str, score: float, query: str, municipality: Municipality | None) -> Hit:
        """A case as a hit, compared with ``municipality``."""
        ...

    def similarity(self, text: str, others: Sequence[str]) -> list[float]:
        """How near in meaning ``text`` is to each of ``others``, -1 to 1."""
        ...

    cases: list[Case]
    notice: str


class Wording(Noun):
    """A decided question that may be worded anew: what must stay, and what was said last."""

    question: Question
    step: str
    aspect: str
    last_words: str = ""


class LanguageModel(Protocol):
    """Words what code has decided. Whatever it returns is checked by the caller."""

    name: str

    def word(self, wordings: Sequence[Wording]) -> list[str]:
        """One utterance for each wording, in order. Raises ``ModelError``."""
        ...
