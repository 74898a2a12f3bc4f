"""Recruitment for everybody: campaigns, the form, the receipt, the draw, the panel's make-up."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from panel.audit import queries as history
from panel.chance import canonical
from panel.errors import Missing
from panel.ids import Code, read_code
from panel.members import queries as members
from panel.recruitment import queries
from panel.recruitment.queries import filling
from panel.recruitment.types.campaigns import CampaignView, DrawView, Phase
from panel.rulebook import queries as rulebook
from web.pages import Request, download, page
from web.text import features, terms
from web.text.campaigns import both, text
from web.text.campaigns import words as words_of

JSON: Final = "application/json"
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
    draw = await queries.draw_of(campaign.code)
    return page(
        request,
        "public/recruitment/show.html",
        campaign=campaign,
        title=text(request.lang, campaign, "title"),
        conditions=text(request.lang, campaign, "conditions"),
        privacy=text(request.lang, campaign, "privacy"),
        phase=phase.value,
        is_open=phase is Phase.OPEN,
        periods=await queries.periods(campaign),
        filled=features.fill_lines(counts, words) if counts else [],
        recruitment=version.rulebook.recruitment,
        quotas=features.quota_lines(await queries.plan(campaign), words),
        draw=draw,
    )


@get(both("/recruitment/{code:str}/criteria.json"))
async def criteria(request: Request, code: FromPath[str]) -> Response[bytes]:
    """Give the frozen criteria byte for byte: their SHA-256 is the hash on the page."""
    del request
    campaign = await queries.announced_campaign(read_code(code))
    return download(campaign.criteria.encode(), f"criteria-{campaign.code}.json", JSON)


async def _published(code: str) -> tuple[CampaignView, DrawView]:
    campaign = await queries.announced_campaign(read_code(code))
    draw = await queries.draw_of(campaign.code)
    if draw is None:
        raise Missing("draw.unknown")
    return campaign, draw


@get(both("/recruitment/{code:str}/draw"))
async def draw(request: Request, code: FromPath[str]) -> Response[str]:
    """Show a draw from its commitment to its result, with what anyone can check at each step."""
    campaign, found = await _published(code)
    words = await words_of(request.lang, campaign)
    categories = await queries.categories_of(found)
    record = found.record
    lines = features.quota_lines(found.plan, words, record.totals if record else ())
    shares = [
        (group.name, total.chosen, group.minimum * 100 // found.seats)
        for group in found.plan.groups
        for total in (record.totals if record else ())
        if total.name == group.name
    ]
    return page(
        request,
        "public/recruitment/draw.html",
        campaign=campaign,
        title=text(request.lang, campaign, "title"),
        draw=found,
        quotas=lines,
        relaxed=[
            {"label": words.quota(each.name), "before": each.before, "after": each.after}
            for each in found.relaxed
        ],
        picture=features.picture(features.counts_of(record.totals), shares, words, request.text)
        if record
        else "",
        seats=_tickets(record.chosen if record else (), categories, words),
        reserve=_tickets(record.reserves if record else (), categories, words),
        chain_anchor=history.chain_anchor(),
    )


def _tickets(
    tickets: tuple[str, ...], categories: dict[Code, str], words: features.Words
) -> list[dict[str, str]]:
    return [
        {"ticket": each, "category": words.value("category", categories[Code(each)])}
        for each in tickets
    ]


@get(both("/recruitment/{code:str}/draw.json"))
async def record(request: Request, code: FromPath[str]) -> Response[bytes]:
    """Give the draw's record: commitment, seed, tickets with their category and nothing else."""
    del request
    campaign, found = await _published(code)
    facts: dict[str, Any] = {
        "criteria_sha256": campaign.criteria_hash,
        "commitment": {
            "draw": found.code,
            "root": found.root,
            "n": found.pool,
            "plan": msgspec.to_builtins(found.plan),
            "relaxed": msgspec.to_builtins(found.relaxed),
            "position": found.position,
            "anchor": found.anchor,
            "sha256": found.commitment,
        },
    }
    if found.record is not None:
        facts |= {
            "chain_code": found.chain_code,
            "seed": found.seed,
            "record": msgspec.to_builtins(found.record),
            "record_sha256": found.record_hash,
            "categories": dict(await queries.categories_of(found)),
        }
    return download(canonical(facts), f"draw-{found.code}.json", JSON)


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
    index, show, criteria, draw, record, panel,
]  # fmt: skip
