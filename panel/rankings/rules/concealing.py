"""Whose figures an edition shows: none of too few visitors, and none beside what was told before.

Rounds accumulate over a year and editions follow each other, so figures overlap: what a second
round added or a correction took out must rest on as many visitors as a figure itself.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

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
    known = _Known(minimum, earlier, told, weighted=weighted)
    windows: set[str] = set()
    withheld: set[str] = set()
    stories: set[str] = set()
    for unit, parts in sorted(_units(cells).items()):
        people = {key: frozenset(cell.rater for cell in own) for key, own in parts.items()}
        if not shown(len(frozenset[str]().union(*people.values())), minimum):
            windows |= parts.keys()
            continue
        out = _alone(people, rolled_up, minimum)
        if known.betrays(parts, out):
            out = _rolled(parts, people, out, minimum, known)
            if known.betrays(parts, out):
                withheld.add(unit)
        if unit in withheld or known.betrays(parts, out, story=True):
            stories.add(unit)
        windows |= out
    return Concealed(frozenset(windows), frozenset(withheld), frozenset(stories))


def _rolled(
    parts: Mapping[str, Sequence[Cell]],
    people: Mapping[str, frozenset[str]],
    out: frozenset[str],
    minimum: int,
    known: "_Known",
) -> frozenset[str]:
    """Hide the windows that betray something by themselves, then one more after the other."""
    alone = {key for key in parts.keys() - out if known.betrays({key: parts[key]}, frozenset())}
    out = _alone(people, out | alone, minimum)
    for key in sorted(parts.keys() - out, key=lambda key: (len(people[key]), key)):
        if not known.betrays(parts, out):
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


def figures(
    parts: Mapping[str, Sequence[Cell]],
    out: Collection[str],
    number: Mapping[Cell, int],
    *,
    weighted: bool = False,
    story: bool = False,
) -> list[Figure]:
    """Return what a unit's line tells: each window shown, the others as one rest, the story."""

    def part(key: str) -> frozenset[int]:
        return frozenset(number[cell] for cell in parts[key])

    found = [Figure((part(key),)) for key in sorted(parts) if key not in out]
    rest = tuple(part(key) for key in sorted(parts) if key in out)
    if rest:
        found += [Figure(rest, mark) for mark in (("", "weighted") if weighted else ("",))]
    if story:
        found += [Figure(tuple(part(key) for key in sorted(parts)), mark) for mark in _STORY]
    return found


class _Known:
    """The book of what was told, over cells: a cell that changed is another one."""

    def __init__(
        self, minimum: int, earlier: Iterable[Earlier], told: Iterable[Told], *, weighted: bool
    ) -> None:
        self._number: dict[Cell, int] = {}
        self._people: dict[int, int] = {}
        self._raters: dict[str, int] = {}
        self._weighted = weighted
        self._nothing = not (earlier or told or weighted)
        self._book = Book(self._people, minimum)
        for each in earlier:
            self._count(each.cells)
            for unit, parts in _units(each.cells).items():
                raters = {cell.rater for own in parts.values() for cell in own}
                if shown(len(raters), minimum) and unit not in each.hidden:
                    story = f"{unit}:story" not in each.hidden
                    self._book.tell(self._figures(parts, each.hidden, story=story))
        for other in told:
            self._count(other.cells)
            self._book.tell([Figure((frozenset(self._number[cell] for cell in other.cells),))])

    def _figures(
        self, parts: Mapping[str, Sequence[Cell]], out: Collection[str], *, story: bool
    ) -> list[Figure]:
        return figures(parts, out, self._number, weighted=self._weighted, story=story)

    def _count(self, cells: Iterable[Cell]) -> None:
        for cell in cells:
            number = self._number.setdefault(cell, len(self._number))
            self._people[number] = self._raters.setdefault(cell.rater, len(self._raters))

    def betrays(
        self, parts: Mapping[str, Sequence[Cell]], out: Collection[str], *, story: bool = False
    ) -> bool:
        """Tell whether a unit's line would bring something small to light."""
        if self._nothing and (not story or not out):
            return False
        for own in parts.values():
            self._count(own)
        return self._book.betrays(self._figures(parts, out, story=story))


def _units(cells: Iterable[Cell]) -> dict[str, dict[str, list[Cell]]]:
    """Put cells together by unit and window; a unit without windows is its own single part."""
    found: dict[str, dict[str, list[Cell]]] = {}
    for cell in cells:
        found.setdefault(cell.unit, {}).setdefault(cell.window or cell.unit, []).append(cell)
    return found
