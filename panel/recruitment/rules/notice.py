"""Decisions about the public notice: until when, who takes whose place, when it is over; pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from panel import chance
from panel.rulebook.types import GroupQuota, Rulebook
from panel.workdays import Calendar, deadline


def _calendar(rulebook: Rulebook) -> Calendar:
    return Calendar(
        version=rulebook.calendar_version,
        holidays=frozenset(rulebook.holidays),
        workdays=frozenset(rulebook.workdays),
    )


def closes_at(at: dt.datetime, rulebook: Rulebook) -> dt.datetime:
    """Return the last moment of a notice that begins now: working days of the city's calendar."""
    limit = rulebook.deadline("public_notice")
    return deadline(at, limit.amount, limit.unit, _calendar(rulebook))


def split(
    campaign: str, categories: Mapping[str, str], groups: Sequence[GroupQuota], cohorts: int
) -> dict[str, int]:
    """Deal the seats' tickets to the cohorts in turn, category by category.

    The order inside a category follows from the published tickets alone, so that anybody can
    repeat it. Turns go on from one category to the next, those of firm groups first: every
    category and group is shared as evenly as whole people can be.
    """
    seed = chance.digest({"campaign": campaign, "cohorts": cohorts, "tickets": sorted(categories)})
    firm = {
        value
        for group in groups
        if group.hard and group.feature == "category"
        for value in group.values
    }
    found: dict[str, int] = {}
    for category in sorted(set(categories.values()), key=lambda each: (each not in firm, each)):
        mine = [ticket for ticket, value in categories.items() if value == category]
        for ticket in chance.order(seed, mine):
            found[ticket] = len(found) % cohorts + 1
    return found
