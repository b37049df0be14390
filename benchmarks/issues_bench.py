"""Issues on labelled hearings: recall, precision, exactness of quotes. ``python -m benchmarks.issues_bench dev -v``."""

import json
import sys
from pathlib import Path

from coach.casebase import load
from coach.domain import Note, Stage
from coach.issues import extract
from coach.reading import hear

DATA = Path(__file__).parent / "data"


def run(split: str, verbose: bool = False) -> dict[str, float | int]:
    """A found issue matches a gold one when they share the gold's first line, or at least half of its lines; one to one."""
    base = load()
    hit = found = gold = quotes = exact = aside = aside_right = 0
    for row in (DATA / f"hearings_{split}.jsonl").read_text(encoding="utf-8").splitlines():
        hearing = json.loads(row)
        notes = [Note(**n) for n in hearing["notes"]]
        result = extract(notes, base.processes[hearing["process"]], stage_of)
        lines = {n.n: n.text for n in notes}
        mine = [{q.line for q in issue.quotes} for issue in result.issues]
        theirs = [[q["line"] for q in issue["quotes"]] for issue in hearing["issues"]]
        matched = match(mine, theirs)
        hit, found, gold = hit + len(matched), found + len(mine), gold + len(theirs)
        quotes += sum(len(i.quotes) for i in result.issues)
        exact += sum(lines[q.line][q.start : q.end] == q.text and q.text != "" for i in result.issues for q in i.quotes)
        why = {a.line: a.why for a in result.set_aside}
        aside += len(hearing["set_aside"])
        aside_right += sum(why.get(a["line"]) == a["why"] for a in hearing["set_aside"])
        if verbose:
            show(hearing, lines, mine, theirs, matched)
    return {"issues_gold": gold, "recall": hit / gold, "precision": hit / found, "quotes": quotes, "exact": exact / quotes, "aside": aside, "aside_right": aside_right / aside}


def stage_of(text: str) -> Stage:
    """The stage of a rep's line by its cues alone: keeps this benchmark independent of the gate."""
    return hear(text).stage


def match(mine: list[set[int]], theirs: list[list[int]]) -> dict[int, int]:
    """Gold index → found index, the best overlap first."""
    pairs = []
    for g, lines in enumerate(theirs):
        for f, have in enumerate(mine):
            common = len(have & set(lines))
            if common and (lines[0] in have or common * 2 >= len(lines)):
                pairs.append((common / len(have | set(lines)), g, f))
    matched: dict[int, int] = {}
    for _, g, f in sorted(pairs, reverse=True):
        if g not in matched and f not in matched.values():
            matched[g] = f
    return matched


def show(hearing: dict, lines: dict, mine: list, theirs: list, matched: dict) -> None:
    """Print what was missed and what was wrongly found."""
    print("##", hearing["id"])
    for g, have in enumerate(theirs):
        if g not in matched:
            print("  missed", [f"{n}:{lines[n]}" for n in have])
    for f, have in enumerate(mine):
        if f not in matched.values():
            print("  wrong ", [f"{n}:{lines[n]}" for n in sorted(have)])


if __name__ == "__main__":
    print(run(sys.argv[1], "-v" in sys.argv))
