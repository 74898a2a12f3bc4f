"""Draws at the office's desk: commitment, announced numbers, the draw, its record."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Invalid
from panel.ids import read_code
from panel.visits import commands, queries
from panel.visits.types import Announced, PublicGame, RoundView, SeedSource, Witnesses
from web import forms
from web.forms import Form
from web.office.rounds import round_page
from web.pages import Request, download, redirect

JSON: Final = "application/json"
_ENTERING: Final = (Role.COORDINATOR, Role.PUBLISHER, Role.REVIEWER)


@post("/rounds/{code:str}/commit", roles=(Role.COORDINATOR,))
async def commit(request: Request, code: FromPath[str]) -> Response[str]:
    """Fix roster, places, rules and sources of chance before the draw."""
    form = await forms.fields(request)
    view = await queries.round(read_code(code))
    try:
        announced = _announced(form, view)
        await commands.commit(request.actor, view.code, at=request.at, announced=announced)
    except Invalid as refusal:
        return await round_page(request, view, refusal, form)
    return redirect(request, f"/office/rounds/{view.code}?said=round_committed")


def _announced(form: Form, view: RoundView) -> list[Announced]:
    """Read the two issues that will decide, where the plan draws by public lotteries."""
    if view.draft.source is not SeedSource.LOTTERY:
        return []
    return [
        Announced(game, form.text(f"issue_{number}"), form.date(f"on_{number}"))
        for number, game in enumerate(PublicGame)
    ]


@post("/rounds/{code:str}/numbers", roles=_ENTERING)
async def numbers(request: Request, code: FromPath[str]) -> Response[str]:
    """Enter the announced numbers as one person read them; nobody sees what the other read."""
    form = await forms.fields(request)
    view = await queries.round(read_code(code))
    values = [form.text(f"value_{number}") for number in range(len(view.announced))]
    try:
        await commands.enter_numbers(request.actor, view.code, values, at=request.at)
    except Invalid as refusal:
        return await round_page(request, view, refusal, form)
    return redirect(request, f"/office/rounds/{view.code}?said=round_numbers")


@post("/rounds/{code:str}/draw", roles=(Role.COORDINATOR,))
async def draw(request: Request, code: FromPath[str]) -> Response[str]:
    """Draw: assign members to places and offer the tasks."""
    form = await forms.fields(request)
    view = await queries.round(read_code(code))
    seen = Witnesses(form.text("first"), form.text("second"), form.text("document"))
    try:
        await commands.draw(request.actor, view.code, at=request.at, witnesses=seen)
    except Invalid as refusal:
        return await round_page(request, view, refusal, form)
    return redirect(request, f"/office/rounds/{code}?said=round_drawn")


@get("/rounds/{code:str}/draw.json")
async def record(request: Request, code: FromPath[str]) -> Response[bytes]:
    """Give the record of the draw; of covert visits only its hashes until the round is closed."""
    del request
    view = await queries.round(read_code(code))
    return download(await queries.public_record(view), f"draw-{view.code}.json", JSON)


@get("/rounds/{code:str}/sealed-draw.json", roles=(Role.AUDITOR,))
async def sealed_record(request: Request, code: FromPath[str]) -> Response[bytes]:
    """Give the whole record to an auditor after the round, on the record."""
    data = await commands.take_record(request.actor, read_code(code), at=request.at)
    return download(data, f"sealed-draw-{code}.json", JSON)


handlers: list[Any] = [commit, numbers, draw, record, sealed_record]
