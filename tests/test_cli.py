import json
import subprocess
import sys

import pytest

from coach import cli

NOTES = "職員: 転入届は1日40件です\n営業: 審査は1件何分ですか\n職員: 1件15分かかる。外字は主査しか分からない\n忙しいから楽にしたい\n"


@pytest.fixture
def run(monkeypatch, capsys, base):
    monkeypatch.setattr("coach.wiring.load", lambda: base)

    def command(*args, stdin=None):
        monkeypatch.setattr(sys, "argv", ["kikitori", *args])
        if stdin is not None:
            import io

            monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        try:
            cli.main()
            code = 0
        except SystemExit as stop:
            code = stop.code or 0
        out = capsys.readouterr()
        return code, out.out, out.err

    return command


@pytest.fixture
def notes(tmp_path):
    path = tmp_path / "memo.txt"
    path.write_text(NOTES, encoding="utf-8")
    return str(path)


@pytest.fixture
def index(index_folder, search, monkeypatch, tmp_path):
    """The real index, as an installation that has been used before."""
    import shutil

    shutil.copytree(index_folder, tmp_path / "data" / "index")


def test_search_contract(run, index):
    code, out, _ = run("search", "粗大ごみの電話受付", "-k", "3", "--municipality", "名古屋市", "--json")
    data = json.loads(out)
    assert code == 0
    assert data["none"] is False
    assert len(data["hits"]) == 3
    keys = {"id", "score", "municipality", "prefecture", "kind", "population", "field", "title", "outcome", "why", "likeness", "difference", "sources"}
    assert set(data["hits"][0]) == keys
    assert data["hits"][0]["field"] == "環境"
    assert data["hits"][0]["sources"][0]["url"].startswith("http")


def test_plan_contract(run, index):
    code, out, _ = run("plan", "--municipality", "北海道北見市", "--process", "転入", "--json")
    data = json.loads(out)
    assert code == 0
    assert set(data) == {"municipality", "process", "readiness", "cases", "questions"}
    assert len(data["questions"]) >= 12
    assert set(data["questions"][0]) == {"id", "stage", "step", "aspect", "text", "listen_for", "basis"}
    assert sum(q["basis"]["case"] is not None for q in data["questions"]) * 3 >= len(data["questions"])


def test_plan_as_markdown(run, index):
    code, out, _ = run("plan", "-m", "北見市", "-p", "転入届", "--md")
    assert code == 0
    assert "## 現在" in out
    assert out.index("## 現在") < out.index("## 過去") < out.index("## 未来")


def test_check_contract(run):
    code, out, _ = run("check", "-", "--json", stdin="何か困っていることはありますか\n督促状の封入は何人で回していますか\n")
    data = json.loads(out)
    assert code == 0
    assert [set(d) for d in data] == [{"text", "stage", "findings", "usable"}] * 2
    assert data[0]["findings"][0]["label"] == "vague"
    assert set(data[0]["findings"][0]) == {"label", "reason", "start", "end", "rewrite"}
    assert data[1]["findings"] == []


def test_check_in_a_hearing_judges_the_order(run, notes):
    code, out, _ = run("check", "来年度の関係課への案内について、課で決めている目標はどんな内容ですか", "--hearing", notes, "--process", "転入届", "--json")
    assert code == 0
    assert "out_of_order" in [f["label"] for f in json.loads(out)[0]["findings"]]


def test_next_contract(run, notes, index):
    code, out, _ = run("next", notes, "-m", "北見市", "-p", "転入届", "--json")
    data = json.loads(out)
    assert code == 0
    assert 1 <= len(data["suggestions"]) <= 3
    assert any(s["state"] == "answered" for s in data["slots"].values())
    assert set(data["suggestions"][0]["basis"]) == {"case", "line"}


def test_issues_contract(run, notes):
    code, out, _ = run("issues", notes, "-p", "転入届", "--json")
    data = json.loads(out)
    assert code == 0
    assert data["set_aside"][-1] == {"line": 4, "why": "subjective"}
    quote = data["issues"][0]["quotes"][0]
    assert quote["line"] == 3
    text = NOTES.split("\n")[2].removeprefix("職員: ")
    assert text[quote["start"] : quote["end"]] == quote["text"]


@pytest.mark.parametrize("form", ["xlsx", "docx", "csv", "md", "json"])
def test_export_of_a_notes_file(run, notes, tmp_path, form):
    out = tmp_path / f"out.{form}"
    assert run("export", notes, "-o", str(out), "-m", "北見市", "-p", "転入届")[0] == 0
    assert out.stat().st_size > 300


def test_export_of_a_stored_hearing(run, tmp_path):
    from coach.wiring import Services

    store = Services().store
    hearing = store.start("012084", "juki-tennyu", "北見市 転入届")
    store.add(hearing.id, "staff", "届書の書き間違いが月に20件あります")
    out = tmp_path / "out.json"
    assert run("export", hearing.id[:8], "-o", str(out))[0] == 0
    assert json.loads(out.read_text(encoding="utf-8"))["issues"][0]["quotes"][0]["line"] == 1


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("plan", "-m", "府中市", "-p", "転入届"), "広島県府中市"),
        (("plan", "-m", "みほん市", "-p", "転入届"), "一覧にありません"),
        (("plan", "-m", "北見市", "-p", "宇宙開発"), "使える業務"),
        (("plan",), "--municipality"),
        (("check",), "kikitori check"),
        (("search", "x", "--field", "窓国"), "使える分野"),
        (("issues", "no-such-file"), "開けません"),
        (("export", "nothing", "-o", "a.xlsx"), "見つかりません"),
        (("export", "nothing", "-o", "a.pdf"), "使える形式"),
    ],
)
def test_bad_input_is_exit_2_with_a_remedy_on_stderr(run, args, says):
    code, out, err = run(*args)
    assert code == 2
    assert out == ""
    assert says in err
    assert "Traceback" not in err


def test_cases_check_and_stats(run):
    assert run("cases", "check")[0] == 0
    code, out, _ = run("cases", "stats", "--json")
    assert code == 0
    assert json.loads(out)["cases"] >= 333


def test_doctor_says_what_is_there(run, index):
    code, out, _ = run("doctor")
    assert code == 0
    assert "組み込み" in out


def test_it_starts_lean_and_speaks_utf8_in_any_locale():
    script = (
        "import sys; sys.argv = ['kikitori', 'check', '何か困っていることはありますか']\n"
        "import coach.cli\n"
        "try:\n    coach.cli.main()\nexcept SystemExit:\n    pass\n"
        "heavy = [m for m in ('chromadb', 'langchain_openai', 'langchain', 'openai', 'streamlit', 'tiktoken', 'pandas') if m in sys.modules]\n"
        "print('HEAVY', heavy)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, env={"LC_ALL": "C", "PATH": ""}, check=True)
    assert "漠然" in done.stdout.decode("utf-8")
    assert b"HEAVY []" in done.stdout
