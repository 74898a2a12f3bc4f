"""Reads of staff lists and of who was found on them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from panel.db import raw
from panel.errors import Missing
from panel.ids import Code, PersonId
from panel.recruitment.rules import staff as rules
from panel.recruitment.tables import StaffCheck, StaffHit
from panel.recruitment.types.campaigns import CampaignState
from panel.recruitment.types.vetting import (
    CheckView,
    HitKind,
    HitState,
    HitView,
    StaffListView,
)
from panel.roster import queries as roster

_CHUNK: Final = 500
_RUNNING: Final = (
    CampaignState.ANNOUNCED,
    CampaignState.SCREENING,
    CampaignState.SELECTING,
    CampaignState.NOTICE,
    CampaignState.APPOINTING,
)


async def staff_lists() -> list[StaffListView]:
    """Return each unit's current list, in the order of the units' numbers."""
    rows = await raw("SELECT unit, size, received_at FROM staff_list WHERE current ORDER BY id")
    found = {row["unit"]: row for row in rows}
    return [
        StaffListView(
            unit=unit.code,
            unit_name=unit.name,
            size=found[unit.code]["size"],
            received_at=found[unit.code]["received_at"],
        )
        for unit in await roster.units()
        if unit.code in found
    ]


async def checks() -> list[CheckView]:
    """Return the comparisons, the newest first."""
    rows = await StaffCheck.select().order_by(StaffCheck.id, ascending=False)
    return [
        CheckView(
            quarter=row["quarter"],
            day=row["day"],
            lists=row["lists"],
            compared=row["compared"],
            hits=row["hits"],
        )
        for row in rows
    ]


async def staff_hits(*, open_only: bool = True) -> list[HitView]:
    """Return who stands on a staff list, the open ones or all."""
    query = StaffHit.select().order_by(StaffHit.id)
    if open_only:
        query = query.where(StaffHit.state == HitState.OPEN)
    rows = await query
    names = {unit.code: unit.name for unit in await roster.units()}
    tickets = [row["subject"] for row in rows if row["kind"] == HitKind.APPLICANT]
    campaigns = await _campaigns(tickets)
    return [_hit(row, names, campaigns) for row in rows]


async def staff_hit(number: int) -> HitView:
    """Return one hit."""
    found = [each for each in await staff_hits(open_only=False) if each.id == number]
    if not found:
        raise Missing("staff.unknown")
    return found[0]


def _hit(row: dict[str, Any], names: dict[Code, str], campaigns: dict[str, Code]) -> HitView:
    return HitView(
        id=row["id"],
        kind=HitKind(row["kind"]),
        subject=Code(row["subject"]),
        campaign=campaigns.get(row["subject"]) if row["kind"] == HitKind.APPLICANT else None,
        unit=Code(row["unit"]),
        unit_name=names.get(row["unit"], row["unit"]),
        quarter=row["quarter"],
        state=HitState(row["state"]),
        found_at=row["found_at"],
        note=row["note"],
    )


async def _campaigns(tickets: list[str]) -> dict[str, Code]:
    found: dict[str, Code] = {}
    for start in range(0, len(tickets), _CHUNK):
        some = tickets[start : start + _CHUNK]
        marks = ", ".join("{}" for _ in some)
        rows = await raw(
            "SELECT a.code AS ticket, c.code FROM application a "
            f"JOIN campaign c ON c.id = a.campaign WHERE a.code IN ({marks})",
            *some,
        )
        found |= {row["ticket"]: Code(row["code"]) for row in rows}
    return found


async def applicants_on_lists() -> list[tuple[str, str]]:
    """Return ticket and unit of each applicant of a running campaign on a current list."""
    states = ", ".join("{}" for _ in rules.COMPARED)
    running = ", ".join("{}" for _ in _RUNNING)
    rows = await raw(
        "SELECT DISTINCT a.code, s.unit FROM staff_list s JOIN staff_mark m ON m.sheet = s.id "
        "JOIN application a ON a.mark = m.mark JOIN campaign c ON c.id = a.campaign "
        f"WHERE s.current AND a.mark <> '' AND a.state IN ({states}) "
        f"AND c.state IN ({running}) ORDER BY a.code, s.unit",
        *rules.COMPARED,
        *_RUNNING,
    )
    return [(row["code"], row["unit"]) for row in rows]


async def applicants_compared() -> int:
    """Count the applicants whom a comparison looks at."""
    states = ", ".join("{}" for _ in rules.COMPARED)
    running = ", ".join("{}" for _ in _RUNNING)
    (row,) = await raw(
        "SELECT COUNT(*) AS n FROM application a JOIN campaign c ON c.id = a.campaign "
        f"WHERE a.state IN ({states}) AND c.state IN ({running})",
        *rules.COMPARED,
        *_RUNNING,
    )
    return int(row["n"])


async def people_on_lists(people: Iterable[PersonId]) -> list[tuple[PersonId, str]]:
    """Return person and unit of each of these people who stands on a current list."""
    wanted = sorted(set(people))
    found: list[tuple[PersonId, str]] = []
    for start in range(0, len(wanted), _CHUNK):
        some = wanted[start : start + _CHUNK]
        marks = ", ".join("{}" for _ in some)
        rows = await raw(
            "SELECT DISTINCT a.person, s.unit FROM application a "
            "JOIN staff_mark m ON m.mark = a.mark JOIN staff_list s ON s.id = m.sheet "
            f"WHERE s.current AND a.mark <> '' AND a.person IN ({marks}) ORDER BY a.person",
            *some,
        )
        found += [(PersonId(row["person"]), row["unit"]) for row in rows]
    return found


async def decided_before() -> set[tuple[str, str, str]]:
    """Return kind, subject and unit of what needs no further decision."""
    rows = await raw(
        "SELECT kind, subject, unit FROM staff_hit WHERE state IN ({}, {}, {})",
        HitState.RECUSED,
        HitState.INELIGIBLE,
        HitState.OPEN,
    )
    return {(row["kind"], row["subject"], row["unit"]) for row in rows}
