"""Notices of open visits for the unit: to read, to print, to hang up."""

from __future__ import annotations

from typing import Any

from litestar import Response, get

from panel.visits import queries
from web.pages import Request, page
from web.unit.rankings import own_unit


@get("/visits")
async def index(request: Request) -> Response[Any]:
    """Show the notices that hang now; never a day, a number or a person."""
    found = await queries.notices_at(own_unit(request), at=request.at)
    return page(request, "unit/open_visits/index.html", notices=found)


handlers: list[Any] = [index]
