"""Reads of units, halls, windows, service items and who speaks for a unit."""

from __future__ import annotations

from typing import Any

from panel.db import raw
from panel.errors import Missing
from panel.ids import Code, PersonId
from panel.roster.tables import Hall, Item, Liaison, Unit, Window
from panel.roster.types import (
    HallView,
    ItemView,
    Level,
    LiaisonView,
    TableKind,
    UnitKind,
    UnitView,
    WindowState,
    WindowView,
)

_TABLES = {
    TableKind.UNITS: Unit,
    TableKind.HALLS: Hall,
    TableKind.WINDOWS: Window,
    TableKind.ITEMS: Item,
}

_UNIT_TEXTS = ("number", "name", "name_en", "code")
_WINDOW_TEXTS = ("number", "name", "name_en", "code", "hall_name", "hall_name_en")

# Frozen, since every poster leads here: composing the joins costs more than running them.
WINDOW_COLUMNS = (
    "w.*, u.code AS unit_code, u.name AS unit_name, u.name_en AS unit_name_en, "
    "u.peer_group, h.code AS hall_code, h.name AS hall_name, h.name_en AS hall_name_en, "
    "h.district, h.address, h.latitude, h.longitude"
)
WINDOW_PLACES = "FROM service_window w JOIN unit u ON u.id = w.unit JOIN hall h ON h.id = w.hall"
_WINDOW_BY_CODE = f"SELECT {WINDOW_COLUMNS} {WINDOW_PLACES} WHERE w.code = {{}}"


async def units(group: str | None = None, *, search: str = "") -> list[UnitView]:
    """Return the units in the order of the city's numbers, of one peer group or of all."""
    query = Unit.select(*Unit.all_columns(), Unit.parent.name.as_alias("parent_name"))
    if group is not None:
        query = query.where(Unit.peer_group == group)
    rows = await query.order_by(Unit.number)
    return await _unit_views([row for row in rows if _matches(row, search, _UNIT_TEXTS)])


async def unit(code: Code) -> UnitView:
    """Return one unit by its code."""
    rows = await Unit.select(*Unit.all_columns(), Unit.parent.name.as_alias("parent_name")).where(
        Unit.code == code
    )
    if not rows:
        raise Missing("roster.unit")
    return (await _unit_views(rows))[0]


async def windows(unit: Code | None = None, *, search: str = "") -> list[WindowView]:
    """Return the windows in whatever state, of one unit or of all, by the city's numbers."""
    query = _windows()
    if unit is not None:
        query = query.where(Window.unit.code == unit)
    rows = await query.order_by(Window.number)
    return [window_view(row) for row in rows if _matches(row, search, _WINDOW_TEXTS)]


async def window(code: Code) -> WindowView:
    """Return one window by its printed code."""
    rows = await raw(_WINDOW_BY_CODE, code)
    if not rows:
        raise Missing("roster.window")
    return window_view(rows[0])


async def halls() -> list[HallView]:
    """Return the halls that have windows, by the city's numbers."""
    rows = await raw(
        "SELECT code, name, name_en, district, latitude, longitude FROM hall h "
        "WHERE EXISTS (SELECT 1 FROM service_window w WHERE w.hall = h.id) ORDER BY number"
    )
    return [
        HallView(
            code=Code(row["code"]),
            name=row["name"],
            name_en=row["name_en"],
            district=row["district"],
            latitude=row["latitude"],
            longitude=row["longitude"],
        )
        for row in rows
    ]


async def unit_references() -> dict[str, Code]:
    """Return the code of each unit by everything that names it: code, number and name."""
    found: dict[str, Code] = {}
    for row in await raw("SELECT code, number, name FROM unit ORDER BY number"):
        found |= dict.fromkeys((row["code"], row["number"], row["name"]), Code(row["code"]))
    return found


async def items(window: Code) -> list[ItemView]:
    """Return the service items of a window, by the city's numbers."""
    rows = await raw(
        'SELECT i.* FROM service_item i JOIN service_window w ON w.id = i."window" '
        "WHERE w.code = {} ORDER BY i.number",
        window,
    )
    return [
        ItemView(
            id=row["id"],
            code=Code(row["code"]),
            ref=row["number"],
            name=row["name"],
            name_en=row["name_en"],
            promised_days=row["promised_days"],
            papers=row["papers"],
            fee=row["fee"],
            fee_basis=row["fee_basis"],
        )
        for row in rows
    ]


