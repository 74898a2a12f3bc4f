"""From computed lists to lines that anybody may read: nothing that rests on too few visitors."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Final, NamedTuple

from panel import score
from panel.ids import Code
from panel.rankings.rules.visible import hidden, shown
from panel.rankings.types.editions import Name
from panel.rankings.types.procedure import Rest, Row, WindowFigure
from panel.rankings.types.ranking import Cell, Entry, Kind, RankList, Standing

_MOST: Final = 10_000


class _Part(NamedTuple):
    visits: int
    total: int
    raters: frozenset[str]


def hidden_windows(
    cells: Iterable[Cell], rolled_up: frozenset[str], minimum: int
) -> frozenset[str]:
    """Return the visited windows whose own figures are not shown.

    These are windows of too few visitors, those that are rolled up into their unit, and as many
    more as it takes until what is left out of a unit has at least two windows and enough visitors
    of its own: else it could be found by subtraction.
    """
    units: dict[str, list[Cell]] = {}
    for cell in cells:
        units.setdefault(cell.unit, []).append(cell)
    found: set[str] = set()
    for own in units.values():
        found |= _hidden_of_unit(_parts(own), rolled_up, minimum)
    return frozenset(found)


def _hidden_of_unit(
    parts: Mapping[str, _Part], rolled_up: frozenset[str], minimum: int
) -> frozenset[str]:
    out = set(hidden({key: len(part.raters) for key, part in parts.items()}, minimum))
    out |= rolled_up & parts.keys()
    others = sorted(parts.keys() - out, key=lambda key: (len(parts[key].raters), key))
    for key in others:
        together = frozenset[str]().union(*(parts[each].raters for each in out))
        if not out or (len(out) > 1 and shown(len(together), minimum)):
            break
        out.add(key)
    return frozenset(out)


def _parts(cells: Iterable[Cell]) -> dict[str, _Part]:
    """Sum the cells of one unit by window; a unit without windows is its own single part."""
    found: dict[str, _Part] = {}
    for cell in cells:
        key = cell.window or cell.unit
        visits, total, raters = found.get(key, _Part(0, 0, frozenset()))
        found[key] = _Part(visits + cell.n, total + cell.total, raters | {cell.rater})
    return found


def rows(
    found: RankList,
    cells: Sequence[Cell],
    names: Mapping[str, Name],
    hidden: frozenset[str],
    minimum: int,
) -> tuple[Row, ...]:
    """Return the lines of a list; what may not be shown is left out of them altogether."""
    by_unit: dict[str, list[Cell]] = {}
    for cell in cells:
        by_unit.setdefault(cell.unit, []).append(cell)
    bands = _bands(found.entries)
    unsure = _unsure(found.entries)
    lines = []
    for entry in found.entries:
        line = _row(entry, names[entry.key], bands, unsure)
        if not shown(entry.raters, minimum) or entry.key in hidden:
            lines.append(_bare(line))
            continue
        if found.kind is Kind.UNIT and line.score is not None:
            windows, rest = _inputs(_parts(by_unit[entry.key]), names, hidden, line.score)
            line = _with_inputs(line, windows, rest)
        lines.append(line)
    return tuple(lines)


def _row(entry: Entry, name: Name, bands: Mapping[str, int], unsure: frozenset[str]) -> Row:
    low = high = None
    if entry.score is not None and entry.spread is not None:
        low, high = max(entry.score - entry.spread, 0), min(entry.score + entry.spread, _MOST)
    return Row(
        code=Code(entry.key),
        name=name.name,
        name_en=name.name_en,
        group=entry.group,
        unit_code=name.unit_code,
        unit_name=name.unit_name,
        unit_name_en=name.unit_name_en,
        standing=entry.standing,
        shown=True,
        place=entry.place,
        place_from_below=entry.place_from_below,
        score=entry.score,
        low=low,
        high=high,
        visits=entry.n,
        visitors=entry.raters,
        in_top=entry.in_top,
        in_bottom=entry.in_bottom,
        provisional=entry.key in unsure,
        under_gate=entry.under_gate,
        band=bands.get(entry.key),
    )


def _bare(row: Row) -> Row:
    """Keep who it is and nothing that was measured."""
    return Row(
        code=row.code,
        name=row.name,
        name_en=row.name_en,
        group=row.group,
        unit_code=row.unit_code,
        unit_name=row.unit_name,
        unit_name_en=row.unit_name_en,
        standing=row.standing,
        shown=False,
    )


def _with_inputs(row: Row, windows: tuple[WindowFigure, ...], rest: Rest | None) -> Row:
    values = {field: getattr(row, field) for field in Row.__struct_fields__}
    return Row(**{**values, "windows": windows, "rest": rest})


def _inputs(
    parts: Mapping[str, _Part], names: Mapping[str, Name], hidden: frozenset[str], wanted: int
) -> tuple[tuple[WindowFigure, ...], Rest | None]:
    """Return the windows that a unit's score was made of, those not shown taken together."""
    open_parts = {key: part for key, part in sorted(parts.items()) if key not in hidden}
    figures = tuple(
        WindowFigure(Code(key), names[key].name, names[key].name_en, part.visits, part.total)
        for key, part in open_parts.items()
    )
    closed = [part for key, part in parts.items() if key in hidden]
    if not closed:
        return figures, None
    known = sum((Fraction(part.total, part.visits) for part in open_parts.values()), Fraction())
    unknown = sum((Fraction(part.total, part.visits) for part in closed), Fraction())
    return figures, Rest(
        windows=len(closed),
        visits=sum(part.visits for part in closed),
        sum_of_means=_whole(unknown, known, len(parts), wanted),
    )


def _whole(unknown: Fraction, known: Fraction, windows: int, wanted: int) -> int:
    """Return the whole hundredths nearest to a sum of means that still give the unit's score.

    The scores that round to the wanted one span `windows` hundredths here, so one always fits.
    """
    near = score.rounded(unknown)
    return next(
        value
        for value in (near, near - 1, near + 1)
        if score.rounded((known + value) / windows) == wanted
    )


def _ranked(entries: Iterable[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry.standing is Standing.RANKED]


def apart(one: Entry, other: Entry) -> bool:
    """Tell whether two scores differ by more than the interval of their difference."""
    if None in {one.spread, other.spread}:
        return False
    off = (one.score or 0) - (other.score or 0)
    return off * off > (one.spread or 0) ** 2 + (other.spread or 0) ** 2


def _bands(entries: Sequence[Entry]) -> dict[str, int]:
    """Give one number to neighbours that can't be told apart from the first of their run."""
    bands: dict[str, int] = {}
    first: Entry | None = None
    number = 0
    for entry in _ranked(entries):
        if first is None or apart(first, entry):
            first, number = entry, number + 1
        bands[entry.key] = number
    return bands


def _unsure(entries: Sequence[Entry]) -> frozenset[str]:
    """Return who stands in a top or bottom list without being clear of the first one outside."""
    ranked = _ranked(entries)
    found = set()
    for before, after in pairwise(ranked):
        if before.in_top and not after.in_top:
            found |= {entry.key for entry in ranked if entry.in_top and not apart(entry, after)}
        if after.in_bottom and not before.in_bottom:
            found |= {entry.key for entry in ranked if entry.in_bottom and not apart(entry, before)}
    return frozenset(found)
