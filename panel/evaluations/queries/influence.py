"""Reads of reported attempts to influence: for the discipline office and the member alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from panel.actor import Actor, Role
from panel.db import raw
from panel.errors import Missing
from panel.evaluations.queries.leads import InfluenceContent, reporters, unsealed
from panel.evaluations.types import InfluenceKind, InfluenceLine, InfluenceState, InfluenceView
from panel.ids import Code


def influence_context(code: Code, column: str) -> str:
    """Return what a ciphertext of a report is bound to."""
    return f"influence_report:{code}:{column}"


def _line(row: dict[str, Any]) -> InfluenceLine:
    return InfluenceLine(
        code=Code(row["code"]),
        state=InfluenceState(row["state"]),
        received_at=row["received_at"],
        closed_at=row["closed_at"],
    )


async def influence_reports(
    actor: Actor, *, before: int | None = None, limit: int = 50
) -> list[InfluenceLine]:
    """Return the reports for the discipline office, those that nobody opened first."""
    actor.require(Role.INDEPENDENT_REVIEWER)
    rows = await raw(
        "SELECT code, state, received_at, closed_at FROM influence_report WHERE id < {} "
        "ORDER BY CASE WHEN state = {} THEN 2 WHEN state = {} THEN 1 ELSE 0 END, id DESC LIMIT {}",
        before or 2**31 - 1,
        InfluenceState.CLOSED,
        InfluenceState.OPENED,
        limit,
    )
    return [_line(row) for row in rows]


async def influence_waiting(actor: Actor) -> int:
    """Return how many reports nobody has opened yet: for the discipline office alone."""
    actor.require(Role.INDEPENDENT_REVIEWER)
    rows = await raw(
        "SELECT count(*) AS count FROM influence_report WHERE state = {}", InfluenceState.RECEIVED
    )
    return int(rows[0]["count"])


async def influence_row(code: Code) -> dict[str, Any]:
    """Return a stored report, still sealed; commands and the member's own page open it."""
    rows = await raw("SELECT * FROM influence_report WHERE code = {}", code)
    if not rows:
        raise Missing("lead.missing")
    return rows[0]


async def influence_view(row: dict[str, Any]) -> InfluenceView:
    """Decrypt a stored report; whoever shows it to others leaves an entry first."""
    code = Code(row["code"])
    content = msgspec.json.decode(
        unsealed(row["content"], influence_context(code, "content")), type=InfluenceContent
    )
    units = await raw("SELECT name, name_en FROM unit WHERE code = {}", content.unit)
    return InfluenceView(
        code=code,
        state=InfluenceState(row["state"]),
        received_at=row["received_at"],
        kind=InfluenceKind(content.kind),
        text=content.text,
        who=content.who,
        unit_name=units[0]["name"] if units else "",
        unit_name_en=units[0]["name_en"] if units else "",
        answer=unsealed(row["answer"], influence_context(code, "answer")).decode(),
        closed_at=row["closed_at"],
    )


async def own_influence(member: Code | None, *, at: datetime) -> list[InfluenceView]:
    """Return what a member has reported in two years, the newest first."""
    links = reporters(member, at)
    if not links:
        return []
    marks = ", ".join("{}" for _ in links)
    rows = await raw(
        f"SELECT * FROM influence_report WHERE reporter IN ({marks}) ORDER BY id DESC", *links
    )
    return [await influence_view(row) for row in rows]


async def influence_by_key(reporter: str, key: str) -> Code | None:
    """Return the report that was made with an idempotency key."""
    rows = await raw(
        "SELECT code FROM influence_report WHERE reporter = {} AND key = {}", reporter, key
    )
    return Code(rows[0]["code"]) if rows else None
