"""Who may not go any more: nothing new is begun, and what waits goes to the next in the draw."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest

from panel import db
from panel.audit import queries as audit
from panel.errors import Conflict
from panel.evaluations import commands as sheets
from panel.evaluations import queries as readings
from panel.evaluations.types import Answers
from panel.ids import Code
from panel.members import commands as members
from panel.members import queries as seats
from panel.members.tables import Member
from panel.visits import commands, queries
from panel.visits.types import TaskState
from panel.workdays import SHANGHAI
from tests import people
from tests.make import visits as make

LAST = make.DURING.astimezone(SHANGHAI).date() - timedelta(days=1)
END = datetime.combine(LAST + timedelta(days=1), time(), SHANGHAI)


async def ends_today(*codes: Code) -> None:
    """Let the certificates of members end with the day."""
    await Member.update({Member.qualified_until: LAST}).where(Member.code.is_in(list(codes)))


async def test_without_a_certificate_no_task_is_accepted_or_opened(engine: db.Engine) -> None:
    setting = await make.running_round(covert_percent=50)
    actor, task = await make.one_task(setting, covert=True)
    assert actor.member is not None
    await ends_today(actor.member)
    late, before = END, END - timedelta(seconds=1)
    with pytest.raises(Conflict, match=r"task\.unqualified"):
        await commands.accept(actor, task.code, at=late)
    await commands.accept(actor, task.code, at=before)
    with pytest.raises(Conflict, match=r"task\.unqualified"):
        await commands.brief(actor, task.code, at=late)
    with pytest.raises(Conflict, match=r"task\.unqualified"):
        await readings.filling(actor.member, task.code, at=late)
    with pytest.raises(Conflict, match=r"task\.unqualified"):
        await sheets.save_draft(actor, task.code, Answers(), at=late)
    await readings.filling(actor.member, task.code, at=before)


async def test_what_was_begun_may_be_finished(engine: db.Engine) -> None:
    setting = await make.running_round()
    actor, task = await make.accepted_task(setting)
    assert actor.member is not None
    await ends_today(actor.member)
    await sheets.save_draft(actor, task.code, Answers(), at=END - timedelta(seconds=1))
    await members.lapse_due(at=END)
    await commands.take_back_unfit(at=END)
    assert (await queries.task(task.code)).state is TaskState.IN_PROGRESS
    await sheets.save_draft(actor, task.code, Answers(), at=END)


async def test_what_a_lapsed_member_had_waiting_goes_to_the_next(engine: db.Engine) -> None:
    setting = await make.running_round(members_count=16)
    actor, task = await make.accepted_task(setting)
    assert actor.member is not None
    await ends_today(actor.member)
    before = END - timedelta(seconds=1)
    await members.lapse_due(at=before)
    assert await commands.take_back_unfit(at=before) == 0
    await members.lapse_due(at=END)
    taken = await commands.take_back_unfit(at=END)
    assert taken >= 1
    assert await commands.take_back_unfit(at=END) == 0
    assert (await queries.task(task.code)).state is TaskState.DECLINED
    own = await queries.member_tasks(actor.member, at=END)
    assert not [each for each in own if each.state in {TaskState.OFFERED, TaskState.ACCEPTED}]
    others = [
        each
        for each in await queries.unit_tasks(task.round_id, task.unit_id)
        if each.place_id == task.place_id and each.state is TaskState.OFFERED
    ]
    assert others
    assert all(each.visitor != task.visitor for each in others)
    (entry,) = await audit.entries(limit=1)
    assert entry.command == "visits.take_back"
    assert actor.member not in entry.detail + entry.actor


async def test_a_member_who_lapsed_is_no_substitute(engine: db.Engine) -> None:
    setting = await make.running_round(members_count=16)
    actor, task = await make.one_task(setting)
    assert actor.member is not None
    rest = [code for code in setting.members if code != actor.member]
    await ends_today(*rest)
    await members.lapse_due(at=END)
    assert [each.code for each in await seats.qualified(END)] == [actor.member]
    await commands.decline(actor, task.code, None, at=END)
    offered = await queries.unit_tasks(task.round_id, task.unit_id)
    newest = max(offered, key=lambda each: each.id)
    assert newest.offered_at < END


async def test_a_round_sends_only_the_certified(engine: db.Engine) -> None:
    codes = await make.city(members_count=16)
    await ends_today(*codes[:4])
    approved = await make.approved_round()
    await members.lapse_due(at=END)
    committed = await commands.commit(
        people.coordinator, approved.code, at=END - timedelta(hours=2)
    )
    drawn = await commands.draw(people.coordinator, committed.code, at=END)
    for code in codes[:4]:
        assert not [
            each
            for each in await queries.member_tasks(code, at=END)
            if each.round_code == drawn.code
        ]
