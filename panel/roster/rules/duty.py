"""Officers and duty rosters: what their tables may say, who may agree to them and when."""

from __future__ import annotations

import calendar
import datetime as dt
import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

import msgspec

from panel.actor import Actor, Role, second_person
from panel.chance import canonical
from panel.errors import Conflict, Fault, Forbidden, Missing
from panel.ids import Code
from panel.roster.rules.cells import choice, text, yes_no
from panel.roster.rules.entries import LINE, NAME, REF
from panel.roster.rules.tables import fault
from panel.roster.types import (
    DutyState,
    DutyView,
    Half,
    OfficerState,
    Sheet,
    SheetRow,
    Shift,
)

OFFICERS_REQUIRED: Final = frozenset({"单位编号", "工号", "姓名", "职务"})
DUTY_REQUIRED: Final = frozenset({"窗口编号", "日期", "时段", "工号"})
PERSON_NAME: Final = 60
_LONGEST: Final = 400
"""Days that one duty roster may span."""
_MONTHS: Final = 12
_DAY: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_STATES: Final = {state.value: state.value for state in OfficerState} | {
    "在任": "in_post",
    "调离": "transferred",
    "离职": "left",
}
_HALVES: Final = {
    "上午": "morning",
    "下午": "afternoon",
    "全天": "whole",
    "morning": "morning",
    "afternoon": "afternoon",
    "whole": "whole",
}


class OfficerRow(msgspec.Struct, frozen=True):
    """One row of the table of officers; the name goes to the vault."""

    unit: str
    number: str
    name: str
    post: str
    post_en: str
    mid_level: bool
    state: str

    def __repr__(self) -> str:
        """Show nothing: a name must not stray into a log."""
        return "OfficerRow(…)"


class Places(msgspec.Struct, frozen=True):
    """What a duty roster may refer to."""

    windows: Mapping[str, tuple[int, int]]
    """Id of each window and of its unit, by the city's number."""
    officers: Mapping[tuple[int, str], int]
    """Id of each officer in post, by the unit's id and its own number."""
    covered: Collection[tuple[int, dt.date]]
    """Windows and days about which another roster speaks already."""
    own: int | None = None
    """The only unit whose windows may be named; None for the office."""


def officer_rows(sheet: Sheet, units: Collection[str], faults: list[Fault]) -> list[OfficerRow]:
    """Judge all rows of the table of officers; every fault is added to the list."""
    found: list[OfficerRow] = []
    seen: dict[tuple[str, str], int] = {}
    for row in sheet.rows:
        unit, number = row.cells["单位编号"], text(row, "工号", REF, faults)
        if unit and unit not in units:
            faults.append(fault(row.number, "单位编号", "import.unknown_unit", found=unit[:REF]))
        if (unit, number) in seen:
            first = seen[unit, number]
            faults.append(fault(row.number, "工号", "import.twice", first=first))
        seen[unit, number] = row.number
        found.append(
            OfficerRow(
                unit=unit,
                number=number,
                name=text(row, "姓名", PERSON_NAME, faults),
                post=text(row, "职务", NAME, faults),
                post_en=text(row, "英文职务", LINE, faults),
                mid_level=yes_no(row, "中层干部", faults, default=True),
                state=choice(row, "状态", _STATES, faults, "duty.unknown_state")
                or OfficerState.IN_POST.value,
            )
        )
    return found


def shifts(sheet: Sheet, places: Places, faults: list[Fault]) -> dict[int, list[Shift]]:
    """Judge all rows of a duty roster and return the shifts of each unit, whole days as two."""
    found: dict[int, list[Shift]] = {}
    seen: dict[Shift, int] = {}
    for row in sheet.rows:
        unit, made = _shifts_of(row, places, faults)
        for each in made:
            if each in seen:
                faults.append(fault(row.number, "工号", "import.twice", first=seen[each]))
            seen[each] = row.number
            found.setdefault(unit, []).append(each)
    for row_number, days in _span(found, seen):
        faults.append(fault(row_number, "日期", "duty.too_long", days=days))
    return found


def _shifts_of(row: SheetRow, places: Places, faults: list[Fault]) -> tuple[int, list[Shift]]:
    """Return the unit of a row and its shifts: none where anything of it is wrong."""
    ref, number = row.cells["窗口编号"], row.cells["工号"]
    day = _day(row, faults)
    half = choice(row, "时段", _HALVES, faults, "duty.unknown_half")
    window, unit = places.windows.get(ref, (0, 0))
    if ref and (not window or (places.own is not None and unit != places.own)):
        faults.append(fault(row.number, "窗口编号", "import.unknown_window", found=ref[:REF]))
        return 0, []
    officer = places.officers.get((unit, number), 0)
    if ref and number and not officer:
        faults.append(fault(row.number, "工号", "duty.unknown_officer", found=number[:REF]))
    if day is None or not half or not officer:
        return unit, []
    if (window, day) in places.covered:
        faults.append(fault(row.number, "日期", "duty.covered"))
    halves = tuple(Half) if half == "whole" else (Half(half),)
    return unit, [Shift(day, window, each, officer) for each in halves]


def _day(row: SheetRow, faults: list[Fault]) -> dt.date | None:
    written = row.cells["日期"].partition(" ")[0]
    found = _DAY.fullmatch(written)
    if found is not None:
        year, month, day = map(int, found.groups())
        if year and 1 <= month <= _MONTHS and 1 <= day <= calendar.monthrange(year, month)[1]:
            return dt.date(year, month, day)
    if written:
        faults.append(fault(row.number, "日期", "form.date"))
    return None


def _span(
    found: Mapping[int, Sequence[Shift]], rows: Mapping[Shift, int]
) -> Iterable[tuple[int, int]]:
    """Return the last row of each roster that spans too long a time."""
    for made in found.values():
        first, last = min(made), max(made)
        if (last.day - first.day).days >= _LONGEST:
            yield rows[last], _LONGEST


def digest(made: Iterable[Shift]) -> str:
    """Return the digest over the shifts of a roster, in whatever order they come."""
    lines = sorted((each.day.isoformat(), each.window_id, each.half.value, each.officer_id)
                   for each in made)  # fmt: skip
    return hashlib.sha256(canonical([list(line) for line in lines])).hexdigest()


def may_file(actor: Actor) -> Code | None:
    """Allow the office for every unit and a liaison for the own one, which is returned."""
    if actor.may(Role.COORDINATOR):
        return None
    if actor.may(Role.LIAISON) and actor.unit is not None:
        return actor.unit
    raise Forbidden("actor.role", roles=(str(Role.COORDINATOR), str(Role.LIAISON)))


def may_agree(actor: Actor, view: DutyView) -> None:
    """Allow the liaison of the very unit, once; others do not learn that there is a roster."""
    actor.require(Role.LIAISON)
    if actor.unit != view.unit_code:
        raise Missing("duty.missing")
    _expect(view, DutyState.DRAFT)


def may_confirm(actor: Actor, view: DutyView) -> None:
    """Allow the office after the unit, and never the same natural person."""
    actor.require(Role.COORDINATOR)
    _expect(view, DutyState.AGREED)
    second_person(view.agreed_by, actor)


def may_return(actor: Actor, view: DutyView) -> None:
    """Allow the office, and the unit before the office has confirmed; a confirmed one stays."""
    own = may_file(actor)
    if own is not None and own != view.unit_code:
        raise Missing("duty.missing")
    _expect(view, DutyState.DRAFT, DutyState.AGREED)


def _expect(view: DutyView, *states: DutyState) -> None:
    if view.state not in states:
        raise Conflict("duty.state", state=view.state.value)
