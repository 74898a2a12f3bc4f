"""Tokens of other programs: made, shown once, ended."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel.accounts import commands, queries
from panel.accounts.types import LONGEST_TOKEN, Scope
from panel.errors import Invalid
from panel.ids import read_code
from web import errors, forms
from web.api import PATH
from web.forms import Form
from web.pages import Request, page, redirect

_NO_STORE: Final = {"Cache-Control": "no-store"}


@get("/tokens")
async def index(request: Request) -> Response[Any]:
    """List the tokens without their texts and offer to make one."""
    return await _index(request)


async def _index(
    request: Request, form: Form | None = None, refusal: Invalid | None = None
) -> Response[Any]:
    return page(
        request,
        "admin/tokens/index.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        tokens=await queries.tokens(),
        scopes=[{"value": each.value, "label": request.text(f"scope.{each}")} for each in Scope],
        chosen=form.many("scopes") if form else [],
        name=form.text("name") if form else "",
        days=form.text("days") if form else "180",
        most=LONGEST_TOKEN,
        path=PATH,
    )


@post("/tokens", status_code=200)
async def create(request: Request) -> Response[Any]:
    """Make a token and show its text this once."""
    form = await forms.fields(request)
    try:
        made = await commands.make_token(
            request.actor,
            form.text("name"),
            tuple(Scope(each) for each in form.many("scopes") if each in set(Scope)),
            form.integer("days"),
            at=request.at,
        )
    except Invalid as refusal:
        return await _index(request, form, refusal)
    return page(request, "admin/tokens/made.html", headers=_NO_STORE, made=made, path=PATH)


@post("/tokens/{code:str}/revoke")
async def revoke(request: Request, code: FromPath[str]) -> Response[Any]:
    """End a token at once."""
    await commands.revoke_token(request.actor, read_code(code), at=request.at)
    return redirect(request, "/admin/tokens?said=token_revoked")


handlers: list[Any] = [index, create, revoke]
