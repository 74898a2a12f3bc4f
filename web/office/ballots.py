"""Collective evaluation at the office's desk: sessions, counts of ballots, the second person."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Fault, Invalid, Missing
from panel.ids import Code, read_code
from panel.roster import queries as roster
from panel.rulebook import queries as rulebooks
from panel.surveys import commands, queries
from panel.surveys.types import NewSession, NewTally, SessionState, SessionView, columns
from web import errors, forms
from web.forms import Form
from web.i18n import ZONE
from web.office.assessments import READERS, WORKERS
from web.pages import Request, download, page, redirect
from web.spreadsheets import XLSX, Layout, written

_EMPTY: Final = Form({}, {})


@get("/ballots", roles=READERS)
async def index(request: Request) -> Response[Any]:
    """Show every session and how a further one is taken down."""
    return await _index(request)


async def _index(
    request: Request, refusal: Invalid | None = None, form: Form = _EMPTY
) -> Response[Any]:
    return page(
        request,
        "office/ballots/index.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        typed=form,
        sessions=await queries.sessions(),
        year=request.at.astimezone(ZONE).year,
        quorum=(await rulebooks.current()).rulebook.collective.quorum_percent,
        may=request.actor.may(Role.COORDINATOR),
    )


@post("/ballots", roles=(Role.COORDINATOR,), status_code=200)
async def hold(request: Request) -> Response[Any]:
    """Take down a session by its protocol."""
    form = await forms.fields(request)
    try:
        new = NewSession(
            year=form.integer("year"),
            held_on=form.date("held_on"),
            title=form.text("title"),
            title_en=form.text("title_en"),
            entitled=form.integer("entitled"),
            present=form.integer("present"),
            issued=form.integer("issued"),
            returned=form.integer("returned"),
            spoiled=form.integer("spoiled", 0),
            document=form.text("document"),
        )
        code = await commands.hold(request.actor, new, at=request.at)
    except Invalid as refusal:
        return await _index(request, refusal, form)
    return redirect(request, f"/office/ballots/{code}?said=session_held")


@get("/ballots/{code:str}", roles=READERS)
async def show(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show a session with its counts and what comes next."""
    return await _show(request, await queries.session(read_code(code)))


async def _show(
    request: Request,
    view: SessionView,
    refusal: Invalid | None = None,
    form: Form = _EMPTY,
    filename: str = "",
) -> Response[Any]:
    table = refusal.faults if refusal and filename else ()
    tallies = await queries.tallies(view)
    missing = await queries.missing_units(view)
    minimum = (await rulebooks.frozen(view.rulebook_code)).rulebook.collective.minimum_ballots
    return page(
        request,
        "office/ballots/show.html",
        status=422 if refusal else 200,
        faults=[{"path": "found", "text": errors.text_of(request.lang, refusal)}]
        if refusal and table
        else errors.texts(request, refusal)
        if refusal
        else [],
        found=[
            {
                "row": each.values.get("row", ""),
                "column": each.values.get("column", ""),
                "text": errors.text_of(request.lang, each),
            }
            for each in table
        ],
        filename=filename,
        typed=form,
        view=view,
        levels=[
            (request.text(f"ballot.level.{place}"), worth)
            for place, worth in enumerate(view.levels)
        ],
        rows=[
            {
                "tally": each,
                "figure": queries.figure_of(each, view, minimum),
            }
            for each in tallies
        ],
        missing=missing,
        columns=columns(len(view.levels)),
        units=[
            {"value": unit.code, "label": (request.lang == "en" and unit.name_en) or unit.name}
            for unit in await roster.units()
            if unit.active
        ],
        edits=request.actor.may(Role.COORDINATOR) and view.state is SessionState.OPEN,
        own=request.actor.person in view.editors,
        asked=request.actor.person == view.void_asked_by,
        may=request.actor.may(*WORKERS),
    )


@post("/ballots/{code:str}/counts", roles=(Role.COORDINATOR,), status_code=200)
async def enter(request: Request, code: FromPath[str]) -> Response[Any]:
    """Store the counts of one unit."""
    form = await forms.fields(request)
    view = await queries.session(read_code(code))
    try:
        tally = NewTally(
            Code(form.text("unit")),
            tuple(form.integer(f"level{place}") for place in range(len(view.levels))),
            form.integer("unknown", 0),
        )
        await commands.enter(request.actor, view.code, [tally], at=request.at)
    except Invalid as refusal:
        wrong = errors.renamed(refusal, "levels", "level0")
        return await _show(request, view, wrong, form)
    return redirect(request, f"/office/ballots/{view.code}?said=counts_entered")


@post("/ballots/{code:str}/import", roles=(Role.COORDINATOR,), status_code=200)
async def bring(request: Request, code: FromPath[str]) -> Response[Any]:
    """Take in a table of counts whole, or name every fault of it."""
    upload = (await forms.fields(request)).upload("file")
    view = await queries.session(read_code(code))
    if upload is None:
        return await _show(request, view, Invalid("form.faults", Fault("file", "form.required")))
    try:
        await commands.import_tallies(request.actor, view.code, *upload, at=request.at)
    except Invalid as refusal:
        return await _show(request, view, refusal, filename=upload[1])
    return redirect(request, f"/office/ballots/{view.code}?said=counts_entered")


@get("/ballots/{code:str}/counts.xlsx", roles=(Role.COORDINATOR,))
async def template(request: Request, code: FromPath[str]) -> Response[bytes]:
    """Give a table with every unit, to be filled in while the ballots are counted."""
    del request
    view = await queries.session(read_code(code))
    titles = columns(len(view.levels))
    rows = [(unit.name, *[""] * (len(titles) - 1)) for unit in await roster.units() if unit.active]
    layout = Layout(
        title=f"{view.title}计票表",
        watermark="",
        foot=("计票人：", "监票人：", "日期："),
        widths={titles[0]: 40},
    )
    return download(written(titles, rows, layout), f"{view.title}计票表.xlsx", XLSX)


@post("/ballots/{code:str}/steps/{step:str}", roles=WORKERS, status_code=200)
async def take(request: Request, code: FromPath[str], step: FromPath[str]) -> Response[Any]:
    """Hand the figures on, check them, give them back, or have a session declared void."""
    form = await forms.fields(request)
    view = await queries.session(read_code(code))
    actor, at, reason = request.actor, request.at, form.text("reason")
    try:
        if step == "hand-on":
            await commands.hand_on(actor, view.code, at=at)
        elif step == "check":
            await commands.check(actor, view.code, at=at, paper=forms.paper(request, form))
        elif step == "send-back":
            await commands.send_back(actor, view.code, reason, at=at)
        elif step == "void":
            await commands.ask_void(actor, view.code, reason, at=at)
        elif step == "confirm-void":
            await commands.void(actor, view.code, at=at, paper=forms.paper(request, form))
        elif step == "decline-void":
            await commands.decline_void(actor, view.code, at=at)
        else:
            raise Missing("session.missing")
    except Invalid as refusal:
        return await _show(request, view, refusal, form)
    return redirect(request, f"/office/ballots/{view.code}?said=saved")


handlers: list[Any] = [index, hold, show, enter, bring, template, take]
