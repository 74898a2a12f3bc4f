"""Recruitment at the office's desk: the campaigns, and a new one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from litestar import Response, get, post

from panel.actor import Role
from panel.errors import Invalid
from panel.members import queries as members
from panel.recruitment import commands, queries
from panel.recruitment.types.campaigns import (
    CampaignDraft,
    CampaignKind,
)
from panel.rulebook import queries as rulebook
from panel.workdays import SHANGHAI
from web import errors
from web.forms import Form, fields
from web.pages import Request, page, redirect


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


handlers: list[Any] = [index, new, create]
