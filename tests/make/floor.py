"""What can be found from told figures, looked for the slow way: whole matrices, each time anew."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from panel.floor import Figure, People, Sheets

_PRIME: Final = (1 << 61) - 1
_PARTS: Final = 40


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
    different = [each for each in dict.fromkeys(figures) if each.parts]
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


def sheets_of(told: Figure) -> Sheets:
    """Return all sheets behind a figure."""
    return frozenset[int]().union(*told.parts)


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
        for sheet in sheets_of(each):
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
    for chosen in _crowds([atoms[number].people for number in small], minimum):
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
