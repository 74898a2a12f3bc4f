"""Officers and duty rosters at the office's desk: taken in, confirmed after the unit."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Invalid, Missing
from panel.ids import Code, read_code
from panel.roster.commands import duty as commands
from panel.roster.queries import duty as queries
from panel.roster.types import DUTY_COLUMNS, OFFICER_COLUMNS, DutyState, DutyView, OfficerState
from web import errors, spreadsheets
from web.forms import fields
from web.office.due import Todo
from web.office.imports import listed
from web.pages import Request, download, page, redirect

READERS: Final = (Role.COORDINATOR, Role.AUDITOR)
PAGE: Final = 100
_TABLES: Final = {"officers": OFFICER_COLUMNS, "roster": DUTY_COLUMNS}


@get("/duty", roles=READERS)
async def index(request: Request) -> Response[str]:
    """List the duty rosters and how many officers each unit has; take in tables."""
    return await _index(request)


async def _index(request: Request, refusal: Invalid | None = None) -> Response[str]:
    return page(
        request,
        "office/duty/index.html",
        status=422 if refusal else 200,
        rosters=await queries.rosters(),
        units=_units(await queries.officers()),
        may=request.actor.may(Role.COORDINATOR),
        **faulty(request, refusal),
    )


def _units(officers: list[Any]) -> list[dict[str, Any]]:
    """Return how many officers serve in each unit, in the order of the units."""
    found: dict[Code, dict[str, Any]] = {}
    for each in officers:
        line = found.setdefault(
            each.unit_code,
            {"name": each.unit_name, "name_en": each.unit_name_en, "officers": 0, "mid": 0},
        )
        if each.state is OfficerState.IN_POST:
            line["officers"] += 1
            line["mid"] += each.mid_level
    return list(found.values())


def faulty(request: Request, refusal: Invalid | None) -> dict[str, Any]:
    """Return what a refused table shows: a summary, and every fault by row and column."""
    by_row = refusal is not None and refusal.code == "import.faults"
    summary: list[dict[str, str]] = []
    if refusal is not None:
        path = "found" if by_row else "file"
        summary = [{"path": path, "text": errors.text_of(request.lang, refusal)}]
    return {
        "faults": summary,
        "found": listed(request, refusal) if by_row else [],
        "total": refusal.values.get("total", 0) if by_row and refusal else 0,
    }


@get("/duty/templates/{name:str}", roles=READERS)
async def template(request: Request, name: FromPath[str]) -> Response[bytes]:
    """Give an empty table whose cells are texts."""
    return empty(request, name)


def empty(request: Request, name: str) -> Response[bytes]:
    """Return the empty table of that name."""
    kind = name.removesuffix(".xlsx")
    if kind not in _TABLES or not name.endswith(".xlsx"):
        raise Missing("http.404")
    title = request.text("Officers" if kind == "officers" else "Duty roster")
    layout = spreadsheets.Layout(title=title, watermark="", foot=())
    data = spreadsheets.written(_TABLES[kind], [], layout)
    return download(data, f"{title}.xlsx", spreadsheets.XLSX)


async def uploaded(request: Request) -> tuple[bytes, str]:
    """Return the table that was sent with its name; refuse a form without one."""
    given = (await fields(request)).upload("file")
    if given is None:
        raise Invalid("import.no_file")
    return given


@post("/duty/officers", roles=(Role.COORDINATOR,), status_code=200)
async def officers(request: Request) -> Response[str]:
    """Take in who serves at the windows, or name every fault."""
    try:
        data, name = await uploaded(request)
        await commands.import_officers(request.actor, data, name, at=request.at)
    except Invalid as refusal:
        return await _index(request, refusal)
    return redirect(request, "/office/duty?said=officers_taken")


@post("/duty/rosters", roles=(Role.COORDINATOR,), status_code=200)
async def rosters(request: Request) -> Response[str]:
    """Take in duty rosters, or name every fault."""
    try:
        data, name = await uploaded(request)
        await commands.import_roster(request.actor, data, name, at=request.at)
    except Invalid as refusal:
        return await _index(request, refusal)
    return redirect(request, "/office/duty?said=duty_filed")


@get("/duty/{code:str}", roles=READERS)
async def show(request: Request, code: FromPath[str]) -> Response[str]:
    """Show one duty roster line by line."""
    return await _show(request, await queries.roster(read_code(code)))


async def _show(
    request: Request, view: DutyView, reason: str = "", refusal: Invalid | None = None
) -> Response[str]:
    may = request.actor.may(Role.COORDINATOR)
    return page(
        request,
        "office/duty/show.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        reason=reason,
        confirm=may and view.state is DutyState.AGREED,
        refuse=may and view.state in {DutyState.DRAFT, DutyState.AGREED},
        **await paged(request, view),
    )


async def paged(request: Request, view: DutyView) -> dict[str, Any]:
    """Return one page of a roster's lines, and the ways to the others."""
    number = max(1, request.number("page"))
    skip = (number - 1) * PAGE
    return {
        "view": view,
        "lines": await queries.lines(view, skip=skip, limit=PAGE),
        "previous": f"?page={number - 1}" if number > 1 else None,
        "following": f"?page={number + 1}" if skip + PAGE < view.shifts else None,
    }


@post("/duty/{code:str}/confirm", roles=(Role.COORDINATOR,))
async def confirm(request: Request, code: FromPath[str]) -> Response[str]:
    """Confirm a roster to which its unit agreed."""
    view = await commands.confirm(request.actor, read_code(code), at=request.at)
    return redirect(request, f"/office/duty/{view.code}?said=duty_confirmed")


@post("/duty/{code:str}/return", roles=(Role.COORDINATOR,), status_code=200)
async def send_back(request: Request, code: FromPath[str]) -> Response[str]:
    """Send a roster back with a reason."""
    form, number = await fields(request), read_code(code)
    try:
        await commands.send_back(request.actor, number, form.text("reason"), at=request.at)
    except Invalid as refusal:
        view = await queries.roster(number)
        return await _show(request, view, form.text("reason"), refusal)
    return redirect(request, f"/office/duty/{number}?said=duty_returned")


async def todo(request: Request) -> list[Todo]:
    """Return the rosters that wait for the office."""
    waiting = await queries.waiting() if request.actor.may(Role.COORDINATOR) else 0
    text = request.text("Duty rosters to confirm")
    return [Todo("/office/duty", text, count=waiting)] if waiting else []


handlers: list[Any] = [index, template, officers, rosters, show, confirm, send_back]
