"""An attack: from all releases and batches together, no small part of the visits can be found.

The attacker knows everything that was published or told to a unit and, to be hard, which sheets
stand behind each figure; what must stay hidden is what fewer than five people gave.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any

import msgspec
import pytest

from panel.db import raw
from panel.evaluations import commands as evaluations
from panel.evaluations.queries import releases as batches
from panel.ids import Code
from panel.rankings import commands, queries
from panel.rankings.types import Cell
from panel.settings import Settings
from tests import people
from tests.make import rankings as make
from web import release

pytestmark = pytest.mark.usefixtures("engine")
FIVE = 5
REASON = "not_own_visit"
Vector = dict[Cell, int]


def published(folder: Path) -> dict[str, Any]:
    """Return the public layer of a release."""
    found: dict[str, Any] = json.loads((folder / "rankings/data/rankings.json").read_bytes())
    return found


async def releases(settings: Settings) -> list[tuple[dict[str, Any], tuple[Cell, ...]]]:
    """Return what each release tells, with the sheets that were counted in it."""
    found = []
    for each in reversed(await queries.publications()):
        folder = settings.releases_dir / each.manifest_hash
        ranking = await queries.ranking(each.round_code)
        sealed = await queries.sealed(ranking.id, each.edition)
        found.append((published(folder), sealed.cells))
    return found


def figures(public: dict[str, Any], cells: tuple[Cell, ...]) -> list[list[Vector]]:
    """Return every sum that a release tells, by the unit that it is about."""
    units = []
    for row in (row for one in public["lists"] if one["kind"] == "unit" for row in one["rows"]):
        own = [cell for cell in cells if cell.unit == row["code"]]
        if not row["shown"]:
            continue
        windows = sorted(row["windows"], key=lambda window: window["code"])
        shown = [window["code"] for window in windows]
        told = [_ones(cell for cell in own if _window(cell) == code) for code in shown]
        for vector, window in zip(told, windows, strict=True):
            assert sum(cell.n for cell in vector) == window["visits"]
        rest = _ones(cell for cell in own if _window(cell) not in shown)
        assert bool(rest) == bool(row["rest"])
        if rest:
            assert sum(cell.n for cell in rest) == row["rest"]["visits"]
            told.append(rest)
        units.append(told)
    return units


def _ones(cells: Iterable[Cell]) -> Vector:
    return dict.fromkeys(cells, 1)


def _window(cell: Cell) -> str:
    return cell.window or cell.unit


def leaks(told: list[Vector]) -> list[set[Cell]]:
    """Add and take away up to four figures of one unit; return what rests on too few people."""
    found = []
    kept = [dict(each) for each in {frozenset(vector.items()) for vector in told}]
    for number in range(1, min(4, len(kept)) + 1):
        for chosen in combinations(kept, number):
            for signs in range(2 ** (number - 1)):
                total: dict[Cell, Fraction] = defaultdict(Fraction)
                for place, vector in enumerate(chosen):
                    sign = -1 if place and signs >> (place - 1) & 1 else 1
                    for cell, value in vector.items():
                        total[cell] += sign * value
                support = {cell for cell, value in total.items() if value}
                if 0 < len({cell.rater for cell in support}) < FIVE:
                    found.append(support)
    return found


async def every_figure(settings: Settings) -> dict[str, list[Vector]]:
    """Return everything that was ever told, by unit: lists of all editions, and batches."""
    told: dict[str, list[Vector]] = defaultdict(list)
    for public, cells in await releases(settings):
        for own in figures(public, cells):
            for vector in own:
                told[next(iter(vector)).unit].append(vector)
    for each in await queries.rankings():
        for batch in (await queries.sealed(each.id, each.edition)).told:
            told[batch.cells[0].unit].append(dict.fromkeys(batch.cells, 1))
    return told


async def corrected(settings: Settings, *, batch: bool) -> make.City:
    """Publish a city, void one sheet of its first unit, and publish the correction."""
    if batch:
        city = await make.closed_round(make.few(3), units=3, windows=3, members=14)
        made = await evaluations.make_results(people.coordinator, at=make.CLOSED)
        for each in await batches.result_comments(made):
            await evaluations.withhold_comment(people.reviewer, each.code, at=make.CLOSED)
        await evaluations.release_results(people.publisher, made.code, at=make.CLOSED)
        await commands.close(people.coordinator, city.round.code, at=make.COMPUTED)
        return city
    city, _ = await make.published(make.few(3), units=3, windows=3, members=14)
    await release.write_due(settings, at=make.LATE)
    return city


async def void_one(city: make.City, at: Any) -> None:
    """Let two people void the first counted sheet of the first unit."""
    ranking = await queries.ranking(city.round.code)
    rows = await raw(
        "SELECT s.code FROM sheet_submission s JOIN visit_task t ON t.id = s.task "
        "JOIN unit u ON u.id = t.unit WHERE u.code = {} AND s.state = 'accepted' ORDER BY s.code",
        city.units[1],
    )
    code = Code(rows[0]["code"])
    await evaluations.propose_void(people.reviewer, code, REASON, at=at)
    await evaluations.confirm_void(people.second_reviewer, code, at=at)
    assert ranking.edition == 1


async def test_no_small_part_can_be_found_from_all_releases(settings: Settings) -> None:
    city = await corrected(settings, batch=False)
    later = make.LATE + timedelta(days=1)
    await void_one(city, later)
    await commands.correct(people.coordinator, city.round.code, "一张评议表无效", at=later)
    sealed = await queries.sealed((await queries.ranking(city.round.code)).id, 2)
    assert {each.edition for each in sealed.earlier} == {1}
    lists = await queries.lists((await queries.ranking(city.round.code)).id)
    row = next(row for one in lists for row in one.rows if row.code == city.units[1])
    assert (row.withheld, row.score, row.place is not None) == (True, None, True)
    told = await every_figure(settings)
    for own in figures({"lists": [msgspec.to_builtins(one) for one in lists]}, sealed.cells):
        told[next(iter(own[0])).unit] += own
    assert len(told) == 3
    assert [found for each in told.values() for found in leaks(each)] == []
    window = next(one for one in told[city.units[1]] if len({_window(cell) for cell in one}) == 1)
    planted = dict(list(window.items())[1:])
    assert leaks([*told[city.units[1]], planted]) != []


async def test_lists_tell_nothing_beside_a_batch_that_units_were_told(settings: Settings) -> None:
    await corrected(settings, batch=True)
    (ranking,) = await queries.rankings()
    sealed = await queries.sealed(ranking.id, 1)
    assert sealed.told
    for one in await queries.lists(ranking.id):
        assert one.rows
    public = {"lists": [msgspec.to_builtins(one) for one in await queries.lists(ranking.id)]}
    told: dict[str, list[Vector]] = defaultdict(list)
    for own in figures(public, sealed.cells):
        for vector in own:
            told[next(iter(vector)).unit].append(vector)
    for batch in sealed.told:
        told[batch.cells[0].unit].append(dict.fromkeys(batch.cells, 1))
    assert [found for each in told.values() for found in leaks(each)] == []
