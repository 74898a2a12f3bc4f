"""From lists to seats at the office's desk: publishing, the number, voiding, own choices."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Conflict, Fault, Invalid
from panel.ids import PersonId, read_code
from panel.recruitment import queries
from panel.recruitment.commands import choice as choosing
from panel.recruitment.commands import publication as commands
from panel.recruitment.queries.pool import pool
from panel.recruitment.types.campaigns import CampaignView
from panel.recruitment.types.paper import PaperAct
from panel.recruitment.types.runs import (
    CHOICE_COLUMNS,
    Demand,
    DemandKind,
    Reading,
    Source,
    SourceKind,
)
from web import errors
from web.forms import Form, fields
from web.office import signatures
from web.office.lottery import EMPTY, run_of, run_page
from web.pages import Request, download, page, redirect
from web.text.campaigns import words as words_of

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SHOWN: Final = ("category", "district", "sex", "age_band")
ROLES: Final = (Role.COORDINATOR, Role.PUBLISHER)


def _source(form: Form) -> Source:
    kind = form.text("kind")
    if kind not in set(SourceKind):
        raise Invalid("form.faults", Fault("kind", "form.required"))
    return Source(
        kind=SourceKind(kind),
        on=form.date("on"),
        game=form.text("game"),
        issue=form.text("issue"),
        office=form.text("office"),
        place=form.text("place"),
    )


@post("/recruitment/{code:str}/lottery/{run:str}/publish", roles=ROLES, status_code=200)
async def publish(request: Request, code: FromPath[str], run: FromPath[str]) -> Response[str]:
    """Make the lists public with where their number will come from."""
    form = await fields(request)
    view = await run_of(code, run)
    try:
        await commands.publish(
            request.actor,
            view.code,
            None if form.text("kind") == "none" else _source(form),
            at=request.at,
            paper=await signatures.confirmed(request, form, PaperAct.PUBLISH, view.code),
        )
    except Invalid as refusal:
        return await run_page(request, view, refusal, form)
    return redirect(request, f"/office/recruitment/{code}/lottery/{run}?said=lottery_published")


@post(
    "/recruitment/{code:str}/lottery/{run:str}/number",
    roles=(Role.COORDINATOR, Role.PUBLISHER, Role.REVIEWER),
    status_code=200,
)
async def enter_number(request: Request, code: FromPath[str], run: FromPath[str]) -> Response[str]:
    """Enter the number that one person read; a difference tells both to look again."""
    form = await fields(request)
    view = await run_of(code, run)
    reading = Reading(form.text("issue"), form.text("value"), form.text("document"))
    try:
        drawn = await commands.enter_number(request.actor, view.code, reading, at=request.at)
    except Invalid as refusal:
        return await run_page(request, view, refusal, form)
    except Conflict as refusal:
        if refusal.code != "lottery.numbers_differ":
            raise
        return await run_page(request, await run_of(code, run), refusal)
    said = "lottery_drawn" if drawn.number is not None else "number_entered"
    return redirect(request, f"/office/recruitment/{code}/lottery/{run}?said={said}")


@post("/recruitment/{code:str}/lottery/{run:str}/ask", roles=ROLES, status_code=200)
async def ask(request: Request, code: FromPath[str], run: FromPath[str]) -> Response[str]:
    """Ask for a run to be void, or for the next issue to count."""
    form = await fields(request)
    view = await run_of(code, run)
    following = form.text("what") == DemandKind.NEXT_ISSUE
    try:
        demand = Demand(
            kind=DemandKind.NEXT_ISSUE if following else DemandKind.VOID,
            reason=form.text("reason"),
            person=request.actor.person or PersonId(0),
            at=request.at,
            issue=form.text("issue") if following else "",
            on=_day(form) if following else None,
        )
        await commands.ask(request.actor, view.code, demand, at=request.at)
    except Invalid as refusal:
        return await run_page(request, view, refusal, form)
    return redirect(request, f"/office/recruitment/{code}/lottery/{run}?said=lottery_asked")


def _day(form: Form) -> dt.date:
    return form.date("on")


@post("/recruitment/{code:str}/lottery/{run:str}/settle", roles=ROLES, status_code=200)
async def settle(request: Request, code: FromPath[str], run: FromPath[str]) -> Response[str]:
    """Agree to what another person asked for, or turn it down."""
    form = await fields(request)
    view = await run_of(code, run)
    try:
        await commands.settle(
            request.actor,
            view.code,
            agreed=form.text("agreed") == "yes",
            at=request.at,
            paper=await signatures.confirmed(request, form, PaperAct.SETTLE, view.code),
            asked=_moment(form.text("asked")),
        )
    except Invalid as refusal:
        return await run_page(request, view, refusal, form)
    return redirect(request, f"/office/recruitment/{code}/lottery/{run}?said=lottery_settled")


def _moment(text: str) -> dt.datetime | None:
    """Return the moment that the page told; nothing where it told none."""
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        return None


@get("/recruitment/{code:str}/choice", roles=(Role.COORDINATOR,))
async def choice(request: Request, code: FromPath[str]) -> Response[str]:
    """Offer the organiser's own choice, for a pool too small to draw from."""
    return await _choice(request, await queries.campaign(read_code(code)))


