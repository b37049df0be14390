"""Read and check the casebase: cards, processes, municipalities, personas. A mistake names file, line, field and what is allowed."""

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from coach.domain import Case, Municipality, Process
from coach.errors import BadInput, CasebaseError
from coach.japanese import nfkc, to_hiragana
from coach.settings import CASEBASE

SECTIONS = ("導入前の課題", "取り組み", "成果", "つまずき・残る課題")
OPTIONAL_SECTION = "つまずき・残る課題"
T = TypeVar("T", bound=BaseModel)
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MAX_FILE = 1_000_000  # bytes; a card is about 2 kB
REGIONS = {
    "北海道": "北海道", **dict.fromkeys(["青森県", "岩手県", "宮城県", "秋田県", "山形県", "福島県"], "東北"),
    **dict.fromkeys(["茨城県", "栃木県", "群馬県", "埼玉県", "千葉県", "東京都", "神奈川県"], "関東"),
    **dict.fromkeys(["新潟県", "富山県", "石川県", "福井県", "山梨県", "長野県", "岐阜県", "静岡県", "愛知県"], "中部"),
    **dict.fromkeys(["三重県", "滋賀県", "京都府", "大阪府", "兵庫県", "奈良県", "和歌山県"], "近畿"),
    **dict.fromkeys(["鳥取県", "島根県", "岡山県", "広島県", "山口県"], "中国"),
    **dict.fromkeys(["徳島県", "香川県", "愛媛県", "高知県"], "四国"),
    **dict.fromkeys(["福岡県", "佐賀県", "長崎県", "熊本県", "大分県", "宮崎県", "鹿児島県", "沖縄県"], "九州・沖縄"),
}  # fmt: skip


def _lines(node: yaml.Node | None, path: tuple = (), found: dict | None = None) -> dict[tuple, int]:
    """Line (from 1) of every key and item, by its path, as pydantic names it."""
    found = {} if found is None else found
    if node is None:
        return found
    found.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            found[(*path, key.value)] = key.start_mark.line + 1
            _lines(value, (*path, key.value), found)
    elif isinstance(node, yaml.SequenceNode):
        for i, value in enumerate(node.value):
            found[(*path, i)] = value.start_mark.line + 1
            _lines(value, (*path, i), found)
    return found


def _explain(error: Any) -> str:
    """One pydantic error as a Japanese clause that says what is allowed."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "missing":
        return "必須の項目がありません"
    if kind == "extra_forbidden":
        return "知らない項目です。つづりを確かめるか、削除してください"
    if kind == "literal_error":
        return f"使える値は {context['expected'].replace(' or ', ', ')} です（いまの値: {error['input']!r}）"
    if kind == "string_pattern_mismatch":
        return f"形式が違います（いまの値: {error['input']!r}、必要な形: {context['pattern']}）"
    if kind in ("too_short", "string_too_short"):
        return f"{context['min_length']} 個（字）以上必要です"
    if kind in ("too_long", "string_too_long"):
        return f"{context['max_length']} 個（字）までです"
    return f"値の型が違います（いまの値: {error['input']!r}、必要: {kind}）"


def parse_yaml(text: str, where: str, first_line: int = 0) -> dict:
    """A YAML mapping. Raises ``CasebaseError``."""
    try:
        data = yaml.load(text, Loader=LOADER)  # noqa: S506 - the safe loader, in C where there is one
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = (mark.line + 1 if mark else 1) + first_line
        detail = getattr(error, "problem", None) or error
        raise CasebaseError(f"{where}:{line}: YAML として読めません（{detail}）。字下げと引用符を確かめてください") from error
    if not isinstance(data, dict):
        raise CasebaseError(f"{where}:{first_line + 1}: 「項目: 値」の形で書いてください")
    return data


def validate(model: type[T], data: dict, where: str, text: str = "", first_line: int = 0) -> T:
    """``data`` as ``model``; all mistakes at once, at their lines of ``text``. Raises ``CasebaseError``."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        lines = {path: line + first_line for path, line in _lines(yaml.compose(text, Loader=LOADER)).items()}
        raise CasebaseError("\n".join(_located(e, where, lines) for e in error.errors())) from error


def _located(error: Any, where: str, lines: dict[tuple, int]) -> str:
    path = tuple(error["loc"])
    known = path
    while known and known not in lines:
        known = known[:-1]
    name = ".".join(str(p) for p in path)
    return f"{where}:{lines.get(known, 1)}: {name}: {_explain(error)}"


