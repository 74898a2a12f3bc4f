"""One campaign at the office's desk: what is due now, the whole way, the quotas as they fill."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Invalid
from panel.ids import read_code
from panel.recruitment import commands, queries
from panel.recruitment.queries import filling, notice
from panel.recruitment.types.campaigns import CampaignView, Phase, Unsettled
from panel.recruitment.types.lottery import Feasibility
from panel.recruitment.types.paper import PaperAct
from web import errors, i18n, qr
from web.forms import Form, fields
from web.office import signatures
from web.pages import Request, page, redirect
from web.text import features
from web.text.campaigns import words as words_of

EMPTY: Final = Form({}, {})
WAY: Final = tuple(each for each in Phase if each is not Phase.CANCELLED)
"""The phases of a campaign that comes to its end."""
_FILLING: Final = {Phase.OPEN, Phase.CLOSED, Phase.SCREENING, Phase.SELECTING}
"""Phases in which it matters how the quotas fill."""
_PAGES: Final[dict[Phase, tuple[tuple[str, str], ...]]] = {
    Phase.OPEN: (("import", "Import applications"),),
    Phase.SCREENING: (("screening", "Screening"), ("vetting", "campaign.page.vetting")),
    Phase.SELECTING: (("lottery", "campaign.page.lottery"),),
    Phase.NOTICE: (("notice", "campaign.page.notice"),),
    Phase.APPOINTING: (("notice", "campaign.page.appointment"), ("cards", "Member cards")),
}
"""The pages on which the work of a phase is done."""
_OPEN_THINGS: Final = {
    "undecided": "screening",
    "questions": "screening",
    "replies": "screening",
    "reply_rights": "",
    "nominations": "nominations",
    "lists": "vetting",
    "hits": "vetting",
}
"""What may keep vetting open, and the page where it is settled; time settles the others."""


@get("/recruitment/{code:str}")
async def show(request: Request, code: FromPath[str]) -> Response[str]:
    """Show a campaign: what is due now, and its whole way as numbered steps."""
    return await _show(request, await queries.campaign(read_code(code)))


async def _show(
    request: Request,
    campaign: CampaignView,
    refusal: Invalid | None = None,
    form: Form = EMPTY,
) -> Response[str]:
    words = await words_of(request.lang, campaign)
    phase = campaign.phase(request.at)
    counts = await filling.filling(campaign) if phase in _FILLING else None
    unsettled = await _unsettled(request, campaign)
    return page(
        request,
        "office/recruitment/show.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        campaign=campaign,
        phase=phase.value,
        due=await _due(request, campaign, unsettled),
        way=_way(request, phase),
        open_things=[
            {"key": f"campaign.open.{name}", "count": count, "page": _OPEN_THINGS[name]}
            for name, count in _named(unsettled)
            if count
        ],
        unsettled=unsettled.total,
        progress=await queries.progress(campaign),
        filled=features.fill_lines(counts, words) if counts else [],
        picture=features.fill_picture(counts, words, request.text) if counts else "",
        quotas=features.quota_lines(await queries.plan(campaign), words),
        periods=await queries.periods(campaign),
        own=request.actor.person is not None and request.actor.person == campaign.author,
        form_values=form,
        signed=await signatures.offered(request, PaperAct.ANNOUNCE, campaign.code),
        may=request.actor.may(Role.COORDINATOR),
        may_approve=request.actor.may(Role.COORDINATOR, Role.PUBLISHER),
        public_url=f"{request.config.base_url}/zh/recruitment/{campaign.code}",
    )


def _named(unsettled: Unsettled) -> list[tuple[str, int]]:
    return [(name, getattr(unsettled, name)) for name in _OPEN_THINGS]


async def _unsettled(request: Request, campaign: CampaignView) -> Unsettled:
    """Return what keeps vetting open, while there is any."""
    if campaign.phase(request.at) is not Phase.SCREENING:
        return Unsettled()
    return await queries.unsettled(campaign, request.at)


async def _due(request: Request, campaign: CampaignView, unsettled: Unsettled) -> str:
    """Say in one sentence what is due now."""
    phase = campaign.phase(request.at)
    if phase is Phase.SCREENING:
        if unsettled.total:
            return request.text("due.screening", count=unsettled.total)
        return request.text("due.screened")
    if phase is Phase.NOTICE:
        found = await notice.overview(campaign, at=request.at)
        if found.open_objections:
            return request.text("due.objections", count=found.open_objections)
        return request.text("due.notice_runs" if found.running(request.at) else "due.notice_over")
    if phase is Phase.COMPLETED:
        vacant = (await notice.overview(campaign, at=request.at)).fillable
        if vacant:
            return request.text("due.vacant", count=vacant)
    return request.text(f"due.{phase.value}")


def _way(request: Request, phase: Phase) -> list[dict[str, Any]]:
    """Return the campaign's way: past and present steps lead to the pages of their work."""
    if phase is Phase.CANCELLED:
        return []
    now = WAY.index(phase)
    return [
        {
            "title": request.text(f"campaign.phase.{each.value}"),
            "text": request.text(f"campaign.step.{each.value}"),
            "state": "past" if place < now else "now" if place == now else "",
            "links": [
                {"url": path, "text": request.text(name)} for path, name in _PAGES.get(each, ())
            ]
            if place <= now
            else [],
        }
        for place, each in enumerate(WAY)
    ]


