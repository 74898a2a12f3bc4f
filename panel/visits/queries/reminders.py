"""Reads for reminders: who has something to do."""

from __future__ import annotations

from datetime import datetime, timedelta

from panel.db import raw
from panel.ids import Code, PersonId
from panel.members import queries as members
from panel.members.types import Listed
from panel.visits.queries.links import links
from panel.visits.types import OPEN, RoundState, TaskState
from panel.visits.types.reminders import Audience, Pending

_OF: dict[Audience, frozenset[TaskState]] = {
    Audience.UNANSWERED: frozenset({TaskState.OFFERED}),
    Audience.OPEN_TASKS: OPEN - {TaskState.OFFERED},
}


async def pending() -> list[Pending]:
    """Return what is open in the running rounds, by visitor."""
    marks = ", ".join("{}" for _ in OPEN)
    rows = await raw(
        "SELECT r.code AS round_code, t.visitor, t.state, t.due_at, t.answer_by, r.due_hours "
        "FROM visit_task t JOIN visit_round r ON r.id = t.round "
        f"WHERE r.state = {{}} AND t.state IN ({marks}) ORDER BY t.round, t.due_at, t.id",
        RoundState.RUNNING,
        *sorted(OPEN),
    )
    return [
        Pending(
            round_code=Code(row["round_code"]),
            visitor=row["visitor"],
            state=TaskState(row["state"]),
            due_at=row["due_at"],
            sheet_by=row["due_at"] + timedelta(hours=row["due_hours"]),
            answer_by=row["answer_by"],
        )
        for row in rows
    ]


async def persons_of(found: list[Pending], *, at: datetime) -> dict[tuple[Code, str], PersonId]:
    """Return whose the visitors are, by round and link; for messages alone, never for a page."""
    people = {member.code: member.person for member in await members.serving(at)}
    return {
        (round_code, visitor): people[member]
        for round_code in dict.fromkeys(each.round_code for each in found)
        for visitor, member in links(people, round_code).items()
    }


async def audience(which: Audience, *, at: datetime) -> list[PersonId]:
    """Return the persons of an audience, each once."""
    serving = await members.serving(at)
    if which is Audience.ALL:
        return [member.person for member in serving]
    if which is Audience.UNQUALIFIED:
        fit = set(await members.codes_of(at, Listed.ACTIVE))
        return [member.person for member in serving if member.code not in fit]
    found = [each for each in await pending() if each.state in _OF[which]]
    whose = await persons_of(found, at=at)
    return list(
        dict.fromkeys(
            person for each in found if (person := whose.get((each.round_code, each.visitor)))
        )
    )
