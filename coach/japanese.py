"""Japanese text: normalise with offsets, sentences, words, numbers. No knowledge of municipalities here."""

import re
import threading
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
CONTENT_POS = ("名詞", "動詞", "形容詞", "形状詞", "副詞")
_local = threading.local()


def clean(text: str) -> str:
    """Text fit for storing: no control or bidi characters, lone surrogates replaced, newlines as LF."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return CONTROL.sub("", text)


@dataclass(frozen=True)
class Folded:
    """NFKC text; ``origin[i]`` is the offset in the source of folded character ``i`` (one more entry at the end)."""

    text: str
    origin: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the source of ``text[start:end]``."""
        return self.origin[start], self.origin[end]


def fold(text: str) -> Folded:
    """NFKC with offsets; voiced marks of half-width kana join their base."""
    out: list[str] = []
    origin: list[int] = []
    at = 0
    while at < len(text):
        end = at + 1
        while end < len(text) and text[end] in "ﾞﾟ\u3099\u309a":
            end += 1
        folded = unicodedata.normalize("NFKC", text[at:end])
        out.append(folded)
        origin.extend([at] * len(folded))
        at = end
    return Folded("".join(out), (*origin, len(text)))


def nfkc(text: str) -> str:
    """Plain NFKC form."""
    return unicodedata.normalize("NFKC", text)


def to_hiragana(text: str) -> str:
    """Katakana to hiragana; the rest unchanged."""
    return "".join(chr(ord(c) - 0x60) if "ァ" <= c <= "ヶ" else c for c in nfkc(text))


@dataclass(frozen=True)
class Word:
    """A morpheme (Sudachi mode A) at ``start:end`` of the folded text."""

    surface: str
    normal: str
    base: str
    pos: str
    sub: str
    start: int
    end: int
    conjugation: str = ""
    synonyms: tuple[int, ...] = ()


def _tokenizer():  # noqa: ANN202 - sudachipy has no public type for it
    """One tokenizer a thread: Sudachi's is not thread-safe."""
    found = getattr(_local, "tokenizer", None)
    if found is None:
        from sudachipy import Dictionary, SplitMode

        found = _local.tokenizer = Dictionary(dict="small").create(mode=SplitMode.A)
    return found


MAX_TOKENIZED = 12_000  # characters; Sudachi refuses inputs above 49,149 bytes


@lru_cache(maxsize=4096)
def words(text: str) -> tuple[Word, ...]:
    """Morphemes of ``text`` (already folded); at most the first 12,000 characters are looked at."""
    found = []
    for m in _tokenizer().tokenize(text[:MAX_TOKENIZED]):
        pos = m.part_of_speech()
        found.append(Word(m.surface(), m.normalized_form(), m.dictionary_form(), pos[0], pos[1], m.begin(), m.end(), pos[5], tuple(m.synonym_group_ids())))
    return tuple(found)


def content_words(text: str) -> list[str]:
    """Normalised forms of the words that carry meaning, for matching and indexing."""
    return [w.normal for w in words(nfkc(text)) if is_content(w)]


def is_content(word: Word) -> bool:
    """True for a word that carries meaning by itself."""
    return word.pos in CONTENT_POS and word.sub not in ("非自立可能", "助動詞語幹") and not word.normal.isspace()


def sentences(text: str) -> list[tuple[int, int]]:
    """Spans of the sentences of ``text``; the closing mark belongs to its sentence."""
    spans = []
    start = 0
    for m in re.finditer(r"[。！？!?\n]+[」』）)]*|$", text):
        begin = start + len(text[start : m.end()]) - len(text[start : m.end()].lstrip())
        if text[begin : m.end()].strip():
            spans.append((begin, len(text[: m.end()].rstrip())))
        start = m.end()
    return spans


DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")}
SMALL = {"十": 10, "百": 100, "千": 1000}
LARGE = {"万": 10_000, "億": 100_000_000}
NUMBER = re.compile(r"(?:\d[\d,]*(?:\.\d+)?|[一二三四五六七八九〇十百千])(?:[\d,.]*[〇一二三四五六七八九十百千万億](?![年月]?生))*")


def number(text: str) -> float:
    """Value of a Japanese number: 1,200 / 3.5 / 二十 / 1万2千. Raises ``ValueError`` when there is none."""
    total = part = 0.0
    current: float | None = None
    for token in re.findall(r"\d[\d,]*(?:\.\d+)?|.", nfkc(text)):
        if token[0].isdigit():
            current = float(token.replace(",", ""))
        elif token in DIGITS:
            current = (current or 0) * 10 + DIGITS[token]
        elif token in SMALL:
            part += (1 if current is None else current) * SMALL[token]
            current = None
        elif token in LARGE:
            total += (part + (current or 0) or 1) * LARGE[token]
            part, current = 0.0, None
        else:
            raise ValueError(f"数として読めません: {text!r}")
    return total + part + (current or 0)


UNITS = (
    "時間半|時間|か月|カ月|ヶ月|ヵ月|週間|世帯|組|営業日|ページ|パーセント|割|往復|種類|箇所|か所|カ所|ヶ所|項目|円|件|人|名|通|枚|部(?!署|長|会|門|局|分)|分(?!の[\\d一二三四五六七八九十]|野|類|割)|秒|日|回(?!答|覧|収|線|転)|台|棟|"
    "頁|割|冊|本|戸|校|園|社|筆|課|係(?!長|員)|年(?!度末|末|始)|倍|倉庫|ha|km|%|キロ|トン|束|箱|コマ|便|頭|袋|店|基|m|字|文字|画面|列|カ国"
)
MEASURED = re.compile(rf"(?P<value>{NUMBER.pattern})\s*(?P<unit>{UNITS})(?P<half>半)?(?!度目)")
UNIT_FORM = {
    "名": "人", "か月": "月", "カ月": "月", "ヶ月": "月", "ヵ月": "月", "パーセント": "%", "か所": "箇所", "カ所": "箇所", "ヶ所": "箇所", "週間": "週",
}  # fmt: skip


@dataclass(frozen=True)
class Amount:
    """A number with its unit at ``start:end`` of the text it was read from."""

    text: str
    value: float
    unit: str
    start: int
    end: int


def amounts(text: str) -> list[Amount]:
    """Numbers with a counter in ``text`` (offsets in ``text`` itself). Calendar dates and ordinals are left out."""
    folded = fold(text)
    found = []
    for m in MEASURED.finditer(folded.text):
        unit = m["unit"]
        if _is_date(folded.text, m):
            continue
        try:
            value = number(m["value"])
        except ValueError:
            continue
        if unit == "時間半":
            value, unit = value + 0.5, "時間"
        elif m["half"]:
            value += 0.5
        start, end = folded.span(m.start(), m.end())
        found.append(Amount(text[start:end], value, UNIT_FORM.get(unit, unit), start, end))
    return found


def _is_date(text: str, m: re.Match[str]) -> bool:
    before, after = text[max(0, m.start() - 4) : m.start()], text[m.end() : m.end() + 4]
    if m["unit"] == "年":
        value = m["value"]
        return bool(re.search(r"(令和|平成|昭和|R|H)$", before) or re.fullmatch(r"(19|20)\d\d", value) or (after[:1] in "度次" and after[:1] != ""))
    if m["unit"] == "日":
        return before.endswith(("月", "/")) or after.startswith("付")
    return bool(re.search(r"第$", before))


def pairs_in_common(a: str, b: str) -> float:
    """Share of the character pairs of ``a`` found in ``b``, 0–1."""
    one, other = nfkc(a), nfkc(b)
    pairs = {one[i : i + 2] for i in range(len(one) - 1)}
    return sum(p in other for p in pairs) / len(pairs) if pairs else 0.0
