"""Rank issues: impact on residents, load, urgency, feasibility and strength of evidence, each 0–1, with the reason in words.

The formula proposes; the rank is decided together with the staff member. The weights are shown beside the list.
"""

import re
from collections.abc import Mapping, Sequence

from coach.domain import CaseSearch, Issue, Measured, Priority

WEIGHTS = {"impact": 0.3, "load": 0.3, "urgency": 0.2, "feasibility": 0.1, "evidence": 0.1}
FACTOR_NAMES = {"impact": "住民への影響", "load": "職員の負荷", "urgency": "急ぎ度", "feasibility": "見通し", "evidence": "根拠の厚さ"}
IMPACT = re.compile(
    r"住民|市民|区民|町民|村民|県民|来庁|お客|ご家族|遺族|保護者|申請者|本人|利用者|子ども|児童|高齢|対象者|苦情|クレーム|怒|叱|待た|待ち|誤送|誤って|届か|お詫び|事業者|世帯"
)
URGENT = re.compile(r"期限|締め?切|法定|法令|法律|監査|指摘|義務|内示|間に合|過ぎ|違反|年度内|繁忙|ピーク|議会|本番|開始まで|災害|至急")
HOURS = {"秒": 1 / 3600, "分": 1 / 60, "時間": 1.0, "日": 7.75, "営業日": 7.75, "週": 38.75}  # working hours; a day is 7h45m
COUNTS = ("件", "枚", "通", "人", "世帯", "回", "本", "部", "冊", "筆", "棟", "台", "箇所", "社", "組", "戸")
FULL_LOAD = 40.0  # hours a month that count as the whole scale: about a quarter of one post
PRESENCE = 0.5  # of the scale: a number was said, but not enough to compute hours


def rank(issues: Sequence[Issue], search: CaseSearch | None = None, weights: Mapping[str, float] = WEIGHTS, own: Sequence[str] = ()) -> tuple[Issue, ...]:
    """Issues with their priority, best first. ``own`` is an order of ids decided by people: it goes before the formula."""
    scored = [(issue, _factors(issue, search)) for issue in issues]
    total = sum(weights.values()) or 1.0
    by_score = sorted(scored, key=lambda s: -sum(weights[f] * v for f, v in s[1].items()))
    if own:
        place = {issue_id: i for i, issue_id in enumerate(own)}
        by_score.sort(key=lambda s: place.get(s[0].id, len(place)))
    found = []
    for i, (issue, factors) in enumerate(by_score, start=1):
        score = round(sum(weights[f] * v for f, v in factors.items()) / total, 3)
        reason = explain(issue, factors, decided=issue.id in own)
        found.append(issue.model_copy(update={"priority": Priority(rank=i, score=score, factors=factors, reason=reason)}))
    return tuple(found)


def _factors(issue: Issue, search: CaseSearch | None) -> dict[str, float]:
    said = " ".join(q.text for q in issue.quotes)
    hours = monthly_hours(issue)
    load = min(1.0, hours[0] / FULL_LOAD) if hours else (PRESENCE if issue.measures else 0.0)
    return {
        "impact": min(1.0, len(set(IMPACT.findall(said))) / 3),
        "load": round(load, 3),
        "urgency": min(1.0, len(set(URGENT.findall(said))) / 2),
        "feasibility": _feasibility(issue, search),
        "evidence": round(min(1.0, len(issue.quotes) / 4 * 0.5 + sum(bool(v) for v in issue.stages.values()) / 3 * 0.5), 3),
    }


def _feasibility(issue: Issue, search: CaseSearch | None) -> float:
    """Share of successes among comparable cases, when there are any near enough."""
    if search is None:
        return 0.0
    result = search.search(f"{issue.title} {' '.join(q.text for q in issue.quotes[:2])}", k=4)
    if result.none:
        return 0.0
    good = [{"success": 1.0, "partial": 0.5, "ongoing": 0.3}.get(h.case.outcome, 0.0) for h in result.hits]
    return round(sum(good) / len(good), 3)


def monthly_hours(issue: Issue) -> tuple[float, str] | None:
    """Hours a month from a volume and a time that were said, with the arithmetic; None when one of them is missing."""
    times = [m for m in issue.measures if m.unit in HOURS]
    counts = [m for m in issue.measures if m.unit in COUNTS]
    said = {q.line: q.text for q in issue.quotes}
    for time in times:
        each = re.search(r"(1|１|一)(件|枚|通|人|回|世帯|本|部|冊|棟|組)(あたり|につき|に|で|、)?", said.get(time.line, ""))
        if not each:
            continue
        for count in counts:
            per_month = _per_month(said.get(count.line, ""))
            if per_month and count.value > 1:
                hours = count.value * per_month[0] * time.value * HOURS[time.unit]
                return hours, f"{count.text}×{time.text}（{per_month[1]}）＝月 約{hours:.0f}時間"
    return None


def _per_month(text: str) -> tuple[float, str] | None:
    for pattern, factor, name in ((r"毎?日|1日|一日", 20, "月20日として"), (r"毎?週|週に", 4.3, "月4.3週として"), (r"毎?月|月に|ひと月", 1, "月あたり"), (r"毎?年|年に|年間|昨年|去年", 1 / 12, "年÷12")):  # fmt: skip
        if re.search(pattern, text):
            return factor, name
    return None


def explain(issue: Issue, factors: Mapping[str, float], decided: bool = False) -> str:
    """The reason of a rank in one sentence, from what was said."""
    parts = []
    hours = monthly_hours(issue)
    if hours:
        parts.append(f"職員の時間が{hours[1]}")
    elif issue.measures:
        parts.append(f"「{_number(issue.measures)}」という数が出ている")
    if factors["impact"] > 0:
        parts.append("住民や申請者に影響が及ぶ")
    if factors["urgency"] > 0:
        parts.append("期限・監査・繁忙期にかかわる")
    if factors["feasibility"] >= 0.5:
        parts.append("近い事例で効果が出ている")
    if not parts:
        parts.append("数や期限はまだ聞けていないが、職員の言葉で語られた")
    return ("担当の方と決めた順位。" if decided else "") + "、".join(parts) + "。"


def _number(measures: Sequence[Measured]) -> str:
    return max(measures, key=lambda m: m.value).text
