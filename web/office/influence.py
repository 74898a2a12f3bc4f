"""Attempts to influence members: read by the discipline office alone."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel import entropy
from panel.actor import Role
from panel.errors import Invalid
from panel.evaluations import commands, queries
from panel.evaluations.types import InfluenceKind, InfluenceView
from panel.ids import read_code
from web import errors, forms
from web.forms import Form
from web.office.due import Todo
from web.pages import Request, page, redirect

READERS: Final = (Role.INDEPENDENT_REVIEWER,)


async def todo(request: Request) -> list[Todo]:
    """Return the reports that nobody has opened."""
    waiting = await queries.influence_waiting(request.actor)
    if not waiting:
        return []
    return [Todo("/office/influence", request.text("Attempts to influence"), count=waiting)]


@get("/influence", roles=READERS)
async def index(request: Request) -> Response[str]:
    """List the reports by number and day, without their texts."""
    return await _index(request, Form({"key": [entropy.key()]}, {}))


async def _index(request: Request, form: Form, refusal: Invalid | None = None) -> Response[str]:
    return page(
        request,
        "office/influence/index.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        reports=await queries.influence_reports(request.actor),
        typed=form,
        kinds=[
            {"value": each.value, "label": request.text(f"influence.kind.{each}")}
            for each in InfluenceKind
        ],
    )


@post("/influence", roles=READERS)
async def receive(request: Request) -> Response[str]:
    """Take down what came by letter, as with a sheet on paper."""
    form = await forms.fields(request)
    kind = form.text("kind")
    try:
        await commands.receive_influence(
            request.actor,
            InfluenceKind(kind) if kind in set(InfluenceKind) else InfluenceKind.OTHER,
            form.text("key"),
            text=form.text("answer"),
            who=form.text("who"),
            at=request.at,
        )
    except Invalid as refusal:
        return await _index(request, form, refusal)
    return redirect(request, "/office/influence?said=letter_received")


@post("/influence/{code:str}", roles=READERS)
async def show(request: Request, code: FromPath[str]) -> Response[str]:
    """Open one report; who opened it and why stays in the history."""
    form = await forms.fields(request)
    try:
        found = await commands.open_influence(
            request.actor, read_code(code), form.text("reason"), at=request.at
        )
    except Invalid as refusal:
        return await _index(request, Form({"key": [entropy.key()]}, {}), refusal)
    return _show(request, found, form.text("reason"))


def _show(
    request: Request,
    found: InfluenceView,
    reason: str,
    refusal: Invalid | None = None,
    answer: str = "",
) -> Response[str]:
    return page(
        request,
        "office/influence/show.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        report=found,
        reason=reason,
        answer=answer,
    )


@post("/influence/{code:str}/close", roles=READERS)
async def close(request: Request, code: FromPath[str]) -> Response[str]:
    """Tell the member what came of it."""
    form = await forms.fields(request)
    found = read_code(code)
    try:
        await commands.close_influence(request.actor, found, form.text("answer"), at=request.at)
    except Invalid as refusal:
        reason = form.text("reason")
        view = await commands.open_influence(request.actor, found, reason, at=request.at)
        return _show(request, view, reason, refusal, form.text("answer"))
    return redirect(request, "/office/influence?said=influence_closed")


handlers: list[Any] = [index, receive, show, close]
