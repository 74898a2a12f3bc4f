"""What members are owed for the visits of a round: how many, never where or when."""

from __future__ import annotations

from collections import Counter

from panel.db import raw
from panel.errors import Conflict
from panel.ids import Code, PersonId
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
    """Return who is owed how much for a round, in the order of enrolment.

    Refuses a round that is not over: a list that grows by a name beside a sheet that came in would
    join the two. Rounds of few visitors are paid with the next one, for the same reason.
    """
    together = await paid_together(view)
    count: Counter[PersonId] = Counter()
    owed: Counter[PersonId] = Counter()
    for each in together:
        price = (await rulebooks.version(each.rulebook_code)).rulebook.rounds.visit_cost_hundredths
        for person, number in (await _went(each)).items():
            count[person] += number
            owed[person] += number * price
    return [
        AllowanceLine(person=person, visits=count[person], hundredths=owed[person])
        for person in sorted(count)
    ]


async def paid_together(view: RoundView) -> list[RoundView]:
    """Return the rounds whose visits are paid with this one, the first to end at the top."""
    if (view.closed_at or view.cancelled_at) is None:
        raise Conflict("allowance.not_over")
    minimum = (await rulebooks.current()).rulebook.publication.minimum_visitors
    ended = [
        (over, each.id, each)
        for each in await visits.rounds()
        if each.drawn_at is not None and (over := each.closed_at or each.cancelled_at) is not None
    ]
    together: list[RoundView] = []
    people: set[PersonId] = set()
    for _, _, each in sorted(ended, key=lambda one: one[:2]):
        together.append(each)
        people |= (await _went(each)).keys()
        if len(people) < minimum:
            continue
        if each.id == view.id:
            return together
        if any(one.id == view.id for one in together):
            break
        together, people = [], set()
    raise Conflict("allowance.few", minimum=minimum)


async def _went(view: RoundView) -> dict[PersonId, int]:
    """Return how many visits each person made in a round."""
    rows = await raw(
        "SELECT visitor, count(*) AS count FROM visit_task WHERE round = {} AND state IN "
        f"({', '.join('{}' for _ in _PAID)}) GROUP BY visitor",
        view.id,
        *_PAID,
    )
    visits_of = {row["visitor"]: int(row["count"]) for row in rows}
    people: dict[Code, PersonId] = {
        member.code: member.person for member in await members.everybody()
    }
    return {
        people[member]: visits_of[link]
        for link, member in visits.links(people, view.code).items()
        if link in visits_of
    }
