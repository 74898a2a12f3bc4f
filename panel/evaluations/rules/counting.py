"""From counted sheets to cells: sums of integers, the same in any order."""

from collections import defaultdict
from collections.abc import Iterable

from panel.evaluations.types import CountedSheet, SummedCell


def summed(sheets: Iterable[CountedSheet]) -> tuple[SummedCell, ...]:
    """Return number, sum and sum of squares by place, visitor and kind of visit, in that order."""
    groups: dict[tuple[int, str, str], list[CountedSheet]] = defaultdict(list)
    for sheet in sheets:
        groups[sheet.place_id, sheet.visitor, sheet.type].append(sheet)
    return tuple(
        SummedCell(
            round_id=own[0].round_id,
            place_id=place,
            unit_id=own[0].unit_id,
            window_id=own[0].window_id,
            visitor=visitor,
            type=kind,
            n=len(own),
            total=sum(each.score for each in own),
            squares=sum(each.score * each.score for each in own),
        )
        for (place, visitor, kind), own in sorted(groups.items())
    )
