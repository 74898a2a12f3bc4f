"""Rounds at the office's desk: the register, the plan, its approval, its end."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Fault, Invalid
from panel.evaluations import queries as evaluations
from panel.evaluations.types import Agreement
from panel.ids import Code, read_code
from panel.members import queries as members
from panel.members.types import Listed
from panel.roster import queries as roster
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import Rulebook
from panel.visits import commands, queries
from panel.visits.queries import draws
from panel.visits.types import (
    LIVE,
    Announced,
    Capacity,
    GroupWeeks,
    PublicGame,
    RoundState,
    RoundView,
    TaskState,
)
from web import errors, forms, pictures
from web.forms import Form
from web.pages import Request, page, redirect

PLANNERS = (Role.COORDINATOR, Role.AUDITOR)
"""Who may know where covert visits are still to come."""
_DELIVERED = (TaskState.SUBMITTED, TaskState.RETURNED, TaskState.DONE)


def group_names(request: Request, rulebook: Rulebook) -> dict[str, str]:
    """Return the peer groups' names in the reader's language."""
    return {group.key: group.text.get(request.lang) for group in rulebook.peer_groups}


def faults_of(request: Request, refusal: Invalid, groups: dict[str, str]) -> list[dict[str, str]]:
    """Return the sentences of a refusal, peer groups by their names."""
    named = [
        Fault(
            fault.path,
            fault.code,
            {
                name: groups.get(str(value), value) if name == "group" else value
                for name, value in fault.values.items()
            },
        )
        for fault in refusal.faults
    ]
    return errors.texts(request, Invalid(refusal.code, *named, **refusal.values))


async def place_names(request: Request) -> dict[str, str]:
    """Return what units and windows are called in the reader's language, by code."""

    def own(zh: str, en: str) -> str:
        return en if request.lang == "en" and en else zh

    found: dict[str, str] = {
        unit.code: own(unit.name, unit.name_en) for unit in await roster.units()
    }
    for window in await roster.windows():
        unit = own(window.unit_name, window.unit_name_en)
        found[window.code] = f"{unit} · {own(window.name, window.name_en)}"
    return found


@get("/rounds")
async def index(request: Request) -> Response[str]:
    """List all rounds with how far they are."""
    rounds = await queries.rounds()
    done: dict[str, tuple[int, int]] = {}
    tasks_of = await queries.counts_by_round()
    for each in rounds:
        if each.drawn_at is None:
            continue
        counts = tasks_of.get(each.id, [])
        done[each.code] = (
            sum(count.count for count in counts if count.state in _DELIVERED),
            sum(count.count for count in counts if count.state in LIVE),
        )
    return page(
        request,
        "office/visits/index.html",
        rounds=rounds,
        done=done,
        may=request.actor.may(Role.COORDINATOR),
    )


@get("/rounds/{code:str}")
async def show(request: Request, code: FromPath[str]) -> Response[str]:
    """Show a round: where it stands, what comes next, coverage, capacity, load."""
    return await round_page(request, await queries.round(read_code(code)))


async def round_page(
    request: Request,
    view: RoundView,
    refusal: Invalid | None = None,
    form: Form | None = None,
) -> Response[str]:
    """Render a round, after a refusal with its faults."""
    version = await rulebooks.version(view.rulebook_code)
    groups = group_names(request, version.rulebook)
    capacity = await queries.capacity(view, version.rulebook, at=request.at)
    say = request.text
    drawn = view.drawn_at is not None
    own = request.actor.person is not None and view.created_by == request.actor.person
    return page(
        request,
        "office/visits/show.html",
        status=422 if refusal else 200,
        faults=faults_of(request, refusal, groups) if refusal else [],
        form_values=form or Form({}, {}),
        view=view,
        book=version,
        group_names=groups,
        chosen=await _chosen(request, view),
        capacity=capacity,
        over=capacity.tasks > capacity.room,
        strips=_forecast(capacity, groups, say) if not drawn else "",
        even=_even(capacity, say) if not drawn and capacity.members else "",
        own=own,
        may=request.actor.may(Role.COORDINATOR),
        may_list=request.actor.may(*PLANNERS),
        may_approve=request.actor.may(Role.COORDINATOR, Role.PUBLISHER),
        closable=request.at >= view.closes_at,
        papers=await evaluations.papers_waiting(),
        cost=_money(capacity.cost_hundredths),
        each=_money(version.rulebook.rounds.visit_cost_hundredths),
        allowance=version.rulebook.rounds.allowance_basis,
        free_from=queries.drawable_from(view),
        soon=(from_ := queries.drawable_from(view)) is not None and request.at < from_,
        numbers_known=queries.numbers_known(view),
        entered=await _entered(request, view),
        issues=list(enumerate(view.announced)) if view.announced else _games(),
        parent=await _parent(view),
        children=await queries.children(view.code),
        agreed=await _agreed(view, version.rulebook),
        fingerprint=draws.commitment_hash(view),
        may_enter=request.actor.may(Role.COORDINATOR, Role.PUBLISHER, Role.REVIEWER),
        may_audit=request.actor.may(Role.AUDITOR),
        **(await _running(request, view, groups) if drawn else {"figures": None}),
    )


