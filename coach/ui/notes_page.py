"""本番メモ: type what is said line by line; see what is still open and the next question."""

from html import escape

import streamlit as st

from coach.domain import Municipality, Note, Process, Question
from coach.errors import CoachError
from coach.notes import parse
from coach.sequence import Board
from coach.store import Hearing
from coach.ui import frame, parts, pictures


def _lines(notes: list[Note]) -> None:
    box = st.container(height=430, border=True, autoscroll=True)
    if not notes:
        box.caption("ここに、聞いた言葉をそのまま1行ずつ残します。行頭に「自分:」と付けると、自分の質問として記録します。")
        return
    rows = [f'<div class="kline {n.speaker}"><span class="n">{n.n}</span><span class="t">{escape(n.text)}</span></div>' for n in notes]
    box.html("".join(rows))


def _entry(hearing: Hearing) -> None:
    text = st.chat_input("聞いた言葉を入力して Enter", key="line", max_chars=5_000)
    if not text:
        return
    try:
        for note in parse(text) or []:
            frame.store().add(hearing.id, note.speaker, note.text)
    except CoachError as error:
        frame.state().undo_text = text
        st.error(str(error), icon=":material/error:")


def _rescued() -> None:
    """A line that could not be stored stays on the screen."""
    text = frame.state().undo_text
    if text:
        st.warning("保存できなかった行が残っています。コピーして、もう一度入力してください。", icon=":material/save:")
        st.code(text, language=None, wrap_lines=True)
        if st.button("入力し直したので消す"):
            frame.state().undo_text = ""
            st.rerun(scope="fragment")


def _next(hearing: Hearing, process: Process, questions: list[Question]) -> None:
    st.subheader("次の質問")
    if not questions:
        st.success("この業務で聞けることは、ひととおり聞けました。「整理」で課題を確かめてください。", icon=":material/check_circle:")
        return
    first, *others = questions
    with st.container(border=True):
        parts.question(first, process)
        if st.button("この質問をした", key=f"asked-{len(questions)}-{first.id}", icon=":material/check:", help="自分の質問としてメモに残します"):
            frame.store().add(hearing.id, "rep", first.text)
            st.rerun(scope="fragment")
        if first.basis.case:
            with st.expander("「それはどこの話?」と聞かれたら"):
                parts.whereabouts(frame.base().cases[first.basis.case])
    if others:
        with st.expander("ほかの聞き方"):
            for question in others:
                parts.question(question, process)


def _corrections(hearing: Hearing, notes: list[Note]) -> None:
    with st.expander("行を直す"):
        if not notes:
            st.caption("まだ行がありません。")
            return
        n = st.selectbox("行", [note.n for note in reversed(notes)], format_func=lambda n: f"{n}行目", key="fix-n")
        note = next((x for x in notes if x.n == n), notes[-1])
        with st.form(f"fix-{note.n}", border=False):
            text = st.text_area("言葉", note.text, key=f"fix-text-{note.n}")
            rep = st.checkbox("自分の質問", note.speaker == "rep", key=f"fix-rep-{note.n}")
            if st.form_submit_button("直す") and frame.guarded(lambda: frame.store().correct(hearing.id, note.n, text, "rep" if rep else "staff")):
                st.rerun(scope="fragment")


@st.fragment
def _hearing(hearing: Hearing, town: Municipality, process: Process) -> None:
    left, right = st.columns([1, 1], gap="large")
    with left:
        shown = st.container()
        _entry(hearing)
        _rescued()
        notes = frame.store().notes(hearing.id)
        with shown:
            _lines(notes)
        _corrections(hearing, notes)
    board: Board = frame.coach().board(process, notes)
    with right:
        _next(hearing, process, frame.coach().next(town, process, board))
        st.subheader("聞けたこと")
        st.altair_chart(pictures.coverage(board), width="stretch", key="coverage")


def page() -> None:
    """Draw the page."""
    found = frame.current()
    if not found:
        return
    hearing, town, process = found
    st.title(hearing.title, anchor=False)
    st.caption(f"{town.full_name}　{process.department}　{process.name}")
    frame.coach()
    _hearing(hearing, town, process)


page()
