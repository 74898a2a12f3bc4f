"""Covert visits: looks at what is to come, on the record; a visitor who was recognised."""

from __future__ import annotations

from datetime import datetime, timedelta

from panel.actor import Actor, Role
from panel.audit.commands import entry
from panel.db import insert_rows, raw
from panel.errors import Forbidden
from panel.ids import Code
from panel.rulebook import queries as rulebooks
from panel.visits import queries
from panel.visits.commands.tasks import move, pseudonym
from panel.visits.rules import covert as rules
from panel.visits.tables import CovertLook, Task
from panel.visits.types import Mode, TaskView


async def look(actor: Actor, code: Code, reason: str, *, at: datetime) -> datetime:
    """Let a coordinator read a round's covert visits to come for some minutes; return until when.

    Each look leaves an entry with its reason, and each page that is read under it another.
    """
    rules.check_look(actor, reason)
    if actor.person is None:
        raise Forbidden("actor.role", roles=(Role.COORDINATOR.value,))
    async with entry(actor, "visits.look", at=at, reason=reason.strip()) as note:
        view = await queries.round(code)
        version = await rulebooks.version(view.rulebook_code)
        until = at + timedelta(minutes=version.rulebook.covert.opening_minutes)
        await insert_rows(
            CovertLook,
            [
                CovertLook(
                    round=view.id,
                    person=actor.person,
                    name=actor.name,
                    office=actor.office,
                    reason=reason.strip(),
                    at=at,
                    until=until,
                )
            ],
        )
        note.about("round", code, look=True)
    return until


async def see(actor: Actor, code: Code, page: str, *, at: datetime) -> bool:
    """Tell whether a reader may see the covert visits to come on a page, and note that it is read.

    Without a look that still holds nothing is shown and nothing noted.
    """
    view = await queries.round(code)
    if await queries.looking(actor, view.id, at=at) is None:
        return False
    async with entry(actor, "visits.see", at=at) as note:
        await raw(
            "UPDATE covert_look SET pages = pages + 1 WHERE id = (SELECT MAX(id) FROM covert_look "
            "WHERE round = {} AND person = {} AND until >= {})",
            view.id,
            actor.person,
            at,
        )
        note.about("round", code, page=page)
    return True


async def recognised(actor: Actor, code: Code, *, at: datetime) -> TaskView:
    """Note that somebody at the window knew who the visitor is: nobody is to blame.

    The visit goes on as an open one, and no later draw sends this visitor to this window again;
    the next draws find it by the links, so that no table joins a member with the visit.
    """
    actor.require(Role.MEMBER)
    task = await queries.member_task(actor.member, code)
    book = (await rulebooks.version(task.rulebook_code)).rulebook
    async with entry(actor, "visits.recognised", at=at, name=pseudonym(task)) as note:
        rules.may_say_recognised(task, book.rounds.shown_days_before, at)
        await move(task, task.state, mode=Mode.OPEN, recognised_at=at)
        note.about("task", code, before=task.mode.value, after=Mode.OPEN.value, recognised=True)
    return await queries.task(code)


async def note_recognised(task_id: int, *, at: datetime) -> None:
    """Keep that a sheet says its visitor was recognised; joins the caller's transaction."""
    await Task.update({Task.recognised_at: at}).where(
        Task.id == task_id, Task.recognised_at.is_null()
    )
