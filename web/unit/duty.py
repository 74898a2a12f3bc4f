"""A unit's duty rosters: handed in by its liaison or the office, agreed to here."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from panel.errors import Invalid, Missing
from panel.ids import Code, read_code
from panel.roster.commands import duty as commands
from panel.roster.queries import duty as queries
from panel.roster.types import DutyState, DutyView
from web import errors
from web.forms import fields
from web.office.duty import empty, faulty, paged, uploaded
from web.pages import Request, page, redirect
from web.unit.rankings import own_unit


@get("/duty")
async def index(request: Request) -> Response[str]:
    """List the unit's duty rosters and take in another one."""
    return await _index(request)


async def _index(request: Request, refusal: Invalid | None = None) -> Response[str]:
    return page(
        request,
        "unit/duty/index.html",
        status=422 if refusal else 200,
        rosters=await queries.rosters(own_unit(request)),
        **faulty(request, refusal),
    )


@get("/duty/roster.xlsx")
async def template(request: Request) -> Response[bytes]:
    """Give an empty duty roster."""
    return empty(request, "roster.xlsx")


@post("/duty", status_code=200)
async def create(request: Request) -> Response[str]:
    """Take in a duty roster of the own unit, or name every fault."""
    own_unit(request)
    try:
        data, name = await uploaded(request)
        await commands.import_roster(request.actor, data, name, at=request.at)
    except Invalid as refusal:
        return await _index(request, refusal)
    return redirect(request, "/unit/duty?said=duty_filed")


async def _own(request: Request, code: Code) -> DutyView:
    view = await queries.roster(code)
    if view.unit_code != own_unit(request):
        raise Missing("duty.missing")
    return view


@get("/duty/{code:str}")
async def show(request: Request, code: FromPath[str]) -> Response[str]:
    """Show one of the unit's rosters line by line."""
    return await _show(request, await _own(request, read_code(code)))


async def _show(
    request: Request, view: DutyView, reason: str = "", refusal: Invalid | None = None
) -> Response[str]:
    return page(
        request,
        "unit/duty/show.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        reason=reason,
        agree=view.state is DutyState.DRAFT,
        refuse=view.state in {DutyState.DRAFT, DutyState.AGREED},
        **await paged(request, view),
    )


@post("/duty/{code:str}/agree")
async def agree(request: Request, code: FromPath[str]) -> Response[str]:
    """Agree to a roster for the unit."""
    view = await commands.agree(request.actor, read_code(code), at=request.at)
    return redirect(request, f"/unit/duty/{view.code}?said=duty_agreed")


@post("/duty/{code:str}/return", status_code=200)
async def send_back(request: Request, code: FromPath[str]) -> Response[str]:
    """Send a roster back with a reason."""
    form, number = await fields(request), read_code(code)
    try:
        await commands.send_back(request.actor, number, form.text("reason"), at=request.at)
    except Invalid as refusal:
        view = await _own(request, number)
        return await _show(request, view, form.text("reason"), refusal)
    return redirect(request, f"/unit/duty/{number}?said=duty_returned")


handlers: list[Any] = [index, template, create, show, agree, send_back]
