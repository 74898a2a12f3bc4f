"""The draw of the panel at the office's desk: commitment, draw, appointment."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Conflict
from panel.ids import read_code
from panel.members import queries as members
from panel.recruitment import commands, queries
from panel.recruitment.types.applications import ApplicationState
from panel.recruitment.types.campaigns import CampaignView
from panel.rulebook import queries as rulebook
from web.forms import fields
from web.pages import Request, page, redirect
from web.text import features


async def words_of(request: Request, campaign: CampaignView) -> features.Words:
    """Return the names of features as the campaign's rulebook has them."""
    version = await rulebook.version(campaign.rulebook)
    return features.Words(version.rulebook.recruitment, request.lang)


@get("/recruitment/{code:str}/draw")
async def draw(request: Request, code: FromPath[str]) -> Response[str]:
    """Show the draw as numbered steps; ``check`` weighs the quotas, ``verify`` draws again."""
    campaign = await queries.campaign(read_code(code))
    return await _draw(request, campaign, weigh="check" in request.query_params)


async def _draw(
    request: Request, campaign: CampaignView, *, weigh: bool, status: int = 200
) -> Response[str]:
    words = await words_of(request, campaign)
    view = await queries.draw_of(campaign.code)
    plan = view.plan if view else await queries.plan(campaign)
    progress = await queries.progress(campaign)
    eligible = sum(
        count
        for state, count in progress.by_state.items()
        if state not in {ApplicationState.SUBMITTED, ApplicationState.INELIGIBLE}
    )
    weighed = await queries.feasibility(campaign) if weigh and view is None else None
    verify = view is not None and "verify" in request.query_params
    record = view.record if view else None
    shares = [
        (group.name, total.chosen, group.minimum * 100 // plan.seats)
        for group in plan.groups
        for total in (record.totals if record else ())
        if total.name == group.name
    ]
    return page(
        request,
        "office/recruitment/draw.html",
        status=status,
        campaign=campaign,
        phase=campaign.phase(request.at).value,
        draw=view,
        eligible=eligible,
        undecided=progress.by_state.get(ApplicationState.SUBMITTED, 0),
        quotas=features.quota_lines(plan, words, record.totals if record else ()),
        seats=plan.seats,
        weighed=weighed,
        available=[
            {"label": words.quota(each.name), "view": each}
            for each in (weighed.available if weighed else ())
        ],
        weighed_picture=_available_picture(request, weighed, words) if weighed else "",
        impossible=[words.quota(name) for name in weighed.impossible] if weighed else [],
        relaxations=[
            {"label": words.quota(each.name), "view": each}
            for each in (weighed.relaxations if weighed else ())
        ],
        picture=features.picture(features.counts_of(record.totals), shares, words, request.text)
        if record
        else "",
        checks=(await queries.verification(view)).checks if view and verify else (),
        appointed=len(await members.of_campaign(campaign.code)),
        own=request.actor.person is not None and request.actor.person == campaign.author,
        may=request.actor.may(Role.COORDINATOR),
    )


def _available_picture(request: Request, weighed: Any, words: features.Words) -> str:
    """Draw the eligible applicants' make-up, with the firm quotas' marks."""
    counts: dict[str, dict[str, int]] = {}
    groups = []
    for each in weighed.available:
        feature, mark, value = each.name.partition(":")
        if mark:
            counts.setdefault(feature, {})[value] = each.applicants
        else:
            groups.append((each.name, each.applicants, each.minimum * 100 // weighed.seats))
    return features.picture(counts, groups, words, request.text)


@post("/recruitment/{code:str}/draw/commit", roles=(Role.COORDINATOR,), status_code=200)
async def commit(request: Request, code: FromPath[str]) -> Response[str]:
    """Publish what the draw is made of; where quotas can't be met, explain them."""
    form = await fields(request)
    campaign = await queries.campaign(read_code(code))
    try:
        await commands.commit_draw(
            request.actor, campaign.code, at=request.at, relax=form.ticked("relax")
        )
    except Conflict as refusal:
        if refusal.code != "recruitment.quotas_impossible":
            raise
        return await _draw(request, campaign, weigh=True, status=409)
    return redirect(request, f"/office/recruitment/{campaign.code}/draw?said=draw_committed")


@post("/recruitment/{code:str}/draw", roles=(Role.COORDINATOR,), status_code=200)
async def run(request: Request, code: FromPath[str]) -> Response[str]:
    """Reveal the code and draw."""
    campaign = await queries.campaign(read_code(code))
    view = await queries.draw_of(campaign.code)
    if view is None:
        raise Conflict("draw.not_committed")
    await commands.draw(request.actor, view.code, at=request.at)
    return redirect(request, f"/office/recruitment/{campaign.code}/draw?said=drawn")


@post("/recruitment/{code:str}/appoint", roles=(Role.COORDINATOR,), status_code=200)
async def appoint(request: Request, code: FromPath[str]) -> Response[str]:
    """Give the drawn their seats from the campaign's first day of term."""
    campaign = await queries.campaign(read_code(code))
    view = await queries.draw_of(campaign.code)
    if view is None:
        raise Conflict("draw.not_drawn")
    await commands.appoint(request.actor, view.code, term_start=campaign.term_start, at=request.at)
    return redirect(request, f"/office/recruitment/{campaign.code}/cards?said=appointed")


handlers: list[Any] = [draw, commit, run, appoint]
