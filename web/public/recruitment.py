"""Recruitment for everybody: campaigns, the form, the receipt, the draw, the panel's make-up."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from panel import entropy
from panel.accounts import commands as accounts
from panel.accounts.types import Counted
from panel.audit import queries as history
from panel.chance import canonical
from panel.errors import Invalid, Missing
from panel.ids import Code, read_code
from panel.members import queries as members
from panel.recruitment import commands, queries
from panel.recruitment.types.applications import Applicant, ApplicationForm, Declared, Occupation
from panel.recruitment.types.campaigns import CampaignView, DrawView, Phase
from panel.roster import queries as roster
from panel.rulebook import queries as rulebook
from web import errors, session
from web.forms import Form, fields
from web.pages import Request, download, page, redirect
from web.text import features

JSON: Final = "application/json"
FIELDS: Final = (
    "name", "national_id", "phone", "district", "category", "occupation", "address", "employer",
    "hall",
)  # fmt: skip


def _both(path: str) -> list[str]:
    """Return an address in both languages."""
    return [f"/zh{path}", f"/en{path}"]


def _text(request: Request, campaign: CampaignView, name: str) -> str:
    """Return a text of a campaign in the reader's language, Chinese where there is no other."""
    english = str(getattr(campaign, f"{name}_en")) if request.lang == "en" else ""
    return english or str(getattr(campaign, name))


async def _words(request: Request, campaign: CampaignView) -> features.Words:
    version = await rulebook.version(campaign.rulebook)
    return features.Words(version.rulebook.recruitment, request.lang)


@get(_both("/recruitment"))
async def index(request: Request) -> Response[str]:
    """List the announced campaigns with where each stands."""
    found = await queries.announced()
    return page(
        request,
        "public/recruitment/index.html",
        campaigns=[
            {
                "view": each,
                "title": _text(request, each, "title"),
                "phase": each.phase(request.at).value,
            }
            for each in found
        ],
    )


@get(_both("/recruitment/{code:str}"))
async def show(request: Request, code: FromPath[str]) -> Response[str]:
    """Show one campaign: dates, conditions, quotas in plain words, the hash of the criteria."""
    campaign = await queries.announced_campaign(read_code(code))
    version = await rulebook.version(campaign.rulebook)
    words = features.Words(version.rulebook.recruitment, request.lang)
    plan = await queries.plan(campaign)
    draw = await queries.draw_of(campaign.code)
    return page(
        request,
        "public/recruitment/show.html",
        campaign=campaign,
        title=_text(request, campaign, "title"),
        conditions=_text(request, campaign, "conditions"),
        privacy=_text(request, campaign, "privacy"),
        phase=campaign.phase(request.at).value,
        is_open=campaign.phase(request.at) is Phase.OPEN,
        recruitment=version.rulebook.recruitment,
        quotas=features.quota_lines(plan, words),
        draw=draw,
    )


@get(_both("/recruitment/{code:str}/criteria.json"))
async def criteria(request: Request, code: FromPath[str]) -> Response[bytes]:
    """Give the frozen criteria byte for byte: their SHA-256 is the hash on the page."""
    del request
    campaign = await queries.announced_campaign(read_code(code))
    return download(campaign.criteria.encode(), f"criteria-{campaign.code}.json", JSON)


@get(_both("/recruitment/{code:str}/apply"))
async def new(request: Request, code: FromPath[str]) -> Response[str]:
    """Show the form; outside its time lead back to the campaign's page, which tells why."""
    campaign = await queries.announced_campaign(read_code(code))
    if campaign.phase(request.at) is not Phase.OPEN:
        return redirect(request, f"/{request.lang}/recruitment/{campaign.code}")
    return await _form(request, campaign, Form({}, {}))


