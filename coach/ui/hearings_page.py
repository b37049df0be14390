"""記録: open, rename, duplicate for the next visit, archive, delete with a confirmation."""

import streamlit as st

from coach.store import Hearing
from coach.ui import frame


@st.dialog("このヒアリングを削除しますか")
def _confirm(hearing: Hearing) -> None:
    st.markdown(f"「{hearing.title}」と、その{hearing.lines}行のメモを削除します。元には戻せません。")
    yes, no = st.columns(2)
    if yes.button("削除する", type="primary", width="stretch"):
        frame.store().delete(hearing.id)
        st.rerun()
    if no.button("やめる", width="stretch"):
        st.rerun()


def _row(hearing: Hearing) -> None:
    base = frame.base()
    with st.container(border=True):
        about, actions = st.columns([3, 2], vertical_alignment="center")
        process = base.processes.get(hearing.process)
        town = base.municipalities.get(hearing.municipality)
        about.markdown(f"**{hearing.title}**{'　（しまったもの）' if hearing.archived else ''}")
        about.caption(f"{town.full_name}　{process.name if process else hearing.process}　{hearing.lines}行　{frame.ago(hearing.updated)}")
        with actions.container(horizontal=True, horizontal_alignment="right"):
            if st.button("開く", key=f"open-{hearing.id}", type="primary"):
                frame.open_hearing(hearing.id)
                st.switch_page("coach/ui/notes_page.py")
            with st.popover("操作"):
                _operations(hearing)


def _operations(hearing: Hearing) -> None:
    title = st.text_input("名前", hearing.title, key=f"title-{hearing.id}", max_chars=100)
    if st.button("名前を変える", key=f"rename-{hearing.id}", width="stretch") and frame.guarded(lambda: frame.store().update(hearing.id, title=title)):
        st.rerun()
    if st.button("次の訪問用に複製", key=f"copy-{hearing.id}", width="stretch", help="同じ自治体と業務で、メモが空のヒアリングを作ります"):
        frame.open_hearing(frame.store().duplicate(hearing.id, f"{hearing.title}（次回）").id)
        st.switch_page("coach/ui/notes_page.py")
    if st.button("一覧に戻す" if hearing.archived else "しまう", key=f"archive-{hearing.id}", width="stretch"):
        frame.store().update(hearing.id, archived=not hearing.archived)
        st.rerun()
    if st.button("削除…", key=f"delete-{hearing.id}", width="stretch"):
        _confirm(hearing)


def page() -> None:
    """Draw the page."""
    st.title("記録", anchor=False)
    archived = st.toggle("しまったものも表示", key="archived")
    hearings = frame.store().all(archived=archived)
    if not hearings:
        st.info("記録はまだありません。「準備」で自治体と業務を選んで始めてください。", icon=":material/info:")
        st.page_link("coach/ui/prepare_page.py", label="準備へ", icon=":material/map:")
    for hearing in hearings:
        _row(hearing)


page()
