"""The history: one line a command, the chain's head, for coordinators and auditors."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
from litestar import Response, get

from panel.actor import Role
from panel.audit import queries
from web.pages import Request, page

PAGE = 50
LINES = 5
LONG = 24
COVERT = dt.timedelta(days=31)


@get("/audit")
async def index(request: Request) -> Response[Any]:
    """Show the newest entries; ``?before=`` leads to older ones. Covert work is counted by day."""
    request.actor.require(Role.COORDINATOR, Role.AUDITOR)
    sealed = request.actor.may(Role.AUDITOR)
    entries = await queries.entries(
        before=request.number("before") or None, limit=PAGE, pseudonyms=False, sealed=sealed
    )
    return page(
        request,
        "office/audit/index.html",
        entries=entries,
        details={each.id: _lines(each.detail) for each in entries},
        covert=await queries.covert(since=request.at - COVERT, sealed=sealed),
        head=await queries.head(),
        unsealed=await queries.unsealed(),
        older=entries[-1].id if len(entries) == PAGE else None,
    )


def _lines(detail: str) -> list[str]:
    """Write what an entry is about: a line for each thing, long digests shortened."""
    found = msgspec.json.decode(detail)
    return [
        " · ".join([f"{each['kind']} {each['ref']}".strip(), *_values(each.get("values", {}))])
        for each in (found if isinstance(found, list) else [])[:LINES]
    ]


def _values(values: dict[str, object]) -> list[str]:
    """Write each value with its name."""
    texts = ((name, str(value)) for name, value in values.items())
    return [f"{name}: {text[:LONG]}{'…' if len(text) > LONG else ''}" for name, text in texts]


handlers = [index]
