"""Signing a member's own program in and out."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
from litestar import Response, post
from litestar.params import JSONBody

from panel.accounts import commands, queries
from web import guards, session
from web.pages import Request

NO_STORE = {"Cache-Control": "no-store"}


class SignIn(msgspec.Struct, frozen=True):
    """The number of a member's card and the PIN."""

    number: str
    pin: str


class Opened(msgspec.Struct, frozen=True):
    """The token of a session and when it ends at the latest; it ends when idle for 30 minutes."""

    token: str
    ends_at: dt.datetime


@post("/session", opt={"public": True}, status_code=201)
async def create(request: Request, data: JSONBody[SignIn]) -> Response[Opened]:
    """Sign in with card number and PIN. Wrong ones are refused alike, and slowed down."""
    signed = await commands.sign_in_member(
        data.number,
        data.pin,
        at=request.at,
        address=session.address(request),
        device=session.device(request) or "API",
    )
    return Response(
        Opened(token=signed.token, ends_at=signed.ends_at), status_code=201, headers=NO_STORE
    )


@post("/session/end", guards=[guards.api_member], security=[{"member": []}], status_code=204)
async def destroy(request: Request) -> None:
    """End the session of this token."""
    found = await queries.actor_of(guards.bearer(request), at=request.at)
    if found is not None:
        await commands.sign_out(found[1], at=request.at)


handlers: list[Any] = [create, destroy]
