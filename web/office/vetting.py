"""Vetting offices at the clerk's desk: lists that go out, stamped replies, hits one by one."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Invalid
from panel.ids import read_code
from panel.recruitment import commands, queries
from panel.recruitment.queries import staff
from panel.recruitment.queries import vetting as lists
from panel.recruitment.types.campaigns import CampaignView, Phase
from panel.recruitment.types.vetting import LIST_COLUMNS, ListState, ListView
from panel.vault.types import Identity
from panel.workdays import SHANGHAI
from web import errors, forms, spreadsheets
from web.forms import Form, fields
from web.i18n import gettext
from web.office.imports import listed
from web.pages import Request, download, page, redirect
from web.text import campaigns, vetting

CLERKS: Final = (Role.COORDINATOR, Role.VETTING_CLERK)
READERS: Final = (*CLERKS, Role.AUDITOR)
EMPTY: Final = Form({}, {})
_SEXES: Final = ("女", "男")
_WIDTHS: Final = {"身份证号": 22, "工作单位": 26, "原因": 30}
_SEQUENCE: Final = 16


@get("/recruitment/{code:str}/vetting", roles=READERS)
async def index(request: Request, code: FromPath[str]) -> Response[str]:
    """Show the lists to offices with where each stands, and what is open besides."""
    return await _index(request, await queries.campaign(read_code(code)))


async def _index(
    request: Request,
    campaign: CampaignView,
    refusal: Invalid | None = None,
    form: Form = EMPTY,
) -> Response[str]:
    on_lists = [each for each in await staff.staff_hits() if each.campaign == campaign.code]
    return page(
        request,
        "office/vetting/index.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        campaign=campaign,
        title=campaigns.text(request.lang, campaign, "title"),
        lists=await lists.lists(campaign),
        progress=await queries.progress(campaign),
        unsettled=await queries.settled(campaign, request.at),
        staff_hits=len(on_lists),
        now_screening=campaign.phase(request.at) is Phase.SCREENING,
        may=request.actor.may(*CLERKS),
        form_values=form,
    )


@post("/recruitment/{code:str}/vetting", roles=CLERKS, status_code=200)
async def create(request: Request, code: FromPath[str]) -> Response[str]:
    """Put everybody whom an office has still to check on a list to it."""
    form = await fields(request)
    campaign = await queries.campaign(read_code(code))
    try:
        made = await commands.send_list(
            request.actor,
            campaign.code,
            form.text("office"),
            disputed=form.text("scope") == "disputed",
            at=request.at,
        )
    except Invalid as refusal:
        return await _index(request, campaign, refusal, form)
    return redirect(request, _address(campaign, made))


def _address(campaign: CampaignView, sheet: ListView) -> str:
    return f"/office/recruitment/{campaign.code}/vetting/{sheet.code}"


async def _found(code: str, sheet: str) -> tuple[CampaignView, ListView]:
    """Return a list of this very campaign."""
    campaign = await queries.campaign(read_code(code))
    return campaign, await lists.vetting_list(campaign, read_code(sheet))


@get("/recruitment/{code:str}/vetting/{sheet:str}", roles=READERS)
async def show(request: Request, code: FromPath[str], sheet: FromPath[str]) -> Response[str]:
    """Show one list: fetch it, enter the reply, decide the hits."""
    campaign, found = await _found(code, sheet)
    return await _show(request, campaign, found)


async def _show(
    request: Request,
    campaign: CampaignView,
    sheet: ListView,
    refusal: Invalid | None = None,
    form: Form = EMPTY,
) -> Response[str]:
    words = await campaigns.words(request.lang, campaign)
    reasons = await queries.reasons(campaign)
    by_row = refusal is not None and refusal.code == "import.faults"
    return page(
        request,
        "office/vetting/show.html",
        status=422 if refusal else 200,
        faults=_faults(request, refusal),
        campaign=campaign,
        title=campaigns.text(request.lang, campaign, "title"),
        sheet=sheet,
        is_out=sheet.state is ListState.SENT,
        found=listed(request, refusal) if by_row else [],
        total=refusal.values.get("total", 0) if by_row and refusal else 0,
        hits=[
            {
                "view": each,
                "category": words.value("category", each.category),
                "district": words.value("district", each.district),
                "reason": vetting.reason(request.lang, reasons, each.hit),
            }
            for each in await lists.hits(sheet)
        ],
        reasons=vetting.choices(request.lang, reasons),
        now_screening=campaign.phase(request.at) is Phase.SCREENING,
        may=request.actor.may(*CLERKS),
        form_values=form,
    )


def _faults(request: Request, refusal: Invalid | None) -> list[dict[str, str]]:
    """Return the faults of a form by field, those of a sheet as one."""
    if refusal is None:
        return []
    if refusal.code.startswith("import."):
        return [{"path": "file", "text": errors.text_of(request.lang, refusal)}]
    return errors.texts(request, refusal)


@post("/recruitment/{code:str}/vetting/{sheet:str}/file", roles=CLERKS, status_code=200)
async def file(request: Request, code: FromPath[str], sheet: FromPath[str]) -> Response[bytes]:
    """Give a list as a spreadsheet; every name in it is a look that the applicant can see."""
    request.actor.require(*CLERKS)
    campaign, found = await _found(code, sheet)
    people = await commands.open_list(request.actor, campaign.code, found.code, at=request.at)
    reasons = [each["label"] for each in vetting.choices("zh", await queries.reasons(campaign))]
    ordered = sorted(people, key=lambda each: each[2].name.encode("gb18030", "replace"))
    rows = [_line(found, ticket, identity) for ticket, _, identity in ordered]
    data = await asyncio.to_thread(
        spreadsheets.written, LIST_COLUMNS, rows, _layout(request, campaign, found, reasons)
    )
    return download(data, f"{found.office}-{found.code}.xlsx", spreadsheets.XLSX)


def _line(sheet: ListView, ticket: str, identity: Identity) -> tuple[str, ...]:
    """Return one line with its check code; the last two cells are the office's."""
    number = identity.national_id
    sex = _SEXES[int(number[_SEQUENCE]) % 2] if len(number) > _SEQUENCE else ""
    check = lists.check_code(sheet.code, ticket, identity.name, number)
    return (ticket, identity.name, sex, number, identity.employer, check, "", "")


