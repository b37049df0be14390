"""A walk in real Chromium: 準備 → 本番メモ → 整理 → 書き出し, and the XLSX that was downloaded."""

import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import openpyxl
import pytest

from tests.conftest import CHROMIUM

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parent.parent
LINES = (
    "転入届は1日40件、3月末は120件くらい来ます",
    "委任状の不備が月に20件あって、もう一度来てもらっています",
    "自分: その確認は1件何分くらいですか",
    "確認は1件15分かかっています",
    "忙しいので、とにかく楽になればいいんですけどね",
)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@pytest.fixture
def server(tmp_path, index_folder, search):
    data = tmp_path / "served"
    shutil.copytree(index_folder, data / "index")
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true", "--server.port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "KIKITORI_DATA": str(data)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(150):
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.2)
    yield f"http://localhost:{port}"
    process.terminate()
    process.wait(10)


@pytest.fixture
def page(server):
    assert CHROMIUM, "Chromium is missing (Debian: apt-get install chromium)"
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which(CHROMIUM), args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
        )
        context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="ja-JP", accept_downloads=True)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto(server)
        yield page
        browser.close()


def choose(page, nth, text):
    box = page.locator("[data-testid=stSelectbox] input").nth(nth)
    box.click()
    box.fill(text)
    page.get_by_role("option").first.wait_for()
    box.press("Enter")


def start(page):
    page.get_by_text("自治体と業務を選ぶと").wait_for()
    choose(page, 0, "きたみし")
    choose(page, 1, "転入届")
    page.get_by_role("button", name="この計画でヒアリングを始める").click()
    page.get_by_placeholder("聞いた言葉を入力").wait_for()


def type_line(page, line):
    entry = page.get_by_placeholder("聞いた言葉を入力")
    entry.fill(line)
    entry.press("Enter")
    page.locator(".kline", has_text=line.removeprefix("自分: ")).wait_for()


def test_from_preparing_to_the_downloaded_list(page, tmp_path):
    start(page)
    first = page.locator(".kq").first.inner_text()
    for line in LINES:
        type_line(page, line)
    page.wait_for_function("first => document.querySelector('.kq').innerText !== first", arg=first)
    page.reload()
    page.locator(".kline", has_text=LINES[-1]).wait_for()
    assert page.locator(".kline").count() == len(LINES)
    page.get_by_role("link", name="整理").first.click()
    page.locator(".kquote", has_text="委任状の不備が月に20件").first.wait_for(state="attached")
    page.get_by_role("link", name="書き出し").first.click()
    page.get_by_text("中身の確認").wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="ダウンロード").first.click()
    path = tmp_path / "list.xlsx"
    download.value.save_as(path)
    book = openpyxl.load_workbook(path)
    assert book["課題一覧"]["A3"].value == 1
    quotes = [row[3] for row in book["引用"].iter_rows(min_row=3, values_only=True) if row[3]]
    assert any(quote in LINES[1] for quote in quotes)


def test_two_windows_on_one_hearing_both_keep_their_lines(page):
    start(page)
    type_line(page, LINES[0])
    other = page.context.new_page()
    other.set_default_timeout(60_000)
    other.goto(page.url)
    other.locator(".kline", has_text=LINES[0]).wait_for()
    type_line(other, LINES[1])
    type_line(page, LINES[3])
    assert page.locator(".kline").count() == 3
