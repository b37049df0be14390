"""Hearings and notes in SQL. A note is on disk (SQLite: WAL, synchronous FULL) before this module returns."""

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

from pydantic import Field
from sqlalchemy import ForeignKey, String, Text, create_engine, event, func, select
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from coach.domain import Note, Noun
from coach.errors import BadInput, StoreError
from coach.japanese import clean

MAX_LINE = 20_000  # characters of one note
BUSY_TIMEOUT = 5.0  # seconds to wait for another writer
_migrating = threading.Lock()


class Base(DeclarativeBase):
    """Root of the tables."""


class HearingRow(Base):
    """One hearing."""

    __tablename__ = "hearing"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    municipality: Mapped[str] = mapped_column(String(6))
    process: Mapped[str] = mapped_column(String(80))
    created: Mapped[str] = mapped_column(String(32))
    updated: Mapped[str] = mapped_column(String(32))
    archived: Mapped[bool] = mapped_column(default=False)
    decisions: Mapped[str] = mapped_column(Text, default="{}")


class NoteRow(Base):
    """One line; ``key`` makes delivering the same line twice harmless."""

    __tablename__ = "note"
    hearing: Mapped[str] = mapped_column(ForeignKey("hearing.id", ondelete="CASCADE"), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    speaker: Mapped[str] = mapped_column(String(8))
    text: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    at: Mapped[str] = mapped_column(String(32))


class Hearing(Noun):
    """ヒアリング: what identifies it, and what people decided about its issues (titles, order)."""

    id: str
    title: str
    municipality: str
    process: str
    created: str
    updated: str
    archived: bool = False
    decisions: dict[str, Any] = Field(default_factory=dict)
    lines: int = 0


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def connect(url: str, folder: Path) -> Engine:
    """An engine with tables up to date. A database that is no database is set aside, never overwritten. Raises ``StoreError``."""
    if url.startswith("sqlite"):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"データの保存先 {str(folder)!r} を作れません（{error.strerror}）。KIKITORI_DATA に書き込めるフォルダを指定してください") from error
    try:
        return _opened(url)
    except SQLAlchemyError as error:
        if "not a database" in str(error) or "malformed" in str(error):
            return _opened_anew(url, error)
        raise _explained(error, url) from error


def _opened(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT} if url.startswith("sqlite") else {}, pool_pre_ping=True)
    if url.startswith("sqlite"):
        event.listen(engine, "connect", _pragmas)
    with _migrating:
        migrate(engine)
    return engine


def _pragmas(connection: Any, _: object) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _opened_anew(url: str, error: SQLAlchemyError) -> Engine:
    path = Path(url.removeprefix("sqlite:///"))
    aside = path.with_name(f"{path.name}.broken-{datetime.now(UTC):%Y%m%d%H%M%S}")
    try:
        path.rename(aside)
        for extra in ("-wal", "-shm"):
            side = path.with_name(path.name + extra)
            if side.exists():
                side.rename(aside.with_name(aside.name + extra))
        return _opened(url)
    except (OSError, SQLAlchemyError) as second:
        raise StoreError(f"データベース {path.name} が壊れていて、退避もできません。フォルダの権限を確かめてください") from (second or error)


def migrate(engine: Engine) -> None:
    """Bring the schema up to date with Alembic (coach/migrations)."""
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    with engine.begin() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        if current == ScriptDirectory.from_config(config).get_current_head():
            return
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _explained(error: Exception, url: str) -> StoreError:
    text = str(error)
    where = url.removeprefix("sqlite:///") if url.startswith("sqlite") else "データベース"
    if "locked" in text:
        return StoreError(f"{where} をほかのプログラムが使っています。少し待って、もう一度操作してください。入力した行は画面に残っています")
    if "readonly" in text or "unable to open" in text or "Permission" in text:
        return StoreError(f"{where} に書き込めません。フォルダの権限を確かめるか、KIKITORI_DATA に書き込める場所を指定してください")
    if "full" in text:
        return StoreError(f"{where} のディスクがいっぱいです。空きを作って、もう一度操作してください。入力した行は画面に残っています")
    return StoreError(f"{where} を読み書きできません（{type(error).__name__}）。`kikitori doctor` で状態を確かめてください")


