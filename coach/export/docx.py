"""DOCX: a document one would hand to a 係長. A4, headings, a table, quotes, next steps."""

import io
import re
from typing import cast

import docx
from docx.document import Document as Page
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle

from coach.export.document import Document, Row

FONT = "Yu Gothic"
INK = RGBColor(0x1F, 0x4E, 0x5F)
BLACK = RGBColor(0, 0, 0)
ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def new_document(title: str) -> Page:
    """An empty A4 document in Japanese type with a title."""
    page = docx.Document()
    section = page.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(22)
    section.top_margin = section.bottom_margin = Mm(20)
    for name, size in (("Normal", 10.5), ("Title", 20), ("Heading 1", 14), ("Heading 2", 12), ("List Bullet", 10.5), ("Quote", 10.5)):
        style = cast("ParagraphStyle", page.styles[name])
        style.font.name, style.font.size = FONT, Pt(size)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for slot in ("w:eastAsia", "w:ascii", "w:hAnsi"):
            fonts.set(qn(slot), FONT)
        for theme in ("w:asciiTheme", "w:eastAsiaTheme", "w:hAnsiTheme"):
            fonts.attrib.pop(qn(theme), None)
        style.font.color.rgb = INK if name in ("Title", "Heading 1", "Heading 2") else BLACK
        style.font.italic = False
    cast("ParagraphStyle", page.styles["Quote"]).paragraph_format.left_indent = Mm(6)
    page.core_properties.title, page.core_properties.author = text(title), "Kikitori"
    page.core_properties.language = "ja-JP"
    page.add_paragraph(text(title), style="Title")
    return page


def text(value: str) -> str:
    """Characters that XML allows."""
    return ILLEGAL.sub("", value)


def table(page: Page, head: list[str], rows: list[list[str]], widths: list[int]) -> None:
    """A table with a repeated head; ``widths`` in mm."""
    grid = page.add_table(rows=1, cols=len(head), style="Table Grid")
    grid.alignment = WD_TABLE_ALIGNMENT.CENTER
    grid.autofit = False
    for cell, name in zip(grid.rows[0].cells, head, strict=True):
        run = cell.paragraphs[0].add_run(name)
        run.bold = True
        _shade(cell, "E3EDF0")
    repeat = OxmlElement("w:tblHeader")
    repeat.set(qn("w:val"), "true")
    grid.rows[0]._tr.get_or_add_trPr().append(repeat)
    for row in rows:
        for cell, value in zip(grid.add_row().cells, row, strict=True):
            cell.text = text(value)
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = Mm(width)
    for row in grid.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Mm(width)


def _shade(cell, color: str) -> None:  # noqa: ANN001 - docx.table._Cell
    shade = OxmlElement("w:shd")
    for name, value in (("w:val", "clear"), ("w:color", "auto"), ("w:fill", color)):
        shade.set(qn(name), value)
    cell._tc.get_or_add_tcPr().append(shade)


def to_bytes(page: Page) -> bytes:
    """The file's bytes."""
    out = io.BytesIO()
    page.save(out)
    return out.getvalue()


def to_docx(document: Document) -> bytes:
    """The prioritized issue list."""
    page = new_document(document.title)
    page.add_paragraph(text(f"{document.municipality}　{document.department}　{document.process}　{document.date}"))
    page.add_paragraph("お聞きした言葉のまま整理しました。事実と違うところ、足りないところをお知らせください。順番は、ご一緒に決めるためのたたき台です。")
    page.add_heading("課題の一覧", 1)
    if document.rows:
        rows = [[str(r.rank), r.title, r.step, r.reason] for r in document.rows]
        table(page, ["順位", "課題（職員の方の言葉）", "工程", "順位の理由"], rows, [13, 60, 38, 55])
    else:
        page.add_paragraph("課題として挙げられる発言は、まだありません。")
    for row in document.rows:
        _issue(page, row)
    _rest(page, document)
    return to_bytes(page)


def _issue(page: Page, row: Row) -> None:
    page.add_heading(text(f"{row.rank}. {row.title}"), 2)
    if row.title_by == "営業の言葉":
        page.add_paragraph("（この題は営業担当が付けたものです）")
    for line, _, _, quote in row.quotes:
        page.add_paragraph(text(f"「{quote}」（{line}行目）"), style="Quote")
    if row.measures:
        page.add_paragraph(text(f"出た数: {'、'.join(row.measures)}"), style="List Bullet")
    if row.unknown:
        page.add_paragraph(text(f"まだ伺えていないこと: {'、'.join(row.unknown)}"), style="List Bullet")


def _rest(page: Page, document: Document) -> None:
    if document.next_questions:
        page.add_heading("次に伺いたいこと", 1)
        for question in document.next_questions:
            page.add_paragraph(text(question), style="List Bullet")
    if document.cases:
        page.add_heading("比べた事例", 1)
        for who, title, outcome, url in document.cases:
            page.add_paragraph(text(f"{who}「{title}」（{outcome}） {url}"), style="List Bullet")
