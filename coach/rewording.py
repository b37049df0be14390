"""Let a language model word a decided question, and keep its wording only when code can vouch for it."""

import logging
import re
from collections.abc import Sequence

from coach.domain import ASPECT_NAMES, LanguageModel, Process, Question, Wording
from coach.errors import ModelError
from coach.gate import Gate
from coach.japanese import nfkc
from coach.sequence import Board

MAX_LENGTH = 160  # characters, lead-in and question together
logger = logging.getLogger(__name__)


def reword(questions: Sequence[Question], process: Process, board: Board, model: LanguageModel, gate: Gate) -> list[Question]:
    """The same questions, the first in the model's words where they hold; else as they were."""
    if not questions:
        return []
    first = questions[0]
    last = next((line.note.text for line in reversed(board.lines) if line.note.speaker == "staff" and "personal_data" not in line.heard.cues), "")
    wording = Wording(question=first, step=process.step(first.step).name, aspect=ASPECT_NAMES[first.aspect], last_words=last)
    try:
        text = model.word([wording])[0].strip()
    except (ModelError, IndexError) as error:
        logger.warning("wording by %s failed: %s", model.name, error)
        return list(questions)
    if not holds(text, first, last, gate):
        logger.info("wording by %s was dropped", model.name)
        return list(questions)
    return [first.model_copy(update={"text": text}), *questions[1:]]


def holds(text: str, question: Question, last_words: str, gate: Gate) -> bool:
    """True when a wording passes the gate, keeps the stage and states no figure that was not there before."""
    if not 8 <= len(text) <= MAX_LENGTH or "\n" in text:
        return False
    known = set(_numbers(question.text + last_words))
    labels, stage = gate.labels(text)
    keeps_case = question.basis.case is None or question.text.split("では、")[0] in text
    return not labels and stage == question.stage and keeps_case and all(n in known for n in _numbers(text))


def _numbers(text: str) -> list[str]:
    return re.findall(r"\d+(?:\.\d+)?", nfkc(text).replace(",", ""))
