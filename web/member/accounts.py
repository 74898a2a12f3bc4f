"""The member's own account on the phone: own data, who looked at it, sessions, PIN."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from web.pages import Request
from web.public import own


@get("/me")
async def show(request: Request) -> Response[Any]:
    """Show what is kept about me, who looked at it, and where I am signed in."""
    return await own.own_page(request)


@post("/me/secret")
async def update(request: Request) -> Response[Any]:
    """Change the PIN."""
    return await own.change_secret(request)


@post("/me/sessions/{code:str}/end")
async def end(request: Request, code: FromPath[str]) -> Response[Any]:
    """End one of the own sessions."""
    return await own.end_session(request, code)


handlers: list[Any] = [show, update, end]
