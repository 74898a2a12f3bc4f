"""Reads of single items over many sheets: for the office, and from what units were told already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
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


async def told_sheets(units: Collection[int], *, at: datetime) -> dict[int, frozenset[int]]:
    """Return the sheets in the cells that each unit was told of its own, without those below it.

    Whatever is made of a union of whole cells differs from what was told by whole cells only, and
    each of them holds enough visitors.
    """
    found: dict[int, set[int]] = defaultdict(set)
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
            found[row["unit"]] |= set(msgspec.json.decode(row["sheets"], type=list[int]))
    return {unit: frozenset(sheets) for unit, sheets in found.items()}


def _marks(values: Collection[object]) -> str:
    return ", ".join("{}" for _ in values)


async def figures(sheets: Collection[int]) -> list[ItemFigure]:
    """Return each item over some counted sheets, with the number of different persons behind it."""
    if not sheets:
        return []
    return await _figures(await _rows(f"s.id IN ({_marks(sheets)})", *sheets))


async def unit_figures(unit: int, rounds: Sequence[int]) -> list[ItemFigure]:
    """Return each item over a unit's counted sheets of some rounds; for the office."""
    if not rounds:
        return []
    where = f"t.unit = {{}} AND t.round IN ({_marks(rounds)})"
    return await _figures(await _rows(where, unit, *rounds))


async def _rows(where: str, *values: object) -> list[dict[str, Any]]:
    return await raw(
        "SELECT s.answers, s.rulebook, s.form_key, t.visitor, r.code AS round_code "
        "FROM sheet_submission s JOIN visit_task t ON t.id = s.task "
        f"JOIN visit_round r ON r.id = t.round WHERE s.state = {{}} AND {where} ORDER BY s.id",
        SheetState.ACCEPTED,
        *values,
    )


async def _figures(rows: Sequence[dict[str, Any]]) -> list[ItemFigure]:
    links: dict[Code, set[str]] = defaultdict(set)
    for row in rows:
        links[Code(row["round_code"])].add(row["visitor"])
    persons = await visits.told_apart(links)
    given: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for row in rows:
        form = (await rulebooks.version(Code(row["rulebook"]))).rulebook.form(row["form_key"])
        items = rules.asked(form, covert=False, revisit=False)
        person = persons[row["round_code"], row["visitor"]]
        answers = msgspec.json.decode(row["answers"], type=Answers)
        for key, value in rules.values(items, answers).items():
            given[row["form_key"], key].append((person, value))
    return [
        ItemFigure(
            form_key=form_key,
            item=key,
            visitors=len({person for person, _ in values}),
            sheets=len(values),
            percent=half_up(_WHOLE * sum(value for _, value in values), _FULL * len(values)),
        )
        for (form_key, key), values in sorted(given.items())
    ]
