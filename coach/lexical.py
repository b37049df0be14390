"""BM25 over Sudachi words with synonym groups, in plain arrays. No storage, no vectors."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from coach.japanese import is_content, nfkc, words

K1, B = 1.2, 0.75  # the usual defaults (Robertson & Zaragoza 2009)
SYNONYM_WEIGHT = 0.2
SELF_MAX = 2.2  # (k1 + 1): the most one query term can score, times its idf
STOP = frozenset(
    [
        "為る",
        "有る",
        "居る",
        "成る",
        "出来る",
        "言う",
        "思う",
        "事",
        "物",
        "所",
        "時",
        "方",
        "様",
        "此れ",
        "其れ",
        "何",
        "何れ",
        "何の",
        "教える",
        "聞く",
        "知る",
        "下さる",
        "頂く",
        "自治体",
        "市",
        "町",
        "村",
        "市町村",
        "事例",
        "取り組み",
        "取り組む",
        "良い",
        "無い",
        "見る",
        "今",
        "中",
        "他",
        "等",
        "及び",
        "又",
        "つく",
        "よる",
        "くださる",
        "ほしい",
        "欲しい",
    ]
)


def terms(text: str) -> tuple[list[str], list[str]]:
    """Index terms of ``text``: normalised content words, and ids of their synonym groups as ``#id``."""
    found, synonyms = [], []
    for word in words(nfkc(text)):
        if not is_content(word) or word.normal in STOP:
            continue
        found.append(word.normal)
        synonyms.extend(f"#{group}" for group in word.synonyms)
    return found, synonyms


class LexicalIndex:
    """Scores every document for a query; ``scores`` is in 0–1, 1 meaning that all query terms are saturated."""

    def __init__(self, documents: Sequence[str]) -> None:
        self.size = len(documents)
        tokenised = [terms(d) for d in documents]
        self._main = _Postings([t for t, _ in tokenised])
        self._synonyms = _Postings([s for _, s in tokenised])

    def scores(self, query: str) -> np.ndarray:
        """Float array of shape (documents,)."""
        main, synonyms = terms(query)
        best = SELF_MAX * sum(self._main.idf(t) for t in set(main))
        if not best:
            return np.zeros(self.size)
        raw = self._main.scores(set(main)) + SYNONYM_WEIGHT * self._synonyms.scores(set(synonyms))
        return raw / best

    def matched(self, query: str, document: int) -> list[str]:
        """Query terms found in a document, the rarest first."""
        found = [t for t in dict.fromkeys(terms(query)[0]) if self._main.contains(t, document)]
        return sorted(found, key=self._main.idf, reverse=True)


class _Postings:
    def __init__(self, documents: Sequence[Sequence[str]]) -> None:
        self.size = len(documents)
        lengths = np.array([len(d) for d in documents], dtype=float)
        average = lengths.mean() if self.size and lengths.any() else 1.0
        lists: dict[str, tuple[list[int], list[int]]] = {}
        for i, document in enumerate(documents):
            for term, count in Counter(document).items():
                ids, counts = lists.setdefault(term, ([], []))
                ids.append(i)
                counts.append(count)
        norm = K1 * (1 - B + B * lengths / average)
        self._lists = {}
        for term, (ids, counts) in lists.items():
            at, tf = np.array(ids), np.array(counts, dtype=float)
            self._lists[term] = (at, tf * (K1 + 1) / (tf + norm[at]))

    def idf(self, term: str) -> float:
        df = len(self._lists[term][0]) if term in self._lists else 0
        return float(np.log(1 + (self.size - df + 0.5) / (df + 0.5)))

    def scores(self, query: set[str]) -> np.ndarray:
        total = np.zeros(self.size)
        for term in query:
            if term in self._lists:
                at, weight = self._lists[term]
                total[at] += weight * self.idf(term)
        return total

    def contains(self, term: str, document: int) -> bool:
        return term in self._lists and document in self._lists[term][0]
