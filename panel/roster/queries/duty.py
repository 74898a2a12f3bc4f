"""Reads of officers and duty rosters; names stay in the vault."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from panel.db import raw
from panel.errors import Conflict, Missing
from panel.ids import Code, PersonId
from panel.roster.rules import duty as rules
from panel.roster.types import (
    DutyState,
    DutyView,
    Half,
    OfficerState,
    OfficerView,
    Shift,
    ShiftView,
)

_OFFICER: Final = (
    "SELECT o.*, u.code AS unit_code, u.name AS unit_name, u.name_en AS unit_name_en, "
    "u.peer_group FROM officer o JOIN unit u ON u.id = o.unit "
)
_DUTY: Final = (
    "SELECT d.*, u.code AS unit_code, u.name AS unit_name, u.name_en AS unit_name_en, "
    "(SELECT count(*) FROM duty_shift s WHERE s.roster = d.id) AS shifts, "
    '(SELECT count(DISTINCT s."window") FROM duty_shift s WHERE s.roster = d.id) AS windows, '
    "(SELECT count(DISTINCT s.officer) FROM duty_shift s WHERE s.roster = d.id) AS officers "
    "FROM duty_roster d JOIN unit u ON u.id = d.unit "
)
_SHIFT: Final = 'SELECT s.day, s."window", s.half, s.officer FROM duty_shift s '


def _person(value: int | None) -> PersonId | None:
    return None if value is None else PersonId(value)


def _day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _officer(row: dict[str, Any]) -> OfficerView:
    return OfficerView(
        id=row["id"],
        code=Code(row["code"]),
        number=row["number"],
        unit_id=row["unit"],
        unit_code=Code(row["unit_code"]),
        unit_name=row["unit_name"],
        unit_name_en=row["unit_name_en"],
        peer_group=row["peer_group"],
        person=PersonId(row["person"]),
        post=row["post"],
        post_en=row["post_en"],
        mid_level=bool(row["mid_level"]),
        state=OfficerState(row["state"]),
        erase_asked_by=_person(row["erase_asked_by"]),
        erase_asked_at=row["erase_asked_at"],
        erased_at=row["erased_at"],
    )


def _duty(row: dict[str, Any]) -> DutyView:
    return DutyView(
        id=row["id"],
        code=Code(row["code"]),
        unit_id=row["unit"],
        unit_code=Code(row["unit_code"]),
        unit_name=row["unit_name"],
        unit_name_en=row["unit_name_en"],
        first_day=_day(row["first_day"]),
        last_day=_day(row["last_day"]),
        shifts=int(row["shifts"]),
        windows=int(row["windows"]),
        officers=int(row["officers"]),
        state=DutyState(row["state"]),
        filed_by=_person(row["filed_by"]),
        filed_at=row["filed_at"],
        agreed_by=_person(row["agreed_by"]),
        agreed_at=row["agreed_at"],
        confirmed_by=_person(row["confirmed_by"]),
        confirmed_at=row["confirmed_at"],
        reason=row["reason"],
    )


def _shift(row: dict[str, Any]) -> Shift:
    return Shift(_day(row["day"]), row["window"], Half(row["half"]), row["officer"])


async def officers(unit: Code | None = None) -> list[OfficerView]:
    """Return the officers of one unit or of all, by the numbers of units and staff."""
    where, values = ("WHERE u.code = {} ", [unit]) if unit is not None else ("", [])
    rows = await raw(_OFFICER + where + "ORDER BY u.number, o.number", *values)
    return [_officer(row) for row in rows]


async def officer(code: Code) -> OfficerView:
    """Return one officer by code."""
    rows = await raw(_OFFICER + "WHERE o.code = {}", code)
    if not rows:
        raise Missing("officer.missing")
    return _officer(rows[0])


async def by_number(unit: Code, number: str) -> OfficerView:
    """Return one officer by the unit and its own number."""
    rows = await raw(_OFFICER + "WHERE u.code = {} AND o.number = {}", unit, number)
    if not rows:
        raise Missing("officer.missing")
    return _officer(rows[0])


async def rosters(unit: Code | None = None, *, limit: int = 100) -> list[DutyView]:
    """Return the duty rosters of one unit or of all, the newest first."""
    where, values = ("WHERE u.code = {} ", [unit]) if unit is not None else ("", [])
    rows = await raw(_DUTY + where + "ORDER BY d.id DESC LIMIT {}", *values, limit)
    return [_duty(row) for row in rows]


async def roster(code: Code) -> DutyView:
    """Return one duty roster."""
    rows = await raw(_DUTY + "WHERE d.code = {}", code)
    if not rows:
        raise Missing("duty.missing")
    return _duty(rows[0])


async def waiting(unit: Code | None = None) -> int:
    """Return how many rosters wait: for the unit where one is named, else for the office."""
    if unit is None:
        rows = await raw("SELECT count(*) AS n FROM duty_roster WHERE state = {}", DutyState.AGREED)
    else:
        rows = await raw(
            "SELECT count(*) AS n FROM duty_roster d JOIN unit u ON u.id = d.unit "
            "WHERE d.state = {} AND u.code = {}",
            DutyState.DRAFT,
            unit,
        )
    return int(rows[0]["n"])


async def lines(view: DutyView, *, skip: int = 0, limit: int = 100) -> list[ShiftView]:
    """Return some lines of a duty roster, by day, window and half."""
    rows = await raw(
        "SELECT s.day, s.half, w.code, w.name, w.name_en, o.number, o.post, o.post_en "
        'FROM duty_shift s JOIN service_window w ON w.id = s."window" '
        "JOIN officer o ON o.id = s.officer WHERE s.roster = {} "
        "ORDER BY s.day, w.number, CASE s.half WHEN {} THEN 0 ELSE 1 END, o.number "
        "LIMIT {} OFFSET {}",
        view.id,
        Half.MORNING,
        limit,
        skip,
    )
    return [
        ShiftView(
            day=_day(row["day"]),
            half=Half(row["half"]),
            window_code=Code(row["code"]),
            window_name=row["name"],
            window_name_en=row["name_en"],
            number=row["number"],
            post=row["post"],
            post_en=row["post_en"],
        )
        for row in rows
    ]


async def confirmed(first: date, last: date) -> list[Shift]:
    """Return the shifts of confirmed rosters in some days; refuses rosters changed since then."""
    heads = await raw(
        "SELECT id, code, digest FROM duty_roster WHERE state = {} "
        "AND first_day <= {} AND last_day >= {} ORDER BY id",
        DutyState.CONFIRMED,
        last,
        first,
    )
    found: list[Shift] = []
    for head in heads:
        rows = await raw(_SHIFT + "WHERE s.roster = {}", head["id"])
        made = [_shift(row) for row in rows]
        if rules.digest(made) != head["digest"]:
            raise Conflict("duty.changed", roster=head["code"])
        found += [each for each in made if first <= each.day <= last]
    return found


async def covered(window_ids: list[int], first: date, last: date) -> set[tuple[int, date]]:
    """Return windows and days about which a roster speaks that was not sent back."""
    rows = await raw(
        'SELECT DISTINCT s."window", s.day FROM duty_shift s '
        "JOIN duty_roster d ON d.id = s.roster "
        "WHERE d.state <> {} AND d.last_day >= {} AND d.first_day <= {}",
        DutyState.RETURNED,
        first,
        last,
    )
    wanted = set(window_ids)
    return {(row["window"], _day(row["day"])) for row in rows if row["window"] in wanted}


async def rostered_staff(first: date, last: date) -> dict[int, int]:
    """Return how many officers confirmed rosters name at each window in some days."""
    found: dict[int, set[int]] = {}
    for each in await confirmed(first, last):
        found.setdefault(each.window_id, set()).add(each.officer_id)
    return {window: len(officers) for window, officers in found.items()}
