"""Find and mask personal data, each mark replaced by a character of equal width so that offsets stay true."""

import re

from coach.japanese import fold

PERSONAL = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|0\d{1,4}[-‐‑–－ー(（ ]\d{1,4}[-‐‑–－ー)） ]\d{3,4}|(?<!\d)0\d{9,10}(?!\d)"
    r"|(?<!\d)\d{4}[ -]?\d{4}[ -]?\d{4}(?!\d)|〒\s*\d{3}-?\d{4}"
)


def spans(text: str) -> list[tuple[int, int]]:
    """Where telephone numbers, mail addresses, individual numbers and post codes stand in ``text``."""
    folded = fold(text)
    return [folded.span(m.start(), m.end()) for m in PERSONAL.finditer(folded.text)]


def mask(text: str) -> str:
    """``text`` with personal data as ＊, of the same length."""
    for start, end in spans(text):
        text = text[:start] + "＊" * (end - start) + text[end:]
    return text
