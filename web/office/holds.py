"""Sheets on hold for reviewers; places to look at again for coordinators."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.evaluations import commands, queries
from panel.ids import read_code
from web.i18n import gettext
from web.pages import Request, page, redirect


@get("/holds")
async def index(request: Request) -> Response[str]:
    """List the sheets on hold, the one to be decided first at the top."""
    request.actor.require(Role.REVIEWER, Role.AUDITOR)
    return page(request, "office/holds/index.html", holds=await queries.holds())


@get("/revisits")
async def revisits(request: Request) -> Response[str]:
    """List the places to which reviewers suggest that somebody goes again."""
    request.actor.require(Role.COORDINATOR, Role.AUDITOR)
    return page(
        request,
        "office/holds/revisits.html",
        holds=await queries.revisits(),
        may=request.actor.may(Role.COORDINATOR),
    )


@post("/revisits/{code:str}", roles=(Role.COORDINATOR,))
async def plan(request: Request, code: FromPath[str]) -> Response[str]:
    """Draft a round that looks again, and open it to be completed.

    Its title names no place: plans are public before anybody goes.
    """
    planned = await commands.plan_revisit(
        request.actor,
        read_code(code),
        gettext("zh", "A second look"),
        gettext("en", "A second look"),
        at=request.at,
    )
    return redirect(request, f"/office/rounds/{planned}/edit")


handlers: list[Any] = [index, revisits, plan]