def read_text(path: Path) -> str:
    """UTF-8 text of a file of at most 1 MB. Raises ``CasebaseError``."""
    try:
        if path.stat().st_size > MAX_FILE:
            raise CasebaseError(f"{path.name}: 1MB を超えています。1事例1ファイルに分けてください")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise CasebaseError(f"{path.name}: UTF-8 で保存し直してください（{error.start} バイト目が読めません）") from error
    except OSError as error:
        raise CasebaseError(f"{path.name}: ファイルを開けません（{error.strerror}）") from error


def read_case(path: Path, towns: "Municipalities") -> Case:
    """One card. Kind and population come from the list where the card has none. Raises ``CasebaseError``."""
    text = read_text(path).replace("\r\n", "\n")
    m = re.match(r"---\n(.*?)\n---\n(.*)\Z", text, re.DOTALL)
    if not m:
        raise CasebaseError(f"{path.name}:1: 先頭に --- で囲んだ項目が必要です（casebase/README.md を参照）")
    data = parse_yaml(m[1], path.name, first_line=1)
    data |= {"id": path.stem, "sections": _sections(m[2], path.name, m[1].count("\n") + 3)}
    data.setdefault("period", None)
    if data["period"] is not None:
        data["period"] = str(data["period"])
    known = towns.find(str(data.get("municipality", "")), str(data.get("prefecture", "")))
    if known:
        data.setdefault("kind", known.kind)
        if data.get("population") is None:
            data["population"] = known.population
    data["region"] = REGIONS.get(str(data.get("prefecture", "")), "")
    return validate(Case, data, path.name, m[1], first_line=1)


def _sections(body: str, where: str, first_line: int) -> dict[str, str]:
    found: dict[str, str] = {}
    name = ""
    for i, line in enumerate(body.split("\n")):
        if line.startswith("## "):
            name = line[3:].strip()
            if name not in SECTIONS or name in found:
                raise CasebaseError(f"{where}:{first_line + i}: 見出し「{name}」は使えません。{'、'.join(SECTIONS)} を一度ずつ使ってください")
            found[name] = ""
        elif name:
            found[name] += line + "\n"
    found = {name: text.strip() for name, text in found.items()}
    for name in SECTIONS:
        if name != OPTIONAL_SECTION and not found.get(name):
            raise CasebaseError(f"{where}:{first_line}: 「## {name}」の本文がありません")
    return found


def read_process(path: Path) -> Process:
    """One process file. Raises ``CasebaseError``."""
    text = read_text(path)
    process = validate(Process, parse_yaml(text, path.name), path.name, text)
    if process.id != path.stem:
        raise CasebaseError(f"{path.name}:1: id はファイル名と同じ {path.stem!r} にしてください")
    ids = [step.id for step in process.steps]
    for i, step_id in enumerate(ids):
        if step_id in ids[:i]:
            raise CasebaseError(f"{path.name}:1: steps.{i}.id: {step_id!r} が重なっています")
    return process


def _key(name: str) -> str:
    """Spelling variants that people mix: ヶ/ケ, small and full kana, spaces."""
    return re.sub(r"\s", "", to_hiragana(name)).translate(str.maketrans("ゖゕっゃゅょ", "けかつやゆよ"))


class Municipalities:
    """The 1,788 bodies, found by name, kana or code."""

    def __init__(self, towns: list[Municipality]) -> None:
        self.all = towns
        self._by: dict[str, list[Municipality]] = {}
        for town in towns:
            keys = {_key(k) for k in (town.name, town.full_name, town.kana, town.code, town.code[:5]) if k}
            for key in keys:
                self._by.setdefault(key, []).append(town)

    @classmethod
    def read(cls, path: Path) -> "Municipalities":
        """From the CSV list. Raises ``CasebaseError``."""
        rows = csv.DictReader(read_text(path).splitlines())
        towns = []
        for i, row in enumerate(rows, start=2):
            data = {k: row.get(k) or "" for k in ("code", "prefecture", "name", "kana", "kind", "url")}
            data |= {"population": row.get("population_2015") or None, "region": REGIONS.get(row.get("prefecture") or "", "")}
            towns.append(validate(Municipality, data, f"{path.name}:{i}"))
        return cls(towns)

    def find(self, name: str, prefecture: str = "") -> Municipality | None:
        """The body of exactly this name (and prefecture), or None."""
        found = [t for t in self._by.get(_key(name), []) if not prefecture or t.prefecture == prefecture]
        return found[0] if len(found) == 1 else None

    def get(self, text: str) -> Municipality:
        """The body meant by a name, kana or code. Raises ``BadInput`` with the candidates when unknown or ambiguous."""
        found = self._by.get(_key(text), [])
        if len(found) == 1:
            return found[0]
        if found:
            names = "、".join(f"{t.full_name}（{t.code}）" for t in found)
            raise BadInput(f"自治体名 {text!r} は {len(found)} つあります。都道府県を付けるか、コードで指定してください: {names}")
        near = self.suggest(text, 5)
        hint = f"近い名前: {'、'.join(t.full_name for t in near)}" if near else "「北海道北見市」のような名前か、6桁のコードで指定してください"
        raise BadInput(f"自治体 {text!r} は一覧にありません。{hint}")

    def suggest(self, text: str, k: int = 10) -> list[Municipality]:
        """Bodies whose name, kana or code begins with or contains ``text``; the beginning first, then by population."""
        key = _key(text)
        if not key:
            return []
        scored = []
        for town in self.all:
            names = (_key(town.name), _key(town.kana), _key(town.full_name), town.code)
            if any(key in n for n in names):
                scored.append((not any(n.startswith(key) for n in names), -(town.population or 0), town))
        return [t for *_, t in sorted(scored, key=lambda s: s[:2])[:k]]

    @cached_property
    def ambiguous(self) -> frozenset[str]:
        """Names that more than one body bears."""
        names = [t.name for t in self.all]
        return frozenset(n for n in names if names.count(n) > 1)


