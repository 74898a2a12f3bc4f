"""Reads of seats and recusals."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from panel.errors import Missing
from panel.ids import Code, PersonId
from panel.members import rules
from panel.members.tables import Exclusion, Member
from panel.members.types import Composition, MemberState, MemberView
from panel.rulebook import queries as rulebook
from panel.workdays import SHANGHAI

_CHUNK = 1000


def _view(row: dict[str, Any]) -> MemberView:
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
    )


async def serving(at: dt.datetime) -> list[MemberView]:
    """Return every member whose term runs at a moment, qualified or not, by code."""
    today = at.astimezone(SHANGHAI).date()
    rows = (
        await Member.select()
        .where(Member.term_start <= today, Member.term_end >= today)
        .where(Member.state != MemberState.RESIGNED)
        .order_by(Member.code)
    )
    return [_view(row) for row in rows]


async def qualified(at: dt.datetime) -> list[MemberView]:
    """Return the serving members who may get tasks: trained and pledged."""
    return [member for member in await serving(at) if member.qualified]


async def member(code: Code) -> MemberView:
    """Return one member; ``Missing`` when there is none with this code."""
    row = await Member.select().where(Member.code == code).first()
    if row is None:
        raise Missing("member.unknown")
    return _view(row)


async def several(codes: Sequence[Code]) -> list[MemberView]:
    """Return those members whose codes are among the given ones, by code."""
    found: list[MemberView] = []
    for start in range(0, len(codes), _CHUNK):
        some = Member.code.is_in(list(codes[start : start + _CHUNK]))
        found += [_view(row) for row in await Member.select().where(some).order_by(Member.code)]
    return found


async def of_campaign(campaign: Code) -> list[MemberView]:
    """Return everybody appointed in a campaign, whatever became of them, by code."""
    rows = await Member.select().where(Member.campaign == campaign).order_by(Member.code)
    return [_view(row) for row in rows]


async def exclusions() -> dict[Code, frozenset[Code]]:
    """Return the units that each member does not judge."""
    found: dict[Code, set[Code]] = defaultdict(set)
    for row in await Exclusion.select(Exclusion.member.code.as_alias("member"), Exclusion.unit):
        found[Code(row["member"])].add(Code(row["unit"]))
    return {code: frozenset(units) for code, units in found.items()}


async def composition(at: dt.datetime) -> Composition:
    """Count the serving members by feature and weigh the group quotas of the rulebook in force."""
    version = await rulebook.current()
    return rules.compose(await serving(at), version.rulebook.recruitment.groups)
