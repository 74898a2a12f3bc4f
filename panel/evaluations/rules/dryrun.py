"""Trying other measures on the sheets of a closed round: what would have changed (domain 4.6)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from panel.evaluations.rules.judging import asked, capped, values
from panel.evaluations.types import Answers
from panel.evaluations.types.dryrun import DryRunResult, TriedSheet, UnitTrial
from panel.ids import Code
from panel.rulebook.types import Form, ItemKind, Rulebook
from panel.score import hundredths, rounded

_FULL: Final = 4
_ALLOWED: Final = {
    ItemKind.FACT: frozenset({0, 2, 4}),
    ItemKind.SCALE: frozenset(range(5)),
    ItemKind.MINUTES: frozenset[int](),
}
"""Values that an answer of another kind may keep; minutes can't be made of points."""


class Retrial(NamedTuple):
    """A sheet judged anew: its score or why it would not count, and what did not fit."""

    after: int | None
    fault: str
    reasons_missing: int
    unused: frozenset[str]
    unasked: frozenset[str]


class Unit(NamedTuple):
    """What the trial tells of a unit."""

    name: str
    name_en: str
    group: str


def retry(
    old: Form, new: Form, answers: Answers, *, covert: bool, revisit: bool, confirmed: bool
) -> Retrial:
    """Judge given answers by another form; items are known again by their id.

    What the new form asks and the old did not stays unanswered, as does an answer whose value the
    new kind of the item does not have. Nothing else is guessed.
    """
    before = values(asked(old, covert=covert, revisit=revisit), answers)
    kinds = {item.id: item.kind for item in old.items}
    items = asked(new, covert=covert, revisit=revisit)
    kept = {
        item.id: before[item.id]
        for item in items
        if item.id in before
        and (item.kind is kinds[item.id] or before[item.id] in _ALLOWED[item.kind])
    }
    weights = {item.id: item.weight for item in items}
    weight = sum(weights[key] for key in kept)
    fault = _fault(new, kept, weight)
    score = None
    if not fault:
        earned = sum(weights[key] * value for key, value in kept.items())
        score = hundredths(100 * earned, _FULL * weight)
        score = capped(new, score) if confirmed else score
    low = [
        item.id
        for item in items
        if item.kind is not ItemKind.MINUTES
        and item.id in kept
        and kept[item.id] <= new.reason_at_or_below
        and not answers.reasons.get(item.id, "").strip()
    ]
    return Retrial(
        after=score,
        fault=fault,
        reasons_missing=len(low),
        unused=frozenset(before.keys() - kept.keys()),
        unasked=frozenset(weights.keys() - kinds.keys()),
    )


def _fault(form: Form, kept: Mapping[str, int], weight: int) -> str:
    """Return why a sheet with these answers would not count, nothing where it would."""
    if weight < form.minimum_answered_weight or not weight:
        return "sheet.too_little"
    if form.decisive and not any(key in kept for key in form.decisive):
        return "sheet.no_decisive"
    return ""


def compare(
    sheets: Sequence[TriedSheet],
    units: Mapping[Code, Unit],
    old: Rulebook,
    new: Rulebook,
    unranked: Iterable[str] = (),
) -> DryRunResult:
    """Return scores and places of all units before and after; few visitors are not told."""
    before = _standing([(s, s.before) for s in sheets], old, frozenset(unranked))
    after = _standing(
        [(s, s.after) for s in sheets if s.after is not None], new, frozenset(unranked)
    )
    found = tuple(
        UnitTrial(
            unit=code,
            name=unit.name,
            name_en=unit.name_en,
            group=unit.group,
            sheets_before=before[code].sheets if code in before else 0,
            sheets_after=after[code].sheets if code in after else 0,
            score_before=before[code].score if code in before else None,
            score_after=after[code].score if code in after else None,
            place_before=before[code].place if code in before else None,
            place_after=after[code].place if code in after else None,
        )
        for code, unit in units.items()
        if code in before
    )
    return DryRunResult(
        sheets=len(sheets),
        changed=sum(1 for s in sheets if s.after is not None and s.after != s.before),
        invalid=sum(1 for s in sheets if s.after is None),
        reasons_missing=sum(1 for s in sheets if s.reasons_missing),
        faults=dict(Counter(s.fault for s in sheets if s.fault)),
        units=tuple(sorted(found, key=_order)),
    )


def _order(unit: UnitTrial) -> tuple[str, bool, int, str]:
    """Sort by group, then by the place before, those without one last."""
    return (unit.group, unit.place_before is None, unit.place_before or 0, unit.unit)


class _Standing(NamedTuple):
    sheets: int
    score: int | None
    place: int | None


def _standing(
    scored: Sequence[tuple[TriedSheet, int]], measures: Rulebook, unranked: frozenset[str]
) -> dict[Code, _Standing]:
    """Return each unit's mean of window means and its place among its peers (methods.md 1)."""
    by_unit: dict[Code, list[tuple[TriedSheet, int]]] = defaultdict(list)
    for sheet, score in scored:
        by_unit[sheet.unit].append((sheet, score))
    ranked = {group.key for group in measures.peer_groups if group.ranked} - unranked
    bounds = measures.ranking
    scores: dict[Code, int] = {}
    among: dict[Code, str] = {}
    for code, own in by_unit.items():
        raters = len({sheet.visitor for sheet, _ in own})
        if raters < measures.publication.minimum_visitors:
            continue
        scores[code] = _mean(own)
        group = own[0][0].group
        enough = len(own) >= bounds.unit_minimum_visits and raters >= bounds.unit_minimum_raters
        if group in ranked and enough:
            among[code] = group if bounds.scope == "peer_group" else ""
    return {
        code: _Standing(len(own), scores.get(code), _place(code, scores, among))
        for code, own in by_unit.items()
    }


def _mean(own: Sequence[tuple[TriedSheet, int]]) -> int:
    """Return the mean of window means, exact until it is rounded once."""
    windows: dict[Code | None, list[int]] = defaultdict(list)
    for sheet, score in own:
        windows[sheet.window].append(score)
    means = [Fraction(sum(each), len(each)) for each in windows.values()]
    return rounded(sum(means, Fraction()) / len(means))


def _place(code: Code, scores: Mapping[Code, int], among: Mapping[Code, str]) -> int | None:
    """Return the place among those who are ranked in the same list; equal scores share one."""
    if code not in among:
        return None
    return 1 + sum(
        1 for other, group in among.items() if group == among[code] and scores[other] > scores[code]
    )
