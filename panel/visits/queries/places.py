"""What a round visits: windows, and units that have none; with the demand of the plan."""

from __future__ import annotations

from datetime import datetime

from panel.db import raw
from panel.ids import Code
from panel.members import queries as members
from panel.roster import queries as roster
from panel.roster.types import Level, WindowState
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import Rulebook
from panel.visits import rules
from panel.visits.types import Capacity, Place, RoundDraft, RoundState, RoundView


async def places(draft: RoundDraft) -> list[Place]:
    """Return what a plan would visit today: open windows of its groups, units without any.

    Where windows and units were chosen, only those, each with its own number of visits.
    """
    groups = frozenset(draft.groups)
    units = {
        unit.id: unit
        for unit in await roster.units()
        if unit.active and (draft.targets or unit.peer_group in groups)
    }
    windows = [window for window in await roster.windows() if window.unit_id in units]
    with_windows = {window.unit_id for window in windows if window.state is not WindowState.RETIRED}
    found = [
        Place(
            unit_id=window.unit_id,
            unit_code=window.unit_code,
            window_id=window.id,
            window_code=window.code,
            peer_group=window.peer_group,
            covert_ok=window.covert_ok,
            district=window.district,
            latitude=window.latitude,
            longitude=window.longitude,
            demand=draft.visits_per_window,
            town=units[window.unit_id].level is Level.TOWN,
        )
        for window in windows
        if window.state is WindowState.ACTIVE
    ]
    found.extend(
        Place(
            unit_id=unit.id,
            unit_code=unit.code,
            window_id=None,
            window_code=None,
            peer_group=unit.peer_group,
            covert_ok=False,  # there is no counter at which one could pass for anybody
            district=unit.district,
            latitude=unit.latitude,
            longitude=unit.longitude,
            demand=draft.visits_per_unit,
            town=unit.level is Level.TOWN,
        )
        for unit in units.values()
        if unit.id not in with_windows
    )
    return rules.chosen(draft, found)


async def frozen_places(view: RoundView) -> list[Place]:
    """Return what an approved round visits, as its approval froze it."""
    rows = await raw(
        "SELECT p.id, p.demand, p.covert_ok, u.id AS unit_id, u.code AS unit_code, "
        "u.peer_group, u.level, u.district AS unit_district, h.district, w.id AS window_id, "
        "w.code AS window_code, h.latitude, h.longitude "
        "FROM round_window p JOIN unit u ON u.id = p.unit "
        'LEFT JOIN service_window w ON w.id = p."window" LEFT JOIN hall h ON h.id = w.hall '
        "WHERE p.round = {} ORDER BY p.id",
        view.id,
    )
    return [
        Place(
            id=row["id"],
            unit_id=row["unit_id"],
            unit_code=Code(row["unit_code"]),
            window_id=row["window_id"],
            window_code=code_of(row["window_code"]),
            peer_group=row["peer_group"],
            covert_ok=bool(row["covert_ok"]),
            district=row["district"] if row["district"] is not None else row["unit_district"],
            latitude=row["latitude"],
            longitude=row["longitude"],
            demand=row["demand"],
            town=row["level"] == Level.TOWN,
        )
        for row in rows
    ]


async def capacity(view: RoundView, rulebook: Rulebook, *, at: datetime) -> Capacity:
    """Return what a round covers, and whether the qualified members of today can carry it."""
    draft = view.state is RoundState.DRAFT
    found = await places(view.draft) if draft else await frozen_places(view)
    version = await rulebooks.version(view.rulebook_code)
    ready = await members.ready_for(version, at=at)
    return rules.capacity(view.draft, rulebook, found, len(ready))


def code_of(value: str | None) -> Code | None:
    """Return a code that may be absent."""
    return Code(value) if value is not None else None
