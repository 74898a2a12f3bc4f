"""The published plan of a year: which themes in which quarter, and what became of it."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from panel.errors import Missing
from panel.rulebook import queries as rulebooks
from panel.visits import queries as visits
from panel.visits.queries import yearly as queries
from panel.visits.types import RoundView
from web.i18n import ZONE
from web.pages import Request, shared_page
from web.text.campaigns import both


@get(both("/plan"))
async def index(request: Request) -> Response[Any]:
    """Show the latest plan, or say that there is none yet."""
    years = await queries.published_years()
    return await _page(request, years[0] if years else None)


@get(both("/plan/{year:int}"))
async def show(request: Request, year: FromPath[int]) -> Response[Any]:
    """Show the plan of a year."""
    if year not in await queries.published_years():
        raise Missing("plan.missing")
    return await _page(request, year)


async def _page(request: Request, year: int | None) -> Response[Any]:
    found = await queries.published_plans(year) if year is not None else []
    book = (await rulebooks.current()).rulebook if found else None
    groups = book.peer_groups if book else ()
    return shared_page(
        request,
        "public/annual_plan/show.html",
        editions=found,
        years=await queries.published_years(),
        rounds=[each for each in await visits.rounds() if _of(each, year)] if found else [],
        groups={group.key: group.text.get(request.lang) for group in groups},
    )


def _of(view: RoundView, year: int | None) -> bool:
    """Tell whether a round belongs to the year's plan as far as the public may know of it."""
    return view.public and view.draft.starts.astimezone(ZONE).year == year


handlers: list[Any] = [index, show]
