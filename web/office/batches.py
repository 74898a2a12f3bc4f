"""Clean sheets at once: a sample by lot is looked at one by one, the rest accepted together."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post

from panel.actor import Role
from panel.errors import Conflict
from panel.evaluations import commands, queries
from web.pages import Request, page, redirect


@get("/batch", roles=(Role.REVIEWER,))
async def index(request: Request) -> Response[str]:
    """Show the open batch with its sample, or what a new one would hold."""
    batch = await queries.batch(request.actor, at=request.at)
    offer = None if batch else await queries.offer(request.actor, at=request.at)
    return page(request, "office/batches/index.html", batch=batch, offer=offer)


@post("/batch", roles=(Role.REVIEWER,))
async def start(request: Request) -> Response[str]:
    """Take the clean sheets and draw the sample."""
    try:
        await commands.start_batch(request.actor, at=request.at)
    except Conflict as refusal:
        if refusal.code != "batch.open":
            raise
    return redirect(request, "/office/batch")


@post("/batch/accept", roles=(Role.REVIEWER,))
async def accept(request: Request) -> Response[str]:
    """Accept the rest of the batch after its sample was found good."""
    await commands.accept_batch(request.actor, at=request.at)
    return redirect(request, "/office/review?said=batch_accepted")


@post("/batch/end", roles=(Role.REVIEWER,))
async def end(request: Request) -> Response[str]:
    """Give the batch up; its sheets go back to everybody's queue."""
    await commands.end_batch(request.actor, at=request.at)
    return redirect(request, "/office/review?said=batch_ended")


handlers: list[Any] = [index, start, accept, end]