async def _choice(
    request: Request,
    campaign: CampaignView,
    refusal: Invalid | Conflict | None = None,
    form: Form = EMPTY,
) -> Response[str]:
    words = await words_of(request.lang, campaign)
    quotas = refusal.values.get("quotas", ()) if refusal else ()
    sheet = isinstance(refusal, Invalid) and any("row" in each.values for each in refusal.faults)
    rows = refusal.faults if isinstance(refusal, Invalid) and sheet else ()
    named = "、".join(words.quota(each) for each in quotas) if isinstance(quotas, tuple) else ""
    told = []
    if isinstance(refusal, Invalid) and not rows:
        told = errors.texts(request, refusal)
    elif refusal is not None:
        told = [
            {
                "path": "file",
                "text": request.text(refusal.code, **{**refusal.values, "quotas": named}),
            }
        ]
    return page(
        request,
        "office/recruitment/choice.html",
        status=errors.STATUS[type(refusal)] if refusal else 200,
        faults=told,
        found=[
            {"row": each.values.get("row", ""), "text": errors.text_of(request.lang, each)}
            for each in rows
        ],
        campaign=campaign,
        eligible=len(await pool(campaign)),
        reason=form.text("reason"),
    )


@get("/recruitment/{code:str}/choice.xlsx", roles=(Role.COORDINATOR,))
async def choice_sheet(request: Request, code: FromPath[str]) -> Response[bytes]:
    """Give the sheet of all eligible tickets with their features, to be filled in."""
    campaign = await queries.campaign(read_code(code))
    words = await words_of(request.lang, campaign)
    import xlsxwriter

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        text = book.add_format({"num_format": "@"})
        sheet = book.add_worksheet(request.text("Own choice"))
        sheet.set_column(0, len(CHOICE_COLUMNS) - 1, 16, text)
        sheet.write_row(0, 0, CHOICE_COLUMNS, book.add_format({"bold": True, "bottom": 1}))
        for place, each in enumerate(await pool(campaign), 1):
            values = dict(each.features)
            row = [each.ticket, *(words.value(name, values[name]) for name in _SHOWN)]
            for column, value in enumerate(row):
                sheet.write_string(place, column, value, text)
        sheet.freeze_panes(1, 1)
    return download(file.getvalue(), f"choice-{campaign.code}.xlsx", XLSX)


@post("/recruitment/{code:str}/choice", roles=(Role.COORDINATOR,), status_code=200)
async def choose(request: Request, code: FromPath[str]) -> Response[str]:
    """Propose the organiser's own choice from the filled-in sheet."""
    form = await fields(request)
    campaign = await queries.campaign(read_code(code))
    given = form.upload("file")
    try:
        if given is None:
            raise Invalid("form.faults", Fault("file", "import.no_file"))  # noqa: TRY301
        view = await choosing.choose_from(
            request.actor, campaign.code, *given, form.text("reason"), at=request.at
        )
    except (Conflict, Invalid) as refusal:
        return await _choice(request, campaign, refusal, form)
    return redirect(request, f"/office/recruitment/{code}/lottery/{view.code}")


handlers: list[Any] = [
    publish, enter_number, ask, settle, choice, choice_sheet, choose,
]  # fmt: skip
