"""A window's page behind its printed code: the same for everybody, cached, no session read."""

from __future__ import annotations

import re
from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from panel.ids import read_code
from panel.roster import queries
from panel.visits import queries as visits
from web.pages import Request, redirect, shared_page
from web.public.rankings import published_page

_PAPERS = re.compile(r"[;；\n]")


@get(["/w/{code:str}", "/en/w/{code:str}"])
async def show(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show where a window is, when it is open, what it promises; a typed code is put right."""
    tidy = read_code(code)
    if tidy != code:
        return redirect(request, request.path.removesuffix(code) + tidy)
    window = await queries.window(tidy)
    items = [
        {"item": item, "papers": [part.strip() for part in _PAPERS.split(item.papers) if part]}
        for item in await queries.items(tidy)
    ]
    return shared_page(
        request,
        "public/roster/show.html",
        window=window,
        items=items,
        result=published_page(request, f"window/{window.code}"),
        notices=await visits.notices_at(window.unit_code, at=request.at),
    )


handlers: list[Any] = [show]
