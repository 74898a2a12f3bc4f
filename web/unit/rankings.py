"""A unit's own results: its line before the publication, its answer."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from panel.errors import Forbidden, Invalid
from panel.evaluations.queries import findings
from panel.ids import Code, read_code
from panel.rankings import commands, queries
from panel.rulebook import queries as rulebooks
from web import errors, forms, standings
from web.pages import Request, page, redirect


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
        waiting = await findings.unit_waiting(unit, at=request.at)
        return page(request, "unit/rankings/empty.html", waiting=waiting)
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


async def _show(request: Request, code: Code, *, status: int = 200, **more: Any) -> Response[Any]:
    """Render the unit's own line of a round: no other unit's, and never who came."""
    unit = own_unit(request)
    own = await queries.own(unit, code)
    book = (await rulebooks.version(own.ranking.rulebook_code)).rulebook
    found = standings.shown_unit(own.row, own.list, [], book, request.lang)
    places = {row.code: row for row in own.windows}
    for figure, line in zip(
        [each for each in own.row.windows if each.code != unit], found["windows"], strict=True
    ):
        if figure.code in places:
            line["place"] = standings.place(places[figure.code], request.lang)
    limit = own.ranking.answer_by
    return page(
        request,
        "unit/rankings/show.html",
        status=status,
        own=own,
        waiting=await findings.unit_waiting(unit, at=request.at),
        others=[r for r in await queries.own_rounds(unit) if r.round_code != code],
        group=standings.group_name(book, own.list.scope, request.lang),
        minimum=book.publication.minimum_visitors,
        may_answer=own.answer is None
        and limit is not None
        and request.at <= limit
        and own.ranking.published_at is None,
        **{"typed": "", **found, **more},
    )


handlers = [index, show, answer]
