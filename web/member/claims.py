"""The open pool on the phone: a member with room chooses a district, chance the place."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post

from panel.errors import Conflict
from panel.ids import read_code
from panel.visits import commands, queries
from web import errors, forms
from web.pages import Request, page, redirect


@get("/claims")
async def index(request: Request) -> Response[str]:
    """Show by district how many visits the member may take."""
    return await _page(request)


async def _page(request: Request, refusal: Conflict | None = None) -> Response[str]:
    text = request.text(refusal.code, **refusal.values) if refusal else ""
    return page(
        request,
        "member/visits/claims.html",
        status=errors.STATUS[Conflict] if refusal else 200,
        faults=[{"path": "", "text": text}] if refusal else [],
        fit=await queries.fit(request.actor.member, at=request.at),
        pools=await queries.pools(request.actor.member, at=request.at),
    )


@post("/claims", status_code=200)
async def claim(request: Request) -> Response[str]:
    """Take one visit in a district; somebody else may have been faster."""
    form = await forms.fields(request)
    code = read_code(form.text("round"))
    try:
        task = await commands.claim(request.actor, code, form.text("district"), at=request.at)
    except Conflict as refusal:
        return await _page(request, refusal)
    return redirect(request, f"/m/tasks/{task.code}?said=task_claimed")


handlers: list[Any] = [index, claim]
