"""A member's own term on the phone: suspension and reply, another term, resignation."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post

from panel.errors import Fault, Invalid
from panel.ids import Code, read_code
from panel.recruitment.commands import terms as commands
from panel.recruitment.queries import tenure
from panel.recruitment.types.terms import TEXT_LIMIT, ProceedingState
from web import errors, session
from web.forms import Form, fields
from web.pages import Request, page, redirect


def own(request: Request) -> Code:
    """Return the reader's own seat."""
    return request.actor.member or Code("")


@get("/term")
async def show(request: Request) -> Response[str]:
    """Show the own term: from when to when, what is open, what can be asked."""
    return await _show(request)


async def _show(
    request: Request, refusal: Invalid | None = None, form: Form | None = None
) -> Response[str]:
    found = await tenure.own_term(own(request), at=request.at)
    last = found.proceeding
    is_open = last is not None and last.state is ProceedingState.OPEN
    return page(
        request,
        "member/terms/show.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        own=found,
        member=found.member,
        proceeding=last,
        suspended=is_open,
        may_reply=last is not None
        and is_open
        and last.replied_at is None
        and request.at <= last.reply_until,
        typed=form.text("reply") if form else "",
        limit=TEXT_LIMIT,
    )


@post("/term/reply", status_code=200)
async def reply(request: Request) -> Response[str]:
    """Send the reply to a suspension."""
    form = await fields(request)
    try:
        await commands.reply(
            request.actor, read_code(form.text("proceeding")), form.text("reply"), at=request.at
        )
    except Invalid as refusal:
        return await _show(request, refusal, form)
    return redirect(request, "/m/term?said=reply_sent")


@post("/term/renew")
async def renew(request: Request) -> Response[str]:
    """Ask for another term."""
    await commands.ask_renewal(request.actor, at=request.at)
    return redirect(request, "/m/term?said=renewal_asked")


@get("/term/resign")
async def resigning(request: Request) -> Response[str]:
    """Ask why, and say what follows, before a term is ended for good."""
    return page(request, "member/terms/resign.html", typed="", limit=TEXT_LIMIT)


@post("/term/resign", status_code=200)
async def resign(request: Request) -> Response[Any]:
    """End the own term; the card ends with it."""
    form = await fields(request)
    try:
        if not form.ticked("sure"):
            raise Invalid("form.faults", Fault("sure", "form.required"))  # noqa: TRY301
        await commands.resign(request.actor, own(request), form.text("reason"), at=request.at)
    except Invalid as refusal:
        return page(
            request, "member/terms/resign.html", status=422, typed=form.text("reason"),
            limit=TEXT_LIMIT, faults=errors.texts(request, refusal),
        )  # fmt: skip
    return session.drop(request, redirect(request, "/m/sign-in?said=member_left"))


handlers: list[Any] = [show, reply, renew, resigning, resign]
