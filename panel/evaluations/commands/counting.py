"""Keeping the cells: whenever a sheet begins or ceases to count, its cell is summed anew."""

from __future__ import annotations

from panel.db import insert_rows, raw
from panel.errors import Conflict
from panel.evaluations import queries, rules
from panel.evaluations.tables import CountedCell
from panel.evaluations.types import SummedCell
from panel.visits.types import TaskView


async def tally(task: TaskView) -> None:
    """Sum a visitor's counted sheets at one place again; joins the caller's transaction."""
    await raw(
        "DELETE FROM counted_cell WHERE place = {} AND visitor = {}", task.place_id, task.visitor
    )
    await _insert(rules.summed(await queries.counted_at(task.place_id, task.visitor)))


async def tallied(round_id: int) -> list[SummedCell]:
    """Return a round's cells after comparing them with its sheets; joins the caller's command.

    A round whose sheets were accepted before there were cells gets them now. Refuses cells that
    say another thing than the sheets: somebody changed them behind the service.
    """
    found = await queries.cells([round_id])
    wanted = rules.summed(await queries.counted(round_id))
    if not found and wanted:
        await _insert(wanted)
        return list(wanted)
    if set(found) != set(wanted):
        raise Conflict("ranking.cells_differ")
    return found


async def _insert(cells: tuple[SummedCell, ...]) -> None:
    await insert_rows(
        CountedCell,
        [
            CountedCell(
                round=each.round_id,
                place=each.place_id,
                unit=each.unit_id,
                window=each.window_id,
                visitor=each.visitor,
                type=each.type,
                n=each.n,
                total=each.total,
                squares=each.squares,
            )
            for each in cells
        ],
    )
