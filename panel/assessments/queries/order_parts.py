"""Reads of what belongs to an order: items to close, deadlines, course, letters, pictures."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from panel import keys
from panel.assessments.types.orders import (
    OF_UNIT,
    Event,
    EventView,
    ItemSource,
    ItemState,
    ItemView,
    LetterView,
    Timing,
    TimingView,
)
from panel.db import raw
from panel.errors import Missing
from panel.evaluations.types.clocks import ClockState, Level
from panel.ids import Code, PersonId
from panel.vault.types import Attached

_ITEMS: Final = (
    "SELECT i.*, w.code AS window_code, w.name AS window_name, w.name_en AS window_name_en "
    'FROM order_item i LEFT JOIN service_window w ON w.id = i."window" '
)


def file_context(code: Code) -> str:
    """Return what the ciphertext of a picture is bound to."""
    return f"order_file:{code}:sealed"


def day(value: date | str | None) -> date | None:
    """Return a day as both databases give it."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def _item(row: dict[str, Any]) -> ItemView:
    return ItemView(
        id=row["id"],
        number=row["number"],
        source=ItemSource(row["source"]),
        finding=Code(row["finding"]) if row["finding"] else None,
        item=row["item"],
        form_key=row["form_key"],
        window_id=row["window"],
        window_code=Code(row["window_code"]) if row["window_code"] else None,
        window_name=row["window_name"] or "",
        window_name_en=row["window_name_en"] or "",
        text=row["text"],
        measure=row["measure"],
        owner=row["owner"],
        due=day(row["due"]),
        proof=row["proof"],
        proof_file=Code(row["proof_file"]) if row["proof_file"] else None,
        done_at=row["done_at"],
        desk=bool(row["desk"]),
        document=row["document"],
        checked_by=None if row["checked_by"] is None else PersonId(row["checked_by"]),
        state=ItemState(row["state"]),
    )


async def items(order: int) -> list[ItemView]:
    """Return the items to close of an order."""
    rows = await raw(_ITEMS + 'WHERE i."order" = {} ORDER BY i.number', order)
    return [_item(row) for row in rows]


async def item(order: int, number: int) -> ItemView:
    """Return one item to close."""
    rows = await raw(_ITEMS + 'WHERE i."order" = {} AND i.number = {}', order, number)
    if not rows:
        raise Missing("order.missing")
    return _item(rows[0])


def _clock(row: dict[str, Any]) -> TimingView:
    return TimingView(
        id=row["id"],
        order=row["order"],
        kind=Timing(row["kind"]),
        about=row["about"],
        state=ClockState(row["state"]),
        started_at=row["started_at"],
        soft_at=row["soft_at"],
        due_at=row["due_at"],
        run_at=row["run_at"],
        extensions=row["extensions"],
        level=Level(row["level"]),
        calendar_version=row["calendar_version"],
    )


async def clocks(order: int) -> list[TimingView]:
    """Return the deadlines of an order, the oldest first."""
    rows = await raw('SELECT * FROM order_clock WHERE "order" = {} ORDER BY id', order)
    return [_clock(row) for row in rows]


async def live(order: int, kind: Timing, about: str = "") -> TimingView | None:
    """Return the deadline of a kind that still runs."""
    rows = await raw(
        'SELECT * FROM order_clock WHERE "order" = {} AND kind = {} AND about = {} AND state = {} '
        "ORDER BY id DESC LIMIT 1",
        order,
        kind,
        about,
        ClockState.RUNNING,
    )
    return _clock(rows[0]) if rows else None


async def due_clocks(at: datetime, *, limit: int = 200) -> list[TimingView]:
    """Return the deadlines that reach somebody's desk now."""
    rows = await raw(
        "SELECT * FROM order_clock WHERE state = {} AND run_at <= {} ORDER BY run_at LIMIT {}",
        ClockState.RUNNING,
        at,
        limit,
    )
    return [_clock(row) for row in rows]


async def awaited_of_units() -> list[tuple[Code, datetime, TimingView]]:
    """Return the deadlines that units have to meet, with the unit and the order's opening."""
    marks = ", ".join("{}" for _ in OF_UNIT)
    rows = await raw(
        "SELECT c.*, u.code AS unit_code, o.opened_at FROM order_clock c "
        'JOIN rectification_order o ON o.id = c."order" JOIN unit u ON u.id = o.unit '
        f"WHERE c.state = {{}} AND c.kind IN ({marks}) ORDER BY c.id",
        ClockState.RUNNING,
        *sorted(OF_UNIT),
    )
    return [(Code(row["unit_code"]), row["opened_at"], _clock(row)) for row in rows]


async def events(order: int) -> list[EventView]:
    """Return the course of an order, the first step first."""
    rows = await raw(
        'SELECT event, at, by, text, document FROM order_event WHERE "order" = {} ORDER BY id',
        order,
    )
    return [
        EventView(Event(row["event"]), row["at"], row["by"], row["text"], row["document"])
        for row in rows
    ]


async def letters(order: int) -> list[LetterView]:
    """Return the letters to competent bodies about an order, the first one first."""
    rows = await raw('SELECT * FROM order_letter WHERE "order" = {} ORDER BY id', order)
    return [
        LetterView(
            id=row["id"],
            code=Code(row["code"]),
            body=row["body"],
            document=row["document"],
            sent_at=row["sent_at"],
            due_at=row["due_at"],
            answer=row["answer"],
            answer_document=row["answer_document"],
            answered_at=row["answered_at"],
        )
        for row in rows
    ]


async def letter(order: int, code: Code) -> LetterView:
    """Return one letter of an order."""
    found = next((each for each in await letters(order) if each.code == code), None)
    if found is None:
        raise Missing("order.missing")
    return found


async def file(order: int, code: Code) -> Attached:
    """Return a picture that belongs to an order."""
    rows = await raw(
        'SELECT code, media, sealed FROM order_file WHERE "order" = {} AND code = {}', order, code
    )
    if not rows:
        raise Missing("order.missing")
    data = keys.current().open("reporter", bytes(rows[0]["sealed"]), file_context(code))
    return Attached(data, rows[0]["media"])
