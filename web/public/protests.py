"""Objections to a ranking in public notice: the form, its receipt, the reply."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel import entropy
from panel.accounts import commands as accounts
from panel.accounts.types import Counted
from panel.errors import Forbidden, Invalid, Missing, Refusal
from panel.ids import read_code
from panel.rankings import queries
from panel.rankings.commands import objections
from panel.rankings.types import (
    Kind,
    ObjectionForm,
    ObjectionGround,
    ObjectionReceipt,
    RankingView,
)
from panel.rankings.types.appeals import LONGEST
from web import errors, session
from web.forms import Form, fields
from web.pages import Request, page
from web.public.notice import HIDDEN
from web.text.campaigns import both

FIELDS: Final = ("unit", "ground", "text", "name", "phone")


async def _noticed(code: str) -> RankingView:
    """Return a ranking that has been on notice; before that there is nothing to object to."""
    found = await queries.ranking(read_code(code))
    if found.notice_until is None:
        raise Missing("ranking.missing")
    return found


async def _units(request: Request, ranking: RankingView) -> list[dict[str, str]]:
    """Return the units on the lists by their names: the order must not betray a place."""
    found = [
        {
            "value": row.code,
            "label": row.name_en if request.lang == "en" and row.name_en else row.name,
        }
        for one in await queries.lists(ranking.id)
        if one.kind is Kind.UNIT
        for row in one.rows
    ]
    return sorted(found, key=lambda each: each["label"])


@get(both("/objections/{code:str}"))
async def new(request: Request, code: FromPath[str]) -> Response[str]:
    """Show the form of an objection."""
    return await _form(request, await _noticed(code), Form({}, {}))


async def _form(
    request: Request, ranking: RankingView, form: Form, refusal: Refusal | None = None
) -> Response[str]:
    """Render the form with everything typed."""
    faults: list[dict[str, str]] = []
    if isinstance(refusal, Invalid):
        faults = errors.texts(request, refusal)
    return page(
        request,
        "public/protests/new.html",
        status=422 if refusal else 200,
        headers=HIDDEN,
        faults=faults,
        ranking=ranking,
        running=ranking.notice_until is not None and request.at <= ranking.notice_until,
        values={name: form.text(name) for name in FIELDS},
        key=form.text("key") or entropy.key(),
        most=LONGEST,
        grounds=[
            {"value": each.value, "label": request.text(f"protest.ground.{each.value}")}
            for each in ObjectionGround
        ],
        units=await _units(request, ranking),
    )


@post(both("/objections/{code:str}"), status_code=200)
async def create(request: Request, code: FromPath[str]) -> Response[str]:
    """Show an objection again, check it, or take it in: its code stands in no address."""
    form = await fields(request)
    ranking = await _noticed(code)
    step = form.text("step")
    if step == "change":
        return await _form(request, ranking, form)
    caller = await session.slow_down(request, Counted.SENDINGS)
    typed = ObjectionForm(**{name: form.text(name) for name in FIELDS})
    try:
        if step != "send":
            await objections.readable(ranking.round_code, typed, at=request.at)
            return await _check(request, ranking, form)
        await accounts.note_sending(caller, at=request.at)
        receipt = await objections.object_to(
            ranking.round_code, typed, key=form.text("key"), at=request.at
        )
    except Invalid as refusal:
        return await _form(request, ranking, form, refusal)
    return _receipt(request, ranking, receipt)


async def _check(request: Request, ranking: RankingView, form: Form) -> Response[str]:
    """Show what was typed before it is sent; everything travels in hidden fields."""
    named = {each["value"]: each["label"] for each in await _units(request, ranking)}
    return page(
        request,
        "public/protests/check.html",
        headers=HIDDEN,
        ranking=ranking,
        values={name: form.text(name) for name in FIELDS},
        unit=named.get(form.text("unit"), ""),
        hidden_fields=[(name, form.text(name)) for name in ("key", *FIELDS)],
    )


def _receipt(request: Request, ranking: RankingView, receipt: ObjectionReceipt) -> Response[str]:
    return page(
        request,
        "public/protests/receipt.html",
        headers=HIDDEN,
        ranking=ranking,
        receipt=receipt,
        address=f"{request.config.base_url}/{request.lang}/objections/{ranking.round_code}/reply",
    )


@get(both("/objections/{code:str}/reply"))
async def ask(request: Request, code: FromPath[str]) -> Response[str]:
    """Ask for number and receipt code."""
    return _door(request, await queries.ranking(read_code(code)), Form({}, {}))


def _door(
    request: Request, ranking: RankingView, form: Form, refusal: Refusal | None = None
) -> Response[str]:
    """Ask for number and receipt code; a refusal keeps both as typed."""
    return page(
        request,
        "public/protests/reply.html",
        status=200 if refusal is None else errors.STATUS[type(refusal)],
        headers=HIDDEN,
        faults=[{"path": "number", "text": errors.text_of(request.lang, refusal)}]
        if refusal
        else [],
        ranking=ranking,
        number_typed=form.text("number"),
        receipt_typed=form.text("receipt"),
        answer=None,
    )


@post(both("/objections/{code:str}/reply"), status_code=200)
async def reply(request: Request, code: FromPath[str]) -> Response[str]:
    """Show the decision and the reply to whoever holds number and receipt code."""
    form = await fields(request)
    ranking = await queries.ranking(read_code(code))
    caller = await session.slow_down(request)
    try:
        answer = await objections.read_answer(
            ranking.round_code, form.text("number"), form.text("receipt"), caller, at=request.at
        )
    except (Missing, Forbidden) as refusal:
        return _door(request, ranking, form, refusal)
    return page(
        request,
        "public/protests/reply.html",
        headers=HIDDEN,
        ranking=ranking,
        number_typed="",
        receipt_typed="",
        answer=answer,
    )


handlers: list[Any] = [new, create, ask, reply]
