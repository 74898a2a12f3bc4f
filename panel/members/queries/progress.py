"""Reads for the office: how far members are with their courses, how their scale lies."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from panel.db import raw
from panel.members.queries.training import certificates_of
from panel.members.tables import Attempt, Practice, Reading
from panel.members.types import LEFT, Calibration, MemberView, Progress
from panel.rulebook import queries as rulebook
from panel.rulebook.types import RulebookVersion
from panel.workdays import SHANGHAI


async def progress(members: Sequence[MemberView], *, at: dt.datetime) -> list[Progress]:
    """Return how far each of some members (a page of a list) is under the measures in force."""
    if not members:
        return []
    now = (await rulebook.current()).code
    today = at.astimezone(SHANGHAI).date()
    ids = [each.id for each in members]
    read = _by_member(
        await Reading.select(Reading.member, Reading.unit).where(
            Reading.member.is_in(ids), Reading.rulebook == now
        ),
        "unit",
    )
    tries = await Attempt.select(Attempt.member, Attempt.form, Attempt.passed).where(
        Attempt.member.is_in(ids), Attempt.rulebook == now
    )
    tried = _by_member(tries, "form")
    passed = _by_member([row for row in tries if row["passed"]], "form")
    sheets: dict[int, dict[tuple[str, str], tuple[int, int]]] = defaultdict(dict)
    for row in (
        await Practice.select(
            Practice.member, Practice.form, Practice.case, Practice.severity, Practice.distance
        )
        .where(Practice.member.is_in(ids), Practice.rulebook == now)
        .order_by(Practice.id)
    ):
        sheets[row["member"]][row["form"], row["case"]] = (row["severity"], row["distance"])
    held = await certificates_of(members)
    return [
        Progress(
            member=each,
            read=len(set(read[each.id])),
            practised=len(sheets[each.id]),
            attempts=len(tried[each.id]),
            passed=len(set(passed[each.id])),
            certified=len({p.form for p in held[each.code] if p.valid_until >= today}),
            severity=_mean([severity for severity, _ in sheets[each.id].values()]),
            distance=_mean([distance for _, distance in sheets[each.id].values()]),
        )
        for each in members
    ]


def _by_member(rows: Iterable[Mapping[str, Any]], column: str) -> dict[int, list[str]]:
    """Return the values of a column by member."""
    found: dict[int, list[str]] = defaultdict(list)
    for row in rows:
        found[row["member"]].append(row[column])
    return found


def _mean(values: list[int]) -> int | None:
    return round(sum(values) / len(values)) if values else None


async def calibration(version: RulebookVersion, *, at: dt.datetime) -> list[Calibration]:
    """Return how the newest training sheets of the serving members lie to each model answer.

    The numbers come ordered by themselves, so that no order tells whose they are.
    """
    today = at.astimezone(SHANGHAI).date()
    rows = await raw(
        'SELECT s.form, s."case", s.severity, s.distance FROM training_sheet s '
        "JOIN member m ON m.id = s.member "
        "WHERE s.rulebook = {} AND m.term_start <= {} AND m.term_end >= {} "
        "AND m.state NOT IN ({}, {}, {}) AND s.id IN (SELECT MAX(n.id) FROM training_sheet n "
        'WHERE n.rulebook = {} GROUP BY n.member, n.form, n."case") '
        "ORDER BY s.severity, s.distance",
        version.code,
        today,
        today,
        *LEFT,
        version.code,
    )
    points: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for row in rows:
        points[row["form"], row["case"]].append((row["severity"], row["distance"]))
    return [
        Calibration(course.form, case.key, tuple(points[course.form, case.key]))
        for course in version.rulebook.training.courses
        for case in course.cases
    ]
