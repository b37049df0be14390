"""Tf-idf features shared by the training commands; the running program computes the same in coach/linear.py."""

from collections import Counter
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, hstack

from coach.linear import STRUCTURE_SCALE

MIN_DF = 2


class Features:
    """Tf-idf vocabulary learnt on the training texts; ``matrix`` gives shape (texts, features)."""

    def __init__(self, grams: list[dict[str, list[str]]]) -> None:
        self.vocabulary: dict[str, dict[str, int]] = {}
        self.idf: dict[str, np.ndarray] = {}
        for family in grams[0]:
            df = Counter(g for text in grams for g in set(text[family]))
            kept = sorted(g for g, n in df.items() if n >= MIN_DF)
            self.vocabulary[family] = {g: i for i, g in enumerate(kept)}
            self.idf[family] = np.log((1 + len(grams)) / (1 + np.array([df[g] for g in kept]))) + 1

    def matrix(self, grams: list[dict[str, list[str]]], extra: np.ndarray) -> csr_matrix:
        """N-gram families side by side, each row of a family at unit length, then the structure."""
        return hstack([self._family(f, grams) for f in self.vocabulary] + [csr_matrix(extra * STRUCTURE_SCALE)]).tocsr()

    def _family(self, family: str, grams: list[dict[str, list[str]]]) -> csr_matrix:
        at, idf = self.vocabulary[family], self.idf[family]
        rows, columns, values = [], [], []
        for row, text in enumerate(grams):
            counts = Counter(at[g] for g in text[family] if g in at)
            weight = {c: (1 + np.log(n)) * idf[c] for c, n in counts.items()}
            norm = np.sqrt(sum(v * v for v in weight.values())) or 1.0
            rows += [row] * len(weight)
            columns += list(weight)
            values += [v / norm for v in weight.values()]
        return csr_matrix((values, (rows, columns)), shape=(len(grams), len(at)))


def save(path: Path, features: Features, weights: np.ndarray, bias: np.ndarray, **extra: np.ndarray) -> None:
    """Write what ``coach.linear.LinearModel`` reads; weights of shape (features, outputs)."""
    np.savez_compressed(
        path,
        weights=weights.astype(np.float32),
        bias=bias.astype(np.float32),
        **{f"extra_{name}": values.astype(np.float32) for name, values in extra.items()},
        **{f"vocabulary_{f}": np.array(list(v)) for f, v in features.vocabulary.items()},
        **{f"idf_{f}": v.astype(np.float32) for f, v in features.idf.items()},
    )
