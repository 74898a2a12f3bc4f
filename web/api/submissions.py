"""Sheets for other programs: without visitors, page by page or as a stream of lines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final

import msgspec
from litestar import Response, get
from litestar.params import FromQuery
from litestar.response import Stream

from panel.accounts.types import Scope
from panel.reports import queries
from panel.reports.types import SheetFilter, SheetLine
from web import guards
from web.api.sessions import NO_STORE
from web.pages import Request

MOST: Final = 1000
_encoder: Final = msgspec.json.Encoder()


class Page(msgspec.Struct, frozen=True):
    """Some sheets, and where the next ones begin; ``next`` is null after the last page."""

    items: list[SheetLine]
    next: str | None


_OPEN: Final[dict[str, Any]] = {
    "guards": [guards.api_token],
    "opt": {"scope": Scope.SUBMISSIONS},
    "security": [{"program": [Scope.SUBMISSIONS.value]}],
}


@get("/submissions", **_OPEN)
async def index(
    request: Request,
    round: FromQuery[str] = "",  # noqa: A002 - the name in the address
    after: FromQuery[str] = "",
    limit: FromQuery[int] = 200,
) -> Response[Page]:
    """Give sheets by their codes, after the last one of the page before.

    Sheets of covert visits come once their round is over.
    """
    del request
    size = max(1, min(limit, MOST))
    async for lines in queries.sheet_pages(_chosen(round), after=after, page=size):
        following = lines[-1].code if len(lines) == size else None
        return Response(Page(items=lines, next=following), headers=NO_STORE)
    return Response(Page(items=[], next=None), headers=NO_STORE)


@get("/submissions.ndjson", **_OPEN)
async def stream(
    request: Request,
    round: FromQuery[str] = "",  # noqa: A002 - the name in the address
) -> Stream:
    """Give all sheets, one JSON object a line, sent while they are read."""
    del request
    return Stream(_lines(_chosen(round)), media_type="application/x-ndjson", headers=NO_STORE)


def _chosen(round_code: str) -> SheetFilter:
    return SheetFilter(round=round_code, ended=True)


async def _lines(chosen: SheetFilter) -> AsyncIterator[bytes]:
    async for lines in queries.sheet_pages(chosen):
        yield _encoder.encode_lines(lines)


handlers: list[Any] = [index, stream]
