"""Train the model that tells issue lines from the rest: ``uv run --group train python -m benchmarks.train_lines [--cv]``.

A softmax over tf-idf n-grams and the cues of a line and its neighbours; a logistic regression tells whether two issue
lines belong together. Data: benchmarks/data/hearings_train.jsonl and hearings_dev.jsonl; the test half is never read.
Writes coach/lines_model.npz.
"""

import json
import sys
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import classification_report
from sklearn.model_selection import GroupKFold

from benchmarks.tfidf import Features, save
from coach.casebase import load
from coach.japanese import nfkc
from coach.line_model import MODEL, VERDICTS, context, line_grams, pair_features
from coach.reading import finder_of

DATA = Path(__file__).parent / "data"
C = 12.0


def read() -> list[dict]:
    """Labelled hearings for tuning."""
    return [json.loads(x) for name in ("hearings_train", "hearings_dev") for x in (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def examples(hearings: list[dict]) -> tuple[list[dict], np.ndarray, np.ndarray, np.ndarray]:
    """N-grams, context features, verdicts and the hearing of every staff line."""
    grams, extra, verdicts, groups = [], [], [], []
    for h, hearing in enumerate(hearings):
        issue = {q["line"] for i in hearing["issues"] for q in i["quotes"]}
        aside = {a["line"]: a["why"] for a in hearing["set_aside"]}
        lines = [(n["speaker"], n["text"]) for n in hearing["notes"]]
        for k, note in enumerate(hearing["notes"]):
            if note["speaker"] == "staff":
                grams.append(line_grams(nfkc(note["text"])))
                extra.append(context(lines, k))
                verdicts.append(VERDICTS.index("issue" if note["n"] in issue else aside.get(note["n"], "out_of_scope")))
                groups.append(h)
    return grams, np.array(extra), np.array(verdicts), np.array(groups)


def pairs(hearings: list[dict]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For every issue line after another: features against the issue told last, and whether it goes on."""
    base = load()
    x, y, groups = [], [], []
    for h, hearing in enumerate(hearings):
        finder = finder_of(base.processes[hearing["process"]])
        owner = {q["line"]: k for k, i in enumerate(hearing["issues"]) for q in i["quotes"]}
        told: list[dict] = []
        last_issue, rep_at = -1, 0
        for note in hearing["notes"]:
            if note["speaker"] == "rep":
                rep_at = note["n"]
            elif note["n"] in owner:
                if told:
                    steps = [finder.find(n["text"]) for n in (told[-1], note)]
                    same = 0.0 if None in steps else 1.0 if steps[0] == steps[1] else -1.0
                    gap = note["n"] - told[-1]["n"]
                    x.append(pair_features([t["text"] for t in told], note["text"], gap, rep_at > told[-1]["n"], same))
                    y.append(owner[note["n"]] == last_issue)
                    groups.append(h)
                told = [*told, note] if told and owner[note["n"]] == last_issue else [note]
                last_issue = owner[note["n"]]
    return np.array(x), np.array(y), np.array(groups)


def fit_pairs(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Weights, the first one the constant."""
    return LogisticRegression(C=3.0, fit_intercept=False, max_iter=3000).fit(x, y).coef_[0]


def main() -> None:
    """Cross-validate with ``--cv`` (by hearing), else train on everything and write the model."""
    hearings = read()
    grams, extra, verdicts, groups = examples(hearings)
    if "--cv" in sys.argv:
        guess = np.zeros(len(verdicts), dtype=int)
        for train, test in GroupKFold(10).split(verdicts, groups=groups):
            features = Features([grams[i] for i in train])
            model = fit(features.matrix([grams[i] for i in train], extra[train]), verdicts[train])
            guess[test] = model.predict(features.matrix([grams[i] for i in test], extra[test]))
        x, y, h = pairs(hearings)
        chance = np.zeros(len(y))
        for train, test in GroupKFold(10).split(x, groups=h):
            chance[test] = 1 / (1 + np.exp(-(x[test] @ fit_pairs(x[train], y[train]))))
        print("goes on:", round(float(((chance > 0.5) == y).mean()), 3), "of", len(y), "share true", round(float(y.mean()), 3))
        print(classification_report(verdicts, guess, labels=range(len(VERDICTS)), target_names=VERDICTS, digits=3, zero_division=0))
        return
    features = Features(grams)
    model = fit(features.matrix(grams, extra), verdicts)
    save(MODEL, features, model.coef_.T, model.intercept_, pair=fit_pairs(*pairs(hearings)[:2]))
    print(f"{MODEL}: {model.coef_.shape}, {len(verdicts)} lines of {len(hearings)} hearings")


def fit(x, y: np.ndarray) -> LogisticRegression:  # noqa: ANN001 - a sparse matrix
    """One softmax over the verdicts."""
    return LogisticRegression(C=C, max_iter=3000).fit(x, y)


if __name__ == "__main__":
    main()
