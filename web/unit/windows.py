"""A unit's own windows: closed for a time with a public reason, opened again."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from panel.errors import Invalid, Missing
from panel.ids import Code, read_code
from panel.roster import commands, queries
from web import errors
from web.forms import fields
from web.pages import Request, page, redirect
from web.unit.rankings import own_unit


@get("/windows")
async def index(request: Request) -> Response[str]:
    """List the unit's windows."""
    return page(
        request, "unit/windows/index.html", windows=await queries.windows(own_unit(request))
    )


@get("/windows/{code:str}")
async def show(request: Request, code: FromPath[str]) -> Response[str]:
    """Show one of the unit's windows with what may be done."""
    return await _show(request, read_code(code))


async def _show(
    request: Request, code: Code, reason: str = "", refusal: Invalid | None = None
) -> Response[str]:
    window = await queries.window(code)
    if window.unit_code != own_unit(request):
        raise Missing("roster.window")
    return page(
        request,
        "unit/windows/show.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        window=window,
        reason=reason,
    )


@post("/windows/{code:str}/close", status_code=200)
async def close(request: Request, code: FromPath[str]) -> Response[str]:
    """Close one of the unit's windows for a time."""
    form = await fields(request)
    wanted = read_code(code)
    try:
        await commands.close_window(request.actor, wanted, form.text("reason"), at=request.at)
    except Invalid as refusal:
        return await _show(request, wanted, form.text("reason"), refusal)
    return redirect(request, f"/unit/windows/{wanted}?said=window_closed")


@post("/windows/{code:str}/reopen", status_code=200)
async def reopen(request: Request, code: FromPath[str]) -> Response[str]:
    """Open one of the unit's windows again."""
    wanted = read_code(code)
    await commands.reopen_window(request.actor, wanted, at=request.at)
    return redirect(request, f"/unit/windows/{wanted}?said=window_reopened")


handlers: list[Any] = [index, show, close, reopen]
