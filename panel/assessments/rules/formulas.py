"""The formulas of the annual mark (methods.md 7, domain.md 5.3): exact, each figure rounded once.

Every component is a figure of its own, rounded half up to hundredths and shown; the mark is made of
those figures, so that anybody can make it again from what is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Final, TypeVar

import msgspec

from panel.assessments.types import (
    CollectiveInput,
    ComplaintsInput,
    Component,
    Deduction,
    Detail,
    Mark,
    Minus,
    Part,
    RectificationInput,
    UnitInputs,
)
from panel.rulebook.types import Assessment, Rulebook
from panel.score import half_up, rounded
from panel.surveys.rules import figure

_WHOLE: Final = 100
_FULL: Final = 10_000
"""Hundredths of the highest mark; also hundredths of a percent of the whole."""
_PER: Final = 10_000
"""Matters by which upheld complaints are counted."""
_PERCENTILE: Final = 90

K = TypeVar("K", bound=str)
Shares = dict[Component, Fraction]


def groups(assessment: Assessment) -> list[tuple[Fraction, Shares]]:
    """Return the parts of the chosen formula, each with its share and those of its components.

    What is missing is re-weighted within its part; a part that is missing whole leaves its share
    to the other one.
    """
    if assessment.formula == "public_work":
        parts = assessment.public_work
        public = Fraction(parts.public, _WHOLE)
        visits, complaints = Fraction(parts.visits, _WHOLE), Fraction(parts.complaints, _WHOLE)
        return [
            (public, {Component.VISITS: visits, Component.SURVEY: 1 - visits}),
            (
                1 - public,
                {Component.COMPLAINTS: complaints, Component.RECTIFICATION: 1 - complaints},
            ),
        ]
    weights = {each: int(getattr(assessment.weights, each.value)) for each in Component}
    whole = sum(weights.values())
    return [(Fraction(1), {each: Fraction(weight, whole) for each, weight in weights.items()})]


def planned(assessment: Assessment) -> Shares:
    """Return the share that each component has where nothing is missing."""
    return {
        each: part * share
        for part, inner in groups(assessment)
        for each, share in inner.items()
        if part * share
    }


def shares(assessment: Assessment, present: Iterable[Component]) -> Shares:
    """Return the share that each component really has, what is missing being re-weighted."""
    have = frozenset(present)
    found: Shares = {}
    left: list[tuple[Fraction, Shares]] = []
    for part, inner in groups(assessment):
        own = {each: share for each, share in inner.items() if each in have and share}
        if own and part:
            left.append((part, own))
    total = sum((part for part, _ in left), Fraction(0))
    for part, own in left:
        inside = sum(own.values(), Fraction(0))
        found |= {each: part / total * share / inside for each, share in own.items()}
    return found


def rate(given: ComplaintsInput | None) -> Fraction | None:
    """Return the upheld complaints per 10,000 matters; nothing where nobody counts the matters."""
    if given is None or not given.transactions:
        return None
    return Fraction(given.upheld * _PER, given.transactions)


def peer_rate(rates: Iterable[Fraction | None]) -> Fraction | None:
    """Return the 90th percentile of a peer group by the nearest rank."""
    known = sorted(each for each in rates if each is not None)
    return known[-(-_PERCENTILE * len(known) // _WHOLE) - 1] if known else None


def complaint_details(
    given: ComplaintsInput, peer: Fraction | None, assessment: Assessment
) -> tuple[Detail, ...]:
    """Return the three parts of the complaints component, each rounded on its own."""
    own, parts = rate(given), assessment.complaints
    upheld: Fraction | None = None
    if own is not None and peer is not None:
        share = min(Fraction(1), own / peer) if peer else Fraction(int(own > 0))
        upheld = _FULL * (1 - share)
    values = {
        "upheld": upheld,
        "on_time": Fraction(_FULL * given.on_time, given.closed) if given.closed else None,
        "satisfied": Fraction(_FULL * given.satisfied, given.asked) if given.asked else None,
    }
    return tuple(
        Detail(key, None if value is None else rounded(value), int(getattr(parts, key)))
        for key, value in values.items()
    )


def complaints(given: ComplaintsInput | None, details: Sequence[Detail]) -> int | None:
    """Return the complaints component; without any complaint there is none, rather than 100."""
    known = [(each.value, each.share) for each in details if each.value is not None]
    weight = sum(share for _, share in known)
    if given is None or not given.received or not weight:
        return None
    return half_up(sum(value * share for value, share in known), weight)


def rectification(given: RectificationInput | None, assessment: Assessment) -> int | None:
    """Return 100 · (in time + ½ late) / due less 10 for each recurrence; none if none was due."""
    if given is None or not given.due:
        return None
    value = Fraction(_FULL * (2 * given.in_time + given.late), 2 * given.due)
    value -= _WHOLE * assessment.recurrence_points * given.recurrences
    return rounded(min(max(value, Fraction(0)), Fraction(_FULL)))


def collective(given: CollectiveInput | None, book: Rulebook) -> int | None:
    """Return the mean worth of the answers on the ballots; none below the minimum of them."""
    if given is None:
        return None
    return figure(given.levels, book.collective.levels, book.collective.minimum_ballots)


def components(
    given: UnitInputs, details: Sequence[Detail], book: Rulebook
) -> dict[Component, int | None]:
    """Return the value of every component that exists."""
    return {
        Component.VISITS: given.visits.score if given.visits else None,
        Component.COLLECTIVE: collective(given.collective, book),
        Component.COMPLAINTS: complaints(given.complaints, details),
        Component.RECTIFICATION: rectification(given.rectification, book.assessment),
        Component.SURVEY: given.survey.score if given.survey else None,
    }


def combine(
    values: Mapping[Component, int | None], assessment: Assessment, points: int | None = None
) -> Mark:
    """Put components together by their shares, less the points of findings up to the limit."""
    wanted = planned(assessment)
    present = {each: value for each in wanted if (value := values.get(each)) is not None}
    real = shares(assessment, present)
    parts = tuple(
        Part(
            each,
            values.get(each),
            rounded(_FULL * share),
            rounded(_FULL * real.get(each, Fraction(0))),
        )
        for each, share in wanted.items()
    )
    missing = tuple(each for each in wanted if each not in present)
    if not present:
        return Mark(total=None, parts=parts, missing=missing)
    taken = None
    if points is not None and assessment.formula == "weighted":
        taken = _WHOLE * min(points, assessment.deductions_most)
    mean = sum((real[each] * value for each, value in present.items()), Fraction(0))
    return Mark(
        total=rounded(max(mean - (taken or 0), Fraction(0))),
        parts=parts,
        deducted=taken,
        missing=missing,
        one_sided=max(real.values()) * _WHOLE > assessment.single_most_percent,
        present_percent=rounded(_WHOLE * sum((wanted[each] for each in present), Fraction(0))),
    )


def mark(given: UnitInputs, peer: Fraction | None, book: Rulebook) -> Mark:
    """Return a unit's mark with everything that it was made of."""
    assessment = book.assessment
    points = sum(book.findings.points[each.severity - 1] for each in given.findings)
    details = complaint_details(given.complaints, peer, assessment) if given.complaints else ()
    own = rate(given.complaints)
    if assessment.formula == "deductions":
        found = _deductions(given, points, own, assessment)
    else:
        found = combine(components(given, details, book), assessment, points)
        if assessment.formula == "weighted":
            minus = Deduction(Minus.FINDINGS, len(given.findings), _WHOLE * points)
            found = msgspec.structs.replace(found, deductions=(minus,))
    return _told(found, details, own, peer)


