"""What waits at the office's desk, and the next step of every campaign as one of these things."""

from __future__ import annotations

from typing import Final

import msgspec

from panel.actor import Role
from panel.evaluations import queries as evaluations
from panel.members.types import Composition
from panel.recruitment import queries
from panel.recruitment.queries import filling, notice
from panel.recruitment.types.campaigns import CampaignView, Phase
from panel.recruitment.types.notice import Overview
from panel.reports.queries import bulletins
from panel.reports.types import BulletinState
from web.pages import Request

_SIMPLE: Final[dict[Phase, tuple[tuple[str, str], ...]]] = {
    Phase.DRAFT: (("", "Approve the announcement"),),
    Phase.CLOSED: (("", "Begin the vetting"),),
    Phase.SELECTING: (("/lottery", "Hold the lottery"),),
    Phase.APPOINTING: (("/notice", "Appoint the panel"),),
}
"""Steps that one sentence tells: the page below the campaign's own, and the text."""


class Todo(msgspec.Struct, frozen=True):
    """One thing that waits: where it is done, what it is, how many of it."""

    url: str
    text: str
    detail: str = ""
    count: int | None = None


async def review(request: Request) -> list[Todo]:
    """Return the sheets that wait for this reviewer, and those on hold."""
    found = []
    waiting = await evaluations.waiting(request.actor, at=request.at)
    if waiting:
        found.append(Todo("/office/review", request.text("Review sheets"), count=waiting))
    held = len(await evaluations.holds())
    if held:
        found.append(Todo("/office/holds", request.text("Sheets on hold"), count=held))
    return found


async def revisits(request: Request) -> list[Todo]:
    """Return the places to which reviewers suggest that somebody goes again."""
    places = len(await evaluations.revisits())
    text = request.text("Places to look at again")
    return [Todo("/office/revisits", text, count=places)] if places else []


async def campaigns(request: Request) -> list[Todo]:
    """Return what the campaigns wait for, as far as the reader may do it."""
    found: list[Todo] = []
    for campaign in await queries.campaigns():
        title = campaign.title_en if request.lang == "en" else ""
        for each in await _of(request, campaign):
            detail = title or campaign.title
            if each.detail:
                detail = f"{detail} · {each.detail}"
            url = f"/office/recruitment/{campaign.code}{each.url}"
            found.append(msgspec.structs.replace(each, url=url, detail=detail))
    return found


async def _of(request: Request, campaign: CampaignView) -> list[Todo]:
    """Return what one campaign waits for; addresses are those below its own page."""
    phase = campaign.phase(request.at)
    if phase is Phase.SCREENING and request.actor.may(Role.COORDINATOR, Role.VETTING_CLERK):
        return await _screening(request, campaign)
    approver = phase is Phase.DRAFT and request.actor.may(Role.PUBLISHER)
    if not (approver or request.actor.may(Role.COORDINATOR)):
        return []
    if await queries.closes_soon(campaign, request.at):
        return await _closing(request, campaign)
    if phase in {Phase.NOTICE, Phase.COMPLETED}:
        found = await notice.overview(campaign, at=request.at)
        return _notice(request, found) if phase is Phase.NOTICE else _vacancies(request, found)
    if phase is Phase.DRAFT and campaign.author == request.actor.person:
        return []
    return [Todo(url, request.text(text)) for url, text in _SIMPLE.get(phase, ())]


async def _closing(request: Request, campaign: CampaignView) -> list[Todo]:
    """Ask whether people need more time, where the quotas can't be met by whoever applied."""
    counts = await filling.filling(campaign)
    short = counts.seats.short or any(each.short for each in counts.lines)
    text = "Applications close soon, and quotas are not filled" if short else (
        "Applications close soon"
    )  # fmt: skip
    seats = request.text(
        "{n} applicants for {seats} seats", n=counts.seats.running, seats=campaign.seats
    )
    return [Todo("/change" if short else "", request.text(text), seats)]


async def _screening(request: Request, campaign: CampaignView) -> list[Todo]:
    unsettled = await queries.unsettled(campaign, request.at)
    found = []
    if unsettled.undecided:
        text = request.text("Screen applications")
        found.append(Todo("/screening", text, count=unsettled.undecided))
    if unsettled.replies:
        text = request.text("Decide on replies")
        found.append(Todo("/screening", text, count=unsettled.replies))
    if unsettled.lists or unsettled.hits:
        text = request.text("campaign.page.vetting")
        found.append(Todo("/vetting", text, count=unsettled.lists + unsettled.hits))
    if not unsettled.total and request.actor.may(Role.COORDINATOR):
        found.append(Todo("", request.text("Finish the vetting")))
    return found


def _notice(request: Request, found: Overview) -> list[Todo]:
    """Name what a public notice waits for; while it runs, it waits for nobody."""
    if found.open_objections:
        text = request.text("Decide on objections")
        return [Todo("/notice", text, count=found.open_objections)]
    if found.running(request.at):
        return []
    return [Todo("/notice", request.text("End the public notice"))]


def _vacancies(request: Request, found: Overview) -> list[Todo]:
    """Name the seats that the drawn reserve can fill again."""
    if not found.fillable:
        return []
    return [Todo("/notice", request.text("Fill seats from the reserve"), count=found.fillable)]


async def circulars(request: Request) -> list[Todo]:
    """Return the circulars that somebody else wrote and nobody has read through yet."""
    found = [
        view
        for view in await bulletins.bulletins()
        if view.state is BulletinState.DRAFT and view.written_by != request.actor.person
    ]
    text = request.text("Read circulars through")
    return [Todo("/office/circulars", text, count=len(found))] if found else []


def alarm(request: Request, composition: Composition | None) -> list[Todo]:
    """Return the way out where those who left broke a firm share of the panel."""
    if composition is None or not composition.total or not composition.alarm:
        return []
    text = request.text("Recruit for what the panel lacks")
    missing = sum(each.minimum - each.seats for each in composition.groups if each.broken)
    return [Todo("/office/recruitment/new?kind=replacement", text, count=missing)]
