"""From complaint numbers to a targeted evaluation."""

from __future__ import annotations

import datetime as dt

import pytest

from panel import db
from panel.errors import Forbidden, Invalid
from panel.ids import Code
from panel.members import queries as members
from panel.roster import queries as roster
from panel.rulebook.types import Targeting
from panel.visits import commands, queries
from panel.visits.rules import targeting as rules
from panel.visits.types import Cause, NewCount, RoundDraft, RoundKind, RoundView, Sum, TaskState
from tests import people
from tests.make import visits as make

FEBRUARY = dt.date(2026, 2, 1)
BOUNDS = Targeting()


@pytest.mark.parametrize(
    ("typed", "month"),
    [
        ("2026-03", dt.date(2026, 3, 1)),
        ("2026年3月", dt.date(2026, 3, 1)),
        ("2026/3", dt.date(2026, 3, 1)),
        ("2026-03-01", dt.date(2026, 3, 1)),
        ("202603", dt.date(2026, 3, 1)),
        ("2026-13", None),
        ("March", None),
        ("", None),
    ],
)
def test_months_are_read_as_people_write_them(typed: str, month: dt.date | None) -> None:
    assert rules.month_of(typed) == month


def test_the_months_that_count_are_whole_ones() -> None:
    at = dt.datetime(2026, 1, 31, 23, 0, tzinfo=dt.UTC)  # the first of February in the city
    assert rules.period(3, at) == (dt.date(2025, 11, 1), dt.date(2026, 1, 1))


def test_enough_upheld_complaints_or_a_high_rate_suggest_a_unit() -> None:
    few = [Sum(number, 5, 1, 100_000) for number in range(3, 21)]
    sums = [Sum(1, 9, 3, 0), Sum(2, 2, 2, 1_000), *few]
    assert rules.causes(sums, BOUNDS)[1] == (Cause.UPHELD,)
    assert rules.causes(sums, BOUNDS)[2] == (Cause.RATE,)
    assert rules.rate(sums[1], BOUNDS) == 2000
    assert 1 not in rules.causes([Sum(1, 9, 2, 0)], BOUNDS)


def test_nobody_is_in_the_top_share_without_an_upheld_complaint() -> None:
    assert rules.causes([Sum(1, 9, 0, 1_000), Sum(2, 1, 0, 1_000)], BOUNDS) == {}


def test_who_has_as_many_as_the_last_named_one_is_named_too() -> None:
    sums = [Sum(number, 2, 2, 1_000) for number in range(1, 11)]
    assert len(rules.causes(sums, BOUNDS)) == 10


async def unit_codes() -> list[Code]:
    """Return the codes of the city's units."""
    return [unit.code for unit in await roster.units()]


async def counted(*upheld: int) -> list[Code]:
    """Enter numbers for February, for the first units; return all units."""
    units = await unit_codes()
    counts = [
        NewCount(unit, FEBRUARY, number + 4, number, 10_000)
        for unit, number in zip(units, upheld, strict=False)
    ]
    await commands.enter_counts(people.coordinator, counts, at=make.AT)
    return units


async def test_numbers_of_a_month_are_written_over(engine: db.Engine) -> None:
    await make.city()
    await counted(5)
    await counted(1)
    (one,) = await queries.complaint_counts()
    assert (one.upheld, one.received) == (1, 5)


async def test_numbers_that_cannot_be_are_refused(engine: db.Engine) -> None:
    await make.city()
    unit = (await unit_codes())[0]
    for wrong in (
        NewCount(unit, FEBRUARY, 1, 2, 0),
        NewCount(unit, FEBRUARY, -1, -1, 0),
        NewCount(unit, dt.date(2027, 1, 1), 1, 0, 0),
        NewCount(make.NOBODY, FEBRUARY, 1, 0, 0),
    ):
        with pytest.raises(Invalid):
            await commands.enter_counts(people.coordinator, [wrong], at=make.AT)
    with pytest.raises(Forbidden):
        await commands.enter_counts(people.reviewer, [], at=make.AT)


