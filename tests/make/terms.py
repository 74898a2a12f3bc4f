"""Builders of terms: suspended, heard, renewed and left by the real commands."""

from __future__ import annotations

import datetime as dt

from panel.actor import Actor, Role
from panel.ids import AccountId, Code
from panel.members.types import MemberView
from panel.recruitment.commands import terms as commands
from panel.recruitment.types.terms import ProceedingView
from panel.workdays import SHANGHAI
from tests import people
from tests.make import members, recruitment
from tests.make.members import AT
from tests.tables import remembered

REASON = "多次未说明原因缺席走访"
REPLY = "那几天我住院了，请看病历"
RECORD = "听取了本人说明，认定属实"
DOCUMENT = "济评听〔2026〕1号"
third = people.staff(9030, "third", "评议办", Role.COORDINATOR)


def phone(view: MemberView) -> Actor:
    """Return the actor of a member, who is the natural person of the seat."""
    return Actor(
        account=AccountId(100_000 + view.id),
        person=view.person,
        roles=frozenset({Role.MEMBER}),
        member=view.code,
        name=view.code,
    )


@remembered
async def panel(count: int = 10, *, qualified: bool = True) -> list[MemberView]:
    """Return a small panel under the default rulebook."""
    await recruitment.rulebook_in_force()
    return await members.panel(count, qualified=qualified)


async def suspended(view: MemberView, *, at: dt.datetime = AT) -> ProceedingView:
    """Suspend a member by the first coordinator."""
    return await commands.suspend(people.coordinator, view.code, "misses", REASON, at=at)


async def heard(view: MemberView, *, at: dt.datetime = AT) -> tuple[ProceedingView, dt.datetime]:
    """Suspend a member, let the time for a reply pass, and hear; return also when that is."""
    found = await suspended(view, at=at)
    later = found.reply_until + dt.timedelta(seconds=1)
    await commands.hear(
        people.coordinator,
        found.code,
        on=later.astimezone(SHANGHAI).date(),
        document=DOCUMENT,
        record=RECORD,
        at=later,
    )
    return found, later


async def dismissed(view: MemberView, *, at: dt.datetime = AT) -> ProceedingView:
    """Dismiss a member after a hearing, by two other persons."""
    found, later = await heard(view, at=at)
    await commands.approve_dismissal(people.second, found.code, at=later)
    return await commands.approve_dismissal(third, found.code, at=later)


def first_moment(day: dt.date) -> dt.datetime:
    """Return the first moment of a local day."""
    return dt.datetime.combine(day, dt.time(), SHANGHAI)


async def granted(view: MemberView) -> Code:
    """Ask for and grant another term in its last days; return the seat of the next term."""
    at = first_moment(view.term_end - dt.timedelta(days=30))
    asked = await commands.ask_renewal(phone(view), at=at)
    decided = await commands.decide_renewal(
        people.coordinator, asked.code, grant=True, reason="", at=at
    )
    return Code(decided.renewed)
