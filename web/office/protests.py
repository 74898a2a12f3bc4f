"""Objections to a ranking in public notice at the office's desk: recorded, looked at, decided."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from panel import entropy
from panel.actor import Role
from panel.errors import Invalid
from panel.ids import Code, read_code
from panel.rankings import queries
from panel.rankings.commands import objections
from panel.rankings.queries import objections as filed
from panel.rankings.types import (
    Kind,
    ObjectionChannel,
    ObjectionDecision,
    ObjectionForm,
    ObjectionGround,
    ObjectionOutcome,
)
from panel.rankings.types.appeals import LONGEST
from panel.vault import queries as openings
from panel.vault.types import OpeningKind
from web import errors, forms
from web.forms import Form
from web.pages import Request, page, redirect

READERS = (Role.COORDINATOR, Role.PUBLISHER, Role.INTAKE_CLERK, Role.AUDITOR)
TAKERS = (Role.COORDINATOR, Role.PUBLISHER, Role.INTAKE_CLERK)
DECIDERS = (Role.COORDINATOR, Role.PUBLISHER)
FIELDS = ("name", "phone", "ground", "text", "unit")
EMPTY = Form({}, {})


def grounds(request: Request) -> list[dict[str, str]]:
    """Return what an objection may rest on."""
    return [
        {"value": each.value, "label": request.text(f"protest.ground.{each.value}")}
        for each in ObjectionGround
    ]


async def units(request: Request, ranking_id: int) -> list[dict[str, str]]:
    """Return the units on the lists."""
    return [
        {
            "value": row.code,
            "label": row.name_en if request.lang == "en" and row.name_en else row.name,
        }
        for one in await queries.lists(ranking_id)
        if one.kind is Kind.UNIT
        for row in one.rows
    ]


@get("/rankings/{code:str}/objections", roles=READERS)
async def index(request: Request, code: FromPath[str]) -> Response[Any]:
    """List the objections to a ranking, with the form for what comes by phone or letter."""
    return await _index(request, read_code(code))


async def _index(
    request: Request, code: Code, form: Form = EMPTY, refusal: Invalid | None = None
) -> Response[Any]:
    ranking = await queries.ranking(code)
    running = ranking.notice_until is not None and request.at <= ranking.notice_until
    return page(
        request,
        "office/protests/index.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        ranking=ranking,
        rows=await filed.objections(ranking.id),
        may=running and request.actor.may(*TAKERS),
        values={name: form.text(name) for name in FIELDS},
        channel=form.text("channel"),
        key=form.text("key") or entropy.key(),
        most=LONGEST,
        grounds=grounds(request),
        units=await units(request, ranking.id),
        channels=[
            {"value": each.value, "label": request.text(f"protest.channel.{each.value}")}
            for each in ObjectionChannel
            if each is not ObjectionChannel.ONLINE
        ],
    )


@post("/rankings/{code:str}/objections", roles=TAKERS, status_code=200)
async def create(request: Request, code: FromPath[str]) -> Response[Any]:
    """Record an objection that came by phone, by letter or at the counter; show its receipt."""
    form = await forms.fields(request)
    found = read_code(code)
    channel = form.text("channel")
    known = {each.value for each in ObjectionChannel} - {ObjectionChannel.ONLINE.value}
    try:
        receipt = await objections.object_to(
            found,
            ObjectionForm(**{name: form.text(name) for name in FIELDS}),
            key=form.text("key"),
            actor=request.actor,
            channel=ObjectionChannel(channel if channel in known else "phone"),
            at=request.at,
        )
    except Invalid as refusal:
        return await _index(request, found, form, refusal)
    return page(
        request,
        "office/protests/receipt.html",
        ranking=await queries.ranking(found),
        receipt=receipt,
    )


@get("/rankings/{code:str}/objections/{number:str}", roles=READERS)
async def show(request: Request, code: FromPath[str], number: FromPath[str]) -> Response[Any]:
    """Show one objection; its text opens by a look that is logged."""
    return await _show(request, read_code(code), read_code(number))


async def _show(
    request: Request,
    code: Code,
    number: Code,
    form: Form = EMPTY,
    *,
    refusal: Invalid | None = None,
    texts: tuple[str, ...] = (),
) -> Response[Any]:
    ranking = await queries.ranking(code)
    view = await filed.objection(number)
    named = {each["value"]: each["label"] for each in await units(request, ranking.id)}
    return page(
        request,
        "office/protests/show.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        ranking=ranking,
        view=view,
        unit=named.get(view.unit_code, ""),
        texts=texts,
        typed=form,
        most=LONGEST,
        decisions=[
            {"value": each.value, "label": request.text(f"objection.decision.{each.value}")}
            for each in ObjectionDecision
        ],
        own=request.actor.person == ranking.computed_by,
        may=request.actor.may(*DECIDERS),
        may_ask=OpeningKind.PROTESTER in openings.askable(request.actor),
    )


@post("/rankings/{code:str}/objections/{number:str}/look", roles=DECIDERS, status_code=200)
async def look(request: Request, code: FromPath[str], number: FromPath[str]) -> Response[Any]:
    """Open the texts of an objection, on the record."""
    form = await forms.fields(request)
    ranking, wanted = read_code(code), read_code(number)
    try:
        texts = await objections.read_texts(
            request.actor, wanted, form.text("reason"), at=request.at
        )
    except Invalid as refusal:
        return await _show(request, ranking, wanted, form, refusal=refusal)
    return await _show(request, ranking, wanted, form, texts=texts)


@post("/rankings/{code:str}/objections/{number:str}", roles=DECIDERS, status_code=200)
async def decide(request: Request, code: FromPath[str], number: FromPath[str]) -> Response[Any]:
    """Decide an objection with finding, reply and document number."""
    form = await forms.fields(request)
    ranking, wanted = read_code(code), read_code(number)
    try:
        outcome = ObjectionOutcome(
            **{name: form.text(name) for name in ("decision", "finding", "reply", "document")}
        )
        await objections.decide(request.actor, wanted, outcome, at=request.at)
    except Invalid as refusal:
        return await _show(request, ranking, wanted, form, refusal=refusal)
    return redirect(request, f"/office/rankings/{ranking}/objections?said=objection_decided")


handlers: list[Any] = [index, create, show, look, decide]
