"""A unit's ledger: whole for the office, for the unit only what it was told itself."""

from __future__ import annotations

import pytest

from panel import db
from panel.evaluations import queries as evaluations
from panel.members import queries as members
from panel.rankings import commands
from panel.reports import queries
from panel.reports.queries.scoreboard import _holds
from panel.reports.types import LedgerKind, LedgerLine
from tests import people
from tests.make import rankings
from tests.make import visits as make


def kinds(lines: list[LedgerLine]) -> set[LedgerKind]:
    """Return which kinds of lines there are."""
    return {each.kind for each in lines}


async def test_the_office_reads_everything_and_a_unit_what_it_was_told(engine: db.Engine) -> None:
    city = await rankings.computed()
    first, second = city.units[:2]
    assert await queries.own_ledger(first, at=rankings.COMPUTED) == []
    early = await queries.ledger(people.coordinator, first, at=rankings.COMPUTED)
    assert kinds(early) == {LedgerKind.VISITS}
    await commands.recount(people.second, city.round.code, at=rankings.RECOUNTED)
    await commands.notify(people.coordinator, city.round.code, at=rankings.NOTIFIED)
    lines = await queries.ledger(people.coordinator, first, at=rankings.LATE)
    assert [each.kind for each in lines] == [LedgerKind.RANKING, LedgerKind.VISITS]
    ranked, visits = lines
    assert (visits.number, visits.ref) == (10, city.round.code)
    assert (ranked.place, ranked.ranked) == (1, 3)
    (own,) = await queries.own_ledger(first, at=rankings.LATE)
    assert (own.kind, own.place, own.at) == (LedgerKind.RANKING, 1, rankings.NOTIFIED)
    (other,) = await queries.own_ledger(second, at=rankings.LATE)
    assert other.place == 2


@pytest.mark.engines("sqlite")
async def test_a_running_round_stands_in_no_ledger(engine: db.Engine) -> None:
    setting = await make.running_round()
    unit = (await make.tasks_of(setting))[setting.members[0]][0].unit_code
    assert await queries.ledger(people.coordinator, unit, at=make.DURING) == []
    assert await queries.own_ledger(unit, at=make.DURING) == []


@pytest.mark.engines("sqlite")
async def test_the_organiser_is_marked_by_rounds_that_are_over(engine: db.Engine) -> None:
    city = await rankings.closed_round()
    board = await queries.scoreboard(2026, at=rankings.LATE)
    (marks,) = board.rounds
    void = await evaluations.void_share(city.round.id)
    assert (marks.sheets, marks.voided, marks.late, marks.overdue) == (void.sheets, 0, 0, 0)
    assert marks.draw_holds is True
    assert marks.void_percent == 0
    assert board.appeals.filed == 0
    assert board.appeals.median_days is None
    assert board.composition == await members.composition(rankings.LATE)
    assert await queries.scored_years() == [2026]
    assert (await queries.scoreboard(2025, at=rankings.LATE)).rounds == ()


@pytest.mark.engines("sqlite")
async def test_a_running_round_is_not_marked(engine: db.Engine) -> None:
    await make.running_round()
    assert (await queries.scoreboard(2026, at=make.DURING)).rounds == ()
    assert await queries.scored_years() == []


@pytest.mark.parametrize("record", [b"{}", b"nonsense"])
def test_a_draw_that_does_not_hold_is_said(record: bytes) -> None:
    assert not _holds(record)
