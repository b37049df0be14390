"""CSV, Markdown and JSON."""

import csv
import io
import json
import re

from coach.export.document import Document
from coach.privacy import mask

FORMULA = re.compile(r"^\s*[=+\-@\t\r＝＋－＠]")
COLUMNS = ("順位", "課題（職員の言葉）", "題の言葉", "工程", "根拠", "順位の理由", "出た数", "まだ聞けていないこと", "行", "引用")


def safe(value: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = str(value)
    return f"'{text}" if FORMULA.match(text) else text


def to_csv(document: Document) -> bytes:
    """UTF-8 with BOM, CRLF, one issue a line."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in document.rows:
        cells = [row.rank, row.title, row.title_by, row.step, row.kind, row.reason, "、".join(row.measures), "、".join(row.unknown)]
        cells += ["、".join(map(str, row.lines)), " / ".join(q[3] for q in row.quotes)]
        writer.writerow([safe(c) for c in cells])
    return out.getvalue().encode("utf-8-sig")


def md(text: str) -> str:
    """Text that Markdown shows as it is."""
    return re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", text)


def to_markdown(document: Document) -> bytes:
    """A readable list, quotes with their line numbers."""
    out = [f"# {md(document.title)}", "", f"- 自治体: {md(document.municipality) or '未指定'}", f"- 業務: {md(document.process) or '未指定'}"]
    out += [f"- 日付: {document.date}", "", "## 課題（優先順）", ""]
    if not document.rows:
        out += ["課題として挙げられる発言は、まだありません。", ""]
    for row in document.rows:
        out += [f"### {row.rank}. {md(row.title)}", "", f"- 工程: {md(row.step)}（{row.kind}、題は{row.title_by}）", f"- 順位の理由: {md(row.reason)}"]
        if row.measures:
            out.append(f"- 出た数: {md('、'.join(row.measures))}")
        if row.unknown:
            out.append(f"- まだ聞けていないこと: {'、'.join(row.unknown)}")
        out += ["", *(f"> {md(text)}（{line}行目）\n>" for line, _, _, text in row.quotes), ""]
    out += _tail(document)
    return "\n".join(out).encode()


def _tail(document: Document) -> list[str]:
    out: list[str] = []
    if document.next_questions:
        out += ["## 次に伺うこと", "", *(f"- {md(q)}" for q in document.next_questions), ""]
    if document.cases:
        out += ["## 比べた事例", "", *(f"- {md(who)}「{md(title)}」（{outcome}） <{url}>" for who, title, outcome, url in document.cases), ""]
    if document.aside:
        out += ["## 課題に入れなかった行", "", *(f"- {line}行目（{why}）{md(text)}" for line, why, text in document.aside), ""]
    return out


def to_json(document: Document) -> bytes:
    """Versioned JSON: the contract of ``kikitori issues --json`` with a head (docs/export.schema.json)."""
    body = document.issue_list.model_dump(mode="json", exclude={"issues": {"__all__": {"title_by"}}})
    head = {"version": 1, "title": document.title, "municipality": document.municipality, "process": document.process, "date": document.date}
    return json.dumps(_masked(head | body), ensure_ascii=False, indent=2).encode()


def _masked(value: object) -> object:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {k: _masked(v) for k, v in value.items()}
    return [_masked(v) for v in value] if isinstance(value, list | tuple) else value