class Store:
    """Hearings: start, note down, read back, rename, duplicate, archive, delete."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._sessions = sessionmaker(engine, expire_on_commit=False)

    @contextmanager
    def _session(self) -> Iterator[Session]:
        try:
            with self._sessions.begin() as session:
                yield session
        except IntegrityError:
            raise
        except (SQLAlchemyError, OSError) as error:
            raise _explained(error, str(self._engine.url.render_as_string())) from error

    def start(self, municipality: str, process: str, title: str) -> Hearing:
        """A new hearing. Raises ``StoreError``."""
        row = HearingRow(id=uuid4().hex, title=_title(title), municipality=municipality, process=process, created=_now(), updated=_now(), archived=False, decisions="{}")
        with self._session() as session:
            session.add(row)
        return _hearing(row, 0)

    def add(self, hearing: str, speaker: Literal["staff", "rep"], text: str, key: str = "") -> Note:
        """Store a line and return it with its number; the same ``key`` again returns the line already there."""
        text = clean(text).replace("\n", " ").strip()[:MAX_LINE]
        if not text:
            raise BadInput("空の行は記録できません。聞いた言葉を入力してください")
        key = key or uuid4().hex
        for _ in range(20):
            try:
                return self._insert(hearing, speaker, text, key)
            except IntegrityError:
                known = self._by_key(key)
                if known:
                    return known
                if not self._exists(hearing):
                    raise BadInput("このヒアリングは削除されています。「準備」から新しく始めてください") from None
        raise StoreError("同時に書き込みが重なりました。もう一度入力してください")

    def _insert(self, hearing: str, speaker: Literal["staff", "rep"], text: str, key: str) -> Note:
        with self._session() as session:
            n = (session.scalar(select(func.max(NoteRow.n)).where(NoteRow.hearing == hearing)) or 0) + 1
            session.add(NoteRow(hearing=hearing, n=n, speaker=speaker, text=text, key=key, at=_now()))
            row = session.get(HearingRow, hearing)
            if row:
                row.updated = _now()
        return Note(n=n, speaker=speaker, text=text)

    def _by_key(self, key: str) -> Note | None:
        with self._session() as session:
            row = session.scalar(select(NoteRow).where(NoteRow.key == key))
            return _note(row) if row else None

    def _exists(self, hearing: str) -> bool:
        with self._session() as session:
            return session.get(HearingRow, hearing) is not None

    def correct(self, hearing: str, n: int, text: str, speaker: Literal["staff", "rep"]) -> Note:
        """Change a line. Raises ``BadInput`` when it is not there or empty."""
        text = clean(text).replace("\n", " ").strip()[:MAX_LINE]
        with self._session() as session:
            row = session.get(NoteRow, (hearing, n))
            if row is None or not text:
                raise BadInput(f"{n} 行目を直せません。行があるか、空でないかを確かめてください")
            row.text, row.speaker = text, speaker
            return _note(row)

    def notes(self, hearing: str) -> list[Note]:
        """All lines in order."""
        with self._session() as session:
            return [_note(r) for r in session.scalars(select(NoteRow).where(NoteRow.hearing == hearing).order_by(NoteRow.n))]

    def get(self, hearing: str) -> Hearing:
        """One hearing. Raises ``BadInput`` when it is gone."""
        found = [h for h in self.all(archived=True) if h.id == hearing]
        if not found:
            raise BadInput("このヒアリングは削除されています。「準備」から新しく始めてください")
        return found[0]

    def all(self, archived: bool = False) -> list[Hearing]:
        """Hearings, the last touched first; archived ones only when asked for."""
        counts = select(NoteRow.hearing, func.count().label("lines")).group_by(NoteRow.hearing).subquery()
        query = select(HearingRow, counts.c.lines).outerjoin(counts, counts.c.hearing == HearingRow.id).order_by(HearingRow.updated.desc())
        with self._session() as session:
            return [_hearing(row, lines or 0) for row, lines in session.execute(query) if archived or not row.archived]

    def update(self, hearing: str, *, title: str | None = None, archived: bool | None = None, decisions: dict | None = None) -> None:
        """Rename, archive, or keep what people decided about issues."""
        with self._session() as session:
            row = session.get(HearingRow, hearing)
            if row is None:
                raise BadInput("このヒアリングは削除されています。「準備」から新しく始めてください")
            if title is not None:
                row.title = _title(title)
            if archived is not None:
                row.archived = archived
            if decisions is not None:
                row.decisions = json.dumps(decisions, ensure_ascii=False)
            row.updated = _now()

    def duplicate(self, hearing: str, title: str) -> Hearing:
        """A new, empty hearing of the same municipality and process, for the next visit."""
        old = self.get(hearing)
        return self.start(old.municipality, old.process, title)

    def delete(self, hearing: str) -> None:
        """Remove a hearing and its lines for good."""
        with self._session() as session:
            for note in session.scalars(select(NoteRow).where(NoteRow.hearing == hearing)):
                session.delete(note)
            row = session.get(HearingRow, hearing)
            if row:
                session.delete(row)


def _title(title: str) -> str:
    return clean(title).replace("\n", " ").strip()[:200] or "無題のヒアリング"


def _note(row: NoteRow) -> Note:
    return Note(n=row.n, speaker="rep" if row.speaker == "rep" else "staff", text=row.text)


def _hearing(row: HearingRow, lines: int) -> Hearing:
    return Hearing(
        id=row.id, title=row.title, municipality=row.municipality, process=row.process, created=row.created, updated=row.updated,
        archived=row.archived, decisions=json.loads(row.decisions or "{}"), lines=lines,
    )  # fmt: skip


def writable(folder: Path) -> bool:
    """True when a file can be made in ``folder``."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"
        probe.write_text("", encoding="utf-8")
        probe.unlink()
    except OSError:
        return False
    return True
