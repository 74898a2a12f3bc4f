"""Tasks of a round at the office's desk: coverage by week, lists, one task; never a visitor."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from litestar import Response, get
from litestar.params import FromPath

from panel.actor import Role
from panel.ids import read_code
from panel.rulebook import queries as rulebooks
from panel.vault import queries as openings
from panel.vault.types import OpeningKind
from panel.visits import commands, queries
from panel.visits.types import CoverageRow, TaskState
from web import paging, pictures
from web.office.rounds import PLANNERS, group_names
from web.pages import Request, page

_PAGE = 50


@get("/rounds/{code:str}/coverage")
async def coverage(request: Request, code: FromPath[str]) -> Response[str]:
    """Show the windows of one peer group by week of the round."""
    request.actor.require(*PLANNERS)
    view = await queries.round(read_code(code))
    version = await rulebooks.version(view.rulebook_code)
    groups = group_names(request, version.rulebook)
    chosen = request.query_params.get("group", "")
    group = chosen if chosen in view.draft.groups else view.draft.groups[0]
    shown = await commands.see(request.actor, view.code, "coverage", at=request.at)

    async def read(turn: paging.Turn) -> list[CoverageRow]:
        after, before = turn.ids
        return await queries.coverage(
            view, group, limit=turn.limit, after=after, before=before, shown=shown
        )

    found = await paging.paged(
        request, read, lambda one: one.place_id, _PAGE, f"&group={quote(group)}"
    )
    total = await queries.places_of(view, group)
    return page(
        request,
        "office/visits/coverage.html",
        view=view,
        shown=shown or not view.covert,
        may_look=request.actor.may(Role.COORDINATOR),
        group=group,
        groups=[{"value": key, "label": groups.get(key, key)} for key in view.draft.groups],
        rows=found.rows,
        total=total,
        number_of_page=found.number,
        previous=found.previous,
        following=found.following,
        picture=pictures.coverage_strips(
            [pictures.Coverage(_place(request, row), row.planned, row.done) for row in found.rows],
            request.text,
        ),
    )


def _place(request: Request, row: CoverageRow) -> str:
    """Return what a place is called in the reader's language."""
    unit = row.unit_name_en if request.lang == "en" and row.unit_name_en else row.unit_name
    window = row.window_name_en if request.lang == "en" and row.window_name_en else row.window_name
    return f"{unit} · {window}" if window else unit


@get("/rounds/{code:str}/tasks")
async def tasks(request: Request, code: FromPath[str]) -> Response[str]:
    """List tasks of a round, a page at a time; visitors stay unnamed."""
    request.actor.require(*PLANNERS)
    view = await queries.round(read_code(code))
    wanted = request.query_params.get("state", "")
    state = TaskState(wanted) if wanted in set(TaskState) else None
    shown = await commands.see(request.actor, view.code, "tasks", at=request.at)
    found = await queries.round_tasks(
        view.id, state=state, after=request.number("after"), limit=_PAGE + 1, shown=shown
    )
    more = found[_PAGE - 1].id if len(found) > _PAGE else None
    total = sum(
        count.count for count in await queries.counts(view.id) if state in {None, count.state}
    )
    return page(
        request,
        "office/visits/tasks.html",
        view=view,
        shown=shown or not view.covert,
        may_look=request.actor.may(Role.COORDINATOR),
        tasks=found[:_PAGE],
        total=total,
        state=state.value if state else "",
        states=list(TaskState),
        following=f"/office/rounds/{code}/tasks?state={state or ''}&after={more}" if more else None,
    )


@get("/tasks/{code:str}", roles=(Role.COORDINATOR, Role.REVIEWER, Role.AUDITOR))
async def task(request: Request, code: FromPath[str]) -> Response[str]:
    """Show one task: where, in what state, why its visitor was chosen; never who."""
    wanted = read_code(code)
    found = await queries.office_task(request.actor, wanted)
    if found.hidden and await commands.see(
        request.actor, found.round_code, f"task {wanted}", at=request.at
    ):
        found = await queries.office_task(request.actor, wanted, shown=True)
    return page(
        request,
        "office/visits/task.html",
        task=found,
        may_look=request.actor.may(Role.COORDINATOR),
        may_ask=OpeningKind.VISITOR in openings.askable(request.actor),
    )


handlers: list[Any] = [coverage, tasks, task]
