"""The next round planned from what the last ranking left unclear (methods.md 3)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Conflict, Invalid
from panel.ids import Code, read_code
from panel.rankings import queries as rankings
from panel.rankings.types import Row
from panel.rulebook import queries as rulebooks
from panel.visits import commands, queries
from panel.visits.types import Proposal, RoundDraft, RoundKind, RoundState, RoundView, Side
from web import errors, forms
from web.forms import Form
from web.i18n import ZONE, gettext, score
from web.office.rounds import place_names
from web.pages import Request, page, redirect

_SHOWN: Final = 30
"""Places that are named one by one; all others are told in numbers."""
_LEAST, _MOST = 1, 20
"""Visits per place that the form takes: three times as many still fit one place."""
_TITLE: Final = "{title}: next round"


@get("/rounds/{code:str}/next", roles=(Role.COORDINATOR,))
async def offer(request: Request, code: FromPath[str]) -> Response[str]:
    """Show what is unclear, how many visits each place may expect and why; ask for the plan."""
    view = await queries.round(read_code(code))
    first = request.at.astimezone(ZONE).date() + dt.timedelta(days=7)
    length = view.draft.ends.astimezone(ZONE).date() - view.draft.starts.astimezone(ZONE).date()
    bounds = (await rulebooks.current()).rulebook.rounds
    english = gettext("en", _TITLE, title=view.draft.title_en) if view.draft.title_en else ""
    fields = {
        "title": [gettext("zh", _TITLE, title=view.draft.title)],
        "title_en": [english],
        "theme": [view.draft.theme],
        "starts": [first.isoformat()],
        "ends": [(first + length).isoformat()],
        "visits": [str(request.number("visits", bounds.visits_per_window))],
    }
    return await _page(request, view, Form(fields, {}))


async def _page(
    request: Request, view: RoundView, form: Form, refusal: Invalid | None = None
) -> Response[str]:
    if view.state is not RoundState.COMPUTED or view.draft.kind is not RoundKind.SCHEDULED:
        raise Conflict("round.state_changed")
    each = min(_MOST, max(_LEAST, request.number("visits", 0) or _visits(form)))
    sides = await _sides(view)
    found = await queries.proposals(_plain(view, each), sides)
    named = await place_names(request)
    bounds = (await rulebooks.current()).rulebook.rounds
    even = each * bounds.uniform_percent
    return page(
        request,
        "office/planning/offer.html",
        status=422 if refusal else 200,
        faults=errors.texts(request, refusal) if refusal else [],
        view=view,
        form_values=form,
        visits=each,
        most=_MOST,
        total=each * len(found),
        places=len(found),
        reasons=[(why.value, n) for why, n in Counter(p.doubt for p in found).most_common()],
        lines=[(named.get(one.place, one.place), one, _told(one)) for one in found[:_SHOWN]],
        others=max(0, len(found) - _SHOWN),
        least=score(min((one.expected for one in found), default=0)),
        even=score(even),
        bounds=bounds,
    )


def _visits(form: Form) -> int:
    text = form.text("visits")
    return int(text) if text.isdecimal() and len(text) <= len(str(_MOST)) else _LEAST


def _told(one: Proposal) -> tuple[str, str]:
    """Return the chance of the wrong side in percent and the visits to be expected."""
    return ("" if one.chance is None else f"{one.chance / 100:.0f} %", score(one.expected))


async def _sides(view: RoundView) -> dict[Code, Side]:
    """Return what the lists that count now tell of every unit and window."""
    ranking = await rankings.ranking(view.code)
    visits = await rankings.visited(ranking.id, ranking.edition)
    return {
        row.code: _side(row, visits.get(row.code, 0))
        for each in await rankings.lists(ranking.id)
        if each.edition == ranking.edition
        for row in each.rows
    }


def _side(row: Row, visits: int) -> Side:
    return Side(
        in_top=row.in_top,
        in_bottom=row.in_bottom,
        chance_top=row.chance_top,
        chance_bottom=row.chance_bottom,
        low=row.low,
        high=row.high,
        visits=visits,
    )


def _plain(view: RoundView, each: int) -> RoundDraft:
    """Return the last plan without its places, with so many visits for each."""
    return msgspec.structs.replace(
        view.draft, targets={}, parent="", visits_per_window=each, visits_per_unit=each
    )


@post("/rounds/{code:str}/next", roles=(Role.COORDINATOR,))
async def plan(request: Request, code: FromPath[str]) -> Response[str]:
    """Plan the next round; its approval and draw follow as of any round."""
    form = await forms.fields(request)
    view = await queries.round(read_code(code))
    try:
        draft = _draft(form, view)
        made = await commands.plan_next(
            request.actor, view.code, await _sides(view), draft, at=request.at
        )
    except Invalid as refusal:
        return await _page(request, view, form, refusal)
    return redirect(request, f"/office/rounds/{made.code}?said=round_planned")


def _draft(form: Form, view: RoundView) -> RoundDraft:
    """Read the plan of the next round; the rest is as in the last."""
    return msgspec.structs.replace(
        _plain(view, form.integer("visits")),
        title=form.text("title"),
        title_en=form.text("title_en"),
        theme=form.text("theme"),
        register_number=form.text("register_number"),
        starts=dt.datetime.combine(form.date("starts"), dt.time(), ZONE).astimezone(dt.UTC),
        ends=dt.datetime.combine(form.date("ends"), dt.time(23, 59, 59), ZONE).astimezone(dt.UTC),
    )


handlers: list[Any] = [offer, plan]