async def test_a_table_is_read_forgivingly_and_whole(engine: db.Engine) -> None:
    await make.city()
    unit = (await roster.units())[0]
    table = (
        "序号,单位,月份,投诉举报件数,查实件数,办件量\r\n"
        f'1,{unit.name},2026年2月,１２,4,"9,000"\r\n合计,,,12,4,9000\r\n'  # noqa: RUF001
    ).encode("gb18030")
    assert await commands.import_counts(people.coordinator, table, "二月.csv", at=make.AT) == 1
    (one,) = await queries.complaint_counts()
    assert (one.received, one.upheld, one.transactions) == (12, 4, 9000)
    wrong = "单位,月份,投诉举报件数,查实件数\n没有这个单位,二月,1,3\n".encode()
    with pytest.raises(Invalid) as refused:
        await commands.import_counts(people.coordinator, wrong, "x.csv", at=make.AT)
    assert {fault.code for fault in refused.value.faults} == {"count.unit_unknown", "count.month"}
    assert len(await queries.complaint_counts()) == 1


def draft(**more: object) -> RoundDraft:
    """Return what a coordinator fills in for a targeted evaluation."""
    return make.draft(title="定向监督评议", covert_percent=50, **more)


async def drawn(*, members_count: int = 24) -> RoundView:
    """Draw a targeted evaluation of the unit with the most complaints."""
    await make.city(members_count=members_count)
    units = await counted(5)
    planned = await commands.confirm_targets(people.coordinator, units[:1], draft(), at=make.AT)
    await commands.approve(people.second, planned.code, at=make.AT)
    await commands.commit(people.coordinator, planned.code, at=make.AT)
    return await commands.draw(people.coordinator, planned.code, at=make.AT + dt.timedelta(hours=2))


async def test_a_suggestion_confirmed_and_approved_is_drawn_and_offered(engine: db.Engine) -> None:
    view = await drawn()
    assert view.draft.kind is RoundKind.TARGETED
    tasks = await queries.round_tasks(view.id, shown=True)
    assert len(tasks) == 9
    assert len({task.visitor for task in tasks}) == 9
    assert len({task.unit_code for task in tasks}) == 1
    assert {task.state for task in tasks} == {TaskState.OFFERED}
    assert {task.covert for task in tasks} == {True, False}
    (one,) = (await queries.targeted(at=make.AT)).suggestions
    assert one.running == view.code


async def test_only_suggested_units_are_confirmed_and_once(engine: db.Engine) -> None:
    await make.city()
    units = await counted(5, 0)
    for wrong in ([], [units[1]], [units[0], units[1]]):
        with pytest.raises(Invalid, match=r"targeting\.faults"):
            await commands.confirm_targets(people.coordinator, wrong, draft(), at=make.AT)
    with pytest.raises(Forbidden):
        await commands.confirm_targets(people.publisher, units[:1], draft(), at=make.AT)
    await commands.confirm_targets(people.coordinator, units[:1], draft(), at=make.AT)
    with pytest.raises(Invalid, match=r"targeting\.faults"):
        await commands.confirm_targets(people.coordinator, units[:1], draft(), at=make.AT)


async def test_the_planner_does_not_approve_it(engine: db.Engine) -> None:
    await make.city(members_count=24)
    units = await counted(5)
    planned = await commands.confirm_targets(people.coordinator, units[:1], draft(), at=make.AT)
    with pytest.raises(Forbidden):
        await commands.approve(people.coordinator, planned.code, at=make.AT)


async def test_who_was_drawn_lately_rests(engine: db.Engine) -> None:
    first = await drawn()
    serving = [member.code for member in await members.qualified(make.AT)]
    planned = await commands.plan(people.coordinator, make.draft(), at=make.AT)
    found = await queries.rested(serving, planned, 90, at=make.AT)
    assert len(found) == 9
    later = make.AT + dt.timedelta(days=91)
    assert not await queries.rested(serving, planned, 90, at=later)
    assert first.draft.kind is RoundKind.TARGETED
