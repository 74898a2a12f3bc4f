"""The lottery at the office's desk: test selections, the real run, what its lists mean."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Conflict, Invalid
from panel.ids import read_code
from panel.recruitment import queries
from panel.recruitment.commands import lottery as commands
from panel.recruitment.commands import publication
from panel.recruitment.queries import lottery as runs
from panel.recruitment.queries.pool import frozen, pool
from panel.recruitment.types.campaigns import CampaignState, CampaignView, Phase
from panel.recruitment.types.paper import PaperAct
from panel.recruitment.types.runs import (
    Game,
    LotteryView,
    Method,
    RunKind,
    RunState,
    SourceKind,
    Span,
)
from web import errors
from web.forms import Form, fields
from web.office import signatures
from web.pages import Request, download, page, redirect
from web.text import features
from web.text.campaigns import words as words_of

EMPTY: Final = Form({}, {})
NAMES: Final = ("game", "issue", "on", "office", "place", "value", "document", "reason")
JSON: Final = "application/json"
READERS: Final = (Role.COORDINATOR, Role.PUBLISHER, Role.REVIEWER, Role.AUDITOR)
"""Who may see lists before they are public, and whom they never or always hold."""
MAKING: Final = (RunState.QUEUED, RunState.RUNNING)
SHOWN: Final = 200
"""Tickets named on the page; the others are counted."""
_TEST: Final = (Phase.CLOSED, Phase.SCREENING, Phase.SELECTING)
_STEPS: Final = ("making", "listed", "published", "drawn")


@get("/recruitment/{code:str}/lottery", roles=READERS)
async def lottery(request: Request, code: FromPath[str]) -> Response[str]:
    """Show what the lottery draws from, its runs, and what may be started."""
    return await _index(request, await queries.campaign(read_code(code)))


async def _index(
    request: Request,
    campaign: CampaignView,
    refusal: Invalid | Conflict | None = None,
    form: Form = EMPTY,
) -> Response[str]:
    found = await runs.runs_of(campaign)
    real = await runs.real_run(campaign.code)
    fixed = await frozen(campaign)
    eligible = real.pool if real else len(await pool(campaign, undecided=True))
    selecting = campaign.state is CampaignState.SELECTING and fixed is not None
    words = await words_of(request.lang, campaign)
    quotas = refusal.values.get("quotas", ()) if refusal else ()
    return page(
        request,
        "office/recruitment/lottery.html",
        status=errors.STATUS[type(refusal)] if refusal else 200,
        faults=_faults(request, refusal, words),
        impossible=[words.quota(name) for name in quotas] if isinstance(quotas, tuple) else [],
        campaign=campaign,
        fixed=fixed,
        eligible=eligible,
        few=eligible < campaign.seats,
        real=real,
        runs=found,
        may_test=campaign.phase(request.at) in _TEST,
        may_start=selecting and real is None,
        methods=[
            {
                "value": each.value,
                "label": request.text(f"lottery.method.{each.value}"),
                "hint": request.text(f"lottery.method.{each.value}.hint"),
            }
            for each in ([Method.ALL] if eligible < campaign.seats else
                         [Method.LEXIMIN, Method.STRATIFIED])
        ],
        method=form.text("method")
        or (Method.ALL if eligible < campaign.seats else Method.LEXIMIN).value,
        relax=form.ticked("relax"),
        own=request.actor.person is not None and request.actor.person == campaign.author,
        form_values=form,
        signed=await signatures.offered(request, PaperAct.START, campaign.code),
        may=request.actor.may(Role.COORDINATOR),
        may_audit=request.actor.may(Role.COORDINATOR, Role.AUDITOR),
    )  # fmt: skip


def _faults(
    request: Request, refusal: Invalid | Conflict | None, words: features.Words
) -> list[dict[str, str]]:
    """Return the faults of a form; quotas are named in the reader's words."""
    if refusal is None:
        return []
    if isinstance(refusal, Invalid):
        return errors.texts(request, refusal)
    values = dict(refusal.values)
    if isinstance(quotas := values.get("quotas"), tuple):
        values["quotas"] = "、".join(words.quota(name) for name in quotas)
    return [{"path": "", "text": request.text(refusal.code, **values)}]


