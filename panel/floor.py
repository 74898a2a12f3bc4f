"""The floor of five over everything that was told: what can be found by taking figures apart.

A figure sums up sheets. Who knows several figures can add and subtract them, so that a part which
nobody told comes to light: what a correction took out, what a second round added. Pure integers.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

Sheets: TypeAlias = frozenset[int]
People: TypeAlias = frozenset[str]
_PRIME: Final = (1 << 61) - 1
_MOST: Final = 4000
_PARTS: Final = 40
"""Sets of small parts that are tried, and small parts; more of them are held to betray."""


class Figure(NamedTuple):
    """One told figure by the sheets behind it; each part enters it with a weight of its own.

    A window's sum is one part. What windows have in common is told with one part for each; told
    twice by other weights, the second carries a mark.
    """

    parts: tuple[Sheets, ...]
    mark: str = ""

    @property
    def sheets(self) -> Sheets:
        """Return all sheets behind the figure."""
        return frozenset().union(*self.parts)


def figure(*parts: Iterable[int]) -> Figure:
    """Return a figure over parts given as any collections of sheets."""
    return Figure(tuple(frozenset(part) for part in parts))


class Book:
    """All figures that were told, with who stands behind the sheets."""

    def __init__(
        self, people: Mapping[int, People], minimum: int, figures: Iterable[Figure] = ()
    ) -> None:
        """Begin with what is known already; ``people`` gives who stands behind each number.

        A number is a sheet, or several that no figure tells apart.
        """
        self._people = people
        self._minimum = minimum
        self._figures: list[Figure] = []
        self._by_sheet: dict[int, set[int]] = defaultdict(set)
        for each in figures:
            self._add(each)

    def _add(self, told: Figure) -> None:
        for sheet in told.sheets:
            self._by_sheet[sheet].add(len(self._figures))
        self._figures.append(told)

    def betrays(self, figures: Sequence[Figure]) -> bool:
        """Tell whether these figures, beside the known ones, let anything small be found."""
        return bool(self.found(figures))

    def found(self, figures: Sequence[Figure] = ()) -> frozenset[Sheets]:
        """Return the small parts that only these figures bring to light, beside the known ones.

        Without figures: what the known ones betray among themselves.
        """
        if not figures:
            return small_parts(self._figures, self._people, self._minimum)
        known = self._near(frozenset().union(*(each.sheets for each in figures)))
        after = small_parts([*known, *figures], self._people, self._minimum)
        return after - small_parts(known, self._people, self._minimum) if after else after

    def _near(self, sheets: Sheets) -> list[Figure]:
        """Return the known figures that hang together with some sheets."""
        seen: set[int] = set()
        wave = set(sheets)
        while wave:
            fresh = {number for sheet in wave for number in self._by_sheet.get(sheet, ())} - seen
            seen |= fresh
            wave = {sheet for number in fresh for sheet in self._figures[number].sheets}
        return [self._figures[number] for number in sorted(seen)]

    def tell(self, figures: Iterable[Figure]) -> None:
        """Add figures that are told from now on."""
        for each in figures:
            self._add(each)


class _Atom(NamedTuple):
    """Sheets that stand in the same figures, so that nothing tells them apart."""

    sheets: Sheets
    people: People


def small_parts(
    figures: Sequence[Figure], people: Mapping[int, People], minimum: int
) -> frozenset[Sheets]:
    """Return sets of sheets of fewer visitors than the minimum of which a sum can be found.

    Any sum of multiples of the figures is tried by linear algebra: once for how many sheets they
    hold, once for what those gave, since a part enters some figures by a weight of its own.
    """
    different = [each for each in dict.fromkeys(figures) if each.sheets]
    found: set[Sheets] = set()
    for group in _apart(different):
        atoms, columns = _atoms(group, people)
        if not any(len(atom.people) < minimum for atom in atoms):
            continue
        for weighted in (False, True):
            if weighted and all(len(each.parts) == 1 for each in group):
                continue
            rows = [_row(each, columns, len(atoms), weighted=weighted) for each in group]
            found |= _betrayed(rows, atoms, minimum)
    return frozenset(found)


def _apart(figures: Sequence[Figure]) -> list[list[Figure]]:
    """Put together the figures that share sheets, directly or through others."""
    root = list(range(len(figures)))

    def top(number: int) -> int:
        while root[number] != number:
            root[number] = root[root[number]]
            number = root[number]
        return number

    first: dict[int, int] = {}
    for number, each in enumerate(figures):
        for sheet in each.sheets:
            root[top(number)] = top(first.setdefault(sheet, number))
    groups: dict[int, list[Figure]] = defaultdict(list)
    for number, each in enumerate(figures):
        groups[top(number)].append(each)
    return list(groups.values())


def _atoms(
    figures: Sequence[Figure], people: Mapping[int, People]
) -> tuple[list[_Atom], dict[int, int]]:
    """Return the atoms of some figures, and the atom of each sheet."""
    marks: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for number, each in enumerate(figures):
        for place, part in enumerate(each.parts):
            for sheet in part:
                marks[sheet].append((number, place))
    groups: dict[tuple[tuple[int, int], ...], list[int]] = defaultdict(list)
    for sheet, own in marks.items():
        groups[tuple(own)].append(sheet)
    atoms = [
        # A sheet whose visitor is not known any more counts for nobody: it hides no other.
        _Atom(frozenset(own), frozenset().union(*(people.get(sheet, ()) for sheet in own)))
        for own in groups.values()
    ]
    return atoms, {sheet: number for number, atom in enumerate(atoms) for sheet in atom.sheets}


def _row(told: Figure, columns: Mapping[int, int], width: int, *, weighted: bool) -> list[int]:
    row = [0] * width
    for part in told.parts:
        weight = _weight(part, told.mark) if weighted and len(told.parts) > 1 else 1
        for column in {columns[sheet] for sheet in part}:
            row[column] = (row[column] + weight) % _PRIME
    return row


def _weight(part: Sheets, mark: str) -> int:
    """Return the weight of a window in what it has in common with others.

    It follows from the number of its visits, so it is the same while no visit is added or taken
    away, and unlike any other else.
    """
    text = ",".join([mark, *(str(sheet) for sheet in sorted(part))])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:7], "big") + 2


def _betrayed(rows: list[list[int]], atoms: Sequence[_Atom], minimum: int) -> set[Sheets]:
    """Return which small sets of atoms hold a nonzero sum of multiples of the rows."""
    large = [number for number, atom in enumerate(atoms) if len(atom.people) >= minimum]
    # What is left after the large atoms were eliminated are the sums of small ones alone.
    rest = _reduced(rows, large)
    small = [number for number in range(len(atoms)) if any(row[number] for row in rest)]
    whole: Sheets = frozenset().union(*(atoms[number].sheets for number in small))
    if not small or len(small) > _PARTS:
        return {whole} if small else set()
    left = [[row[number] for number in small] for row in rest]
    full = _rank(left, range(len(small)))
    found: set[Sheets] = set()
    for tried, chosen in enumerate(_crowds([atoms[number].people for number in small], minimum)):
        if tried >= _MOST:
            return {whole}
        if _rank(left, set(range(len(small))) - chosen) < full:
            found.add(frozenset().union(*(atoms[small[place]].sheets for place in chosen)))
    return found


def _crowds(people: Sequence[People], minimum: int) -> Iterator[frozenset[int]]:
    """Give each set of atoms of too few visitors together to which no other can be added."""

    def grow(place: int, chosen: tuple[int, ...], met: People) -> Iterator[frozenset[int]]:
        if place == len(people):
            rest = (n for n in range(len(people)) if n not in chosen)
            if chosen and all(len(met | people[n]) >= minimum for n in rest):
                yield frozenset(chosen)
            return
        together = met | people[place]
        if len(together) < minimum:
            yield from grow(place + 1, (*chosen, place), together)
        if not people[place] <= met:
            yield from grow(place + 1, chosen, met)

    return grow(0, (), frozenset())


def _reduced(rows: Iterable[Sequence[int]], columns: Iterable[int]) -> list[list[int]]:
    """Return the rows that are left without a pivot after some columns were eliminated."""
    left = [list(row) for row in rows]
    for column in columns:
        pivot = next((number for number, row in enumerate(left) if row[column]), None)
        if pivot is None:
            continue
        lead = left.pop(pivot)
        inverse = pow(lead[column], -1, _PRIME)
        for row in left:
            if row[column]:
                factor = row[column] * inverse % _PRIME
                for place, value in enumerate(lead):
                    if value:
                        row[place] = (row[place] - factor * value) % _PRIME
    return left


def _rank(rows: Sequence[Sequence[int]], columns: Iterable[int]) -> int:
    """Return the rank of some columns: how many rows their elimination uses up."""
    return len(rows) - len(_reduced(rows, columns))
