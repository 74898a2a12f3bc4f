"""Reads of deadlines."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from panel.actor import Actor, Role
from panel.db import raw
from panel.errors import Missing
from panel.evaluations.rules.findings import WORKERS
from panel.evaluations.types.clocks import ClockKind, ClockState, ClockView, Level, Waiting
from panel.ids import Code


def _view(row: dict[str, Any]) -> ClockView:
    return ClockView(
        id=row["id"],
        finding=row["finding"],
        kind=ClockKind(row["kind"]),
        about=row["about"],
        state=ClockState(row["state"]),
        started_at=row["started_at"],
        soft_at=row["soft_at"],
        due_at=row["due_at"],
        run_at=row["run_at"],
        paused_at=row["paused_at"],
        paused_seconds=row["paused_seconds"],
        extensions=row["extensions"],
        level=Level(row["level"]),
        calendar_version=row["calendar_version"],
    )


async def clocks(finding_id: int) -> list[ClockView]:
    """Return the deadlines of a finding, the oldest first."""
    rows = await raw("SELECT * FROM finding_clock WHERE finding = {} ORDER BY id", finding_id)
    return [_view(row) for row in rows]


async def live(finding_id: int, kind: ClockKind, about: str = "") -> ClockView | None:
    """Return the deadline of a kind that still runs or is paused."""
    rows = await raw(
        "SELECT * FROM finding_clock WHERE finding = {} AND kind = {} AND about = {} "
        "AND state IN ({}, {}) ORDER BY id DESC LIMIT 1",
        finding_id,
        kind,
        about,
        ClockState.RUNNING,
        ClockState.PAUSED,
    )
    return _view(rows[0]) if rows else None


async def clock(finding_id: int, number: int) -> ClockView:
    """Return one deadline of a finding."""
    rows = await raw(
        "SELECT * FROM finding_clock WHERE finding = {} AND id = {}", finding_id, number
    )
    if not rows:
        raise Missing("finding.missing")
    return _view(rows[0])


async def due(at: datetime, *, limit: int = 200) -> list[ClockView]:
    """Return the deadlines that reach somebody's desk now."""
    rows = await raw(
        "SELECT * FROM finding_clock WHERE state = {} AND run_at <= {} ORDER BY run_at LIMIT {}",
        ClockState.RUNNING,
        at,
        limit,
    )
    return [_view(row) for row in rows]


async def awaited_of_units(at: datetime) -> list[tuple[Code, ClockView]]:
    """Return the deadlines that units have to meet and know of, with the unit."""
    rows = await raw(
        "SELECT c.*, u.code AS unit_code FROM finding_clock c JOIN finding f ON f.id = c.finding "
        "JOIN unit u ON u.id = f.unit WHERE c.state = {} AND c.kind IN ({}, {}, {}) "
        "AND c.started_at <= {} ORDER BY c.id",
        ClockState.RUNNING,
        ClockKind.RECEIPT,
        ClockKind.REPLY,
        ClockKind.ORDER,
        at,
    )
    return [(Code(row["unit_code"]), _view(row)) for row in rows]


async def waiting(actor: Actor, *, limit: int = 50) -> list[Waiting]:
    """Return the deadlines on this person's desk, the most pressing first.

    Who handles findings hears of the soft limit, who publishes (and stands above) of the hard one;
    sealed ones are on the desk of the discipline office alone.
    """
    level = Level.NEAR if actor.may(*WORKERS, Role.INDEPENDENT_REVIEWER) else Level.OVER
    where, values = "f.sealed = {}", [not actor.may(*WORKERS, Role.PUBLISHER)]
    if actor.may(Role.INDEPENDENT_REVIEWER) and actor.may(*WORKERS, Role.PUBLISHER):
        where, values = "f.sealed IN ({}, {})", [True, False]
    rows = await raw(
        "SELECT f.code, u.name AS unit_name, u.name_en AS unit_name_en, c.kind, c.level, c.due_at "
        "FROM finding_clock c JOIN finding f ON f.id = c.finding JOIN unit u ON u.id = f.unit "
        f"WHERE c.state = {{}} AND c.level >= {{}} AND {where} ORDER BY c.due_at LIMIT {{}}",
        ClockState.RUNNING,
        int(level),
        *values,
        limit,
    )
    return [
        Waiting(
            finding=Code(row["code"]),
            unit_name=row["unit_name"],
            unit_name_en=row["unit_name_en"],
            kind=ClockKind(row["kind"]),
            level=Level(row["level"]),
            due_at=row["due_at"],
        )
        for row in rows
    ]
