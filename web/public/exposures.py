"""What was made public: the finding, the unit's word, what became of it, corrections."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from panel.evaluations.queries import exposures as queries
from panel.ids import read_code
from web.pages import Request, shared_page


@get(["/zh/exposures", "/en/exposures"])
async def index(request: Request) -> Response[Any]:
    """List exposures, the newest first."""
    found, further = await queries.public_exposures(
        at=request.at, before=request.number("before") or None
    )
    return shared_page(
        request,
        "public/exposures/index.html",
        found=found,
        following=f"?before={further}" if further else None,
    )


@get(["/zh/exposures/{code:str}", "/en/exposures/{code:str}"])
async def show(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show one exposure with the reply and what became of it."""
    found = await queries.public_exposure(read_code(code), at=request.at)
    return shared_page(request, "public/exposures/show.html", view=found)


handlers: list[Any] = [index, show]
