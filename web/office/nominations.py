"""Nominations at the office's desk: who nominated, with a logged look; withdrawal; the bar."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Conflict, Invalid, Refusal
from panel.ids import read_code
from panel.recruitment import queries
from panel.recruitment.commands import nominations as commands
from panel.recruitment.queries import nominations as reads
from panel.recruitment.types.applications import NominationState, NominationView, Proposal
from panel.recruitment.types.campaigns import CampaignView
from panel.vault import commands as vault
from panel.vault import queries as identities
from panel.vault.types import Identity
from web import qr
from web.forms import fields
from web.pages import Request, page, redirect
from web.public.applications import faults_of, status_of
from web.text.campaigns import text

_READERS = (Role.COORDINATOR, Role.VETTING_CLERK, Role.AUDITOR)
_LOOKING = (Role.COORDINATOR, Role.VETTING_CLERK)


@get("/recruitment/{code:str}/nominations", roles=_READERS)
async def index(request: Request, code: FromPath[str]) -> Response[str]:
    """List the nominations of a campaign, without the names of people."""
    campaign = await queries.campaign(read_code(code))
    found = await reads.nominations(campaign)
    return page(
        request,
        "office/recruitment/nominations.html",
        campaign=campaign,
        title=text(request.lang, campaign, "title"),
        nominations=found,
        pending=sum(each.state is NominationState.PENDING for each in found),
    )


async def _found(code: str, number: str) -> tuple[CampaignView, NominationView]:
    campaign = await queries.campaign(read_code(code))
    return campaign, await reads.nomination(campaign.code, read_code(number))


async def _page(
    request: Request,
    campaign: CampaignView,
    view: NominationView,
    *,
    refusal: Refusal | None = None,
    contact: Identity | None = None,
    proposal: Proposal | None = None,
    scan: str = "",
    typed: dict[str, str] | None = None,
) -> Response[str]:
    return page(
        request,
        "office/recruitment/nomination.html",
        status=status_of(refusal),
        faults=faults_of(request, refusal),
        campaign=campaign,
        title=text(request.lang, campaign, "title"),
        view=view,
        ticket=await reads.ticket_of(view),
        bar=await reads.bar_of(view),
        may_look=request.actor.may(*_LOOKING),
        may_bar=request.actor.may(Role.COORDINATOR),
        may_withdraw=request.actor.may(Role.COORDINATOR) and view.state is NominationState.PENDING,
        contact=contact,
        proposal=proposal,
        scan=scan,
        typed=typed or {},
    )


@get("/recruitment/{code:str}/nominations/{number:str}", roles=_READERS)
async def show(request: Request, code: FromPath[str], number: FromPath[str]) -> Response[str]:
    """Show one nomination; who signed it takes a logged look."""
    return await _page(request, *await _found(code, number))


@post(
    "/recruitment/{code:str}/nominations/{number:str}/look",
    roles=_LOOKING,
    status_code=200,
)
async def look(request: Request, code: FromPath[str], number: FromPath[str]) -> Response[str]:
    """Show who nominated whom and why, with the stamped form: with a reason, on the record."""
    form = await fields(request)
    campaign, view = await _found(code, number)
    try:
        contact = await vault.look(
            request.actor, view.nominator, ("name", "phone"), form.text("reason"), at=request.at
        )
    except Invalid as refusal:
        return await _page(request, campaign, view, refusal=refusal)
    scan = ""
    if view.scan is not None:
        kept = await identities.attachment(view.nominator, view.scan)
        scan = f"data:{kept.media};base64,{b64encode(kept.data).decode()}"
    opened = await reads.opened(view)
    return await _page(request, campaign, view, contact=contact, proposal=opened, scan=scan)


@post("/recruitment/{code:str}/nominations/{number:str}/withdraw", roles=(Role.COORDINATOR,))
async def withdraw(request: Request, code: FromPath[str], number: FromPath[str]) -> Response[str]:
    """Take a nomination back that nobody consented to, at its organisation's wish."""
    form = await fields(request)
    campaign, view = await _found(code, number)
    typed = {"withdrawal": form.text("withdrawal")}
    try:
        await commands.withdraw(request.actor, view, typed["withdrawal"], at=request.at)
    except (Invalid, Conflict) as refusal:
        return await _page(request, campaign, view, refusal=refusal, typed=typed)
    return _back(request, campaign, view)


@post(
    "/recruitment/{code:str}/nominations/{number:str}/slip",
    roles=(Role.COORDINATOR,),
    status_code=200,
)
async def slip(request: Request, code: FromPath[str], number: FromPath[str]) -> Response[str]:
    """Print the consent code for a nominee whom no message reached; it is recorded."""
    form = await fields(request)
    campaign, view = await _found(code, number)
    typed = {"slip": form.text("slip")}
    try:
        secret = await commands.hand_over(request.actor, view, typed["slip"], at=request.at)
    except (Invalid, Conflict) as refusal:
        return await _page(request, campaign, view, refusal=refusal, typed=typed)
    address = f"/{request.lang}/recruitment/{campaign.code}/nomination?number={view.number}"
    return page(
        request,
        "office/recruitment/nomination_slip.html",
        campaign=campaign,
        title=text(request.lang, campaign, "title"),
        view=view,
        secret=secret,
        symbol=qr.svg(
            request.config.base_url.rstrip("/") + address,
            request.text("QR code of the page where the nominee answers"),
        ),
    )


@post("/recruitment/{code:str}/nominations/{number:str}/bar", roles=(Role.COORDINATOR,))
async def bar(request: Request, code: FromPath[str], number: FromPath[str]) -> Response[str]:
    """Bar organisation and contact from nominating, because this nomination was false."""
    form = await fields(request)
    campaign, view = await _found(code, number)
    typed = {name: form.text(name) for name in ("reason", "document")}
    try:
        await commands.bar(request.actor, view, typed["reason"], typed["document"], at=request.at)
    except (Invalid, Conflict) as refusal:
        return await _page(request, campaign, view, refusal=refusal, typed=typed)
    return _back(request, campaign, view)


def _back(request: Request, campaign: CampaignView, view: NominationView) -> Response[str]:
    address = f"/office/recruitment/{campaign.code}/nominations/{view.number}"
    return redirect(request, address)


handlers: list[Any] = [index, show, look, withdraw, slip, bar]
