"""What a member is told privately about the own marks; nobody else reads it."""

from __future__ import annotations

from typing import Any

from litestar import Response, get

from panel.evaluations import queries
from web.pages import Request, page


@get("/feedback")
async def index(request: Request) -> Response[str]:
    """Show how many sheets counted and how strict the own marks are beside others'."""
    return page(
        request, "member/feedback/index.html", found=await queries.feedback(request.actor.member)
    )


handlers: list[Any] = [index]