async def _chosen(request: Request, view: RoundView) -> list[tuple[str, int]]:
    """Return the single places of a plan that waits for approval, each with its visits."""
    if view.state is not RoundState.DRAFT or not view.draft.targets:
        return []
    named = await place_names(request)
    return [(named.get(code, code), visits) for code, visits in view.draft.targets.items()]


def _money(hundredths: int) -> str:
    """Return an amount in yuan with its cents."""
    return f"{hundredths // 100:,}.{hundredths % 100:02}"


def _games() -> list[tuple[int, Announced]]:
    """Return the public lotteries that a commitment names, with nothing filled in."""
    return [(number, Announced(game, "", dt.date.min)) for number, game in enumerate(PublicGame)]


async def _entered(request: Request, view: RoundView) -> tuple[int, bool]:
    """Return how many persons have read the announced numbers, and whether the reader has."""
    if view.state is not RoundState.COMMITTED or not view.announced:
        return 0, False
    read = await queries.readings(view.id)
    return len(read), request.actor.person in read


async def _agreed(view: RoundView, book: Rulebook) -> Agreement | None:
    """Return how far the blind double visits of a closed round agree, as the public reads it."""
    if not view.closed_at:
        return None
    return await evaluations.agreement(view.id, least=book.publication.minimum_visitors)


async def _parent(view: RoundView) -> RoundView | None:
    """Return the round that this one continues."""
    return await queries.round(Code(view.draft.parent)) if view.draft.parent else None


def _forecast(capacity: Capacity, groups: dict[str, str], say: pictures.Say) -> str:
    """Draw each peer group's visits by the week in which they fall due."""
    rows = [
        pictures.Coverage(groups.get(group.key, group.key), group.weeks, (0,) * len(group.weeks))
        for group in capacity.groups
    ]
    return pictures.coverage_strips(rows, say)


def _even(capacity: Capacity, say: pictures.Say) -> str:
    """Draw the load that an even share gives."""
    low, high = capacity.minimum_load, capacity.maximum_load
    more = capacity.tasks - low * capacity.members
    loads = Counter({low: capacity.members - more})
    if more:
        loads[high] += more
    return pictures.histogram(loads, (0, capacity.max_tasks), say)


async def _running(request: Request, view: RoundView, groups: dict[str, str]) -> dict[str, Any]:
    """Return what a drawn round shows: counts, loads, far share, coverage by group."""
    say = request.text
    counts = await queries.counts(view.id)
    carried = await queries.loads(view.id)
    loads = Counter(carried.values())
    qualified = await members.count_of(request.at, Listed.ACTIVE)
    if qualified > len(carried):
        loads[0] = qualified - len(carried)
    figures = await queries.figures(view.id)
    modes = sorted({count.mode for count in counts})
    table = {
        state: {count.mode: count.count for count in counts if count.state is state}
        for state in TaskState
        if any(count.state is state for count in counts)
    }
    return {
        "figures": figures,
        "modes": modes,
        "table": table,
        "load": pictures.histogram(loads, (0, view.draft.max_tasks), say),
        "loads": sorted(loads.items()),
        "coverage": _by_group(await queries.group_coverage(view), groups, say),
    }


def _by_group(rows: list[GroupWeeks], groups: dict[str, str], say: pictures.Say) -> str:
    """Draw the weeks of each peer group."""
    return pictures.coverage_strips(
        [
            pictures.Coverage(groups.get(row.peer_group, row.peer_group), row.planned, row.done)
            for row in rows
        ],
        say,
    )


@post("/rounds/{code:str}/approve", roles=(Role.COORDINATOR, Role.PUBLISHER))
async def approve(request: Request, code: FromPath[str]) -> Response[str]:
    """Approve a plan, in the service or as signed on paper."""
    form = await forms.fields(request)
    view = await queries.round(read_code(code))
    try:
        paper = forms.paper(request, form)
        await commands.approve(request.actor, view.code, at=request.at, paper=paper)
    except Invalid as refusal:
        return await round_page(request, view, refusal, form)
    return redirect(request, f"/office/rounds/{view.code}?said=round_approved")


@post("/rounds/{code:str}/close", roles=(Role.COORDINATOR,))
async def close(request: Request, code: FromPath[str]) -> Response[str]:
    """Close a round after its grace."""
    await commands.close(request.actor, read_code(code), at=request.at)
    return redirect(request, f"/office/rounds/{code}?said=round_closed")


@post("/rounds/{code:str}/cancel", roles=(Role.COORDINATOR,))
async def cancel(request: Request, code: FromPath[str]) -> Response[str]:
    """Call a round off with a reason that the public is told."""
    form = await forms.fields(request)
    view = await queries.round(read_code(code))
    try:
        paper = forms.paper(request, form)
        await commands.cancel(
            request.actor, view.code, form.text("reason"), at=request.at, paper=paper
        )
    except Invalid as refusal:
        return await round_page(request, view, refusal, form)
    return redirect(request, f"/office/rounds/{view.code}?said=round_cancelled")


handlers: list[Any] = [index, show, approve, close, cancel]