@dataclass(frozen=True)
class Casebase:
    """All knowledge that ships: read once, never written."""

    cases: dict[str, Case]
    processes: dict[str, Process]
    municipalities: Municipalities

    def process(self, text: str) -> Process:
        """The process meant by an id, name, alias or a part of one. Raises ``BadInput`` with the candidates."""
        key = _key(text)
        exact = [p for p in self.processes.values() if key in {_key(n) for n in (p.id, p.name, *p.aliases)}]
        by_id = [p for p in exact if key in (_key(p.id), _key(p.name))]
        part = [p for p in self.processes.values() if key and any(key in _key(n) for n in (p.id, p.name, *p.aliases))]
        for found in (by_id, exact, part):
            if len(found) == 1:
                return found[0]
            if found:
                raise BadInput(f"業務 {text!r} は {len(found)} つに当てはまります。どれかを指定してください: {_names(found)}")
        raise BadInput(f"業務 {text!r} はまだ用意されていません。使える業務: {_names(list(self.processes.values()))}")

    def spoken_name(self, case: Case) -> str:
        """How to say whose case it is; with the prefecture where the name alone is ambiguous, brackets left out."""
        name = re.sub(r"[（(].*?[）)]", "", case.municipality)
        return case.prefecture + name if name in self.municipalities.ambiguous else name


def _names(processes: list[Process]) -> str:
    return "、".join(f"{p.name}（{p.id}）" for p in processes)


def load(folder: Path = CASEBASE) -> Casebase:
    """The whole casebase. Raises ``CasebaseError`` with every mistake found."""
    towns = Municipalities.read(folder / "municipalities.csv")
    mistakes: list[str] = []

    def read_all(pattern: str, read: Callable[[Path], T]) -> dict[str, T]:
        found: dict[str, T] = {}
        for path in sorted(folder.glob(pattern)):
            try:
                found[path.stem] = read(path)
            except CasebaseError as error:
                mistakes.append(str(error))
        return found

    cases: dict[str, Case] = read_all("cases/*.md", lambda p: read_case(p, towns))
    processes: dict[str, Process] = read_all("processes/*.yaml", read_process)
    for process in processes.values():
        mistakes += [f"{process.id}.yaml:1: related: {other!r} という業務はありません" for other in process.related if other not in processes]
    if mistakes:
        raise CasebaseError("\n".join(mistakes))
    return Casebase(cases, processes, towns)


def check(folder: Path = CASEBASE) -> list[str]:
    """Mistakes of the casebase, one line each; empty when all is well."""
    try:
        base = load(folder)
    except CasebaseError as error:
        return str(error).split("\n")
    found = []
    for case in base.cases.values():
        known = set(_numbers(case.text + " " + " ".join(m.model_dump_json() for m in case.metrics) + str(case.period)))
        for stage, line in case.talk.model_dump(exclude_none=True).items():
            if not re.search(r"(そうです|とのことです)$", line):
                found.append(f"{case.id}.md: talk.{stage}: 「…そうです」で終えてください")
            found.extend(f"{case.id}.md: talk.{stage}: 数 {n} が本文にありません" for n in _numbers(line) if n not in known)
    return found


def _numbers(text: str) -> list[str]:
    return re.findall(r"\d+(?:\.\d+)?", nfkc(text).replace(",", ""))
