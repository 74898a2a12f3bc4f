"""Whose figures an edition shows: none of too few visitors, and none beside what was told before.

Rounds accumulate over a year and editions follow each other, so figures overlap: what a second
round added or a correction took out must rest on as many visitors as a figure itself.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from panel.floor import Book, Figure
from panel.rankings.rules.visible import hidden, shown
from panel.rankings.types.editions import Earlier, Told
from panel.rankings.types.ranking import Cell


class Concealed(NamedTuple):
    """What an edition doesn't show."""

    windows: frozenset[str]
    """Windows (and units without windows) whose own figures are shown nowhere."""
    units: frozenset[str]
    """Units of which nothing but the place is shown: any figure would betray a small part."""


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
    known = (
        _Known(minimum, earlier, told, weighted=weighted) if earlier or told or weighted else None
    )
    windows: set[str] = set()
    withheld: set[str] = set()
    for unit, parts in sorted(_units(cells).items()):
        people = {key: frozenset(cell.rater for cell in own) for key, own in parts.items()}
        if not shown(len(frozenset[str]().union(*people.values())), minimum):
            windows |= parts.keys()
            continue
        out = _alone(people, rolled_up, minimum)
        if known is not None and known.betrays(parts, out):
            out = _rolled(parts, people, out, minimum, known)
            if known.betrays(parts, out):
                withheld.add(unit)
        windows |= out
    return Concealed(frozenset(windows), frozenset(withheld))


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
    marks: Sequence[str] = ("",),
) -> list[Figure]:
    """Return what a unit's line tells: each window shown, and the others as one rest."""

    def part(key: str) -> frozenset[int]:
        return frozenset(number[cell] for cell in parts[key])

    rest = tuple(part(key) for key in sorted(parts) if key in out)
    return [Figure((part(key),)) for key in sorted(parts) if key not in out] + (
        [Figure(rest, mark) for mark in marks] if rest else []
    )


class _Known:
    """The book of what was told, over cells: a cell that changed is another one."""

    def __init__(
        self, minimum: int, earlier: Iterable[Earlier], told: Iterable[Told], *, weighted: bool
    ) -> None:
        self._marks = ("", "weighted") if weighted else ("",)
        self._number: dict[Cell, int] = {}
        self._people: dict[int, int] = {}
        self._raters: dict[str, int] = {}
        self._book = Book(self._people, minimum)
        for each in earlier:
            self._count(each.cells)
            for unit, parts in _units(each.cells).items():
                raters = {cell.rater for own in parts.values() for cell in own}
                if shown(len(raters), minimum) and unit not in each.hidden:
                    self._book.tell(figures(parts, each.hidden, self._number, self._marks))
        for other in told:
            self._count(other.cells)
            self._book.tell([Figure((frozenset(self._number[cell] for cell in other.cells),))])

    def _count(self, cells: Iterable[Cell]) -> None:
        for cell in cells:
            number = self._number.setdefault(cell, len(self._number))
            self._people[number] = self._raters.setdefault(cell.rater, len(self._raters))

    def betrays(self, parts: Mapping[str, Sequence[Cell]], out: Collection[str]) -> bool:
        """Tell whether a unit's line would bring something small to light."""
        for own in parts.values():
            self._count(own)
        return self._book.betrays(figures(parts, out, self._number, self._marks))


def _units(cells: Iterable[Cell]) -> dict[str, dict[str, list[Cell]]]:
    """Put cells together by unit and window; a unit without windows is its own single part."""
    found: dict[str, dict[str, list[Cell]]] = {}
    for cell in cells:
        found.setdefault(cell.unit, {}).setdefault(cell.window or cell.unit, []).append(cell)
    return found
