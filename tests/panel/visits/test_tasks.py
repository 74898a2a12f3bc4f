"""Tasks: every answer, substitutes, and every refusal."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from panel import db
from panel.actor import Signature
from panel.audit.tables import Entry
from panel.errors import Closed, Conflict, Invalid, Missing
from panel.members import commands as members
from panel.visits import commands, queries
from panel.visits.types import DeclineReason, RecusalKind, TaskState
from panel.workdays import SHANGHAI
from tests import people
from tests.make import visits as make
from tests.panel.visits.test_rounds import faults

PAPER = Signature(document="批〔2026〕3号", signer="示例", signed_on=make.AT.date(), scan="0" * 64)


async def test_somebody_elses_task_is_missing(engine: db.Engine) -> None:
    setting = await make.running_round()
    actor, task = await make.one_task(setting)
    other = next(code for code in setting.members if code != actor.member)
    stranger = people.member(other, 500)
    with pytest.raises(Missing, match=r"task.missing"):
        await queries.member_task(other, task.code)
    for step in (
        commands.accept(stranger, task.code, at=make.DURING),
        commands.decline(stranger, task.code, None, at=make.DURING),
        commands.recuse(stranger, task.code, RecusalKind.FAMILY, at=make.DURING),
        commands.brief(stranger, task.code, at=make.DURING),
        commands.not_possible(stranger, task.code, None, "", at=make.DURING),
    ):
        with pytest.raises(Missing, match=r"task.missing"):
            await step
    assert (await queries.task(task.code)).state is TaskState.OFFERED


async def test_a_task_is_accepted_once(engine: db.Engine) -> None:
    setting = await make.running_round()
    actor, task = await make.one_task(setting)
    accepted = await commands.accept(actor, task.code, at=make.DURING)
    assert accepted.state is TaskState.ACCEPTED
    with pytest.raises(Conflict, match=r"task.answered"):
        await commands.accept(actor, task.code, at=make.DURING)
    entries = await Entry.select().where(Entry.command == "visits.accept")
    assert len(entries) == 1


async def test_two_taps_at_once_accept_once(engine: db.Engine) -> None:
    setting = await make.running_round()
    actor, task = await make.one_task(setting)
    answers = await asyncio.gather(
        *(commands.accept(actor, task.code, at=make.DURING) for _ in range(2)),
        return_exceptions=True,
    )
    assert sum(isinstance(each, Conflict) for each in answers) == 1


async def test_an_offer_ends_with_its_deadline(engine: db.Engine) -> None:
    setting = await make.running_round()
    actor, task = await make.one_task(setting)
    assert task.answer_by is not None
    with pytest.raises(Closed, match=r"task.offer_over"):
        await commands.accept(actor, task.code, at=task.answer_by + timedelta(seconds=1))


async def test_a_declined_task_goes_to_the_next_in_the_recorded_order(engine: db.Engine) -> None:
    setting = await make.running_round()
    actor, task = await make.one_task(setting)
    declined = await commands.decline(actor, task.code, DeclineReason.TIME, at=make.DURING)
    assert declined.state is TaskState.DECLINED
    of_place = [each for each in await queries.unit_tasks(task.round_id, task.unit_id)
                if each.place_id == task.place_id]  # fmt: skip
    (fresh,) = [each for each in of_place if each.why.position]
    reserve = await queries.reserve(task.place_id)
    met = {each.visitor for each in await queries.unit_tasks(task.round_id, task.unit_id)}
    loads = await queries.loads(task.round_id)
    earlier = reserve[: fresh.why.position - 1]
    assert fresh.visitor == reserve[fresh.why.position - 1]
    assert all(each in met or loads.get(each, 0) >= 4 for each in earlier)
    assert fresh.state is TaskState.OFFERED
    assert fresh.visitor != task.visitor
    assert fresh.answer_by is not None
    assert fresh.answer_by > make.DURING
    with pytest.raises(Conflict):
        await commands.accept(actor, task.code, at=make.DURING)


async def test_substitutes_keep_the_load_within_its_bound(engine: db.Engine) -> None:
    setting = await make.running_round(members_count=6, max_tasks=2)
    for _ in range(3):
        actor, task = await make.one_task(setting)
        await commands.decline(actor, task.code, None, at=make.DURING)
        assert max((await queries.loads(setting.round.id)).values()) <= 2


async def test_a_recusal_bars_the_unit_for_good(engine: db.Engine) -> None:
    setting = await make.running_round()
    actor, task = await make.one_task(setting)
    await commands.recuse(actor, task.code, RecusalKind.DISPUTE, at=make.DURING)
    own = await queries.member_tasks(actor.member, at=make.DURING)
    states = {each.state for each in own if each.unit_id == task.unit_id}
    assert states == {TaskState.RECUSED}
    await commands.close(people.coordinator, setting.round.code, at=make.after(8))
    for number in range(3):
        starts = make.after(10 + number * 200)
        today = starts.astimezone(SHANGHAI).date()
        await members.record_training(people.coordinator, setting.members, on=today, at=starts)
        later = make.draft(title=f"第{number}轮", starts=starts, ends=starts + timedelta(days=30))
        planned = await commands.plan(people.coordinator, later, at=starts)
        await commands.approve(people.second, planned.code, at=starts)
        await commands.commit(people.coordinator, planned.code, at=starts - timedelta(hours=2))
        drawn = await commands.draw(people.coordinator, planned.code, at=starts)
        own = [
            each
            for each in await queries.member_tasks(actor.member, at=starts)
            if each.round_code == drawn.code
        ]
        assert task.unit_id not in {each.unit_id for each in own}
        await commands.close(people.coordinator, planned.code, at=starts + timedelta(days=38))


async def test_a_closed_window_is_reported_with_its_day(engine: db.Engine) -> None:
    setting = await make.running_round()
    actor, task = await make.accepted_task(setting)
    today = make.DURING.date()
    with pytest.raises(Invalid) as refused:
        await commands.not_possible(actor, task.code, None, "", at=make.DURING)
    assert faults(refused.value) == {("on", "task.day_outside"), ("seen", "task.seen_missing")}
    tomorrow = today + timedelta(days=1)
    with pytest.raises(Invalid):
        await commands.not_possible(actor, task.code, tomorrow, "无人", at=make.DURING)
    told = await commands.not_possible(actor, task.code, today, "窗口关闭,无告示", at=make.DURING)
    assert told.state is TaskState.NOT_POSSIBLE
    assert told.note == "窗口关闭,无告示"


async def test_unanswered_offers_lapse_and_the_next_are_asked(engine: db.Engine) -> None:
    setting = await make.running_round()
    _, accepted = await make.accepted_task(setting)
    assert accepted.answer_by is not None
    assert await commands.lapse_due(at=make.DURING) == 0
    late = accepted.answer_by + timedelta(minutes=1)
    assert await commands.lapse_due(at=late) == 11
    states = {each.state: each.count for each in await queries.counts(setting.round.id)
              if each.state is not TaskState.ACCEPTED}  # fmt: skip
    assert states[TaskState.LAPSED] == 11
    assert states[TaskState.OFFERED] > 0
    assert (await queries.task(accepted.code)).state is TaskState.ACCEPTED
    assert await commands.lapse_due(at=late) == 0
    entries = await Entry.select().where(Entry.command == "visits.lapse_due")
    assert len(entries) == 1


async def test_a_sheet_moves_its_task_step_by_step(engine: db.Engine) -> None:
    setting = await make.running_round()
    actor, offered = await make.one_task(setting)
    with pytest.raises(Conflict, match=r"task.not_accepted"):
        await commands.start(offered.id, at=make.DURING)
    await commands.accept(actor, offered.code, at=make.AT)
    with pytest.raises(Conflict, match=r"task.not_yet"):
        await commands.start(offered.id, at=make.AT)
    started = await commands.start(offered.id, at=make.DURING)
    assert started.state is TaskState.IN_PROGRESS
    await commands.complete(offered, at=make.DURING)
    with pytest.raises(Conflict):
        await commands.complete(offered, at=make.DURING)
    due = make.DURING + timedelta(hours=24)
    await commands.give_back(offered.id, due, at=make.DURING)
    returned = await queries.member_task(actor.member, offered.code)
    assert (returned.state, returned.due_at) == (TaskState.RETURNED, due)
    await commands.complete(offered, at=make.DURING)
    await commands.settle(offered.id, TaskState.DONE, at=make.DURING)
    with pytest.raises(Conflict):
        await commands.give_back(offered.id, due, at=make.DURING)
    await commands.settle(offered.id, TaskState.VOIDED, at=make.DURING)
    with pytest.raises(Conflict):
        await commands.settle(offered.id, TaskState.DONE, at=make.DURING)


async def test_a_sheet_after_the_grace_is_refused(engine: db.Engine) -> None:
    setting = await make.running_round()
    _, task = await make.accepted_task(setting)
    with pytest.raises(Closed, match=r"task.over"):
        await commands.complete(task, at=make.after(8))


async def test_the_briefing_is_read_once(engine: db.Engine) -> None:
    setting = await make.running_round()
    actor, task = await make.accepted_task(setting)
    read = await commands.brief(actor, task.code, at=make.DURING)
    assert read.briefed_at is not None
    with pytest.raises(Conflict, match=r"task.briefed"):
        await commands.brief(actor, task.code, at=make.DURING)
