"""A unit's own line of the year and its own rectification orders."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from panel.assessments import commands, queries
from panel.assessments.types import Component
from panel.ids import read_code
from panel.rulebook import queries as rulebooks
from web import standings
from web.pages import Request, page, redirect
from web.unit.rankings import own_unit


@get("/orders")
async def index(request: Request) -> Response[Any]:
    """Show the unit's own lines and orders."""
    unit = own_unit(request)
    book = (await rulebooks.current()).rulebook
    return page(
        request,
        "unit/assessments/index.html",
        lines=[
            {
                "line": line,
                "components": [
                    (each.value, line.components[each], getattr(book.assessment.weights, each))
                    for each in Component
                ],
                "group": standings.group_name(book, line.group, request.lang),
            }
            for line in await queries.unit_lines(unit)
        ],
        orders=[
            {"order": order, "group": standings.group_name(book, order.group, request.lang)}
            for order in await queries.unit_orders(unit)
        ],
    )


@post("/orders/{code:str}/receive", status_code=200)
async def receive(request: Request, code: FromPath[str]) -> Response[Any]:
    """Acknowledge an order."""
    await commands.receive(request.actor, read_code(code), at=request.at)
    return redirect(request, "/unit/orders?said=order_received")


handlers = [index, receive]
