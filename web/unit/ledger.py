"""A unit's own ledger: what it was told of itself, the newest first."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get

from panel.reports import queries
from panel.reports.types import LedgerKind
from web import documents, ledgers
from web.pages import Request, page
from web.unit.rankings import own_unit


@get("/ledger")
async def index(request: Request) -> Response[Any]:
    """Show the unit's own ledger, of one kind of lines if one is chosen."""
    lines = await queries.own_ledger(own_unit(request), at=request.at)
    kind = request.query_params.get("kind", "")
    answer = page(
        request,
        "unit/ledger/index.html",
        kind=kind,
        kinds=ledgers.kinds(lines),
        lines=ledgers.entries(request, [each for each in lines if kind in {"", each.kind}], _LINKS),
    )
    return await documents.offered(request, answer, request.text("Ledger"))


_LINKS: Final = {
    LedgerKind.RESULTS: "/unit/results",
    LedgerKind.FINDING: "/unit/findings/{ref}",
    LedgerKind.RANKING: "/unit/rankings/{ref}",
    LedgerKind.ORDER: "/unit/orders/{ref}",
    LedgerKind.APPEAL: "/unit/appeals/{ref}",
    LedgerKind.EXPOSURE: "/zh/exposures/{ref}",
    LedgerKind.MARK: "/unit/assessments",
}
handlers: list[Any] = [index]
