"""Rankings in the office: each with the one step that comes next; answers; publication."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Invalid, Missing
from panel.evaluations import queries as evaluations
from panel.ids import Code, read_code
from panel.rankings import commands, queries
from panel.rankings.queries import lifecycle
from panel.rankings.queries import objections as protests
from panel.rankings.types import (
    AnswerState,
    AppealKind,
    ObjectionState,
    RankingState,
    RankingView,
    Reply,
)
from panel.rulebook import queries as rulebooks
from panel.visits import queries as rounds
from panel.visits.types import RoundState, RoundView
from web import errors, forms, standings
from web.office import appeals as cases
from web.office import press, procedure
from web.office import protests as objections
from web.pages import Request, download, page, redirect

_OVER = (RoundState.CLOSED, RoundState.COMPUTED)
_REACHED = {
    RankingState.DRAFT: 2,
    RankingState.CHECKED: 3,
    RankingState.NOTIFIED: 4,
    RankingState.NOTICE: 5,
    RankingState.FINAL: 7,
    RankingState.SUPERSEDED: 2,
    RankingState.WITHHELD: 2,
    RankingState.PUBLISHED: 8,
}
"""How many steps lie behind a ranking of each state."""


@get("/rankings")
async def index(request: Request) -> Response[Any]:
    """List the rounds with how far their ranking is."""
    found = {each.round_code: each for each in await queries.rankings()}
    rows = [{"round": each, "ranking": found.get(each.code)} for each in await rounds.rounds()]
    return page(request, "office/rankings/index.html", rows=rows)


@get("/rankings/{code:str}")
async def show(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show the steps of a round's ranking with the one that comes next."""
    return await _show(request, read_code(code))


@get("/rankings/{code:str}/lists/{name:str}")
async def draft(request: Request, code: FromPath[str], name: FromPath[str]) -> Response[Any]:
    """Show one list before and after its publication."""
    ranking = await queries.ranking(read_code(code))
    every = await queries.lists(ranking.id)
    one = next((each for each in every if standings.page_name(each) == name), None)
    if one is None:
        raise Missing("ranking.missing")
    book = (await rulebooks.version(ranking.rulebook_code)).rulebook
    return page(
        request,
        "office/rankings/draft.html",
        ranking=ranking,
        heading=standings.group_name(book, one.scope, request.lang),
        **standings.shown_list(one, book, request.lang),
    )


@post("/rankings/{code:str}/close", roles=(Role.COORDINATOR,), status_code=200)
async def close(request: Request, code: FromPath[str]) -> Response[Any]:
    """Compute the lists of a closed round."""
    found = read_code(code)
    await commands.close(request.actor, found, at=request.at)
    return redirect(request, f"/office/rankings/{found}?said=ranking_computed")


