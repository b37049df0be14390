"""Kikitori in the browser: page config, services once, navigation. Run with ``uv run streamlit run app.py``."""

import streamlit as st

from coach.ui.frame import draw

st.set_page_config(page_title="聞き取り", page_icon=":material/record_voice_over:", layout="wide")
draw(
    st.navigation(
        [
            st.Page("coach/ui/prepare_page.py", title="準備", icon=":material/map:", default=True),
            st.Page("coach/ui/notes_page.py", title="本番メモ", icon=":material/edit_note:", url_path="notes"),
            st.Page("coach/ui/sort_page.py", title="整理", icon=":material/format_list_numbered:", url_path="sort"),
            st.Page("coach/ui/export_page.py", title="書き出し", icon=":material/download:", url_path="export"),
            st.Page("coach/ui/hearings_page.py", title="記録", icon=":material/folder_open:", url_path="hearings"),
        ],
        position="top",
    )
)
