"""Applying on a phone: the form, drafts, the check, the receipt."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from panel import entropy
from panel.accounts import commands as accounts
from panel.accounts.types import Counted
from panel.errors import Conflict, Forbidden, Invalid, Missing, Refusal
from panel.ids import Code, read_code
from panel.recruitment import queries
from panel.recruitment.commands import applications, drafts, nominations
from panel.recruitment.types.applications import (
    DECLARABLE,
    Applicant,
    ApplicationForm,
    Declared,
    Occupation,
    Proposal,
    Receipt,
)
from panel.recruitment.types.campaigns import CampaignView, Phase
from panel.roster import queries as roster
from web import errors, qr, session
from web.forms import Form, fields
from web.pages import Request, page, redirect
from web.text.campaigns import both, text, words

FIELDS: Final = (
    "name", "national_id", "phone", "district", "category", "occupation", "address", "employer",
    "hall",
)  # fmt: skip
WAIT: Final = 429
_ROWS: Final = 3
_MOST_ROWS: Final = 60


class Sheet(msgspec.Struct, frozen=True):
    """Which form a page shows: an application, a nominee's, or a change of the own one."""

    campaign: CampaignView
    action: str
    mode: str = "apply"
    carried: tuple[tuple[str, str], ...] = ()
    """Hidden fields that open what the form is about."""
    proposal: Proposal | None = None


async def sheet_of(request: Request, campaign: CampaignView, form: Form, caller: str) -> Sheet:
    """Tell which application a posted form is: a nominee brings number and consent code along."""
    action = f"/{request.lang}/recruitment/{campaign.code}/apply"
    number, code = form.text("nomination"), form.text("consent_code")
    if not number:
        return Sheet(campaign, action)
    proposal = await nominations.open_by_code(campaign.code, number, code, caller, at=request.at)
    carried = (("nomination", number), ("consent_code", code))
    return Sheet(campaign, action, "nominee", carried, proposal)


def rows_of(form: Form) -> int:
    """Return how many lines for recusals a form has."""
    typed = form.text("rows")
    rows = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < len("100") else _ROWS
    return min(max(rows, _ROWS), _MOST_ROWS)


def read(form: Form) -> ApplicationForm:
    """Return what was typed; a line for a recusal counts as soon as one half of it is filled."""
    lines = [(form.text(f"unit.{n}"), form.text(f"kind.{n}")) for n in range(rows_of(form))]
    return ApplicationForm(
        **{name: form.text(name) for name in FIELDS if name != "hall"},
        recusals=tuple(Declared(unit, kind) for unit, kind in lines if unit or kind),
        hall=Code(form.text("hall")) if form.text("hall") else None,
        consent=form.ticked("consent"),
    )


def typed_fields(form: Form) -> dict[str, str]:
    """Return everything typed, to be kept in a draft or carried through the check page."""
    kept = {name: form.text(name) for name in FIELDS}
    kept["rows"] = str(rows_of(form))
    for n in range(rows_of(form)):
        for name in (f"unit.{n}", f"kind.{n}"):
            if form.text(name):
                kept[name] = form.text(name)
    return kept


def faults_of(request: Request, refusal: Refusal | None) -> list[dict[str, str]]:
    """Return what the error summary of a form says."""
    if refusal is None:
        return []
    if isinstance(refusal, Invalid):
        return errors.texts(request, refusal)
    return [{"path": "", "text": errors.text_of(request.lang, refusal)}]


def status_of(refusal: Refusal | None) -> int:
    """Return the status of a form that is shown again."""
    if refusal is None:
        return 200
    return WAIT if refusal.code == "signin.wait" else int(errors.STATUS[type(refusal)])


async def form_page(
    request: Request, sheet: Sheet, form: Form, refusal: Refusal | None = None
) -> Response[str]:
    """Render the form with everything typed."""
    campaign = sheet.campaign
    named = await words(request.lang, campaign)
    terms = await queries.terms(campaign)
    english = request.lang == "en"
    halls = {
        hall.code: hall.name_en if english and hall.name_en else hall.name
        for hall in await roster.halls()
    }
    return page(
        request,
        "public/recruitment/new.html",
        status=status_of(refusal),
        faults=faults_of(request, refusal),
        campaign=campaign,
        sheet=sheet,
        title=text(request.lang, campaign, "title"),
        privacy=text(request.lang, campaign, "privacy"),
        values={name: form.text(name) for name in FIELDS},
        rows=[
            {"n": n, "unit": form.text(f"unit.{n}"), "kind": form.text(f"kind.{n}")}
            for n in range(rows_of(form))
        ],
        declared=any(form.text(f"unit.{n}") for n in range(rows_of(form))),
        employer_years=named.employer_years,
        consent=form.ticked("consent"),
        key=form.text("key") or entropy.key(),
        categories=named.choices("category")
        or [{"value": key, "label": key} for key in sorted(set(terms.categories.values()))],
        districts=[
            {"value": value, "label": named.value("district", value)} for value in terms.districts
        ],
        occupations=[
            {"value": each.value, "label": request.text(f"occupation.{each.value}")}
            for each in Occupation
        ],
        halls=[{"value": key, "label": name} for key, name in sorted(halls.items())],
        units=await unit_choices(request),
        kinds=[
            {"value": each.value, "label": request.text(f"exclusion.{each.value}")}
            for each in DECLARABLE
        ],
        may_save=sheet.mode != "change" and campaign.phase(request.at) is Phase.OPEN,
    )


async def unit_choices(request: Request, *, everyone: bool = False) -> list[dict[str, str]]:
    """Return the units in the reader's language for a list of choices."""
    english = request.lang == "en"
    return [
        {"value": unit.code, "label": unit.name_en if english and unit.name_en else unit.name}
        for unit in await roster.units()
        if unit.active or everyone
    ]


