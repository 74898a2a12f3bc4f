"""How a member wants to be told that something waits."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post

from web.pages import Request
from web.public import reminders


@get("/me/reminders")
async def edit(request: Request) -> Response[Any]:
    """Show how the member wants to be told."""
    return await reminders.reminders_page(request)


@post("/me/reminders")
async def update(request: Request) -> Response[Any]:
    """Keep how the member wants to be told."""
    return await reminders.choose_reminders(request)


handlers: list[Any] = [edit, update]
