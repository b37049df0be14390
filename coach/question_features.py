"""What can be seen of an utterance: its asking part, n-grams, and counts of structure. Used by the gate and its training."""

import re
from dataclasses import dataclass

from coach.japanese import Word, is_content, nfkc, sentences, words

Lexicon = dict[str, re.Pattern[str]]
TAIL = 14  # characters from the end: where Japanese keeps mood and politeness
ASKS = re.compile(r"か(な|しら|ね|の)?[。?!]*$|\?|っけ[。?!]*$|の[?]$|教え|聞かせ|伺|うかが|お尋ね|ください|下さい|でしょう|いただけ|頂け|願い")
HEARSAY = re.compile(r"(そうです|とのことです|聞きました|伺いました|そうでして|聞いて(い|お)ります|伺って(い|お)ります)[。]*$")
QUESTION_MARK = re.compile(r"か(?=[、。?!]|$)|\?")
JOIN = re.compile(
    r"それ(から|と)|あと(、|は|、は)|また、|加えて|あわせて|併せて|ついでに|そして|さらに|同時に|ほかに|もう一(つ|点)|それに|および|ならびに|あるいは|それで(、|いて)"
)
WH_GROUPS = {
    "quantity": r"何(件|人|分|時間|日|回|割|枚|年|通|世帯|箇所|か所|円|台|％|%|倍|名|本|冊|部|校|社|戸|ページ|か月|カ月|週間|種類|曜)|どの(くらい|ぐらい|程度)|どれ(くらい|ぐらい|だけ|ほど)|いくつ|いくら|なんぼ",
    "who": r"どなた|誰|だれ|どの(課|係|部署|担当)|どこの(課|係|部署)",
    "when": r"いつ|何時|何月|何年度|どの(時点|タイミング|時期|段階)",
    "where": r"どこ|どちら",
    "why": r"なぜ|なんで|どうして|なして|(理由|きっかけ|経緯|いきさつ)(は|を|も)",
    "how": r"どう(?!いう|いった|して)|どのよう|どんな(?:手順|方法|やり方|流れ)|どうやって|どげん|どない",
    "which": r"どの(?!くらい|ぐらい|程度|よう|課|係|部署|担当|時点|タイミング|時期|段階)|どれ(?!くらい|ぐらい|だけ|ほど)|どんな(?!手順|方法|やり方|流れ)|どういう|どういった|何(が|を|に|の|で|と|か)",
}
WH = {name: re.compile(pattern) for name, pattern in WH_GROUPS.items()}
CLAUSE = re.compile(r"(?<=[、。?!])|(?<=ますか)|(?<=ですか)|(?<=でしょうか)")
NARROWING = re.compile(r"か[、。?]?\s*(あれば|ある(なら|場合|と)|あるとすれば|もしあれば|いる(なら|場合)|いれば|でしたら|その場合|出るなら|はいの場合)")


@dataclass(frozen=True)
class Asking:
    """The sentences of an utterance that ask: ``text`` is ``source[start:end]`` (all of it when none asks)."""

    text: str
    start: int
    end: int


def find_asking(source: str) -> Asking:
    """From the first asking sentence to the last; lead-ins that only tell are left out."""
    spans = sentences(source)
    asking = [(a, b) for a, b in spans if ASKS.search(source[a:b]) and not HEARSAY.search(source[a:b])]
    spans = asking or spans[-1:] or [(0, len(source))]
    start, end = spans[0][0], spans[-1][1]
    return Asking(source[start:end], start, end)


class Vocabulary:
    """Normalised words of the processes' steps, documents, systems, exceptions and measures: things one can ask about."""

    def __init__(self, phrases: list[str], generic: re.Pattern[str]) -> None:
        self._generic = generic
        self._words = {w.normal for p in phrases for w in words(nfkc(p)) if is_content(w) and len(w.normal) > 1}

    def concrete(self, found: list[Word]) -> list[Word]:
        """The words that name a concrete thing."""
        return [w for w in found if w.normal in self._words and not self.is_generic(w)]

    def is_generic(self, word: Word) -> bool:
        """True for a word too general to be a topic."""
        return bool(self._generic.fullmatch(word.surface) or self._generic.fullmatch(word.normal))


