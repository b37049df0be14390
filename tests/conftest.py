"""Shared objects. The real index is built once a run, in a temporary folder; nothing touches the user's data."""

import os
import shutil
from pathlib import Path

import pytest

from coach import casebase, retrieval
from coach.hearing import Coach

CHROMIUM = next((p for p in ("chromium", "chromium-browser", "google-chrome") if shutil.which(p)), None)


def pytest_collection_modifyitems(items):
    """Without a browser the journeys are skipped with a visible reason; in CI that is a failure."""
    for item in items:
        if {"search", "coach"} & set(item.fixturenames):
            item.add_marker("slow")
        if "browser" in item.keywords and CHROMIUM is None and not os.environ.get("CI"):
            item.add_marker(pytest.mark.skip(reason="Chromium is not installed (Debian: apt-get install chromium)"))


@pytest.fixture(autouse=True)
def _own_data(tmp_path, monkeypatch):
    monkeypatch.setenv("KIKITORI_DATA", str(tmp_path / "data"))
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "DATABASE_URL", "CHROMA_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def base():
    return casebase.load()


@pytest.fixture(scope="session")
def index_folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("kikitori") / "index"


@pytest.fixture(scope="session")
def search(base, index_folder):
    found = retrieval.build(list(base.cases.values()), index_folder, None, retrieval.UseEncoder)
    assert found.notice == ""
    return found


@pytest.fixture(scope="session")
def coach(base, search):
    return Coach(base, search)


@pytest.fixture(scope="session")
def light(base):
    """A coach that finds cases by words alone: no index, quick."""
    return Coach(base, retrieval.HybridSearch(list(base.cases.values()), None, None))
