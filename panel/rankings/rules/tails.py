"""What a trimmed mean leaves out at either end, and whether too few people gave it.

Beside the plain mean a trimmed one tells the sum of the lowest and highest sheets: at a window of
eight visits that of two people. So both are told only where what lies between them is not small.
"""

from collections.abc import Iterable, Sequence

from panel.rankings.rules.visible import shown
from panel.rankings.types.ranking import Cell

_PERCENT = 100


def betrayed(cells: Iterable[Cell], percent: int, minimum: int) -> frozenset[str]:
    """Return the windows and units whose trimmed and plain means are not told together.

    A unit's two means leave the tails of all its windows; those that are told of a window alone
    can be taken off, so the others must be enough by themselves.
    """
    windows: dict[tuple[str, str], list[Cell]] = {}
    for cell in cells:
        windows.setdefault((cell.unit, cell.window or cell.unit), []).append(cell)
    found: set[str] = set()
    small: dict[str, set[str]] = {}
    for (unit, window), own in windows.items():
        people = tails(own, percent)
        if people and not shown(len(people), minimum):
            found.add(window)
            small.setdefault(unit, set()).update(people)
    found |= {unit for unit, people in small.items() if not shown(len(people), minimum)}
    return frozenset(found)


def tails(cells: Sequence[Cell], percent: int) -> frozenset[str]:
    """Return whose visits at one window are left out, wholly or in part."""
    raters: dict[str, list[int]] = {}
    for cell in cells:
        own = raters.setdefault(cell.rater, [0, 0])
        own[0] += cell.n
        own[1] += cell.total
    whole = _PERCENT * sum(n for n, _ in raters.values())
    low = min(whole * percent // _PERCENT, (whole - _PERCENT) // 2)
    ordered = sorted(raters.items(), key=lambda each: (each[1][1] / each[1][0], each[0]))
    found: set[str] = set()
    begin = 0
    for rater, (n, _) in ordered:
        end = begin + _PERCENT * n
        if begin < low or end > whole - low:
            found.add(rater)
        begin = end
    return frozenset(found)
