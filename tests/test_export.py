import csv
import io
import json

import docx
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coach.domain import Note
from coach.errors import BadInput, StoreError
from coach.export import FORMATS, render, save
from coach.export.text import safe
from coach.handover import of_notes
from coach.privacy import mask

LINES = ["=1+1 の不備は月に20件あります", "@SUM(A1)の書き間違いが多い", "差し戻しは1件15分かかり、見本さん 090-0000-1234 に電話します", "忙しい", "絵文字😀の漏れ\x0b"]


@pytest.fixture(scope="module")
def document(light, base):
    typed = [Note(n=i, text=t) for i, t in enumerate(LINES, start=1)]
    return of_notes(light, "=題名", typed, base.municipalities.get("北見市"), base.process("juki-tennyu"))


def test_xlsx_has_four_sheets_real_numbers_and_no_formula(document):
    book = openpyxl.load_workbook(io.BytesIO(render(document, "xlsx")))
    assert book.sheetnames == ["課題一覧", "引用", "未確認", "方法"]
    sheet = book["課題一覧"]
    assert sheet.freeze_panes == "A3"
    assert sheet.auto_filter.ref
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert isinstance(sheet["A3"].value, int)
    assert isinstance(sheet["J3"].value, float)
    assert [c.coordinate for s in book for row in s for c in row if c.data_type == "f"] == []


def test_quotes_in_xlsx_are_verbatim(document):
    book = openpyxl.load_workbook(io.BytesIO(render(document, "xlsx")))
    quoted = {(r[2], r[3]) for r in book["引用"].iter_rows(min_row=3, max_row=2 + sum(len(r.quotes) for r in document.rows), values_only=True)}
    assert quoted
    for line, text in quoted:
        assert text in mask(LINES[line - 1]).replace("\x0b", "")


def test_docx_opens_and_reads(document):
    text = "\n".join(p.text for p in docx.Document(io.BytesIO(render(document, "docx"))).paragraphs)
    assert "課題の一覧" in text
    assert "（1行目）" in text


def test_csv_is_for_excel(document):
    data = render(document, "csv")
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert rows[0][0] == "順位"
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


def test_json_follows_the_contract(document):
    data = json.loads(render(document, "json"))
    assert data["version"] == 1
    issue = data["issues"][0]
    assert set(issue) >= {"id", "title", "quotes", "step", "stages", "measures", "kind", "unknown", "priority"}
    assert set(issue["priority"]) == {"rank", "score", "factors", "reason"}


def test_personal_data_leaves_in_no_form(document):
    for form in ("csv", "md", "json"):
        assert "090-0000-1234" not in render(document, form).decode("utf-8-sig")
    book = openpyxl.load_workbook(io.BytesIO(render(document, "xlsx")))
    assert not any("090-0000" in str(c.value) for s in book for row in s for c in row)
    assert "090-0000" not in "\n".join(p.text for p in docx.Document(io.BytesIO(render(document, "docx"))).paragraphs)


@pytest.mark.parametrize("text", ["03-0000-1234", "０９０－００００－１２３４", "mihon@example.jp", "1234 5678 9012", "〒100-0001", "0120000000"])
def test_masks_keep_the_length(text):
    line = f"連絡先は{text}です"
    assert len(mask(line)) == len(line)
    assert text not in mask(line)


@pytest.mark.parametrize("text", ["月に1,200件", "2023年4月1日", "1件15分で20件", "12,345,678円"])
def test_plain_figures_are_not_masked(text):
    assert mask(text) == text


@given(st.text(max_size=60))
def test_no_cell_is_a_formula(text):
    assert not safe(text).startswith(("=", "+", "-", "@", "\t"))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(max_size=80), max_size=8))
def test_every_form_can_be_written_and_read_whatever_was_typed(light, base, lines):
    typed = [Note(n=i, text=f"{line}の不備で差し戻し") for i, line in enumerate(lines, start=1)]
    made = of_notes(light, "題", typed, None, None)
    count = len(made.rows)
    assert openpyxl.load_workbook(io.BytesIO(render(made, "xlsx")))["課題一覧"].max_row == count + 2
    paragraphs = docx.Document(io.BytesIO(render(made, "docx"))).paragraphs
    assert sum(p.style.name == "Heading 2" for p in paragraphs) == count
    assert len(json.loads(render(made, "json"))["issues"]) == count
    assert len(list(csv.reader(io.StringIO(render(made, "csv").decode("utf-8-sig"), newline="")))) == count + 1
    assert render(made, "md").decode().startswith("# 題")


def test_an_empty_hearing_still_makes_a_document(light):
    made = of_notes(light, "空", [], None, None)
    assert all(render(made, form) for form in FORMATS)


def test_an_unknown_form_and_an_unwritable_place_are_explained(document, tmp_path):
    with pytest.raises(BadInput, match="xlsx"):
        render(document, "pdf")
    with pytest.raises(StoreError, match="書き込めません"):
        save(document, tmp_path / "nowhere" / "a.md")
