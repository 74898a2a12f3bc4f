"""Reads of terms: proceedings, renewals, who ends soon, who missed visits, one's own term."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from panel.errors import Missing
from panel.ids import Code, PersonId
from panel.members import queries as members
from panel.members.types import MemberState, MemberView
from panel.recruitment.rules import terms as rules
from panel.recruitment.tables import Proceeding, Renewal
from panel.recruitment.types.terms import (
    Ending,
    Ground,
    Missed,
    OwnTerm,
    ProceedingState,
    ProceedingView,
    RenewalState,
    RenewalView,
    Texts,
)
from panel.rulebook import queries as rulebook
from panel.vault import queries as vault
from panel.visits import queries as visits
from panel.workdays import SHANGHAI

TEXTS = ("reason", "reply", "hearing", "outcome")
"""The sealed texts of a proceeding."""


def _person(value: int | None) -> PersonId | None:
    return None if value is None else PersonId(value)


def _proceeding(row: dict[str, Any]) -> ProceedingView:
    return ProceedingView(
        id=row["id"],
        code=Code(row["code"]),
        member=Code(row["member"]),
        person=PersonId(row["person"]),
        ground=Ground(row["ground"]),
        state=ProceedingState(row["state"]),
        reason=row["reason"],
        opened_at=row["opened_at"],
        opened_by=_person(row["opened_by"]),
        reply_until=row["reply_until"],
        reply=row["reply"],
        replied_at=row["replied_at"],
        hearing_on=row["hearing_on"],
        heard_on=row["heard_on"],
        hearing=row["hearing"],
        document=row["document"],
        first_approver=_person(row["first_approver"]),
        first_at=row["first_at"],
        second_approver=_person(row["second_approver"]),
        second_at=row["second_at"],
        paper=row["paper"],
        ended_at=row["ended_at"],
        outcome=row["outcome"],
    )


def _renewal(row: dict[str, Any]) -> RenewalView:
    return RenewalView(
        code=Code(row["code"]),
        member=Code(row["member"]),
        state=RenewalState(row["state"]),
        asked_at=row["asked_at"],
        decided_at=row["decided_at"],
        reason=row["reason"],
        renewed=row["renewed"],
    )


async def proceeding(code: Code) -> ProceedingView:
    """Return one proceeding; ``Missing`` when there is none with this code."""
    row = await Proceeding.select().where(Proceeding.code == code).first()
    if row is None:
        raise Missing("proceeding.unknown")
    return _proceeding(row)


async def open_proceedings() -> list[ProceedingView]:
    """Return the proceedings that wait for a decision, the oldest first."""
    rows = (
        await Proceeding.select()
        .where(Proceeding.state == ProceedingState.OPEN)
        .order_by(Proceeding.id)
    )
    return [_proceeding(row) for row in rows]


async def proceedings_of(person: PersonId) -> list[ProceedingView]:
    """Return every proceeding about a person, the oldest first."""
    rows = await Proceeding.select().where(Proceeding.person == person).order_by(Proceeding.id)
    return [_proceeding(row) for row in rows]


async def texts(found: ProceedingView) -> Texts:
    """Open a proceeding's texts: for the member; anybody else looks on the record."""
    opened = {}
    for name in TEXTS:
        code = getattr(found, name)
        if code:
            opened[name] = (await vault.attachment(found.person, Code(code))).data.decode()
    return Texts(**opened)


async def renewal(code: Code) -> RenewalView:
    """Return one wish for another term; ``Missing`` when there is none with this code."""
    row = await Renewal.select().where(Renewal.code == code).first()
    if row is None:
        raise Missing("renewal.unknown")
    return _renewal(row)


async def renewals(codes: Sequence[Code]) -> dict[Code, RenewalView]:
    """Return the wishes of some members by member."""
    if not codes:
        return {}
    rows = await Renewal.select().where(Renewal.member.is_in(list(codes)))
    return {Code(row["member"]): _renewal(row) for row in rows}


async def renewals_of(person: PersonId) -> list[RenewalView]:
    """Return a person's wishes for another term, the oldest first."""
    rows = await Renewal.select().where(Renewal.person == person).order_by(Renewal.id)
    return [_renewal(row) for row in rows]


async def asked_renewals() -> list[RenewalView]:
    """Return the wishes that wait for a decision, the oldest first."""
    rows = await Renewal.select().where(Renewal.state == RenewalState.ASKED).order_by(Renewal.id)
    return [_renewal(row) for row in rows]


async def to_remind(at: dt.datetime) -> list[MemberView]:
    """Return the serving members whose term ends within the time of the reminder."""
    version = await rulebook.current()
    today = at.astimezone(SHANGHAI).date()
    limit = version.rulebook.deadline("term_reminder")
    until = rules.reminded_until(today, limit, rules.calendar_of(version.rulebook))
    return await members.ending(today, until)


async def ending(at: dt.datetime) -> list[Ending]:
    """Return who ends soon, the nearest first, with the wish for another term."""
    found = await to_remind(at)
    asked = await renewals([each.code for each in found])
    return [Ending(each, asked.get(each.code)) for each in found]


async def missed(at: dt.datetime) -> list[Missed]:
    """Return the serving members with so many unexplained misses that a suspension may follow."""
    version = await rulebook.current()
    codes = [each.code for each in await members.serving(at)]
    counts = await visits.missed(codes, at=at)
    least = version.rulebook.recruitment.missed_tasks
    found = [Missed(code, count) for code, count in counts.items() if count >= least]
    return sorted(found, key=lambda each: (-each.count, each.member))


async def own_term(member: Code, *, at: dt.datetime) -> OwnTerm:
    """Return a member's own term with what the member may do about it."""
    view = await members.member(member)
    version = await rulebook.current()
    mine = [each for each in await proceedings_of(view.person) if each.member == member]
    last = mine[-1] if mine else None
    wish = (await renewals([member])).get(member)
    soon = rules.ending(view, version.rulebook, at)
    return OwnTerm(
        member=view,
        ending=soon,
        may_renew=soon and wish is None and rules.can_renew(view, version.rulebook),
        renewal=wish,
        proceeding=last,
        texts=await texts(last) if last else Texts(),
    )


async def banner(member: Code | None, *, at: dt.datetime) -> MemberView | None:
    """Return the own seat while something about it should be read first: suspended, ending soon."""
    found = await members.several([member]) if member else []
    if not found:
        return None
    (view,) = found
    if view.state is MemberState.SUSPENDED:
        return view
    version = await rulebook.current()
    return view if rules.ending(view, version.rulebook, at) else None
