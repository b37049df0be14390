"""Hand over: a prioritized issue list as XLSX, DOCX, CSV, Markdown and JSON; a plan as Markdown and DOCX.

All text passes ``coach.privacy.mask``; a cell that a spreadsheet would take for a formula is written as text.
"""

from collections.abc import Callable
from pathlib import Path

from coach.errors import BadInput, StoreError
from coach.export.document import Document, build
from coach.export.plan import plan_docx, plan_markdown
from coach.export.text import to_csv, to_json, to_markdown

__all__ = ["FORMATS", "Document", "build", "plan_docx", "plan_markdown", "render", "save"]


def _xlsx(document: Document) -> bytes:
    from coach.export.xlsx import to_xlsx

    return to_xlsx(document)


def _docx(document: Document) -> bytes:
    from coach.export.docx import to_docx

    return to_docx(document)


FORMATS: dict[str, Callable[[Document], bytes]] = {
    "xlsx": _xlsx,
    "docx": _docx,
    "csv": to_csv,
    "md": to_markdown,
    "json": to_json,
}


def render(document: Document, form: str) -> bytes:
    """The file's bytes. Raises ``BadInput`` for an unknown form."""
    if form not in FORMATS:
        raise BadInput(f"書き出し形式 {form!r} はありません。使える形式: {'、'.join(FORMATS)}")
    return FORMATS[form](document)


def save(document: Document, path: Path) -> None:
    """Write the form named by the file's ending. Raises ``BadInput`` or ``StoreError``."""
    data = render(document, path.suffix.removeprefix(".").lower())
    try:
        path.write_bytes(data)
    except OSError as error:
        raise StoreError(f"{str(path)!r} に書き込めません（{error.strerror}）。別の場所を指定してください") from error
