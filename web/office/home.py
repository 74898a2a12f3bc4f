"""The desk of the office: what waits for the person who signed in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from litestar import Response, get

from panel.actor import Role
from panel.evaluations import queries as evaluations
from panel.members import queries as members
from panel.members.types import Composition
from panel.rankings import queries as rankings
from panel.rankings.types import RankingState
from panel.recruitment import queries as recruitment
from panel.roster import queries as roster
from panel.roster.types import TableKind
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import RulebookState, RulebookVersion
from panel.visits import queries as visits
from panel.visits.types import RoundState, TaskState
from web import i18n, pictures
from web.office import (
    appeals,
    due,
    duty,
    findings,
    influence,
    leads,
    officers,
    orders,
    paper,
    terms,
)
from web.office.desks import desks
from web.office.due import Todo
from web.pages import Request, page
from web.text import features

_DONE = {TaskState.DONE, TaskState.SUBMITTED, TaskState.RETURNED, TaskState.VOIDED}
"""Tasks whose visit was made, whatever becomes of the sheet."""
_REPLACED = {TaskState.DECLINED, TaskState.RECUSED}
"""Tasks that another member got instead."""

_STEPS = {
    RankingState.DRAFT: "Recount the lists",
    RankingState.CHECKED: "Tell the units",
    RankingState.NOTIFIED: "Hear the units",
    RankingState.NOTICE: "Public notice of a ranking",
    RankingState.FINAL: "Publish the ranking",
    RankingState.SUPERSEDED: "Publish the correction of a ranking",
}
"""What a ranking on its way to the public waits for."""


class Running(msgspec.Struct, frozen=True):
    """How far a running round is: its name, its last day, visits made of all, sheets to judge."""

    url: str
    title: str
    ends: datetime
    made: int
    total: int
    waiting: int
    bar: str


@get("/")
async def index(request: Request) -> Response[Any]:
    """Show what waits, by the roles of the reader; nothing that others must do."""
    actor = request.actor
    todo: list[Todo] = []
    if actor.may(Role.REVIEWER):
        todo += await due.review(request)
    if actor.may(Role.INDEPENDENT_REVIEWER):
        sealed = len(await evaluations.accused())
        if sealed:
            todo.append(
                Todo("/office/accusations", request.text("Sealed accusations"), count=sealed)
            )
    todo += await _told(request)
    todo += await findings.todo(request)
    todo += [*await officers.todo(request), *await duty.todo(request)]
    todo += [*await appeals.todo(request), *await orders.todo(request)]
    versions = await rulebooks.versions()
    in_force = any(version.state is RulebookState.APPROVED for version in versions)
    if actor.may(Role.COORDINATOR):
        todo += [*await _start(request, versions), *await _rounds(request)]
        todo += await due.revisits(request)
    if actor.may(Role.COORDINATOR, Role.VETTING_CLERK, Role.PUBLISHER):
        todo += await due.campaigns(request)
    if actor.may(Role.COORDINATOR, Role.PUBLISHER):
        todo += await _rankings(request)
    composition = await members.composition(request.at) if in_force else None
    if actor.may(Role.COORDINATOR, Role.PUBLISHER):
        todo += await terms.todo(request)
        todo += await due.circulars(request)
    if actor.may(Role.COORDINATOR):
        todo += due.alarm(request, composition)
    return page(
        request,
        "office/home/index.html",
        todo=todo,
        composition=composition,
        running=await _running(request),
        desks=desks(request),
        panel=await _panel(request, composition) if composition and composition.total else "",
    )


async def _told(request: Request) -> list[Todo]:
    """Return what members told or handed in on paper, as far as the reader may know of it."""
    found: list[Todo] = []
    if request.actor.may(Role.INDEPENDENT_REVIEWER):
        found += await influence.todo(request)
    if request.actor.may(Role.COORDINATOR, Role.INTAKE_CLERK):
        found += await paper.todo(request)
    if request.actor.may(Role.COORDINATOR):
        found += await leads.todo(request)
    return found


async def _running(request: Request) -> list[Running]:
    """Return the running rounds with how many visits were made."""
    found = []
    for view in await visits.rounds():
        if view.state is not RoundState.RUNNING:
            continue
        counts = await visits.counts(view.id)
        made = sum(each.count for each in counts if each.state in _DONE)
        total = sum(each.count for each in counts if each.state not in _REPLACED)
        found.append(
            Running(
                url=f"/office/rounds/{view.code}",
                title=view.draft.title_en if request.lang == "en" else view.draft.title,
                ends=view.draft.ends,
                made=made,
                total=total,
                waiting=sum(each.count for each in counts if each.state is TaskState.SUBMITTED),
                bar=pictures.progress_bar(made, total, request.text),
            )
        )
    return found


async def _panel(request: Request, found: Composition) -> str:
    """Draw how the panel is made up, as far as rules bind it."""
    words = features.Words((await rulebooks.current()).rulebook.recruitment, request.lang)
    groups = [(each.key, each.seats, each.minimum_percent) for each in found.groups]
    shown = {"category": found.counts.get("category", {})}
    return features.picture(shown, groups, words, request.text)


async def _start(request: Request, versions: list[RulebookVersion]) -> list[Todo]:
    """Return what an empty city begins with, and measures that somebody else proposed."""
    found = [
        Todo(
            f"/office/rulebooks/{version.code}",
            request.text("Approve the measures"),
            version.rulebook.edition,
        )
        for version in versions
        if version.state is RulebookState.PROPOSED
        and request.actor.person not in {version.author, *version.editors}
    ]
    if not versions:
        found.append(Todo("/office/rulebooks", request.text("Put measures into force")))
    if not (await roster.sizes())[TableKind.UNITS]:
        found.append(Todo("/office/roster/import", request.text("Import units and windows")))
    if not await recruitment.campaigns():
        found.append(Todo("/office/recruitment", request.text("Announce the recruitment")))
    return found


async def _rounds(request: Request) -> list[Todo]:
    """Return the next step of every round that is not running by itself."""
    steps = {
        RoundState.DRAFT: "Approve the round",
        RoundState.APPROVED: "Commit the draw of the round",
        RoundState.COMMITTED: "Draw the round",
    }
    found = []
    for view in await visits.rounds():
        title = view.draft.title_en if request.lang == "en" else view.draft.title
        # Re-visits share one title: the last day tells them apart.
        last = request.text("until {day}", day=i18n.date(request.lang, view.draft.ends))
        detail = f"{title or view.draft.title} · {last}"
        url = f"/office/rounds/{view.code}"
        own = view.state is RoundState.DRAFT and view.created_by == request.actor.person
        if view.state in steps and not own:
            found.append(Todo(url, request.text(steps[view.state]), detail))
        elif view.state is RoundState.RUNNING and view.closes_at <= request.at:
            found.append(Todo(url, request.text("Close the round"), detail))
    return found


async def _rankings(request: Request) -> list[Todo]:
    """Return rankings on their way to the public, each with its next step."""
    return [
        Todo(
            f"/office/rankings/{view.round_code}",
            request.text(_STEPS[view.state]),
            (view.title_en if request.lang == "en" else "") or view.title,
        )
        for view in await rankings.rankings()
        if view.state in _STEPS
    ]


handlers = [index]