def _layout(
    request: Request, campaign: CampaignView, sheet: ListView, reasons: list[str]
) -> spreadsheets.Layout:
    """Return what stands around a list; in Chinese, as the offices work."""
    day = request.at.astimezone(SHANGHAI)
    name = request.actor.name
    return spreadsheets.Layout(
        title=gettext("zh", "{campaign}: names for vetting by {office}", campaign=campaign.title,
                      office=sheet.office),
        watermark=gettext("zh", "Internal · {office} · {sheet} · {name} · {time}",
                          office=sheet.office, sheet=sheet.code, name=name,
                          time=f"{day:%Y-%m-%d %H:%M}"),
        foot=(
            gettext("zh", "Made by: {name}", name=name),
            gettext("zh", "Checked by:"),
            gettext("zh", "Date: {day}", day=f"{day:%Y-%m-%d}"),
        ),
        widths=_WIDTHS,
        choices={
            "审查意见": spreadsheets.Choice("审查意见", ("通过", "不通过")),
            "原因": spreadsheets.Choice("原因", tuple(reasons)),
        },
    )  # fmt: skip


@post("/recruitment/{code:str}/vetting/{sheet:str}/reply", roles=CLERKS, status_code=200)
async def reply(request: Request, code: FromPath[str], sheet: FromPath[str]) -> Response[str]:
    """Take in an office's stamped reply with its document number and scan."""
    request.actor.require(*CLERKS)
    form = await fields(request)
    campaign, found = await _found(code, sheet)
    given = form.upload("file")
    try:
        if given is None:
            raise Invalid("import.no_file")  # noqa: TRY301
        await commands.take_reply(
            request.actor,
            campaign.code,
            found.code,
            *given,
            at=request.at,
            paper=forms.signed(request, form),
            words=vetting.words(await queries.reasons(campaign)),
        )
    except Invalid as refusal:
        return await _show(request, campaign, found, refusal, form)
    return redirect(request, f"{_address(campaign, found)}?said=reply_taken")


@post(
    "/recruitment/{code:str}/vetting/{sheet:str}/hits/{ticket:str}", roles=CLERKS, status_code=200
)
async def decide(
    request: Request, code: FromPath[str], sheet: FromPath[str], ticket: FromPath[str]
) -> Response[str]:
    """Decide what an office found about one applicant."""
    form = await fields(request)
    campaign, found = await _found(code, sheet)
    try:
        await commands.decide_hit(
            request.actor,
            campaign.code,
            found.code,
            read_code(ticket),
            confirm=form.text("decision") == "confirm",
            reason=form.text("reason"),
            at=request.at,
        )
    except Invalid as refusal:
        return await _show(request, campaign, found, refusal)
    return redirect(request, f"{_address(campaign, found)}?said=hit_decided")


@post("/recruitment/{code:str}/vetting/{sheet:str}/recall", roles=CLERKS, status_code=200)
async def recall(request: Request, code: FromPath[str], sheet: FromPath[str]) -> Response[str]:
    """Call a list back that its office will not answer."""
    form = await fields(request)
    campaign, found = await _found(code, sheet)
    try:
        await commands.recall_list(
            request.actor, campaign.code, found.code, form.text("reason"), at=request.at
        )
    except Invalid as refusal:
        return await _show(request, campaign, found, refusal, form)
    return redirect(request, f"/office/recruitment/{campaign.code}/vetting?said=list_recalled")


handlers: list[Any] = [index, create, show, file, reply, decide, recall]
