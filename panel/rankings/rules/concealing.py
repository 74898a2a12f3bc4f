"""Whose figures an edition shows: none of too few visitors, and none beside what was told before.

Rounds accumulate over a year and editions follow each other, so figures overlap: what a second
round added or a correction took out must rest on as many visitors as a figure itself.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

from panel.floor import Book, Figure
from panel.rankings.rules.visible import hidden, shown
from panel.rankings.types.editions import Earlier, Told
from panel.rankings.types.ranking import Cell

_STORY: Final = ("pooled", "windows", "trimming", "types", "raters")
"""Marks of the sums that a story tells of a unit beside its score, each by other weights."""


class Concealed(NamedTuple):
    """What an edition doesn't show."""

    windows: frozenset[str]
    """Windows (and units without windows) whose own figures are shown nowhere."""
    units: frozenset[str] = frozenset()
    """Units of which nothing but the place is shown: any figure would betray a small part."""
    stories: frozenset[str] = frozenset()
    """Units whose way to the score is not told, nor their scores by other methods: each is one
    more sum over the windows that are not shown, and together they would give them."""

    @property
    def kept(self) -> tuple[str, ...]:
        """Return all of it in one list, as an edition keeps it and a later one reads it."""
        untold = {f"{unit}:story" for unit in self.stories}
        return tuple(sorted({*self.windows, *self.units, *untold}))


def conceal(
    cells: Sequence[Cell],
    rolled_up: frozenset[str],
    minimum: int,
    earlier: Sequence[Earlier] = (),
    told: Sequence[Told] = (),
    *,
    weighted: bool = False,
) -> Concealed:
    """Return what is not shown: small parts, parts that subtraction would find, their company.

    Windows are rolled up into what their unit has in common until nothing small can be found from
    this edition and everything told before together; if that is not enough, the unit is withheld.
    Where windows weigh differently (``weighted``) a rest is told twice: as it is, and weighted.
    """
    windows: set[str] = set()
    withheld: set[str] = set()
    stories: set[str] = set()
    before = [(_units(each.cells), frozenset(each.hidden)) for each in earlier]
    batches = _batches(told)
    for unit, parts in sorted(_units(cells).items()):
        people = _people(parts)
        if not shown(len(_union(people)), minimum):
            windows |= parts.keys()
            continue
        known = _Known(unit, parts, before, batches.get(unit, ()), minimum, weighted=weighted)
        out = _alone(people, rolled_up, minimum)
        if known.betrays(out):
            out = _rolled(people, out, minimum, known)
            if known.betrays(out):
                withheld.add(unit)
        if unit in withheld or known.betrays(out, story=True):
            stories.add(unit)
        windows |= out
    return Concealed(frozenset(windows), frozenset(withheld), frozenset(stories))


def _rolled(
    people: Mapping[str, frozenset[str]], out: frozenset[str], minimum: int, known: "_Known"
) -> frozenset[str]:
    """Hide the windows that betray something by themselves, then one more after the other."""
    alone = {key for key in people.keys() - out if known.betrays_alone(key)}
    out = _alone(people, out | alone, minimum)
    for key in sorted(people.keys() - out, key=lambda key: (len(people[key]), key)):
        if not known.betrays(out):
            break
        out |= {key}
    return out


def _alone(
    people: Mapping[str, frozenset[str]], out: Collection[str], minimum: int
) -> frozenset[str]:
    """Hide small parts of one unit, with company enough that the rest gives none of them away."""
    found = set(hidden({key: len(own) for key, own in people.items()}, minimum))
    found |= set(out) & people.keys()
    others = sorted(people.keys() - found, key=lambda key: (len(people[key]), key))
    for key in others:
        together = frozenset[str]().union(*(people[each] for each in found))
        if not found or (len(found) > 1 and shown(len(together), minimum)):
            break
        found.add(key)
    return frozenset(found)


_Parts: TypeAlias = Mapping[str, Sequence[Cell]]
_Before: TypeAlias = Sequence[tuple[Mapping[str, _Parts], frozenset[str]]]


