"""From a stored hearing, or notes in a file, to the document that is handed over."""

from collections.abc import Sequence

from coach.domain import Municipality, Note, Process
from coach.errors import BadInput
from coach.export.document import Document, build
from coach.hearing import Coach, Decisions
from coach.store import Hearing, Store


def find(store: Store, text: str) -> Hearing:
    """The hearing meant by an id, its beginning, or a title. Raises ``BadInput``."""
    hearings = store.all(archived=True)
    found = [h for h in hearings if h.id.startswith(text)] or [h for h in hearings if h.title == text]
    if len(found) == 1:
        return found[0]
    names = "、".join(f"{h.title}（{h.id[:8]}）" for h in (found or hearings)[:8])
    raise BadInput(f"ヒアリング {text!r} が{'複数あります' if found else '見つかりません'}。{f'候補: {names}' if names else 'まだ一つも記録されていません'}")


def of_hearing(coach: Coach, store: Store, text: str) -> Document:
    """The document of a stored hearing, with what people decided."""
    hearing = find(store, text)
    town = coach.base.municipalities.get(hearing.municipality)
    return of_notes(coach, hearing.title, store.notes(hearing.id), town, coach.base.processes.get(hearing.process), decisions_of(hearing))


def decisions_of(hearing: Hearing) -> Decisions:
    """What people decided about a hearing's issues."""
    return Decisions(titles=hearing.decisions.get("titles", {}), order=tuple(hearing.decisions.get("order", ())))


def of_notes(coach: Coach, title: str, notes: Sequence[Note], town: Municipality | None, process: Process | None, decisions: Decisions | None = None) -> Document:
    """The document of some notes."""
    found = coach.issues(notes, process, decisions)
    questions = coach.writer.next(town, process, coach.board(process, notes)) if town and process else []
    hits = coach.writer.cases(town, process)[:5] if town and process else []
    return build(title, town, process, notes, found, questions, hits)
