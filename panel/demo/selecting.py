"""Second act: the lottery, the public notice, the appointment."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Sequence
from typing import Final

from panel.actor import Actor
from panel.demo.progress import Progress
from panel.demo.recruiting import Recruited
from panel.demo.timeline import Timeline
from panel.entropy import key
from panel.errors import Conflict
from panel.ids import Code
from panel.members import commands as members
from panel.recruitment import queries
from panel.recruitment.commands import appointment, lottery, notice, objections, publication
from panel.recruitment.queries import lottery as runs
from panel.recruitment.queries import notice as noticed
from panel.recruitment.types.notice import Decision, Ground, ObjectionForm, Outcome
from panel.recruitment.types.runs import (
    Game,
    LotteryView,
    Reading,
    RunKind,
    Source,
    SourceKind,
)

_NUMBER: Final = "386"
"""An invented issue and its invented number: no public lottery ever draws for a sample city."""
_GROUNDS: Final = (
    ("实际居住地与报名信息不一致，请核实。", Decision.UPHELD, "经查，该人已迁出本市。"),
    ("听说此人与某单位有业务往来。", Decision.REJECTED, "经查，该往来三年前已经结束。"),
)


async def select(
    staff: dict[str, Actor], time: Timeline, outcome: Recruited, *, disputes: int = 0
) -> AsyncIterator[Progress]:
    """Make the lists, publish them, enter the number, hear objections, appoint."""
    async for step in _draw(staff, time, outcome):
        yield step
    yield Progress("notice", 0, 1 + disputes)
    for number in range(disputes):
        await _object(staff, time, outcome.campaign, number)
        yield Progress("notice", number + 1, 1 + disputes)
    if disputes:
        await notice.replace(staff["coordinator"], outcome.campaign, at=time.days_ago(68, 11))
    await end_notice(staff, outcome.campaign)
    yield Progress("notice", 1 + disputes, 1 + disputes)
    outcome.members = await _appoint(staff, time, outcome.campaign)
    yield Progress("appoint", len(outcome.members), len(outcome.members))


async def _draw(
    staff: dict[str, Actor], time: Timeline, outcome: Recruited
) -> AsyncIterator[Progress]:
    view = await _start(staff, time, outcome.campaign)
    outcome.lottery = view.code
    yield Progress("draw", 0, view.lists)
    at = time.days_ago(75, 15)
    while await lottery.advance(view.code, at=at):
        view = await runs.lottery(view.code)
        yield Progress("draw", view.done, view.lists)
    on = time.day(73)
    issue = f"{on.year}{on.timetuple().tm_yday:03}"
    source = Source(SourceKind.LOTTERY, on, game=Game.FC3D, issue=issue)
    await publication.publish(staff["publisher"], view.code, source, at=time.days_ago(74, 9))
    for login, hour in (("coordinator", 9), ("approver", 10)):
        reading = Reading(issue, _NUMBER)
        await publication.enter_number(staff[login], view.code, reading, at=time.days_ago(72, hour))
    yield Progress("draw", view.lists, view.lists)


async def _start(staff: dict[str, Actor], time: Timeline, campaign: Code) -> LotteryView:
    """Start the real run; a small sample may not hold every district, so soft quotas give way."""
    at = time.days_ago(75, 14)
    try:
        return await lottery.start(staff["coordinator"], campaign, RunKind.REAL, at=at)
    except Conflict:
        return await lottery.start(staff["approver"], campaign, RunKind.REAL, at=at, relax=True)


async def _object(staff: dict[str, Actor], time: Timeline, campaign: Code, number: int) -> None:
    """Somebody objects to a proposed member; another person than the author decides."""
    text, decision, finding = _GROUNDS[number % len(_GROUNDS)]
    listed = await noticed.listed(await queries.campaign(campaign), at=time.days_ago(70))
    form = ObjectionForm(
        name="示例居民",
        phone=f"1990001{number:04d}",
        ground=Ground.CONDITIONS,
        text=text,
        ticket=listed[number].ticket,
    )
    receipt = await objections.object_to(campaign, form, key=key(), at=time.days_ago(70, 15))
    await objections.decide(
        staff["approver"],
        receipt.number,
        Outcome(decision, finding, f"您反映的情况已核实。{finding}", f"评议办〔{number + 1}〕号"),
        at=time.days_ago(69, 16),
    )


async def end_notice(staff: dict[str, Actor], campaign: Code) -> dt.datetime:
    """Close the notice a minute after its last moment; return when that was."""
    batches = await noticed.batches(await queries.campaign(campaign))
    over = max(each.closes_at for each in batches) + dt.timedelta(minutes=1)
    await notice.close_notice(staff["coordinator"], campaign, at=over)
    return over


async def _appoint(staff: dict[str, Actor], time: Timeline, campaign: Code) -> list[Code]:
    """Appoint the cleared, record the training hall's examination and the pledges, complete."""
    coordinator = staff["coordinator"]
    codes = await appointment.appoint(coordinator, campaign, at=time.days_ago(47))
    await qualify(coordinator, codes, time, 44)
    await appointment.complete(coordinator, campaign, at=time.days_ago(44, 18))
    return codes


async def qualify(actor: Actor, codes: Sequence[Code], time: Timeline, days: int) -> None:
    """Record that members passed the examination on paper and pledged, on one day."""
    at = time.days_ago(days, 17)
    await members.record_training(actor, codes, on=time.day(days), at=at)
    await members.record_pledge(actor, codes, on=time.day(days), at=at)
