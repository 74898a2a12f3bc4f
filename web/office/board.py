"""The coordinator's board: what is due, late and to be decided today, and how the load lies."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get

from panel.actor import Role
from panel.reports import queries
from panel.reports.types import Board
from web import pictures
from web.pages import Request, page

READERS: Final = (Role.COORDINATOR, Role.AUDITOR)


@get("/board", roles=READERS)
async def index(request: Request) -> Response[str]:
    """Show the running rounds in figures: today, late, review, quality, districts, load."""
    found = await queries.board(request.at)
    districts = await queries.districts()
    say = request.text
    bars = [(each.name, each.made, each.planned) for each in districts]
    return page(
        request,
        "office/board/index.html",
        today=_today(request, found),
        quality=_quality(request, found),
        districts=districts,
        picture=pictures.done_bars(bars, request.text("Visits made by district"), say),
        loads=sorted({0: found.unused, **found.loads}.items()),
        load=pictures.histogram({0: found.unused, **found.loads}, None, say),
        running=bool(districts),
    )


def _today(request: Request, found: Board) -> list[dict[str, object]]:
    """Return the figures of the day: what wants somebody first."""
    rows = [
        ("Late visits", found.overdue, "/office/messages/new?audience=open_tasks"),
        ("Due today", found.due_today, None),
        ("Due within a week", found.due_week, None),
        ("Offers without an answer", found.unanswered, "/office/messages/new?audience=unanswered"),
        ("Sheets received today", found.received_today, None),
        ("Sheets in review", found.in_review, "/office/review"),
        ("Of these longer than the target", found.review_late, "/office/review"),
        ("Sheets on hold", found.held, None),
    ]
    return [{"label": request.text(text), "value": n, "url": url} for text, n, url in rows]


def _quality(request: Request, found: Board) -> list[dict[str, object]]:
    """Return how good the sheets of the running rounds are."""
    received = found.in_review + found.accepted + found.returned + found.voided + found.held
    rows = [
        ("With a flag", found.flagged, received),
        ("Sent back", found.returned, received),
        ("Void", found.voided, found.decided),
    ]
    return [
        {
            "label": request.text(text),
            "value": n,
            "of": whole,
            "share": f"{100 * n / whole:.0f} %" if whole else "—",
        }
        for text, n, whole in rows
    ]


handlers: list[Any] = [index]
