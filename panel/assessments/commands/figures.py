"""Figures of a year that come from elsewhere: how complaints were handled, surveys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from piccolo.columns import Column

from panel.actor import Actor, Role
from panel.assessments import queries
from panel.assessments.rules import years as rules
from panel.assessments.tables import UnitFigure
from panel.assessments.types import NewFigures
from panel.audit.commands import Note, entry
from panel.db import insert_rows
from panel.errors import Fault, Invalid
from panel.ids import Code
from panel.roster import queries as roster

_FIGURE: Final = ("year", "unit", *rules.FIELDS[1:], "entered_by")


async def enter_figures(
    actor: Actor, year: int, figures: Sequence[NewFigures], *, at: datetime
) -> int:
    """Store figures of units with their source; known ones are written over. Return how many."""
    actor.require(Role.COORDINATOR)
    for each in figures:
        rules.check_figures(each)
    units = {unit.code: unit.id for unit in await roster.units()}
    if any(each.unit not in units for each in figures):
        raise Invalid("figures.faults", Fault("unit", "count.unit_unknown"))
    async with entry(actor, "assessments.enter_figures", at=at) as note:
        rules.may_enter(await queries.begun(year))
        for each in figures:
            await _put(note, actor, year, units[each.unit], each, at=at)
        note.about("figures", str(year), units=len(figures))
    return len(figures)


async def _put(
    note: Note, actor: Actor, year: int, unit: int, new: NewFigures, *, at: datetime
) -> None:
    values = {name: value for name, value in msgspec.structs.asdict(new).items() if name != "unit"}
    values |= {"entered_by": actor.name, "person": actor.person, "at": at}
    row = await UnitFigure.objects().get((UnitFigure.year == year) & (UnitFigure.unit == unit))
    if row is None:
        row = UnitFigure(year=year, unit=unit, **values)
        await insert_rows(UnitFigure, [row])
    else:
        for name, value in values.items():
            setattr(row, name, value)
        columns: dict[Column | str, Any] = {}
        columns.update(values)
        await UnitFigure.update(columns).where(UnitFigure.id == row.id)
    note.seal(row, *_FIGURE)


async def import_figures(
    actor: Actor, year: int, data: bytes, filename: str, *, at: datetime
) -> int:
    """Store a table of figures whole, or refuse it with every fault by its cell."""
    actor.require(Role.COORDINATOR)
    units: dict[str, Code] = await roster.unit_references()
    return await enter_figures(actor, year, rules.read_figures(data, filename, units), at=at)
