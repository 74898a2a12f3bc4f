"""Reads of what the best of the same kind do, from figures that units were told already."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from panel.assessments.types.orders import Benchmark, Comparison, OrderView
from panel.errors import Missing
from panel.evaluations.queries.items import figures, told_cells
from panel.evaluations.types.items import ItemFigure
from panel.rankings import queries as rankings
from panel.rankings.types import Kind, Row
from panel.roster import queries as roster
from panel.rulebook import queries as rulebooks

_FEWEST_UNITS: Final = 2
"""Of one unit alone nobody else is shown single items."""


async def benchmark(view: OrderView, *, at: datetime) -> Benchmark:
    """Return a unit's items beside those of the units on the top list of its scope.

    Only whole cells count that their own units were told, so that no figure here taken from another
    leaves fewer visitors than a cell needs.
    """
    book = (await rulebooks.version(view.rulebook_code)).rulebook
    form_key = book.form_of(view.group).key
    floor = book.publication.minimum_visitors
    best = await _best(view)
    units = {unit.code: unit.id for unit in await roster.units()}
    numbers = [units[row.code] for row in best if row.code in units]
    told = await told_cells([view.unit_id, *numbers], at=at)
    with_sheets = [number for number in numbers if told.get(number)]
    if len(with_sheets) < _FEWEST_UNITS:
        with_sheets = []
    theirs = await figures([each for number in with_sheets for each in told[number]], floor)
    own = await figures(told.get(view.unit_id, ()), floor)
    return Benchmark(
        form_key=form_key,
        names=tuple((row.name, row.name_en) for row in best),
        items=tuple(
            Comparison(item.id, _percent(own, item.id, floor), _percent(theirs, item.id, floor))
            for item in book.form(form_key).items
            if not item.revisit_only
        ),
    )


async def _best(view: OrderView) -> list[Row]:
    """Return the published top list of the order's scope, without the unit itself."""
    try:
        ranking = await rankings.ranking(view.round_code)
    except Missing:
        return []
    for one in await rankings.lists(ranking.id):
        if one.kind is Kind.UNIT and one.scope == view.scope:
            return [row for row in one.rows if row.in_top and row.code != view.unit_code]
    return []


def _percent(found: list[ItemFigure], item: str, floor: int) -> int | None:
    for each in found:
        if each.item == item and each.visitors >= floor:
            return each.percent
    return None
