"""A member's rights to the own data: reading all of it, taking it along, correcting, erasing."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, get, post

from panel.accounts import queries as accounts
from panel.errors import Fault, Invalid, Missing
from panel.ids import PersonId
from panel.members import queries as members
from panel.recruitment.commands import rights as commands
from panel.recruitment.queries import rights, tenure
from panel.recruitment.types.terms import ASKED_FIELDS, OWN_FIELDS, Change, RequestKind
from panel.recruitment.types.terms import RequestState as State
from panel.roster import queries as roster
from panel.rulebook import queries as rulebook
from panel.vault import queries as vault
from web import errors, session
from web.forms import Form, fields
from web.member.terms import own
from web.pages import Request, download, page, redirect
from web.text import features

EMPTY = Form({}, {})


def _person(request: Request) -> PersonId:
    if request.actor.person is None:
        raise Missing("member.unknown")
    return request.actor.person


async def _kept(request: Request) -> dict[str, Any]:
    """Gather everything that is kept about the reader."""
    person = _person(request)
    member = await members.member(own(request))
    here = await session.own(request)
    return {
        "identity": await vault.reveal_own(person),
        "seats": await members.seats_of(person),
        "recusals": await members.recusals(member),
        "learning": await members.learning(person),
        "applications": await rights.own_applications(person),
        "proceedings": await rights.own_proceedings(person),
        "renewals": await tenure.renewals_of(person),
        "wishes": await rights.own_requests(person),
        "looks": await vault.looks(person),
        "sessions": await accounts.sessions(here.account, at=request.at),
    }


@get("/me/data")
async def show(request: Request) -> Response[str]:
    """Show everything that is kept, readably."""
    kept = await _kept(request)
    recruitment = (await rulebook.current()).rulebook.recruitment
    return page(
        request,
        "member/rights/show.html",
        words=_names(features.Words(recruitment, request.lang), kept),
        units=await _units(request),
        **kept,
    )


def _names(words: features.Words, kept: dict[str, Any]) -> dict[str, str]:
    """Return the features of the seats and applications in the reader's words."""
    found = {}
    for each in [*kept["seats"], *kept["applications"]]:
        for feature in features.FEATURES:
            value = getattr(each, feature)
            found[f"{feature}:{value}"] = words.value(feature, value)
    return found


async def _units(request: Request) -> dict[str, str]:
    return {
        unit.code: unit.name_en if request.lang == "en" and unit.name_en else unit.name
        for unit in await roster.units()
    }


@get("/me/data.json")
async def take(request: Request) -> Response[bytes]:
    """Give everything that is kept as a file that other programs read."""
    kept = await _kept(request)
    data = msgspec.json.format(msgspec.json.encode(kept), indent=2)
    return download(data, "my-data.json", "application/json")


@get("/me/data/edit")
async def edit(request: Request) -> Response[str]:
    """Show what the member corrects alone, and what the office corrects when asked."""
    return await _edit(request)


async def _edit(
    request: Request, refusal: Invalid | None = None, form: Form = EMPTY
) -> Response[str]:
    kept = await vault.reveal_own(_person(request))
    asked = await rights.requests_of(_person(request))
    return page(
        request,
        "member/rights/edit.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        values={name: form.text(name) or getattr(kept, name) for name in OWN_FIELDS},
        units=[{"value": key, "label": name} for key, name in (await _units(request)).items()],
        unit=form.text("unit"),
        halls=[
            {"value": each.code, "label": (request.lang == "en" and each.name_en) or each.name}
            for each in await roster.halls()
        ],
        hall=form.text("hall"),
        asked_fields=[
            {"value": name, "label": request.text(f"person.{name}")} for name in ASKED_FIELDS
        ],
        field=form.text("field"),
        wanted=form.text("text"),
        waiting=[each.field for each in asked if each.state is State.ASKED],
        erasing=any(
            each.kind is RequestKind.ERASURE and each.state is State.ASKED for each in asked
        ),
    )


@post("/me/data/edit", status_code=200)
async def update(request: Request) -> Response[str]:
    """Write the corrected phone, address or employer."""
    form = await fields(request)
    change = Change(**{name: form.text(name) for name in (*OWN_FIELDS, "unit", "hall")})
    try:
        await commands.correct(request.actor, change, at=request.at)
    except Invalid as refusal:
        return await _edit(request, refusal, form)
    return redirect(request, "/m/me/data?said=data_corrected")


@post("/me/data/ask", status_code=200)
async def ask(request: Request) -> Response[str]:
    """Ask the office to correct the name or the id number."""
    form = await fields(request)
    try:
        await commands.ask_correction(
            request.actor, form.text("field"), form.text("text"), at=request.at
        )
    except Invalid as refusal:
        return await _edit(request, refusal, form)
    return redirect(request, "/m/me/data?said=wish_sent")


@post("/me/data/erase", status_code=200)
async def erase(request: Request) -> Response[str]:
    """Ask for the erasure of everything once the term is over."""
    form = await fields(request)
    if not form.ticked("sure"):
        missing = Invalid("form.faults", Fault("sure", "form.required"))
        return await _edit(request, missing, form)
    await commands.ask_erasure(request.actor, at=request.at)
    return redirect(request, "/m/me/data?said=wish_sent")


handlers: list[Any] = [show, take, edit, update, ask, erase]
