"""準備: choose municipality and process, see comparable cases and the question plan, start the hearing."""

import streamlit as st

from coach.domain import STAGE_NAMES, STAGES, Municipality, Plan, Process
from coach.export import plan_docx, plan_markdown
from coach.ui import frame, parts

MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@st.cache_data(show_spinner=False, max_entries=1)
def _town_labels() -> dict[str, str]:
    return {t.code: f"{t.name}　{t.prefecture if t.name != t.prefecture else ''}　{t.kana} {t.code}" for t in frame.base().municipalities.all}


@st.cache_data(show_spinner=False, max_entries=1)
def _process_labels() -> dict[str, str]:
    processes = sorted(frame.base().processes.values(), key=lambda p: p.field)
    return {p.id: f"{p.name}　【{p.field}】 {'・'.join(p.aliases[:3])}" for p in processes}


@st.cache_data(show_spinner=False, max_entries=64)
def _plan(code: str, process_id: str) -> Plan:
    base = frame.base()
    return frame.coach().plan(base.municipalities.get(code), base.processes[process_id])


def _choose() -> tuple[Municipality, Process] | None:
    towns, processes = _town_labels(), _process_labels()
    left, right = st.columns(2)
    code = left.selectbox("自治体", list(towns), index=None, format_func=towns.__getitem__, placeholder="名前・かな・コードで探す（例: きたみ）", key="town")
    process = right.selectbox("業務", list(processes), index=None, format_func=processes.__getitem__, placeholder="業務の名前で探す（例: 転入）", key="process")
    if not code or not process:
        return None
    return frame.base().municipalities.get(code), frame.base().processes[process]


def _questions(plan: Plan) -> None:
    for stage in STAGES:
        asked = [q for q in plan.questions if q.stage == stage]
        st.subheader(f"{STAGE_NAMES[stage]}（{len(asked)}問）", divider="gray")
        for question in asked:
            number, body = st.columns([1, 14], gap="small")
            number.caption(question.id[1:].lstrip("0"))
            with body:
                parts.question(question, plan.process, with_stage=False)


def _cases(plan: Plan) -> None:
    st.subheader(f"比べる事例（{len(plan.cases)}件）", divider="gray")
    notice = frame.coach().search_service.notice
    if notice:
        st.warning(notice, icon=":material/warning:")
    if not plan.cases:
        st.info("この業務に近い事例は、まだありません。質問は業務の工程から作っています。", icon=":material/info:")
    for found in plan.cases:
        parts.hit(found)


def _actions(plan: Plan) -> None:
    town, process = plan.municipality, plan.process
    start, docx, markdown = st.columns([2, 1, 1])
    if start.button("この計画でヒアリングを始める", type="primary", icon=":material/play_arrow:", width="stretch"):
        hearing = frame.store().start(town.code, process.id, f"{town.name}　{process.name}")
        frame.open_hearing(hearing.id)
        st.switch_page("coach/ui/notes_page.py")
    name = f"質問計画_{town.name}_{process.name}"
    docx.download_button("DOCX", plan_docx(plan), f"{name}.docx", MIME, icon=":material/description:", width="stretch", on_click="ignore")
    markdown.download_button("Markdown", plan_markdown(plan), f"{name}.md", "text/markdown", icon=":material/article:", width="stretch", on_click="ignore")


def page() -> None:
    """Draw the page."""
    st.title("準備")
    chosen = _choose()
    if chosen is None:
        st.info("自治体と業務を選ぶと、よその事例と、現在→過去→未来の質問計画が出ます。", icon=":material/info:")
        st.caption("1,788の自治体と84の業務から選べます。鍵もネットワークも要りません。入力した内容は、このパソコンの外に出ません。")
        return
    town, process = chosen
    plan = _plan(town.code, process.id)
    _actions(plan)
    st.caption(plan.readiness)
    left, right = st.columns([3, 2], gap="large")
    with left:
        _questions(plan)
    with right:
        _cases(plan)


page()