def structure(text: str, lexicon: Lexicon, vocabulary: Vocabulary) -> list[float]:
    """Numbers in 0–1 describing folded ``text``; their order is fixed (see the code), the gate's weights depend on it."""
    asking = find_asking(text)
    ask = asking.text
    content = [w for w in words(ask) if is_content(w)]
    nouns = [w for w in content if w.pos == "名詞" and not vocabulary.is_generic(w)]
    concrete = vocabulary.concrete(content)
    values: list[float] = []
    for pattern in lexicon.values():
        hits = len(pattern.findall(ask))
        values += [hits > 0, min(3, hits) / 3, bool(pattern.search(text)), bool(pattern.search(text[-TAIL:]))]
    values += [min(5, len(concrete)) / 5, not concrete, min(6, len(nouns)) / 6, not nouns, len(nouns) == 1]
    values += [len(text) / 100, len(ask) / 60, len(ask) < 14, len(sentences(text)) > 1, len(sentences(text)) > 2]
    return [float(v) for v in values + _questions(ask, lexicon) + _predicates(ask)]


def _questions(ask: str, lexicon: Lexicon) -> list[float]:
    clauses = [c for c in CLAUSE.split(ask) if c.strip()]
    groups = [name for name, pattern in WH.items() if pattern.search(ask)]
    asking_clauses = sum(any(p.search(c) for p in WH.values()) for c in clauses)
    marks = len(QUESTION_MARK.findall(ask))
    request = bool(lexicon["request"].search(ask))
    ends_polar = bool(re.search(r"(ます|です|でした|ました|でしょう|ません)(か|っけ)[。?!]*$", ask))
    joined = bool(JOIN.search(ask))
    values = [name in groups for name in WH]
    values += [not groups, len(groups) == 1, len(groups) >= 2, len(groups) >= 3, asking_clauses >= 2, asking_clauses >= 3]
    values += [marks == 0, marks == 1, marks >= 2, marks >= 3, joined, joined and len(groups) >= 2, joined and marks >= 2]
    values += [asking_clauses >= 2 and marks >= 2, bool(NARROWING.search(ask)), request, request and not groups]
    values += [ends_polar and not groups, ends_polar and not groups and not request, "か、" in ask and "それとも" in ask]
    return [float(v) for v in values]


INTERROGATIVE = re.compile(r"何|なに|なん|どの|どれ|どこ|どちら|どっち|どなた|誰|だれ|いつ|いくつ|いくら|どう|どんな|なぜ|どない|どげん")


def _predicates(ask: str) -> list[float]:
    """How the interrogatives are spread over predicates: two on one predicate are one question, on two predicates two."""
    asking, inside, polar, seen = 0, False, 0, 0
    found = words(ask)
    for i, word in enumerate(found):
        if INTERROGATIVE.match(word.surface) and word.surface not in ("いつも", "何か", "なんか", "どうも", "どうぞ"):
            inside, seen = True, seen + 1
        after = found[i + 1] if i + 1 < len(found) else None
        if not _closes(word, after):
            continue
        if inside:
            asking += 1
        elif (after and after.surface == "か") or word.surface == "か":
            polar += 1
        inside = False
    asking += inside
    total = asking + polar
    return [asking == 0, asking == 1, asking == 2, asking >= 3, polar >= 1, polar >= 2, total >= 2, total >= 3, asking >= 1 and polar >= 1, seen >= 2 and asking == 1]


def _closes(word: Word, after: Word | None) -> bool:
    """True at the end of a predicate: a conjugating word before か, a conjunctive particle, a comma after て/で/し, or the end."""
    if after is None:
        return True
    if word.surface == "か" and word.pos == "助詞":
        return True
    if after.pos == "補助記号":
        return word.pos in ("助動詞", "動詞", "形容詞") or word.surface in ("て", "で", "し", "が", "けど", "から", "か", "ね", "よ", "の")
    return word.pos in ("動詞", "形容詞", "助動詞") and after.surface in ("し", "けど", "けれど")


def ngrams(text: str) -> dict[str, list[str]]:
    """Families of n-grams of folded ``text``: characters, characters of the tail, word forms."""
    tail = text[-TAIL:].rstrip("。 ") + "$"
    forms = [w.normal for w in words(text)]
    return {
        "c": [text[i : i + n] for n in range(1, 6) for i in range(len(text) - n + 1)],
        "t": [tail[i : i + n] for n in range(1, 7) for i in range(len(tail) - n + 1)],
        "w": [" ".join(forms[i : i + n]) for n in range(1, 4) for i in range(len(forms) - n + 1)],
    }
