"""Recruitment for everybody: campaigns, the form, the receipt, the draw, the panel's make-up."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get
from litestar.params import FromPath

from panel.ids import read_code
from panel.members import queries as members
from panel.recruitment import queries
from panel.recruitment.queries import filling
from panel.recruitment.types.campaigns import CampaignState, Phase
from panel.rulebook import queries as rulebook
from web.pages import Request, download, page
from web.text import features, terms
from web.text.campaigns import both, text

JSON: Final = "application/json"
_DRAWING: Final = {
    CampaignState.SELECTING, CampaignState.NOTICE, CampaignState.APPOINTING,
    CampaignState.COMPLETED,
}  # fmt: skip
"""States in which the lottery has something to show."""
_FILLING: Final = {Phase.OPEN, Phase.CLOSED, Phase.SCREENING, Phase.SELECTING}
"""Phases in which the page tells how many applied for what."""


@get(both("/recruitment"))
async def index(request: Request) -> Response[str]:
    """List the announced campaigns with where each stands."""
    found = await queries.announced()
    return page(
        request,
        "public/recruitment/index.html",
        campaigns=[
            {
                "view": each,
                "title": text(request.lang, each, "title"),
                "phase": each.phase(request.at).value,
            }
            for each in found
        ],
    )


@get(both("/recruitment/{code:str}"))
async def show(request: Request, code: FromPath[str]) -> Response[str]:
    """Show one campaign: dates, conditions, quotas in plain words, the hash of the criteria."""
    campaign = await queries.announced_campaign(read_code(code))
    version = await rulebook.version(campaign.rulebook)
    words = features.Words(version.rulebook.recruitment, request.lang)
    phase = campaign.phase(request.at)
    counts = await filling.filling(campaign) if phase in _FILLING else None
    return page(
        request,
        "public/recruitment/show.html",
        campaign=campaign,
        title=text(request.lang, campaign, "title"),
        conditions=text(request.lang, campaign, "conditions"),
        excluded=[each.text.get(request.lang) for each in version.rulebook.recruitment.exclusions],
        privacy=text(request.lang, campaign, "privacy"),
        phase=phase.value,
        is_open=phase is Phase.OPEN,
        periods=await queries.periods(campaign),
        filled=features.fill_lines(counts, words) if counts else [],
        recruitment=version.rulebook.recruitment,
        quotas=features.quota_lines(await queries.plan(campaign), words),
        lottery=campaign.state in _DRAWING,
    )


@get(both("/recruitment/{code:str}/criteria.json"))
async def criteria(request: Request, code: FromPath[str]) -> Response[bytes]:
    """Give the frozen criteria byte for byte: their SHA-256 is the hash on the page."""
    del request
    campaign = await queries.announced_campaign(read_code(code))
    return download(campaign.criteria.encode(), f"criteria-{campaign.code}.json", JSON)


@get(both("/panel"))
async def panel(request: Request) -> Response[str]:
    """Show how the serving panel is made up: numbers only, never a name."""
    found = await members.composition(request.at)
    version = await rulebook.current()
    words = features.Words(version.rulebook.recruitment, request.lang)
    return page(
        request,
        "public/recruitment/panel.html",
        composition=found,
        groups=[{"label": words.quota(each.key), "share": each} for each in found.groups],
        counts=[
            {
                "feature": words.feature(feature),
                "rows": [
                    {"label": words.value(feature, value), "count": count}
                    for value, count in words.ordered(feature, found.counts[feature])
                ],
            }
            for feature in features.FEATURES
        ],
        picture=features.picture(
            found.counts,
            [(each.key, each.seats, each.minimum_percent) for each in found.groups],
            words,
            request.text,
        )
        if found.total
        else "",
        course=await terms.course(request),
    )


handlers: list[Any] = [
    index, show, criteria, panel,
]  # fmt: skip
