"""Train the gate's linear model: ``uv run --group train python -m benchmarks.train_gate [--cv]``.

One logistic regression per label and a softmax for the stage, over tf-idf n-grams and structure
(coach/question_features.py). The held-out split benchmarks/data/questions_test.jsonl is never read here.
Writes coach/gate_model.npz.
"""

import json
import sys
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import KFold

from benchmarks.tfidf import Features, save
from coach.casebase import load
from coach.gate import LABELS, MODEL, STAGE_ORDER, lexicon, phrases
from coach.japanese import nfkc
from coach.question_features import Vocabulary, ngrams, structure

DATA = Path(__file__).parent / "data"
FILES = ("questions_dev.jsonl", "questions_train2.jsonl", "questions_train3.jsonl")
C_LABEL, C_STAGE = 20.0, 8.0


def read() -> list[dict]:
    """All labelled utterances for tuning."""
    return [json.loads(line) for name in FILES if (DATA / name).exists() for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


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
    bias = np.concatenate([m.intercept_ for m in models] + [stage.intercept_])
    save(MODEL, features, weights, bias)
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
