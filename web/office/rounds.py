"""Rounds at the office's desk: the register, the plan, its approval, its end."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from panel.actor import Role
from panel.errors import Conflict, Fault, Invalid
from panel.ids import read_code
from panel.members import queries as members
from panel.members.types import Listed
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import Rulebook
from panel.visits import commands, queries
from panel.visits.types import (
    LIVE,
    Capacity,
    GroupWeeks,
    RoundDraft,
    RoundState,
    RoundView,
    TaskState,
)
from web import errors, forms, pictures
from web.forms import Form
from web.i18n import ZONE
from web.pages import Request, page, redirect

PLANNERS = (Role.COORDINATOR, Role.AUDITOR)
"""Who may know where covert visits are still to come."""
_DELIVERED = (TaskState.SUBMITTED, TaskState.RETURNED, TaskState.DONE)


def group_names(request: Request, rulebook: Rulebook) -> dict[str, str]:
    """Return the peer groups' names in the reader's language."""
    return {group.key: group.text.get(request.lang) for group in rulebook.peer_groups}


def _faults(request: Request, refusal: Invalid, groups: dict[str, str]) -> list[dict[str, str]]:
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


@get("/rounds/new")
async def new(request: Request) -> Response[str]:
    """Offer a new plan with the rulebook's bounds filled in."""
    version = await rulebooks.current()
    bounds = version.rulebook.rounds
    first = request.at.astimezone(ZONE).date() + dt.timedelta(days=7)
    values = {
        "covert_percent": "40",
        "visits_per_window": str(bounds.visits_per_window),
        "visits_per_unit": str(bounds.visits_per_window),
        "starts": first.isoformat(),
        "ends": (first + dt.timedelta(days=41)).isoformat(),
        "due_hours": str(version.rulebook.deadline("sheet_after_visit").amount),
        "max_tasks": str(bounds.maximum_tasks_per_member),
        "legal_basis": version.rulebook.legal_basis.get("zh"),
    }
    fields = {name: [value] for name, value in values.items()}
    fields["groups"] = [group.key for group in version.rulebook.peer_groups]
    form = Form(fields, {})
    return _form(request, version.rulebook, form, "/office/rounds")


def _form(
    request: Request,
    rulebook: Rulebook,
    form: Form,
    action: str,
    refusal: Invalid | None = None,
) -> Response[str]:
    """Render the form of a plan, after a refusal with everything that was typed."""
    groups = group_names(request, rulebook)
    return page(
        request,
        "office/visits/new.html",
        status=422 if refusal else 200,
        faults=_faults(request, refusal, groups) if refusal else [],
        form_values=form,
        groups=[{"value": key, "label": label} for key, label in groups.items()],
        bounds=rulebook.rounds,
        action=action,
        back_url=action,
    )


def _draft(form: Form) -> RoundDraft:
    """Read a plan; days are those of the city, from midnight to the last second."""
    return RoundDraft(
        title=form.text("title"),
        title_en=form.text("title_en"),
        theme=form.text("theme"),
        groups=tuple(form.many("groups")),
        unranked=tuple(form.many("unranked")),
        covert_percent=form.integer("covert_percent", 0),
        visits_per_window=form.integer("visits_per_window"),
        visits_per_unit=form.integer("visits_per_unit"),
        starts=dt.datetime.combine(form.date("starts"), dt.time(), ZONE).astimezone(dt.UTC),
        ends=dt.datetime.combine(form.date("ends"), dt.time(23, 59, 59), ZONE).astimezone(dt.UTC),
        due_hours=form.integer("due_hours"),
        legal_basis=form.text("legal_basis"),
        register_number=form.text("register_number"),
        max_tasks=form.integer("max_tasks"),
        disclosure=form.text("disclosure"),
        disclosed_on=form.date("disclosed_on") if form.text("disclosed_on") else None,
    )


@post("/rounds", roles=(Role.COORDINATOR,))
async def create(request: Request) -> Response[str]:
    """Store a plan, or show every fault at its field."""
    form = await forms.fields(request)
    version = await rulebooks.current()
    try:
        view = await commands.plan(request.actor, _draft(form), at=request.at)
    except Invalid as refusal:
        return _form(request, version.rulebook, form, "/office/rounds", refusal)
    return redirect(request, f"/office/rounds/{view.code}?said=round_planned")


def _typed(draft: RoundDraft) -> Form:
    """Return the fields that would give a plan."""
    texts = {
        name: [str(getattr(draft, name) or "")]
        for name in (
            "title", "title_en", "theme", "legal_basis", "register_number", "disclosure",
            "visits_per_window", "visits_per_unit", "due_hours", "max_tasks",
        )
    }  # fmt: skip
    disclosed = draft.disclosed_on.isoformat() if draft.disclosed_on else ""
    return Form(
        {
            **texts,
            "covert_percent": [str(draft.covert_percent)],
            "groups": list(draft.groups),
            "unranked": list(draft.unranked),
            "starts": [draft.starts.astimezone(ZONE).date().isoformat()],
            "ends": [draft.ends.astimezone(ZONE).date().isoformat()],
            "disclosed_on": [disclosed],
        },
        {},
    )


@get("/rounds/{code:str}/edit")
async def edit(request: Request, code: FromPath[str]) -> Response[str]:
    """Offer a plan that nobody approved yet for change."""
    view = await queries.round(read_code(code))
    if view.state is not RoundState.DRAFT:
        raise Conflict("round.state_changed")
    version = await rulebooks.version(view.rulebook_code)
    return _form(request, version.rulebook, _typed(view.draft), f"/office/rounds/{view.code}")


@post("/rounds/{code:str}", roles=(Role.COORDINATOR,))
async def update(request: Request, code: FromPath[str]) -> Response[str]:
    """Change a plan, or show every fault at its field."""
    form = await forms.fields(request)
    view = await queries.round(read_code(code))
    try:
        await commands.revise(request.actor, view.code, _draft(form), at=request.at)
    except Invalid as refusal:
        version = await rulebooks.version(view.rulebook_code)
        return _form(request, version.rulebook, form, f"/office/rounds/{view.code}", refusal)
    return redirect(request, f"/office/rounds/{view.code}?said=round_revised")


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
        faults=_faults(request, refusal, groups) if refusal else [],
        form_values=form or Form({}, {}),
        view=view,
        book=version,
        group_names=groups,
        capacity=capacity,
        over=capacity.tasks > capacity.room,
        strips=_forecast(capacity, groups, say) if not drawn else "",
        even=_even(capacity, say) if not drawn and capacity.members else "",
        own=own,
        may=request.actor.may(Role.COORDINATOR),
        may_list=request.actor.may(*PLANNERS),
        may_approve=request.actor.may(Role.COORDINATOR, Role.PUBLISHER),
        closable=request.at >= view.closes_at,
        **(await _running(request, view, groups) if drawn else {"figures": None}),
    )


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


handlers: list[Any] = [index, new, create, show, edit, update, approve, close]
