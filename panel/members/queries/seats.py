"""Reads of seats and recusals."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from piccolo.custom_types import Combinable

from panel.db import forwards, raw
from panel.errors import Missing
from panel.ids import Code, PersonId
from panel.members import rules
from panel.members.queries.certificates import owing
from panel.members.tables import Exclusion, Member
from panel.members.types import LEFT, Composition, Listed, MemberState, MemberView, Seat
from panel.rulebook import queries as rulebook
from panel.workdays import SHANGHAI

_CHUNK = 1000


def view_of(row: dict[str, Any]) -> MemberView:
    """Turn a row into the struct that readers get."""
    return MemberView(
        id=row["id"],
        code=Code(row["code"]),
        person=PersonId(row["person"]),
        category=row["category"],
        district=row["district"],
        sex=row["sex"],
        age_band=row["age_band"],
        state=MemberState(row["state"]),
        term_start=row["term_start"],
        term_end=row["term_end"],
        trained_on=row["trained_on"],
        pledged_on=row["pledged_on"],
        latitude=row["latitude"],
        longitude=row["longitude"],
        campaign=Code(row["campaign"]),
        pledge=row["pledge"],
        qualified_until=row["qualified_until"],
        cohort=row["cohort"],
        term=row["term"],
        previous=row["previous"],
        certificate=row["certificate"] or "",
        certified_on=row["certified_on"],
        reminded_at=row["reminded_at"],
        left_at=row["left_at"],
    )


async def serving(at: dt.datetime) -> list[MemberView]:
    """Return every member whose term runs at a moment, qualified or not, by code."""
    rows = await Member.select().where(*await _listed(at, Listed.ALL)).order_by(Member.code)
    return [view_of(row) for row in rows]


async def everybody() -> list[MemberView]:
    """Return every seat there ever was, by code: whoever left may still be owed something."""
    return [view_of(row) for row in await Member.select().order_by(Member.code)]


async def _listed(at: dt.datetime, which: Listed) -> list[Combinable]:
    """Return the conditions of a list of serving members.

    Who still lacks training or pledge is also told of those whose first day is yet to come.
    """
    today = at.astimezone(SHANGHAI).date()
    found: list[Combinable] = [Member.term_end >= today, Member.state.not_in(list(LEFT))]
    if which not in {Listed.TRAINING, Listed.PLEDGE}:
        found.append(Member.term_start <= today)
    if which is Listed.TRAINING:
        found.append((Member.qualified_until < today) | Member.qualified_until.is_null())
    elif which is Listed.PLEDGE:
        found.append(owing((await rulebook.current()).rulebook.conduct.version))
    elif which is Listed.ACTIVE:
        found += [Member.state == MemberState.ACTIVE, Member.qualified_until >= today]
    elif which is Listed.DUE:
        until = rules.reminded_until(today, (await rulebook.current()).rulebook)
        found += [
            Member.qualified_until >= today,
            Member.qualified_until <= until,
            Member.qualified_until < Member.term_end,
        ]
    return found


async def some(
    at: dt.datetime, which: Listed, *, limit: int, after: str = "", before: str = ""
) -> list[MemberView]:
    """Return serving members of a list by code: the first after one, or the last before one."""
    here = Member.code < before if before else Member.code > after
    query = Member.select().where(*await _listed(at, which), here)
    rows = await query.order_by(Member.code, ascending=not before).limit(limit)
    return [view_of(row) for row in forwards(rows, before)]


async def count_of(at: dt.datetime, which: Listed) -> int:
    """Count a list of serving members; ``ACTIVE`` are those who may get tasks."""
    return int(await Member.count().where(*await _listed(at, which)))


async def codes_of(at: dt.datetime, which: Listed) -> list[Code]:
    """Return the codes of a whole list of serving members."""
    rows = await Member.select(Member.code).where(*await _listed(at, which)).order_by(Member.code)
    return [Code(row["code"]) for row in rows]


async def qualified(at: dt.datetime) -> list[MemberView]:
    """Return the serving members who may get tasks: certified on the day, pledged, active."""
    rows = await Member.select().where(*await _listed(at, Listed.ACTIVE)).order_by(Member.code)
    return [view_of(row) for row in rows]


async def member(code: Code) -> MemberView:
    """Return one member; ``Missing`` when there is none with this code."""
    row = await Member.select().where(Member.code == code).first()
    if row is None:
        raise Missing("member.unknown")
    return view_of(row)


async def several(codes: Sequence[Code]) -> list[MemberView]:
    """Return those members whose codes are among the given ones, by code."""
    found: list[MemberView] = []
    for start in range(0, len(codes), _CHUNK):
        some = Member.code.is_in(list(codes[start : start + _CHUNK]))
        found += [view_of(row) for row in await Member.select().where(some).order_by(Member.code)]
    return found


async def of_campaign(campaign: Code) -> list[MemberView]:
    """Return everybody appointed in a campaign, whatever became of them, by code."""
    rows = await Member.select().where(Member.campaign == campaign).order_by(Member.code)
    return [view_of(row) for row in rows]


async def exclusions() -> dict[Code, frozenset[Code]]:
    """Return the units that each member does not judge."""
    found: dict[Code, set[Code]] = defaultdict(set)
    for row in await Exclusion.select(Exclusion.member.code.as_alias("member"), Exclusion.unit):
        found[Code(row["member"])].add(Code(row["unit"]))
    return {code: frozenset(units) for code, units in found.items()}


async def households(members: Sequence[Code]) -> dict[Code, str]:
    """Return by which home each member is recognised, of those whose address names a door."""
    found: dict[Code, str] = {}
    for start in range(0, len(members), _CHUNK):
        some = Member.code.is_in(list(members[start : start + _CHUNK]))
        for row in await Member.select(Member.code, Member.household).where(some):
            if row["household"]:
                found[Code(row["code"])] = row["household"]
    return found


async def housemates(member: Code) -> list[Code]:
    """Return a member and everybody on the panel who is recognised by the same home."""
    home = (await households([member])).get(member)
    if home is None:
        return [member]
    rows = await Member.select(Member.code).where(Member.household == home).order_by(Member.code)
    return [Code(row["code"]) for row in rows]


async def composition(at: dt.datetime) -> Composition:
    """Count the serving members by feature and weigh the group quotas of the rulebook in force."""
    version = await rulebook.current()
    today = at.astimezone(SHANGHAI).date()
    rows = await raw(
        "SELECT category, district, sex, age_band, "
        "CASE WHEN state = {} AND qualified_until >= {} THEN 1 ELSE 0 END AS qualified "
        "FROM member WHERE term_start <= {} AND term_end >= {} AND state NOT IN ({}, {}, {})",
        MemberState.ACTIVE,
        today,
        today,
        today,
        *LEFT,
    )
    seats = [
        Seat(
            category=row["category"],
            district=row["district"],
            sex=row["sex"],
            age_band=row["age_band"],
            qualified=bool(row["qualified"]),
        )
        for row in rows
    ]
    return rules.compose(seats, version.rulebook.recruitment.groups)
