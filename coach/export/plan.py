"""A question plan to print or send: Markdown and DOCX."""

from collections.abc import Callable

from coach.domain import OUTCOME_NAMES, STAGE_NAMES, STAGES, Hit, Plan, Question
from coach.export.text import md

NOTICE = "回答を記録するのは、お話しいただいた言葉のままです。"


def plan_markdown(plan: Plan) -> str:
    """Readiness, cases and questions by stage."""
    steps = {s.id: s.name for s in plan.process.steps}
    out = [f"# ヒアリングの質問計画　{md(plan.municipality.full_name)}　{md(plan.process.name)}", "", md(plan.readiness), "", "## 比べる事例", ""]
    out += [_case_line(h) for h in plan.cases] or ["近い事例は見つかりませんでした。質問は業務の工程から作っています。"]
    for stage in STAGES:
        out += ["", f"## {STAGE_NAMES[stage]}", ""]
        for question in (q for q in plan.questions if q.stage == stage):
            out += [f"**{question.id}**（{md(steps[question.step])}） {md(question.text)}", f"  - 聞き取ること: {md(question.listen_for)}", ""]
    return "\n".join(out) + "\n"


def _case_line(hit: Hit) -> str:
    case, source = hit.case, hit.case.sources[0]
    alike = f"　似ている点: {'、'.join(hit.likeness)}" if hit.likeness else ""
    differ = f"　違う点: {'、'.join(hit.difference)}" if hit.difference else ""
    return f"- **{md(case.prefecture + case.municipality)}** {md(case.title)}（{OUTCOME_NAMES[case.outcome]}）{md(alike + differ)}　出典: {md(source.publisher)} <{source.url}>"


def plan_docx(plan: Plan) -> bytes:
    """The plan on A4, with room to tick off."""
    from coach.export.docx import new_document, table, text, to_bytes

    steps = {s.id: s.name for s in plan.process.steps}
    page = new_document(f"質問計画　{plan.municipality.full_name}　{plan.process.name}")
    page.add_paragraph(text(plan.readiness))
    page.add_heading("比べる事例", 1)
    for hit in plan.cases:
        case = hit.case
        page.add_paragraph(text(f"{case.prefecture}{case.municipality}「{case.title}」（{OUTCOME_NAMES[case.outcome]}） {case.sources[0].url}"), style="List Bullet")
    if not plan.cases:
        page.add_paragraph("近い事例は見つかりませんでした。質問は業務の工程から作っています。")
    row: Callable[[Question], list[str]] = lambda q: [q.id, steps[q.step], q.text, q.listen_for]  # noqa: E731 - one use, read in place
    for stage in STAGES:
        page.add_heading(STAGE_NAMES[stage], 1)
        table(page, ["", "工程", "質問", "聞き取ること"], [row(q) for q in plan.questions if q.stage == stage], [11, 30, 80, 45])
    page.add_paragraph()
    page.add_paragraph(NOTICE)
    return to_bytes(page)
