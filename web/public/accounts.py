"""Signing in and out: staff by password and code, members by card and PIN, invitations."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel.accounts import commands, queries
from panel.accounts.types import (
    PASSWORD_LENGTH,
    PIN_LENGTH,
    AccountKind,
    OneTimeKind,
    SignedIn,
    TotpSetup,
)
from panel.errors import Closed, Forbidden, Invalid, Missing, Refusal
from web import errors, forms, qr, session
from web.forms import Form
from web.pages import Request, page, redirect
from web.public import own

NO_STORE: Final = {"Cache-Control": "no-store"}
_WAIT: Final = 429


def _sign_in_page(
    request: Request, kind: AccountKind, form: Form | None = None, refusal: Refusal | None = None
) -> Response[Any]:
    """Show a sign-in page; what waits for the sign-in stays in it, a secret never."""
    faults: list[dict[str, str]] = []
    status = 200
    if isinstance(refusal, Invalid):
        faults, status = errors.texts(request, refusal), 422
    elif refusal is not None:
        faults = [{"path": "", "text": errors.text_of(request.lang, refusal)}]
        status = _WAIT if refusal.code == "signin.wait" else errors.STATUS[type(refusal)]
    target = form.text("next") if form else request.query_params.get("next", "")
    member = kind is AccountKind.MEMBER
    return page(
        request,
        "public/accounts/sign_in_member.html" if member else "public/accounts/sign_in.html",
        status=status,
        headers=NO_STORE,
        next=session.safe_next(target, kind),
        carried=session.carried(form.fields) if form else [],
        lost_files=False,
        typed=form.text("number" if member else "login") if form else "",
        ended=False,
        faults=faults,
    )


async def _onward(
    request: Request, signed: SignedIn, kind: AccountKind, form: Form
) -> Response[Any]:
    """Go where the reader wanted to be; what was typed before is offered for sending again."""
    target = session.safe_next(form.text("next"), kind)
    waiting = session.carried(form.fields)
    if target and waiting:
        session.enter(request, signed)
        answer: Response[Any] = page(
            request,
            "public/accounts/resume.html",
            next=target,
            waiting=waiting,
            signed_in=True,
        )
    else:
        answer = redirect(request, target or session.home(signed.actor))
    return await session.keep(request, answer, signed)


@get("/sign-in")
async def new(request: Request) -> Response[Any]:
    """Show the sign-in of staff."""
    return _sign_in_page(request, AccountKind.STAFF)


@post("/sign-in")
async def create(request: Request) -> Response[Any]:
    """Sign staff in; every failure is told in the same words."""
    form = await forms.fields(request)
    caller = await session.slow_down(request)
    try:
        signed = await commands.sign_in(
            form.text("login"),
            form.text("password"),
            form.text("totp"),
            at=request.at,
            address=caller,
            device=session.device(request),
        )
    except Forbidden as refusal:
        return _sign_in_page(request, AccountKind.STAFF, form, refusal)
    return await _onward(request, signed, AccountKind.STAFF, form)


@get("/m/sign-in")
async def new_member(request: Request) -> Response[Any]:
    """Show the sign-in of members."""
    return _sign_in_page(request, AccountKind.MEMBER)


@post("/m/sign-in")
async def create_member(request: Request) -> Response[Any]:
    """Sign a member in by card number and PIN."""
    form = await forms.fields(request)
    caller = await session.slow_down(request)
    try:
        signed = await commands.sign_in_member(
            form.text("number"),
            form.text("pin"),
            at=request.at,
            address=caller,
            device=session.device(request),
        )
    except (Forbidden, Invalid) as refusal:
        return _sign_in_page(request, AccountKind.MEMBER, form, refusal)
    return await _onward(request, signed, AccountKind.MEMBER, form)


def _unopened(request: Request, refusal: Closed | Missing, sign_in: str) -> Response[Any]:
    """Tell why a card or invitation can't be opened, and where to go instead."""
    status = errors.STATUS[type(refusal)]
    return page(
        request,
        "error.html",
        status=status,
        headers=NO_STORE,
        title=request.text("This link can't be opened"),
        text=errors.text_of(request.lang, refusal),
        sign_in_url=sign_in,
        incident=None,
    )


def _card_page(
    request: Request, token: str, *, status: int = 200, faults: list[dict[str, str]] | None = None,
    digits: str = "",
) -> Response[Any]:  # fmt: skip
    """Show the form of a card."""
    return page(
        request,
        "public/accounts/card.html",
        status=status,
        headers=NO_STORE,
        token=token,
        digits=digits,
        length=PIN_LENGTH,
        faults=faults or [],
    )


