"""Builders of a year's assessment by the real commands."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from panel.actor import Role
from panel.assessments import commands, queries
from panel.assessments.types import NewFigures, YearView
from panel.rankings.types import AppealDraft
from tests import people
from tests.make import rankings, surveys
from tests.tables import remembered

YEAR = 2026
DECISION = "市评议办〔2026〕5号"
OPENED = rankings.LATE + timedelta(hours=1)
FROZEN = rankings.LATE + timedelta(days=1)
TOLD = rankings.LATE + timedelta(days=2)
OVER = TOLD + timedelta(days=30)
"""When nobody may appeal any more."""
fourth = people.staff(9041, "fourth", "评议办", Role.COORDINATOR)


def figures(unit: Any, **more: Any) -> NewFigures:
    """Return what the hotline and a survey say of a unit."""
    values: dict[str, Any] = {
        "source": "12345热线年报", "closed": 40, "on_time": 36, "asked": 30, "satisfied": 24,
        "survey": 7900, "survey_issued": 200, "survey_returned": 188, "survey_valid": 180,
    }  # fmt: skip
    return NewFigures(unit=unit, **values | more)


@remembered
async def begun(**more: Any) -> rankings.City:
    """Return a city whose year has a formula, a ranking, ballots and brought figures."""
    city, _ = await rankings.published(**more)
    await commands.open_year(people.coordinator, city.round.code, at=OPENED)
    await commands.begin(people.coordinator, YEAR, decision=DECISION, at=OPENED)
    await surveys.held(at=OPENED)
    await commands.enter_figures(
        people.coordinator, YEAR, [figures(unit) for unit in city.units], at=OPENED
    )
    return city


@remembered
async def explained(**more: Any) -> rankings.City:
    """Return a city whose units were shown their lines."""
    city = await begun(**more)
    await to_explained()
    return city


async def to_explained(at: datetime = TOLD) -> YearView:
    """Freeze, compute and explain the year."""
    await commands.freeze(people.second, YEAR, at=FROZEN)
    await commands.compute(people.second, YEAR, at=at)
    return await commands.explain(people.second, YEAR, at=at)


@remembered
async def final(**more: Any) -> rankings.City:
    """Return a city whose year is final."""
    city = await explained(**more)
    await commands.finalise(people.publisher, YEAR, "批〔2026〕30号", at=OVER)
    return city


def appeal(**more: Any) -> AppealDraft:
    """Return an appeal against a calculation."""
    values: dict[str, Any] = {
        "ground": "calculation", "statement": "按期办结件数少计了四件。", "leader": "王局长",
        "document": "函〔2026〕7号",
    }  # fmt: skip
    return AppealDraft(**values | more)


async def line_of(unit: Any) -> Any:
    """Return the line of a unit as the office sees it."""
    return next(line for line in await queries.lines(YEAR) if line.unit_code == unit)
