import os
import random
import signal
import subprocess
import sys
import threading
import time

import pytest

from coach.errors import BadInput, StoreError
from coach.store import Store, connect


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data"


def open_store(folder):
    return Store(connect(f"sqlite:///{folder / 'kikitori.db'}", folder))


@pytest.fixture
def store(folder):
    return open_store(folder)


@pytest.fixture
def hearing(store):
    return store.start("012084", "juki-tennyu", "北見市 転入届")


def test_lines_are_numbered_and_read_back(store, hearing):
    store.add(hearing.id, "staff", "月に10件です")
    store.add(hearing.id, "rep", "何人ですか")
    assert [(n.n, n.speaker, n.text) for n in store.notes(hearing.id)] == [(1, "staff", "月に10件です"), (2, "rep", "何人ですか")]


def test_the_same_line_delivered_twice_is_stored_once(store, hearing):
    first = store.add(hearing.id, "staff", "月に10件です", key="k1")
    assert store.add(hearing.id, "staff", "月に10件です", key="k1") == first
    assert len(store.notes(hearing.id)) == 1


def test_two_windows_write_at_once(folder, hearing):
    def type_lines(name):
        own = open_store(folder)
        for i in range(25):
            own.add(hearing.id, "staff", f"{name}{i}")

    threads = [threading.Thread(target=type_lines, args=(name,)) for name in "甲乙丙"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    notes = open_store(folder).notes(hearing.id)
    assert [n.n for n in notes] == list(range(1, 76))
    assert [n.text for n in notes if n.text.startswith("甲")] == [f"甲{i}" for i in range(25)]


def test_sqlite_is_durable(store):
    with store._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def test_rename_duplicate_archive_delete(store, hearing):
    store.add(hearing.id, "staff", "行")
    store.update(hearing.id, title="新しい名前", decisions={"order": ["L1"]})
    assert (store.get(hearing.id).title, store.get(hearing.id).decisions) == ("新しい名前", {"order": ["L1"]})
    copy = store.duplicate(hearing.id, "次回")
    assert (copy.process, store.notes(copy.id)) == ("juki-tennyu", [])
    store.update(hearing.id, archived=True)
    assert [h.id for h in store.all()] == [copy.id]
    store.delete(hearing.id)
    assert [h.id for h in store.all(archived=True)] == [copy.id]
    with pytest.raises(BadInput, match="削除"):
        store.add(hearing.id, "staff", "遅れた行")


@pytest.mark.parametrize("text", ["", "  ", "\x00", "\n"])
def test_an_empty_line_is_refused(store, hearing, text):
    with pytest.raises(BadInput):
        store.add(hearing.id, "staff", text)


def test_odd_characters_are_stored(store, hearing):
    store.add(hearing.id, "staff", "半\ud800分の𠮷野家\x07😀")
    assert store.notes(hearing.id)[0].text == "半分の𠮷野家😀"


def test_a_line_can_be_corrected(store, hearing):
    store.add(hearing.id, "staff", "月に1件")
    store.correct(hearing.id, 1, "月に10件", "rep")
    assert (store.notes(hearing.id)[0].text, store.notes(hearing.id)[0].speaker) == ("月に10件", "rep")
    with pytest.raises(BadInput):
        store.correct(hearing.id, 9, "x", "staff")


def test_a_corrupt_database_is_set_aside_not_overwritten(folder):
    folder.mkdir()
    (folder / "kikitori.db").write_bytes(b"this is no database" * 500)
    assert open_store(folder).all() == []
    aside = list(folder.glob("kikitori.db.broken-*"))
    assert len(aside) == 1
    assert aside[0].read_bytes().startswith(b"this is no database")


def test_a_folder_that_cannot_be_made_is_explained(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="KIKITORI_DATA"):
        open_store(tmp_path / "file" / "data")


def test_a_locked_database_is_explained_and_nothing_is_lost(folder, store, hearing, monkeypatch):
    import sqlite3

    monkeypatch.setattr("coach.store.BUSY_TIMEOUT", 0.05)
    waiting = open_store(folder)
    other = sqlite3.connect(folder / "kikitori.db", timeout=1)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreError, match="使っています"):
        waiting.add(hearing.id, "staff", "待つ行")
    other.rollback()
    other.close()
    waiting.add(hearing.id, "staff", "入った行")
    assert [n.text for n in waiting.notes(hearing.id)] == ["入った行"]


WRITER = """
import sys
from pathlib import Path
from coach.store import Store, connect
folder, hearing = Path(sys.argv[1]), sys.argv[2]
store = Store(connect(f"sqlite:///{folder / 'kikitori.db'}", folder))
for i in range(100000):
    note = store.add(hearing, "staff", f"行{i}")
    print(note.n, flush=True)
"""


@pytest.mark.parametrize("seed", range(4))
def test_no_acknowledged_line_is_lost_when_killed(folder, store, hearing, seed):
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(folder), hearing.id], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(random.Random(seed).uniform(0.02, 0.4))
    os.kill(process.pid, signal.SIGKILL)
    rest = process.stdout.read().split()
    process.wait()
    notes = open_store(folder).notes(hearing.id)
    acknowledged = int(rest[-1]) if rest else 1
    assert len(notes) >= acknowledged
    assert [n.n for n in notes] == list(range(1, len(notes) + 1))
