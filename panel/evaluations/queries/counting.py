"""Reads of what counts: accepted sheets with their capped scores, and the cells made of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from panel.db import raw
from panel.evaluations import rules
from panel.evaluations.queries import releases
from panel.evaluations.types import CountedSheet, SheetState, SummedCell
from panel.ids import Code
from panel.rulebook import queries as rulebooks

_SEEN: Final = (
    'SELECT s.id, t.round, t.place, t."window" AS window_id, t.unit AS unit_id, t.visitor, t.mode, '
    "s.score, s.veto_confirmed, s.rulebook, s.form_key "
    "FROM sheet_submission s JOIN visit_task t ON t.id = s.task "
)
_COUNTED: Final = _SEEN + "WHERE s.state = {} AND "


async def _sheets(rows: list[dict[str, Any]]) -> list[CountedSheet]:
    sheets = []
    for row in rows:
        score, confirmed = row["score"], bool(row["veto_confirmed"])
        if confirmed:
            version = await rulebooks.version(Code(row["rulebook"]))
            score = rules.capped(version.rulebook.form(row["form_key"]), score)
        sheets.append(
            CountedSheet(
                round_id=row["round"],
                place_id=row["place"],
                window_id=row["window_id"],
                unit_id=row["unit_id"],
                visitor=row["visitor"],
                type=f"{row['form_key']}:{row['mode']}",
                score=score,
                veto_confirmed=confirmed,
            )
        )
    return sheets


async def counted(round_id: int) -> list[CountedSheet]:
    """Return the accepted sheets of a round, in the order of their codes."""
    return await _sheets(
        await raw(_COUNTED + "t.round = {} ORDER BY s.code", SheetState.ACCEPTED, round_id)
    )


async def counted_at(place_id: int, visitor: str) -> list[CountedSheet]:
    """Return the accepted sheets of one visitor at one place of a round."""
    return await _sheets(
        await raw(
            _COUNTED + "t.place = {} AND t.visitor = {} ORDER BY s.code",
            SheetState.ACCEPTED,
            place_id,
            visitor,
        )
    )


async def told_cells(rounds: Sequence[int]) -> list[tuple[SummedCell, ...]]:
    """Return what each figure of a told batch of results rests on, as far as these rounds go.

    A sheet that has ceased to count since is still behind the figure that was told.
    """
    told = await releases.told()
    if not told or not rounds:
        return []
    marks = ", ".join("{}" for _ in rounds)
    rows = await raw(f"{_SEEN}WHERE t.round IN ({marks}) ORDER BY s.id", *rounds)
    sheets = dict(zip([row["id"] for row in rows], await _sheets(rows), strict=True))
    found = [rules.summed(sheets[each] for each in figure if each in sheets) for figure in told]
    return [each for each in found if each]


async def cells(rounds: Sequence[int]) -> list[SummedCell]:
    """Return the sums of counted sheets of some rounds, in an order that tells nothing."""
    if not rounds:
        return []
    marks = ", ".join("{}" for _ in rounds)
    rows = await raw(
        'SELECT round AS round_id, place AS place_id, unit AS unit_id, "window" AS window_id, '
        f"visitor, type, n, total, squares FROM counted_cell WHERE round IN ({marks}) "
        "ORDER BY place, visitor, type",
        *rounds,
    )
    return [SummedCell(**row) for row in rows]
