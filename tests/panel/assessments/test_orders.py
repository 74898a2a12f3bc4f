"""An order goes from the list to a re-visit that decides; nobody passes over a step."""

from __future__ import annotations

from datetime import timedelta

import pytest

from panel import db
from panel.assessments.commands import plans, progress, revisits
from panel.assessments.queries import order_parts as parts
from panel.assessments.queries import order_views as queries
from panel.assessments.types.orders import (
    Event,
    ItemSource,
    ItemState,
    NewAnalysis,
    OrderKind,
    OrderState,
    Verdict,
)
from panel.audit import queries as history
from panel.evaluations.queries import findings as cases
from panel.evaluations.types.findings import FindingState
from panel.piccolo_app import our_tables
from panel.visits import queries as visit_queries
from tests import people
from tests.make import orders as make

pytestmark = pytest.mark.usefixtures("engine")


async def state(made: make.Opened) -> OrderState:
    return (await queries.stored(made.code)).state


async def test_an_order_goes_from_the_list_to_its_verified_end() -> None:
    made = await make.opened()
    view = await queries.stored(made.code)
    assert (view.kind, view.state, view.key_supervision) == (
        OrderKind.ORDER, OrderState.OPEN, True,
    )  # fmt: skip
    (item,) = [each for each in await parts.items(view.id) if each.source is ItemSource.FINDING]
    assert (item.finding, item.item) == (made.finding, "A3")
    await make.reported(made)
    case = await cases.stored(made.finding)
    assert (case.state, case.within) == (FindingState.ORDER_OPENED, made.code)
    round_code = await make.drawn(made)
    assert await state(made) is OrderState.REVISIT
    assert (await queries.stored(made.code)).told_state is OrderState.REPORTED
    sheets = await make.visited(made, 4)
    assert sheets
    after = await revisits.judge(
        people.second_reviewer, made.code, Verdict.CLOSED, "整改到位。", at=make.JUDGED
    )
    assert after is OrderState.CLOSED
    case = await cases.stored(made.finding)
    assert (case.state, case.rectified_by) == (FindingState.CLOSED, sheets[0])
    view = await queries.stored(made.code)
    assert view.revisit == round_code
    assert {each.state for each in await parts.items(view.id)} == {ItemState.VERIFIED}
    assert [each.event for each in await parts.events(view.id)][-3:] == [
        Event.REPORTED, Event.REVISIT, Event.CLOSED,
    ]  # fmt: skip
    (outcome,) = await queries.orders_of_year(2026)
    assert (outcome.in_time, outcome.recurrences) == (True, 0)
    assert (await history.verify(our_tables())).findings == ()


@pytest.mark.engines("sqlite")
async def test_an_order_waits_for_its_unit_until_all_is_reported() -> None:
    made = await make.opened()
    unit = made.liaison.unit
    assert unit is not None
    assert await queries.unit_waiting(unit) == 1
    await make.reported(made)
    assert await queries.unit_waiting(unit) == 0
    await make.drawn(made)  # nothing that a unit reads tells of the re-visit
    assert await queries.unit_waiting(unit) == 0


@pytest.mark.engines("sqlite")
async def test_the_re_visit_is_drawn_without_who_made_the_finding() -> None:
    made = await make.opened()
    await make.reported(made)
    code = await make.drawn(made)
    view = await visit_queries.round(code)
    (found,) = await db.raw(
        "SELECT t.visitor, r.code FROM finding f JOIN sheet_submission s ON s.id = f.sheet "
        "JOIN visit_task t ON t.id = s.task JOIN visit_round r ON r.id = t.round"
    )
    finder = next(
        member
        for member in made.setting.members
        if visit_queries.link(member, found["code"]) == found["visitor"]
    )
    forbidden = await visit_queries.past([finder], view, 0, 0)
    (unit,) = await db.raw("SELECT id FROM unit WHERE code = {}", made.liaison.unit)
    assert forbidden.recused == {finder: {unit["id"]}}
    links = {visit_queries.link(finder, code)}
    tasks = await db.raw("SELECT visitor FROM visit_task WHERE round = {}", view.id)
    assert tasks
    assert links.isdisjoint(row["visitor"] for row in tasks)
    record = await visit_queries.record(view.id)
    assert '"lots"' in record


@pytest.mark.engines("sqlite")
async def test_a_failed_re_visit_opens_a_second_period_and_then_asks_the_body() -> None:
    made = await make.opened()
    await make.looked(made, 0)
    first = await revisits.judge(
        people.second_reviewer, made.code, Verdict.FAILED, "仍无人替岗。", at=make.JUDGED
    )
    assert first is OrderState.FAILED
    view = await queries.stored(made.code)
    assert (view.period, view.key_supervision) == (2, True)
    items = await parts.items(view.id)
    assert {each.state for each in items} == {ItemState.FAILED}
    later = make.JUDGED + timedelta(days=5)
    await make.done(made, at=later)
    await make.drawn(made, at=later + timedelta(hours=1))
    await make.visited(made, 0, at=later + timedelta(days=5))
    again = await revisits.judge(
        people.second_reviewer, made.code, Verdict.FAILED, "仍未改。",
        at=later + timedelta(days=6),
    )  # fmt: skip
    assert again is OrderState.ESCALATED
    letter = await revisits.write_letter(
        people.coordinator, made.code, "主管部门", "报〔2026〕5号", at=later + timedelta(days=7)
    )
    await revisits.record_answer(
        people.coordinator, made.code, letter, "已约谈主要负责人。", "复〔2026〕2号",
        at=later + timedelta(days=20),
    )  # fmt: skip
    (kept,) = await parts.letters(view.id)
    assert kept.answer == "已约谈主要负责人。"
    assert (await queries.orders_of_year(2026))[0].verified_at is None
    assert (await history.verify(our_tables())).findings == ()


@pytest.mark.engines("sqlite")
async def test_only_the_gate_asks_for_causes_alone() -> None:
    made = await make.opened()
    units = await db.raw("SELECT code FROM unit WHERE code <> {} ORDER BY id", made.liaison.unit)
    (view,) = await make.open_for(
        made.setting,
        [
            make.row(made.liaison.unit, 1, 7000),  # type: ignore[arg-type]
            make.row(units[0]["code"], 4, 7200),
            make.row(units[1]["code"], 5, 9000),
        ],
    )
    assert (view.kind, view.unit_code) == (OrderKind.ANALYSIS, units[0]["code"])
    still = await queries.stored(made.code)
    assert (await parts.events(still.id))[-1].event is Event.STILL_LAST
    liaison = people.liaison(view.unit_code, 9031)
    await plans.receive(liaison, view.code, at=make.FILED)
    whole = NewAnalysis("原因", "措施", "科长", make.DONE.date())
    await plans.analyse(liaison, view.code, whole, at=make.FILED)
    await plans.give_back(people.coordinator, view.code, "原因太笼统", at=make.FILED)
    await plans.analyse(liaison, view.code, whole, at=make.FILED)
    await plans.accept_analysis(people.coordinator, view.code, at=make.FILED)
    assert (await queries.stored(view.code)).state is OrderState.CLOSED
    assert [each.code for each in await queries.orders_of_year(2026)] == [made.code]


@pytest.mark.engines("sqlite")
async def test_a_unit_gets_more_time_once() -> None:
    made = await make.opened()
    await make.filed(made)
    before = (await queries.stored(made.code)).due
    await progress.ask_extension(made.liaison, made.code, "等待设备到货", at=make.FILED)
    due = await progress.extend(people.publisher, made.code, "同意", at=make.APPROVED)
    assert due > before
    assert (await queries.stored(made.code)).due == due
