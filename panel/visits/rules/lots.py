"""Targeted evaluations, re-visits: visitors drawn by lot from the panel, one lot for each unit."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from panel.chance import Stream, order
from panel.visits.rules.rounds import covert_visits, due_dates
from panel.visits.types import Errand, Lots, Mode, Offer, Place, RoundDraft, RoundView, Why
from panel.visits.types.assignment import Visitor

SUBSTITUTES: Final = 10
"""Who steps in for whom: so many of each lot stay in the record."""


class _Lot:
    """The lot of one unit: its places, and who was drawn, skipped and left to step in."""

    def __init__(self, number: int, unit: str, places: Sequence[Place]) -> None:
        """Begin with nobody drawn."""
        self.number = number
        self.unit = unit
        self.places = sorted(places, key=lambda each: each.code)
        self.wanted = {place.code: place.demand for place in self.places}
        self.drawn: list[tuple[str, Place]] = []
        self.skipped: list[tuple[str, str]] = []
        self.substitutes: list[Visitor] = []

    @property
    def open(self) -> list[Place]:
        """Return the places that still want visitors, the neediest first."""
        wanting = [place for place in self.places if self.wanted[place.code] > 0]
        return sorted(wanting, key=lambda each: -self.wanted[each.code])

    def take(self, label: str, place: Place) -> None:
        """Send a label to a place."""
        self.wanted[place.code] -= 1
        self.drawn.append((label, place))


def draw_lots(
    view: RoundView,
    labels: Sequence[str],
    candidates: Sequence[Visitor],
    places: Sequence[Place],
    *,
    seed: str,
    rested: frozenset[str] = frozenset(),
    unqualified: int = 0,
    blind: str = "",
) -> Lots:
    """Return who goes where: each lot's order is HMAC(seed and lot, label), the first who may.

    Whoever may not is skipped with the reason and stays in the record; substitutes are the next
    in the same order, so that taking one label out never moves the others. ``labels`` are those
    committed to, ``candidates`` who of them is still qualified, ``rested`` who was drawn for
    another targeted evaluation lately. ``blind`` stays sealed when the seed is public.
    """
    of_label = {each.member: each for each in candidates}
    loads: Counter[str] = Counter()
    lots = _lots(f"{seed} {blind}", places)
    for lot in lots:
        _fill(lot, order(f"{seed} lot {lot.number}", sorted(labels)), of_label, rested, loads)
    reasons = {lot.number: _reasons(lot, of_label, labels, rested) for lot in lots}
    return Lots(
        offers=tuple(_offers(view.draft, lots, places, seed, loads, reasons, unqualified)),
        reserves={
            place.code: tuple(each.member for each in lot.substitutes if _may_stand(each, place))
            for lot in lots
            for place in lot.places
        },
        unmet=tuple(
            (code, missing, "too_few_eligible")
            for lot in lots
            for code, missing in lot.wanted.items()
            if missing
        ),
        public=tuple(
            {
                "lot": lot.number,
                "k": sum(place.demand for place in lot.places),
                "drawn": [label for label, _ in lot.drawn],
                "skipped": [[label, reason] for label, reason in lot.skipped],
                "substitutes": [each.member for each in lot.substitutes],
            }
            for lot in lots
        ),
        sealed=tuple((lot.number, lot.unit) for lot in lots),
    )


def _lots(key: str, places: Sequence[Place]) -> list[_Lot]:
    """Give each unit a number by the seed and what stays sealed, so that it tells no unit."""
    of_unit: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        of_unit[place.unit_code].append(place)
    return [
        _Lot(number, unit, of_unit[unit])
        for number, unit in enumerate(order(key, sorted(of_unit)), start=1)
    ]


def _fill(
    lot: _Lot,
    ordered: Sequence[str],
    of_label: Mapping[str, Visitor],
    rested: frozenset[str],
    loads: Counter[str],
) -> None:
    """Go through the order until every place has its visitors and enough stand ready."""
    for label in ordered:
        if len(lot.substitutes) == SUBSTITUTES:
            return
        visitor = of_label.get(label)
        reason = "not_qualified" if visitor is None else _reason(visitor, lot, rested, loads)
        if visitor is None or reason:
            lot.skipped.append((label, reason))
            continue
        free = [place for place in lot.open if _may_stand(visitor, place)]
        if free:
            lot.take(label, free[0])
            loads[label] += 1
        elif lot.open:
            lot.skipped.append((label, "rotation"))
        else:
            lot.substitutes.append(visitor)


def _reason(visitor: Visitor, lot: _Lot, rested: frozenset[str], loads: Counter[str]) -> str:
    """Return why a visitor may not be sent to a unit, or nothing."""
    if lot.unit in visitor.recused:
        return "recused"
    if visitor.member in rested:
        return "rested"
    if not any(_may_stand(visitor, place) for place in lot.places):
        return "rotation"
    return "full" if visitor.load + loads[visitor.member] >= visitor.cap else ""


def _may_stand(visitor: Visitor, place: Place) -> bool:
    return visitor.visited.isdisjoint({place.code, place.unit_code})


def _reasons(
    lot: _Lot, of_label: Mapping[str, Visitor], labels: Sequence[str], rested: frozenset[str]
) -> dict[str, int]:
    """Count over the whole roster who could not have been drawn for a unit, by reason."""
    counts = Counter(
        _reason(visitor, lot, rested, Counter())
        for label in labels
        if (visitor := of_label.get(label)) is not None
    )
    return {reason: count for reason, count in counts.items() if reason}


def _offers(  # noqa: PLR0917 - the parts of one draw
    draft: RoundDraft,
    lots: Sequence[_Lot],
    places: Sequence[Place],
    seed: str,
    loads: Counter[str],
    reasons: Mapping[int, dict[str, int]],
    unqualified: int,
) -> list[Offer]:
    """Turn the lots into offers: mode by the seed, due dates spread over the weeks."""
    taken = [(lot, label, place) for lot in lots for label, place in lot.drawn]
    covert = _covert([place for _, _, place in taken], places, draft.covert_percent, seed)
    due = due_dates(draft)
    turn = Stream(seed, "due dates")
    first = {place.code: turn.below(len(due)) for place in sorted(places, key=lambda p: p.code)}
    given: Counter[str] = Counter()
    offers = []
    for number, (lot, label, place) in enumerate(taken):
        excluded = dict(reasons[lot.number])
        everybody = len(lot.drawn) + len(lot.substitutes) + len(lot.skipped)
        if unqualified:
            excluded["not_qualified"] = unqualified
        offers.append(
            Offer(
                place=place,
                visitor=label,
                mode=Mode.COVERT if number in covert else Mode.OPEN,
                errand=Errand.ENQUIRY,
                due_at=due[(first[place.code] + given[place.code]) % len(due)],
                why=Why(
                    candidates=everybody,
                    eligible=everybody - len(lot.skipped),
                    excluded=excluded,
                    far=None,
                    load=loads[label],
                ),
            )
        )
        given[place.code] += 1
    return offers


def _covert(
    taken: Sequence[Place], places: Sequence[Place], percent: int, seed: str
) -> frozenset[int]:
    """Choose which visits are covert, by the seed, among those at places fit for it."""
    fit = [number for number, place in enumerate(taken) if place.covert_ok]
    Stream(seed, "covert visits").shuffle(fit)
    return frozenset(fit[: covert_visits(places, percent)])