async def _form(
    request: Request, campaign: CampaignView, form: Form, refusal: Invalid | None = None
) -> Response[str]:
    """Render the form with everything typed."""
    words = await _words(request, campaign)
    terms = await queries.terms(campaign)
    halls = {
        hall.code: hall.name_en if request.lang == "en" and hall.name_en else hall.name
        for hall in await roster.halls()
    }
    return page(
        request,
        "public/recruitment/new.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        campaign=campaign,
        title=_text(request, campaign, "title"),
        values={name: form.text(name) for name in FIELDS},
        consent=form.ticked("consent"),
        recusals=form.many("recusals"),
        key=form.text("key") or entropy.key(),
        categories=words.choices("category")
        or [{"value": key, "label": key} for key in sorted(set(terms.categories.values()))],
        districts=[
            {"value": value, "label": words.value("district", value)} for value in terms.districts
        ],
        occupations=[
            {"value": each.value, "label": request.text(f"occupation.{each.value}")}
            for each in Occupation
        ],
        halls=[{"value": key, "label": name} for key, name in sorted(halls.items())],
        units=[
            {
                "value": unit.code,
                "label": unit.name_en if request.lang == "en" and unit.name_en else unit.name,
            }
            for unit in await roster.units()
            if unit.active
        ],
        ages=terms,
    )


def _read(form: Form) -> ApplicationForm:
    return ApplicationForm(
        **{name: form.text(name) for name in FIELDS if name != "hall"},
        recusals=tuple(Declared(unit) for unit in form.many("recusals")),
        hall=Code(form.text("hall")) if form.text("hall") else None,
        consent=form.ticked("consent"),
    )


@post(_both("/recruitment/{code:str}/apply"), status_code=200)
async def create(request: Request, code: FromPath[str]) -> Response[str]:
    """Check what was typed, show it, and take it in once it is confirmed."""
    form = await fields(request)
    campaign = await queries.announced_campaign(read_code(code))
    step = form.text("step")
    if step == "change":
        return await _form(request, campaign, form)
    caller = await session.slow_down(request, Counted.SENDINGS)
    try:
        if step == "send":
            await accounts.note_sending(caller, at=request.at)
            receipt = await commands.apply(
                campaign.code, _read(form), key=form.text("key"), at=request.at
            )
            return page(
                request,
                "public/recruitment/receipt.html",
                campaign=campaign,
                title=_text(request, campaign, "title"),
                receipt=receipt,
            )
        read = await queries.readable(campaign.code, _read(form), at=request.at)
    except Invalid as refusal:
        return await _form(request, campaign, form, refusal)
    return await _check(request, campaign, form, read)


async def _check(
    request: Request, campaign: CampaignView, form: Form, read: Applicant
) -> Response[str]:
    """Render the page that shows what was understood, before it is sent."""
    words = await _words(request, campaign)
    units = {
        unit.code: unit.name_en if request.lang == "en" and unit.name_en else unit.name
        for unit in await roster.units()
    }
    return page(
        request,
        "public/recruitment/check.html",
        campaign=campaign,
        title=_text(request, campaign, "title"),
        read=read,
        category=words.value("category", read.category),
        district=words.value("district", read.district),
        age_band=words.value("age_band", read.age_band),
        units=[units[each.unit] for each in read.exclusions],
        hidden_fields=[
            *((name, form.text(name)) for name in (*FIELDS, "key", "consent")),
            *(("recusals", unit) for unit in form.many("recusals")),
        ],
    )


async def _published(code: str) -> tuple[CampaignView, DrawView]:
    campaign = await queries.announced_campaign(read_code(code))
    draw = await queries.draw_of(campaign.code)
    if draw is None:
        raise Missing("draw.unknown")
    return campaign, draw


@get(_both("/recruitment/{code:str}/draw"))
async def draw(request: Request, code: FromPath[str]) -> Response[str]:
    """Show a draw from its commitment to its result, with what anyone can check at each step."""
    campaign, found = await _published(code)
    words = await _words(request, campaign)
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
        title=_text(request, campaign, "title"),
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


@get(_both("/recruitment/{code:str}/draw.json"))
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


@get(_both("/panel"))
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
    )


handlers: list[Any] = [
    index, show, criteria, new, create, draw, record, panel,
]  # fmt: skip
