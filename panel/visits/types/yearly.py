"""The plan of a year as it is published: themes by quarter, never a day, never what is covert."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from panel.ids import PersonId

MOST_ENTRIES = 12
"""Rounds that a plan of a year names at most."""


class YearState(StrEnum):
    """How far an edition of a year's plan is."""

    DRAFT = "draft"
    PUBLISHED = "published"


class YearEntry(msgspec.Struct, frozen=True):
    """One round that the year is to see."""

    quarter: int
    title: str
    theme: str
    groups: tuple[str, ...] = ()
    title_en: str = ""
    theme_en: str = ""


class YearDraft(msgspec.Struct, frozen=True):
    """A year's plan as a coordinator writes it."""

    year: int
    basis: str
    """By which right the visits are made."""
    document: str
    """Number under which the plan was approved."""
    entries: tuple[YearEntry, ...]
    change: str = ""
    """What a later edition changes, for the public."""


class YearPlanView(msgspec.Struct, frozen=True):
    """One edition of a year's plan."""

    id: int
    edition: int
    state: YearState
    draft: YearDraft
    written_by: PersonId | None
    written_at: datetime
    published_at: datetime | None
    revision: int
