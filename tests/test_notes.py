import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.errors import NotesError
from coach.notes import parse


@pytest.mark.parametrize(
    ("line", "speaker", "text"),
    [
        ("職員: 月に10件です", "staff", "月に10件です"),
        ("営業：何件ですか", "rep", "何件ですか"),
        ("Q: 何件ですか", "rep", "何件ですか"),
        ("Ａ：10件です", "staff", "10件です"),
        ("自分: 何件ですか", "rep", "何件ですか"),
        ("印の付かない行", "staff", "印の付かない行"),
        ("QRコードで受付しています", "staff", "QRコードで受付しています"),
    ],
)
def test_speaker_marks(line, speaker, text):
    (note,) = parse(line)
    assert (note.n, note.speaker, note.text) == (1, speaker, text)


def test_crlf_control_characters_and_blank_lines():
    assert [n.text for n in parse("一\r\n\r\n二\x00\ud800\r三")] == ["一", "二", "三"]


def test_jsonl_keeps_its_numbers():
    (note,) = parse('{"n": 7, "speaker": "rep", "text": "何件ですか"}')
    assert (note.n, note.speaker) == (7, "rep")


@pytest.mark.parametrize("text", ['{"n": 1}', '{"text": "a"', '{"n": 1, "text": "a"}\n{"n": 1, "text": "b"}', '{"n": 0, "text": "a"}', '{"speaker": "x", "text": "a"}'])
def test_broken_jsonl_names_the_line(text):
    with pytest.raises(NotesError, match="行目"):
        parse(text)


def test_far_too_long_notes_are_refused_with_a_remedy():
    with pytest.raises(NotesError, match="分けて"):
        parse("あ" * 5_000_001)


def test_a_megabyte_is_read():
    assert len(parse("審査は1件15分です\n" * 60_000)) == 60_000


@given(st.text(max_size=200).filter(lambda t: not t.lstrip().startswith("{")))
def test_plain_text_never_fails_and_numbers_run(text):
    assert [n.n for n in parse(text)] == list(range(1, len(parse(text)) + 1))
