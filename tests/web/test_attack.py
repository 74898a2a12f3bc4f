"""An attack: from all releases and batches together, no small part of the visits can be found.

The attacker knows everything that was published or told to a unit and, to be hard, which sheets
stand behind each figure; what must stay hidden is what fewer than five people gave.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from panel.db import raw
from panel.evaluations import commands as evaluations
from panel.evaluations.queries import releases as batches
from panel.floor import Figure, Sheets
from panel.ids import Code
from panel.rankings import commands, queries
from panel.rankings.checker import verify_release
from panel.rankings.types import Cell, Method, Sealed
from panel.settings import Settings
from panel.visits.types import TaskView
from tests import people
from tests.make import rankings as make
from tests.make import years
from tests.make.floor import small_parts
from web import release

pytestmark = pytest.mark.usefixtures("engine")
FIVE = 5
REASON = "not_own_visit"
STORY = ("pooled", "windows", "types", "raters", "trimming")


class Attack:
    """What an attacker gathered about each unit: the sheets behind every figure."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._numbers: dict[Cell, int] = {}
        self.told: dict[str, list[Figure]] = defaultdict(list)

    def sheets(self, cells: Iterable[Cell]) -> Sheets:
        """Return the numbers of cells; one that changed is another one."""
        return frozenset(self._numbers.setdefault(cell, len(self._numbers)) for cell in cells)

    def read(self, public: dict[str, Any], cells: Iterable[Cell]) -> None:
        """Take in what a list tells: windows, what is left of the unit, the way to its score."""
        parts: dict[str, dict[str, list[Cell]]] = defaultdict(lambda: defaultdict(list))
        for cell in cells:
            parts[cell.unit][cell.window or cell.unit].append(cell)
        rows = {kind: [r for one in public["lists"] if one["kind"] == kind for r in one["rows"]]
                for kind in ("unit", "window")}  # fmt: skip
        alone = {row["code"] for row in rows["window"] if row["shown"]}
        for row in (row for row in rows["unit"] if row["shown"]):
            own = parts[row["code"]]
            shown = {window["code"]: window["visits"] for window in row["windows"]}
            assert alone & own.keys() <= shown.keys()
            assert shown == {code: sum(cell.n for cell in own[code]) for code in shown}
            rest = [self.sheets(own[code]) for code in sorted(own) if code not in shown]
            assert bool(rest) == bool(row["rest"])
            told = [Figure((self.sheets(own[code]),)) for code in sorted(shown)]
            told += [Figure(tuple(rest))] if rest else []
            if row["story"] or any(other["score"] is not None for other in row["others"]):
                every = tuple(self.sheets(own[code]) for code in sorted(own))
                told += [Figure(every, mark) for mark in STORY]
            self.told[row["code"]] += told

    def found(self, unit: str, *more: Figure) -> frozenset[Sheets]:
        """Return what comes to light by adding and taking away any multiples of figures."""
        people = {number: frozenset({cell.rater}) for cell, number in self._numbers.items()}
        return small_parts([*self.told[unit], *more], people, FIVE)


async def gathered(settings: Settings) -> Attack:
    """Return everything that was ever told: all releases as they are written, and batches."""
    attack = Attack()
    for each in reversed(await queries.publications()):
        folder = settings.releases_dir / each.manifest_hash
        assert all(holds for _, holds in verify_release.check(folder))
        public = json.loads((folder / "rankings/data/rankings.json").read_bytes())
        assert public["model"]["method"] == Method.CROSSED_EFFECTS
        attack.read(public, (await _sealed(each.round_code, each.edition)).cells)
    for ranking in await queries.rankings():
        for batch in (await queries.sealed(ranking.id, ranking.edition)).told:
            figure = Figure((attack.sheets(batch.cells),))
            attack.told[batch.cells[0].unit].append(figure)
    return attack


async def _sealed(code: Code, edition: int = 1) -> Sealed:
    return await queries.sealed((await queries.ranking(code)).id, edition)


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
    sealed = await _sealed(second.code)
    assert {(each.round, each.edition) for each in sealed.earlier} == {
        (city.round.code, 1), (city.round.code, 2),
    }  # fmt: skip
    attack = await gathered(settings)
    assert set(attack.told) == {*city.units}
    assert [attack.found(unit) for unit in city.units] == [frozenset()] * 3
    # The same attack finds what a correction took out and what a second round added, once told.
    before = (await _sealed(city.round.code, 1)).cells
    after = (await _sealed(city.round.code, 2)).cells
    assert len({*before} - {*after}) == 1
    for cells, later_cells in ((before, after), (after, sealed.cells)):
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
    assert (await _sealed(city.round.code)).told
    await years.made_public(city, at=make.COMPUTED)
    await release.write_due(settings, at=make.COMPUTED)
    attack = await gathered(settings)
    assert set(attack.told) == {*city.units}
    assert [attack.found(unit) for unit in city.units] == [frozenset()] * 3
    batch = next(each for each in (await _sealed(city.round.code)).told if len(each.cells) > FIVE)
    planted = Figure((attack.sheets(batch.cells[1:]),))
    assert attack.found(batch.cells[0].unit, planted) != frozenset()
