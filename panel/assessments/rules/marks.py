"""The annual mark and eligibility (methods.md 7)."""

from collections.abc import Mapping
from typing import Final

from panel.assessments.types import Component, Eligibility, Mark
from panel.errors import Conflict
from panel.rankings.types import RankingState, Row, Standing
from panel.rulebook.types import Weights
from panel.score import half_up

_TWO: Final = 2


def may_open(state: RankingState) -> None:
    """Refuse a ranking that is not public."""
    if state is not RankingState.PUBLISHED:
        raise Conflict("assessment.not_published")


def mark(
    components: Mapping[Component, int | None], weights: Weights, deductions: int | None = None
) -> Mark:
    """Return the mean of the components that exist by their weights, less the deductions.

    Hundredths in, hundredths out, rounded half up once; what is missing is re-weighted and named.
    """
    weight_of = {each: int(getattr(weights, each.value)) for each in Component}
    present = {each: value for each in Component if (value := components.get(each)) is not None}
    weight = sum(weight_of[each] for each in present)
    missing = tuple(each for each in Component if each not in present)
    if not weight:
        return Mark(total=None, present_percent=0, missing=missing)
    total = half_up(sum(weight_of[each] * value for each, value in present.items()), weight)
    return Mark(total=total - (deductions or 0), present_percent=weight, missing=missing)


def visits(row: Row) -> int | None:
    """Return the visits component: the published score of a ranked unit, else nothing."""
    return row.score if row.standing is Standing.RANKED else None


def eligibility(row: Row, ranked: int, found: Mark, gate: int) -> Eligibility:
    """Tell whether a unit is last of its scope and under the gate; the only ranked one is not."""
    last = row.place_from_below == 1 and ranked >= _TWO
    under = found.total is not None and found.total < gate
    return Eligibility.AT_RISK if last and under else Eligibility.OPEN
