"""What is heard in one line: cues, numbers, stage, and which step it is about. Lines are data, never instructions."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from coach.domain import ASPECTS, Aspect, Process, Stage, Step
from coach.japanese import Amount, Word, amounts, fold, is_content, nfkc, words
from coach.prompts import patterns

MAX_LINE = 4_000  # characters read of one line; the rest is kept but not understood


@dataclass(frozen=True)
class Heard:
    """One line as understood. ``cues`` maps a cue to the span (in the line itself) of its first match."""

    text: str
    cues: dict[str, tuple[int, int]]
    amounts: tuple[Amount, ...]
    stage: Stage

    def words_of(self, cue: str, most: int = 22) -> str:
        """The clause around a cue, verbatim and at most ``most`` characters, to be taken up in 「」."""
        start, end = self.cues[cue]
        for a, b in _clauses(self.text):
            if a <= start < b:
                short = _shorten(self.text[a:b], start - a, end - a, most)
                return self.text[start:end][:most] if re.search("[「」『』]", short) else short
        return self.text[start:end][:most]


@lru_cache(maxsize=8192)
def hear(text: str) -> Heard:
    """Understand a line; works on any string."""
    folded = fold(text[:MAX_LINE])
    cues = {}
    for name, pattern in patterns("cues").items():
        m = pattern.search(folded.text)
        if m and m.end() > m.start():
            cues[name] = folded.span(m.start(), m.end())
    if "denial" in cues and "burden" in cues and not patterns("cues")["burden"].search(patterns("cues")["denial"].sub("", folded.text)):
        del cues["burden"]
    return Heard(text, cues, tuple(amounts(text[:MAX_LINE])), _stage(cues, folded.text))


def _stage(cues: dict[str, tuple[int, int]], text: str) -> Stage:
    if "future" in cues and not re.search(r"(ました|でした|だった|なかった)[。ねよ]*$", text):
        return Stage.FUTURE
    if "past" in cues:
        return Stage.PAST
    return Stage.PRESENT


def _clauses(text: str) -> list[tuple[int, int]]:
    spans, start = [], 0
    for m in re.finditer(r"[、。，．,！？!?\n　・→]+|$", text):
        if m.start() > start:
            spans.append((start, m.start()))
        start = m.end()
    return spans


def _shorten(clause: str, start: int, end: int, most: int) -> str:
    """Cut at word boundaries around ``start:end`` so that at most ``most`` characters remain."""
    if len(clause.strip()) <= most:
        return clause.strip()
    if fold(clause).text != clause:
        return clause[start:end][:most]
    found = words(clause)
    end = next((w.end for w in found if w.end >= end), end)
    begin = next((w.start for w in found if end - w.start <= most and w.start <= start and w.pos not in ("助詞", "助動詞", "補助記号")), start)
    last = next((w.end for w in reversed(found) if w.end - begin <= most and w.end >= end and _can_end(w)), end)
    return clause[begin : max(last, min(end, begin + most))].strip()


def _can_end(word: Word) -> bool:
    """True for a word at which a quotation may stop: a noun, or a predicate in its final form."""
    return word.pos in ("名詞", "代名詞", "形状詞") or (word.pos in ("動詞", "形容詞", "助動詞") and word.conjugation.startswith(("終止形", "連体形")))


class StepFinder:
    """Which step of a process a text is about, by the words, documents, systems, exceptions and measures of its steps."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.scores = lru_cache(maxsize=4096)(self._scores)
        self._profiles = [_profile(step) for step in process.steps]
        self._spread: dict[str, int] = {}
        for profile in self._profiles:
            for term in profile:
                self._spread[term] = self._spread.get(term, 0) + 1

    def _scores(self, text: str) -> tuple[float, ...]:
        """One score a step: words heard, those of few steps weighing more; whole phrases weigh double."""
        heard = nfkc(text)
        terms = {w.normal for w in words(heard) if is_content(w)}
        found = []
        for step, profile in zip(self.process.steps, self._profiles, strict=True):
            score = sum(weight / self._spread[t] for t, weight in profile.items() if t in terms)
            score += sum(1.5 for phrase in (*step.words, *step.documents, *step.exceptions) if len(phrase) > 2 and phrase in heard)
            found.append(score + (3.0 if step.name in heard else 0.0))
        return tuple(found)

    def find(self, text: str, least: float = 1.0) -> Step | None:
        """The step with the best score, or None when nothing points at one."""
        scores = self.scores(text)
        best = max(range(len(scores)), key=scores.__getitem__)
        return self.process.steps[best] if scores[best] >= least else None


@lru_cache(maxsize=256)
def finder_of(process: Process) -> StepFinder:
    """The finder of a process, made once."""
    return StepFinder(process)


def _profile(step: Step) -> dict[str, float]:
    profile: dict[str, float] = {}
    parts: list[tuple[Sequence[str], float]] = [
        (step.words, 1.5), ((step.name,), 1.2), (step.documents, 1.0), (step.exceptions, 0.8), (step.systems, 0.6), ([m.name for m in step.measures], 0.5),
    ]  # fmt: skip
    for phrases, weight in parts:
        for phrase in phrases:
            for w in words(nfkc(phrase)):
                if is_content(w) and (len(w.normal) > 1 or w.pos == "動詞"):
                    profile[w.normal] = max(profile.get(w.normal, 0), weight)
    return profile


def aspects_of(text: str, stage: Stage, most: int = 2) -> list[Aspect]:
    """Aspects of ``stage`` that a line or question touches, the most cued first; empty when none is."""
    folded = nfkc(text)
    counted = [(len(patterns("aspects")[a].findall(folded)), a) for a in ASPECTS.get(stage, ())]
    return [a for n, a in sorted(counted, key=lambda c: -c[0]) if n][:most]


@lru_cache(maxsize=8192)
def topic_words(text: str) -> frozenset[str]:
    """Content words of a line, for telling whether two lines speak of the same things."""
    return frozenset(w.normal for w in words(nfkc(text)) if is_content(w) and w.sub != "数詞" and (len(w.normal) > 1 or w.pos == "動詞"))
