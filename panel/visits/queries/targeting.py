"""Reads for targeted evaluations: complaint numbers, whom they suggest, who was drawn lately."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import msgspec

from panel.db import raw
from panel.ids import Code
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import Targeting
from panel.visits.queries.links import links
from panel.visits.queries.places import places
from panel.visits.rules import targeting
from panel.visits.types import (
    LIVE,
    Cause,
    CountView,
    RoundDraft,
    RoundKind,
    RoundState,
    RoundView,
    Suggestion,
    Sum,
    Targeted,
)

_OVER = (RoundState.CLOSED, RoundState.COMPUTED, RoundState.CANCELLED)


async def complaint_counts(*, limit: int = 200) -> list[CountView]:
    """Return the complaint numbers, the latest month first."""
    rows = await raw(
        "SELECT u.code AS unit_code, u.name AS unit_name, u.name_en AS unit_name_en, c.month, "
        "c.received, c.upheld, c.transactions, c.at AS entered_at FROM complaint_count c "
        "JOIN unit u ON u.id = c.unit ORDER BY c.month DESC, u.number LIMIT {}",
        limit,
    )
    return [msgspec.convert(row, CountView) for row in rows]


async def targeted(*, at: datetime) -> Targeted:
    """Return the units that the rulebook in force suggests today, and why."""
    bounds = (await rulebooks.current()).rulebook.targeting
    since, until = targeting.period(bounds.months, at)
    rows = await raw(
        "SELECT u.id, u.code, u.name, u.name_en, u.peer_group, SUM(c.received) AS received, "
        "SUM(c.upheld) AS upheld, SUM(c.transactions) AS transactions FROM complaint_count c "
        "JOIN unit u ON u.id = c.unit WHERE c.month >= {} AND c.month <= {} AND u.active "
        "GROUP BY u.id, u.code, u.name, u.name_en, u.peer_group, u.number ORDER BY u.number",
        since,
        until,
    )
    sums = {
        row["id"]: Sum(row["id"], int(row["received"]), int(row["upheld"]),
                       int(row["transactions"]))
        for row in rows
    }  # fmt: skip
    why = targeting.causes(list(sums.values()), bounds)
    running = await _running()
    return Targeted(
        since=since,
        until=until,
        counted=len(rows),
        suggestions=tuple(
            _suggestion(row, sums[row["id"]], why[row["id"]], running, bounds)
            for row in rows
            if row["id"] in why
        ),
    )


def _suggestion(
    row: dict[str, str],
    total: Sum,
    why: tuple[Cause, ...],
    running: dict[str, Code],
    bounds: Targeting,
) -> Suggestion:
    return Suggestion(
        unit_code=Code(row["code"]),
        unit_name=row["name"],
        unit_name_en=row["name_en"],
        peer_group=row["peer_group"],
        received=total.received,
        upheld=total.upheld,
        transactions=total.transactions,
        rate_hundredths=targeting.rate(total, bounds),
        causes=why,
        running=running.get(row["code"]),
    )


async def _running() -> dict[str, Code]:
    """Return the targeted round that is not over yet, by the code of each unit that it names."""
    found: dict[str, Code] = {}
    for row in await raw(
        "SELECT code, targets FROM visit_round WHERE kind = {} AND state NOT IN ({}, {}, {})",
        RoundKind.TARGETED,
        *_OVER,
    ):
        codes = msgspec.json.decode(row["targets"], type=dict[str, int])
        for unit in await units_of(list(codes)):
            found[unit] = Code(row["code"])
    return found


async def units_of(codes: Sequence[str]) -> list[str]:
    """Return the units that codes of units and windows belong to."""
    if not codes:
        return []
    marks = ", ".join("{}" for _ in codes)
    rows = await raw(
        f"SELECT code FROM unit WHERE code IN ({marks}) UNION SELECT u.code FROM unit u "
        f"JOIN service_window w ON w.unit = u.id WHERE w.code IN ({marks})",
        *codes,
        *codes,
    )
    return [row["code"] for row in rows]


async def targets(units: Collection[Code], groups: Sequence[str], draft: RoundDraft,
                  bounds: Targeting) -> dict[str, int]:  # fmt: skip
    """Return the visits of each place that a targeted evaluation of some units makes."""
    whole = msgspec.structs.replace(
        draft, groups=tuple(groups), targets={}, kind=RoundKind.AD_HOC,
        visits_per_window=1, visits_per_unit=1,
    )  # fmt: skip
    return targeting.deal(await places(whole), units, bounds.visitors)


async def rested(
    members: Sequence[Code], view: RoundView, days: int, *, at: datetime
) -> frozenset[Code]:
    """Return who was drawn for another targeted evaluation within so many days."""
    found: set[Code] = set()
    for one in await raw(
        "SELECT id, code FROM visit_round WHERE kind = {} AND id <> {} AND drawn_at >= {}",
        RoundKind.TARGETED,
        view.id,
        at - timedelta(days=days),
    ):
        of_link = links(members, Code(one["code"]))
        marks = ", ".join("{}" for _ in LIVE)
        for row in await raw(
            f"SELECT DISTINCT visitor FROM visit_task WHERE round = {{}} AND state IN ({marks})",
            one["id"],
            *LIVE,
        ):
            if row["visitor"] in of_link:
                found.add(of_link[row["visitor"]])
    return frozenset(found)
