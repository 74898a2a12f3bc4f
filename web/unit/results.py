"""A unit's own results by months: from several visitors, without who, when or their words."""

from __future__ import annotations

from typing import Any

from litestar import Response, get

from panel.evaluations import queries
from panel.rulebook import queries as rulebooks
from web.pages import Request, page
from web.text import results as words
from web.unit.rankings import own_unit


@get("/results")
async def index(request: Request) -> Response[str]:
    """Show what the unit was told so far, the latest months first."""
    book = (await rulebooks.current()).rulebook
    found = await queries.unit_results(own_unit(request), at=request.at)
    return page(
        request,
        "unit/results/index.html",
        cells=[await words.cell(request, each) for each in found],
        minimum=book.publication.minimum_visitors,
        days=book.covert.release_days,
    )


handlers: list[Any] = [index]
