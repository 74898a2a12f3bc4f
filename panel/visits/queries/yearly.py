"""Reads of the plans of years: all editions for the office, published ones for everybody."""

from __future__ import annotations

from typing import Any

import msgspec

from panel.db import raw
from panel.errors import Missing
from panel.ids import PersonId
from panel.visits.types.yearly import YearDraft, YearEntry, YearPlanView, YearState


async def year_plans() -> list[YearPlanView]:
    """Return the newest edition of every year, the latest year first."""
    found: dict[int, YearPlanView] = {}
    for row in await raw("SELECT * FROM year_plan ORDER BY year DESC, edition DESC"):
        found.setdefault(row["year"], _view(row))
    return list(found.values())


async def year_plan(year: int) -> YearPlanView:
    """Return the newest edition of a year's plan, published or not."""
    found = await editions(year)
    if not found:
        raise Missing("plan.missing")
    return found[0]


async def editions(year: int) -> list[YearPlanView]:
    """Return all editions of a year's plan, the newest first."""
    rows = await raw("SELECT * FROM year_plan WHERE year = {} ORDER BY edition DESC", year)
    return [_view(row) for row in rows]


async def published_plans(year: int | None = None) -> list[YearPlanView]:
    """Return the published editions of a year (of the latest if none is named), newest first."""
    rows = await raw(
        "SELECT * FROM year_plan WHERE state = {} ORDER BY year DESC, edition DESC",
        YearState.PUBLISHED,
    )
    wanted = year if year is not None else rows[0]["year"] if rows else 0
    return [_view(row) for row in rows if row["year"] == wanted]


async def published_years() -> list[int]:
    """Return the years that have a published plan, the latest first."""
    rows = await raw(
        "SELECT DISTINCT year FROM year_plan WHERE state = {} ORDER BY year DESC",
        YearState.PUBLISHED,
    )
    return [int(row["year"]) for row in rows]


def _view(row: dict[str, Any]) -> YearPlanView:
    written = row["written_by"]
    return YearPlanView(
        id=row["id"],
        edition=row["edition"],
        state=YearState(row["state"]),
        draft=YearDraft(
            year=row["year"],
            basis=row["basis"],
            document=row["document"],
            entries=msgspec.json.decode(row["entries"], type=tuple[YearEntry, ...]),
            change=row["change"],
        ),
        written_by=None if written is None else PersonId(written),
        written_at=row["written_at"],
        published_at=row["published_at"],
        revision=row["revision"],
    )
