"""The history: one line a command, the chain's head, for coordinators and auditors."""

from __future__ import annotations

from typing import Any

from litestar import Response, get

from panel.actor import Role
from panel.audit import queries
from web.pages import Request, page

PAGE = 50


@get("/audit")
async def index(request: Request) -> Response[Any]:
    """Show the newest entries; ``?before=`` leads to older ones."""
    request.actor.require(Role.COORDINATOR, Role.AUDITOR)
    text = request.query_params.get("before", "")
    entries = await queries.entries(before=int(text) if text.isdecimal() else None, limit=PAGE)
    return page(
        request,
        "office/audit/index.html",
        entries=entries,
        head=await queries.head(),
        unsealed=await queries.unsealed(),
        older=entries[-1].id if len(entries) == PAGE else None,
    )


handlers = [index]
