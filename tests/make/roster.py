"""Builders of rosters, made by the real commands."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from panel.actor import Actor
from panel.roster import commands, queries
from panel.roster.types import HEADERS, TableKind, UnitView, WindowView
from tests import people
from tests.tables import remembered

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
DATA = Path(__file__).parents[2] / "panel" / "demo" / "data"
GROUPS = ("service", "enforcement", "utility")
_DISTRICTS = ("任城区", "兖州区", "曲阜市")


class City(msgspec.Struct, frozen=True):
    """A roster as the queries give it."""

    units: list[UnitView]
    windows: list[WindowView]


def table(kind: TableKind, rows: Iterable[Mapping[str, str]], encoding: str = "utf-8") -> bytes:
    """Write rows as a CSV file with the header of a kind; absent cells are empty."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, HEADERS[kind], restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def unit_row(number: int = 1, **more: str) -> dict[str, str]:
    """Return a row of the table of units."""
    return {
        "单位编号": f"U-{number:02}",
        "单位名称": f"第{number}单位",
        "英文名称": f"Unit {number}",
        "单位类型": "gov_dept",
        "层级": "city",
        "行政区": _DISTRICTS[number % 3],
        "同类组": "service",
        "联络员": f"联络{number}",
        "联络员电话": f"0537-{number:07}",
        **more,
    }


def hall_row(number: int = 1, **more: str) -> dict[str, str]:
    """Return a row of the table of halls."""
    return {
        "大厅编号": f"H-{number:02}",
        "大厅名称": f"第{number}大厅",
        "英文名称": f"Hall {number}",
        "行政区": _DISTRICTS[number % 3],
        "地址": f"示例路{number}号",
        "纬度": f"35.4{number % 10}",
        "经度": f"116.5{number % 10}",
        **more,
    }


def window_row(number: int = 1, unit: int = 1, hall: int = 1, **more: str) -> dict[str, str]:
    """Return a row of the table of windows."""
    return {
        "窗口编号": f"W-{number:03}",
        "窗口名称": f"第{number}窗口",
        "英文名称": f"Window {number}",
        "单位编号": f"U-{unit:02}",
        "大厅编号": f"H-{hall:02}",
        "位置": "一层",
        "办公时间": "工作日 9:00—17:00",
        "窗口人数": "3",
        "季度办件量": str(1000 + number),
        "适合暗访": "是",
        **more,
    }


def item_row(number: int = 1, window: int = 1, **more: str) -> dict[str, str]:
    """Return a row of the table of service items."""
    return {
        "事项编号": f"I-{number:03}",
        "事项名称": f"第{number}事项",
        "英文名称": f"Matter {number}",
        "窗口编号": f"W-{window:03}",
        "承诺工作日": "3",
        "材料": "身份证;申请表",
        "收费": "不收费",
        **more,
    }


async def take(
    kind: TableKind, rows: Iterable[Mapping[str, str]], actor: Actor = people.coordinator
) -> None:
    """Import rows of a kind."""
    await commands.import_file(actor, kind, table(kind, rows), "table.csv", at=AT)


@remembered
async def small_city(
    units: int = 6, windows: int = 2, offices: int = 0, groups: Sequence[str] = GROUPS
) -> City:
    """Import units of several groups with windows each, and offices (group ``office``) without.

    The groups take turns; halls stand in different places; all windows have 3 clerks.
    """
    rows = [unit_row(n, 同类组=groups[n % len(groups)]) for n in range(1, units + 1)]
    rows += [unit_row(n, 同类组="office") for n in range(units + 1, units + offices + 1)]
    await take(TableKind.UNITS, rows)
    await take(TableKind.HALLS, [hall_row(n) for n in range(1, units + 1)])
    counters = [(unit, (unit - 1) * windows + n) for unit in range(1, units + 1)
                for n in range(1, windows + 1)]  # fmt: skip
    if counters:
        await take(TableKind.WINDOWS, [window_row(n, unit, unit) for unit, n in counters])
        await take(TableKind.ITEMS, [item_row(n, n) for _, n in counters])
    return City(units=await queries.units(), windows=await queries.windows())


@remembered
async def sample_city() -> City:
    """Import the sample city's own tables."""
    for kind in TableKind:
        data = (DATA / f"{kind}.csv").read_bytes()
        await commands.import_file(people.coordinator, kind, data, f"{kind}.csv", at=AT)
    return City(units=await queries.units(), windows=await queries.windows())
