"""Pages with AppTest: what is drawn for what was stored."""

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

APP = str(Path(__file__).parent.parent / "app.py")


@pytest.fixture
def app(index_folder, search, tmp_path):
    import streamlit as st

    st.cache_resource.clear()
    st.cache_data.clear()
    shutil.copytree(index_folder, tmp_path / "data" / "index")
    yield AppTest.from_file(APP, default_timeout=60)
    st.cache_resource.clear()


@pytest.fixture
def store():
    from coach.wiring import Services

    return Services().store


@pytest.fixture
def hearing(store):
    made = store.start("012084", "juki-tennyu", "北見市　転入届")
    for text in ("転入届は1日40件です", "届書の書き間違いが月に20件あって差し戻しています", "忙しいから楽にしたい"):
        store.add(made.id, "staff", text)
    return made


def text_of(app):
    parts = [e.value for kind in ("title", "markdown", "caption", "info", "warning", "error", "subheader") for e in getattr(app, kind)]
    return "\n".join(str(p) for p in parts) + "\n".join(str(h.proto.body) for h in app.get("html"))


def go(app, page, hearing=None):
    if hearing:
        app.query_params["h"] = hearing.id
    return app.switch_page(f"coach/ui/{page}_page.py").run()


def test_the_first_page_says_what_to_do(app):
    app.run()
    assert not app.exception
    assert "自治体と業務を選ぶと" in text_of(app)


def test_a_plan_is_drawn_and_a_hearing_started(app, store):
    app.run()
    app.selectbox(key="town").select("012084")
    app.selectbox(key="process").select("juki-tennyu").run()
    assert not app.exception
    shown = text_of(app)
    assert "現在（" in shown
    assert "比べる事例（" in shown
    next(b for b in app.button if "始める" in b.label).click().run()
    assert [h.process for h in store.all()] == ["juki-tennyu"]


@pytest.mark.parametrize("page", ["notes", "sort", "export", "hearings"])
def test_empty_states_say_what_to_do(app, page):
    app.run()
    go(app, page)
    assert not app.exception
    assert "準備" in text_of(app)


def test_notes_show_lines_the_next_question_and_take_a_line(app, hearing, store):
    app.run()
    go(app, "notes", hearing)
    assert "差し戻しています" in text_of(app)
    before = text_of(app)
    app.chat_input[0].set_value("外字の入力は主査しか分からない").run()
    assert [n.text for n in store.notes(hearing.id)][-1] == "外字の入力は主査しか分からない"
    assert text_of(app) != before
    app.chat_input[0].set_value("自分: 何人で見ていますか").run()
    assert store.notes(hearing.id)[-1].speaker == "rep"


def test_markup_in_a_line_is_shown_as_text(app, hearing, store):
    store.add(hearing.id, "staff", "<img src=x onerror=alert(1)> の不備 **太字** $x$")
    app.run()
    for page in ("notes", "sort"):
        go(app, page, hearing)
        assert not app.exception
        assert "<img" not in "".join(str(h.proto.body) for h in app.get("html"))


def test_sort_shows_issues_with_their_lines(app, hearing):
    app.run()
    go(app, "sort", hearing)
    assert not app.exception
    shown = text_of(app)
    assert "書き間違いが月に20件" in shown
    assert "2行目" in shown


def test_export_offers_five_forms(app, hearing):
    app.run()
    go(app, "export", hearing)
    assert not app.exception
    assert len(app.get("download_button")) == 5


def test_a_deleted_hearing_is_told_and_nothing_breaks(app, hearing, store):
    app.run()
    store.delete(hearing.id)
    go(app, "notes", hearing)
    assert not app.exception
    assert "見つかりません" in text_of(app)


def test_a_store_that_cannot_be_used_is_explained(app, monkeypatch, tmp_path):
    (tmp_path / "blocked").write_text("x")
    monkeypatch.setenv("KIKITORI_DATA", str(tmp_path / "blocked" / "data"))
    app.run()
    go(app, "hearings")
    assert not app.exception
    assert any("KIKITORI_DATA" in e.value for e in app.error)
