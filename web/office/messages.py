"""Messages at the coordinator's desk: to many, whom to call, texts to copy, what was sent."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Conflict, Fault, Invalid
from panel.ids import read_code
from panel.notices import commands, queries
from panel.notices.types import Channel, MessageKind, Reach
from panel.vault import commands as vault
from panel.visits.queries.reminders import audience
from panel.visits.types.reminders import Audience
from web import errors, forms, messages
from web.forms import Form
from web.pages import Request, page, redirect

_KINDS: Final[dict[Audience, MessageKind]] = {
    Audience.UNANSWERED: MessageKind.TASK_OFFERED,
    Audience.OPEN_TASKS: MessageKind.VISIT_DUE,
    Audience.UNQUALIFIED: MessageKind.TRAINING_DUE,
    Audience.ALL: MessageKind.NEWS,
}
"""What each audience is told."""
READERS: Final = (Role.COORDINATOR, Role.AUDITOR)


@get("/messages", roles=READERS)
async def index(request: Request) -> Response[str]:
    """Show what waits to be sent, whom to call, texts to copy, and what was sent."""
    return await _index(request)


async def _index(request: Request, refusal: Invalid | None = None) -> Response[str]:
    settings = request.config
    return page(
        request,
        "office/messages/index.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        waiting=await queries.waiting(),
        to_call=await queries.to_call(),
        counts=await queries.counts(request.at),
        batches=await queries.batches(),
        audiences=[
            {
                "value": each.value,
                "label": request.text(f"audience.{each}"),
                "hint": messages.text_of(kind, request.lang, settings),
            }
            for each, kind in _KINDS.items()
        ],
        texts=[
            {
                "label": request.text(f"message.kind.{kind}"),
                "zh": messages.text_of(kind, "zh", settings),
                "en": messages.text_of(kind, "en", settings),
            }
            for kind in _KINDS.values()
        ],
        files=[each for each in Channel if _to_files(request, each)],
        hours=await queries.measures(),
        may=request.actor.may(Role.COORDINATOR),
    )


def _to_files(request: Request, channel: Channel) -> bool:
    """Tell whether messages of a kind are only written to files here."""
    settings = request.config
    if channel is Channel.SMS:
        return settings.sms == "file"
    return channel is Channel.EMAIL and not settings.smtp_url


@get("/messages/new", roles=(Role.COORDINATOR,))
async def new(request: Request) -> Response[str]:
    """Show how many a message would reach, its text in both languages, and its price."""
    chosen = request.query_params.get("audience", "")
    if chosen not in set(Audience):
        refusal = Invalid("message.faults", Fault("audience", "form.choose"))
        return await _index(request, refusal)
    return await _preview(request, Audience(chosen))


async def _preview(request: Request, which: Audience, *, changed: bool = False) -> Response[str]:
    kind = _KINDS[which]
    return page(
        request,
        "office/messages/new.html",
        status=409 if changed else 200,
        changed=changed,
        audience=which,
        reach=await queries.reach(await audience(which, at=request.at)),
        hours=await queries.measures(),
        zh=messages.text_of(kind, "zh", request.config),
        en=messages.text_of(kind, "en", request.config),
    )


@post("/messages", roles=(Role.COORDINATOR,))
async def create(request: Request) -> Response[str]:
    """Send to many what was shown, at the price that was shown."""
    form = await forms.fields(request)
    if form.text("audience") not in set(Audience):
        raise Invalid("message.faults", Fault("audience", "form.choose"))
    which = Audience(form.text("audience"))
    try:
        await commands.write(
            request.actor,
            await audience(which, at=request.at),
            _KINDS[which],
            which.value,
            _shown(form),
            at=request.at,
        )
    except Conflict as refusal:
        if refusal.code != "message.reach_changed":
            raise
        return await _preview(request, which, changed=True)
    return redirect(request, "/office/messages?said=message_written")


def _shown(form: Form) -> Reach:
    return Reach(
        sms=form.integer("sms", 0),
        email=form.integer("email", 0),
        call=form.integer("call", 0),
        cost_hundredths=form.integer("cost", 0),
    )


@post("/messages/calls", roles=(Role.COORDINATOR,), status_code=200)
async def calls(request: Request) -> Response[str]:
    """Open names and numbers of those to call; each look stays in the history."""
    form = await forms.fields(request)
    waiting = await queries.calls()
    try:
        people = await vault.look_many(
            request.actor,
            [each.person for each in waiting],
            ("name", "phone"),
            form.text("reason"),
            at=request.at,
        )
    except Invalid as refusal:
        return await _index(request, refusal)
    return page(
        request,
        "office/messages/calls.html",
        rows=[
            {"call": each, "who": people[each.person]} for each in waiting if each.person in people
        ],
    )


@post("/messages/{code:str}/called", roles=(Role.COORDINATOR,))
async def called(request: Request, code: FromPath[str]) -> Response[str]:
    """Note that somebody was called."""
    await commands.called(request.actor, read_code(code), at=request.at)
    return redirect(request, "/office/messages?said=message_called")


handlers: list[Any] = [index, new, create, calls, called]
