"""A unit's ledger (台账) at the office's desk: everything that happened, the newest first."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get
from litestar.params import FromPath

from panel.actor import Role
from panel.ids import read_code
from panel.reports import queries
from panel.reports.types import LedgerKind
from panel.roster import queries as roster
from web import documents, ledgers
from web.office import appeals, assessments, orders
from web.pages import Request, page

READERS: Final = (
    Role.COORDINATOR, Role.REVIEWER, Role.PUBLISHER, Role.INDEPENDENT_REVIEWER, Role.AUDITOR,
)  # fmt: skip


@get("/ledger", roles=READERS)
async def index(request: Request) -> Response[str]:
    """List the units by name, to open their ledgers."""
    wanted = request.query_params.get("q", "").strip()
    folded = wanted.casefold()
    units = [
        unit
        for unit in await roster.units()
        if folded in f"{unit.name} {unit.name_en} {unit.ref}".casefold()
    ]
    return page(request, "office/ledger/index.html", units=units, q=wanted)


@get("/ledger/{code:str}", roles=READERS)
async def show(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show the ledger of one unit, of one kind of lines if one is chosen."""
    unit = await roster.unit(read_code(code))
    open_to = {about: url for about, (url, own) in _LINKS.items() if request.actor.may(*own)}
    whole = await queries.ledger(request.actor, unit.code, at=request.at)
    lines = [each for each in whole if each.kind in open_to]
    kind = request.query_params.get("kind", "")
    answer = page(
        request,
        "office/ledger/show.html",
        unit=unit,
        kind=kind,
        kinds=ledgers.kinds(lines),
        lines=ledgers.entries(
            request,
            [each for each in lines if kind in {"", each.kind}],
            open_to,
        ),
    )
    return await documents.offered(request, answer, request.text("Ledger"))


_LINKS: Final[dict[LedgerKind, tuple[str, tuple[Role, ...]]]] = {
    LedgerKind.VISITS: ("/office/rounds/{ref}", READERS),
    LedgerKind.FINDING: ("/office/findings/{ref}", READERS),
    LedgerKind.RANKING: ("/office/rankings/{ref}", READERS),
    LedgerKind.ORDER: ("/office/orders/{ref}", orders.READERS),
    LedgerKind.APPEAL: ("/office/appeals/{ref}", appeals.READERS),
    LedgerKind.EXPOSURE: ("/zh/exposures/{ref}", READERS),
    LedgerKind.MARK: ("/office/assessments/{n}/lines/{ref}", assessments.READERS),
}
"""Where the lines lead, and who may go there: nobody else reads them."""


handlers: list[Any] = [index, show]