@post("/rankings/{code:str}/notify", roles=(Role.COORDINATOR, Role.PUBLISHER), status_code=200)
async def notify(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show every unit its own line."""
    found = read_code(code)
    await commands.notify(request.actor, found, at=request.at)
    return redirect(request, f"/office/rankings/{found}?said=units_notified")


@post(
    "/rankings/{code:str}/answers/{answer:str}",
    roles=(Role.COORDINATOR, Role.PUBLISHER),
    status_code=200,
)
async def consider(request: Request, code: FromPath[str], answer: FromPath[str]) -> Response[Any]:
    """Reply to a unit's answer."""
    form = await forms.fields(request)
    found = read_code(code)
    try:
        given = Reply(
            reply=form.text("reply"),
            shown=form.ticked("shown"),
            printed=form.text("printed"),
            screened=form.ticked("screened"),
        )
        await commands.consider(request.actor, read_code(answer), given, at=request.at)
    except Invalid as refusal:
        return await _show(
            request,
            found,
            status=422,
            typed=form,
            typed_for=answer,
            faults=errors.texts(request, refusal),
        )
    return redirect(request, f"/office/rankings/{found}?said=answer_considered")


@post("/rankings/{code:str}/publish", roles=(Role.COORDINATOR, Role.PUBLISHER), status_code=200)
async def publish(request: Request, code: FromPath[str]) -> Response[Any]:
    """Publish as a second person, or record that a leader signed on paper; the worker writes."""
    form = await forms.fields(request)
    found = read_code(code)
    try:
        paper = forms.paper(request, form)
    except Invalid as refusal:
        return await _show(
            request, found, status=422, typed=form, faults=errors.texts(request, refusal)
        )
    await commands.publish(request.actor, found, at=request.at, paper=paper)
    return redirect(request, f"/office/rankings/{found}?said=ranking_published")


async def _show(request: Request, code: Code, *, status: int = 200, **more: Any) -> Response[Any]:
    """Render the steps of one round's ranking."""
    view = await rounds.round(code)
    found = {each.round_code: each for each in await queries.rankings()}.get(code)
    context: dict[str, Any] = {"lists": [], "answers": [], "publication": None, "open": 0}
    if found is not None:
        context |= await _way(request, found)
    undecided = await evaluations.undecided(view.id) if view.state in _OVER else 0
    return page(
        request,
        "office/rankings/show.html",
        status=status,
        round=view,
        ranking=found,
        auditing=found is not None and request.actor.may(Role.AUDITOR),
        undecided=undecided,
        steps=_steps(request, view, found),
        next=_next(request, view, found, undecided, context),
        **{"typed": forms.Form({}, {}), "typed_for": "", **context, **more},
    )


async def _way(request: Request, found: RankingView) -> dict[str, Any]:
    """Return what a computed ranking holds and waits for."""
    code, at = found.round_code, request.at
    book = (await rulebooks.version(found.rulebook_code)).rulebook
    answers = await queries.answers(code)
    told = await queries.deliveries(found.id)
    appeals = await queries.appeals_of(AppealKind.RANKING, code)
    recounts = await lifecycle.recounts(found.id)
    running = [each for each in told if each.open(at)]
    left = await lifecycle.unsigned(found, at=at)
    waived = all(each.waived_at is not None for each in told)
    answerable = found.answer_by is not None and at <= found.answer_by and not waived
    correcting = found.state is RankingState.SUPERSEDED
    return {
        "lists": [
            {
                "one": each,
                "page_name": standings.page_name(each),
                "group": standings.group_name(book, each.scope, request.lang),
            }
            for each in await queries.lists(found.id)
        ],
        "answers": answers,
        "open": sum(1 for each in answers if each.state is AnswerState.OPEN),
        "publication": next(
            (each for each in await queries.publications() if each.round_code == code), None
        ),
        "told": len(told),
        "received": sum(each.received_at is not None for each in told),
        "running": len(running) or int(answerable and not correcting),
        "appeal_until": max(
            [each.appeal_by for each in running]
            + ([found.answer_by] if answerable and not correcting and found.answer_by else []),
            default=None,
        ),
        "hits": {
            each.code: found_in
            for each in answers
            if each.state is AnswerState.OPEN and (found_in := lifecycle.tells(each))
        },
        "appeals": sum(not each.settled for each in appeals),
        "appealed": appeals,
        "objections": sum(
            each.state is ObjectionState.OPEN for each in await protests.objections(found.id)
        ),
        "recounted": await lifecycle.recounted(found),
        "differs": recounts[0] if recounts and not recounts[0].agreed else None,
        "unsigned": len(left),
        "untold": len(await lifecycle.to_tell(found)),
        "editions": await queries.editions(found.id),
        "reads": {
            "procedure": request.actor.may(*procedure.READERS),
            "appeals": request.actor.may(*cases.READERS),
            "objections": request.actor.may(*objections.READERS),
            "ways": request.actor.may(*procedure.WORKERS),
            "press": request.actor.may(*press.ROLES) and found.state in press.READY,
        },
    }


def _steps(request: Request, view: RoundView, found: RankingView | None) -> list[dict[str, str]]:
    """Return the way from the closed round to the publication, with where one is."""
    texts = (
        request.text("Round closed"),
        request.text("Compute the ranking"),
        request.text("Recount by a second person"),
        request.text("Show each unit its line"),
        request.text("Appeals and answers"),
        request.text("Public notice"),
        request.text("Make the lists final"),
        request.text("Publish"),
    )
    closed = 1 if view.state in _OVER else 0
    now = closed if found is None else _REACHED[found.state]
    return [
        {"title": text, "state": "past" if number < now else "now" if number == now else ""}
        for number, text in enumerate(texts)
    ]


def _next(
    request: Request,
    view: RoundView,
    found: RankingView | None,
    undecided: int,
    more: dict[str, Any],
) -> str:
    """Return the one thing to do now, or what is waited for."""
    actor = request.actor
    if found is None:
        able = "close" if actor.may(Role.COORDINATOR) else "wait"
        return "round" if view.state not in _OVER else "review" if undecided else able
    if found.state in {RankingState.PUBLISHED, RankingState.WITHHELD}:
        return "done" if found.state is RankingState.PUBLISHED else "withheld"
    if not more["recounted"]:
        may = actor.may(Role.COORDINATOR, Role.PUBLISHER, Role.REVIEWER)
        other = actor.person != found.computed_by
        return "recount" if may and other else "recount_other"
    if not actor.may(Role.COORDINATOR, Role.PUBLISHER):
        return "wait"
    return {
        RankingState.CHECKED: "notify",
        RankingState.NOTIFIED: _hearing(more),
        RankingState.NOTICE: _noticed(found, request.at, more),
        RankingState.FINAL: "publish",
        RankingState.SUPERSEDED: _corrected(more),
    }.get(found.state, "wait")


def _hearing(more: dict[str, Any]) -> str:
    if more["open"]:
        return "answer"
    return "hearing" if more["running"] else "notice"


def _corrected(more: dict[str, Any]) -> str:
    """Return what a correction waits for: units to be told, their appeals, signatures."""
    if more["untold"]:
        return "correct_notify"
    if more["running"]:
        return "correct_hearing"
    return "appeals" if more["appeals"] else _signed(more, "publish")


def _noticed(found: RankingView, at: datetime, more: dict[str, Any]) -> str:
    if found.notice_until is not None and at <= found.notice_until:
        return "noticed"
    if more["objections"]:
        return "objections"
    return "appeals" if more["appeals"] else _signed(more, "final")


def _signed(more: dict[str, Any], then: str) -> str:
    return "sign" if more["unsigned"] else then


@post("/rankings/{code:str}/sealed", roles=(Role.AUDITOR,), look=True, status_code=200)
async def sealed(request: Request, code: FromPath[str]) -> Response[Any]:
    """Give an auditor the sealed input, to compute every digit again."""
    form = await forms.fields(request)
    found = read_code(code)
    try:
        data = await commands.open_sealed(request.actor, found, form.text("reason"), at=request.at)
    except Invalid as refusal:
        return await _show(request, found, status=422, faults=errors.texts(request, refusal))
    return download(data, f"sealed-{found}.json", "application/json")


handlers = [index, show, draft, sealed, close, notify, consider, publish]
