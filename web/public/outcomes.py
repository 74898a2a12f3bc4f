"""What became of it: what was exposed and ordered, put right, looked at again, and decided."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from panel.assessments.queries import tracking
from panel.assessments.types.orders import ItemState, OrderState, PublicOrder
from panel.evaluations.queries import exposures
from panel.ids import read_code
from panel.rulebook import queries as rulebooks
from web import standings
from web.pages import Request, shared_page

_PAST = ("ordered", "planned", "reported", "looked", "decided")
"""The five steps that everybody can follow."""


def _steps(view: PublicOrder) -> list[dict[str, Any]]:
    """Return the steps of an order with how far it is."""
    reached = 1 + bool(view.milestones)
    if view.state in {OrderState.REPORTED, OrderState.CLOSED, OrderState.ESCALATED}:
        reached = 3
    if view.revisited_on:
        reached = 4
    if view.state in {OrderState.CLOSED, OrderState.ESCALATED}:
        reached = 5
    if view.state is OrderState.FAILED:
        reached = 2
    return [
        {"key": key, "state": "past" if number < reached else "now" if number == reached else ""}
        for number, key in enumerate(_PAST)
    ]


async def _line(request: Request, view: PublicOrder) -> dict[str, Any]:
    book = (await rulebooks.current()).rulebook
    day = view.revisited_on
    return {
        "view": view,
        "name": standings.called(view.unit_name, view.unit_name_en, request.lang),
        "group": standings.group_name(book, view.group, request.lang),
        "steps": _steps(view),
        "month": (day.year, f"{day.month:02}") if day else None,
        "closed": sum(each.state is ItemState.VERIFIED for each in view.milestones),
    }


@get(["/zh/outcomes", "/en/outcomes"])
async def index(request: Request) -> Response[Any]:
    """List the orders and the exposures with what became of them, the newest first."""
    found = [await _line(request, each) for each in await tracking.public_orders(at=request.at)]
    exposed, _ = await exposures.public_exposures(at=request.at)
    return shared_page(
        request,
        "public/outcomes/index.html",
        found=found,
        exposed=exposed,
        letters=[
            {
                "view": each,
                "name": standings.called(each.unit_name, each.unit_name_en, request.lang),
            }
            for each in await tracking.public_letters(at=request.at)
        ],
    )


@get(["/zh/outcomes/{code:str}", "/en/outcomes/{code:str}"])
async def show(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show one order with its milestones."""
    view = await tracking.public_order(read_code(code), at=request.at)
    return shared_page(request, "public/outcomes/show.html", **await _line(request, view))


handlers: list[Any] = [index, show]
