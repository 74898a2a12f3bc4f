"""Builders of collective evaluations: a session whose ballots judge every unit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from panel.ids import Code
from panel.roster import queries as roster
from panel.surveys import commands
from panel.surveys.types import NewSession, NewTally
from tests import people
from tests.make import visits

USUAL = (40, 30, 20, 6)
"""Answers about a unit that nobody minds: 96 ballots judge it, 4 do not know it."""


def session(**more: Any) -> NewSession:
    """Return a session of a hundred ballots."""
    values: dict[str, Any] = {
        "year": 2026,
        "held_on": date(2026, 3, 1),
        "title": "年度集中评议",
        "title_en": "Collective evaluation of the year",
        "entitled": 120,
        "present": 104,
        "issued": 104,
        "returned": 102,
        "spoiled": 2,
        "document": "评议记录〔2026〕1号",
    }
    return NewSession(**values | more)


async def entered(
    levels: Mapping[Code, tuple[int, ...]] | None = None, *, at: datetime = visits.AT, **more: Any
) -> Code:
    """Return a session with the figures of all units, waiting for the second person."""
    code = await commands.hold(people.coordinator, session(**more), at=at)
    tallies = [
        NewTally(unit.code, (levels or {}).get(unit.code, USUAL), 4)
        for unit in await roster.units()
        if unit.active
    ]
    await commands.enter(people.coordinator, code, tallies, at=at)
    await commands.hand_on(people.coordinator, code, at=at)
    return code


async def held(
    levels: Mapping[Code, tuple[int, ...]] | None = None, *, at: datetime = visits.AT, **more: Any
) -> Code:
    """Return a session that a second person has checked."""
    code = await entered(levels, at=at, **more)
    await commands.check(people.second, code, at=at)
    return code
