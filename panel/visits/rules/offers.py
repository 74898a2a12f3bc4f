"""From an assignment to offers: modes by the seed, due dates over the weeks, blind pairs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final

from panel.chance import Stream
from panel.ids import Code
from panel.visits.rules.rounds import covert_visits, due_dates
from panel.visits.types import Errand, Mode, Offer, Place, RoundView, Why
from panel.visits.types.assignment import AssignmentRecord, Explained

_TWO: Final = 2


def offers_of(
    view: RoundView,
    found: AssignmentRecord,
    places: Sequence[Place],
    *,
    seed: str,
    unqualified: int,
    doubled: frozenset[str] = frozenset(),
) -> list[Offer]:
    """Turn an assignment into offers; both of a blind pair come in one week and in one mode."""
    of_code = {place.code: place for place in places}
    explained = {each.target: each for each in found.explained}
    loads = Counter(each.member for each in found.assigned)
    twins = _twins(found, doubled)
    second = {twin for _, twin in twins}
    fit = [
        number
        for number, one in enumerate(found.assigned)
        if of_code[Code(one.target)].covert_ok and number not in second
    ]
    Stream(seed, "covert visits").shuffle(fit)
    covert = set(fit[: covert_visits(places, view.draft.covert_percent)])
    covert |= {twin for first, twin in twins if first in covert}
    pairs = {one: number for number, pair in enumerate(twins, start=1) for one in pair}
    due = due_dates(view.draft)
    turn = Stream(seed, "due dates")
    begin: dict[str, int] = {target: turn.below(len(due)) for target in sorted(of_code)}
    given: dict[str, int] = defaultdict(int)
    offers = []
    for number, one in enumerate(found.assigned):
        if number in second:
            given[one.target] -= 1  # in the week of the other
        offers.append(
            Offer(
                place=of_code[Code(one.target)],
                visitor=one.member,
                mode=Mode.COVERT if number in covert else Mode.OPEN,
                errand=Errand.ENQUIRY,
                due_at=due[(begin[one.target] + given[one.target]) % len(due)],
                why=_why(explained[one.target], one.band == "far", loads[one.member], unqualified),
                pair=pairs.get(number, 0),
            )
        )
        given[one.target] += 1
    return offers


def _twins(found: AssignmentRecord, doubled: frozenset[str]) -> list[tuple[int, int]]:
    """Return the first two visits of each doubled place, by position; one alone is no pair."""
    at: dict[str, list[int]] = defaultdict(list)
    for number, one in enumerate(found.assigned):
        if one.target in doubled:
            at[one.target].append(number)
    return [(two[0], two[1]) for two in at.values() if len(two) >= _TWO]


def _why(explained: Explained, far: bool, load: int, unqualified: int) -> Why:  # noqa: FBT001
    """Return why a visitor was chosen for a place, without saying who it is."""
    reasons = {
        "recused": explained.recused,
        "rotation": explained.rotation,
        "home": explained.home,
        "full": explained.full,
        "not_qualified": unqualified,
    }
    return Why(
        candidates=explained.candidates,
        eligible=explained.eligible,
        excluded={reason: count for reason, count in reasons.items() if count},
        far=far,
        load=load,
    )