@post("/recruitment/{code:str}/lottery", roles=(Role.COORDINATOR,), status_code=200)
async def start(request: Request, code: FromPath[str]) -> Response[str]:
    """Start a test selection or the real run; where it can't be, the page tells why."""
    form = await fields(request)
    campaign = await queries.campaign(read_code(code))
    kind = RunKind.REAL if form.text("kind") == RunKind.REAL else RunKind.TEST
    method = form.text("method")
    try:
        view = await commands.start(
            request.actor,
            campaign.code,
            kind,
            Method(method) if method in set(Method) else Method.LEXIMIN,
            at=request.at,
            relax=form.ticked("relax"),
            paper=await signatures.confirmed(request, form, PaperAct.START, campaign.code),
        )
    except (Conflict, Invalid) as refusal:
        return await _index(request, campaign, refusal, form)
    return redirect(request, f"/office/recruitment/{code}/lottery/{view.code}")


async def run_page(
    request: Request,
    view: LotteryView,
    refusal: Invalid | Conflict | None = None,
    form: Form = EMPTY,
) -> Response[str]:
    """Render one run as numbered steps with what is due now."""
    campaign = await queries.campaign(view.campaign)
    words = await words_of(request.lang, campaign)
    outlook = view.outlook
    entered = await runs.readings(view) if view.state is RunState.PUBLISHED else {}
    me = request.actor.person
    return page(
        request,
        "office/recruitment/lottery_run.html",
        status=errors.STATUS[type(refusal)] if refusal else 200,
        faults=_faults(request, refusal, words),
        campaign=campaign,
        run=view,
        making=view.state in MAKING,
        steps=_steps(request, view),
        outlook=outlook,
        bound=features.chance(outlook.bound) if outlook else "",
        least=features.chance(outlook.least) if outlook else "",
        picture=await result_picture(request, view, words),
        never=outlook.never[:SHOWN] if outlook else (),
        always=outlook.always[:SHOWN] if outlook else (),
        spans=_spans(outlook.spans if outlook else (), words, view),
        relaxed=[
            {"label": words.quota(each.name), "before": each.before, "after": each.after}
            for each in view.relaxed
        ],
        trouble=_trouble(request, view, words),
        entered=len(entered),
        i_entered=me is not None and me in entered,
        own=me is not None and me == view.started_by,
        asked_by_me=view.demand is not None and me == view.demand.person,
        by_number=view.method in {Method.LEXIMIN, Method.STRATIFIED},
        games=[
            {"value": each.value, "label": request.text(f"lottery.game.{each.value}")}
            for each in Game
        ],
        sources=[
            {
                "value": each.value,
                "label": request.text(f"lottery.source.{each.value}"),
                "hint": request.text(f"lottery.source.{each.value}.hint"),
            }
            for each in SourceKind
        ],
        source_kind=form.text("kind") or SourceKind.LOTTERY.value,
        values={name: form.text(name) for name in NAMES},
        form_values=form,
        signed=await signatures.offered(request, PaperAct.PUBLISH, view.code),
        signed_demand=await signatures.offered(request, PaperAct.SETTLE, view.code),
        may=request.actor.may(Role.COORDINATOR),
        may_publish=request.actor.may(Role.COORDINATOR, Role.PUBLISHER),
        may_enter=request.actor.may(Role.COORDINATOR, Role.PUBLISHER, Role.REVIEWER),
    )


async def result_picture(request: Request, view: LotteryView, words: features.Words) -> str:
    """Draw how the drawn panel is made up, the firm quotas first."""
    if view.state is not RunState.DRAWN:
        return ""
    counts = await runs.composition(view)
    size = sum(counts["category"].values())
    shares = [
        (
            group.name,
            sum(counts[group.feature].get(value, 0) for value in group.values),
            group.minimum * 100 // view.seats,
        )
        for group in view.plan.groups
        if size
    ]
    return features.picture(counts, shares, words, request.text)


