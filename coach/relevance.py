"""Which cases are near enough to a process to be said aloud: near in substance, and not nearer to another process."""

import numpy as np

from coach.domain import CaseSearch, Hit, Municipality, Process

FIELD_BONUS = 0.2
NEAR, SHARE = 0.72, 0.72  # same field: least score, and least share of the case's best score over all processes
FAR_NEAR, FAR_SHARE = 0.95, 0.85  # another field
RELATED = 0.9  # a case of a related process counts a little less


class CaseMap:
    """Scores of every case for every process, computed once for an index."""

    def __init__(self, processes: list[Process], search: CaseSearch) -> None:
        self._search = search
        self._at = {p.id: i for i, p in enumerate(processes)}
        fields = np.array([c.field for c in search.cases])
        self._same = np.array([fields == p.field for p in processes])
        self._scores = np.array([search.scores(query(p)) for p in processes]) + FIELD_BONUS * self._same
        self._best = np.maximum(self._scores.max(axis=0), 1e-9)

    def hits(self, process: Process, town: Municipality, most: int) -> list[Hit]:
        """Cases of other municipalities for a process, the nearest first."""
        score = self._near(process.id)
        for other in process.related:
            score = np.maximum(score, RELATED * self._near(other))
        found = []
        for i in np.argsort(-score, kind="stable"):
            case = self._search.cases[int(i)]
            if score[i] <= 0 or len(found) == most:
                break
            if (case.municipality, case.prefecture) != (town.name, town.prefecture):
                found.append(self._search.hit(case.id, round(float(score[i]), 4), query(process), town))
        return found

    def _near(self, process_id: str) -> np.ndarray:
        i = self._at[process_id]
        score, share = self._scores[i], self._scores[i] / self._best
        same = self._same[i] & (score >= NEAR) & (share >= SHARE)
        far = ~self._same[i] & (score >= FAR_NEAR) & (share >= FAR_SHARE)
        return np.where(same | far, score, 0.0)


def query(process: Process) -> str:
    """What a process is called by those who look for it."""
    return f"{process.name} {' '.join(process.aliases)}"
