"""The history: one line a command, the chain's head, for coordinators and auditors."""

from __future__ import annotations

import datetime as dt
from typing import Any

from litestar import Response, get

from panel.actor import Role
from panel.audit import queries
from web.pages import Request, page

PAGE = 50
COVERT = dt.timedelta(days=31)


@get("/audit")
async def index(request: Request) -> Response[Any]:
    """Show the newest entries; ``?before=`` leads to older ones. Covert work is counted by day."""
    request.actor.require(Role.COORDINATOR, Role.AUDITOR)
    entries = await queries.entries(
        before=request.number("before") or None, limit=PAGE, pseudonyms=False
    )
    return page(
        request,
        "office/audit/index.html",
        entries=entries,
        covert=await queries.covert(since=request.at - COVERT),
        head=await queries.head(),
        unsealed=await queries.unsealed(),
        older=entries[-1].id if len(entries) == PAGE else None,
    )


handlers = [index]
