"""Reads of rounds, places and tasks; a member's tasks are found by computing the links."""

from panel.visits.queries.links import link, links, seal_reserve
from panel.visits.queries.places import capacity, frozen_places, places
from panel.visits.queries.rounds import (
    counts,
    coverage,
    figures,
    labels,
    loads,
    past,
    public_record,
    record,
    recused,
    round,  # noqa: A004 - queries are nouns; callers write queries.round
    round_by_id,
    rounds,
)
from panel.visits.queries.tasks import (
    member_task,
    member_task_at,
    member_tasks,
    proof,
    reserve,
    round_tasks,
    task,
    task_by_id,
    tasks,
    unit_tasks,
    unit_visitors,
)

__all__ = [
    "capacity",
    "counts",
    "coverage",
    "figures",
    "frozen_places",
    "labels",
    "link",
    "links",
    "loads",
    "member_task",
    "member_task_at",
    "member_tasks",
    "past",
    "places",
    "proof",
    "public_record",
    "record",
    "recused",
    "reserve",
    "round",
    "round_by_id",
    "round_tasks",
    "rounds",
    "seal_reserve",
    "task",
    "task_by_id",
    "tasks",
    "unit_tasks",
    "unit_visitors",
]
