"""Pieces that more than one page draws. All text from notes, cards and models is escaped."""

from html import escape

import streamlit as st

from coach.domain import ASPECT_NAMES, OUTCOME_NAMES, STAGE_NAMES, Case, Hit, Process, Question

OUTCOME_COLORS = {"success": "green", "partial": "blue", "ongoing": "gray", "stalled": "orange", "failed": "red"}


def question(asked: Question, process: Process, with_stage: bool = True) -> None:
    """A question to read aloud: the lead-in smaller, what is asked larger."""
    lead, _, ask = asked.text.rpartition("。") if asked.basis.case else ("", "", asked.text)
    head = f'<span class="lead">{escape(lead)}。</span>' if lead else ""
    where = f"{process.step(asked.step).name}・{ASPECT_NAMES[asked.aspect]}"
    if with_stage:
        where = f"{STAGE_NAMES[asked.stage]}・{where}"
    st.html(f'<p class="kq">{head}{escape(ask)}</p><p class="kmeta">{escape(where)}<br>聞き取ること: {escape(asked.listen_for)}</p>')


def whereabouts(case: Case) -> None:
    """「それはどこの話?」: whose case, when, how it went, where it can be read."""
    when = f"（{case.period}）" if case.period else ""
    st.markdown(f"**{plain(case.prefecture)}{plain(case.municipality)}** {plain(when)}　{plain(case.title)}")
    for source in case.sources[:2]:
        st.markdown(f"出典: [{plain(source.title)}]({source.url.replace(')', '%29')})（{plain(source.publisher)}）")


def hit(found: Hit) -> None:
    """A comparable case: outcome, what is alike, what differs, source; the card on demand."""
    case = found.case
    with st.container(border=True):
        st.markdown(f"**{plain(case.prefecture)} {plain(case.municipality)}**　:{OUTCOME_COLORS[case.outcome]}-badge[{OUTCOME_NAMES[case.outcome]}]")
        st.markdown(plain(case.title))
        alike = "、".join(found.likeness) or "なし（分野と業務が近い事例です）"
        differ = "、".join(found.difference) or "大きな違いなし"
        st.html(f'<p class="kmeta">似ている点: {escape(alike)}<br>違う点: {escape(differ)}</p>')
        with st.expander("事例を読む"):
            for heading, text in case.sections.items():
                st.markdown(f"**{heading}**  \n{plain(text)}")
            for source in case.sources:
                st.markdown(f"出典: [{plain(source.title)}]({source.url.replace(')', '%29')})（{plain(source.publisher)}）")


def plain(text: str) -> str:
    """Text that Streamlit's Markdown shows as it is."""
    for mark in "\\`*_{}[]<>#$~|:":
        text = text.replace(mark, f"\\{mark}")
    return text


def quote_html(text: str, line: int) -> str:
    """A verbatim quote with its line."""
    return f'<div class="kquote">「{escape(text)}」 <small>{line}行目</small></div>'
