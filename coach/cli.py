"""``kikitori``: the acts of the app on the command line. Contracts: docs/architecture.md."""

import io
import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from coach import casebase as casebase_module
from coach.errors import BadInput, CoachError

app = typer.Typer(help="聞き取り（Kikitori）: 自治体ヒアリングのコーチ", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
cases_app = typer.Typer(help="事例の点検と集計", no_args_is_help=True)
app.add_typer(cases_app, name="cases")

Json = Annotated[bool, typer.Option("--json", help="JSON で1つの文書を出す")]
Town = Annotated[str | None, typer.Option("--municipality", "-m", help="自治体名か6桁のコード")]
ProcessName = Annotated[str | None, typer.Option("--process", "-p", help="業務の id か名前")]


def main() -> None:
    """Run the command: exit 2 for bad input, 1 for failure, never a traceback for a user's mistake."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        app()
    except BadInput as error:
        _fail(str(error), 2)
    except CoachError as error:
        _fail(str(error), 1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


def _fail(message: str, code: int) -> None:
    print(message, file=sys.stderr)
    sys.exit(code)


def _services() -> Any:
    from pydantic import ValidationError

    from coach.wiring import Services

    try:
        return Services()
    except ValidationError as error:
        names = "、".join(str(e["loc"][0]) for e in error.errors())
        raise BadInput(f"設定（環境変数か .env）の値を確かめてください: {names}") from error


def _print(data: object) -> None:
    print(json.dumps(data, ensure_ascii=False, indent=2))


def _notes(path: str) -> list:
    from coach.notes import parse

    if path == "-":
        return parse(sys.stdin.read())
    try:
        return parse(Path(path).read_text(encoding="utf-8-sig", errors="replace"))
    except OSError as error:
        raise BadInput(f"メモ {path!r} を開けません（{error.strerror}）。ファイル名を確かめてください") from error


@app.command(help="比べられる事例を探す。")
def search(
    query: str,
    k: Annotated[int, typer.Option("-k", min=1, max=50, help="件数")] = 5,
    field: Annotated[str | None, typer.Option(help="分野で絞る")] = None,
    municipality: Town = None,
    as_json: Json = False,
) -> None:
    """Find comparable cases."""
    from typing import get_args

    from coach.domain import OUTCOME_NAMES, Field_

    services = _services()
    if field and field not in get_args(Field_):
        raise BadInput(f"分野 {field!r} はありません。使える分野: {'、'.join(get_args(Field_))}")
    town = services.base.municipalities.get(municipality) if municipality else None
    result = services.coach(_progress).search(query, k, field, town)
    if as_json:
        _print({"query": result.query, "hits": [_hit(h) for h in result.hits], "none": result.none})
        return
    if result.none:
        print("近い事例は見つかりませんでした。業務の名前や、起きていることの言葉で探してみてください。")
    for hit in () if result.none else result.hits:
        print(f"{hit.case.prefecture}{hit.case.municipality}（{OUTCOME_NAMES[hit.case.outcome]}） {hit.case.title}\n    {hit.case.sources[0].url}")


def _hit(hit: Any) -> dict:
    case = hit.case
    return {
        "id": case.id, "score": hit.score, "municipality": case.municipality, "prefecture": case.prefecture, "kind": case.kind,
        "population": case.population, "field": case.field, "title": case.title, "outcome": case.outcome, "why": list(hit.why),
        "likeness": list(hit.likeness), "difference": list(hit.difference),
        "sources": [{"title": s.title, "publisher": s.publisher, "url": s.url} for s in case.sources],
    }  # fmt: skip


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r事例の索引を準備しています {done}/{total}", end="\n" if done == total else "", file=sys.stderr, flush=True)


@app.command(help="質問を判定し、直し方を示す。")
def check(
    questions: Annotated[list[str] | None, typer.Argument(help="質問。- で標準入力から1行に1つ")] = None,
    hearing: Annotated[str | None, typer.Option(help="そこまでのメモ（順番も判定する）")] = None,
    process: ProcessName = None,
    as_json: Json = False,
) -> None:
    """Judge questions and show better ones."""
    from coach.domain import LABEL_NAMES, STAGE_NAMES

    texts = list(questions or [])
    if texts == ["-"]:
        texts = [line.rstrip("\r\n") for line in sys.stdin if line.strip()]
    if not texts:
        raise BadInput("判定する質問を書いてください。例: kikitori check 転出証明書の確認で一番手間取るのはどの欄ですか")
    services = _services()
    coach = services.light_coach
    found = services.base.process(process) if process else None
    if hearing and not found:
        raise BadInput("--hearing を使うときは --process も指定してください")
    board = coach.board(found, _notes(hearing)) if hearing and found else None
    judged = [coach.check(text, found, board) for text in texts]
    if as_json:
        _print([j.model_dump(mode="json") for j in judged])
        return
    for j in judged:
        print(f"{'○' if j.usable and not j.findings else '△' if j.usable else '×'} [{STAGE_NAMES[j.stage]}] {j.text}")
        for f in j.findings:
            print(f"    {LABEL_NAMES[f.label]}: {f.reason}\n    → {f.rewrite}")


def _town_and_process(services: Any, municipality: str | None, process: str | None) -> tuple:
    if not municipality or not process:
        raise BadInput("--municipality と --process を指定してください。例: --municipality 北海道北見市 --process 転入届")
    return services.base.municipalities.get(municipality), services.base.process(process)


@app.command(help="質問計画（現在→過去→未来）を作る。")
def plan(municipality: Town = None, process: ProcessName = None, as_json: Json = False, md: Annotated[bool, typer.Option("--md", help="Markdown で出す")] = False) -> None:
    """Write the question plan."""
    services = _services()
    town, found = _town_and_process(services, municipality, process)
    made = services.coach(_progress).plan(town, found)
    if as_json and not md:
        _print({
            "municipality": town.full_name, "process": found.id, "readiness": made.readiness, "cases": [h.case.id for h in made.cases],
            "questions": [q.model_dump(mode="json") for q in made.questions],
        })  # fmt: skip
        return
    from coach.export import plan_markdown

    print(plan_markdown(made), end="")


@app.command(name="next", help="メモから、聞けたことと次の質問を出す。")
def next_question(notes: str, municipality: Town = None, process: ProcessName = None, as_json: Json = False) -> None:
    """Slots heard and the next questions."""
    services = _services()
    town, found = _town_and_process(services, municipality, process)
    coach = services.coach(_progress)
    board = coach.board(found, _notes(notes))
    suggestions = coach.next(town, found, board)
    if as_json:
        slots = {key: {"state": s.state, "lines": list(s.lines)} for key, s in board.slots.items()}
        _print({"slots": slots, "suggestions": [q.model_dump(mode="json") for q in suggestions]})
        return
    for question in suggestions:
        print(f"・{question.text}\n    聞き取ること: {question.listen_for}")


@app.command(help="メモから、職員の言葉のまま課題を取り出す。")
def issues(notes: str, process: ProcessName = None, as_json: Json = False) -> None:
    """Issues in the staff member's words."""
    services = _services()
    found = services.base.process(process) if process else None
    result = services.light_coach.issues(_notes(notes), found)
    if as_json:
        _print(result.model_dump(mode="json"))
        return
    for issue in result.issues:
        print(f"{issue.priority.rank}. {issue.title}\n    {issue.priority.reason}")
        for quote in issue.quotes:
            print(f"    {quote.line}行目「{quote.text}」")


@app.command(help="優先順位付きの課題一覧を書き出す。")
def export(
    hearing: Annotated[str, typer.Argument(help="ヒアリングの id（先頭だけでも可）か、メモのファイル")],
    output: Annotated[Path, typer.Option("-o", "--output", help="書き出し先（.xlsx .docx .csv .md .json）")],
    municipality: Town = None,
    process: ProcessName = None,
) -> None:
    """Write the prioritized issue list to a file."""
    from coach.export import FORMATS, save
    from coach.handover import of_hearing, of_notes

    if output.suffix.removeprefix(".").lower() not in FORMATS:
        raise BadInput(f"書き出し形式 {output.suffix!r} は使えません。使える形式: {'、'.join('.' + f for f in FORMATS)}")
    services = _services()
    if Path(hearing).is_file():
        town = services.base.municipalities.get(municipality) if municipality else None
        document = of_notes(services.light_coach, Path(hearing).stem, _notes(hearing), town, services.base.process(process) if process else None)
    else:
        document = of_hearing(services.light_coach, services.store, hearing)
    save(document, output)
    print(f"{output} に書き出しました（課題 {len(document.rows)} 件）")


@cases_app.command("check", help="事例・業務ファイルを点検する。誤りがあれば終了コード 2。")
def cases_check(folder: Annotated[Path, typer.Argument(help="casebase のフォルダ")] = casebase_module.CASEBASE, as_json: Json = False) -> None:
    """Check cards and processes; exit 2 when one has a mistake."""
    mistakes = casebase_module.check(folder)
    if as_json:
        _print({"ok": not mistakes, "mistakes": mistakes})
    else:
        print("\n".join(mistakes) if mistakes else "誤りは見つかりませんでした。")
    if mistakes:
        sys.exit(2)


@cases_app.command("stats", help="事例の数を分野・結果・地方で数える。")
def cases_stats(as_json: Json = False) -> None:
    """Count cases by field, outcome and region."""
    from collections import Counter

    from coach.domain import OUTCOME_NAMES

    base = _services().base
    cases = list(base.cases.values())
    data = {
        "cases": len(cases), "processes": len(base.processes), "municipalities": len(base.municipalities.all),
        "field": dict(Counter(c.field for c in cases).most_common()),
        "outcome": dict(Counter(c.outcome for c in cases).most_common()),
        "region": dict(Counter(c.region for c in cases).most_common()),
    }  # fmt: skip
    if as_json:
        _print(data)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"事例 {len(cases)} 件・業務 {len(base.processes)}・自治体 {len(base.municipalities.all)}")
    table.add_column("分野")
    for outcome in OUTCOME_NAMES.values():
        table.add_column(outcome, justify="right")
    for field in data["field"]:
        table.add_row(field, *(str(sum(c.field == field and c.outcome == o for c in cases)) for o in OUTCOME_NAMES))
    Console().print(table)


@app.command(help="動作環境を調べ、足りないものと直し方を示す。")
def doctor(as_json: Json = False) -> None:
    """Examine the installation."""
    from coach.doctor import examine

    findings = examine(_services())
    if as_json:
        _print([f.model_dump() for f in findings])
    else:
        for f in findings:
            print(f"{'○' if f.ok else '×'} {f.name}: {f.state}{'' if f.ok else f'{chr(10)}    → {f.remedy}'}")
    if not all(f.ok for f in findings):
        sys.exit(1)
