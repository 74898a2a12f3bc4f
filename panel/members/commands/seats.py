"""What changes seats: appointment, exclusion, resignation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from panel import keys
from panel.actor import Actor, Role
from panel.audit.commands import entry
from panel.chance import digest
from panel.db import insert_rows
from panel.entropy import code as fresh_code
from panel.ids import Code, PersonId
from panel.members import queries, rules
from panel.members.tables import Exclusion, Member
from panel.members.types import ExclusionKind, MemberState, NewSeat
from panel.roster import queries as roster
from panel.rulebook import queries as rulebook
from panel.workdays import SHANGHAI

KEPT = ("code", "person", "category", "district", "campaign")
"""What the history protects of a seat."""


async def appoint(
    actor: Actor,
    seats: Sequence[NewSeat],
    *,
    term_start: dt.date,
    months: int,
    at: dt.datetime,
) -> list[Code]:
    """Give seats to people for a term, each with a certificate number of its own.

    Refused where a hard group quota would be broken on the day on which the terms begin.
    """
    actor.require(Role.COORDINATOR)
    async with entry(actor, "members.appoint", at=at) as note:
        version = await rulebook.current()
        begins = max(at, dt.datetime.combine(term_start, dt.time(), SHANGHAI))
        serving = await queries.serving(begins)
        rules.may_appoint(serving, seats, version.rulebook.recruitment.groups)
        end = rules.term_end(term_start, months)
        rows = [
            Member(
                code=fresh_code(),
                person=seat.person,
                category=seat.category,
                district=seat.district,
                sex=seat.sex,
                age_band=seat.age_band,
                latitude=seat.latitude,
                longitude=seat.longitude,
                household=seat.household,
                campaign=seat.campaign,
                state=MemberState.APPOINTED,
                cohort=seat.cohort,
                certificate=fresh_code(),
                certified_on=at.astimezone(SHANGHAI).date(),
                term_start=term_start,
                term_end=seat.term_end or end,
            )
            for seat in seats
        ]
        ids = await insert_rows(Member, rows)
        for row, number in zip(rows, ids, strict=True):
            row.id = number
            note.seal(row, *KEPT)
        await insert_rows(
            Exclusion,
            [
                Exclusion(member=number, unit=each.unit, kind=each.kind, since=at)
                for number, seat in zip(ids, seats, strict=True)
                for each in seat.exclusions
            ],
        )
        note.bulk("member", [digest([row.code, row.category, row.district]) for row in rows])
    return [Code(row.code) for row in rows]


async def exclude(
    actor: Actor, member: Code, unit: Code, kind: ExclusionKind, *, at: dt.datetime
) -> None:
    """Keep a member from judging a unit from now on; saying it twice changes nothing.

    The history tells a pseudonym: the command may be a part of a covert visit's.
    """
    if actor.member != member:
        actor.require(Role.COORDINATOR)
    async with entry(actor, "members.exclude", at=at) as note:
        view = await queries.member(member)
        found = await roster.unit(unit)
        known = await Exclusion.exists().where(
            Exclusion.member == view.id, Exclusion.unit == found.code, Exclusion.kind == kind
        )
        if not known:
            await insert_rows(
                Exclusion, [Exclusion(member=view.id, unit=found.code, kind=kind, since=at)]
            )
        note.about("exclusion", keys.current().hash("link", member, found.code)[:16])


async def refeature(person: PersonId, campaign: Code, sex: str, age_band: str) -> None:
    """Write sex and age band as a corrected id number says; joins the caller's command."""
    await Member.update({Member.sex: sex, Member.age_band: age_band}).where(
        Member.person == person, Member.campaign == campaign
    )


async def rehouse(person: PersonId, household: str) -> None:
    """Write by which home a person's seats are recognised; joins the caller's command."""
    await Member.update({Member.household: household}).where(Member.person == person)


async def move(member: Code, latitude: int, longitude: int) -> None:
    """Write from where tasks are near for a member; joins the caller's command."""
    await Member.update({Member.latitude: latitude, Member.longitude: longitude}).where(
        Member.code == member
    )
