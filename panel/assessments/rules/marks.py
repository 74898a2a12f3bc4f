"""What a published ranking gives to the year, and who may still be named excellent."""

from collections.abc import Sequence
from typing import Final

from panel.assessments.types import Eligibility, Mark, UnitInputs, VisitsInput
from panel.errors import Conflict
from panel.ids import Code
from panel.rankings.types import (
    Certainty,
    ListView,
    Method,
    RankingState,
    Row,
    Standing,
)
from panel.rulebook.types import Rulebook

_TWO: Final = 2


def may_open(state: RankingState) -> None:
    """Refuse a ranking that is not public."""
    if state is not RankingState.PUBLISHED:
        raise Conflict("assessment.not_published")


def visits(row: Row, one: ListView, round: Code) -> VisitsInput:  # noqa: A002 - what it is
    """Return the published score of a ranked unit, else nothing but where it was looked for."""
    ranked = row.standing is Standing.RANKED
    return VisitsInput(
        score=row.score if ranked else None,
        place=row.place,
        place_from_below=row.place_from_below,
        ranked=one.ranked,
        separable=separable(row, one.rows) and agreed(row, one),
        scope=one.scope,
        snapshot=one.code,
        round=round,
    )


def separable(row: Row, rows: Sequence[Row]) -> bool:
    """Tell whether a last place is one for sure: its interval ends below the next place's."""
    if row.place_from_below is None or row.high is None:
        return False
    above = [
        other
        for other in rows
        if other.place_from_below is not None and other.place_from_below > row.place_from_below
    ]
    if not above:
        return False
    nearest = min(other.place_from_below or 0 for other in above)
    return all(
        other.low is not None and row.high < other.low
        for other in above
        if other.place_from_below == nearest
    )


def agreed(row: Row, one: ListView) -> bool:
    """Tell whether grave consequences may rest on a place in the bottom list (methods.md 2).

    It must be confirmed, and lie in the same tail by the plain mean of window means. A method
    without probabilities confirms nothing; there the interval alone speaks.
    """
    if one.method is not Method.CROSSED_EFFECTS:
        return True
    tail = one.ranked - one.list_size
    return (
        row.in_bottom
        and row.certainty is Certainty.CONFIRMED
        and any(
            other.method is Method.MEAN_OF_WINDOW_MEANS
            and other.place is not None
            and other.place > tail
            for other in row.others
        )
    )


def is_last(given: UnitInputs) -> bool:
    """Tell whether a unit is last of its scope; the only ranked one is not."""
    found = given.visits
    return found is not None and found.place_from_below == 1 and found.ranked >= _TWO


def under_gate(found: Mark, book: Rulebook) -> bool:
    """Tell whether a mark lies under the gate of the measures."""
    return found.total is not None and found.total < book.assessment.gate_hundredths


def eligibility(given: UnitInputs, found: Mark, book: Rulebook) -> Eligibility:
    """Tell whether a unit may lose what only the final year decides."""
    gated = book.ranking.last_place == "gated"
    last = is_last(given) and (not gated or under_gate(found, book))
    grave = any(each.veto for each in given.findings)
    return Eligibility.AT_RISK if last or grave else Eligibility.OPEN
