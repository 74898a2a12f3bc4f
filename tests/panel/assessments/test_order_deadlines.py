"""Deadlines of orders reach whom they should; what is told of orders tells nobody who came."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from panel import db
from panel.actor import Role
from panel.assessments.commands import deadlines, plans, revisits
from panel.assessments.queries import comparing, tracking
from panel.assessments.queries import order_parts as parts
from panel.assessments.queries import order_views as queries
from panel.assessments.types.orders import Event, OrderState, Timing, Verdict
from panel.errors import Missing
from panel.evaluations import commands as sheets
from panel.evaluations import queries as sheet_queries
from panel.evaluations.queries.items import figures, told_cells, unit_figures
from panel.evaluations.types.releases import ReleaseState
from tests import people
from tests.make import accounts, evaluations, findings, visits
from tests.make import orders as make

pytestmark = [pytest.mark.usefixtures("engine"), pytest.mark.engines("sqlite")]


async def test_what_nobody_signed_for_counts_as_delivered_and_limits_climb() -> None:
    made = await make.opened()
    view = await queries.stored(made.code)
    receipt = await parts.live(view.id, Timing.RECEIPT)
    plan = await parts.live(view.id, Timing.PLAN)
    assert receipt is not None
    assert plan is not None
    assert await deadlines.escalate_due(at=make.OPENED) == 0
    await deadlines.escalate_due(at=receipt.due_at + timedelta(seconds=1))
    view = await queries.stored(made.code)
    assert (view.state, view.received_at) == (OrderState.RECEIVED, receipt.due_at)
    await deadlines.escalate_due(at=plan.due_at + timedelta(days=2))
    await deadlines.escalate_due(at=plan.due_at + timedelta(days=2))
    told = [(each.event, each.text) for each in await parts.events(view.id)]
    assert (Event.PRESUMED, "") in told
    assert told.count((Event.TOLD_HEAD, "plan")) == 1


async def test_a_liaison_is_told_at_the_start_and_when_time_runs_out() -> None:
    made = await make.opened()
    await accounts.staff("speaker", Role.LIAISON, unit=made.liaison.unit)
    assert await deadlines.tell_units(at=make.OPENED) == 1
    assert await deadlines.tell_units(at=make.OPENED + timedelta(minutes=5)) == 0
    await plans.receive(made.liaison, made.code, at=make.OPENED)
    view = await queries.stored(made.code)
    plan = await parts.live(view.id, Timing.PLAN)
    assert plan is not None
    assert await deadlines.tell_units(at=plan.soft_at) == 2
    rows = await db.raw("SELECT * FROM message")
    assert not [row for row in rows if made.code in {str(value) for value in row.values()}]


async def test_an_overdue_order_reaches_the_desk_and_a_day_later_the_leader() -> None:
    made = await make.opened()
    await accounts.staff("desk", Role.COORDINATOR)
    await accounts.staff("leader", Role.PUBLISHER)
    view = await queries.stored(made.code)
    plan = await parts.live(view.id, Timing.PLAN)
    assert plan is not None
    await db.raw("DELETE FROM order_clock WHERE kind <> 'plan'")
    kinds = []
    for at in (
        plan.due_at,
        plan.due_at + timedelta(seconds=1),
        plan.due_at + timedelta(hours=23),
        plan.due_at + timedelta(days=1),
        plan.due_at + timedelta(days=9),
    ):
        await deadlines.escalate_due(at=at)
        kinds.append([row["kind"] for row in await db.raw("SELECT kind FROM message ORDER BY id")])
    desk, both = ["staff_waits"], ["staff_waits", "leader_waits"]
    assert kinds == [[], desk, desk, both, both]
    rows = await db.raw("SELECT * FROM message")
    assert not [row for row in rows if made.code in {str(value) for value in row.values()}]


async def test_a_finding_that_its_unit_does_not_know_is_no_item() -> None:
    setting = await visits.running_round()
    code, liaison = await findings.verified(setting)
    assert liaison.unit is not None
    await db.raw("UPDATE finding SET sealed = {} WHERE code = {}", True, code)  # noqa: FBT003
    (view,) = await make.open_for(setting, [make.row(liaison.unit, 1, 7000)])
    assert await parts.items(view.id) == []
    assert await queries.came_back(view, [], days=180) == []


async def test_nothing_public_tells_who_looked_or_when() -> None:
    made = await make.opened()
    (sheet, *_) = await make.looked(made)
    view = await queries.stored(made.code)
    waiting = await tracking.public_order(made.code, at=make.LOOKED)
    assert waiting.state is OrderState.REPORTED
    assert waiting.revisited_on is None
    await revisits.judge(people.second_reviewer, made.code, Verdict.CLOSED, "到位", at=make.JUDGED)
    (told,) = await tracking.public_orders(at=make.JUDGED)
    assert told.revisited_on is not None
    assert told.revisited_on.day == 1
    rows = await db.raw("SELECT code, visitor FROM visit_task")
    secrets = {sheet, view.revisit, "分管副局长", "窗口组组长", "已落实", findings.TOLD}
    secrets |= {row["code"] for row in rows} | {row["visitor"] for row in rows}
    for secret in secrets:
        assert str(secret) not in repr(told)
    later = make.OPENED + timedelta(days=400)
    assert (await tracking.public_order(made.code, at=later)).unit_name == ""
    with pytest.raises(Missing):
        await tracking.public_order(people.stranger.name, at=later)  # type: ignore[arg-type]


async def test_items_are_compared_over_whole_cells_that_were_told() -> None:
    setting = await visits.running_round()
    await evaluations.all_sent(setting)
    rows = await db.raw("SELECT s.id, s.code, t.unit FROM sheet_submission s "
                        "JOIN visit_task t ON t.id = s.task ORDER BY s.id")  # fmt: skip
    for row in rows:
        await sheets.accept(people.reviewer, row["code"], at=findings.AT)
    unit = rows[0]["unit"]
    own = [row["id"] for row in rows if row["unit"] == unit]
    assert await told_cells([unit], at=findings.AT) == {}
    await db.raw(
        "INSERT INTO result_release (code, state, made_at, made_by, visible_from) "
        "VALUES ('R000000001', {}, {}, 1, {})",
        ReleaseState.RELEASED, findings.AT, findings.AT,
    )  # fmt: skip
    for whole, cell in ((False, own[:2]), (True, own)):
        await db.raw(
            "INSERT INTO result_cell (release, unit, whole, span, since, until, sheets, visits, "
            "visitors, score, sections, rulebook, form_key) SELECT r.id, {}, {}, 'month', {}, {}, "
            "{}, 2, 2, 0, '[]', 'B', 'window' FROM result_release r",
            unit, whole, findings.AT.date(), findings.AT.date(), str(cell),
        )  # fmt: skip
    told = await told_cells([unit], at=findings.AT)
    assert told == {unit: (frozenset(own[:2]),)}
    assert await told_cells([unit], at=findings.AT - timedelta(days=1)) == {}
    found = await figures(told[unit], 2)
    assert {each.visitors for each in found} == {2}
    assert {each.percent for each in found} == {100}
    everything = await unit_figures(unit, [setting.round.id])
    assert {each.sheets for each in everything} == {len(own)}
    code = await sheet_queries.submission(rows[0]["code"])
    (view,) = await make.open_for(setting, [make.row(code.task.unit_code, 1, 7000)])
    compared = await comparing.benchmark(view, at=findings.AT)
    assert {(each.own, each.best) for each in compared.items} == {(None, None)}
    assert compared.names == ()


async def test_no_item_of_a_cell_tells_what_few_answered_or_few_left_out() -> None:
    setting = await visits.running_round()
    await evaluations.all_sent(setting)
    rows = await db.raw("SELECT id, code, answers FROM sheet_submission ORDER BY id")
    for row in rows:
        await sheets.accept(people.reviewer, row["code"], at=findings.AT)
    cell = frozenset(row["id"] for row in rows)
    item = (await figures([cell], 2))[0].item
    persons = (await figures([cell], 2))[0].visitors
    assert persons > 3
    silent = msgspec.json.decode(rows[0]["answers"])
    silent["items"][item] = None
    await db.raw(
        "UPDATE sheet_submission SET answers = {} WHERE id = {}",
        msgspec.json.encode(silent).decode(),
        rows[0]["id"],
    )
    assert item not in {each.item for each in await figures([cell], 2)}
    assert item in {each.item for each in await figures([cell], 1)}
    split = [cell - {rows[0]["id"], rows[1]["id"]}, frozenset({rows[0]["id"], rows[1]["id"]})]
    (whole,) = [each for each in await figures(split, 2) if each.item == item]
    assert whole.sheets == len(cell) - 2
    await db.raw("UPDATE sheet_submission SET state = 'voided' WHERE id = {}", rows[1]["id"])
    assert await figures([cell], 1) == []
