"""Visits that nobody made or explained: counted for a member, never named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from panel.db import raw
from panel.ids import Code
from panel.visits.queries.links import links
from panel.visits.types import TaskState


async def missed(members: Sequence[Code], *, at: datetime) -> dict[Code, int]:
    """Return how many offers each member left unanswered and how many tasks without a sheet.

    A number only: which visits they were would tell of covert ones.
    """
    found: Counter[Code] = Counter()
    for row in await raw("SELECT id, code FROM visit_round WHERE drawn_at IS NOT NULL"):
        counts = await raw(
            "SELECT t.visitor, count(*) AS count FROM visit_task t "
            "JOIN visit_round r ON r.id = t.round WHERE t.round = {} AND t.reason = '' AND "
            "(t.state = {} OR (t.state IN ({}, {}) AND r.closes_at < {})) GROUP BY t.visitor",
            row["id"],
            TaskState.LAPSED,
            TaskState.ACCEPTED,
            TaskState.IN_PROGRESS,
            at,
        )
        if counts:
            known = links(members, Code(row["code"]))
            for each in counts:
                if each["visitor"] in known:
                    found[known[each["visitor"]]] += each["count"]
    return dict(found)
