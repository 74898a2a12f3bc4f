"""Reads of single items over many sheets: for the office, and from what units were told already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from panel.db import raw
from panel.evaluations import rules
from panel.evaluations.types import Answers, SheetState
from panel.evaluations.types.items import ItemFigure
from panel.evaluations.types.releases import ReleaseState
from panel.ids import Code
from panel.rulebook import queries as rulebooks
from panel.score import half_up
from panel.visits import queries as visits

_FULL = 4
_WHOLE = 100


async def told_cells(
    units: Collection[int], *, at: datetime
) -> dict[int, tuple[frozenset[int], ...]]:
    """Return the sheets of each cell that a unit was told of its own, without those below it."""
    found: dict[int, list[frozenset[int]]] = defaultdict(list)
    if units:
        for row in await raw(
            "SELECT c.unit, c.sheets FROM result_cell c JOIN result_release r ON r.id = c.release "
            f"WHERE r.state = {{}} AND r.visible_from <= {{}} AND c.unit IN ({_marks(units)}) "
            "AND c.whole = {} ORDER BY c.id",
            ReleaseState.RELEASED,
            at,
            *units,
            False,  # noqa: FBT003 - a value of the query
        ):
            found[row["unit"]].append(frozenset(msgspec.json.decode(row["sheets"], type=list[int])))
    return {unit: tuple(cells) for unit, cells in found.items()}


def _marks(values: Collection[object]) -> str:
    return ", ".join("{}" for _ in values)


async def figures(cells: Sequence[frozenset[int]], minimum: int) -> list[ItemFigure]:
    """Return each item over cells that were told, with how many persons are behind it.

    A cell enters an item whole: answered by all, or by enough persons and not by enough others. One
    of which a sheet ceased to count leaves whole. So two figures, a later one or that of another
    group of units, never differ by what fewer persons gave.
    """
    sheets = sorted(frozenset[int]().union(*cells))
    if not sheets:
        return []
    rows = {row["id"]: row for row in await _rows(f"s.id IN ({_marks(sheets)})", *sheets)}
    persons = await _persons(rows.values())
    counted = [cell for cell in cells if cell <= rows.keys()]
    given = await _given(rows.values())
    found = []
    for key, values in given.items():
        own = frozenset[int]().union(
            *(cell & values.keys() for cell in counted if _enough(cell, values, persons, minimum))
        )
        if own:
            found.append(_figure(key, {sheet: values[sheet] for sheet in own}, persons))
    return found


def _enough(
    cell: frozenset[int], values: Mapping[int, int], persons: Mapping[int, int], minimum: int
) -> bool:
    """Tell whether those of a cell who answered an item, and those who didn't, are enough each."""
    answered, silent = cell & values.keys(), cell - values.keys()
    return all(
        len({persons[sheet] for sheet in part}) >= minimum for part in (answered, silent) if part
    )


async def unit_figures(unit: int, rounds: Sequence[int]) -> list[ItemFigure]:
    """Return each item over a unit's counted sheets of some rounds; for the office."""
    if not rounds:
        return []
    where = f"t.unit = {{}} AND t.round IN ({_marks(rounds)})"
    rows = await _rows(where, unit, *rounds)
    persons = await _persons(rows)
    return [_figure(key, own, persons) for key, own in (await _given(rows)).items()]


async def _rows(where: str, *values: object) -> list[dict[str, Any]]:
    return await raw(
        "SELECT s.id, s.answers, s.rulebook, s.form_key, t.visitor, r.code AS round_code "
        "FROM sheet_submission s JOIN visit_task t ON t.id = s.task "
        f"JOIN visit_round r ON r.id = t.round WHERE s.state = {{}} AND {where} ORDER BY s.id",
        SheetState.ACCEPTED,
        *values,
    )


async def _persons(rows: Iterable[dict[str, Any]]) -> dict[int, int]:
    """Return a number of whoever sent each sheet, the same for all of one person's."""
    links: dict[Code, set[str]] = defaultdict(set)
    for row in rows:
        links[Code(row["round_code"])].add(row["visitor"])
    persons = await visits.told_apart(links)
    return {row["id"]: persons[row["round_code"], row["visitor"]] for row in rows}


async def _given(rows: Iterable[dict[str, Any]]) -> dict[tuple[str, str], dict[int, int]]:
    """Return the answers to each item of each form by their sheets."""
    given: dict[tuple[str, str], dict[int, int]] = defaultdict(dict)
    for row in rows:
        form = (await rulebooks.version(Code(row["rulebook"]))).rulebook.form(row["form_key"])
        items = rules.asked(form, covert=False, revisit=False)
        answers = msgspec.json.decode(row["answers"], type=Answers)
        for key, value in rules.values(items, answers).items():
            given[row["form_key"], key][row["id"]] = value
    return dict(sorted(given.items()))


def _figure(
    key: tuple[str, str], values: Mapping[int, int], persons: Mapping[int, int]
) -> ItemFigure:
    return ItemFigure(
        form_key=key[0],
        item=key[1],
        visitors=len({persons[sheet] for sheet in values}),
        sheets=len(values),
        percent=half_up(_WHOLE * sum(values.values()), _FULL * len(values)),
    )
