"""Looks at covert visits to come: asked for with a reason, listed for auditors."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Invalid
from panel.ids import read_code
from panel.visits import commands, queries
from web import errors, forms
from web.pages import Request, page, redirect


@get("/looks", roles=(Role.COORDINATOR, Role.AUDITOR))
async def index(request: Request) -> Response[str]:
    """List who looked at covert visits to come, and why."""
    return page(request, "office/covert/index.html", looks=await queries.looks())


@get("/rounds/{code:str}/look", roles=(Role.COORDINATOR,))
async def ask(request: Request, code: FromPath[str]) -> Response[str]:
    """Ask why a coordinator needs to see the covert visits to come of a round."""
    return await _ask(request, code)


async def _ask(request: Request, code: str, refusal: Invalid | None = None) -> Response[str]:
    return page(
        request,
        "office/covert/look.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        view=await queries.round(read_code(code)),
    )


@post("/rounds/{code:str}/look", roles=(Role.COORDINATOR,), status_code=200)
async def look(request: Request, code: FromPath[str]) -> Response[str]:
    """Show the covert visits to come of a round for some minutes, on the record."""
    reason = (await forms.fields(request)).text("reason")
    try:
        await commands.look(request.actor, read_code(code), reason, at=request.at)
    except Invalid as refusal:
        return await _ask(request, code, refusal)
    return redirect(request, f"/office/rounds/{code}/tasks?said=look_open")


handlers: list[Any] = [index, ask, look]
