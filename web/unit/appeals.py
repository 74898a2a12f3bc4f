"""A unit's appeals: against its line, its mark, a decision on its officer."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from panel.errors import Invalid
from panel.ids import Code, read_code
from panel.rankings import commands as rankings
from panel.rankings import queries as lists
from panel.rankings.commands import appeals as commands
from panel.rankings.queries import appeals as queries
from panel.rankings.types import AppealState
from panel.rankings.types.appeals import LONGEST
from web import documents, errors, forms
from web.forms import Form
from web.office.appeals import drafted, form_context
from web.pages import Request, page, redirect
from web.unit.rankings import own_unit

EMPTY = Form({}, {})
_ASKABLE = frozenset({AppealState.DECIDED, AppealState.APPLIED, AppealState.INADMISSIBLE})


@get("/appeals")
async def index(request: Request) -> Response[Any]:
    """List what the unit appealed against."""
    found = await queries.appeals_of_unit(own_unit(request))
    return page(request, "unit/appeals/index.html", rows=found)


@get("/rankings/{code:str}/appeal")
async def new(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show the form of an appeal against the own line."""
    return await _new(request, read_code(code))


async def _new(
    request: Request, code: Code, form: Form = EMPTY, refusal: Invalid | None = None
) -> Response[Any]:
    own = await lists.own(own_unit(request), code)
    return page(
        request,
        "unit/appeals/new.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        own=own,
        typed=form,
        **form_context(request),
    )


@post("/rankings/{code:str}/appeal", status_code=200)
async def create(request: Request, code: FromPath[str]) -> Response[Any]:
    """Take the unit's appeal, once."""
    form = await forms.fields(request)
    found = read_code(code)
    try:
        number = await rankings.appeal(request.actor, found, await drafted(form), at=request.at)
    except Invalid as refusal:
        return await _new(request, found, form, refusal)
    return redirect(request, f"/unit/appeals/{number}?said=appeal_filed")


@get("/appeals/{code:str}")
async def show(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show what was filed and what became of it."""
    return await _show(request, read_code(code))


async def _show(
    request: Request, code: Code, form: Form = EMPTY, refusal: Invalid | None = None
) -> Response[Any]:
    view = await queries.own_appeal(own_unit(request), code)
    until = view.reconsider_by
    answer = page(
        request,
        "unit/appeals/show.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        view=view,
        texts=await queries.appeal_texts(code),
        may_ask=view.instance == 1
        and view.state in _ASKABLE
        and view.settled
        and until is not None
        and request.at <= until,
        typed=form,
        most=LONGEST,
    )
    return await documents.offered(request, answer, request.text("Appeal"))


@post("/appeals/{code:str}/again", status_code=200)
async def again(request: Request, code: FromPath[str]) -> Response[Any]:
    """Ask once for a reconsideration by another person."""
    form = await forms.fields(request)
    wanted = read_code(code)
    await queries.own_appeal(own_unit(request), wanted)
    try:
        await commands.ask_again(request.actor, wanted, form.text("again"), at=request.at)
    except Invalid as refusal:
        return await _show(request, wanted, form, refusal)
    return redirect(request, f"/unit/appeals/{wanted}?said=appeal_again")


@get("/appeals/{code:str}/files/{number:str}")
async def file(request: Request, code: FromPath[str], number: FromPath[str]) -> Response[bytes]:
    """Show a picture that the unit itself sent."""
    view = await queries.own_appeal(own_unit(request), read_code(code))
    found = await queries.appeal_file(view.code, read_code(number))
    return Response(found.data, media_type=found.media, headers={"Cache-Control": "no-store"})


handlers: list[Any] = [index, new, create, show, again, file]
