"""Units are told that something waits: once when they may see it, once before its time is over."""

from __future__ import annotations

from datetime import timedelta

from panel import db
from panel.actor import Role
from panel.db import raw
from panel.evaluations.commands import replies
from panel.evaluations.commands.telling import tell_units
from panel.evaluations.queries import clocks
from panel.evaluations.queries import findings as queries
from panel.evaluations.types import Share
from panel.notices.types import MessageKind
from tests.make import accounts, visits
from tests.make import findings as make


async def test_a_liaison_is_told_once_and_once_more_when_time_runs_out(engine: db.Engine) -> None:
    setting = await visits.running_round()
    code, liaison = await make.sent(setting)
    await accounts.staff("speaker", Role.LIAISON, unit=liaison.unit)
    await accounts.staff("elsewhere", Role.COORDINATOR)
    assert await tell_units(at=make.AT) == 1
    assert await tell_units(at=make.AT + timedelta(minutes=5)) == 0
    await replies.receive(liaison, code, at=make.AT)
    assert await tell_units(at=make.AT) == 0
    (reply,) = [
        each
        for each in await clocks.clocks((await queries.stored(code)).id)
        if each.kind == "reply"
    ]
    assert await tell_units(at=reply.soft_at) == 1
    assert await tell_units(at=reply.due_at) == 0
    rows = await raw("SELECT * FROM message")
    assert {row["kind"] for row in rows} == {MessageKind.UNIT_WAITS}
    assert not [row for row in rows if code in {str(value) for value in row.values()}]


async def test_nobody_is_told_before_the_unit_may_see_it(engine: db.Engine) -> None:
    setting = await visits.running_round(covert_percent=100)
    code, liaison = await make.sent(setting, share=Share.WITHOUT_TIME)
    await accounts.staff("speaker", Role.LIAISON, unit=liaison.unit)
    visible = (await queries.stored(code)).visible_at
    assert visible is not None
    assert visible > make.AT
    assert await tell_units(at=visible - timedelta(seconds=1)) == 0
    assert await tell_units(at=visible) == 1
