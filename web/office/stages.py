"""The second stage of a round: further visits where its lists are unclear."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Conflict, Invalid
from panel.ids import read_code
from panel.rankings import queries as rankings
from panel.rankings.types import Kind, Row
from panel.visits import commands, queries
from panel.visits.types import RoundDraft, RoundState, RoundView, Score
from web import errors, forms
from web.forms import Form
from web.i18n import ZONE, gettext
from web.pages import Request, page, redirect

_WEEKS = 4
_TITLE = "{title}: second stage"


@get("/rounds/{code:str}/second-stage", roles=(Role.COORDINATOR,))
async def offer(request: Request, code: FromPath[str]) -> Response[str]:
    """Show which units are unclear, how many visits they would get, and ask for the plan."""
    view = await queries.round(read_code(code))
    first = request.at.astimezone(ZONE).date() + dt.timedelta(days=7)
    fields = {
        "title": [gettext("zh", _TITLE, title=view.draft.title)],
        "title_en": [gettext("en", _TITLE, title=view.draft.title_en)]
        if view.draft.title_en
        else [""],
        "starts": [first.isoformat()],
        "ends": [(first + dt.timedelta(weeks=_WEEKS, days=-1)).isoformat()],
    }
    return await _page(request, view, Form(fields, {}))


async def _page(
    request: Request, view: RoundView, form: Form, refusal: Invalid | None = None
) -> Response[str]:
    if view.state is not RoundState.COMPUTED:
        raise Conflict("round.state_changed")
    rows = await _rows(view)
    scores = [_score(row) for row in rows]
    named = {str(row.code): row for row in rows}
    found = await commands.outlook(view, scores, "preview")
    return page(
        request,
        "office/visits/second_stage.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        view=view,
        form_values=form,
        units=[(named[each.unit], each) for each in queries.unclear(scores)],
        places=len(found.weights),
        visits=found.visits,
        uniform=found.uniform_percent,
        times=found.cap_times,
    )


async def _rows(view: RoundView) -> list[Row]:
    """Return the lines of the units in the round's ranking."""
    ranking = await rankings.ranking(view.code)
    return [
        row
        for each in await rankings.lists(ranking.id)
        if each.kind is Kind.UNIT
        for row in each.rows
    ]


def _score(row: Row) -> Score:
    """Return what a ranking knows of a unit, in plain values."""
    spread = None if row.low is None or row.high is None else (row.high - row.low) // 2
    return Score(
        unit=row.code,
        score=row.score,
        spread=spread,
        in_bottom=row.in_bottom,
        in_top=row.in_top,
        provisional=row.provisional,
    )


@post("/rounds/{code:str}/second-stage", roles=(Role.COORDINATOR,))
async def plan(request: Request, code: FromPath[str]) -> Response[str]:
    """Plan the second stage; its approval and draw follow as of any round."""
    form = await forms.fields(request)
    view = await queries.round(read_code(code))
    try:
        draft = _draft(form, view)
        scores = [_score(row) for row in await _rows(view)]
        made = await commands.confirm(request.actor, view.code, scores, draft, at=request.at)
    except Invalid as refusal:
        return await _page(request, view, form, refusal)
    return redirect(request, f"/office/rounds/{made.code}?said=round_planned")


def _draft(form: Form, view: RoundView) -> RoundDraft:
    """Read the plan of the second stage; the rest is as in the first."""
    return msgspec.structs.replace(
        view.draft,
        title=form.text("title"),
        title_en=form.text("title_en"),
        register_number=form.text("register_number"),
        starts=dt.datetime.combine(form.date("starts"), dt.time(), ZONE).astimezone(dt.UTC),
        ends=dt.datetime.combine(form.date("ends"), dt.time(23, 59, 59), ZONE).astimezone(dt.UTC),
    )


handlers: list[Any] = [offer, plan]
