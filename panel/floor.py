"""The floor of five over everything that was told: what can be found by taking figures apart.

A figure sums up sheets. Who knows several figures can add and subtract them, so that a part which
nobody told comes to light: what a correction took out, what a second round added. Any sum of
multiples is tried by linear algebra over a prime field: pure integers.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

Sheets: TypeAlias = frozenset[int]
People: TypeAlias = frozenset[str]
_Row: TypeAlias = dict[int, int]
"""A sum of multiples of figures: how often each column is in it."""
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
        # Twice: for how many sheets figures hold, and for what those gave, since a part enters
        # some figures by a weight of its own.
        self._spaces = tuple(
            _Space(people, minimum, weighted=weighted) for weighted in (False, True)
        )
        self.tell(figures)

    def tell(self, figures: Iterable[Figure]) -> None:
        """Add figures that are told from now on."""
        known = list(figures)
        for space in self._spaces:
            space.tell(known)

    def betrays(self, figures: Sequence[Figure]) -> bool:
        """Tell whether these figures, beside the known ones, let anything small be found."""
        return any(space.betrays(figures) for space in self._spaces)


class _Space:
    """All sums of multiples of the known figures, as rows that each begin at another column.

    Columns are numbers in another order: first those of visitors enough. So rows that begin at a
    later column are exactly the sums of small parts alone, and a new figure meets rows that are
    ready: nothing known is worked out twice.
    """

    def __init__(self, people: Mapping[int, People], minimum: int, *, weighted: bool) -> None:
        self._minimum = minimum
        self._weighted = weighted
        self._columns: dict[int, int] = {}
        self._people: list[People] = []
        self._given = people
        order = sorted(people, key=lambda number: (len(people[number]) < minimum, number))
        self._large = sum(len(people[number]) >= minimum for number in order)
        for number in order:
            self._column(number)
        self._rows: dict[int, _Row] = {}

    def _column(self, number: int) -> int:
        """Return the column of a number; one whose visitor is not known counts for nobody."""
        found = self._columns.get(number)
        if found is None:
            found = self._columns[number] = len(self._people)
            self._people.append(self._given.get(number, frozenset()))
        return found

    def tell(self, figures: Iterable[Figure]) -> None:
        """Add figures to what is known."""
        self._rows |= self._fresh(figures)

    def _fresh(self, figures: Iterable[Figure]) -> dict[int, _Row]:
        """Return the rows that figures add to the known ones, by the column they begin at."""
        fresh: dict[int, _Row] = {}
        for each in figures:
            row = self._row(each)
            while row:
                column = min(row)
                lead = fresh.get(column) or self._rows.get(column)
                if lead is None:
                    fresh[column] = _scaled(row, column)
                    break
                _subtract(row, lead, row[column])
        return fresh

    def _row(self, told: Figure) -> _Row:
        row: _Row = defaultdict(int)
        several = self._weighted and len(told.parts) > 1
        for part in told.parts:
            weight = _weight(part, told.mark) if several else 1
            for number in part:
                row[self._column(number)] += weight
        return dict(row)

    def betrays(self, figures: Iterable[Figure]) -> bool:
        """Tell whether figures bring a sum to light that holds nothing but one small part."""
        added = {at: row for at, row in self._fresh(figures).items() if at >= self._large}
        known = {at: row for at, row in self._rows.items() if at >= self._large}
        return any(
            self._finds(fresh, [known[at] for at in group if at in known])
            for group in _apart(known | added)
            if (fresh := [added[at] for at in group if at in added])
        )

    def _finds(self, fresh: list[_Row], known: list[_Row]) -> bool:
        """Tell whether new rows of small columns give a part that the known ones don't."""
        if any(not self._enough(row) for row in fresh):
            return True
        parts, rows = self._together([*fresh, *known])
        if len(parts) > _PARTS:
            return True
        people = [self._who(part) for part in parts]
        for tried, chosen in enumerate(_crowds(people, self._minimum)):
            if tried >= _MOST:
                return True
            inside = frozenset[int]().union(*(parts[place] for place in chosen))
            found = _inside(rows, inside)
            if found and found > _inside(known, inside):
                return True
        return False

    def _together(self, rows: list[_Row]) -> tuple[list[frozenset[int]], list[_Row]]:
        """Put columns together that no row tells apart; leave out what then is large."""
        while True:
            alike: dict[tuple[tuple[int, int], ...], list[int]] = defaultdict(list)
            for column in sorted({column for row in rows for column in row}):
                own = [(n, row[column]) for n, row in enumerate(rows) if column in row]
                inverse = pow(own[0][1], -1, _PRIME)
                alike[tuple((n, value * inverse % _PRIME) for n, value in own)].append(column)
            large = next((own for own in alike.values() if self._enough(own)), None)
            if large is None:
                return [frozenset(own) for own in alike.values()], rows
            rows = _without(rows, large[0])

    def _who(self, columns: Iterable[int]) -> People:
        return frozenset[str]().union(*(self._people[column] for column in columns))

    def _enough(self, columns: Iterable[int]) -> bool:
        return len(self._who(columns)) >= self._minimum


def _weight(part: Sheets, mark: str) -> int:
    """Return the weight of a window in what it has in common with others.

    It follows from the number of its visits, so it is the same while no visit is added or taken
    away, and unlike any other else.
    """
    text = ",".join([mark, *(str(sheet) for sheet in sorted(part))])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:7], "big") + 2


def _scaled(row: _Row, column: int) -> _Row:
    """Return a row that holds a column once."""
    if row[column] == 1:
        return row
    inverse = pow(row[column], -1, _PRIME)
    return {place: value * inverse % _PRIME for place, value in row.items()}


def _subtract(row: _Row, lead: _Row, factor: int) -> None:
    """Take a multiple of one row from another."""
    for place, value in lead.items():
        left = (row.get(place, 0) - factor * value) % _PRIME
        if left:
            row[place] = left
        else:
            row.pop(place, None)


def _without(rows: Iterable[_Row], column: int) -> list[_Row]:
    """Return the sums of rows that don't hold a column."""
    kept: list[_Row] = []
    lead: _Row = {}
    for each in rows:
        if column not in each:
            kept.append(each)
        elif not lead:
            lead = _scaled(each, column)
        else:
            row = dict(each)
            _subtract(row, lead, row[column])
            kept += [row] if row else []
    return kept


def _inside(rows: Iterable[_Row], columns: Collection[int]) -> int:
    """Return how many sums of rows, none a sum of others, hold nothing but some columns."""
    found = 0
    leads: dict[int, _Row] = {}
    for each in rows:
        row = dict(each)
        while (column := min((at for at in row if at not in columns), default=-1)) in leads:
            _subtract(row, leads[column], row[column])
        if column < 0:
            found += 1
        else:
            leads[column] = _scaled(row, column)
    return found


def _apart(rows: Mapping[int, _Row]) -> list[list[int]]:
    """Put together the rows that share columns, directly or through others."""
    root: dict[int, int] = {}

    def top(column: int) -> int:
        while root.setdefault(column, column) != column:
            column = root[column]
        return column

    for row in rows.values():
        first, *others = row
        for column in others:
            root[top(column)] = top(first)
    groups: dict[int, list[int]] = defaultdict(list)
    for at, row in rows.items():
        groups[top(next(iter(row)))].append(at)
    return list(groups.values())


def _crowds(people: Sequence[People], minimum: int) -> Iterator[frozenset[int]]:
    """Give each set of parts of too few visitors together to which no other can be added."""

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
