"""Around every page: services, the one state object, errors in Japanese, print style."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from coach.casebase import Casebase
from coach.domain import Municipality, Process
from coach.errors import CoachError
from coach.hearing import Coach
from coach.store import Hearing, Store
from coach.wiring import Services

KEY = "kikitori"
logger = logging.getLogger(__name__)
STYLE = """
<style>
.block-container {padding-top: 3.6rem; padding-bottom: 3rem; max-width: 1440px;}
.kq {font-size: 1.12rem; line-height: 1.75; font-weight: 600; margin: 0 0 .35rem;}
.kq .lead {font-weight: 400; font-size: .95rem; opacity: .85; display: block; margin-bottom: .25rem;}
.kmeta {font-size: .85rem; opacity: .78; line-height: 1.6; margin: 0;}
.kline {padding: .32rem .2rem; line-height: 1.65; border-bottom: 1px solid rgba(128,128,128,.18); display: flex; gap: .6rem; overflow-wrap: anywhere;}
.kline .n {opacity: .55; font-size: .8rem; min-width: 1.8rem; text-align: right; padding-top: .12rem; font-variant-numeric: tabular-nums;}
.kline.rep {opacity: .72;} .kline.rep .t::before {content: "自分　"; font-size: .75rem; opacity: .8;}
.kquote {border-left: 3px solid rgba(23,98,122,.55); padding: .1rem 0 .1rem .8rem; margin: .3rem 0; line-height: 1.7; overflow-wrap: anywhere;}
.kquote small {opacity: .65;}
@media print {
  header, [data-testid="stToolbar"], [data-testid="stHeader"], .stButton, .stDownloadButton, [data-testid="stChatInput"] {display: none !important;}
  .block-container {padding: 0; max-width: none;}
}
</style>
"""


@dataclass
class State:
    """Everything the pages remember of a session; what must not be lost is in the store."""

    hearing: str = ""
    undo_text: str = ""


@dataclass
class Running:
    """Services of the process, shared by all sessions; the coach is built once, under a lock."""

    services: Services
    lock: threading.Lock
    coach: Coach | None = None


@st.cache_resource(show_spinner=False)
def running() -> Running:
    """Made once a process."""
    return Running(Services(), threading.Lock())


def state() -> State:
    """The session's state."""
    if KEY not in st.session_state:
        st.session_state[KEY] = State(hearing=st.query_params.get("h", ""))
    return st.session_state[KEY]


def base() -> Casebase:
    """The casebase."""
    return running().services.base


def store() -> Store:
    """The store of hearings."""
    return running().services.store


def coach() -> Coach:
    """The coach; the first call in a process shows a progress bar while the index is made."""
    shared = running()
    if shared.coach is not None:
        return shared.coach
    place = st.empty()
    bar = place.progress(0.0, text="事例の索引を準備しています（初回だけ20秒ほどかかります）")
    with shared.lock:
        if shared.coach is None:
            shared.coach = shared.services.coach(lambda done, total: bar.progress(done / total, text=f"事例の索引を準備しています　{done} / {total}"))
    place.empty()
    return shared.coach


def draw(page: StreamlitPage) -> None:
    """Run a page; a mistake or a fault is told in Japanese, never as a traceback."""
    st.html(STYLE)
    try:
        page.run()
    except CoachError as error:
        st.error(str(error), icon=":material/error:")
    except Exception as error:
        if type(error).__module__.startswith("streamlit."):
            raise
        logger.exception("page failed")
        st.error("画面の表示に失敗しました。記録した行は保存されています。ページを読み込み直してください。", icon=":material/error:")
        st.caption(f"直らないときは `kikitori doctor` の結果を添えてお知らせください（{type(error).__name__}）")


def current() -> tuple[Hearing, Municipality, Process] | None:
    """The hearing in hand with its municipality and process; says what to do when there is none."""
    hearing_id = state().hearing
    hearings = {h.id: h for h in store().all(archived=True)}
    if hearing_id in hearings:
        hearing = hearings[hearing_id]
        st.query_params["h"] = hearing_id
        return hearing, base().municipalities.get(hearing.municipality), base().processes[hearing.process]
    if hearing_id:
        st.warning("このヒアリングは見つかりません。削除されたか、別の保存先に記録されています。", icon=":material/help:")
    _offer(list(hearings.values()))
    return None


def _offer(hearings: list[Hearing]) -> None:
    recent = [h for h in hearings if not h.archived][:1]
    if recent:
        last = recent[0]
        st.info(f"前回のヒアリング「{last.title}」（{ago(last.updated)}、{last.lines}行）があります。", icon=":material/history:")
        if st.button("このヒアリングを開く", type="primary"):
            open_hearing(last.id)
            st.rerun()
    else:
        st.info("まだヒアリングがありません。「準備」で自治体と業務を選び、「この計画でヒアリングを始める」を押してください。", icon=":material/info:")
    st.page_link("coach/ui/prepare_page.py", label="準備へ", icon=":material/map:")


def open_hearing(hearing_id: str) -> None:
    """Take a hearing in hand; the address keeps it over a reload."""
    state().hearing = hearing_id
    st.query_params["h"] = hearing_id


def ago(stamp: str) -> str:
    """How long ago, as one says it."""
    minutes = int((datetime.now(UTC) - datetime.fromisoformat(stamp)).total_seconds() // 60)
    for size, unit in ((60 * 24, "日前"), (60, "時間前"), (1, "分前")):
        if minutes >= size:
            return f"{minutes // size}{unit}"
    return "たった今"


def guarded(act: Callable[[], object]) -> bool:
    """Do an act of a button; an error is shown and the page stays. True when it went well."""
    try:
        act()
    except CoachError as error:
        st.error(str(error), icon=":material/error:")
        return False
    return True
