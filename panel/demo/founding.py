"""Prologue: staff, measures in force, and the roster of the city."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from typing import Final

from panel.actor import Actor
from panel.demo import cast
from panel.demo.people import rows
from panel.demo.progress import Progress
from panel.demo.timeline import Timeline
from panel.roster import commands as roster
from panel.roster.types import TableKind
from panel.rulebook import commands as rulebook

_AT_LEAST: Final = {"service": 6, "enforcement": 2, "utility": 2, "office": 2}
"""Units of each peer group that even the smallest city has."""
_MOST_WINDOWS: Final = 3
"""Windows of a unit in a small city, whose few members could not visit more."""


async def found(time: Timeline, toml: str) -> dict[str, Actor]:
    """Create the staff, put the measures into force."""
    staff = await cast.staff(at=time.days_ago(122))
    version = await rulebook.propose(staff["coordinator"], toml, at=time.days_ago(120))
    await rulebook.approve(staff["approver"], version.code, at=time.days_ago(119))
    return staff


async def fill_roster(
    staff: dict[str, Actor], time: Timeline, scale: float
) -> AsyncIterator[Progress]:
    """Import the four tables as an office would upload them."""
    for number, (kind, some) in enumerate(_tables(scale).items()):
        yield Progress("roster", number, 4)
        await roster.import_file(
            staff["coordinator"],
            kind,
            _csv(some),
            f"{kind.value}.csv",
            at=time.days_ago(118, 9 + number),
        )
    yield Progress("roster", 4, 4)


def _tables(scale: float) -> dict[TableKind, list[dict[str, str]]]:
    """Return the tables of a city of this size: fewer units, but every one whole."""
    units = _chosen(rows("units.csv"), scale)
    kept = {unit["单位编号"] for unit in units}
    windows = _windows(kept, _MOST_WINDOWS if scale < 1 else None)
    halls = {row["大厅编号"] for row in windows}
    numbers = {row["窗口编号"] for row in windows}
    return {
        TableKind.UNITS: units,
        TableKind.HALLS: [row for row in rows("halls.csv") if row["大厅编号"] in halls],
        TableKind.WINDOWS: windows,
        TableKind.ITEMS: [row for row in rows("items.csv") if row["窗口编号"] in numbers],
    }


def _windows(units: set[str], most: int | None) -> list[dict[str, str]]:
    """Return the windows of some units, not more than so many of each."""
    of_unit: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows("windows.csv"):
        if row["单位编号"] in units:
            of_unit[row["单位编号"]].append(row)
    return [row for some in of_unit.values() for row in some[:most]]


def _chosen(units: Sequence[dict[str, str]], scale: float) -> list[dict[str, str]]:
    """Keep a share of each peer group, and whoever is above a kept unit."""
    groups: dict[str, list[dict[str, str]]] = defaultdict(list)
    for unit in units:
        groups[unit["同类组"]].append(unit)
    kept: set[str] = set()
    for key, members in groups.items():
        count = max(_AT_LEAST[key], round(len(members) * scale))
        kept |= {unit["单位编号"] for unit in members[:count]}
    above = {unit["单位编号"]: unit["上级单位编号"] for unit in units}
    for ref in sorted(kept):
        while (ref := above[ref]) and ref not in kept:
            kept.add(ref)
    return [unit for unit in units if unit["单位编号"] in kept]


def _csv(some: Sequence[dict[str, str]]) -> bytes:
    """Write rows as an office's spreadsheet program does: UTF-8 with its mark."""
    sheet = io.StringIO()
    writer = csv.DictWriter(sheet, fieldnames=list(some[0]))
    writer.writeheader()
    writer.writerows(some)
    return sheet.getvalue().encode("utf-8-sig")
