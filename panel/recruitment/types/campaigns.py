"""Campaigns, applications, screening and draws as pages and other contexts see them."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Final

import msgspec

from panel.ids import Code, PersonId


class CampaignState(StrEnum):
    """What people did with a campaign; opening and closing are the clock's."""

    DRAFT = "draft"
    ANNOUNCED = "announced"
    SCREENING = "screening"
    SELECTING = "selecting"
    NOTICE = "notice"
    APPOINTING = "appointing"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class CampaignKind(StrEnum):
    """What a campaign recruits: a whole panel, or what the serving one lacks."""

    PANEL = "panel"
    REPLACEMENT = "replacement"


class PeriodKind(StrEnum):
    """Why people may apply in a span of time."""

    FIRST = "first"
    EXTENSION = "extension"
    REOPENING = "reopening"


class Phase(StrEnum):
    """Where a campaign stands at a moment: its state and the clock together."""

    DRAFT = "draft"
    ANNOUNCED = "announced"
    OPEN = "open"
    CLOSED = "closed"
    SCREENING = "screening"
    SELECTING = "selecting"
    NOTICE = "notice"
    APPOINTING = "appointing"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


CONSENTING: Final = frozenset({Phase.OPEN, Phase.CLOSED, Phase.SCREENING})
"""A nominee has the full time to consent even where the organisation came on the last day."""


class Verdict(StrEnum):
    """What a clerk says about an application."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"


class Reason(StrEnum):
    """Why an application does not pass."""

    AGE = "age"
    RESIDENCE = "residence"
    CATEGORY = "category"
    INCOMPLETE = "incomplete"
    CONFLICT_OF_INTEREST = "conflict_of_interest"
    RECORD = "record"


class SeatKind(StrEnum):
    """A seat, or a place on the reserve list."""

    SEAT = "seat"
    RESERVE = "reserve"


class CampaignDraft(msgspec.Struct, frozen=True):
    """What a coordinator decides about a campaign; quotas come from the rulebook."""

    title: str
    title_en: str
    seats: int
    reserve: int
    opens_at: dt.datetime
    closes_at: dt.datetime
    conditions: str
    conditions_en: str
    privacy: str
    privacy_en: str
    term_start: dt.date
    term_months: int = 24
    two_offices: bool = False
    kind: CampaignKind = CampaignKind.PANEL
    cohorts: int = 1
    """2 lets half of the members serve a first term half as long, so that terms overlap."""


class CampaignView(msgspec.Struct, frozen=True):
    """One campaign; ``criteria`` is the frozen canonical JSON, empty before the announcement."""

    id: int
    code: Code
    title: str
    title_en: str
    seats: int
    reserve: int
    opens_at: dt.datetime
    closes_at: dt.datetime
    conditions: str
    conditions_en: str
    privacy: str
    privacy_en: str
    term_start: dt.date
    term_months: int
    two_offices: bool
    rulebook: Code
    criteria: str
    criteria_hash: str
    state: CampaignState
    author: PersonId | None
    announced_at: dt.datetime | None
    kind: CampaignKind = CampaignKind.PANEL
    cohorts: int = 1
    approver: PersonId | None = None
    document: str = ""
    pool_root: str = ""
    """Root of the published commitment to everybody who applied, once screening is over."""
    pool_size: int = 0
    sealed_hash: str = ""
    completed_at: dt.datetime | None = None
    cancelled_at: dt.datetime | None = None
    cancelled_for: str = ""

    def phase(self, at: dt.datetime) -> Phase:
        """Tell where the campaign stands at a moment."""
        if self.state is not CampaignState.ANNOUNCED:
            return Phase(self.state.value)
        if at < self.opens_at:
            return Phase.ANNOUNCED
        return Phase.OPEN if at < self.closes_at else Phase.CLOSED


class Unsettled(msgspec.Struct, frozen=True):
    """What keeps vetting from being finished, counted."""

    undecided: int = 0
    """Not enough verdicts, or two that differ."""
    questions: int = 0
    """Applicants who were asked something and have not answered."""
    replies: int = 0
    """Replies to being found ineligible that nobody has decided on."""
    reply_rights: int = 0
    """Found ineligible, and the time for a reply is still running."""
    nominations: int = 0
    """Nominees whose time to consent is still running."""
    lists: int = 0
    """Lists that a vetting office has not returned."""
    hits: int = 0
    """Hits of a returned or a staff list that nobody has decided on."""

    @property
    def total(self) -> int:
        """Return how many things are open in all."""
        return sum(getattr(self, name) for name in self.__struct_fields__)


class PeriodView(msgspec.Struct, frozen=True):
    """One span in which people may apply, and why it was given when it is not the first."""

    number: int
    kind: PeriodKind
    opens_at: dt.datetime
    closes_at: dt.datetime
    reason: str
    document: str
    decided_at: dt.datetime


class Screened(msgspec.Struct, frozen=True):
    """Which applications of a campaign a list means; empty ones mean all of them."""

    category: str = ""
    district: str = ""
    waiting: str = ""
    """``first``, ``second`` or ``third``: the verdict that an application needs next."""
    settled: bool | None = None
    state: str = ""
    unjudged_by: PersonId | None = None
    """Leaves out what this person has judged."""
    ticket: Code | None = None


class VettingReport(msgspec.Struct, frozen=True):
    """What a bulk verdict did: how many were judged, settled, and left in dispute."""

    judged: int
    eligible: int
    ineligible: int
    disputed: int


class Progress(msgspec.Struct, frozen=True):
    """Counts of a campaign's applications."""

    total: int
    by_state: dict[str, int]
    unjudged: int
    """No verdict yet."""
    waiting: int
    """One verdict, waiting for the second person."""
    disputed: int
    by_category: dict[str, int]
