"""The board of the day, and how far the districts are."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time, timedelta

from panel.db import raw
from panel.evaluations.types import SheetState
from panel.members import queries as members
from panel.reports.types import Board, DistrictLine
from panel.rulebook import queries as rulebooks
from panel.visits.types import LIVE, RoundState, TaskState
from panel.workdays import SHANGHAI

_GOING = (TaskState.ACCEPTED, TaskState.IN_PROGRESS)
_MADE = (TaskState.SUBMITTED, TaskState.RETURNED, TaskState.DONE, TaskState.VOIDED)


async def board(at: datetime) -> Board:
    """Return how the running rounds stand at a moment."""
    today = at.astimezone(SHANGHAI).date()
    morning = datetime.combine(today, time(), SHANGHAI).astimezone(at.tzinfo)
    night = morning + timedelta(days=1)
    tasks = (
        await raw(
            "SELECT count(CASE WHEN t.state = {} THEN 1 END) AS unanswered, "
            "count(CASE WHEN t.state IN ({}, {}) AND t.due_at >= {} AND t.due_at < {} THEN 1 END) "
            "AS due_today, "
            "count(CASE WHEN t.state IN ({}, {}) AND t.due_at >= {} AND t.due_at < {} THEN 1 END) "
            "AS due_week, "
            "count(CASE WHEN t.state IN ({}, {}) AND t.due_at < {} THEN 1 END) AS overdue "
            "FROM visit_task t JOIN visit_round r ON r.id = t.round WHERE r.state = {}",
            TaskState.OFFERED, *_GOING, at, night, *_GOING, at, morning + timedelta(days=7),
            *_GOING, at, RoundState.RUNNING,
        )
    )[0]  # fmt: skip
    late = await _review_limit(at)
    sheets = (
        await raw(
            "SELECT count(CASE WHEN s.state = {} THEN 1 END) AS in_review, "
            "count(CASE WHEN s.state = {} AND s.received_at < {} THEN 1 END) AS review_late, "
            "count(CASE WHEN s.state = {} THEN 1 END) AS held, "
            "count(CASE WHEN s.received_at >= {} AND s.received_at < {} THEN 1 END) AS today, "
            "count(CASE WHEN s.state = {} THEN 1 END) AS accepted, "
            "count(CASE WHEN s.state = {} THEN 1 END) AS returned, "
            "count(CASE WHEN s.state = {} THEN 1 END) AS voided, "
            "count(CASE WHEN s.flags <> '' THEN 1 END) AS flagged "
            "FROM sheet_submission s JOIN visit_task t ON t.id = s.task "
            "JOIN visit_round r ON r.id = t.round WHERE r.state = {}",
            SheetState.SUBMITTED, SheetState.SUBMITTED, late, SheetState.HELD, morning, night,
            SheetState.ACCEPTED, SheetState.RETURNED, SheetState.VOIDED, RoundState.RUNNING,
        )
    )[0]  # fmt: skip
    loads, busy = await _loads()
    return Board(
        at=at,
        unanswered=tasks["unanswered"],
        due_today=tasks["due_today"],
        due_week=tasks["due_week"],
        overdue=tasks["overdue"],
        in_review=sheets["in_review"],
        review_late=sheets["review_late"],
        held=sheets["held"],
        received_today=sheets["today"],
        accepted=sheets["accepted"],
        returned=sheets["returned"],
        voided=sheets["voided"],
        flagged=sheets["flagged"],
        loads=loads,
        unused=max(0, len(await members.qualified(at)) - busy),
    )


async def _review_limit(at: datetime) -> datetime:
    """Return before which moment a waiting sheet should have been reviewed."""
    limit = (await rulebooks.current()).rulebook.deadline("review")
    return at - timedelta(hours=limit.amount)


async def _loads() -> tuple[dict[int, int], int]:
    """Return how many visitors of the running rounds carry how many tasks, and how many do."""
    marks = ", ".join("{}" for _ in LIVE)
    rows = await raw(
        "SELECT count(*) AS count FROM visit_task t JOIN visit_round r ON r.id = t.round "
        f"WHERE r.state = {{}} AND t.state IN ({marks}) GROUP BY t.round, t.visitor",
        RoundState.RUNNING,
        *sorted(LIVE),
    )
    counts = Counter(int(row["count"]) for row in rows)
    return dict(sorted(counts.items())), len(rows)


async def districts() -> list[DistrictLine]:
    """Return the districts with the visits of the running rounds: planned and made."""
    rows = await raw(
        "SELECT COALESCE(h.district, u.district) AS name, sum(p.demand) AS planned, "
        "sum((SELECT count(*) FROM visit_task t WHERE t.place = p.id AND t.state IN "
        "({}, {}, {}, {}))) AS made "
        "FROM round_window p JOIN visit_round r ON r.id = p.round JOIN unit u ON u.id = p.unit "
        'LEFT JOIN service_window w ON w.id = p."window" LEFT JOIN hall h ON h.id = w.hall '
        "WHERE r.state = {} GROUP BY COALESCE(h.district, u.district) ORDER BY 1",
        *_MADE,
        RoundState.RUNNING,
    )
    return [
        DistrictLine(name=row["name"], planned=int(row["planned"]), made=int(row["made"]))
        for row in rows
    ]