class _Known:
    """What was told of one unit, and what its line would add; a cell that changed is another one.

    Cells of a window that stand in the same editions and batches are one number of the book.
    """

    def __init__(
        self,
        unit: str,
        parts: _Parts,
        before: _Before,
        batches: Iterable[frozenset[Cell]],
        minimum: int,
        *,
        weighted: bool,
    ) -> None:
        editions = [
            (found[unit], out)
            for found, out in before
            if unit in found and unit not in out and _enough(found[unit], minimum)
        ]
        batches = list(batches)
        self._weighted = weighted
        self._plain = not (editions or batches or weighted)
        sources = [parts, *(own for own, _ in editions)]
        self._numbers, people = _classes(unit, sources, batches)
        self._parts = self._told(parts)
        self._book = Book(people, minimum)
        for own, out in editions:
            story = f"{unit}:story" not in out
            self._book.tell(self._figures(self._told(own), out, story=story))
        self._book.tell(
            Figure((frozenset(self._numbers[cell] for cell in batch),)) for batch in batches
        )

    def _told(self, parts: _Parts) -> dict[str, frozenset[int]]:
        return {key: frozenset(self._numbers[cell] for cell in own) for key, own in parts.items()}

    def _figures(
        self, parts: Mapping[str, frozenset[int]], out: Collection[str], *, story: bool
    ) -> list[Figure]:
        """Return what a line tells: each window shown, the others as one rest, the story."""
        found = [Figure((parts[key],)) for key in sorted(parts) if key not in out]
        rest = tuple(parts[key] for key in sorted(parts) if key in out)
        if rest:
            found += [
                Figure(rest, mark) for mark in (("", "weighted") if self._weighted else ("",))
            ]
        if story:
            found += [Figure(tuple(parts[key] for key in sorted(parts)), mark) for mark in _STORY]
        return found

    def betrays(self, out: Collection[str], *, story: bool = False) -> bool:
        """Tell whether the unit's line would bring something small to light."""
        if self._plain and (not story or not out):
            return False
        return self._book.betrays(self._figures(self._parts, out, story=story))

    def betrays_alone(self, key: str) -> bool:
        """Tell whether the figure of one window would."""
        return self._book.betrays([Figure((self._parts[key],))])


def _classes(
    unit: str, sources: Sequence[_Parts], batches: Sequence[frozenset[Cell]]
) -> tuple[dict[Cell, int], dict[int, frozenset[str]]]:
    """Return numbers for the cells of a unit by window and where they stand, and who is behind.

    What a batch holds of other units is one number more: of that nothing else is known here.
    """
    marks: dict[Cell, int] = defaultdict(int)
    every = [{cell for own in parts.values() for cell in own} for parts in sources]
    for place, cells in enumerate([*every, *batches]):
        for cell in cells:
            marks[cell] |= 1 << place
    kinds: dict[tuple[str | None, int], int] = {}
    numbers = {
        cell: kinds.setdefault((cell.window if cell.unit == unit else "", mark), len(kinds))
        for cell, mark in marks.items()
    }
    people: dict[int, set[str]] = defaultdict(set)
    for cell, number in numbers.items():
        people[number].add(cell.rater)
    return numbers, {number: frozenset(own) for number, own in people.items()}


def _batches(told: Iterable[Told]) -> dict[str, list[frozenset[Cell]]]:
    """Put what was told in batches under every unit it is about."""
    found: dict[str, list[frozenset[Cell]]] = defaultdict(list)
    for each in told:
        for unit in {cell.unit for cell in each.cells}:
            found[unit].append(frozenset(each.cells))
    return found


def _people(parts: _Parts) -> dict[str, frozenset[str]]:
    return {key: frozenset(cell.rater for cell in own) for key, own in parts.items()}


def _union(people: Mapping[str, frozenset[str]]) -> frozenset[str]:
    return frozenset[str]().union(*people.values())


def _enough(parts: _Parts, minimum: int) -> bool:
    return shown(len(_union(_people(parts))), minimum)


def _units(cells: Iterable[Cell]) -> dict[str, dict[str, list[Cell]]]:
    """Put cells together by unit and window; a unit without windows is its own single part."""
    found: dict[str, dict[str, list[Cell]]] = {}
    for cell in cells:
        found.setdefault(cell.unit, {}).setdefault(cell.window or cell.unit, []).append(cell)
    return found
