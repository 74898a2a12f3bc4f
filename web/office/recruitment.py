"""Recruitment at the office's desk: campaigns, import, screening."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any, Final

import xlsxwriter
from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Fault, Invalid
from panel.ids import Code, read_code
from panel.members import queries as members
from panel.recruitment import commands, queries
from panel.recruitment.types.applications import APPLICATION_COLUMNS
from panel.recruitment.types.campaigns import (
    CampaignDraft,
    CampaignKind,
    CampaignView,
    Phase,
    Reason,
    Screened,
    Verdict,
)
from panel.rulebook import queries as rulebook
from panel.vault import commands as vault
from panel.workdays import SHANGHAI
from web import errors
from web.forms import Form, fields
from web.office import draws
from web.pages import Request, download, page, redirect

PAGE: Final = 50
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EMPTY: Final = Form({}, {})


@get("/recruitment")
async def index(request: Request) -> Response[str]:
    """List the campaigns with where each stands."""
    return page(
        request,
        "office/recruitment/index.html",
        campaigns=[
            {"view": each, "phase": each.phase(request.at).value}
            for each in await queries.campaigns()
        ],
        may=request.actor.may(Role.COORDINATOR),
    )


@get("/recruitment/new")
async def new(request: Request) -> Response[str]:
    """Ask for a new campaign, filled with what the measures say."""
    return await _new(request, None, None)


async def _new(request: Request, form: Form | None, refusal: Invalid | None) -> Response[str]:
    recruitment = (await rulebook.current()).rulebook.recruitment
    kind = form.text("kind") if form else request.query_params.get("kind", "")
    serving = (await members.composition(request.at)).total
    missing = kind == CampaignKind.REPLACEMENT.value
    seats = max(recruitment.seats - serving, 1) if missing else recruitment.seats
    opens = request.at.astimezone(SHANGHAI).date() + dt.timedelta(
        days=recruitment.announce_days + 1
    )
    usual = {
        "seats": str(seats),
        "reserve": str(seats * recruitment.reserve_percent // 100),
        "term_months": str(recruitment.term_years * 12),
        "opens_on": opens.isoformat(),
        "closes_on": (opens + dt.timedelta(days=29)).isoformat(),
        "term_start": (opens + dt.timedelta(days=60)).isoformat(),
    }
    names = ("title", "title_en", "conditions", "conditions_en", "privacy", "privacy_en", *usual)
    return page(
        request,
        "office/recruitment/new.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        values={name: form.text(name) if form else usual.get(name, "") for name in names},
        two_offices=form.ticked("two_offices") if form else not request.config.small_team,
        kind=CampaignKind.REPLACEMENT.value if missing else CampaignKind.PANEL.value,
        serving=serving,
        cohorts=form.ticked("cohorts") if form else False,
        announce_days=recruitment.announce_days,
    )


def _draft(form: Form) -> CampaignDraft:
    """Read the form; days run from their first to their last minute in local time."""
    return CampaignDraft(
        title=form.text("title"),
        title_en=form.text("title_en"),
        seats=form.integer("seats"),
        reserve=form.integer("reserve"),
        opens_at=dt.datetime.combine(form.date("opens_on"), dt.time(), SHANGHAI),
        closes_at=dt.datetime.combine(
            form.date("closes_on") + dt.timedelta(days=1), dt.time(), SHANGHAI
        ),
        conditions=form.text("conditions"),
        conditions_en=form.text("conditions_en"),
        privacy=form.text("privacy"),
        privacy_en=form.text("privacy_en"),
        term_start=form.date("term_start"),
        term_months=form.integer("term_months"),
        two_offices=form.ticked("two_offices"),
        kind=_kind(form.text("kind")),
        cohorts=2 if form.ticked("cohorts") else 1,
    )


def _kind(text: str) -> CampaignKind:
    """Return what is recruited; a form that does not say means a whole panel."""
    return CampaignKind(text) if text in set(CampaignKind) else CampaignKind.PANEL


@post("/recruitment", roles=(Role.COORDINATOR,), status_code=200)
async def create(request: Request) -> Response[str]:
    """Store a campaign as a draft."""
    form = await fields(request)
    try:
        campaign = await commands.create(request.actor, _draft(form), at=request.at)
    except Invalid as refusal:
        return await _new(request, form, refusal)
    return redirect(request, f"/office/recruitment/{campaign.code}?said=campaign_created")


@get("/recruitment/{code:str}/import")
async def upload(request: Request, code: FromPath[str]) -> Response[str]:
    """Offer the import of applications on paper."""
    return await _upload(request, await queries.campaign(read_code(code)))


async def _upload(
    request: Request, campaign: CampaignView, refusal: Invalid | None = None, filename: str = ""
) -> Response[str]:
    """Render the import page, after a refusal with every fault by row and column."""
    found = [
        {
            "row": fault.values.get("row", ""),
            "column": fault.values.get("column", ""),
            "text": errors.text_of(request.lang, fault),
        }
        for fault in (refusal.faults if refusal else ())
    ]
    return page(
        request,
        "office/recruitment/upload.html",
        status=422 if refusal else 200,
        faults=[{"path": "file", "text": errors.text_of(request.lang, refusal)}] if refusal else [],
        found=found,
        total=refusal.values.get("total", len(found)) if refusal else 0,
        filename=filename,
        campaign=campaign,
        is_open=campaign.phase(request.at) is Phase.OPEN,
        columns=APPLICATION_COLUMNS,
    )


@post(
    "/recruitment/{code:str}/import", roles=(Role.COORDINATOR, Role.VETTING_CLERK), status_code=200
)
async def take_in(request: Request, code: FromPath[str]) -> Response[str]:
    """Take in a sheet whole, or name every fault."""
    form = await fields(request)
    campaign = await queries.campaign(read_code(code))
    given = form.upload("file")
    if given is None:
        return await _upload(request, campaign, Invalid("import.no_file"))
    data, filename = given
    try:
        await commands.import_applications(
            request.actor, campaign.code, data, filename, at=request.at
        )
    except Invalid as refusal:
        return await _upload(request, campaign, refusal, filename)
    return redirect(request, f"/office/recruitment/{campaign.code}?said=applications_imported")


@get("/recruitment/applications.xlsx")
async def template(request: Request) -> Response[bytes]:
    """Give an empty sheet whose cells are texts, so that Excel keeps every digit."""
    title = request.text("Applications")
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        text = book.add_format({"num_format": "@"})
        sheet = book.add_worksheet(title)
        sheet.set_column(0, len(APPLICATION_COLUMNS) - 1, 18, text)
        sheet.write_row(0, 0, APPLICATION_COLUMNS, book.add_format({"bold": True, "bottom": 1}))
        sheet.freeze_panes(1, 0)
    return download(file.getvalue(), f"{title}.xlsx", XLSX)


@get(
    "/recruitment/{code:str}/screening", roles=(Role.COORDINATOR, Role.VETTING_CLERK, Role.AUDITOR)
)
async def screening(request: Request, code: FromPath[str]) -> Response[str]:
    """Show the applications that await a verdict, by filter, with the bulk action."""
    campaign = await queries.campaign(read_code(code))
    return await _screening(request, campaign)


async def _screening(
    request: Request, campaign: CampaignView, refusal: Invalid | None = None
) -> Response[str]:
    chosen = _filter(request)
    waiting = chosen["waiting"]
    words = await draws.words_of(request, campaign)
    wanted = _wanted(request, chosen)
    total = await queries.count_of(campaign, wanted)
    number = max(1, request.number("page"))
    shown = await queries.applications_of(campaign, wanted, skip=(number - 1) * PAGE, limit=PAGE)
    query = "".join(f"&{name}={value}" for name, value in chosen.items() if value)
    return page(
        request,
        "office/recruitment/screening.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        campaign=campaign,
        progress=await queries.progress(campaign),
        now_screening=campaign.phase(request.at) is Phase.SCREENING,
        may=request.actor.may(Role.VETTING_CLERK, Role.COORDINATOR),
        chosen=chosen,
        open_ones=waiting != "settled",
        applications=[
            {
                "view": each,
                "category": words.value("category", each.category),
                "district": words.value("district", each.district),
                "age_band": words.value("age_band", each.age_band),
                "sex": words.value("sex", each.sex),
            }
            for each in shown
        ],
        total=total,
        categories=words.choices("category"),
        districts=words.choices("district"),
        reasons=[each.value for each in Reason],
        following=f"?page={number + 1}{query}" if number * PAGE < total else None,
        previous=f"?page={number - 1}{query}" if number > 1 else None,
        number_of_page=number,
    )


def _filter(request: Request, form: Form | None = None) -> dict[str, str]:
    """Read the filter from the address or from the form that repeats it."""
    names = ("waiting", "category", "district")
    if form is not None:
        return {name: form.text(name) for name in names}
    return {name: request.query_params.get(name, "") for name in names}


def _wanted(request: Request, chosen: dict[str, str]) -> Screened:
    """Return which applications a filter means; open ones only as far as this person may judge."""
    settled = chosen["waiting"] == "settled"
    return Screened(
        category=chosen["category"],
        district=chosen["district"],
        waiting="" if settled else chosen["waiting"],
        settled=settled,
        unjudged_by=None if settled else request.actor.person,
    )


@post(
    "/recruitment/{code:str}/screening",
    roles=(Role.COORDINATOR, Role.VETTING_CLERK),
    status_code=200,
)
async def vet(request: Request, code: FromPath[str]) -> Response[str]:
    """Give one verdict to the ticked applications, or to all that match the filter."""
    form = await fields(request)
    campaign = await queries.campaign(read_code(code))
    chosen = _filter(request, form)
    tickets = [Code(each) for each in form.many("ticket")]
    if form.text("scope") == "all":
        tickets = await queries.tickets_of(campaign, _wanted(request, chosen))
    verdict = form.text("verdict")
    try:
        if verdict not in set(Verdict):
            raise Invalid("form.faults", Fault("verdict", "form.required"))  # noqa: TRY301
        if not tickets:
            raise Invalid("form.faults", Fault("ticket", "vetting.nothing_ticked"))  # noqa: TRY301
        await commands.vet(
            request.actor,
            campaign.code,
            tickets,
            Verdict(verdict),
            form.text("reason"),
            at=request.at,
        )
    except Invalid as refusal:
        return await _screening(request, campaign, refusal)
    query = "".join(f"&{name}={value}" for name, value in chosen.items() if value)
    address = f"/office/recruitment/{campaign.code}/screening"
    return redirect(request, f"{address}?said=verdicts_given{query}")


@get(
    "/recruitment/{code:str}/applications/{ticket:str}",
    roles=(Role.COORDINATOR, Role.VETTING_CLERK, Role.AUDITOR),
)
async def application(
    request: Request, code: FromPath[str], ticket: FromPath[str]
) -> Response[str]:
    """Show one application without the person."""
    return await _application(request, read_code(code), read_code(ticket))


async def _application(request: Request, code: Code, ticket: Code, **context: Any) -> Response[str]:
    campaign = await queries.campaign(code)
    words = await draws.words_of(request, campaign)
    found = await queries.application(campaign, ticket)
    return page(
        request,
        "office/recruitment/application.html",
        campaign=campaign,
        found=found,
        category=words.value("category", found.category),
        district=words.value("district", found.district),
        age_band=words.value("age_band", found.age_band),
        sex=words.value("sex", found.sex),
        **{"identity": None, "reason": "", **context},
    )


@post(
    "/recruitment/{code:str}/applications/{ticket:str}/look",
    roles=(Role.COORDINATOR, Role.VETTING_CLERK),
    status_code=200,
)
async def look(request: Request, code: FromPath[str], ticket: FromPath[str]) -> Response[str]:
    """Show who applied: with a reason, on the record, and visible to that person."""
    request.actor.require(Role.VETTING_CLERK, Role.COORDINATOR)
    form = await fields(request)
    campaign = await queries.campaign(read_code(code))
    found = await queries.application(campaign, read_code(ticket))
    try:
        identity = await vault.look(
            request.actor,
            found.person,
            ("name", "phone", "national_id", "address", "employer"),
            form.text("reason"),
            at=request.at,
        )
    except Invalid as refusal:
        faults = errors.texts(request, refusal)
        return await _application(request, campaign.code, found.ticket, faults=faults, status=422)
    return await _application(
        request, campaign.code, found.ticket, identity=identity, reason=form.text("reason")
    )


handlers: list[Any] = [
    index, new, create, template, upload, take_in, screening, vet, application,
    look, *draws.handlers,
]  # fmt: skip