def _deductions(
    given: UnitInputs, points: int, own: Fraction | None, assessment: Assessment
) -> Mark:
    """Return 100 less the points of findings, late rectification and upheld complaints.

    Late is what was not verified in time, whether it was done afterwards or never.
    """
    orders = given.rectification
    late = orders.due - orders.in_time if orders else 0
    upheld = given.complaints.upheld if given.complaints else 0
    known = given.complaints is not None and (own is not None or not upheld)
    rated = (own or Fraction(0)) * assessment.complaint_points
    minus = (
        Deduction(Minus.FINDINGS, len(given.findings), _WHOLE * points),
        Deduction(Minus.LATE, late, _WHOLE * late * assessment.late_points),
        Deduction(Minus.UPHELD, upheld, rounded(_WHOLE * rated)),
    )
    taken = sum(each.points for each in minus)
    return Mark(
        total=max(_FULL - taken, 0),
        deductions=minus,
        deducted=taken,
        missing=() if known else (Component.COMPLAINTS,),
        present_percent=_WHOLE,
    )


def _told(
    found: Mark, details: tuple[Detail, ...], own: Fraction | None, peer: Fraction | None
) -> Mark:
    """Add what the figures were made of."""
    return msgspec.structs.replace(
        found,
        details=details,
        rate=None if own is None else (own.numerator, own.denominator),
        peer_rate=None if own is None or peer is None else (peer.numerator, peer.denominator),
    )


def marks(given: Mapping[K, UnitInputs], peers: Mapping[K, str], book: Rulebook) -> dict[K, Mark]:
    """Return the mark of every unit; ``peers`` names the peer group of each."""
    rates: dict[str, list[Fraction | None]] = {}
    for unit, inputs in given.items():
        rates.setdefault(peers[unit], []).append(rate(inputs.complaints))
    limits = {group: peer_rate(known) for group, known in rates.items()}
    return {unit: mark(inputs, limits[peers[unit]], book) for unit, inputs in given.items()}


def places(totals: Mapping[K, int | None]) -> dict[K, int]:
    """Return the place of everybody with a mark, ties shared and the next place skipped."""
    known = {unit: total for unit, total in totals.items() if total is not None}
    return {
        unit: 1 + sum(other > total for other in known.values()) for unit, total in known.items()
    }
