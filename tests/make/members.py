"""Builders of panels, made by the real commands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from panel.ids import Code
from panel.members import commands, queries
from panel.members.types import MemberView, NewExclusion, NewSeat
from tests import people
from tests.make import vault
from tests.tables import remembered

AT = vault.AT
START = AT.date() - dt.timedelta(days=30)
CATEGORIES = ("enterprise", "self_employed", "resident", "resident", "other")
_DISTRICTS = ("任城区", "兖州区", "曲阜市")


@remembered
async def panel(
    count: int = 10,
    *,
    qualified: bool = True,
    exclusions: Sequence[NewExclusion] = (),
    at: dt.datetime = AT,
) -> list[MemberView]:
    """Appoint members of all categories (a fifth of them others); needs a rulebook in force.

    The exclusions are the first member's.
    """
    persons = await vault.people(count)
    seats = [
        NewSeat(
            person=person,
            category=CATEGORIES[number % 5],
            district=_DISTRICTS[number % 3],
            sex=("female", "male")[number % 2],
            age_band="30-44",
            latitude=35_400_000 + number % 7 * 10_000,
            longitude=116_500_000 + number % 5 * 10_000,
            campaign=Code("0000000000"),
            exclusions=tuple(exclusions) if number == 0 else (),
        )
        for number, person in enumerate(persons)
    ]
    codes = await commands.appoint(people.coordinator, seats, term_start=START, months=24, at=at)
    if qualified:
        await commands.record_training(people.coordinator, codes, on=START, at=at)
        await commands.record_pledge(people.coordinator, codes, version="1", on=START, at=at)
    return await queries.several(codes)
