"""The lottery for everybody: what was fixed, the lists, the number, the result, one's own proof."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel.errors import Conflict, Forbidden, Missing, Refusal
from panel.ids import read_code
from panel.recruitment import queries
from panel.recruitment.commands import applications
from panel.recruitment.queries import lottery as runs
from panel.recruitment.queries.pool import frozen
from panel.recruitment.types.campaigns import CampaignView, SeatKind
from panel.recruitment.types.runs import LotteryView, Method, Mine, RunState
from web import session
from web.forms import Form, fields
from web.office.lottery import result_picture
from web.pages import Request, download, page
from web.public.applications import faults_of, status_of
from web.text import features
from web.text.campaigns import both, text
from web.text.campaigns import words as words_of

JSON: Final = "application/json"
TEXT: Final = "text/plain; charset=utf-8"
PYTHON: Final = "text/x-python"


@get(both("/recruitment/{code:str}/lottery"))
async def lottery(request: Request, code: FromPath[str]) -> Response[str]:
    """Explain the lottery step by step with what anybody can check at each."""
    campaign = await queries.announced_campaign(read_code(code))
    words = await words_of(request.lang, campaign)
    found = await runs.published_runs(campaign)
    current = next((each for each in found if each.state in runs.PUBLIC), None)
    plan = current.plan if current else await queries.plan(campaign)
    return page(
        request,
        "public/recruitment/lottery.html",
        campaign=campaign,
        title=text(request.lang, campaign, "title"),
        fixed=await frozen(campaign),
        run=current,
        by_number=current is not None and current.method in {Method.LEXIMIN, Method.STRATIFIED},
        drawn=current is not None and current.state is RunState.DRAWN,
        void=[each for each in found if each.state is RunState.VOID],
        quotas=features.quota_lines(plan, words),
        relaxed=[
            {"label": words.quota(each.name), "before": each.before, "after": each.after}
            for each in (current.relaxed if current else ())
        ],
        picture=await result_picture(request, current, words) if current else "",
        seats=await _places(current, SeatKind.SEAT, words),
        reserve=await _places(current, SeatKind.RESERVE, words),
    )


async def _places(
    view: LotteryView | None, kind: SeatKind, words: features.Words
) -> list[dict[str, str]]:
    """Return who was drawn, as tickets with their category and nothing else."""
    if view is None or view.state is not RunState.DRAWN:
        return []
    return [
        {"ticket": each.ticket, "category": words.value("category", each.category)}
        for each in await runs.result(view)
        if each.kind == kind
    ]


@get(both("/recruitment/{code:str}/lottery/{run:str}/file"))
async def lists(request: Request, code: FromPath[str], run: FromPath[str]) -> Response[bytes]:
    """Give the published file byte for byte: its SHA-256 is the one on the page."""
    del request
    campaign = await queries.announced_campaign(read_code(code))
    view = await runs.published_run(campaign, read_code(run))
    named = view.method in {Method.LEXIMIN, Method.STRATIFIED}
    name, kind = (f"lottery-{view.code}.txt", TEXT) if named else (f"choice-{view.code}.json", JSON)
    return download(await runs.file(view), name, kind)


@get(both("/lottery/verify_lottery.py"))
async def checker(request: Request) -> Response[bytes]:
    """Give the checker: one file, nothing but Python's own library."""
    del request
    return download(runs.checker(), "verify_lottery.py", PYTHON)


@get(both("/recruitment/{code:str}/proof"))
async def proof(request: Request, code: FromPath[str]) -> Response[str]:
    """Ask for ticket and receipt code, to prove one's own place in the lottery."""
    campaign = await queries.announced_campaign(read_code(code))
    return await _proof(request, campaign, Form({}, {}))


async def _proof(
    request: Request,
    campaign: CampaignView,
    form: Form,
    refusal: Refusal | None = None,
    mine: Mine | None = None,
) -> Response[str]:
    words = await words_of(request.lang, campaign)
    run = await _public_run(campaign)
    return page(
        request,
        "public/recruitment/proof.html",
        status=status_of(refusal),
        faults=[{**each, "path": "ticket"} for each in faults_of(request, refusal)],
        campaign=campaign,
        title=text(request.lang, campaign, "title"),
        run=run,
        ticket=form.text("ticket"),
        receipt=form.text("receipt"),
        mine=mine,
        features=[
            {"label": words.feature(name), "value": words.value(name, value)}
            for name, value in (mine.features if mine else ())
        ],
    )


async def _public_run(campaign: CampaignView) -> LotteryView | None:
    found = await runs.published_runs(campaign)
    return next((each for each in found if each.state in runs.PUBLIC), None)


async def _own(request: Request, campaign: CampaignView, form: Form) -> Mine:
    """Open one's own place by ticket and receipt code."""
    caller = await session.slow_down(request)
    own = await applications.open_by_receipt(
        campaign.code, form.text("ticket"), form.text("receipt"), caller, at=request.at
    )
    return await runs.mine(campaign, own.ticket, await _public_run(campaign))


@post(both("/recruitment/{code:str}/proof"), status_code=200)
async def prove(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show one's own features, the proof that they stand in the roster, and the lists."""
    form = await fields(request)
    campaign = await queries.announced_campaign(read_code(code))
    try:
        mine = await _own(request, campaign, form)
    except (Conflict, Missing, Forbidden) as refusal:
        return await _proof(request, campaign, form, refusal)
    if form.text("as") == "file":
        return download(mine.proof, f"proof-{mine.ticket}.json", JSON)
    return await _proof(request, campaign, form, None, mine)


handlers: list[Any] = [lottery, lists, checker, proof, prove]