def _trouble(request: Request, view: LotteryView, words: features.Words) -> str:
    """Tell why a run came to no lists; what it names are quotas."""
    if not view.error:
        return ""
    quotas = "、".join(words.quota(name) for name in view.detail)
    return request.text(view.error, quotas=quotas, before="", now="")


def _steps(request: Request, view: LotteryView) -> list[dict[str, str]]:
    """Return the way of a run; a test ends with its lists."""
    order = {
        RunState.QUEUED: 0, RunState.RUNNING: 0, RunState.LISTED: 1, RunState.PUBLISHED: 2,
        RunState.DRAWN: 4,
    }  # fmt: skip
    now = order.get(view.state, -1) + (view.state is RunState.LISTED)
    names = _STEPS if view.kind is RunKind.REAL else _STEPS[:2]
    return [
        {
            "title": request.text(f"lottery.step.{name}"),
            "text": request.text(f"lottery.step.{name}.text"),
            "state": "past" if place < now else "now" if place == now else "",
        }
        for place, name in enumerate(names)
    ]


def _spans(
    spans: tuple[Span, ...], words: features.Words, view: LotteryView
) -> list[dict[str, object]]:
    hard = {each.name for each in view.plan.quotas if each.hard}
    hard |= {each.name for each in view.plan.groups if each.hard}
    groups = {each.name for each in view.plan.groups}
    ordered = sorted(spans, key=lambda each: each.name not in groups)
    return [
        {"label": words.quota(each.name), "view": each, "hard": each.name in hard}
        for each in ordered
    ]


@get("/recruitment/{code:str}/lottery/{run:str}", roles=READERS)
async def lottery_run(request: Request, code: FromPath[str], run: FromPath[str]) -> Response[str]:
    """Show one run: its progress, what its lists mean for people, and what is due now."""
    return await run_page(request, await run_of(code, run))


async def run_of(code: str, run: str) -> LotteryView:
    """Return a run of a campaign, both by what stands in the address."""
    view = await runs.lottery(read_code(run))
    if view.campaign != (await queries.campaign(read_code(code))).code:
        return await runs.lottery(read_code(code))  # which there is none of
    return view


@get("/recruitment/{code:str}/lottery/{run:str}/progress", roles=READERS)
async def lottery_progress(
    request: Request, code: FromPath[str], run: FromPath[str]
) -> Response[str]:
    """Show how far a run is; once its lists are made, lead to them."""
    view = await run_of(code, run)
    if view.state not in MAKING:
        return redirect(request, f"/office/recruitment/{code}/lottery/{run}")
    campaign = await queries.campaign(view.campaign)
    return page(request, "office/recruitment/lottery_progress.html", campaign=campaign, run=view)


@post(
    "/recruitment/{code:str}/lottery/{run:str}/cancel",
    roles=(Role.COORDINATOR,),
    status_code=200,
)
async def cancel_run(request: Request, code: FromPath[str], run: FromPath[str]) -> Response[str]:
    """Stop a run that is still being made."""
    form = await fields(request)
    view = await run_of(code, run)
    try:
        await commands.cancel(request.actor, view.code, form.text("reason"), at=request.at)
    except Invalid as refusal:
        return await run_page(request, view, refusal, form)
    return redirect(request, f"/office/recruitment/{code}/lottery?said=lottery_cancelled")


@get("/recruitment/{code:str}/sealed-roster.json", roles=(Role.COORDINATOR, Role.AUDITOR))
async def sealed_roster(request: Request, code: FromPath[str]) -> Response[bytes]:
    """Give the sealed roster to witnesses, on the record; its SHA-256 is published."""
    campaign = await queries.campaign(read_code(code))
    data = await publication.take_roster(request.actor, campaign.code, at=request.at)
    return download(data, f"sealed-roster-{campaign.code}.json", JSON)


handlers: list[Any] = [
    lottery, start, lottery_run, lottery_progress, cancel_run, sealed_roster,
]  # fmt: skip
