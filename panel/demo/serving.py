"""Third act of the story of a term: two years of resignations, replacements, renewal, expiry."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Sequence
from typing import Final

import msgspec

from panel.accounts import commands as accounts
from panel.accounts import queries as sessions
from panel.accounts.types import CardRequest
from panel.actor import Actor
from panel.demo import selecting
from panel.demo.progress import Progress
from panel.demo.recruiting import Recruited
from panel.demo.timeline import Timeline
from panel.ids import Code
from panel.members import commands as members
from panel.members import queries as seats
from panel.members.types import MemberView
from panel.recruitment.commands import appointment, deletion, notice, terms
from panel.recruitment.types.terms import Ground

_TERM: Final = 760
"""So many days ago the term of the story began; it ended thirty days ago."""
BACK: Final = _TERM - 46
"""The recruitment ended so many days before the one of the story of a round would."""
_MONTH: Final = 30
_LEAVING: Final = 8
"""Months in which somebody resigns."""
_SHARE: Final = 70
"""One of so many members resigns in each of them."""


class Told(msgspec.Struct):
    """What the story can say of itself at its end."""

    resigned: int = 0
    alarms: int = 0
    moved_up: int = 0
    erased: int = 0
    reminded: int = 0
    renewed: int = 0
    refused: int = 0
    ended: int = 0


async def serve(
    staff: dict[str, Actor], time: Timeline, recruited: Recruited, told: Told
) -> AsyncIterator[Progress]:
    """Play a term from its first month to the day after its end."""
    await _issue_cards(staff["coordinator"], recruited.members, at=time.days_ago(_TERM - 1))
    yield Progress("serve", 0, 24)
    await _suspend_and_lift(staff, time, recruited.members[0])
    await _dismiss(staff, time, recruited.members[1])
    leaving = await _people(recruited.members[2:])
    for month in range(1, _LEAVING + 1):
        await _resign(time, leaving, month, told)
        if month == 3:  # noqa: PLR2004 - ninety days after completion
            gone = await deletion.erase_applicants(at=time.days_ago(_TERM - 94, 3))
            told.erased = gone.people
        if month % 4 == 0:
            told.moved_up += await _fill(staff, time, recruited, month)
        yield Progress("serve", month, 24)
    await _requalify(staff, time)
    yield Progress("serve", 12, 24)
    async for step in _end(staff, time, told):
        yield step


def _month(time: Timeline, month: int, hour: int = 9) -> dt.datetime:
    """Return a moment in a month of the term."""
    return time.days_ago(_TERM - _MONTH * month, hour)


async def _issue_cards(actor: Actor, codes: Sequence[Code], *, at: dt.datetime) -> None:
    people = [CardRequest(each.code, each.person) for each in await seats.several(codes)]
    await accounts.issue_cards(actor, people, at=at)


async def _people(codes: Sequence[Code]) -> list[MemberView]:
    """Return those whose resignation weighs: the three categories of the firm share."""
    return [each for each in await seats.several(codes) if each.category != "other"]


async def _suspend_and_lift(staff: dict[str, Actor], time: Timeline, member: Code) -> None:
    """Suspend somebody for missed visits, read the reply, end it."""
    coordinator = staff["coordinator"]
    found = await terms.suspend(
        coordinator, member, Ground.MISSES, "三次任务未完成且没有说明。", at=_month(time, 1)
    )
    himself = await sessions.actor_of_member(member)
    await terms.reply(
        himself, found.code, "当时住院，材料已补交。", at=_month(time, 1) + dt.timedelta(days=2)
    )
    await terms.lift(
        coordinator, found.code, "情况属实，予以恢复。", at=_month(time, 1) + dt.timedelta(days=4)
    )


async def _dismiss(staff: dict[str, Actor], time: Timeline, member: Code) -> None:
    """Suspend somebody for a breach, hear the member, and have two others approve."""
    coordinator, day = staff["coordinator"], _month(time, 2)
    found = await terms.suspend(coordinator, member, Ground.BREACH, "接受被评单位宴请。", at=day)
    await terms.hear(
        coordinator,
        found.code,
        on=(day + dt.timedelta(days=7)).date(),
        document="评议办〔7〕号",
        record="本人到场，承认事实，没有异议。",
        at=day + dt.timedelta(days=7, hours=3),
    )
    for login in ("approver", "publisher"):
        await terms.approve_dismissal(staff[login], found.code, at=day + dt.timedelta(days=9))


async def _resign(time: Timeline, leaving: list[MemberView], month: int, told: Told) -> None:
    """Let some resign at their own wish, and see whether the firm share still holds."""
    for _ in range(max(1, len(leaving) // _SHARE)):
        one = leaving.pop(0)
        himself = await sessions.actor_of_member(one.code)
        await terms.resign(himself, one.code, "工作调动，无法继续。", at=_month(time, month, 10))
        told.resigned += 1
    composition = await seats.composition(_month(time, month, 11))
    told.alarms += composition.alarm


async def _fill(staff: dict[str, Actor], time: Timeline, recruited: Recruited, month: int) -> int:
    """Move up the reserve, put them on notice, appoint and qualify them."""
    coordinator, campaign = staff["coordinator"], recruited.campaign
    found = await notice.fill_vacancies(coordinator, campaign, at=_month(time, month, 14))
    over = await selecting.end_notice(staff, campaign)
    codes = await appointment.appoint(coordinator, campaign, at=over + dt.timedelta(hours=1))
    day = (time.now - over).days - 2
    await selecting.qualify(coordinator, codes, time, day)
    await _issue_cards(coordinator, codes, at=time.days_ago(day, 18))
    recruited.members += codes
    return len(found.pairs)


async def _requalify(staff: dict[str, Actor], time: Timeline) -> None:
    """Certificates last twelve months: the course comes back, and another examination."""
    await members.lapse_due(at=_month(time, 13))
    serving = await seats.serving(_month(time, 13))
    await selecting.qualify(
        staff["coordinator"], [each.code for each in serving], time, _TERM - _MONTH * 13 - 2
    )


async def _end(staff: dict[str, Actor], time: Timeline, told: Told) -> AsyncIterator[Progress]:
    """Remind, renew a third, refuse one, let the term end by itself."""
    told.reminded = await terms.remind_due(at=time.days_ago(88, 3))
    yield Progress("serve", 22, 24)
    serving = await seats.serving(time.days_ago(85))
    for number, one in enumerate(serving[::3]):
        himself = await sessions.actor_of_member(one.code)
        wish = await terms.ask_renewal(himself, at=time.days_ago(80, 10))
        grant = number > 0
        reason = "" if grant else "上一届任务完成过少。"
        await terms.decide_renewal(
            staff["coordinator"], wish.code, grant=grant, reason=reason, at=time.days_ago(70, 10)
        )
        told.renewed += grant
        told.refused += not grant
    yield Progress("serve", 23, 24)
    told.ended = await terms.expire_due(at=time.days_ago(29, 1))
    staying = await seats.serving(time.days_ago(29))
    await selecting.qualify(staff["coordinator"], [each.code for each in staying], time, 28)
    yield Progress("serve", 24, 24)
