"""A linear model over tf-idf n-grams and structure, trained by benchmarks/train_*.py and read from an .npz file."""

from collections import Counter
from functools import lru_cache
from pathlib import Path

import numpy as np

STRUCTURE_SCALE = 0.5


class LinearModel:
    """Weights over tf-idf n-grams and structure; what the outputs mean is the owner's business."""

    def __init__(self, path: Path) -> None:
        with np.load(path) as data:
            self._families = [k.removeprefix("vocabulary_") for k in data.files if k.startswith("vocabulary_")]
            self._at = {f: {str(g): i for i, g in enumerate(data[f"vocabulary_{f}"])} for f in self._families}
            self._idf = {f: data[f"idf_{f}"] for f in self._families}
            self._weights, self._bias = data["weights"], data["bias"]
            self.extra = {k.removeprefix("extra_"): data[k] for k in data.files if k.startswith("extra_")}

    def logits(self, grams: dict[str, list[str]], extra: list[float]) -> np.ndarray:
        """Array of shape (outputs,)."""
        total = self._bias.astype(float).copy()
        offset = 0
        for family in self._families:
            at = self._at[family]
            counts = Counter(at[g] for g in grams[family] if g in at)
            if counts:
                columns = np.fromiter(counts, dtype=int)
                value = (1 + np.log(np.fromiter(counts.values(), dtype=float))) * self._idf[family][columns]
                total += (value / np.linalg.norm(value)) @ self._weights[offset + columns]
            offset += len(at)
        return total + (np.array(extra) * STRUCTURE_SCALE) @ self._weights[offset:]

    def weight(self, gram: str, output: int) -> float:
        """Weight of a character n-gram, 0 when unknown."""
        i = self._at["c"].get(gram)
        return 0.0 if i is None else float(self._weights[i, output] * self._idf["c"][i])


@lru_cache(maxsize=4)
def load_model(path: Path) -> LinearModel:
    """The model of a file, read once."""
    return LinearModel(path)
