"""Every guard of an order says no when it should."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable
from typing import Any

import pytest

from panel import db
from panel.actor import Role, Signature
from panel.assessments.commands import casework, plans, progress, revisits
from panel.assessments.queries import order_parts as parts
from panel.assessments.queries import order_views as queries
from panel.assessments.types.orders import (
    Chain,
    Filling,
    ItemSource,
    NewAnalysis,
    OrderState,
    Verdict,
)
from panel.audit.commands import entry
from panel.errors import Closed, Conflict, Forbidden, Invalid, Missing, Refusal
from panel.evaluations.commands import findings as cases
from panel.evaluations.commands import replies
from panel.evaluations.types.findings import Outcome
from panel.ids import Code
from panel.visits import commands as visit_commands
from panel.visits import queries as rounds
from tests import people
from tests.make import findings, visits
from tests.make import orders as make

pytestmark = [pytest.mark.usefixtures("engine"), pytest.mark.engines("sqlite")]
SOON = (make.FILED + dt.timedelta(days=5)).date()
GOOD = Filling("实行替岗", "组长", SOON)


async def refused(what: Awaitable[object], kind: type[Refusal], code: str) -> Any:
    """Expect a refusal by its kind and code, or by that of one of its faults."""
    with pytest.raises(kind) as told:
        await what
    faults = [fault.code for fault in getattr(told.value, "faults", ())]
    assert code in {told.value.code, *faults}, (told.value.code, faults)
    return told.value


async def number_of(made: make.Opened) -> int:
    view = await queries.stored(made.code)
    return (await parts.items(view.id))[0].number


async def test_steps_before_the_receipt_and_out_of_order_are_refused() -> None:
    made = await make.opened()
    unit, code = made.liaison, made.code
    first = await number_of(made)
    at = make.FILED
    await refused(plans.analyse(unit, code, make.ANALYSIS, at=at), Conflict, "order.receipt_first")
    await refused(plans.fill(unit, code, first, GOOD, at=at), Conflict, "order.receipt_first")
    await refused(plans.file_plan(unit, code, make.CHAIN, at=at), Conflict, "order.causes_first")
    await refused(
        plans.approve_plan(people.coordinator, code, at=at), Conflict, "order.other_state"
    )
    await refused(progress.prove(unit, code, first, "已改", at=at), Conflict, "order.other_state")
    await refused(progress.report_done(unit, code, "完", at=at), Conflict, "order.other_state")
    await refused(
        revisits.plan_revisit(people.coordinator, [code], "回访", "", at=at),
        Conflict,
        "order.other_state",
    )
    await plans.receive(unit, code, at=at)
    await refused(plans.receive(unit, code, at=at), Conflict, "order.received")
    paper = Signature("回执1号", "办公室", at.date(), "0" * 64)
    await refused(
        plans.record_receipt(people.coordinator, code, paper, at=at), Conflict, "order.received"
    )
    await refused(plans.file_plan(unit, code, make.CHAIN, at=at), Conflict, "order.causes_first")
    await refused(
        plans.accept_analysis(people.coordinator, code, at=at), Conflict, "order.plan_first"
    )


async def test_a_plan_needs_causes_measures_posts_and_days() -> None:
    made = await make.opened()
    unit, code, at = made.liaison, made.code, make.FILED
    await plans.receive(unit, code, at=at)
    await refused(plans.analyse(unit, code, NewAnalysis(" "), at=at), Invalid, "form.required")
    long = NewAnalysis("因" * 2001)
    await refused(plans.analyse(unit, code, long, at=at), Invalid, "form.too_long")
    await plans.analyse(unit, code, make.ANALYSIS, at=at)
    first = await number_of(made)
    told = await refused(
        plans.file_plan(unit, code, Chain("", "科", "组长"), at=at), Invalid, "order.item_unplanned"
    )
    assert "leader" in {fault.path for fault in told.faults}
    for wrong, why in (
        (Filling("", "组长", SOON), "form.required"),
        (Filling("替岗", "组长", at.date() - dt.timedelta(days=2)), "order.day_past"),
        (Filling("替岗", "组长", dt.date(2027, 1, 1)), "order.day_late"),
    ):
        await refused(plans.fill(unit, code, first, wrong, at=at), Invalid, why)
    await refused(plans.add(unit, code, GOOD, at=at), Invalid, "form.required")
    own = Filling("增设导办", "组长", SOON, "没有导办")
    for _ in range(29):
        await plans.add(unit, code, own, at=at)
    await refused(plans.add(unit, code, own, at=at), Conflict, "order.items_full")
    await refused(plans.fill(unit, code, 99, GOOD, at=at), Missing, "order.missing")


async def test_an_order_without_items_needs_one() -> None:
    setting = await visits.running_round()
    unit = Code((await db.raw("SELECT code FROM unit ORDER BY id LIMIT 1"))[0]["code"])
    (view,) = await make.open_for(setting, [make.row(unit, 1, 7000)])
    liaison = people.liaison(unit)
    await plans.receive(liaison, view.code, at=make.FILED)
    await plans.analyse(liaison, view.code, make.ANALYSIS, at=make.FILED)
    await refused(
        plans.file_plan(liaison, view.code, make.CHAIN, at=make.FILED), Invalid, "order.no_items"
    )


async def test_a_plan_is_approved_by_the_office_and_tells_nothing_unlooked() -> None:
    made = await make.opened()
    await make.filed(made)
    code, at, first = made.code, make.APPROVED, await number_of(made)
    for nobody in (people.reviewer, people.publisher, made.liaison, people.stranger):
        await refused(plans.approve_plan(nobody, code, at=at), Forbidden, "actor.role")
    await refused(
        plans.approve_plan(people.coordinator, code, desk=[77], at=at), Invalid,
        "order.item_unknown",
    )  # fmt: skip
    view = await queries.stored(code)
    every = [each.number for each in await parts.items(view.id)]
    await refused(
        plans.approve_plan(people.coordinator, code, desk=every, at=at), Invalid, "order.all_desk"
    )
    await refused(plans.fill(made.liaison, code, first, GOOD, at=at), Conflict, "order.other_state")
    await refused(plans.give_back(people.coordinator, code, " ", at=at), Invalid, "form.required")
    await plans.give_back(people.coordinator, code, "措施太笼统", at=at)
    telling = Filling("请拨打13800138000联系张主任", "组长", SOON)
    await plans.fill(made.liaison, code, first, telling, at=at)
    await plans.file_plan(made.liaison, code, make.CHAIN, at=at)
    await refused(
        plans.approve_plan(people.coordinator, code, at=at), Invalid, "finding.text_tells"
    )
    await plans.approve_plan(people.coordinator, code, checked=("13800138000", "张主任"), at=at)


async def test_a_report_waits_for_every_proof_and_may_come_back() -> None:
    made = await make.opened()
    await make.filed(made)
    code = made.code
    await plans.approve_plan(people.coordinator, code, at=make.APPROVED)
    await refused(
        progress.report_done(made.liaison, code, "完", at=make.DONE), Conflict, "order.other_state"
    )
    first = await number_of(made)
    await refused(
        progress.prove(made.liaison, code, first, "", at=make.DONE), Invalid, "form.required"
    )
    await progress.prove(made.liaison, code, first, "已改", at=make.DONE)
    await db.raw("UPDATE order_item SET state = 'open' WHERE number = {}", first)
    await refused(
        progress.report_done(made.liaison, code, "完", at=make.DONE), Conflict, "order.items_open"
    )
    await progress.prove(made.liaison, code, first, "已改", at=make.DONE)
    await progress.report_done(made.liaison, code, "完", at=make.DONE)
    await refused(
        progress.prove(made.liaison, code, first, "又改", at=make.DONE), Conflict,
        "order.other_state",
    )  # fmt: skip
    for nobody in (people.reviewer, made.liaison):
        await refused(
            progress.give_back_report(nobody, code, "不全", at=make.DONE), Forbidden, "actor.role"
        )
    due = (await queries.stored(code)).due
    await progress.give_back_report(people.coordinator, code, "缺附件", at=make.DONE)
    view = await queries.stored(code)
    clock = (await parts.clocks(view.id))[-1]
    assert (view.state, clock.due_at) == (OrderState.WORKING, due)


async def test_more_time_is_given_once_in_time_and_by_another() -> None:
    made = await make.opened()
    await make.filed(made)
    code, unit = made.code, made.liaison
    await refused(
        progress.extend(people.publisher, code, "同意", at=make.FILED), Conflict,
        "order.extension_unasked",
    )  # fmt: skip
    late = (await queries.stored(code)).due + dt.timedelta(days=1)
    await refused(
        progress.ask_extension(unit, code, "等设备", at=late), Closed, "order.extension_late"
    )
    await refused(progress.ask_extension(unit, code, "", at=make.FILED), Invalid, "form.required")
    await progress.ask_extension(unit, code, "等设备", at=make.FILED)
    await refused(
        progress.ask_extension(unit, code, "再等", at=make.FILED), Conflict, "order.extended"
    )
    for nobody in (people.coordinator, people.reviewer, unit):
        await refused(progress.extend(nobody, code, "同意", at=make.FILED), Forbidden, "actor.role")
    await refused(
        progress.extend(people.publisher, code, "同意", at=late), Closed, "order.extension_late"
    )
    await db.raw("UPDATE rectification_order SET approved_by = {}", people.publisher.person)
    await refused(
        progress.extend(people.publisher, code, "同意", at=make.FILED), Forbidden,
        "order.extension_own",
    )  # fmt: skip
    await db.raw("UPDATE rectification_order SET approved_by = NULL")
    await progress.refuse_extension(people.publisher, code, "理由不足", at=make.FILED)
    await refused(
        progress.extend(people.publisher, code, "同意", at=make.FILED), Conflict,
        "order.extension_unasked",
    )  # fmt: skip
    await refused(
        progress.ask_extension(unit, code, "再等", at=make.FILED), Conflict, "order.extended"
    )


async def test_nobody_decides_before_the_sheets_or_about_their_own_sending() -> None:
    made = await make.opened()
    await make.reported(made)
    code, at = made.code, make.JUDGED
    await refused(
        revisits.judge(people.second_reviewer, code, Verdict.CLOSED, "到位", at=at), Conflict,
        "order.other_state",
    )  # fmt: skip
    for nobody in (people.reviewer, people.publisher, made.liaison):
        await refused(
            revisits.plan_revisit(nobody, [code], "回访", "", at=make.PLANNED), Forbidden,
            "actor.role",
        )  # fmt: skip
    await refused(
        revisits.plan_revisit(people.coordinator, [], "回访", "", at=make.PLANNED), Invalid,
        "form.required",
    )  # fmt: skip
    round_code = await revisits.plan_revisit(
        people.coordinator, [code], "回访", "", at=make.PLANNED
    )
    await refused(
        revisits.judge(people.second_reviewer, code, Verdict.FAILED, "没改", at=at), Conflict,
        "order.revisit_missing",
    )  # fmt: skip
    await visit_commands.approve(people.second, round_code, at=make.PLANNED)
    await refused(
        visit_commands.bar(people.coordinator, round_code, [1], at=make.PLANNED), Conflict,
        "round.state_changed",
    )  # fmt: skip
    await visit_commands.commit(people.coordinator, round_code, at=make.PLANNED)
    await visit_commands.draw(people.coordinator, round_code, at=make.DRAWN)
    await refused(
        revisits.judge(people.second_reviewer, code, Verdict.CLOSED, "到位", at=at), Conflict,
        "order.revisit_waits",
    )  # fmt: skip
    (sheet, *_) = await make.visited(made, 0)
    for nobody in (people.publisher, people.auditor, made.liaison):
        await refused(
            revisits.judge(nobody, code, Verdict.CLOSED, "到位", at=at), Forbidden, "actor.role"
        )
    await refused(
        revisits.judge(people.coordinator, code, Verdict.FAILED, "没改", at=at), Forbidden,
        "sheet.assigned_by_you",
    )  # fmt: skip
    (seat,) = await db.raw(
        "SELECT t.visitor FROM sheet_submission s JOIN visit_task t ON t.id = s.task "
        "WHERE s.code = {}", sheet,
    )  # fmt: skip
    rows = await db.raw("SELECT code, person FROM member")
    visitor = next(r for r in rows if rounds.link(r["code"], round_code) == seat["visitor"])
    same = people.staff(visitor["person"], "same", "评议办", Role.REVIEWER)
    await refused(
        revisits.judge(same, code, Verdict.FAILED, "没改", at=at), Forbidden,
        "sheet.visited_by_you",
    )  # fmt: skip
    second = people.second_reviewer
    await refused(
        revisits.judge(second, code, Verdict.CLOSED, "到位", at=at), Invalid,
        "order.revisit_failed",
    )  # fmt: skip
    await refused(
        revisits.judge(second, code, Verdict.FAILED, "3月27日上午没人", at=at), Invalid,
        "finding.text_tells",
    )  # fmt: skip
    assert (await queries.stored(code)).state is OrderState.REVISIT


async def test_a_desk_matter_is_shown_by_a_document_that_another_checked() -> None:
    made = await make.opened()
    await make.filed(made)
    await plans.give_back(people.coordinator, made.code, "补一项", at=make.FILED)
    own = Filling("修订制度", "组长", SOON, "制度未修订")
    number = await plans.add(made.liaison, made.code, own, at=make.FILED)
    await plans.file_plan(made.liaison, made.code, make.CHAIN, at=make.FILED)
    await plans.approve_plan(people.coordinator, made.code, desk=[number], at=make.APPROVED)
    check = progress.check_document
    first, second = people.reviewer, people.second_reviewer
    await refused(
        check(first, made.code, number, "文1号", at=make.DONE), Conflict, "order.other_state"
    )
    await make.done(made, at=make.DONE)
    await make.drawn(made)
    await make.visited(made, 4)
    await refused(
        revisits.judge(second, made.code, Verdict.CLOSED, "到位", at=make.JUDGED), Invalid,
        "order.document_missing",
    )  # fmt: skip
    await refused(check(made.liaison, made.code, number, "文", at=make.JUDGED), Forbidden,
                  "actor.role")  # fmt: skip
    await refused(check(first, made.code, 1, "文", at=make.JUDGED), Conflict, "order.item_visible")
    await refused(check(first, made.code, number, "", at=make.JUDGED), Invalid, "form.required")
    await check(first, made.code, number, "文1号", at=make.JUDGED)
    await refused(
        revisits.judge(first, made.code, Verdict.CLOSED, "到位", at=make.JUDGED), Forbidden,
        "order.checked_by_you",
    )  # fmt: skip
    await revisits.judge(second, made.code, Verdict.CLOSED, "到位", at=make.JUDGED)


async def test_a_missed_period_is_called_by_a_person_after_its_end() -> None:
    made = await make.opened()
    code = made.code
    due = (await queries.stored(code)).due
    early = due - dt.timedelta(days=1)
    fail = revisits.fail_unreported
    await refused(fail(people.coordinator, code, "逾期", at=early), Conflict, "order.period_runs")
    late = due + dt.timedelta(days=1)
    await refused(fail(people.publisher, code, "逾期", at=late), Forbidden, "actor.role")
    await refused(fail(people.coordinator, code, "", at=late), Invalid, "form.required")
    assert await fail(people.coordinator, code, "逾期", at=late) is OrderState.FAILED
    await refused(fail(people.coordinator, code, "逾期", at=late), Conflict, "order.period_runs")
    last = late + dt.timedelta(days=40)
    letter = revisits.write_letter
    await refused(letter(people.coordinator, code, "主管部门", "函1号", at=last), Conflict,
                  "order.other_state")  # fmt: skip
    assert await fail(people.coordinator, code, "逾期", at=last) is OrderState.ESCALATED
    await refused(letter(people.reviewer, code, "主管部门", "函", at=last), Forbidden, "actor.role")
    await refused(letter(people.coordinator, code, "某机关", "函", at=last), Invalid,
                  "finding.body")  # fmt: skip
    await refused(letter(people.coordinator, code, "主管部门", "", at=last), Invalid,
                  "form.required")  # fmt: skip
    number = await letter(people.coordinator, code, "主管部门", "函1号", at=last)
    answer = revisits.record_answer
    nobody = Code("000000000N")
    await refused(answer(people.coordinator, code, nobody, "答", "1号", at=last), Missing,
                  "order.missing")  # fmt: skip
    await refused(answer(people.coordinator, code, number, "", "1号", at=last), Invalid,
                  "form.required")  # fmt: skip
    await answer(people.coordinator, code, number, "已约谈", "复1号", at=last)
    await refused(answer(people.coordinator, code, number, "再答", "2号", at=last), Conflict,
                  "order.answered")  # fmt: skip


async def test_an_order_opens_again_only_for_the_same_problem_soon_after() -> None:
    made = await make.opened()
    await make.looked(made)
    await revisits.judge(people.second_reviewer, made.code, Verdict.CLOSED, "到位", at=make.JUDGED)
    back, _ = await findings.answered(made.setting)
    own = "SELECT unit FROM rectification_order WHERE code = {}"
    await db.raw(f"UPDATE finding SET unit = ({own}) WHERE code = {{}}", made.code, back)
    reopen = revisits.reopen
    later = make.JUDGED + dt.timedelta(days=10)
    await refused(
        reopen(people.coordinator, made.code, back, at=later), Conflict, "order.no_recurrence"
    )
    await cases.conclude(people.second_reviewer, back, Outcome.VERIFIED, "属实。", at=later)
    await refused(reopen(people.publisher, made.code, back, at=later), Forbidden, "actor.role")
    too_late = make.JUDGED + dt.timedelta(days=200)
    await refused(
        reopen(people.coordinator, made.code, back, at=too_late), Closed, "order.too_long_ago"
    )
    assert [code for _, code in await queries.recurring(180, at=later)] == [back]
    await reopen(people.coordinator, made.code, back, at=later)
    view = await queries.stored(made.code)
    assert (view.state, view.period, view.recurrences) == (OrderState.FAILED, 2, 1)
    assert [each.source for each in await parts.items(view.id)].count(ItemSource.FINDING) == 2
    await refused(
        reopen(people.coordinator, made.code, back, at=later), Conflict, "order.other_state"
    )
    (outcome,) = await queries.orders_of_year(2026)
    assert (outcome.recurrences, outcome.verified_at) == (1, None)
    await refused(
        replies.rectified(people.coordinator, back, document="核查单", at=later), Conflict,
        "finding.within_order",
    )  # fmt: skip
    await refused(
        replies.report(made.liaison, back, "已改", at=later), Conflict, "finding.within_order"
    )


async def test_an_analysis_asks_for_no_plan_and_an_order_is_its_units_alone() -> None:
    made = await make.opened()
    rows = await db.raw("SELECT code FROM unit WHERE code <> {} ORDER BY id", made.liaison.unit)
    other = Code(rows[0]["code"])
    (view,) = await make.open_for(made.setting, [make.row(other, 5, 7000)])
    liaison, at = people.liaison(other, 9031), make.FILED
    await plans.receive(liaison, view.code, at=at)
    await refused(
        plans.analyse(liaison, view.code, make.ANALYSIS, at=at), Invalid, "order.day_past"
    )
    await refused(plans.add(liaison, view.code, GOOD, at=at), Conflict, "order.analysis_only")
    await refused(
        plans.file_plan(liaison, view.code, make.CHAIN, at=at), Conflict, "order.analysis_only"
    )
    for step in (
        plans.receive(liaison, made.code, at=at),
        plans.analyse(liaison, made.code, make.ANALYSIS, at=at),
        plans.fill(liaison, made.code, 1, GOOD, at=at),
        progress.prove(liaison, made.code, 1, "已改", at=at),
        progress.report_done(liaison, made.code, "完", at=at),
        progress.ask_extension(liaison, made.code, "等", at=at),
    ):
        await refused(step, Missing, "order.missing")
    await refused(queries.order(made.liaison, made.code), Forbidden, "actor.role")
    homeless = people.staff(9100, "nobody", "", Role.LIAISON)
    await refused(plans.receive(homeless, made.code, at=at), Forbidden, "actor.no_unit")


async def test_of_two_who_change_an_order_at_once_one_is_refused() -> None:
    made = await make.opened()
    view = await queries.stored(made.code)
    await plans.receive(made.liaison, made.code, at=make.FILED)
    with pytest.raises(Conflict, match=r"order\.changed"):
        async with entry(people.coordinator, "assessments.receive", at=make.FILED) as note:
            await casework.change(view, note, period=1)
