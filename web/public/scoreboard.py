"""The organiser's own marks, for everybody: late reviews, appeals, void sheets, quota, draws."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from panel.errors import Missing
from panel.reports import queries
from panel.rulebook import queries as rulebooks
from web.i18n import ZONE
from web.pages import Request, shared_page
from web.text.campaigns import both
from web.text.features import Words


@get(both("/scoreboard"))
async def index(request: Request) -> Response[Any]:
    """Show the marks of the running year."""
    return await _page(request, request.at.astimezone(ZONE).year)


@get(both("/scoreboard/{year:int}"))
async def show(request: Request, year: FromPath[int]) -> Response[Any]:
    """Show the marks of an earlier year."""
    if year not in await queries.scored_years():
        raise Missing("http.404")
    return await _page(request, year)


async def _page(request: Request, year: int) -> Response[Any]:
    try:
        book = (await rulebooks.current()).rulebook
    except Missing:
        return shared_page(request, "public/scoreboard/show.html", board=None, years=[], year=year)
    words = Words(book.recruitment, request.lang)
    board = await queries.scoreboard(year, at=request.at)
    return shared_page(
        request,
        "public/scoreboard/show.html",
        seconds=600,
        board=board,
        year=year,
        years=await queries.scored_years(),
        quotas=[(words.quota(share.key), share) for share in board.composition.groups],
    )


handlers: list[Any] = [index, show]
