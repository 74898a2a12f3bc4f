"""How a panel is put together, and what its members pledge."""

from __future__ import annotations

from typing import Final

import msgspec

from panel.rulebook.types.texts import Text


class Quota(msgspec.Struct, frozen=True):
    """Share of the panel with one value of a feature, in percent of the seats."""

    feature: str
    value: str
    text: Text
    minimum_percent: int
    maximum_percent: int
    hard: bool = False


class GroupQuota(msgspec.Struct, frozen=True):
    """Share of the panel with any of the values, never relaxed where hard."""

    key: str
    feature: str
    values: tuple[str, ...]
    text: Text
    minimum_percent: int
    hard: bool = True


class Check(msgspec.Struct, frozen=True):
    """One line of the exclusion checklist: a reason for which somebody can't join the panel."""

    key: str
    text: Text


class Recruitment(msgspec.Struct, frozen=True):
    """How a panel is put together."""

    seats: int
    reserve_percent: int
    term_years: int
    minimum_age: int
    maximum_age: int
    announce_days: int
    quotas: tuple[Quota, ...]
    groups: tuple[GroupQuota, ...]
    exclusions: tuple[Check, ...] = ()
    lists: int = 1000
    """Panels that are made and published before the announced number names one of them."""
    most_terms: int = 2
    employer_years: int = 3
    missed_tasks: int = 3
    """Unexplained misses after which a suspension may follow."""


class Conduct(msgspec.Struct, frozen=True):
    """The code of conduct that a member pledges; a new version asks for a new pledge."""

    version: str
    text: Text


CONDUCT: Final = Conduct(
    "1",
    Text(
        "如实评议，不凭个人好恶；不收受被评单位的馈赠和宴请；不泄露走访安排和他人信息；应当回避的主动回避。",
        "I judge truthfully and without favour; I accept no gifts or meals from those I judge; I "
        "keep visits and other people's data to myself; I stand aside where I am not impartial.",
    ),
)
