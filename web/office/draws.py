"""Draws at the office's desk: commitment, announced numbers, the draw, its record."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Invalid
from panel.ids import read_code
from panel.visits import commands, queries
from web.office.rounds import round_page
from web.pages import Request, download, redirect


@post("/rounds/{code:str}/commit", roles=(Role.COORDINATOR,))
async def commit(request: Request, code: FromPath[str]) -> Response[str]:
    """Fix roster, places and rules before the draw."""
    view = await queries.round(read_code(code))
    try:
        await commands.commit(request.actor, view.code, at=request.at)
    except Invalid as refusal:
        return await round_page(request, view, refusal)
    return redirect(request, f"/office/rounds/{view.code}?said=round_committed")


@post("/rounds/{code:str}/draw", roles=(Role.COORDINATOR,))
async def draw(request: Request, code: FromPath[str]) -> Response[str]:
    """Draw: assign members to places and offer the tasks."""
    await commands.draw(request.actor, read_code(code), at=request.at)
    return redirect(request, f"/office/rounds/{code}?said=round_drawn")


@get("/rounds/{code:str}/draw.json")
async def record(request: Request, code: FromPath[str]) -> Response[bytes]:
    """Give the record of the draw; of covert visits only its hashes until the round is closed."""
    del request
    view = await queries.round(read_code(code))
    return download(await queries.public_record(view), f"draw-{view.code}.json", "application/json")


handlers: list[Any] = [commit, draw, record]
