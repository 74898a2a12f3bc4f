"""Finding all faults of a rulebook, each by its path."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from panel.errors import Fault
from panel.rulebook.rules.bounds import check_bounds
from panel.rulebook.rules.forms import check_form
from panel.rulebook.rules.training import check_training
from panel.rulebook.rules.walking import KEY, keys, repeated, texts
from panel.rulebook.types import Rulebook

_WHOLE: Final = 100
DEADLINES: Final = (
    "answer_to_offer",
    "sheet_after_visit",
    "revision",
    "review",
    "unit_answer",
    "public_notice",
    "rectification_plan",
)
"""The limits that the service asks for by name."""
METHODS: Final = (
    "crossed_effects", "mean_of_window_means", "trimmed_mean_of_window_means", "pooled_mean",
)  # fmt: skip
"""The ways of making scores of sheets that a city may choose from (methods.md 2)."""
_POINTS: Final = 10_000
"""Hundredths of a point of the highest mark."""
_LEVELS: Final = 6
"""Answers on a ballot for which there are words."""


def check(rulebook: Rulebook) -> list[Fault]:
    """Return every fault of a complete rulebook, in the order of the text."""
    faults: list[Fault] = [
        Fault(path, "rulebook.key_form", {"id": key[:40]})
        for path, key in keys(rulebook, "")
        if not KEY.fullmatch(key)
    ]
    for place, form in enumerate(rulebook.forms):
        faults.extend(check_form(form, f"forms[{place}]"))
    faults.extend(repeated("forms", [form.key for form in rulebook.forms]))
    faults.extend(_check_groups(rulebook))
    faults.extend(_check_recruitment(rulebook))
    faults.extend(_check_ranking(rulebook))
    faults.extend(_check_deadlines(rulebook))
    faults.extend(check_bounds(rulebook))
    faults.extend(check_training(rulebook))
    faults.extend(
        Fault(path, "rulebook.no_chinese")
        for path, text in texts(rulebook, "")
        if not text.zh.strip()
    )
    return faults


def _check_groups(rulebook: Rulebook) -> Iterator[Fault]:
    """Check that peer groups name existing forms and bands start at zero."""
    forms = {form.key for form in rulebook.forms}
    yield from repeated("peer_groups", [group.key for group in rulebook.peer_groups])
    for place, group in enumerate(rulebook.peer_groups):
        if group.form not in forms:
            yield Fault(f"peer_groups[{place}].form", "rulebook.unknown_form", {"id": group.form})
    limits = [band.from_hundredths for band in rulebook.bands]
    if not limits or min(limits) != 0 or len(set(limits)) != len(limits):
        yield Fault("bands", "rulebook.bands")


def _check_recruitment(rulebook: Rulebook) -> Iterator[Fault]:
    """Check that quotas are ranges of percents that leave room for a panel."""
    quotas = rulebook.recruitment.quotas
    for place, quota in enumerate(quotas):
        if not 0 <= quota.minimum_percent <= quota.maximum_percent <= _WHOLE:
            yield Fault(f"recruitment.quotas[{place}]", "rulebook.quota_range")
    for feature in sorted({quota.feature for quota in quotas}):
        own = [quota for quota in quotas if quota.feature == feature]
        if sum(quota.minimum_percent for quota in own) > _WHOLE:
            yield Fault("recruitment.quotas", "rulebook.quota_minimums", {"feature": feature})
        if sum(quota.maximum_percent for quota in own) < _WHOLE:
            yield Fault("recruitment.quotas", "rulebook.quota_maximums", {"feature": feature})
    for place, group in enumerate(rulebook.recruitment.groups):
        if not 0 <= group.minimum_percent <= _WHOLE:
            yield Fault(f"recruitment.groups[{place}].minimum_percent", "rulebook.percent")
    exclusions = rulebook.recruitment.exclusions
    yield from repeated("recruitment.exclusions", [check.key for check in exclusions])


def _check_ranking(rulebook: Rulebook) -> Iterator[Fault]:
    """Check that the method is known, shares are percents and marks sum to 100."""
    ranking = rulebook.ranking
    if ranking.method not in METHODS:
        yield Fault("ranking.method", "rulebook.unknown_method", {"id": ranking.method})
    if not 0 < ranking.bottom_share_percent <= _WHOLE:
        yield Fault("ranking.bottom_share_percent", "rulebook.percent")
    if not 0 < ranking.rectification_share_percent <= _WHOLE:
        yield Fault("ranking.rectification_share_percent", "rulebook.percent")
    weights = rulebook.assessment.weights
    total = sum(getattr(weights, name) for name in weights.__struct_fields__)
    if total != _WHOLE:
        yield Fault("assessment.weights", "rulebook.weights", {"total": total})
    parts = rulebook.assessment.complaints
    total = sum(getattr(parts, name) for name in parts.__struct_fields__)
    if total != _WHOLE:
        yield Fault("assessment.complaints", "rulebook.weights", {"total": total})
    for chapter, each in (("weights", weights), ("complaints", parts)):
        for name in each.__struct_fields__:
            if getattr(each, name) < 0:
                yield Fault(f"assessment.{chapter}.{name}", "rulebook.negative")
    yield from _check_shares(rulebook)
    levels = rulebook.collective.levels
    if (
        not levels
        or len(levels) > _LEVELS
        or list(levels) != sorted(levels, reverse=True)
        or not _POINTS >= levels[0] >= levels[-1] >= 0
    ):
        yield Fault("collective.levels", "rulebook.levels")


def _check_shares(rulebook: Rulebook) -> Iterator[Fault]:
    """Check that no single input decides the mark, and that thresholds can be reached."""
    assessment, levels = rulebook.assessment, len(rulebook.collective.levels)
    most, parts = assessment.single_most_percent, assessment.public_work
    for name in parts.__struct_fields__:
        if not 0 <= getattr(parts, name) <= _WHOLE:
            yield Fault(f"assessment.public_work.{name}", "rulebook.percent")
    if max(msgspec.structs.astuple(assessment.weights)) > most:
        yield Fault("assessment.weights", "rulebook.single_weight", {"most": most})
    shares = (
        parts.public * parts.visits,
        parts.public * (_WHOLE - parts.visits),
        (_WHOLE - parts.public) * parts.complaints,
        (_WHOLE - parts.public) * (_WHOLE - parts.complaints),
    )
    if max(shares) > most * _WHOLE:
        yield Fault("assessment.public_work", "rulebook.single_weight", {"most": most})
    yield from repeated("assessment.thresholds", [each.key for each in assessment.thresholds])
    for place, each in enumerate(assessment.thresholds):
        if not 0 <= each.percent <= _WHOLE:
            yield Fault(f"assessment.thresholds[{place}].percent", "rulebook.percent")
        if not 1 <= each.levels <= levels or each.days < 1:
            yield Fault(
                f"assessment.thresholds[{place}].levels", "rulebook.threshold", {"most": levels}
            )


def _check_deadlines(rulebook: Rulebook) -> Iterator[Fault]:
    """Check that every limit the service asks for is there, once and positive."""
    found = [deadline.key for deadline in rulebook.deadlines]
    yield from repeated("deadlines", found)
    for key in DEADLINES:
        if key not in found:
            yield Fault("deadlines", "rulebook.no_deadline", {"id": key})
    for place, deadline in enumerate(rulebook.deadlines):
        if deadline.amount < 1:
            yield Fault(f"deadlines[{place}].amount", "rulebook.positive")
