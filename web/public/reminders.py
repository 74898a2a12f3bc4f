"""How a person with an account wants to be told that something waits."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post

from panel.errors import Fault, Forbidden, Invalid
from panel.ids import PersonId
from panel.notices import commands, queries
from panel.notices.types import Channel, MessageKind, Preference
from panel.vault import queries as vault
from web import errors, forms, guards, messages
from web.forms import Form
from web.pages import Request, page, redirect


def _person(request: Request) -> PersonId:
    """Return who is told."""
    if request.actor.person is None:
        raise Forbidden("actor.role")
    return request.actor.person


def _base(request: Request) -> str:
    return "/m/me" if request.audience == "member" else "/me"


async def reminders_page(
    request: Request, form: Form | None = None, refusal: Invalid | None = None
) -> Response[Any]:
    """Show the ways, the present choice and what such a message says."""
    person = _person(request)
    now = await queries.preference(person)
    identity = await vault.reveal_own(person)
    return page(
        request,
        "public/own/reminders.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        base=_base(request),
        ways=[
            {
                "value": each.value,
                "label": request.text(f"channel.{each}"),
                "hint": identity.phone if each is Channel.SMS else None,
            }
            for each in Channel
        ],
        langs=[{"value": "zh", "label": "中文"}, {"value": "en", "label": "English"}],
        channel=form.text("channel") if form else now.channel.value,
        lang=form.text("lang") if form else now.lang,
        email=form.text("email") if form else identity.email,
        sample=messages.text_of(MessageKind.TASK_OFFERED, request.lang, request.config),
        hours=await queries.measures(),
    )


async def choose_reminders(request: Request) -> Response[Any]:
    """Keep the choice."""
    form = await forms.fields(request)
    try:
        if form.text("channel") not in set(Channel):
            raise Invalid("message.faults", Fault("channel", "form.choose"))  # noqa: TRY301
        wish = Preference(
            Channel(form.text("channel")), "en" if form.text("lang") == "en" else "zh"
        )
        await commands.choose(
            request.actor, _person(request), wish, form.text("email"), at=request.at
        )
    except Invalid as refusal:
        return await reminders_page(request, form, refusal)
    return redirect(request, f"{_base(request)}?said=reminders_chosen")


@get("/me/reminders", guards=[guards.signed_in])
async def edit(request: Request) -> Response[Any]:
    """Show how staff wants to be told."""
    return await reminders_page(request)


@post("/me/reminders", guards=[guards.signed_in])
async def update(request: Request) -> Response[Any]:
    """Keep how staff wants to be told."""
    return await choose_reminders(request)


handlers: list[Any] = [edit, update]
