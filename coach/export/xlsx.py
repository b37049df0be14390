"""XLSX: issue list, quotes, what is still open, method. Native filters, frozen heads, A4 landscape."""

import io
import re
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from coach.export.document import Document

Rows = list[list[Any]]
FONT = "Yu Gothic"
HEAD = PatternFill("solid", fgColor="1F4E5F")
LINE = Side(style="thin", color="C9D3D6")
ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def to_xlsx(document: Document) -> bytes:
    """The workbook's bytes."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # noqa: S101 - a new workbook has one
    _issues(sheet, document)
    _quotes(book.create_sheet("引用"), document)
    _open(book.create_sheet("未確認"), document)
    _method(book.create_sheet("方法"), document)
    book.properties.title = ILLEGAL.sub("", document.title)
    book.properties.creator = "Kikitori"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _issues(sheet: Worksheet, document: Document) -> None:
    sheet.title = "課題一覧"
    head = ["順位", "課題（職員の言葉）", "工程", "順位の理由", "出た数", "まだ聞けていないこと", "行", "題の言葉", "根拠", "点数"]
    rows: Rows = []
    for row in document.rows:
        lines = "、".join(map(str, row.lines))
        rows.append([row.rank, row.title, row.step, row.reason, "、".join(row.measures), "、".join(row.unknown), lines, row.title_by, row.kind, row.score])
    widths = [6, 34, 18, 30, 18, 24, 8, 10, 9, 7]
    _table(sheet, f"{document.title}　{document.municipality} {document.process}　{document.date}", head, rows, widths)
    for (cell,) in sheet.iter_rows(min_row=3, min_col=10, max_col=10):
        cell.number_format = "0.00"


def _quotes(sheet: Worksheet, document: Document) -> None:
    rows: Rows = []
    for row in document.rows:
        rows += [[row.rank, row.title, line, text, start, end] for line, start, end, text in row.quotes]
    _table(sheet, "引用（メモの文字をそのまま抜き出しています）", ["順位", "課題", "行", "引用", "開始", "終了"], rows, [6, 36, 6, 70, 7, 7])
    figures = [[row.rank, line, text, value, unit] for row in document.rows for text, value, unit, line in row.figures]
    if figures:
        start = sheet.max_row + 2
        _write(sheet, start, ["順位", "行", "発言の数", "値", "単位"], head=True)
        for i, figure in enumerate(figures, start=start + 1):
            _write(sheet, i, figure)


def _open(sheet: Worksheet, document: Document) -> None:
    rows: Rows = [[step, aspect, ""] for step, aspect in document.open_slots]
    rows += [["次に伺うこと", "", question] for question in document.next_questions]
    rows += [[f"{line}行目", why, text] for line, why, text in document.aside]
    _table(sheet, "まだ聞けていないこと・課題に入れなかった行", ["工程・行", "観点・理由", "質問・発言"], rows, [24, 30, 80])


def _method(sheet: Worksheet, document: Document) -> None:
    weights = "、".join(f"{name} {weight:.0%}" for name, weight in document.weights.items())
    rows: Rows = [
        ["課題の作り方", "職員の発言から、負担・遅れ・誤り・二重作業・人への依存・苦情などを述べた行を、文字どおり抜き出しています。文は作っていません。"],
        ["題の言葉", "題は職員の言葉を短くしたものです。書き換えたものは「営業の言葉」と示します。"],
        ["順位", f"次の重みの合計で並べ、担当の方と決めた順位があればそちらを先にします: {weights}"],
        ["負荷の計算", "件数と1件あたりの時間の両方が発言にあるときだけ計算します（1日＝7.75時間、1か月＝20日）。"],
        ["個人情報", "電話番号・メールアドレス・個人番号・郵便番号は＊で伏せています。"],
    ]
    rows += [["比べた事例", f"{who}「{title}」（{outcome}） {url}"] for who, title, outcome, url in document.cases]
    _table(sheet, "この一覧の読み方", ["項目", "説明"], rows, [18, 110])
    start = sheet.max_row + 2
    _write(sheet, start, ["順位", "点数の内訳（0〜1）"], head=True)
    for i, row in enumerate(document.rows, start=start + 1):
        _write(sheet, i, [row.rank, "、".join(f"{name} {value:.2f}" for name, value in row.factors.items())])


def _table(sheet: Worksheet, title: str, head: list[str], rows: Rows, widths: list[int]) -> None:
    _write(sheet, 1, [title])
    sheet["A1"].alignment = Alignment(vertical="center")
    sheet["A1"].font = Font(name=FONT, size=14, bold=True, color="1F4E5F")
    sheet.row_dimensions[1].height = 26
    _write(sheet, 2, list(head), head=True)
    for i, row in enumerate(rows, start=3):
        _write(sheet, i, row)
        most = max((len(str(v)) / max(1, w * 0.55) for v, w in zip(row, widths, strict=True)), default=1)
        sheet.row_dimensions[i].height = 17 * min(12, int(most) + 1)
    for i, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(i)].width = width
    sheet.freeze_panes = "A3"
    sheet.auto_filter.ref = f"A2:{get_column_letter(len(head))}{max(2, len(rows) + 2)}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:2"
    footer: Any = sheet.oddFooter
    footer.center.text = "&P / &N"


def _write(sheet: Worksheet, at: int, values: list, head: bool = False) -> None:
    for i, value in enumerate(values, start=1):
        cell: Any = sheet.cell(at, i)
        if isinstance(value, str):
            cell.value = ILLEGAL.sub("", value)[:32_000]
            cell.data_type = "s"  # never a formula
        else:
            cell.value = value
        cell.font = Font(name=FONT, size=10, bold=head, color="FFFFFF" if head else "000000")
        cell.alignment = Alignment(wrap_text=True, vertical="center" if head else "top")
        cell.border = Border(bottom=LINE)
        if head:
            cell.fill = HEAD
