"""Circulars and announcements for everybody, with their corrections."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get
from litestar.params import FromPath

from panel.ids import read_code
from panel.reports.queries import bulletins as queries
from panel.reports.types import BulletinAudience
from web.pages import Request, shared_page
from web.text.campaigns import both

_EVERYBODY: Final = (BulletinAudience.PUBLIC,)


@get(both("/bulletins"))
async def index(request: Request) -> Response[Any]:
    """List what was told to everybody, the newest first."""
    found = await queries.published_bulletins(_EVERYBODY, at=request.at)
    return shared_page(request, "public/bulletins/index.html", found=found)


@get(both("/bulletins/{code:str}"))
async def show(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show one circular with its corrections; a withdrawn one tells why."""
    view = await queries.published_bulletin(read_code(code), _EVERYBODY, at=request.at)
    return shared_page(request, "public/bulletins/show.html", view=view)


handlers: list[Any] = [index, show]
