"""Read notes typed elsewhere: JSONL, or plain text with a speaker mark at the line's start."""

import json
import re

from pydantic import ValidationError

from coach.domain import Note
from coach.errors import NotesError
from coach.japanese import clean

MAX_NOTES = 5_000_000  # characters
MARK = re.compile(r"^\s*(職員|担当者?|相手|営業|自分|私|[SsRrQqAaＳＲＱＡ])\s*[:：]\s*")
REP = frozenset(["営業", "自分", "私", "R", "r", "Q", "q", "Ｒ", "Ｑ"])


def parse(text: str) -> list[Note]:
    """Notes of ``text``; empty lines are skipped, numbers run from 1 unless JSONL gives them. Raises ``NotesError``."""
    if len(text) > MAX_NOTES:
        raise NotesError(f"メモが長すぎます（{len(text):,}字）。{MAX_NOTES:,}字までに分けてください")
    text = clean(text)
    lines = text.split("\n")
    first = next((line for line in lines if line.strip()), "")
    return _jsonl(lines) if first.lstrip().startswith("{") else _plain(lines)


def _plain(lines: list[str]) -> list[Note]:
    notes: list[Note] = []
    for line in lines:
        if not line.strip():
            continue
        m = MARK.match(line)
        body = line[m.end() :].strip() if m else line.rstrip()
        if body.strip():
            notes.append(Note(n=len(notes) + 1, speaker="rep" if m and m[1] in REP else "staff", text=body))
    return notes


def _jsonl(lines: list[str]) -> list[Note]:
    notes: list[Note] = []
    seen: set[int] = set()
    for at, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
            note = Note(n=data.get("n", len(notes) + 1), speaker=data.get("speaker", "staff"), text=clean(str(data["text"])))
        except (json.JSONDecodeError, ValidationError, KeyError, AttributeError, TypeError) as error:
            raise NotesError(f'{at} 行目を読めません。1行に {{"n": 1, "speaker": "staff", "text": "…"}} の形で書いてください') from error
        if note.n in seen:
            raise NotesError(f"{at} 行目: n={note.n} が重なっています。行の番号は一つずつにしてください")
        seen.add(note.n)
        notes.append(note)
    return notes
