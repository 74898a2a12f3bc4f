"""Opening the year's marks from a published ranking."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from piccolo.columns import Column

from panel import entropy
from panel.actor import SYSTEM, Actor, Role
from panel.assessments import queries, rules
from panel.assessments import types as made
from panel.assessments.commands import orders
from panel.assessments.rules import formulas
from panel.assessments.tables import AnnualLine, Opening
from panel.assessments.types import (
    Component,
    Eligibility,
    LineView,
    Mark,
    UnitInputs,
    YearState,
)
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

LINE: Final = ("code", "year", "unit", "rulebook_hash", "inputs", "mark", "total", "eligibility")
"""What a line is sealed over."""


async def open_year(actor: Actor, round: Code, *, at: datetime) -> made.Opening:  # noqa: A002
    """Write each unit's line of the year from the published ranking, and the orders to rectify.

    Once for each edition of a ranking; a later one of the same year replaces the visits of the
    units in it, as long as the year's figures are not frozen.
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
                await insert_rows(
                    Opening,
                    [Opening(round=view.id, edition=ranking.edition, year=year, opened_at=at)],
                )
        except Duplicate as known:
            raise Conflict("assessment.opened") from known
        rulebook = (await rulebooks.version(ranking.rulebook_code)).rulebook
        units = {unit.code: unit.id for unit in await roster.units()}
        lists = [each for each in await rankings.lists(ranking.id) if each.kind is Kind.UNIT]
        had = {line.unit_code: line for line in await queries.lines(year)}
        begun = await queries.begun(year)
        lines = {
            units[row.code]: _visited(had[row.code], row, one, round)
            if row.code in had and had[row.code].explained_at
            else _line(row, one, rulebook, round)
            for one in lists
            for row in one.rows
            if begun is None or begun.state is YearState.OPEN
        }
        await put_lines(note, year, lines)
        fresh = await orders.open_orders(actor, note, view, lists, rulebook, units, at=at)
        note.about("round", round, year=year, lines=len(lines), orders=len(fresh))
    return made.Opening(year, len(lines), tuple(fresh))


def _line(row: Row, one: ListView, book: Rulebook, round: Code) -> dict[str, Any]:  # noqa: A002
    """Return a line as far as visits alone can tell it, until the year's formula is computed."""
    inputs = UnitInputs(visits=rules.visits(row, one, round))
    mark = formulas.combine(
        {Component.VISITS: rules.visits(row, one, round).score}, book.assessment
    )
    return line_values(inputs, mark, rules.eligibility(inputs, mark, book), one.rulebook_hash)


def _visited(line: LineView, row: Row, one: ListView, round: Code) -> dict[str, Any]:  # noqa: A002
    """Return the newer score for a line that its unit knows; its mark stands until the next."""
    visits = rules.visits(row, one, round)
    return {"inputs": encoded(msgspec.structs.replace(line.inputs, visits=visits))}


def line_values(
    inputs: UnitInputs, mark: Mark, eligibility: Eligibility, rulebook_hash: str
) -> dict[str, Any]:
    """Return the columns of a line for what it is made of and what came out."""
    return {
        "rulebook_hash": rulebook_hash,
        "inputs": encoded(inputs),
        "mark": encoded(mark),
        "total": mark.total,
        "provisional": mark.provisional,
        "eligibility": eligibility.value,
    }


def encoded(value: msgspec.Struct) -> str:
    """Return a struct as text that is the same for the same values."""
    return msgspec.json.encode(value, order="deterministic").decode()


async def put_lines(note: Note, year: int, lines: Mapping[int, dict[str, Any]]) -> None:
    """Write the lines of units, new ones and those that a year has already."""
    known = {row.unit: row for row in await AnnualLine.objects().where(AnnualLine.year == year)}
    fresh = [
        AnnualLine(code=entropy.code(), year=year, unit=unit, **values)
        for unit, values in lines.items()
        if unit not in known
    ]
    for row, number in zip(fresh, await insert_rows(AnnualLine, fresh), strict=True):
        row.id = number
        note.seal(row, *LINE)
    for unit, values in lines.items():
        if unit in known:
            row = known[unit]
            for name, value in values.items():
                setattr(row, name, value)
            columns: dict[Column | str, Any] = {}
            columns.update(values)
            await AnnualLine.update(columns).where(AnnualLine.id == row.id)
            note.seal(row, *LINE)
