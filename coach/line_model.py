"""What a staff line is, by a linear model over its n-grams, its cues and those of its neighbours.

How well it does on hearings never tuned on is in docs/benchmarks.md.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from coach.japanese import nfkc, words
from coach.linear import load_model
from coach.prompts import patterns
from coach.reading import hear, topic_words

MODEL = Path(__file__).with_name("lines_model.npz")
VERDICTS = ("issue", "out_of_scope", "small_talk", "praise", "no_problem", "subjective", "instruction", "personal_data")
BULLET = re.compile(r"^\s*[・•●○■◆]")
INDENT = re.compile(r"^[\s　]+|^[→⇒]")


@lru_cache(maxsize=8192)
def line_grams(text: str) -> dict[str, list[str]]:
    """Families of n-grams of folded ``text``: characters and word forms."""
    forms = [w.normal for w in words(text)]
    return {
        "c": [text[i : i + n] for n in range(1, 5) for i in range(len(text) - n + 1)],
        "w": [" ".join(forms[i : i + n]) for n in range(1, 4) for i in range(len(forms) - n + 1)],
    }


def context(lines: Sequence[tuple[str, str]], k: int) -> list[float]:
    """Cues of line ``k`` of (speaker, text), of the staff lines around it and of the question before it."""
    text = lines[k][1]
    heard = hear(text)
    before = lines[k - 1] if k else ("", "")
    after = lines[k + 1] if k + 1 < len(lines) else ("", "")
    values = [float(name in heard.cues) for name in sorted(patterns("cues"))]
    values += [float(len(heard.amounts) > 0), float(len(heard.amounts) > 1), len(text) / 40, float(bool(BULLET.match(text))), float(bool(INDENT.match(text)))]
    values += [float(before[0] == "rep"), float(after[0] == "rep"), float(k < 3), float(k > len(lines) - 4)]
    for speaker, other in (before, after):
        cues = hear(other).cues if speaker == "staff" else {}
        values += [float(name in cues) for name in ("burden", "hard", "denial", "subjective", "person")]
    asked = hear(before[1]).cues if before[0] == "rep" else {}
    values += [float(name in asked) for name in ("burden", "hard")]
    return values


def judge(lines: Sequence[tuple[str, str]]) -> list[str]:
    """A verdict for every line; rep lines get an empty one."""
    model = load_model(MODEL)
    found = []
    for k, (speaker, text) in enumerate(lines):
        if speaker != "staff":
            found.append("")
            continue
        logits = model.logits(line_grams(nfkc(text)), context(lines, k))
        found.append(VERDICTS[int(np.argmax(logits))])
    return found


CONTINUES = re.compile(
    r"^\s*[→⇒]?\s*(それ|その|そこ|そっち|だから|やけん|なので|で、|んで|そんで|そのため|しかも|おかげで|結局|とくに|特に|たとえば|例えば|まあ|だいたい|多い(とき|時|日)|ひどい|去年|昨年|先月|前回|一度|一回|1件|１件|お一人|だけん|せやから|ほんで|実際|原因|理由|結果)"
)
TURNS = re.compile(r"^\s*[・•]?\s*(あと|それから|それと|もう一つ|もうひとつ|ほか|別|次に|逆に|ちなみに|一番|いちばん)")


def pair_features(group: Sequence[str], line: str, gap: int, asked: bool, same_step: float) -> list[float]:
    """Does ``line`` go on with the issue told by ``group``? ``gap`` in lines, ``asked`` = the rep spoke between, ``same_step`` 1 same, 0 unknown, -1 other."""
    mine = topic_words(line)
    last, every = topic_words(group[-1]), frozenset().union(*(topic_words(g) for g in group))
    common_last, common = len(mine & last) / max(1, min(len(mine), len(last))), len(mine & every) / max(1, min(len(mine), len(every)))
    bullet, indent = bool(BULLET.match(line)), bool(INDENT.match(line)) and not BULLET.match(line)
    values = [1.0, float(gap == 1), float(gap == 2), float(gap > 3), float(asked), common_last, common, float(bool(mine & every)), same_step]
    values += [float(bullet), float(indent), float(bool(CONTINUES.match(line))), float(bool(TURNS.match(line))), len(line) / 40, float(len(line) < 14)]
    values += [float(bool(hear(line).amounts)), float(len(group) > 2), float(bullet and BULLET.match(group[-1]) is not None), float(asked and len(line) < 20)]
    return values


def goes_on(values: Sequence[float]) -> float:
    """Probability that a line goes on with an issue."""
    weights = load_model(MODEL).extra["pair"]
    return float(1 / (1 + np.exp(-np.dot(weights, values))))
