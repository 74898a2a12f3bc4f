"""Features of people in the reader's words, and compositions as pictures with their tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from panel.recruitment.types.filling import Filling
from panel.recruitment.types.lottery import DrawPlan, Total
from panel.rulebook.types import Recruitment
from web.i18n import Lang, gettext
from web.pictures import Composition, Fill, Part, Say, Tick, fill_bars, stacked_bars

FEATURES = ("category", "sex", "age_band", "district")


class QuotaLine(msgspec.Struct, frozen=True):
    """One quota in plain words: how many of the seats, how many applied, how many were drawn."""

    label: str
    minimum: int
    maximum: int
    hard: bool
    applicants: int | None = None
    chosen: int | None = None


class FillLine(msgspec.Struct, frozen=True):
    """One fill counter in plain words, and how many applicants are missing at least."""

    label: str
    minimum: int
    maximum: int
    hard: bool
    running: int
    eligible: int
    short: int


class Words:
    """Names of features' values in one language, from the rulebook's own texts."""

    def __init__(self, recruitment: Recruitment, lang: Lang) -> None:
        """Take the names from the quotas; what no quota names is shown as it is stored."""
        self.lang = lang
        self.employer_years = recruitment.employer_years
        self.values: dict[tuple[str, str], str] = {
            (quota.feature, quota.value): quota.text.get(lang) for quota in recruitment.quotas
        }
        self.groups = {group.key: group.text.get(lang) for group in recruitment.groups}

    def value(self, feature: str, value: str) -> str:
        """Return the name of a value of a feature."""
        found = self.values.get((feature, value))
        if found is None and feature == "sex" and value:
            return gettext(self.lang, f"sex.{value}")
        return value if found is None else found

    def feature(self, feature: str) -> str:
        """Return the name of a feature."""
        return gettext(self.lang, f"feature.{feature}")

    def quota(self, name: str) -> str:
        """Return the name of a quota as rules and records call it (``sex:female``, ``people``)."""
        if name == "seats":
            return gettext(self.lang, "Seats")
        if name in self.groups:
            return self.groups[name]
        feature, _, value = name.partition(":")
        return f"{self.feature(feature)} · {self.value(feature, value)}"

    def ordered(self, feature: str, counts: Mapping[str, int]) -> list[tuple[str, int]]:
        """Return counts in the rulebook's order, what it does not name at the end."""
        known = [value for name, value in self.values if name == feature and value in counts]
        return [
            (value, counts[value])
            for value in [*known, *(value for value in counts if value not in known)]
        ]

    def choices(self, feature: str) -> list[dict[str, str]]:
        """Return the values of a feature for a list of choices."""
        return [
            {"value": value, "label": label}
            for (name, value), label in self.values.items()
            if name == feature
        ]


def chance(millionths: int) -> str:
    """Return a chance in percent with two places, never rounded up."""
    hundredths = millionths // 100
    return f"{hundredths // 100}.{hundredths % 100:02d} %"


def quota_lines(plan: DrawPlan, words: Words, totals: Sequence[Total] = ()) -> list[QuotaLine]:
    """Return the quotas of a draw, the group quotas first."""
    counted = {total.name: total for total in totals}
    lines = [(each.name, each.minimum, plan.seats, each.hard) for each in plan.groups]
    lines += [(each.name, each.minimum, each.maximum, each.hard) for each in plan.quotas]
    return [
        QuotaLine(
            words.quota(name),
            minimum,
            maximum,
            hard,
            counted[name].applicants if name in counted else None,
            counted[name].chosen if name in counted else None,
        )
        for name, minimum, maximum, hard in lines
    ]


def fill_lines(counts: Filling, words: Words) -> list[FillLine]:
    """Return the fill counters in plain words: the seats first, then each quota."""
    return [
        FillLine(
            words.quota(each.name),
            each.minimum,
            each.maximum,
            each.hard,
            each.running,
            each.eligible,
            each.short,
        )
        for each in (counts.seats, *counts.lines)
    ]


def fill_picture(counts: Filling, words: Words, say: Say) -> str:
    """Draw how far applicants fill the seats and each quota."""
    rows = [
        Fill(words.quota(each.name), each.minimum, each.running, each.eligible)
        for each in (counts.seats, *counts.lines)
    ]
    return fill_bars(rows, say("How applications fill the quotas"), say)


def picture(
    counts: Mapping[str, Mapping[str, int]],
    groups: Sequence[tuple[str, int, int]],
    words: Words,
    say: Say,
) -> str:
    """Draw a composition: first the groups (key, seats, minimum percent), then each feature."""
    total = sum(counts.get("category", {}).values())
    rows = [
        Composition(
            words.quota(key),
            (Part(words.quota(key), seats), Part(say("Others"), total - seats)),
            (Tick(percent * 100, say("at least {percent} %", percent=percent)),),
        )
        for key, seats, percent in groups
    ]
    for feature in FEATURES:
        found = counts.get(feature, {})
        if not found:
            continue
        parts = tuple(
            Part(words.value(feature, value), count)
            for value, count in words.ordered(feature, found)
        )
        rows.append(Composition(words.feature(feature), parts))
    return stacked_bars(rows, say("Composition of the panel"), say)
