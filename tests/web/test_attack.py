"""An attack: from all releases and batches together, no small part of the visits can be found.

The attacker knows everything that was published or told to a unit and, to be hard, which sheets
stand behind each figure; what must stay hidden is what fewer than five people gave.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec
import pytest

from panel.db import raw
from panel.evaluations import commands as evaluations
from panel.evaluations.queries import releases as batches
from panel.floor import Figure
from panel.ids import Code
from panel.rankings import commands
from panel.rankings.types import Cell
from panel.settings import Settings
from panel.visits.types import TaskView
from tests import people
from tests.make import rankings as make
from tests.make import years
from tests.make.attack import FIVE, gathered, sealed
from web import release

pytestmark = pytest.mark.usefixtures("engine")
REASON = "not_own_visit"


async def void_one(city: make.City, at: datetime) -> None:
    """Let two people void the first counted sheet of the second unit."""
    rows = await raw(
        "SELECT s.code FROM sheet_submission s JOIN visit_task t ON t.id = s.task "
        "JOIN unit u ON u.id = t.unit WHERE u.code = {} AND s.state = 'accepted' ORDER BY s.code",
        city.units[1],
    )
    code = Code(rows[0]["code"])
    await evaluations.propose_void(people.reviewer, code, REASON, at=at)
    await evaluations.confirm_void(people.second_reviewer, code, at=at)


def two_at_the_third() -> make.Value:
    """Answer alike, but send only two sheets about the third unit's seventh window."""
    left = [2]

    def value(task: TaskView) -> int | None:
        if task.window_name == "第7窗口":
            left[0] -= 1
            return 2 if left[0] >= 0 else None
        return 2

    return value


async def test_no_small_part_can_be_found_from_all_releases_of_a_year(settings: Settings) -> None:
    """Publish a round, correct it by a void sheet, publish a second round that counts on."""
    city, _ = await make.published(
        make.few(3), units=3, windows=3, members=14, rest_rounds=0, rotation_days=30, draws=1000
    )
    await release.write_due(settings, at=make.LATE)
    later = make.LATE + timedelta(days=1)
    await void_one(city, later)
    await commands.correct(people.coordinator, city.round.code, "一张评议表无效", at=later)
    await years.made_public(city, at=later)
    await release.write_due(settings, at=later)
    second = await years.second_round(city.members, two_at_the_third())
    closed = make.COMPUTED + years.LATER
    await commands.close(people.coordinator, second.code, at=closed)
    await years.made_public(msgspec.structs.replace(city, round=second), at=closed)
    await release.write_due(settings, at=closed)
    last = await sealed(second.code)
    assert {(each.round, each.edition) for each in last.earlier} == {
        (city.round.code, 1), (city.round.code, 2),
    }  # fmt: skip
    attack = await gathered(settings)
    assert set(attack.told) == {*city.units}
    assert attack.found_anywhere() == frozenset()
    # The same attack finds what a correction took out and what a second round added, once told.
    before = (await sealed(city.round.code, 1)).cells
    after = (await sealed(city.round.code, 2)).cells
    assert len({*before} - {*after}) == 1
    for cells, later_cells in ((before, after), (after, last.cells)):
        small = _small_differences(cells, later_cells)
        assert small
        for unit, window in small:
            old, new = (
                Figure((attack.sheets(cell for cell in each if cell.window == window),))
                for each in (cells, later_cells)
            )
            assert attack.found(unit, old, new) != frozenset()


def _small_differences(before: Iterable[Cell], after: Iterable[Cell]) -> set[tuple[str, str]]:
    """Return the windows at which fewer than five people make the difference."""
    people: dict[tuple[str, str], set[str]] = defaultdict(set)
    for cell in {*before} ^ {*after}:
        people[cell.unit, cell.window or ""].add(cell.rater)
    return {place for place, own in people.items() if len(own) < FIVE}


async def test_lists_tell_nothing_beside_a_batch_that_units_were_told(settings: Settings) -> None:
    city = await make.closed_round(make.few(3), units=3, windows=3, members=14, draws=1000)
    made = await evaluations.make_results(people.coordinator, at=make.CLOSED)
    for each in await batches.result_comments(made):
        await evaluations.withhold_comment(people.reviewer, each.code, at=make.CLOSED)
    await evaluations.release_results(people.publisher, made.code, at=make.CLOSED)
    await commands.close(people.coordinator, city.round.code, at=make.COMPUTED)
    assert (await sealed(city.round.code)).told
    await years.made_public(city, at=make.COMPUTED)
    await release.write_due(settings, at=make.COMPUTED)
    attack = await gathered(settings)
    assert set(attack.told) == {*city.units}
    assert attack.found_anywhere() == frozenset()
    batch = next(each for each in (await sealed(city.round.code)).told if len(each.cells) > FIVE)
    less = Figure((attack.sheets(batch.cells[1:]),))
    assert attack.found(batch.cells[0].unit, less) != frozenset()
