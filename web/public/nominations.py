"""Nominations: the organisation's signed form, and the nominee who consents or refuses."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel import entropy
from panel.accounts import commands as accounts
from panel.accounts.types import Counted
from panel.errors import Closed, Conflict, Fault, Forbidden, Invalid, Missing, Refusal
from panel.ids import read_code
from panel.notices.types import Channel
from panel.recruitment import queries
from panel.recruitment.commands import nominations as commands
from panel.recruitment.types.applications import (
    Nominated,
    NominationForm,
    NominationState,
    Proposal,
)
from panel.recruitment.types.campaigns import CONSENTING, CampaignView, Phase
from panel.vault.types import Attached
from web import images, qr, session
from web.forms import Form, fields
from web.pages import Request, page, redirect
from web.public.applications import faults_of, status_of
from web.text.campaigns import both, text
from web.transports import reaches

FIELDS: Final = (
    "organisation", "post", "name", "phone", "nominee", "reasons", "nominee_phone",
    "nominee_email",
)  # fmt: skip


def _form_page(
    request: Request, campaign: CampaignView, form: Form, refusal: Refusal | None = None
) -> Response[str]:
    return page(
        request,
        "public/recruitment/nominate.html",
        status=status_of(refusal),
        faults=faults_of(request, refusal),
        campaign=campaign,
        title=text(request.lang, campaign, "title"),
        values={name: form.text(name) for name in FIELDS},
        duty=form.ticked("duty"),
        key=form.text("key") or entropy.key(),
        accept=images.ACCEPT,
    )


@get(both("/recruitment/{code:str}/nominate"))
async def new(request: Request, code: FromPath[str]) -> Response[str]:
    """Show the organisation's form; outside the time of applying lead to the campaign's page."""
    campaign = await queries.announced_campaign(read_code(code))
    if campaign.phase(request.at) is not Phase.OPEN:
        return redirect(request, f"/{request.lang}/recruitment/{campaign.code}")
    return _form_page(request, campaign, Form({}, {}))


@post(both("/recruitment/{code:str}/nominate"), status_code=200)
async def create(request: Request, code: FromPath[str]) -> Response[str]:
    """File the nomination and answer with its number and the nominee's consent code."""
    campaign = await queries.announced_campaign(read_code(code))
    form = await fields(request)
    caller = await session.slow_down(request, Counted.SENDINGS)
    await accounts.note_sending(caller, at=request.at)
    typed = NominationForm(**{name: form.text(name) for name in FIELDS}, duty=form.ticked("duty"))
    try:
        scan, fault = await _scan(form)
        nominated = await commands.nominate(
            campaign.code, typed, scan, key=form.text("key"), at=request.at, fault=fault
        )
    except (Invalid, Conflict, Forbidden) as refusal:
        return _form_page(request, campaign, form, refusal)
    return _filed(request, campaign, nominated, typed)


async def _scan(form: Form) -> tuple[Attached | None, Fault | None]:
    """Return the scan made anew, or what is wrong with it, to be told with the other faults."""
    given = form.upload("scan")
    if given is None:
        return None, Fault("scan", "form.required")
    try:
        return await images.clean(given[0], "scan"), None
    except Invalid as refusal:
        return None, refusal.faults[0]


def _filed(
    request: Request, campaign: CampaignView, nominated: Nominated, typed: NominationForm
) -> Response[str]:
    """Show what to hand to the nominee; the consent code stands in no address."""
    address = f"/{request.lang}/recruitment/{campaign.code}/nomination?number={nominated.number}"
    return page(
        request,
        "public/recruitment/nominated.html",
        campaign=campaign,
        title=text(request.lang, campaign, "title"),
        nominated=nominated,
        organisation=typed.organisation,
        direct=nominated.invited
        and (Channel.SMS if typed.nominee_phone.strip() else Channel.EMAIL)
        in reaches(request.config),
        symbol=qr.svg(
            request.config.base_url.rstrip("/") + address,
            request.text("QR code of the page where the nominee answers"),
        ),
    )


def _door(
    request: Request, campaign: CampaignView, form: Form, refusal: Refusal | None = None
) -> Response[str]:
    """Ask for number and consent code; a refusal keeps both as typed."""
    return page(
        request,
        "public/recruitment/nomination.html",
        status=status_of(refusal),
        faults=[{**each, "path": "nomination"} for each in faults_of(request, refusal)],
        campaign=campaign,
        title=text(request.lang, campaign, "title"),
        nomination=form.text("nomination"),
        code=form.text("consent_code"),
    )


@get(both("/recruitment/{code:str}/nomination"))
async def door(request: Request, code: FromPath[str]) -> Response[str]:
    """Ask the nominee for the consent code; the number may stand in the address."""
    campaign = await queries.announced_campaign(read_code(code))
    number = request.query_params.get("number", "")
    return _door(request, campaign, Form({"nomination": [number]}, {}))


@post(both("/recruitment/{code:str}/nomination"), status_code=200)
async def show(request: Request, code: FromPath[str]) -> Response[str]:
    """Show the nominee who nominates and why, and take a refusal."""
    form = await fields(request)
    campaign = await queries.announced_campaign(read_code(code))
    caller = await session.slow_down(request)
    number, secret = form.text("nomination"), form.text("consent_code")
    try:
        proposal = await commands.open_by_code(campaign.code, number, secret, caller, at=request.at)
    except (Missing, Forbidden) as refusal:
        return _door(request, campaign, form, refusal)
    refused = None
    if form.text("step") == "refuse":
        try:
            await commands.refuse(proposal.view, at=request.at)
        except (Conflict, Closed) as refusal:
            refused = refusal
        proposal = await commands.open_by_code(campaign.code, number, secret, caller, at=request.at)
    return _consent_page(request, campaign, form, proposal, refused)


def _consent_page(
    request: Request,
    campaign: CampaignView,
    form: Form,
    proposal: Proposal,
    refusal: Refusal | None,
) -> Response[str]:
    view = proposal.view
    running = view.consent_until is not None and request.at <= view.consent_until
    return page(
        request,
        "public/recruitment/consent.html",
        status=status_of(refusal),
        faults=faults_of(request, refusal),
        campaign=campaign,
        title=text(request.lang, campaign, "title"),
        proposal=proposal,
        told=request.text(f"nomination.told.{view.state.value}"),
        may_answer=running
        and view.state is NominationState.PENDING
        and campaign.phase(request.at) in CONSENTING,
        carried=[
            ("nomination", form.text("nomination")),
            ("consent_code", form.text("consent_code")),
        ],
    )


handlers: list[Any] = [new, create, door, show]
