"""Opening the year's marks from a published ranking."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from piccolo.columns import Column

from panel.actor import SYSTEM, Actor, Role
from panel.assessments import rules
from panel.assessments import types as made
from panel.assessments.commands import orders
from panel.assessments.tables import Line, Opening, Order
from panel.assessments.types import Component
from panel.audit.commands import Note, entry
from panel.db import Duplicate, insert_rows, savepoint
from panel.errors import Conflict
from panel.ids import Code
from panel.rankings import queries as rankings
from panel.rankings.types import Kind, ListView, Row
from panel.roster import queries as roster
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import Rulebook
from panel.visits import queries as rounds
from panel.workdays import year_of

_LINE: Final = (
    "year",
    "unit",
    "round",
    "scope",
    "snapshot",
    "rulebook_hash",
    *(each.value for each in Component),
    "deductions",
    "total",
    "present_percent",
    "provisional",
    "place",
    "place_from_below",
    "ranked",
    "eligibility",
)


async def open_year(actor: Actor, round: Code, *, at: datetime) -> made.Opening:  # noqa: A002
    """Write each unit's line of the year from the published ranking, and the orders to rectify.

    Once for each ranking; a later ranking of the same year replaces the visits of the units in it.
    """
    if actor != SYSTEM:
        actor.require(Role.COORDINATOR, Role.PUBLISHER)
    async with entry(actor, "assessments.open_year", at=at) as note:
        view = await rounds.round(round)
        ranking = await rankings.ranking(round)
        rules.may_open(ranking.state)
        year = year_of(view.draft.ends)
        try:
            async with savepoint():
                await insert_rows(Opening, [Opening(round=view.id, year=year, opened_at=at)])
        except Duplicate as known:
            raise Conflict("assessment.opened") from known
        rulebook = (await rulebooks.version(ranking.rulebook_code)).rulebook
        units = {unit.code: unit.id for unit in await roster.units()}
        lists = [each for each in await rankings.lists(ranking.id) if each.kind is Kind.UNIT]
        lines = [
            _line(row, one, rulebook, year=year, unit=units[row.code], round_id=view.id)
            for one in lists
            for row in one.rows
        ]
        fresh = [
            orders.opened(
                row, one, rulebook, year=year, unit=units[row.code], round_id=view.id, at=at
            )
            for one in lists
            for row in one.rows
            if rules.to_rectify(row, rulebook.ranking.rectification_places)
        ]
        await _store(note, lines, fresh)
        note.about("round", round, year=year, lines=len(lines), orders=len(fresh))
    return made.Opening(year, len(lines), tuple(Code(order.code) for order in fresh))


def _line(
    row: Row, one: ListView, rulebook: Rulebook, *, year: int, unit: int, round_id: int
) -> Line:
    components = {Component.VISITS: rules.visits(row)}
    found = rules.mark(components, rulebook.assessment.weights)
    return Line(
        year=year,
        unit=unit,
        round=round_id,
        scope=one.scope,
        snapshot=one.code,
        rulebook_hash=one.rulebook_hash,
        visits=components[Component.VISITS],
        total=found.total,
        present_percent=found.present_percent,
        provisional=found.provisional,
        place=row.place,
        place_from_below=row.place_from_below,
        ranked=one.ranked,
        eligibility=rules.eligibility(row, one.ranked, found, rulebook.assessment.gate_hundredths),
    )


async def _store(note: Note, lines: list[Line], opened: list[Order]) -> None:
    """Insert lines and orders, or bring a unit's line of the year up to the newer ranking."""
    known = (
        {
            row["unit"]: row["id"]
            for row in await Line.select(Line.id, Line.unit).where(
                Line.year.is_in(sorted({line.year for line in lines}))
            )
        }
        if lines
        else {}
    )
    fresh = [line for line in lines if line.unit not in known]
    for line, number in zip(fresh, await insert_rows(Line, fresh), strict=True):
        line.id = number
    for line in lines:
        if line.unit in known:
            line.id = known[line.unit]
            columns: dict[Column | str, Any] = {name: getattr(line, name) for name in _LINE}
            await Line.update(columns).where(Line.id == line.id)
        note.seal(line, *_LINE)
    for order, number in zip(opened, await insert_rows(Order, opened), strict=True):
        order.id = number
        note.seal(order, *orders.ORDER)
