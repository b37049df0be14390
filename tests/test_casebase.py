import shutil
from collections import Counter
from typing import get_args

import pytest

from coach import casebase
from coach.domain import Field_
from coach.errors import BadInput, CasebaseError
from coach.settings import CASEBASE

CARD = """---
municipality: {town}
prefecture: 北海道
field: {field}
title: 題
solution: 方法
outcome: {outcome}
sources:
  - {{title: 出典, publisher: 発行者, url: "{url}"}}
---
## 導入前の課題
前。
## 取り組み
途中。
## 成果
後。
"""
GOOD = {"town": "北見市", "field": "窓口", "outcome": "success", "url": "https://example.jp/a"}


def test_everything_that_ships_is_valid():
    assert casebase.check() == []


def test_fields_are_covered(base):
    processes = Counter(p.field for p in base.processes.values())
    assert len(base.processes) >= 45
    assert set(processes) == set(get_args(Field_))
    assert all(processes[f] >= 3 for f in ("窓口", "税務", "福祉", "介護", "子育て", "総務人事", "財務契約", "防災", "インフラ"))
    assert len(base.cases) >= 333
    assert len(base.municipalities.all) == 1788


def test_steps_are_not_generic(base):
    generic = {"受付", "処理", "完了", "確認", "対応", "入力", "審査"}
    names = [s.name for p in base.processes.values() for s in p.steps]
    assert not generic & set(names)


def test_every_process_can_be_counted_and_timed(base):
    from coach.filling import TIME_UNITS

    for process in base.processes.values():
        units = {m.unit for s in process.steps for m in s.measures}
        assert units & TIME_UNITS, process.id
        assert units - TIME_UNITS, process.id


@pytest.mark.parametrize("text", ["北見市", "きたみし", "北海道北見市", "012084", "01208", "０１２０８４", "キタミシ", " 北見市 "])
def test_a_municipality_by_name_kana_or_code(base, text):
    assert base.municipalities.get(text).code == "012084"


@pytest.mark.parametrize("name", ["府中市", "美里町", "池田町"])
def test_an_ambiguous_name_lists_the_candidates(base, name):
    with pytest.raises(BadInput) as caught:
        base.municipalities.get(name)
    assert str(caught.value).count(name) >= 3


@pytest.mark.parametrize("text", ["みほん市", "", "999999", "\x00", "市" * 5000])
def test_an_unknown_municipality_says_what_to_do(base, text):
    with pytest.raises(BadInput, match="コード|近い名前"):
        base.municipalities.get(text)


@pytest.mark.parametrize(("text", "found"), [("juki-tennyu", "juki-tennyu"), ("転入届", "juki-tennyu"), ("要介護認定", "kaigo-nintei")])
def test_a_process_by_id_name_or_part(base, text, found):
    assert base.process(text).id == found


def test_an_unknown_process_lists_what_there_is(base):
    with pytest.raises(BadInput, match="転入届"):
        base.process("宇宙開発")


def test_kind_and_population_come_from_the_list(tmp_path, base):
    path = tmp_path / "a.md"
    path.write_text(CARD.format(**GOOD), encoding="utf-8")
    case = casebase.read_case(path, base.municipalities)
    assert (case.kind, case.region) == ("市", "北海道")
    assert case.population > 100_000


@pytest.mark.parametrize(
    ("change", "line", "says"),
    [
        ({"field": "窓国"}, 4, "使える値は"),
        ({"outcome": "great"}, 7, "success"),
        ({"url": "ftp://x"}, 9, "https?"),
        ({"town": "x\nbogus: 1"}, 3, "知らない項目"),
        ({"field": "[窓口"}, 5, "YAML"),
    ],
)
def test_a_mistake_names_file_line_field_and_what_is_allowed(tmp_path, base, change, line, says):
    path = tmp_path / "bad-card.md"
    path.write_text(CARD.format(**(GOOD | change)), encoding="utf-8")
    with pytest.raises(CasebaseError) as caught:
        casebase.read_case(path, base.municipalities)
    assert f"bad-card.md:{line}" in str(caught.value)
    assert says in str(caught.value)


@pytest.mark.parametrize("body", ["", "本文だけ", CARD.format(**GOOD).replace("## 成果", "## 成果物"), CARD.format(**GOOD).replace("後。", "")])
def test_a_broken_body_is_explained(tmp_path, base, body):
    path = tmp_path / "bad.md"
    path.write_text(body, encoding="utf-8")
    with pytest.raises(CasebaseError, match=r"bad\.md:\d+"):
        casebase.read_case(path, base.municipalities)


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"x" * 1_000_001])
def test_a_file_that_is_no_text_is_refused(tmp_path, base, data):
    path = tmp_path / "bad.md"
    path.write_bytes(data)
    with pytest.raises(CasebaseError, match=r"bad\.md"):
        casebase.read_case(path, base.municipalities)


def test_all_mistakes_are_told_at_once(tmp_path):
    folder = tmp_path / "casebase"
    shutil.copytree(CASEBASE, folder)
    for name in ("hokkaido-kitami-madoguchi-rpa", "gunma-isesaki-sms-saikoku"):
        path = folder / "cases" / f"{name}.md"
        path.write_text(path.read_text(encoding="utf-8").replace("outcome: success", "outcome: 成功"), encoding="utf-8")
    mistakes = casebase.check(folder)
    assert len(mistakes) == 2
    assert all("outcome" in m for m in mistakes)


def test_a_spoken_figure_that_is_not_on_the_card_is_found(tmp_path):
    folder = tmp_path / "casebase"
    shutil.copytree(CASEBASE, folder)
    path = folder / "cases" / "hokkaido-kitami-madoguchi-rpa.md"
    path.write_text(path.read_text(encoding="utf-8").replace("1,420", "1,421", 1).replace("talk:", "talk:\n  caution: 9876人だったそうです", 1), encoding="utf-8")
    assert any("9876" in m for m in casebase.check(folder))
