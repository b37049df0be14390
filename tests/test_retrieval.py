import json
from pathlib import Path

import pytest

from coach import retrieval
from coach.lexical import LexicalIndex
from coach.retrieval import HybridSearch, build, compare


class TinyEncoder:
    """A real, tiny encoder: hashed character pairs, 64 dimensions; remembers how much it was asked."""

    name = "tiny-64"

    def __init__(self):
        self.embedded: list[str] = []
        self.stop_after = 10**9

    def embed_documents(self, texts):
        import numpy as np

        if len(self.embedded) >= self.stop_after:
            raise KeyboardInterrupt
        self.embedded += texts
        out = np.zeros((len(texts), 64), dtype=np.float32)
        for row, text in enumerate(texts):
            for i in range(len(text) - 1):
                out[row, hash((text[i], text[i + 1])) % 64] += 1
            out[row] /= max(1e-9, float(np.linalg.norm(out[row])))
        return out.tolist()

    def embed_query(self, text):
        return self.embed_documents([text])[0]


@pytest.fixture
def few(base):
    return list(base.cases.values())[:30]


def test_only_what_changed_is_embedded_again(few, tmp_path):
    first = TinyEncoder()
    build(few, tmp_path / "index", None, lambda: first)
    assert len(first.embedded) == sum(len(retrieval.passages(c)) for c in few)
    second = TinyEncoder()
    changed = [few[0].model_copy(update={"title": "新しい題"}), *few[1:]]
    found = build(changed, tmp_path / "index", None, lambda: second)
    assert len(second.embedded) == len(retrieval.passages(changed[0]))
    assert found.notice == ""


def test_progress_is_reported_to_the_end(few, tmp_path):
    seen = []
    build(few, tmp_path / "index", None, TinyEncoder, lambda done, total: seen.append((done, total)))
    assert seen[-1][0] == seen[-1][1]
    assert [d for d, _ in seen] == sorted(d for d, _ in seen)


def test_a_kill_in_the_middle_leaves_an_index_that_goes_on(few, tmp_path):
    killed = TinyEncoder()
    killed.stop_after = 64
    with pytest.raises(KeyboardInterrupt):
        build(few, tmp_path / "index", None, lambda: killed)
    rest = TinyEncoder()
    found = build(few, tmp_path / "index", None, lambda: rest)
    assert len(rest.embedded) == sum(len(retrieval.passages(c)) for c in few) - 64
    assert len(found.search("窓口", 3).hits) == 3


def test_a_corrupt_index_is_set_aside_and_built_anew(few, tmp_path):
    folder = tmp_path / "index"
    folder.mkdir()
    (folder / "chroma.sqlite3").write_bytes(b"no database at all" * 100)
    found = build(few, folder, None, TinyEncoder)
    assert found.notice == ""
    assert list(tmp_path.glob("index.broken-*"))


def test_a_server_that_is_away_falls_back_to_words_and_says_so(few, tmp_path):
    found = build(few, tmp_path / "index", "http://127.0.0.1:9", TinyEncoder)
    assert "CHROMA_URL" in found.notice
    assert found.search("書かない窓口", 2).hits


def test_what_a_query_finds_is_about_it(search):
    hits = search.search("避難所の受付をマイナンバーカードで", 5).hits
    assert all(h.case.field == "防災" for h in hits)
    assert all(h.why for h in hits[:2])


def test_a_field_filters_and_a_preference_only_leans(search):
    assert {h.case.field for h in search.search("受付", 8, field="選挙").hits} == {"選挙"}
    leaning = search.search("避難所の受付", 5, prefer="選挙").hits
    assert leaning[0].case.field == "防災"


@pytest.mark.parametrize("query", ["", "  ", "\x00", "あ" * 100_000, "!!!!", "𠮷😀"])
def test_odd_queries_are_answered(search, query):
    assert search.search(query, 3).none in (True, False)


def test_nothing_near_is_said(search):
    assert search.search("宇宙ロケットの燃料配合", 5).none


def test_likeness_never_beats_substance(search, base):
    query = "粗大ごみの電話受付"
    plain = [h.case.id for h in search.search(query, 1).hits]
    for town in ("北海道当別町", "横浜市", "長野県"):
        assert [h.case.id for h in search.search(query, 1, municipality=base.municipalities.get(town)).hits] == plain


def test_comparison_names_kind_size_and_region(base):
    case = base.cases["hokkaido-kitami-madoguchi-rpa"]
    like, differ = compare(case, base.municipalities.get("北海道小樽市"))
    assert any("種別が同じ" in x for x in like)
    assert any("北海道" in x for x in like)
    like, differ = compare(case, base.municipalities.get("横浜市"))
    assert any("分の1" in x for x in differ)


def test_words_alone_rank_the_rarer_word_higher():
    index = LexicalIndex(["窓口の予約", "窓口の混雑と待ち時間", "会議録の作成"])
    scores = index.scores("窓口の混雑")
    assert scores.argmax() == 1
    assert scores[2] == 0
    assert index.matched("窓口の混雑", 1)[0] == "混雑"


def test_search_without_vectors_still_answers(base):
    found = HybridSearch(list(base.cases.values()), None, None)
    assert found.search("罹災証明", 3).hits[0].case.field == "防災"


def test_the_query_set_names_real_cards(base):
    path = Path(__file__).parent.parent / "benchmarks" / "data" / "queries.jsonl"
    for line in path.read_text(encoding="utf-8").splitlines():
        assert set(json.loads(line)["relevant"]) <= set(base.cases)
