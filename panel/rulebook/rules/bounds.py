"""Faults of bounds: percents, counts, times of day, days of the month."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from panel.errors import Fault
from panel.rulebook.types import Rulebook

_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
_SEVERITIES: Final = 4
_LAST_DAY: Final = 28
"""The last day of the month that every month has."""
_FULL_HUNDREDTHS: Final = 10_000
_MOST: Final = 1_000_000
_AT_LEAST_ONE: Final = frozenset(
    {
        "seats", "term_years", "minimum_age", "maximum_age", "lists", "most_terms",
        "visits_per_window", "maximum_tasks_per_member", "candidates_per_window", "cap_times",
        "confirming_visits", "list_size", "unit_minimum_visits", "unit_minimum_raters",
        "window_minimum_visits", "window_minimum_raters", "minimum_visitors", "per_transactions",
        "upheld_at_least", "months", "visitors", "batch", "fast_seconds", "feedback_sheets",
        "opening_minutes", "rectification_days", "independent_items", "draws", "minimum_visits",
        "minimum_raters", "minimum_items", "minimum_ballots", "recurrence_days",
    }
)  # fmt: skip
CHAPTERS: Final = (
    "recruitment", "rounds", "ranking", "assessment", "publication", "targeting", "reviewing",
    "findings", "messages", "covert", "officers", "collective",
)  # fmt: skip
"""The parts of the measures that are bounds."""


def check_bounds(rulebook: Rulebook) -> Iterator[Fault]:
    """Yield what can't be: percents over 100, negative counts, days that some months lack."""
    for chapter in CHAPTERS:
        part = getattr(rulebook, chapter)
        for name in part.__struct_fields__:
            yield from _check_number(getattr(part, name), name, f"{chapter}.{name}")
    yield from _check_findings(rulebook)
    for name in ("quiet_from", "quiet_until"):
        if not _TIME.fullmatch(getattr(rulebook.messages, name)):
            yield Fault(f"messages.{name}", "rulebook.time_of_day")
    days = rulebook.covert.release_days
    if not days or len(set(days)) != len(days) or not all(1 <= day <= _LAST_DAY for day in days):
        yield Fault("covert.release_days", "rulebook.days_of_month", {"last": _LAST_DAY})


def _check_number(value: Any, name: str, path: str) -> Iterator[Fault]:
    """Check one whole number by what its name says it is."""
    if isinstance(value, bool) or not isinstance(value, int):
        return
    if name.endswith("_percent") and not 0 <= value <= 100:  # noqa: PLR2004 - a percent
        yield Fault(path, "rulebook.percent")
    elif name in {"gate_hundredths", "extreme_hundredths", "severe_hundredths"}:
        if not 0 <= value <= _FULL_HUNDREDTHS:
            yield Fault(path, "rulebook.score_range")
    elif value < (1 if name in _AT_LEAST_ONE else 0):
        yield Fault(path, "rulebook.positive" if name in _AT_LEAST_ONE else "rulebook.negative")
    elif value > _MOST:
        yield Fault(path, "rulebook.too_large", {"most": _MOST})


def _check_findings(rulebook: Rulebook) -> Iterator[Fault]:
    """Check that every severity has its points, the graver never fewer."""
    found = rulebook.findings
    if not 1 <= found.independent_from <= _SEVERITIES:
        yield Fault("findings.independent_from", "rulebook.severity", {"most": _SEVERITIES})
    points = found.points
    if len(points) != _SEVERITIES or any(each < 0 for each in points):
        yield Fault("findings.points", "rulebook.points", {"count": _SEVERITIES})
    elif list(points) != sorted(points):
        yield Fault("findings.points", "rulebook.points_order")
    if not found.bodies or any(not body.strip() for body in found.bodies):
        yield Fault("findings.bodies", "rulebook.bodies")
