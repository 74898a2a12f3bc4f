"""Sealed accusations, for the discipline office alone."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.evaluations import commands, queries
from panel.ids import Code, read_code
from web import forms
from web.pages import Request, page


@get("/accusations")
async def index(request: Request) -> Response[str]:
    """List the sheets with sealed accusations for the discipline office."""
    request.actor.require(Role.INDEPENDENT_REVIEWER)
    return page(request, "office/accusations/index.html", found=await queries.accused())


@post("/accusations/{code:str}", roles=(Role.INDEPENDENT_REVIEWER,))
async def show(request: Request, code: FromPath[str]) -> Response[str]:
    """Open the accusations of one sheet; who opened them and why stays in the history."""
    form = await forms.fields(request)
    sheet = await _sealed(request, read_code(code), form.text("reason"))
    return page(request, "office/accusations/show.html", **sheet)


async def _sealed(request: Request, code: Code, reason: str) -> dict[str, Any]:
    """Return the opened accusations with the words of their items."""
    told = await commands.open_accusations(request.actor, code, reason, at=request.at)
    found = await queries.reading(await queries.submission(code))
    names = {veto.id: veto.text.get(request.lang) for veto in found.blank.form.vetoes}
    rows = [{"label": f"{key} {names[key]}", "value": text} for key, text in told.items()]
    return {"sheet": found.sheet, "task": found.sheet.task, "rows": rows}


handlers: list[Any] = [index, show]
