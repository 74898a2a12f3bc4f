"""Reads of re-visits: what their accepted sheets saw, whose visits they check."""

from __future__ import annotations

from collections.abc import Sequence

from panel.assessments.rules import revisits as rules
from panel.assessments.types.orders import ItemView, OrderView, Result
from panel.db import raw
from panel.evaluations import queries as sheets
from panel.evaluations.rules import values
from panel.evaluations.types import SheetState, SheetView
from panel.ids import Code, PersonId
from panel.visits.types import LIVE, TaskState


async def checked_visits(findings: Sequence[Code]) -> list[int]:
    """Return the visits behind some findings, by their inner ids; evidence names the sheets."""
    if not findings:
        return []
    marks = ", ".join("{}" for _ in findings)
    rows = await raw(
        "SELECT DISTINCT s.task FROM finding f "
        "LEFT JOIN finding_evidence e ON e.finding = f.id "
        "JOIN sheet_submission s ON s.id = e.sheet OR s.id = f.sheet "
        f"WHERE f.code IN ({marks}) ORDER BY s.task",
        *findings,
    )
    return [row["task"] for row in rows]


async def seen(view: OrderView) -> list[SheetView]:
    """Return the accepted sheets of an order's re-visit of its unit."""
    rows = await raw(
        "SELECT s.code FROM sheet_submission s JOIN visit_task t ON t.id = s.task "
        "JOIN visit_round r ON r.id = t.round WHERE r.code = {} AND t.unit = {} AND s.state = {} "
        "ORDER BY s.id",
        view.revisit or "",
        view.unit_id,
        SheetState.ACCEPTED,
    )
    return [await sheets.submission(Code(row["code"])) for row in rows]


async def _waiting(view: OrderView) -> int:
    """Return how many visits of a re-visit may still bring a sheet, or wait for a reviewer.

    A round that was not drawn yet waits for its draw.
    """
    open_states = sorted(LIVE - {TaskState.DONE, TaskState.NOT_POSSIBLE, TaskState.VOIDED})
    marks = ", ".join("{}" for _ in open_states)
    rows = await raw(
        "SELECT COUNT(*) AS count FROM visit_task t JOIN visit_round r ON r.id = t.round "
        f"WHERE r.code = {{}} AND t.unit = {{}} AND t.state IN ({marks})",
        view.revisit or "",
        view.unit_id,
        *open_states,
    )
    return int(rows[0]["count"])


async def result(view: OrderView, items: Sequence[ItemView]) -> Result:
    """Return what an order's re-visit saw of its items."""
    found = await seen(view)
    read = []
    again: set[str] = set()
    for sheet in found:
        blank = (await sheets.reading(sheet)).blank
        read.append((sheet, values(blank.items, sheet.answers)))
        again |= {item.id for item in blank.items if item.revisit_only}
    return rules.result(items, read, again, await _waiting(view))


async def senders(view: OrderView) -> frozenset[PersonId | None]:
    """Return who sent somebody on an order's re-visit."""
    rows = await raw(
        "SELECT DISTINCT t.assigned_by FROM visit_task t JOIN visit_round r ON r.id = t.round "
        "WHERE r.code = {} AND t.unit = {}",
        view.revisit or "",
        view.unit_id,
    )
    return frozenset(PersonId(row["assigned_by"]) for row in rows if row["assigned_by"] is not None)
