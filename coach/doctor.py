"""Examine an installation: engine, store, index, what is missing and how to get it."""

import shutil
from typing import Any

from coach.domain import Noun
from coach.errors import CoachError
from coach.store import writable


class Finding(Noun):
    """One thing looked at."""

    name: str
    ok: bool
    state: str
    remedy: str = ""


def examine(services: Any) -> list[Finding]:
    """All findings; never raises for a fault of the installation."""
    settings = services.settings
    return [_casebase(services), _folder(settings.kikitori_data), _store(services), _index(services), _engine(settings), _browser()]


def _casebase(services: Any) -> Finding:
    try:
        base = services.base
    except CoachError as error:
        return Finding(name="事例と業務", ok=False, state=str(error).split("\n")[0], remedy="`kikitori cases check` で場所を確かめて直してください")
    return Finding(name="事例と業務", ok=True, state=f"事例 {len(base.cases)} 件、業務 {len(base.processes)}、自治体 {len(base.municipalities.all)}")


def _folder(folder: Any) -> Finding:
    free = shutil.disk_usage(next(p for p in (folder, *folder.parents) if p.exists())).free / 1e9
    ok = writable(folder) and free > 0.2
    return Finding(name="データの保存先", ok=ok, state=f"{folder}（空き {free:.1f}GB）", remedy="書き込める場所を KIKITORI_DATA に指定するか、空きを作ってください")


def _store(services: Any) -> Finding:
    try:
        count = len(services.store.all(archived=True))
    except CoachError as error:
        return Finding(name="ヒアリングの記録", ok=False, state=str(error), remedy="保存先の権限と DATABASE_URL を確かめてください")
    kind = services.settings.database.split(":")[0]
    return Finding(name="ヒアリングの記録", ok=True, state=f"{count} 件（{kind}）")


def _index(services: Any) -> Finding:
    search = services.search()
    where = services.settings.chroma_url or "組み込み"
    return Finding(
        name="事例の索引", ok=not search.notice, state=search.notice or f"{len(search.cases)} 件（Chroma: {where}）",
        remedy="データの保存先の index フォルダを消すと作り直します。CHROMA_URL を使う場合はサーバーを確かめてください",
    )  # fmt: skip


def _engine(settings: Any) -> Finding:
    if not settings.has_model:
        return Finding(name="文面のエンジン", ok=True, state="組み込み（鍵もネットワークも使いません）")
    return Finding(name="文面のエンジン", ok=True, state=f"{settings.kikitori_model}（{settings.openai_base_url or '既定の接続先'}）。確かめた文面だけを使います")


def _browser() -> Finding:
    return Finding(name="ブラウザ", ok=True, state="Chrome・Edge・Safari・Firefox の最近の版で開けます（`uv run streamlit run app.py`）")