async def check_page(
    request: Request, sheet: Sheet, form: Form, applicant: Applicant
) -> Response[str]:
    """Render the page that shows what was understood, before it is sent."""
    named = await words(request.lang, sheet.campaign)
    units = {each["value"]: each["label"] for each in await unit_choices(request, everyone=True)}
    return page(
        request,
        "public/recruitment/check.html",
        sheet=sheet,
        title=text(request.lang, sheet.campaign, "title"),
        read=applicant,
        category=named.value("category", applicant.category),
        district=named.value("district", applicant.district),
        age_band=named.value("age_band", applicant.age_band),
        units=[
            request.text(
                "{unit} ({reason})",
                unit=units[each.unit],
                reason=request.text(f"exclusion.{each.kind.value}"),
            )
            for each in applicant.exclusions
        ],
        hidden_fields=[
            *typed_fields(form).items(),
            ("key", form.text("key")),
            ("consent", form.text("consent")),
            *sheet.carried,
        ],
    )


@get(both("/recruitment/{code:str}/apply"))
async def new(request: Request, code: FromPath[str]) -> Response[str]:
    """Show the form; outside its time lead back to the campaign's page, which tells why."""
    campaign = await queries.announced_campaign(read_code(code))
    if campaign.phase(request.at) is not Phase.OPEN:
        return redirect(request, f"/{request.lang}/recruitment/{campaign.code}")
    blank = Form({}, {})
    return await form_page(request, await sheet_of(request, campaign, blank, ""), blank)


@post(both("/recruitment/{code:str}/apply"), status_code=200)
async def create(request: Request, code: FromPath[str]) -> Response[str]:
    """Show the form again, keep a draft, check what was typed, or take it in once confirmed."""
    form = await fields(request)
    campaign = await queries.announced_campaign(read_code(code))
    caller = session.address(request)
    sheet = await sheet_of(request, campaign, form, caller)
    step = form.text("step")
    if step == "rows":
        form.fields["rows"] = [str(rows_of(form) + _ROWS)]
    if step in {"rows", "change", "start"}:
        return await form_page(request, sheet, form)
    await session.slow_down(request, Counted.SENDINGS)
    try:
        if step == "save":
            return await _save(request, sheet, form, caller)
        if step == "send":
            return await _send(request, sheet, form, caller)
        applicant = await queries.readable(
            campaign.code, read(form), at=request.at, proposal=sheet.proposal
        )
    except (Invalid, Conflict) as refusal:
        return await form_page(request, sheet, form, refusal)
    return await check_page(request, sheet, form, applicant)


async def _send(request: Request, sheet: Sheet, form: Form, caller: str) -> Response[str]:
    """Take the application in and answer with its receipt: the code stands in no address."""
    await accounts.note_sending(caller, at=request.at)
    receipt = await applications.apply(
        sheet.campaign.code,
        read(form),
        key=form.text("key"),
        at=request.at,
        proposal=sheet.proposal,
    )
    return receipt_page(request, sheet.campaign, receipt)


def receipt_page(request: Request, campaign: CampaignView, receipt: Receipt) -> Response[str]:
    """Render the receipt with a symbol that leads to the own application, without the code."""
    address = f"/{request.lang}/recruitment/{campaign.code}/own?ticket={receipt.ticket}"
    return page(
        request,
        "public/recruitment/receipt.html",
        campaign=campaign,
        title=text(request.lang, campaign, "title"),
        receipt=receipt,
        symbol=qr.svg(
            request.config.base_url.rstrip("/") + address,
            request.text("QR code of the page about your application"),
            quick=True,
        ),
    )


async def _save(request: Request, sheet: Sheet, form: Form, caller: str) -> Response[str]:
    """Keep what was typed as a draft, right or wrong, and show its code."""
    await accounts.note_sending(caller, at=request.at)
    saved = await drafts.save(
        sheet.campaign.code,
        {**typed_fields(form), **dict(sheet.carried)},
        key=form.text("key"),
        at=request.at,
    )
    return page(
        request,
        "public/recruitment/draft.html",
        campaign=sheet.campaign,
        title=text(request.lang, sheet.campaign, "title"),
        saved=saved,
        typed="",
    )


def _draft_page(
    request: Request, campaign: CampaignView, typed: str, refusal: Refusal | None = None
) -> Response[str]:
    return page(
        request,
        "public/recruitment/draft.html",
        status=status_of(refusal),
        faults=[{**each, "path": "draft"} for each in faults_of(request, refusal)],
        campaign=campaign,
        title=text(request.lang, campaign, "title"),
        saved=None,
        typed=typed,
    )


@get(both("/recruitment/{code:str}/draft"))
async def draft(request: Request, code: FromPath[str]) -> Response[str]:
    """Ask for the code of a draft."""
    return _draft_page(request, await queries.announced_campaign(read_code(code)), "")


@post(both("/recruitment/{code:str}/draft"), status_code=200)
async def resume(request: Request, code: FromPath[str]) -> Response[str]:
    """Show the form with what a draft holds."""
    form = await fields(request)
    campaign = await queries.announced_campaign(read_code(code))
    caller = await session.slow_down(request)
    try:
        kept = await drafts.open_draft(campaign.code, form.text("draft"), caller, at=request.at)
        typed = Form({name: [value] for name, value in kept.items()}, {})
        sheet = await sheet_of(request, campaign, typed, caller)
    except (Missing, Forbidden) as refusal:
        return _draft_page(request, campaign, form.text("draft"), refusal)
    return await form_page(request, sheet, typed)


handlers: list[Any] = [new, create, draft, resume]
