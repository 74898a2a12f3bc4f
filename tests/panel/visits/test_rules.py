"""Decisions of rounds and tasks, without any storage."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.errors import Conflict
from panel.ids import Code
from panel.rulebook import rules as reading
from panel.visits import rules
from panel.visits.types import Place, TaskState
from tests.make import visits as make

BOOK = reading.read(make.DEFAULT.read_text(encoding="utf-8"))
NAMES = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=8)


def place(number: int = 1, **more: object) -> Place:
    """Return a window of the service group."""
    plain = Place(
        unit_id=number,
        unit_code=Code(f"U{number}"),
        window_id=number,
        window_code=Code(f"W{number}"),
        peer_group="service",
        covert_ok=True,
        district="任城区",
        latitude=None,
        longitude=None,
        demand=8,
    )
    return msgspec.structs.replace(plain, **more)


@given(reserve=NAMES, met=NAMES, barred=NAMES, full=NAMES, gone=NAMES)
def test_the_first_who_may_come_steps_in_and_nobody_else_moves(
    reserve: list[str], met: list[str], barred: list[str], full: list[str], gone: list[str]
) -> None:
    def step_in(out: list[str]) -> tuple[int, str] | None:
        return rules.substitute(
            reserve,
            met=frozenset(met),
            barred=frozenset(out),
            loads=dict.fromkeys(full, 4),
            max_tasks=4,
        )

    found = step_in(barred)
    free = [name for name in reserve if name not in {*met, *barred, *full}]
    assert (found[1] if found else None) == (free[0] if free else None)
    assert found is None or reserve[found[0] - 1] == found[1]
    if found and found[1] not in gone:
        later = [name for name in gone if name in free]
        assert step_in([*barred, *later]) == found


@given(percent=st.integers(0, 100), fit=st.integers(0, 40), unfit=st.integers(0, 40))
def test_the_covert_share_is_met_as_far_as_places_are_fit(
    percent: int, fit: int, unfit: int
) -> None:
    places = [place(n, demand=1) for n in range(fit)]
    places += [place(100 + n, demand=1, covert_ok=False) for n in range(unfit)]
    covert = rules.covert_visits(places, percent)
    assert covert <= fit
    assert covert == fit or abs(100 * covert - percent * (fit + unfit)) <= 50


@given(days=st.integers(1, 120), visits=st.integers(0, 500))
def test_the_forecast_loses_no_visit(days: int, visits: int) -> None:
    draft = make.draft(ends=make.STARTS + timedelta(days=days), groups=("service",))
    found = rules.capacity(draft, BOOK, [place(demand=visits)], 10)
    (group,) = found.groups
    assert sum(group.weeks) == visits
    assert len(group.weeks) == rules.weeks(draft.starts, draft.ends)


@pytest.mark.parametrize(
    ("tasks", "members", "low", "high"), [(10, 4, 2, 3), (8, 4, 2, 2), (3, 4, 0, 1), (3, 0, 0, 0)]
)
def test_the_even_load_lies_between_its_bounds(
    tasks: int, members: int, low: int, high: int
) -> None:
    found = rules.capacity(make.draft(groups=("service",)), BOOK, [place(demand=tasks)], members)
    assert (found.minimum_load, found.maximum_load) == (low, high)


def test_an_answer_is_never_due_after_the_round() -> None:
    friday = datetime(2026, 3, 6, 2, 0, tzinfo=UTC)
    due = rules.answer_by(friday, make.ENDS, BOOK)
    assert due == datetime(2026, 3, 9, 15, 59, 59, tzinfo=UTC)
    short = friday + timedelta(hours=20)
    assert rules.answer_by(friday, short, BOOK) == short


def test_a_substitute_gets_a_week_as_long_as_the_round_lasts() -> None:
    ends = make.ENDS
    assert rules.substitute_due(make.STARTS, ends, make.STARTS) == make.STARTS + timedelta(days=7)
    late = ends - timedelta(days=2)
    assert rules.substitute_due(late, ends, late) == ends
    assert rules.substitute_due(ends, ends, ends - timedelta(hours=2)) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (TaskState.OFFERED, TaskState.DONE),
        (TaskState.IN_PROGRESS, TaskState.DONE),
        (TaskState.RETURNED, TaskState.DONE),
        (TaskState.SUBMITTED, TaskState.LAPSED),
        (TaskState.VOIDED, TaskState.DONE),
    ],
)
def test_only_a_sheet_ends_a_task(before: TaskState, after: TaskState) -> None:
    with pytest.raises(Conflict):
        rules.may_settle(make.task_in(before), after)
