"""An attacker who read everything that was ever told: all releases, reports to units, batches.

To be hard, the attacker also knows which sheets stand behind each figure; what must stay hidden is
what fewer than five people gave. Any sum of multiples of all figures of the city together is tried,
by linear algebra in whole numbers.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from panel.db import raw
from panel.floor import Figure, Sheets
from panel.ids import Code
from panel.rankings import queries
from panel.rankings.checker import verify_release
from panel.rankings.types import Cell, Method, Sealed
from panel.settings import Settings
from tests.make.floor import small_parts

FIVE: Final = 5
STORY: Final = ("pooled", "windows", "types", "raters", "trimming")
Lines = dict[str, list[dict[str, Any]]]


class Attack:
    """What an attacker gathered: the sheets behind every figure."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._numbers: dict[Cell, int] = {}
        self.told: dict[str, list[Figure]] = defaultdict(list)

    def sheets(self, cells: Iterable[Cell]) -> Sheets:
        """Return the numbers of cells; one that changed is another one."""
        return frozenset(self._numbers.setdefault(cell, len(self._numbers)) for cell in cells)

    def read(self, lists: Iterable[dict[str, Any]], cells: Iterable[Cell]) -> None:
        """Take in what lists tell: windows, what is left of the unit, the way to its score."""
        parts: dict[str, dict[str, list[Cell]]] = defaultdict(lambda: defaultdict(list))
        for cell in cells:
            parts[cell.unit][cell.window or cell.unit].append(cell)
        rows: Lines = {"unit": [], "window": []}
        for one in lists:
            rows[one["kind"]] += one["rows"]
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

    def batch(self, cells: Iterable[Cell]) -> None:
        """Take in one figure of a batch of results."""
        own = list(cells)
        for unit in {cell.unit for cell in own}:
            self.told[unit].append(Figure((self.sheets(own),)))

    def found(self, unit: str, *more: Figure) -> frozenset[Sheets]:
        """Return what comes to light of one unit by adding and taking away multiples of figures."""
        return small_parts([*self.told[unit], *more], self._people(), FIVE)

    def found_anywhere(self, *more: Figure) -> frozenset[Sheets]:
        """Return what comes to light from all figures of the whole city together."""
        every = [each for own in self.told.values() for each in own]
        return small_parts([*every, *more], self._people(), FIVE)

    def _people(self) -> dict[int, frozenset[str]]:
        return {number: frozenset({cell.rater}) for cell, number in self._numbers.items()}


async def gathered(settings: Settings) -> Attack:
    """Return everything that was ever told: all releases as they are written, reports, batches."""
    attack = Attack()
    published = set()
    for each in reversed(await queries.publications()):
        folder = settings.releases_dir / each.manifest_hash
        assert all(holds for _, holds in verify_release.check(folder))
        public = json.loads((folder / "rankings/data/rankings.json").read_bytes())
        assert public["model"]["method"] == Method.CROSSED_EFFECTS
        attack.read(public["lists"], (await sealed(each.round_code, each.edition)).cells)
        published.add((each.round_code, each.edition))
    for ranking in await queries.rankings():
        for row in await raw(
            "SELECT DISTINCT edition FROM ranking_delivery WHERE ranking = {} ORDER BY edition",
            ranking.id,
        ):
            if (ranking.round_code, row["edition"]) not in published:
                lists = await queries.lists(ranking.id, row["edition"])
                cells = (await queries.sealed(ranking.id, row["edition"])).cells
                attack.read(msgspec.to_builtins(lists), cells)
        for batch in (await queries.sealed(ranking.id, ranking.edition)).told:
            attack.batch(batch.cells)
    return attack


async def sealed(code: Code, edition: int = 1) -> Sealed:
    """Return what an edition was computed from."""
    return await queries.sealed((await queries.ranking(code)).id, edition)


async def planted(attack: Attack) -> frozenset[Sheets]:
    """Return what is found once the city tells one more figure: a window without one visitor."""
    ranking = (await queries.rankings())[0]
    cells = (await queries.sealed(ranking.id, ranking.edition)).cells
    whole: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        whole[cell.window or cell.unit].append(cell)
    alone = [each for own in attack.told.values() for each in own if len(each.parts) == 1]
    single = {each.parts[0] for each in alone}
    own = next(own for own in whole.values() if attack.sheets(own) in single)
    one = own[0].rater
    left = Figure((attack.sheets(cell for cell in own if cell.rater != one),))
    return attack.found_anywhere(left)
