"""Rows of the four tables of the roster: what each cell must be, and to what it may refer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

import msgspec

from panel.errors import Fault
from panel.roster.rules.cells import choice, micro_degrees, text, whole, yes_no
from panel.roster.rules.tables import fault
from panel.roster.types import HEADERS, Level, Sheet, SheetRow, TableKind, UnitKind

REF: Final = 40
NAME: Final = 120
LINE: Final = 200
PARAGRAPH: Final = 2000
DISTRICT: Final = 60
_MOST: Final = 10_000_000
_CHINA: Final = ((3, 54), (73, 136))
"""Latitude and longitude within which a hall may stand: a swapped pair is found."""

KEY: Final[dict[TableKind, str]] = {kind: columns[0] for kind, columns in HEADERS.items()}
"""The column that tells the rows of a table apart."""

REQUIRED: Final[dict[TableKind, frozenset[str]]] = {
    TableKind.UNITS: frozenset({"单位编号", "单位名称", "单位类型", "层级", "同类组"}),
    TableKind.HALLS: frozenset({"大厅编号", "大厅名称", "行政区", "地址", "纬度", "经度"}),
    TableKind.WINDOWS: frozenset({"窗口编号", "窗口名称", "单位编号", "大厅编号"}),
    TableKind.ITEMS: frozenset({"事项编号", "事项名称", "窗口编号"}),
}

_COLUMNS: Final[dict[str, str]] = {
    "name_en": "英文名称",
    "district": "行政区",
    "place": "位置",
    "hours": "办公时间",
    "staff": "窗口人数",
    "transactions": "季度办件量",
    "covert_ok": "适合暗访",
    "promised_days": "承诺工作日",
    "papers": "材料",
    "fee": "收费",
    "fee_basis": "收费依据",
    "parent": "上级单位编号",
}
"""Columns that a file may leave out: what is stored then stays as it is."""

_KINDS = {kind.value: kind.value for kind in UnitKind} | {
    "党群部门": "party_dept",
    "政府部门": "gov_dept",
    "执法机关": "enforcement",
    "公用事业": "public_utility",
    "服务大厅": "hall",
}
_LEVELS = {level.value: level.value for level in Level} | {
    "市级": "city",
    "县级": "county",
    "乡镇级": "town",
}


class Speaker(msgspec.Struct, frozen=True):
    """A liaison or deputy as the table names them; goes to the vault."""

    name: str
    phone: str
    deputy: bool


class Entry(msgspec.Struct, frozen=True):
    """One row of the roster: its number, its values by column, what it refers to by number."""

    ref: str
    values: dict[str, str | int | bool | None]
    refers: dict[str, str]
    speakers: tuple[Speaker, ...] = ()


class Known(msgspec.Struct, frozen=True):
    """What rows may refer to: the numbers stored already, and the peer groups."""

    units: Collection[str]
    halls: Collection[str]
    windows: Collection[str]
    groups: Mapping[str, str]
    """Key of each peer group by its key and by its Chinese name; empty while none are known."""


def entries(kind: TableKind, sheet: Sheet, known: Known, faults: list[Fault]) -> list[Entry]:
    """Judge all rows of a table; every fault is added to the list."""
    judge = {
        TableKind.UNITS: _unit,
        TableKind.HALLS: _hall,
        TableKind.WINDOWS: _window,
        TableKind.ITEMS: _item,
    }[kind]
    rows = [judge(row, known, faults) for row in sheet.rows]
    if kind is TableKind.UNITS:
        _check_parents(sheet, rows, known, faults)
    absent = {field for field, column in _COLUMNS.items() if column not in sheet.header}
    return [
        msgspec.structs.replace(
            row,
            values={field: value for field, value in row.values.items() if field not in absent},
            refers={field: ref for field, ref in row.refers.items() if field not in absent},
        )
        for row in rows
    ]


def _unit(row: SheetRow, known: Known, faults: list[Fault]) -> Entry:
    cells = row.cells
    groups = known.groups or {cells["同类组"]: cells["同类组"]}
    values: dict[str, str | int | bool | None] = {
        "name": text(row, "单位名称", NAME, faults),
        "name_en": text(row, "英文名称", LINE, faults),
        "kind": choice(row, "单位类型", _KINDS, faults, "import.unknown_unit_kind"),
        "level": choice(row, "层级", _LEVELS, faults, "import.unknown_level"),
        "district": text(row, "行政区", DISTRICT, faults),
        "peer_group": choice(row, "同类组", groups, faults, "import.unknown_peer_group"),
    }
    parent = cells.get("上级单位编号", "")
    return Entry(
        ref=text(row, "单位编号", REF, faults),
        values=values,
        refers={"parent": parent},
        speakers=(
            *_speaker(row, "联络员", faults, deputy=False),
            *_speaker(row, "副联络员", faults, deputy=True),
        ),
    )


def _speaker(
    row: SheetRow, column: str, faults: list[Fault], *, deputy: bool
) -> tuple[Speaker, ...]:
    """Return the liaison of a row, if it names one."""
    name = text(row, column, DISTRICT, faults)
    phone = text(row, f"{column}电话", REF, faults)
    if phone and not name:
        faults.append(fault(row.number, column, "import.telephone_without_name"))
    return (Speaker(name, phone, deputy),) if name else ()


def _check_parents(sheet: Sheet, rows: list[Entry], known: Known, faults: list[Fault]) -> None:
    """Refuse a parent that exists nowhere, and a unit that stands above itself."""
    parents = {entry.ref: entry.refers["parent"] for entry in rows}
    refs = parents.keys() | set(known.units)
    for row, entry in zip(sheet.rows, rows, strict=True):
        parent = entry.refers["parent"]
        if parent and parent not in refs:
            faults.append(
                fault(row.number, "上级单位编号", "import.unknown_unit", found=parent[:REF])
            )
        above, steps = parent, 0
        while above and above != entry.ref and steps <= len(rows):
            above, steps = parents.get(above, ""), steps + 1
        if above:
            faults.append(fault(row.number, "上级单位编号", "import.own_parent"))


def _hall(row: SheetRow, known: Known, faults: list[Fault]) -> Entry:  # noqa: ARG001 - same shape
    (south, north), (west, east) = _CHINA
    return Entry(
        ref=text(row, "大厅编号", REF, faults),
        values={
            "name": text(row, "大厅名称", NAME, faults),
            "name_en": text(row, "英文名称", LINE, faults),
            "district": text(row, "行政区", DISTRICT, faults),
            "address": text(row, "地址", LINE, faults),
            "latitude": micro_degrees(row, "纬度", south, north, faults),
            "longitude": micro_degrees(row, "经度", west, east, faults),
        },
        refers={},
    )


def _window(row: SheetRow, known: Known, faults: list[Fault]) -> Entry:
    return Entry(
        ref=text(row, "窗口编号", REF, faults),
        values={
            "name": text(row, "窗口名称", NAME, faults),
            "name_en": text(row, "英文名称", LINE, faults),
            "place": text(row, "位置", NAME, faults),
            "hours": text(row, "办公时间", LINE, faults),
            "staff": whole(row, "窗口人数", 1000, faults) or 0,
            "transactions": whole(row, "季度办件量", _MOST, faults) or 0,
            "covert_ok": yes_no(row, "适合暗访", faults, default=True),
        },
        refers={
            "unit": _refer(row, "单位编号", known.units, "import.unknown_unit", faults),
            "hall": _refer(row, "大厅编号", known.halls, "import.unknown_hall", faults),
        },
    )


def _item(row: SheetRow, known: Known, faults: list[Fault]) -> Entry:
    return Entry(
        ref=text(row, "事项编号", REF, faults),
        values={
            "name": text(row, "事项名称", NAME, faults),
            "name_en": text(row, "英文名称", LINE, faults),
            "promised_days": whole(row, "承诺工作日", 1000, faults),
            "papers": text(row, "材料", PARAGRAPH, faults),
            "fee": text(row, "收费", LINE, faults),
            "fee_basis": text(row, "收费依据", PARAGRAPH, faults),
        },
        refers={"window": _refer(row, "窗口编号", known.windows, "import.unknown_window", faults)},
    )


def _refer(
    row: SheetRow, column: str, refs: Collection[str], code: str, faults: list[Fault]
) -> str:
    """Return the number of what a row belongs to; it must be in the roster already."""
    found = row.cells[column]
    if found and found not in refs:
        faults.append(fault(row.number, column, code, found=found[:REF]))
    return found
