"""What members are owed for the visits of a round: how many, never where or when."""

from __future__ import annotations

from panel.db import raw
from panel.members import queries as members
from panel.reports.types import AllowanceLine
from panel.rulebook import queries as rulebooks
from panel.visits import queries as visits
from panel.visits.types import RoundView, TaskState

_PAID = (
    TaskState.SUBMITTED, TaskState.RETURNED, TaskState.DONE, TaskState.VOIDED,
    TaskState.NOT_POSSIBLE,
)  # fmt: skip
"""Whoever went is paid, whatever became of the sheet."""


async def allowance(view: RoundView) -> list[AllowanceLine]:
    """Return who is owed how much for a round, in the order of enrolment."""
    rows = await raw(
        "SELECT visitor, count(*) AS count FROM visit_task WHERE round = {} AND state IN "
        f"({', '.join('{}' for _ in _PAID)}) GROUP BY visitor",
        view.id,
        *_PAID,
    )
    visits_of = {row["visitor"]: int(row["count"]) for row in rows}
    people = {member.code: member.person for member in await members.everybody()}
    price = (await rulebooks.version(view.rulebook_code)).rulebook.rounds.visit_cost_hundredths
    found = [
        AllowanceLine(
            person=people[member], visits=visits_of[link], hundredths=visits_of[link] * price
        )
        for link, member in visits.links(people, view.code).items()
        if link in visits_of
    ]
    return sorted(found, key=lambda line: line.person)
