"""Reads of orders: the office's, and a unit's own."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from panel.actor import Actor
from panel.assessments.queries.order_parts import day, items
from panel.assessments.rules.orders import READERS, month_of, unit_moves
from panel.assessments.types.orders import (
    Extension,
    ItemView,
    OrderKind,
    OrderOutcome,
    OrderState,
    OrderView,
)
from panel.db import raw
from panel.errors import Missing
from panel.evaluations.types.findings import Outcome
from panel.ids import Code, PersonId

_ORDER: Final = (
    "SELECT o.*, v.code AS round_code, v.rulebook AS rulebook_code, u.code AS unit_code, "
    "u.name AS unit_name, u.name_en AS unit_name_en, u.peer_group FROM rectification_order o "
    "JOIN visit_round v ON v.id = o.round JOIN unit u ON u.id = o.unit "
)


def _person(value: int | None) -> PersonId | None:
    return None if value is None else PersonId(value)


def _order(row: dict[str, Any]) -> OrderView:
    return OrderView(
        id=row["id"],
        code=Code(row["code"]),
        kind=OrderKind(row["kind"]),
        year=row["year"],
        round_id=row["round"],
        round_code=Code(row["round_code"]),
        unit_id=row["unit"],
        unit_code=Code(row["unit_code"]),
        unit_name=row["unit_name"],
        unit_name_en=row["unit_name_en"],
        group=row["peer_group"],
        scope=row["scope"],
        place=row["place"],
        place_from_below=row["place_from_below"],
        ranked=row["ranked"],
        score=row["score"],
        rulebook_code=Code(row["rulebook_code"]),
        opened_at=row["opened_at"],
        plan_due=row["plan_due"],
        due=row["due"],
        state=OrderState(row["state"]),
        period=row["period"],
        received_at=row["received_at"],
        receipt_document=row["receipt_document"],
        cause=row["cause"],
        measures=row["measures"],
        owner=row["owner"],
        by=day(row["by"]),
        leader=row["leader"],
        department=row["department"],
        person=row["person"],
        analysed_at=row["analysed_at"],
        filed_at=row["filed_at"],
        approved_by=_person(row["approved_by"]),
        approved_at=row["approved_at"],
        extension=Extension(row["extension"]),
        extension_reason=row["extension_reason"],
        report=row["report"],
        report_file=Code(row["report_file"]) if row["report_file"] else None,
        reported_at=row["reported_at"],
        revisit=Code(row["revisit"]) if row["revisit"] else None,
        judged_by=_person(row["judged_by"]),
        judged_at=row["judged_at"],
        outcome_text=row["outcome_text"],
        revisited_on=month_of(day(row["revisited_on"])),
        closed_at=row["closed_at"],
        recurrences=row["recurrences"],
        revision=row["revision"],
    )


async def orders(year: int) -> list[OrderView]:
    """Return the orders of a year by peer group, the lowest place first."""
    rows = await raw(
        _ORDER + "WHERE o.year = {} ORDER BY u.peer_group, o.place_from_below, u.number, o.id", year
    )
    return [_order(row) for row in rows]


async def order_views(*, code: Code | None = None) -> list[OrderView]:
    """Return all orders in the order in which they were opened, or the one with a code."""
    if code is not None:
        return [_order(row) for row in await raw(_ORDER + "WHERE o.code = {}", code)]
    return [_order(row) for row in await raw(_ORDER + "ORDER BY o.id")]


async def stored(code: Code) -> OrderView:
    """Return an order whoever asks: for commands, which judge the actor themselves."""
    rows = await raw(_ORDER + "WHERE o.code = {}", code)
    if not rows:
        raise Missing("order.missing")
    return _order(rows[0])


async def order(actor: Actor, code: Code) -> OrderView:
    """Return an order to a reader in the office."""
    actor.require(*READERS)
    return await stored(code)


async def order_by_id(number: int) -> OrderView:
    """Return an order by its inner id."""
    rows = await raw(_ORDER + "WHERE o.id = {}", number)
    if not rows:
        raise Missing("order.missing")
    return _order(rows[0])


async def unit_orders(unit: Code) -> list[OrderView]:
    """Return a unit's own orders, the newest first."""
    rows = await raw(_ORDER + "WHERE u.code = {} ORDER BY o.id DESC", unit)
    return [_order(row) for row in rows]


async def unit_waiting(unit: Code) -> int:
    """Return in how many of its own orders a unit moves next."""
    return sum(unit_moves(view) for view in await unit_orders(unit))


async def unit_order(unit: Code, code: Code) -> OrderView:
    """Return one of a unit's own orders; another unit's is ``Missing``."""
    rows = await raw(_ORDER + "WHERE u.code = {} AND o.code = {}", unit, code)
    if not rows:
        raise Missing("order.missing")
    return _order(rows[0])


async def running(unit_id: int) -> OrderView | None:
    """Return the whole order of a unit that is not over yet."""
    rows = await raw(
        _ORDER + "WHERE o.unit = {} AND o.kind = {} AND o.state NOT IN ({}, {}) "
        "ORDER BY o.id DESC LIMIT 1",
        unit_id,
        OrderKind.ORDER,
        OrderState.CLOSED,
        OrderState.ESCALATED,
    )
    return _order(rows[0]) if rows else None


async def orders_of_year(year: int) -> list[OrderOutcome]:
    """Return what the annual marks need of the orders that were opened in a year."""
    return [
        OrderOutcome(
            code=each.code,
            unit_id=each.unit_id,
            unit_code=each.unit_code,
            due=each.due,
            verified_at=each.closed_at,
            in_time=each.closed_at is not None
            and each.period == 1
            and each.reported_at is not None
            and each.reported_at <= each.due,
            recurrences=each.recurrences,
        )
        for each in await orders(year)
        if each.kind is OrderKind.ORDER
    ]


async def came_back(view: OrderView, found: list[ItemView], *, days: int) -> list[Code]:
    """Return verified findings of the same item that came up within so many days after closing."""
    known = {each.item for each in found if each.item}
    if view.closed_at is None or not known:
        return []
    marks = ", ".join("{}" for _ in known)
    rows = await raw(
        "SELECT f.code, f.concluded_at FROM finding f WHERE f.unit = {} AND f.outcome = {} "
        f"AND f.item IN ({marks}) AND f.sealed = {{}} AND f.concluded_at > {{}} "
        "AND f.concluded_at <= {} ORDER BY f.id",
        view.unit_id,
        Outcome.VERIFIED,
        *sorted(known),
        False,  # noqa: FBT003 - a value of the query
        view.closed_at,
        view.closed_at + timedelta(days=days),
    )
    taken = {each.finding for each in found}
    return [Code(row["code"]) for row in rows if Code(row["code"]) not in taken]


async def recurring(days: int, *, at: datetime) -> list[tuple[OrderView, Code]]:
    """Return closed orders of which a problem has come back, with the finding that says so."""
    rows = await raw(
        _ORDER + "WHERE o.state = {} AND o.kind = {} AND o.closed_at >= {} ORDER BY o.id",
        OrderState.CLOSED,
        OrderKind.ORDER,
        at - timedelta(days=days),
    )
    found = []
    for view in [_order(row) for row in rows]:
        back = await came_back(view, await items(view.id), days=days)
        found += [(view, code) for code in back[:1]]
    return found
