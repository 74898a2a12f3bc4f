"""The public notice: masked names, objections, and their replies; no page of it is to be found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel import entropy
from panel.accounts import commands as accounts
from panel.accounts.types import Counted
from panel.errors import Forbidden, Invalid, Missing, Refusal
from panel.ids import read_code
from panel.recruitment import queries
from panel.recruitment.commands import objections
from panel.recruitment.queries import notice
from panel.recruitment.types.campaigns import CampaignView
from panel.recruitment.types.notice import (
    LONGEST_OBJECTION,
    Ground,
    NoticedView,
    ObjectionForm,
    ObjectionReceipt,
)
from panel.vault import queries as vault
from web import errors, session
from web.forms import Form, fields
from web.i18n import Lang
from web.pages import Request, page
from web.text.campaigns import both, text, words

PAGE: Final = 100
HIDDEN: Final = {"X-Robots-Tag": "noindex, nofollow, noarchive", "Cache-Control": "no-store"}
"""What keeps a page with masked names out of search machines and stores."""
FIELDS: Final = ("ticket", "ground", "text", "name", "phone")


async def _noticed(code: str) -> CampaignView:
    """Return a campaign that has been on notice; before that there is nothing to see."""
    campaign = await queries.announced_campaign(read_code(code))
    if not await notice.started(campaign):
        raise Missing("notice.unknown")
    return campaign


@get(both("/recruitment/{code:str}/notice"))
async def show(request: Request, code: FromPath[str]) -> Response[str]:
    """Show who is proposed, masked, while one may object; afterwards only when that was."""
    campaign = await _noticed(code)
    found = await notice.listed(campaign, at=request.at)
    number = max(1, request.number("page"))
    shown = found[(number - 1) * PAGE : number * PAGE]
    return page(
        request,
        "public/notice/show.html",
        headers=HIDDEN,
        campaign=campaign,
        title=text(request.lang, campaign, "title"),
        batches=[
            {"view": each, "running": request.at <= each.closes_at}
            for each in await notice.batches(campaign)
        ],
        running=bool(found),
        total=len(found),
        rows=await masked(request.lang, campaign, shown),
        following=f"?page={number + 1}" if number * PAGE < len(found) else None,
        previous=f"?page={number - 1}" if number > 1 else None,
        number_of_page=number,
    )


async def masked(
    lang: Lang, campaign: CampaignView, shown: Sequence[NoticedView]
) -> list[dict[str, str]]:
    """Return people on notice as anybody may read of them."""
    names = await vault.masked_names([each.person for each in shown])
    word = await words(lang, campaign)
    return [
        {
            "ticket": each.ticket,
            "name": names.get(each.person, ""),
            "category": word.value("category", each.category),
            "district": word.value("district", each.district),
        }
        for each in shown
    ]


@get(both("/recruitment/{code:str}/notice/objection"))
async def new(request: Request, code: FromPath[str]) -> Response[str]:
    """Show the form of an objection."""
    return _form(request, await _noticed(code), Form({}, {}))


def _form(
    request: Request, campaign: CampaignView, form: Form, refusal: Refusal | None = None
) -> Response[str]:
    """Render the form with everything typed."""
    faults: list[dict[str, str]] = []
    if isinstance(refusal, Invalid):
        faults = errors.texts(request, refusal)
    elif refusal is not None:
        faults = [{"path": "ticket", "text": errors.text_of(request.lang, refusal)}]
    return page(
        request,
        "public/notice/new.html",
        status=422 if refusal else 200,
        headers=HIDDEN,
        faults=faults,
        campaign=campaign,
        title=text(request.lang, campaign, "title"),
        values={name: form.text(name) for name in FIELDS},
        key=form.text("key") or entropy.key(),
        most=LONGEST_OBJECTION,
        grounds=[
            {"value": each.value, "label": request.text(f"objection.ground.{each.value}")}
            for each in Ground
        ],
    )


@post(both("/recruitment/{code:str}/notice/objection"), status_code=200)
async def create(request: Request, code: FromPath[str]) -> Response[str]:
    """Show an objection again, check it, or take it in: its code stands in no address."""
    form = await fields(request)
    campaign = await _noticed(code)
    step = form.text("step")
    if step == "change":
        return _form(request, campaign, form)
    caller = await session.slow_down(request, Counted.SENDINGS)
    typed = ObjectionForm(**{name: form.text(name) for name in FIELDS})
    try:
        if step != "send":
            await objections.readable(campaign.code, typed, at=request.at)
            return _check(request, campaign, form)
        await accounts.note_sending(caller, at=request.at)
        receipt = await objections.object_to(
            campaign.code, typed, key=form.text("key"), at=request.at
        )
    except (Invalid, Missing) as refusal:
        return _form(request, campaign, form, refusal)
    return _receipt(request, campaign, receipt)


def _check(request: Request, campaign: CampaignView, form: Form) -> Response[str]:
    """Show what was typed before it is sent; everything travels in hidden fields."""
    return page(
        request,
        "public/notice/check.html",
        headers=HIDDEN,
        campaign=campaign,
        title=text(request.lang, campaign, "title"),
        values={name: form.text(name) for name in FIELDS},
        hidden_fields=[(name, form.text(name)) for name in ("key", *FIELDS)],
    )


def _receipt(request: Request, campaign: CampaignView, receipt: ObjectionReceipt) -> Response[str]:
    return page(
        request,
        "public/notice/receipt.html",
        headers=HIDDEN,
        campaign=campaign,
        receipt=receipt,
        address=f"{request.config.base_url}/{request.lang}/recruitment/{campaign.code}/notice/reply",
    )


@get(both("/recruitment/{code:str}/notice/reply"))
async def ask(request: Request, code: FromPath[str]) -> Response[str]:
    """Ask for number and receipt code."""
    return _door(request, await _noticed(code), Form({}, {}))


def _door(
    request: Request, campaign: CampaignView, form: Form, refusal: Refusal | None = None
) -> Response[str]:
    """Ask for number and receipt code; a refusal keeps both as typed."""
    return page(
        request,
        "public/notice/reply.html",
        status=200 if refusal is None else errors.STATUS[type(refusal)],
        headers=HIDDEN,
        faults=[{"path": "number", "text": errors.text_of(request.lang, refusal)}]
        if refusal
        else [],
        campaign=campaign,
        title=text(request.lang, campaign, "title"),
        number_typed=form.text("number"),
        receipt_typed=form.text("receipt"),
        answer=None,
    )


@post(both("/recruitment/{code:str}/notice/reply"), status_code=200)
async def reply(request: Request, code: FromPath[str]) -> Response[str]:
    """Show the decision and the reply to whoever holds number and receipt code."""
    form = await fields(request)
    campaign = await _noticed(code)
    caller = await session.slow_down(request)
    try:
        answer = await objections.read_answer(
            campaign.code, form.text("number"), form.text("receipt"), caller, at=request.at
        )
    except (Missing, Forbidden) as refusal:
        return _door(request, campaign, form, refusal)
    return page(
        request,
        "public/notice/reply.html",
        headers=HIDDEN,
        campaign=campaign,
        title=text(request.lang, campaign, "title"),
        number_typed="",
        receipt_typed="",
        answer=answer,
    )


handlers: list[Any] = [show, new, create, ask, reply]
