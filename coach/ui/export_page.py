"""書き出し: the prioritized issue list in five forms."""

import streamlit as st

from coach.export import render
from coach.handover import of_hearing
from coach.ui import frame

FORMS = {
    "xlsx": ("Excel（XLSX）", "課題・引用・未確認・方法の4枚。絞り込みと印刷の設定済み", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ":material/table:"),
    "docx": ("Word（DOCX）", "係長にそのまま渡せる文書", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ":material/description:"),
    "csv": ("CSV", "Excelで開ける UTF-8（BOM付き）", "text/csv", ":material/csv:"),
    "md": ("Markdown", "メールや社内Wikiに貼れる文章", "text/markdown", ":material/article:"),
    "json": ("JSON", "ほかのシステムに渡すデータ", "application/json", ":material/data_object:"),
}


def page() -> None:
    """Draw the page."""
    current = frame.current()
    if not current:
        return
    hearing, town, _ = current
    st.title("書き出し", anchor=False)
    document = of_hearing(frame.coach(), frame.store(), hearing.id)
    st.caption(f"{hearing.title}　課題 {len(document.rows)}件")
    if not document.rows:
        st.info("課題がまだありません。いま書き出すと、見出しだけの文書になります。", icon=":material/info:")
    for column, (form, (label, note, mime, icon)) in zip(st.columns(5), FORMS.items(), strict=True):
        with column.container(border=True, height="stretch"):
            st.markdown(f"**{label}**")
            st.caption(note)
            name = f"課題一覧_{town.name}_{document.date}.{form}"
            st.download_button("ダウンロード", render(document, form), name, mime, icon=icon, key=form, on_click="ignore", width="stretch")
    st.caption("電話番号・メールアドレス・個人番号は＊で伏せています。")
    st.subheader("中身の確認")
    with st.container(border=True):
        st.markdown(render(document, "md").decode())


page()
