"""A unit's own results: its line before the publication, its answer."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from panel.errors import Forbidden, Invalid, Missing
from panel.evaluations import queries as results
from panel.ids import Code, read_code
from panel.rankings import commands, queries
from panel.rankings.queries import lifecycle
from panel.rankings.types import OwnRanking, RankingState, RankingView
from panel.rulebook import queries as rulebooks
from web import errors, forms, standings
from web.pages import Request, page, redirect
from web.text import results as words
from web.unit.waiting import waiting

MONTHS: Final = 3
"""Lines of results by month that stand in the report; all of them have a page of their own."""

_HEARD = frozenset({RankingState.DRAFT, RankingState.CHECKED, RankingState.NOTIFIED})


def own_unit(request: Request) -> Code:
    """Return the unit for which the reader speaks."""
    if request.actor.unit is None:
        raise Forbidden("actor.no_unit")
    return request.actor.unit


@get("/")
async def index(request: Request) -> Response[Any]:
    """Show the newest result, or that there is none yet."""
    unit = own_unit(request)
    found = await queries.own_rounds(unit)
    if not found:
        return page(request, "unit/rankings/empty.html", waiting=await waiting(unit, at=request.at))
    return await _show(request, found[0].round_code)


@get("/rankings/{code:str}")
async def show(request: Request, code: FromPath[str]) -> Response[Any]:
    """Show the unit's line in one round."""
    return await _show(request, read_code(code))


@post("/rankings/{code:str}/answer", status_code=200)
async def answer(request: Request, code: FromPath[str]) -> Response[Any]:
    """Take the unit's answer, once."""
    form = await forms.fields(request)
    found = read_code(code)
    try:
        await commands.answer(request.actor, found, form.text("text"), at=request.at)
    except Invalid as refusal:
        return await _show(
            request,
            found,
            status=422,
            typed=form.text("text"),
            faults=errors.texts(request, refusal),
        )
    return redirect(request, f"/unit/rankings/{found}?said=answer_filed")


@post("/rankings/{code:str}/receive", status_code=200)
async def receive(request: Request, code: FromPath[str]) -> Response[Any]:
    """Sign for the own line; the appeal is timed from now."""
    found = read_code(code)
    await commands.receive(request.actor, found, at=request.at)
    return redirect(request, f"/unit/rankings/{found}?said=line_received")


@post("/rankings/{code:str}/dispute", status_code=200)
async def dispute(request: Request, code: FromPath[str]) -> Response[Any]:
    """Say that a receipt on paper is not the unit's own; it counts for nothing then."""
    found = read_code(code)
    await commands.dispute(request.actor, found, at=request.at)
    return redirect(request, f"/unit/rankings/{found}?said=receipt_disputed")


@get("/rankings/{code:str}/scan")
async def scan(request: Request, code: FromPath[str]) -> Response[bytes]:
    """Show the picture of the own receipt that was signed on paper."""
    own = await queries.own(own_unit(request), read_code(code))
    if own.delivery is None:
        raise Missing("delivery.no_scan")
    found = await lifecycle.receipt_scan(own.delivery)
    return Response(found.data, media_type=found.media, headers={"Cache-Control": "no-store"})


@post("/rankings/{code:str}/waive", status_code=200)
async def waive(request: Request, code: FromPath[str]) -> Response[Any]:
    """Give up the own appeal."""
    found = read_code(code)
    await commands.waive(request.actor, found, at=request.at)
    return redirect(request, f"/unit/rankings/{found}?said=appeal_waived")


async def _show(request: Request, code: Code, *, status: int = 200, **more: Any) -> Response[Any]:
    """Render the unit's own line of a round: no other unit's, and never who came."""
    unit = own_unit(request)
    own = await queries.own(unit, code)
    book = (await rulebooks.version(own.ranking.rulebook_code)).rulebook
    others = [each for each in await queries.own_rounds(unit) if each.round_code != code]
    around = await _before(unit, own, others)
    found = standings.shown_unit(own.row, own.list, [], book, request.lang, around=around)
    places = {row.code: row for row in own.windows}
    for line in found["windows"]:
        if line["key"] in places:
            line["place"] = standings.place(places[line["key"]], request.lang)
    limit = own.ranking.answer_by
    return page(
        request,
        "unit/rankings/show.html",
        status=status,
        own=own,
        waiting=await waiting(unit, at=request.at),
        others=others,
        lines=places,
        cells=[
            await words.cell(request, each)
            for each in (await results.unit_results(unit, at=request.at))[:MONTHS]
        ],
        group=standings.group_name(book, own.list.scope, request.lang),
        minimum=book.publication.minimum_visitors,
        may_answer=own.answer is None
        and limit is not None
        and request.at <= limit
        and own.ranking.state in _HEARD,
        may_appeal=own.delivery is not None and own.delivery.open(request.at),
        may_dispute=own.delivery is not None
        and lifecycle.disputable(own.delivery, book, request.at),
        **{"typed": "", **found, **more},
    )


async def _before(unit: Code, own: OwnRanking, others: list[RankingView]) -> standings.Around:
    """Gather the unit's own lines of earlier rounds, the newest first."""
    earlier = [
        standings.Period(
            each.round_code,
            each.title,
            each.title_en,
            ((await queries.own(unit, each.round_code)).list,),
        )
        for each in others
        if each.computed_at < own.ranking.computed_at
    ]
    open_appeal = own.appeal is not None and own.appeal.outcome is None
    return standings.Around(
        appealed=frozenset({unit}) if open_appeal else frozenset(),
        earlier=tuple(earlier),
        model=next(
            (
                each.model
                for each in await queries.editions(own.ranking.id)
                if each.number == own.list.edition
            ),
            None,
        ),
    )


handlers = [index, show, answer, receive, dispute, scan, waive]
