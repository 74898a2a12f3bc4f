"""Cells: counted sheets by window, rater and kind of visit, and their hash."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from panel.chance import canonical
from panel.rankings.types.ranking import Cell, Listing, Options, Sheet


def aggregate(sheets: Iterable[Sheet]) -> tuple[Cell, ...]:
    """Sum sheets by window, rater and kind of visit; the order of the sheets changes nothing."""
    sums: dict[tuple[str, str | None, str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for sheet in sheets:
        cell = sums[sheet.unit, sheet.window, sheet.rater, sheet.type]
        cell[0] += 1
        cell[1] += sheet.score
        cell[2] += sheet.score * sheet.score
    ordered = sorted(sums.items(), key=lambda item: (item[0][0], item[0][1] or "", *item[0][2:]))
    return tuple(
        Cell(unit, window, rater, n, total, squares, kind)
        for (unit, window, rater, kind), (n, total, squares) in ordered
    )


def checked(listings: Sequence[Listing], cells: Sequence[Cell]) -> None:
    """Refuse what nobody can have counted: a subject twice, sums that contradict each other."""
    for listing in listings:
        if len({subject.key for subject in listing.subjects}) != len(listing.subjects):
            message = "a subject stands twice"
            raise ValueError(message)
    if any(cell.n < 1 or cell.n * cell.squares < cell.total**2 for cell in cells):
        message = "the sums of a cell contradict each other"
        raise ValueError(message)


def fingerprint(
    listings: Sequence[Listing],
    cells: Sequence[Cell],
    options: Options,
    told: Sequence[Sequence[Cell]] = (),
) -> str:
    """Return the hash of everything that lists depend on, in any order of entry.

    Raters are told apart by what they gave, not by their labels, which every edition deals anew.
    """
    rules = [
        {
            "kind": each.kind,
            "naming": msgspec.to_builtins(each.naming),
            "subjects": sorted([who.key, who.group, who.ranked] for who in each.subjects),
        }
        for each in sorted(listings, key=lambda each: each.kind)
    ]
    found = hashlib.sha256(canonical({"lists": rules, "options": msgspec.to_builtins(options)}))
    for own in (cells, *told):
        for line in sorted(_of_raters(own)):
            found.update(line)
    return found.hexdigest()


def _of_raters(cells: Iterable[Cell]) -> list[bytes]:
    """Return one digest of each rater's own cells."""
    lines: dict[str, list[str]] = defaultdict(list)
    for cell in cells:
        lines[cell.rater].append(
            f"{cell.unit}\t{cell.window or ''}\t{cell.type}\t{cell.period}\t"
            f"{cell.n}\t{cell.total}\t{cell.squares}"
        )
    return [hashlib.sha256("\n".join(sorted(own)).encode()).digest() for own in lines.values()]
