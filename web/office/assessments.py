"""The year's assessment in the office: its steps, its marks, each line with its sources."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.assessments import commands, queries
from panel.assessments.types import YearState, YearView
from panel.errors import Invalid, Missing
from panel.ids import read_code
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import Rulebook
from web import errors, forms, marks, standings
from web.forms import Form
from web.i18n import ZONE
from web.pages import Request, page, redirect

READERS: Final = (
    Role.COORDINATOR, Role.REVIEWER, Role.PUBLISHER, Role.INDEPENDENT_REVIEWER, Role.AUDITOR,
)  # fmt: skip
WORKERS: Final = (Role.COORDINATOR, Role.PUBLISHER)
_EMPTY: Final = Form({}, {})


@get("/assessments", roles=READERS)
async def index(request: Request) -> Response[Any]:
    """Show the year that the address asks for, else the newest one."""
    years = await queries.years()
    if not years:
        return await _empty(request)
    return await _show(request, wanted(request, years))


async def _empty(
    request: Request, refusal: Invalid | None = None, form: Form = _EMPTY
) -> Response[Any]:
    return page(
        request,
        "office/assessments/empty.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        typed=form,
        this_year=request.at.astimezone(ZONE).year,
        may=request.actor.may(Role.COORDINATOR),
    )


def wanted(request: Request, years: list[int]) -> int:
    """Return the year that the address asks for."""
    year = request.number("year")
    return year if year in years else years[0]


async def book_of(view: YearView | None) -> Rulebook:
    """Return the measures that a year is bound to; those in force before it is bound."""
    if view is None:
        return (await rulebooks.current()).rulebook
    return (await rulebooks.frozen(view.rulebook_code)).rulebook


async def _show(
    request: Request, year: int, refusal: Invalid | None = None, form: Form = _EMPTY
) -> Response[Any]:
    view = await queries.begun(year)
    book = await book_of(view)
    group = request.query_params.get("group", "")
    lines = await queries.lines(year)
    return page(
        request,
        "office/assessments/index.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        typed=form,
        years=await queries.years() or [year],
        year=year,
        this_year=request.at.astimezone(ZONE).year,
        view=view,
        steps=_steps(request, view),
        group=group,
        groups=[
            {"value": each.key, "label": each.text.get(request.lang)} for each in book.peer_groups
        ],
        lines=[marks.explained(request, line, book) for line in lines if group in {"", line.group}],
        waiting=sum(line.appeal_until is None or request.at <= line.appeal_until for line in lines),
        appeals=len(await queries.open_appeals(lines)) if view else 0,
        versions=await queries.versions(year),
        names={
            line.unit_code: standings.called(line.unit_name, line.unit_name_en, request.lang)
            for line in lines
        },
        formula=book.assessment.formula,
        edition=book.edition,
        coordinator=request.actor.may(Role.COORDINATOR),
        may=request.actor.may(*WORKERS),
    )


def _steps(request: Request, view: YearView | None) -> list[dict[str, str]]:
    """Return the year's way with what is done and what comes next."""
    states = [state.value for state in YearState]
    now = states.index(view.state) if view else -1
    return [
        {
            "title": request.text(f"year.step.{name}"),
            "state": "past" if place <= now else "now" if place == now + 1 else "",
        }
        for place, name in enumerate(states)
    ]


@post("/assessments", roles=(Role.COORDINATOR,), status_code=200)
async def begin(request: Request) -> Response[Any]:
    """Bind a year to its formula."""
    form = await forms.fields(request)
    try:
        year = form.integer("year")
        await commands.begin(request.actor, year, decision=form.text("decision"), at=request.at)
    except Invalid as refusal:
        years = await queries.years()
        if not years:
            return await _empty(request, refusal, form)
        return await _show(request, wanted(request, years), refusal, form)
    return redirect(request, f"/office/assessments?year={year}&said=year_begun")


@post("/assessments/{year:int}/steps/{step:str}", roles=WORKERS, status_code=200)
async def take(request: Request, year: FromPath[int], step: FromPath[str]) -> Response[Any]:
    """Take the next step of a year."""
    form = await forms.fields(request)
    try:
        await _step(request, year, step, form)
    except Invalid as refusal:
        return await _show(request, year, refusal, form)
    return redirect(request, f"/office/assessments?year={year}&said=year_{step}")


async def _step(request: Request, year: int, step: str, form: Form) -> None:
    actor, at = request.actor, request.at
    if step == "freeze":
        await commands.freeze(actor, year, at=at, paper=forms.paper(request, form))
    elif step == "compute":
        await commands.compute(actor, year, at=at)
    elif step == "explain":
        await commands.explain(actor, year, at=at)
    elif step == "finalise":
        paper = forms.paper(request, form)
        await commands.finalise(actor, year, form.text("document"), at=at, paper=paper)
    elif step == "amend":
        await commands.amend(actor, year, form.text("reason"), form.text("amending"), at=at)
    else:
        raise Missing("assessment.missing")


@get("/assessments/{year:int}/lines/{code:str}", roles=READERS)
async def show(request: Request, year: FromPath[int], code: FromPath[str]) -> Response[Any]:
    """Show one unit's line with every figure and where it comes from."""
    line = await queries.line(read_code(code))
    if line.year != year:
        raise Missing("assessment.missing")
    view = await queries.begun(year)
    return page(
        request,
        "office/assessments/show.html",
        view=view,
        each=marks.explained(request, line, await book_of(view)),
        levels=marks.levels(request, line),
        appeals=await queries.appeals_of_line(line),
        follows=[
            each
            for each in await queries.unit_consequences(line.unit_code)
            if each.year == line.year
        ],
    )


handlers: list[Any] = [index, begin, take, show]
