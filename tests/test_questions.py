import re
from collections import Counter

import pytest

from coach.domain import ASPECTS, STAGES, Aspect, Note, Stage
from coach.filling import MAX_ASK
from coach.japanese import nfkc
from coach.prompts import templates

TOWNS = ("北海道北見市", "横浜市", "東京都千代田区", "北海道当別町", "長野県")


@pytest.fixture(scope="module")
def plans(coach, base):
    return {(p.id, t): coach.plan(base.municipalities.get(t), p) for p in base.processes.values() for t in TOWNS}


def test_nothing_the_plan_says_fails_the_gate(coach, plans):
    spoken = {q.text for plan in plans.values() for q in plan.questions}
    flawed = [(text, labels) for text in spoken if (labels := coach.gate.labels(text)[0])]
    assert flawed == []
    assert len(spoken) > 1500


def test_a_plan_is_long_and_wide_enough(plans):
    for key, plan in plans.items():
        assert 12 <= len(plan.questions) <= 28, key
        assert len({q.step for q in plan.questions}) >= 4, key
        assert {q.stage for q in plan.questions} == set(STAGES), key


def test_a_plan_goes_from_present_to_past_to_future(plans):
    for plan in plans.values():
        order = [STAGES.index(q.stage) for q in plan.questions]
        assert order == sorted(order)
        for question in plan.questions:
            assert question.aspect in ASPECTS[question.stage]


def test_no_question_twice_and_no_two_alike_side_by_side(plans):
    for key, plan in plans.items():
        asks = [q.text.rpartition("。")[2] for q in plan.questions]
        assert len(set(asks)) == len(asks), key
        skeletons = [q.skeleton for q in plan.questions]
        assert all(a != b for a, b in zip(skeletons, skeletons[1:], strict=False)), key


def test_every_question_names_a_thing_of_its_step(plans):
    for plan in plans.values():
        for q in plan.questions:
            step = plan.process.step(q.step)
            things = (step.name, *step.documents, *step.systems, *step.exceptions, *(m.name for m in step.measures))
            assert any(t in q.text for t in things), q.text


def test_a_question_can_be_said_in_one_breath(plans):
    lengths = sorted(len(q.text.rpartition("。")[2]) for plan in plans.values() for q in plan.questions)
    assert lengths[int(len(lengths) * 0.99)] <= MAX_ASK + 10


def test_a_case_is_another_municipality_with_its_source_and_figures_from_its_card(plans, base):
    cited = 0
    for plan in plans.values():
        for q in plan.questions:
            if q.basis.case is None:
                continue
            cited += 1
            case = base.cases[q.basis.case]
            assert (case.municipality, case.prefecture) != (plan.municipality.name, plan.municipality.prefecture)
            lead = q.text.rpartition("。")[0]
            assert base.spoken_name(case) in lead
            known = set(re.findall(r"\d+(?:\.\d+)?", nfkc(case.text + " ".join(m.model_dump_json() for m in case.metrics) + str(case.period)).replace(",", "")))
            assert set(re.findall(r"\d+(?:\.\d+)?", nfkc(lead).replace(",", ""))) <= known | set(re.findall(r"\d+", case.municipality))
    assert cited > 1000


def test_a_sentence_about_a_case_is_said_once(plans):
    for plan in plans.values():
        leads = Counter(q.text.rpartition("。")[0] for q in plan.questions if q.basis.case)
        assert all(n == 1 for n in leads.values())


def test_the_move_in_plan_compares_with_cases(plans):
    plan = plans["juki-tennyu", "北海道北見市"]
    assert sum(q.basis.case is not None for q in plan.questions) * 3 >= len(plan.questions)


def test_the_same_state_gives_the_same_questions(coach, base):
    town, process = base.municipalities.get("北見市"), base.process("kaigo-nintei")
    assert coach.plan(town, process) == coach.plan(town, process)


def staff(*lines):
    return [Note(n=i, speaker="rep" if line.startswith("Q:") else "staff", text=line.removeprefix("Q:")) for i, line in enumerate(lines, start=1)]


@pytest.fixture
def ask(light, base):
    town, process = base.municipalities.get("北見市"), base.process("juki-tennyu")

    def following(*lines):
        return light.next(town, process, light.board(process, staff(*lines)))

    return following


@pytest.mark.parametrize(
    ("line", "words", "aspect"),
    [
        ("届書の審査は大島さんしか分からないので、休むと止まる", "大島さん", Aspect.PEOPLE),
        ("外字の入力は手間がかかってます", "手間", Aspect.VOLUME),
        ("委任状の不備は前任のときに一度見直しました", "前任", Aspect.ORIGIN),
        ("異動連絡票は手書きの台帳にも写しています", "台帳", Aspect.TOOLS),
    ],
)
def test_a_follow_up_takes_up_their_words(ask, line, words, aspect):
    first = ask(line)[0]
    quoted = re.search("「(.+?)」", first.text)
    assert quoted is not None
    assert quoted[1] in line
    assert words in line
    assert first.basis.line == 1


def test_a_wish_without_a_fact_is_led_back_to_a_step(ask):
    first = ask("Q:届書の審査は何人で回していますか", "忙しいので楽にしたいです")[0]
    assert first.stage == Stage.PRESENT
    assert "「" in first.text


def test_after_a_refusal_someone_else_is_asked_for(ask):
    assert "どなた" in ask("Q:届書の審査は何人で回していますか", "ちょっとそれは担当が違うので")[0].text


def test_the_next_question_changes_with_every_line_and_never_repeats(light, base):
    town, process = base.municipalities.get("北見市"), base.process("hoiku-nyusho")
    notes: list[Note] = []
    asked: list[str] = []
    for _ in range(14):
        question = light.next(town, process, light.board(process, notes))[0]
        assert question.text not in asked
        asked.append(question.text)
        step = process.step(question.step)
        notes += [
            Note(n=len(notes) + 1, speaker="rep", text=question.text),
            Note(n=len(notes) + 2, text=f"{step.name}は{len(notes) + 3}件で、2人で見ています"),
        ]
    assert len(set(asked)) == 14


def test_what_is_offered_keeps_the_order_rule(light, base):
    town, process = base.municipalities.get("北見市"), base.process("risai-shomei")
    board = light.board(process, [])
    assert all(q.stage == Stage.PRESENT for q in light.next(town, process, board))


def test_templates_cover_every_aspect_with_variants():
    for aspect, found in templates().items():
        assert len(found.asks) >= 3, aspect
        assert found.listen_for
