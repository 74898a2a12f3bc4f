"""Changing an announced campaign: more time, a second period, cancellation, with the reason."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Invalid
from panel.ids import read_code
from panel.recruitment import commands, queries
from panel.recruitment.queries import filling
from panel.recruitment.types.campaigns import CampaignState, CampaignView, Phase
from panel.recruitment.types.paper import PaperAct
from panel.workdays import SHANGHAI
from web import errors, forms
from web.forms import Form, fields
from web.office import signatures
from web.pages import Request, page, redirect

EMPTY: Final = Form({}, {})
NAMES: Final = ("opens_at", "closes_at", "reason")
_ENDING: Final = {CampaignState.APPOINTING, CampaignState.COMPLETED, CampaignState.CANCELLED}
"""States in which nothing can be cancelled any more."""


@get("/recruitment/{code:str}/change", roles=(Role.COORDINATOR, Role.AUDITOR))
async def change(request: Request, code: FromPath[str]) -> Response[str]:
    """Offer what may still be changed; the criteria never are."""
    what = request.query_params.get("what", "")
    return await _change(request, await queries.campaign(read_code(code)), what)


async def _change(
    request: Request,
    campaign: CampaignView,
    what: str,
    refusal: Invalid | None = None,
    form: Form = EMPTY,
) -> Response[str]:
    """Render the choices, or the form of one of them with everything typed."""
    reopenable = campaign.state in {CampaignState.SCREENING, CampaignState.SELECTING}
    weighed = await filling.weighed(campaign, undecided=True) if reopenable else None
    extendable = campaign.phase(request.at) in {Phase.ANNOUNCED, Phase.OPEN}
    return page(
        request,
        "office/recruitment/change.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        campaign=campaign,
        what=what,
        extend=extendable,
        reopen=weighed is not None and not weighed.possible,
        enough=weighed is not None and weighed.possible,
        cancel=campaign.state not in _ENDING,
        second=campaign.state is not CampaignState.DRAFT
        and request.actor.person == campaign.author,
        values={name: form.text(name) for name in NAMES},
        form_values=form,
        signed=await signatures.offered(request, PaperAct.CANCEL, campaign.code),
        may=request.actor.may(Role.COORDINATOR),
    )


def _end_of(day: dt.date) -> dt.datetime:
    """Return the moment after the last minute of a day here."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), SHANGHAI)


def _start_of(day: dt.date, at: dt.datetime) -> dt.datetime:
    """Return the first minute of a day here, or this moment when the day is today."""
    start = dt.datetime.combine(day, dt.time(), SHANGHAI)
    return at if day == at.astimezone(SHANGHAI).date() else start


@post("/recruitment/{code:str}/extend", roles=(Role.COORDINATOR,), status_code=200)
async def extend(request: Request, code: FromPath[str]) -> Response[str]:
    """Give people more time, for a reason that everybody reads."""
    form = await fields(request)
    campaign = await queries.campaign(read_code(code))
    try:
        await commands.extend(
            request.actor,
            campaign.code,
            _end_of(form.date("closes_at")),
            form.text("reason"),
            at=request.at,
            paper=forms.paper(request, form),
        )
    except Invalid as refusal:
        return await _change(request, campaign, "extend", refusal, form)
    return redirect(request, f"/office/recruitment/{code}?said=campaign_extended")


@post("/recruitment/{code:str}/reopen", roles=(Role.COORDINATOR,), status_code=200)
async def reopen(request: Request, code: FromPath[str]) -> Response[str]:
    """Open a second period, where the quotas can't be met by whoever applied."""
    form = await fields(request)
    campaign = await queries.campaign(read_code(code))
    try:
        await commands.reopen(
            request.actor,
            campaign.code,
            _start_of(form.date("opens_at"), request.at),
            _end_of(form.date("closes_at")),
            form.text("reason"),
            at=request.at,
            paper=forms.paper(request, form),
        )
    except Invalid as refusal:
        return await _change(request, campaign, "reopen", refusal, form)
    return redirect(request, f"/office/recruitment/{code}?said=campaign_reopened")


@post("/recruitment/{code:str}/cancel", roles=(Role.COORDINATOR,), status_code=200)
async def cancel(request: Request, code: FromPath[str]) -> Response[str]:
    """End a campaign for good, for a reason that everybody reads."""
    form = await fields(request)
    campaign = await queries.campaign(read_code(code))
    try:
        await commands.cancel(
            request.actor,
            campaign.code,
            form.text("reason"),
            at=request.at,
            paper=await signatures.confirmed(request, form, PaperAct.CANCEL, campaign.code),
        )
    except Invalid as refusal:
        return await _change(request, campaign, "cancel", refusal, form)
    return redirect(request, f"/office/recruitment/{code}?said=campaign_cancelled")


handlers: list[Any] = [change, extend, reopen, cancel]