@get("/m/card/{token:str}")
async def card(request: Request, token: FromPath[str]) -> Response[Any]:
    """Show a form only: a messenger's preview must not use the card up."""
    try:
        await queries.openable(token, OneTimeKind.CARD, at=request.at)
    except (Closed, Missing) as refusal:
        return _unopened(request, refusal, "/m/sign-in")
    return _card_page(request, token)


@post("/m/card/{token:str}")
async def redeem(request: Request, token: FromPath[str]) -> Response[Any]:
    """Redeem a card with the end of the registered phone and a PIN of one's own."""
    form = await forms.fields(request)
    caller = await session.slow_down(request)
    digits = form.text("digits")
    try:
        own.same(form, "pin", "pin_again")
        signed = await commands.redeem_card(
            token,
            digits,
            form.text("pin"),
            at=request.at,
            address=caller,
            device=session.device(request),
        )
    except Invalid as refusal:
        faults = errors.texts(request, refusal)
        return _card_page(request, token, status=422, faults=faults, digits=digits)
    except Forbidden as refusal:
        faults = [{"path": "digits", "text": errors.text_of(request.lang, refusal)}]
        return _card_page(request, token, status=403, faults=faults)
    except (Closed, Missing) as refusal:
        return _unopened(request, refusal, "/m/sign-in")
    return await session.keep(request, redirect(request, "/m/tasks?said=card_redeemed"), signed)


def _invitation_page(
    request: Request, token: str, login: str, faults: list[dict[str, str]] | None = None
) -> Response[Any]:
    """Show the form of an invitation."""
    return page(
        request,
        "public/accounts/invitation.html",
        status=422 if faults else 200,
        headers=NO_STORE,
        token=token,
        login=login,
        least=PASSWORD_LENGTH,
        faults=faults or [],
    )


@get("/invitation/{token:str}")
async def invitation(request: Request, token: FromPath[str]) -> Response[Any]:
    """Ask for a password; opening the link uses nothing up."""
    try:
        login = await queries.login_of(token, at=request.at)
    except (Closed, Missing) as refusal:
        return _unopened(request, refusal, "/sign-in")
    return _invitation_page(request, token, login)


@post("/invitation/{token:str}")
async def accept(request: Request, token: FromPath[str]) -> Response[Any]:
    """Set the password and show the second factor for an authenticator app."""
    form = await forms.fields(request)
    try:
        login = await queries.login_of(token, at=request.at)
        try:
            own.same(form, "password", "password_again")
            setup = await commands.accept_invitation(token, form.text("password"), at=request.at)
        except Invalid as refusal:
            return _invitation_page(request, token, login, errors.texts(request, refusal))
    except (Closed, Missing) as refusal:
        return _unopened(request, refusal, "/sign-in")
    return _factor_page(request, token, setup)


def _factor_page(
    request: Request,
    token: str,
    setup: TotpSetup | None,
    faults: list[dict[str, str]] | None = None,
) -> Response[Any]:
    """Show the QR and the key of a second factor once, and ask for a first code."""
    symbol = qr.svg(setup.uri, request.text("QR code for the authenticator app")) if setup else ""
    key = setup.secret if setup else ""
    return page(
        request,
        "public/accounts/second_factor.html",
        status=422 if faults else 200,
        headers=NO_STORE,
        token=token,
        symbol=symbol,
        uri=setup.uri if setup else "",
        key=" ".join(key[start : start + 4] for start in range(0, len(key), 4)),
        faults=faults or [],
    )


@post("/invitation/{token:str}/code")
async def confirm(request: Request, token: FromPath[str]) -> Response[Any]:
    """Confirm the second factor; the account is active and signed in."""
    form = await forms.fields(request)
    try:
        signed = await commands.confirm_totp(
            token, form.text("totp"), at=request.at, device=session.device(request)
        )
    except Invalid as refusal:
        return _factor_page(request, token, None, errors.texts(request, refusal))
    except (Closed, Missing) as refusal:
        return _unopened(request, refusal, "/sign-in")
    return await session.keep(request, redirect(request, session.home(signed.actor)), signed)


handlers: list[Any] = [
    new,
    create,
    new_member,
    create_member,
    card,
    redeem,
    invitation,
    accept,
    confirm,
    *own.handlers,
]
