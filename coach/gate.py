"""Judge one question as it stands: what is asked, of which thing, who chooses the topic, how many answers it needs.

Definitions: docs/architecture.md ("Findings"). A linear model over n-grams and structure (benchmarks/train_gate.py)
decides the labels; the words it points at come from prompts/gate.yaml or, where none of them is there, from the
n-grams that weighed most. How well it does on unseen questions is in docs/benchmarks.md.
"""

import re
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import yaml

from coach.domain import Finding, Judgement, Label, Process, Stage
from coach.japanese import clean, fold
from coach.linear import LinearModel, load_model
from coach.question_features import Lexicon, Vocabulary, find_asking, ngrams, structure
from coach.settings import PROMPTS

MODEL = Path(__file__).with_name("gate_model.npz")
LABELS: tuple[Label, ...] = ("vague", "leading", "double_barrelled", "pitch", "hypothetical", "closed")
STAGE_ORDER = ("present", "past", "future", "none")
QUOTED = re.compile(r"「[^「」]{8,}」")  # words of somebody else, taken up: not what the rep asks
MAX_QUESTION = 600  # characters judged, from the end; a question read aloud has about 60
EVIDENCE = {
    "vague": ("vague_extra", "generic_ask", "generic_topic"),
    "leading": ("leading", "judgement"),
    "double_barrelled": ("wh",),
    "pitch": ("pitch",),
    "hypothetical": ("hypothetical",),
    "closed": ("closed_end",),
}
Rewrite = Callable[[str, Label, Stage], str]


@cache
def lexicon() -> Lexicon:
    """The compiled words of prompts/gate.yaml."""
    data = yaml.safe_load((PROMPTS / "gate.yaml").read_text(encoding="utf-8"))
    return {name: re.compile(pattern) for name, pattern in data["words"].items()}


@cache
def reasons() -> dict[str, str]:
    """Label → reason with ``$words``, from prompts/gate.yaml."""
    return yaml.safe_load((PROMPTS / "gate.yaml").read_text(encoding="utf-8"))["reasons"]


def phrases(processes: Iterable[Process]) -> list[str]:
    """Everything of the processes that can be asked about."""
    found = []
    for process in processes:
        for step in process.steps:
            found += [step.name, *step.documents, *step.systems, *step.exceptions, *step.words, *(m.name for m in step.measures)]
    return found


class Gate:
    """Judges questions. ``rewrite`` gives a better question for the same intent."""

    def __init__(self, processes: Iterable[Process], rewrite: Rewrite, model: LinearModel | None = None) -> None:
        self._lexicon = lexicon()
        self._vocabulary = Vocabulary(phrases(processes), self._lexicon["generic_topic"])
        self._rewrite = rewrite
        self._model = model or load_model(MODEL)
        self.labels = lru_cache(maxsize=8192)(self._labels)

    def judge(self, text: str) -> Judgement:
        """Findings and stage of ``text``. Never raises; what asks nothing comes back with stage none and unusable."""
        labels, stage = self.labels(text)
        findings = tuple(self._finding(text, label, stage) for label in labels)
        usable = stage != Stage.NONE and all(f.label == "closed" for f in findings)
        return Judgement(text=text, stage=stage, findings=findings, usable=usable)

    def _labels(self, text: str) -> tuple[tuple[Label, ...], Stage]:
        """Labels and stage alone, without reasons and rewrites."""
        folded = _judged(text)
        if len(re.findall(r"\w", folded)) < 2 or not re.search(r"[ぁ-んァ-ヶ一-龠]", folded):
            return (), Stage.NONE
        logits = self._model.logits(ngrams(folded), structure(folded, self._lexicon, self._vocabulary))
        stage = Stage(STAGE_ORDER[int(np.argmax(logits[len(LABELS) :]))])
        found: list[Label] = [label for label, logit in zip(LABELS, logits, strict=False) if logit > 0]
        flaws: list[Label] = [label for label in found if label != "closed"]
        return tuple(flaws or found), stage

    def _finding(self, text: str, label: Label, stage: Stage) -> Finding:
        start, end = self._evidence(text, label)
        reason = reasons()[label].replace("$words", text[start:end].strip())
        return Finding(label=label, reason=reason, start=start, end=end, rewrite=self._rewrite(text, label, stage))

    def _evidence(self, text: str, label: Label) -> tuple[int, int]:
        folded = fold(text)
        asking = find_asking(folded.text)
        for name in EVIDENCE[label]:
            hits = list(self._lexicon[name].finditer(asking.text)) or list(self._lexicon[name].finditer(folded.text, 0, asking.start))
            if hits:
                shift = asking.start if hits[0].string == asking.text else 0
                return folded.span(hits[0].start() + shift, hits[0].end() + shift)
        return folded.span(*self._heaviest(folded.text, asking.start, LABELS.index(label)))

    def _heaviest(self, text: str, start: int, output: int, width: int = 6) -> tuple[int, int]:
        def weight(i: int) -> float:
            window = text[i : i + width]
            return sum(self._model.weight(window[a:b], output) for a in range(len(window)) for b in range(a + 1, len(window) + 1))

        best = max(range(start, max(start + 1, len(text) - width + 1)), key=weight)
        return best, min(len(text), best + width)


def _judged(text: str) -> str:
    return QUOTED.sub("「それ」", fold(clean(text)).text.strip()[-MAX_QUESTION:])