@get("/recruitment/{code:str}/feasibility")
async def feasibility(request: Request, code: FromPath[str]) -> Response[str]:
    """Weigh the quotas live: whether a panel exists, else the smallest way out."""
    campaign = await queries.campaign(read_code(code))
    words = await words_of(request.lang, campaign)
    # Once everybody is vetted, both views are one.
    undecided = (await queries.unsettled(campaign, request.at)).total > 0
    views = [("feasibility.eligible", await filling.weighed(campaign))]
    if undecided or campaign.phase(request.at) in {Phase.OPEN, Phase.CLOSED}:
        running = await filling.weighed(campaign, undecided=True)
        views.insert(0, ("feasibility.running", running))
    return page(
        request,
        "office/recruitment/_feasibility.html"
        if request.htmx
        else "office/recruitment/feasibility.html",
        campaign=campaign,
        views=[{"title": request.text(title), **_weighed(each, words)} for title, each in views],
    )


def _weighed(found: Feasibility, words: features.Words) -> dict[str, Any]:
    """Return what a check found, its quotas named."""
    return {
        "found": found,
        "never": len(found.never),
        "impossible": [words.quota(name) for name in found.impossible],
        "relaxations": [
            {"label": words.quota(each.name), "view": each} for each in found.relaxations
        ],
    }


@get("/recruitment/{code:str}/poster")
async def poster(request: Request, code: FromPath[str]) -> Response[str]:
    """Show a poster that leads to the public page; a draft has none yet."""
    campaign = await queries.announced_campaign(read_code(code))
    address = f"{request.config.base_url}/zh/recruitment/{campaign.code}"
    return page(
        request,
        "office/recruitment/poster.html",
        campaign=campaign,
        symbol=qr.svg(address, request.text("Public page of the recruitment")),
        domain=request.config.base_url.partition("://")[2],
        said=[_said("zh", campaign), _said("en", campaign)],
    )


def _said(lang: i18n.Lang, campaign: CampaignView) -> dict[str, str]:
    """Return what a poster says in one language."""
    opens, closes = (i18n.datetime_(lang, each) for each in (campaign.opens_at, campaign.closes_at))
    return {
        "lang": i18n.HTML_LANG[lang],
        "seats": i18n.gettext(lang, "{n} seats", n=i18n.number(lang, campaign.seats)),
        "dates": i18n.gettext(
            lang, "Applications from {opens} to {closes}", opens=opens, closes=closes
        ),
        "scan": i18n.gettext(lang, "Scan to read the conditions and to apply."),
    }


@post("/recruitment/{code:str}/approve", roles=(Role.COORDINATOR, Role.PUBLISHER), status_code=200)
async def approve(request: Request, code: FromPath[str]) -> Response[str]:
    """Approve and announce a campaign, in the service or as signed on paper."""
    form = await fields(request)
    try:
        number = read_code(code)
        paper = await signatures.confirmed(request, form, PaperAct.ANNOUNCE, number)
        await commands.approve_and_announce(request.actor, number, at=request.at, paper=paper)
    except Invalid as refusal:
        return await _show(request, await queries.campaign(read_code(code)), refusal, form)
    return redirect(request, f"/office/recruitment/{code}?said=campaign_announced")


@post("/recruitment/{code:str}/start", roles=(Role.COORDINATOR,), status_code=200)
async def start(request: Request, code: FromPath[str]) -> Response[str]:
    """Begin the vetting of a closed campaign."""
    await commands.start_screening(request.actor, read_code(code), at=request.at)
    return redirect(request, f"/office/recruitment/{code}?said=screening_started")


@post("/recruitment/{code:str}/finish", roles=(Role.COORDINATOR,), status_code=200)
async def finish(request: Request, code: FromPath[str]) -> Response[str]:
    """End the vetting and fix the pool by its hash."""
    await commands.finish_screening(request.actor, read_code(code), at=request.at)
    return redirect(request, f"/office/recruitment/{code}?said=screening_finished")


handlers: list[Any] = [show, feasibility, poster, approve, start, finish]
