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
    trims: frozenset[str] = frozenset()
    """Windows and units of which the trimmed mean and the plain one are not told together."""

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
    hidden_before = [frozenset(each.hidden) for each in earlier]
    classes = _classes([cells, *(each.cells for each in earlier)], told)
    for unit in sorted({cell.unit for cell in cells}):
        known = _Known(unit, classes[unit], hidden_before, minimum, weighted=weighted)
        people = known.people
        if not shown(len(_union(people.values())), minimum):
            windows |= people.keys()
            continue
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


_Classes: TypeAlias = Mapping[tuple[str, int], frozenset[str]]
"""Cells of a unit that stand in the same lists and batches, by their window and a bit for each of
these: who gave them. Nothing tells them apart, so they are one number of the book."""


class _Known:
    """What was told of one unit, and what its line would add; a cell that changed is another one.

    The first bit of a class stands for the list that is made, the next ones for those of before.
    """

    def __init__(
        self,
        unit: str,
        classes: _Classes,
        before: Sequence[frozenset[str]],
        minimum: int,
        *,
        weighted: bool,
    ) -> None:
        self._weighted = weighted
        self.people = _people(classes, 0)
        editions = [
            place
            for place, out in enumerate(before, 1)
            if unit not in out and shown(len(_union(_people(classes, place).values())), minimum)
        ]
        untold = sum(1 << place for place in range(1, len(before) + 1) if place not in editions)
        numbers, people = _numbers(classes, untold)
        batches = max((mark.bit_length() for _, mark in classes), default=0)
        batched = range(len(before) + 1, batches)
        self._plain = not (editions or batched or weighted)
        self._parts = _parts(numbers, 0)
        self._book = Book(people, minimum)
        for place in editions:
            out = before[place - 1]
            own = _parts(numbers, place)
            self._book.tell(self._figures(own, out, story=f"{unit}:story" not in out))
        self._book.tell(
            Figure((frozenset[int]().union(*_parts(numbers, place).values()),)) for place in batched
        )

    def _figures(
        self, parts: Mapping[str, frozenset[int]], out: Collection[str], *, story: bool
    ) -> list[Figure]:
        """Return what a line tells: each window shown, the others as one rest, the story.

        Of a story only the part of the others is new: the windows shown can be taken from it.
        """
        found = [Figure((parts[key],)) for key in sorted(parts) if key not in out]
        rest = tuple(parts[key] for key in sorted(parts) if key in out)
        if rest:
            marks = ("", *(("weighted",) if self._weighted else ()), *(_STORY if story else ()))
            found += [Figure(rest, mark) for mark in marks]
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
    sources: Sequence[Sequence[Cell]], told: Iterable[Told]
) -> dict[str, dict[tuple[str, int], frozenset[str]]]:
    """Put the cells of all units into classes; each batch has a bit under every unit it is about.

    What a batch holds of other units is a class without a window: of it nothing else is known.
    """
    marks: dict[Cell, int] = {}
    for place, own in enumerate(sources):
        bit = 1 << place
        for cell in own:
            marks[cell] = marks.get(cell, 0) | bit
    others: dict[tuple[str, Cell], int] = {}
    turns: dict[str, int] = defaultdict(lambda: len(sources))
    for each in told:
        for unit in {cell.unit for cell in each.cells}:
            bit = 1 << turns[unit]
            turns[unit] += 1
            for cell in each.cells:
                if cell.unit == unit:
                    marks[cell] = marks.get(cell, 0) | bit
                else:
                    others[unit, cell] = others.get((unit, cell), 0) | bit
    found: dict[str, dict[tuple[str, int], set[str]]] = defaultdict(lambda: defaultdict(set))
    for cell, mark in marks.items():
        found[cell.unit][cell.window or cell.unit, mark].add(cell.rater)
    for (unit, cell), mark in others.items():
        found[unit]["", mark].add(cell.rater)
    return {
        unit: {key: frozenset(own) for key, own in classes.items()}
        for unit, classes in found.items()
    }


def _numbers(
    classes: _Classes, untold: int
) -> tuple[dict[tuple[str, int], int], dict[int, frozenset[str]]]:
    """Give numbers to classes that were told, those alike but for what was not told the same."""
    numbers: dict[tuple[str, int], int] = {}
    people: dict[int, frozenset[str]] = {}
    for (key, mark), own in classes.items():
        if mark & ~untold:
            number = numbers.setdefault((key, mark & ~untold), len(numbers))
            people[number] = people.get(number, frozenset()) | own
    return numbers, people


def _parts(numbers: Mapping[tuple[str, int], int], place: int) -> dict[str, frozenset[int]]:
    """Return the numbers that stand in a list or batch, by window."""
    found: dict[str, set[int]] = defaultdict(set)
    for (key, mark), number in numbers.items():
        if mark >> place & 1:
            found[key].add(number)
    return {key: frozenset(own) for key, own in found.items()}


def _people(classes: _Classes, place: int) -> dict[str, frozenset[str]]:
    """Return who stands behind each window in a list; a unit without windows is its own part."""
    found: dict[str, frozenset[str]] = {}
    for (key, mark), own in classes.items():
        if mark >> place & 1:
            found[key] = found.get(key, frozenset()) | own
    return found


def _union(people: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset[str]().union(*people)
