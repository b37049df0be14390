"""Train the gate's linear model: ``uv run --group train python -m benchmarks.train_gate [--cv]``.

One logistic regression per label and a softmax for the stage, over tf-idf n-grams and structure
(coach/question_features.py). The held-out split benchmarks/data/questions_test.jsonl is never read here.
Writes coach/gate_model.npz.
"""

import json
import sys
from collections import Counter
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import KFold

from coach.casebase import load
from coach.gate import LABELS, MODEL, STAGE_ORDER, STRUCTURE_SCALE, lexicon, phrases
from coach.japanese import nfkc
from coach.question_features import Vocabulary, ngrams, structure

DATA = Path(__file__).parent / "data"
FILES = ("questions_dev.jsonl", "questions_train2.jsonl", "questions_train3.jsonl")
MIN_DF = 2
C_LABEL, C_STAGE = 20.0, 20.0


def read() -> list[dict]:
    """All labelled utterances for tuning."""
    return [json.loads(line) for name in FILES if (DATA / name).exists() for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


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


def fit(x: csr_matrix, labels: np.ndarray, stages: np.ndarray) -> tuple[list[LogisticRegression], LogisticRegression]:
    """One model per label, one for the stage."""
    models = [LogisticRegression(C=C_LABEL, class_weight="balanced", max_iter=3000).fit(x, labels[:, j]) for j in range(labels.shape[1])]
    return models, LogisticRegression(C=C_STAGE, max_iter=3000).fit(x, stages)


def main() -> None:
    """Cross-validate with ``--cv``, else train on everything and write the model."""
    data = read()
    texts = [nfkc(d["text"]) for d in data]
    words = lexicon()
    vocabulary = Vocabulary(phrases(load().processes.values()), words["generic_topic"])
    extra = np.array([structure(t, words, vocabulary) for t in texts])
    grams = [ngrams(t) for t in texts]
    labels = np.array([[label in d["labels"] for label in LABELS] for d in data]).astype(int)
    stages = np.array([STAGE_ORDER.index(d["stage"]) for d in data])
    if "--cv" in sys.argv:
        cross_validate(data, grams, extra, labels, stages)
        return
    features = Features(grams)
    models, stage = fit(features.matrix(grams, extra), labels, stages)
    weights = np.vstack([m.coef_ for m in models] + [stage.coef_]).T
    np.savez_compressed(
        MODEL,
        weights=weights.astype(np.float32),
        bias=np.concatenate([m.intercept_ for m in models] + [stage.intercept_]).astype(np.float32),
        **{f"vocabulary_{f}": np.array(list(v)) for f, v in features.vocabulary.items()},
        **{f"idf_{f}": v.astype(np.float32) for f, v in features.idf.items()},
    )
    print(f"{MODEL}: {weights.shape}, trained on {len(data)} utterances, {MODEL.stat().st_size / 1e6:.1f} MB")


def cross_validate(data: list[dict], grams: list, extra: np.ndarray, labels: np.ndarray, stages: np.ndarray) -> None:
    """Ten folds over the tuning data; prints F1 per label, stage accuracy and, with ``-v``, the errors."""
    chance = np.zeros(labels.shape)
    guess = np.zeros(len(data), dtype=int)
    for train, test in KFold(10, shuffle=True, random_state=0).split(data):
        features = Features([grams[i] for i in train])
        models, stage = fit(features.matrix([grams[i] for i in train], extra[train]), labels[train], stages[train])
        x = features.matrix([grams[i] for i in test], extra[test])
        chance[test] = np.array([m.predict_proba(x)[:, 1] for m in models]).T
        guess[test] = stage.predict(x)
    f1 = [f1_score(labels[:, j], chance[:, j] > 0.5) for j in range(len(LABELS))]
    print(dict(zip(LABELS, np.round(f1, 3), strict=True)), "macro", round(float(np.mean(f1)), 3), "stage", round(float((guess == stages).mean()), 3))
    if "-v" in sys.argv:
        for i, d in enumerate(data):
            found = [label for j, label in enumerate(LABELS) if chance[i, j] > 0.5]
            if sorted(found) != sorted(d["labels"]) or STAGE_ORDER[guess[i]] != d["stage"]:
                print(f"{d['labels']}→{found} {d['stage']}→{STAGE_ORDER[guess[i]]}: {d['text']}")


if __name__ == "__main__":
    main()
