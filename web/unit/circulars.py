"""Circulars as a unit reads them: those for everybody, and those for the units alone."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from panel.ids import read_code
from panel.reports.queries import bulletins as queries
from panel.reports.types import BulletinAudience
from web import documents
from web.pages import Request, page


@get("/circulars")
async def index(request: Request) -> Response[str]:
    """List the circulars that units may read."""
    found = await queries.published_bulletins(list(BulletinAudience), at=request.at)
    return page(request, "unit/circulars/index.html", found=found)


@get("/circulars/{code:str}")
async def show(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show one circular with its corrections."""
    found = await queries.published_bulletin(read_code(code), list(BulletinAudience), at=request.at)
    answer = page(request, "unit/circulars/show.html", view=found)
    title = request.text(f"bulletin.kind.{found.kind.value}")
    return await documents.offered(request, answer, title)


handlers: list[Any] = [index, show]