async def peer_groups() -> dict[str, int]:
    """Return how many active units each peer group holds."""
    rows = (
        await Unit.select(Unit.peer_group).where(Unit.active.eq(value=True)).order_by(Unit.number)
    )
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["peer_group"]] = counts.get(row["peer_group"], 0) + 1
    return counts


async def sizes() -> dict[TableKind, int]:
    """Return how many rows each table of the roster holds."""
    return {kind: await table.count() for kind, table in _TABLES.items()}


async def liaisons(unit: Code) -> list[LiaisonView]:
    """Return who speaks for a unit, the liaison before the deputy; names lie in the vault."""
    rows = (
        await Liaison.select(Liaison.person, Liaison.deputy)
        .where(Liaison.unit.code == unit)
        .order_by(Liaison.deputy)
    )
    return [LiaisonView(person=PersonId(row["person"]), deputy=row["deputy"]) for row in rows]


async def liaison_units(person: PersonId) -> list[UnitView]:
    """Return the units for which a person speaks, as liaison or deputy."""
    found = await Liaison.select(Liaison.unit).where(Liaison.person == person)
    ids = sorted({row["unit"] for row in found})
    if not ids:
        return []
    rows = (
        await Unit.select(*Unit.all_columns(), Unit.parent.name.as_alias("parent_name"))
        .where(Unit.id.is_in(ids))
        .order_by(Unit.number)
    )
    return await _unit_views(rows)


def _matches(row: dict[str, Any], search: str, columns: tuple[str, ...]) -> bool:
    """Tell whether any of the texts holds what was typed; databases differ about small letters."""
    wanted = search.strip().casefold()
    return not wanted or any(wanted in row[column].casefold() for column in columns)


async def _unit_views(rows: list[dict[str, Any]]) -> list[UnitView]:
    """Add to the units their windows' number and the place of the first one."""
    ids = [row["id"] for row in rows]
    found = (
        await Window.select(
            Window.unit,
            Window.hall.latitude.as_alias("latitude"),
            Window.hall.longitude.as_alias("longitude"),
        )
        .where(Window.unit.is_in(ids), Window.state != WindowState.RETIRED.value)
        .order_by(Window.number)
        if ids
        else []
    )
    places: dict[int, list[tuple[int, int]]] = {}
    for place in found:
        places.setdefault(place["unit"], []).append((place["latitude"], place["longitude"]))
    return [
        UnitView(
            id=row["id"],
            code=Code(row["code"]),
            ref=row["number"],
            name=row["name"],
            name_en=row["name_en"],
            kind=UnitKind(row["kind"]),
            level=Level(row["level"]),
            district=row["district"],
            peer_group=row["peer_group"],
            parent_id=row["parent"],
            parent_name=row["parent_name"] or "",
            active=row["active"],
            windows=len(places.get(row["id"], [])),
            latitude=places[row["id"]][0][0] if row["id"] in places else None,
            longitude=places[row["id"]][0][1] if row["id"] in places else None,
        )
        for row in rows
    ]


def _windows() -> Any:
    """Select the windows together with their unit and hall."""
    return Window.select(
        *Window.all_columns(),
        Window.unit.code.as_alias("unit_code"),
        Window.unit.name.as_alias("unit_name"),
        Window.unit.name_en.as_alias("unit_name_en"),
        Window.unit.peer_group.as_alias("peer_group"),
        Window.hall.code.as_alias("hall_code"),
        Window.hall.name.as_alias("hall_name"),
        Window.hall.name_en.as_alias("hall_name_en"),
        Window.hall.district.as_alias("district"),
        Window.hall.address.as_alias("address"),
        Window.hall.latitude.as_alias("latitude"),
        Window.hall.longitude.as_alias("longitude"),
    )


def window_view(row: dict[str, Any]) -> WindowView:
    """Make the struct of a joined row."""
    return WindowView(
        id=row["id"],
        code=Code(row["code"]),
        ref=row["number"],
        name=row["name"],
        name_en=row["name_en"],
        unit_id=row["unit"],
        unit_code=Code(row["unit_code"]),
        unit_name=row["unit_name"],
        unit_name_en=row["unit_name_en"],
        peer_group=row["peer_group"],
        hall_id=row["hall"],
        hall_code=Code(row["hall_code"]),
        hall_name=row["hall_name"],
        hall_name_en=row["hall_name_en"],
        district=row["district"],
        address=row["address"],
        latitude=row["latitude"],
        longitude=row["longitude"],
        place=row["place"],
        hours=row["hours"],
        staff=row["staff"],
        transactions=row["transactions"],
        covert_ok=row["covert_ok"],
        state=WindowState(row["state"]),
        reason=row["reason"],
        printing=row["printing"],
    )
