import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.japanese import amounts, clean, fold, number, sentences, words


@pytest.mark.parametrize(
    ("text", "value"),
    [("1,200", 1200), ("３０", 30), ("二十", 20), ("1万2千", 12000), ("3.5", 3.5), ("百五十", 150), ("1億2,000万", 120_000_000), ("一〇三", 103)],
)
def test_number(text, value):
    assert number(text) == value


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1日に３０件くらい、処理に二十分", [("1日", 1, "日"), ("３０件", 30, "件"), ("二十分", 20, "分")]),
        ("２時間半かかる", [("２時間半", 2.5, "時間")]),
        ("三割は戻ってくる", [("三割", 3, "割")]),
        ("令和5年4月1日付で、2019年度から", []),
        ("15分かかる", [("15分", 15, "分")]),
        ("3分の1は紙", []),
        ("5名で月に1万2千通", [("5名", 5, "人"), ("1万2千通", 12000, "通")]),
        ("一番大変", []),
        ("第2回の係長会議", []),
    ],
)
def test_amounts(text, found):
    assert [(a.text, a.value, a.unit) for a in amounts(text)] == found


@given(st.text(max_size=80))
def test_amounts_are_spans_of_the_text(text):
    for amount in amounts(text):
        assert text[amount.start : amount.end] == amount.text


@given(st.text(max_size=80))
def test_folding_keeps_offsets(text):
    folded = fold(text)
    assert len(folded.origin) == len(folded.text) + 1
    assert list(folded.origin) == sorted(folded.origin)
    assert folded.origin[-1] == len(text)


@given(st.text(alphabet="あ。！？ab\n「」、", max_size=60))
def test_sentences_cover_everything_but_space(text):
    spans = sentences(text)
    kept = "".join(text[a:b] for a, b in spans)
    assert kept.replace("\n", "").replace(" ", "") == "".join(text.split())


def test_cleaning_drops_what_cannot_be_stored():
    assert clean("届\x00書\ud800\u202eの\r\n審査") == "届書の\n審査"


def test_words_are_cut_not_refused_when_far_too_long():
    assert words("審査" * 50_000)
