"""The own account: what is kept about me, who looked at it, where I am signed in, my secret."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from panel.accounts import commands, queries
from panel.accounts.types import PASSWORD_LENGTH, PIN_LENGTH, AccountKind
from panel.errors import Fault, Invalid
from panel.ids import read_code
from panel.vault import queries as vault
from web import errors, forms, guards, session
from web.forms import Form
from web.pages import Request, page, redirect


def _base(request: Request) -> str:
    """Return the address of the own account in the reader's part of the service."""
    return "/m/me" if request.audience == "member" else "/me"


async def own_page(request: Request, faults: list[dict[str, str]] | None = None) -> Response[Any]:
    """Show the own account."""
    here = await session.own(request)
    person = here.actor.person
    return page(
        request,
        "public/own/show.html",
        status=422 if faults else 200,
        here=here,
        base=_base(request),
        work=session.home(here.actor),
        is_member=here.kind is AccountKind.MEMBER,
        identity=await vault.reveal_own(person) if person else None,
        looks=await vault.looks(person) if person else [],
        sessions=await queries.sessions(here.account, at=request.at),
        length=PIN_LENGTH,
        least=PASSWORD_LENGTH,
        faults=faults or [],
    )


def same(form: Form, name: str, again: str) -> None:
    """Refuse a secret that was typed differently the second time."""
    if form.text(name) != form.text(again):
        raise Invalid("form.faults", Fault(again, "form.not_the_same"))


async def change_secret(request: Request) -> Response[Any]:
    """Change the own password or PIN; every other session ends."""
    form = await forms.fields(request)
    here = await session.own(request)
    name = "pin" if here.kind is AccountKind.MEMBER else "password"
    try:
        same(form, name, "again")
        signed = await commands.change_password(
            request.actor, here, form.text("old"), form.text(name), at=request.at
        )
    except Invalid as refusal:
        return await own_page(request, errors.texts(request, refusal))
    return await session.keep(
        request, redirect(request, f"{_base(request)}?said=secret_changed"), signed
    )


async def end_session(request: Request, code: str) -> Response[Any]:
    """End one of the own sessions, this one too."""
    here = await session.own(request)
    await commands.revoke(here.account, read_code(code), at=request.at)
    return redirect(request, f"{_base(request)}?said=session_ended")


@get("/me", guards=[guards.signed_in])
async def show(request: Request) -> Response[Any]:
    """Show the own account of staff."""
    return await own_page(request)


@post("/me/secret", guards=[guards.signed_in])
async def update(request: Request) -> Response[Any]:
    """Change the own password."""
    return await change_secret(request)


@post("/me/sessions/{code:str}/end", guards=[guards.signed_in])
async def end(request: Request, code: FromPath[str]) -> Response[Any]:
    """End one of the own sessions."""
    return await end_session(request, code)


@post("/sign-out", guards=[guards.signed_in])
async def sign_out(request: Request) -> Response[Any]:
    """End this session and forget its cookie."""
    here = await session.own(request)
    await commands.sign_out(here, at=request.at)
    member = here.kind is AccountKind.MEMBER
    target = "/m/sign-in" if member else "/sign-in"
    return session.drop(request, redirect(request, f"{target}?said=signed_out"))


handlers: list[Any] = [show, update, end, sign_out]
