"""What a seat looks like to the other contexts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from enum import StrEnum
from typing import Final

import msgspec

from panel.ids import Code, PersonId


class MemberState(StrEnum):
    """Where a term stands; ``active`` means certified and pledged."""

    APPOINTED = "appointed"
    TRAINING = "training"
    """The course is begun, or the certificate lapsed."""
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"
    RESIGNED = "resigned"
    DISMISSED = "dismissed"


LEFT: Final = (MemberState.ENDED, MemberState.RESIGNED, MemberState.DISMISSED)
"""States in which the seat is free again; whoever is in any other state serves."""


class ExclusionKind(StrEnum):
    """Why a member does not judge a unit."""

    DECLARED = "declared"
    """Declared without saying more."""
    RELATIVE = "relative"
    EMPLOYER = "employer"
    LICENCE = "licence"
    PENALTY = "penalty"
    LAWSUIT = "lawsuit"
    CONTRACT = "contract"
    NOMINATOR = "nominator"
    STAFF = "staff"
    """Stands on the unit's staff list."""
    SELF = "self"


class NewExclusion(msgspec.Struct, frozen=True):
    """A unit that a member to be appointed does not judge."""

    unit: Code
    kind: ExclusionKind


class NewSeat(msgspec.Struct, frozen=True):
    """What an appointment writes; coordinates are micro-degrees rounded to 0.01°."""

    person: PersonId
    category: str
    district: str
    sex: str
    age_band: str
    latitude: int | None
    longitude: int | None
    campaign: Code
    exclusions: tuple[NewExclusion, ...] = ()
    cohort: int = 1
    term_end: dt.date | None = None
    """The last day of this seat's term where it is not the same as for all."""
    household: str = ""
    """Keyed hash that people at one address share; it never leaves the service."""


class Listed(StrEnum):
    """Which serving members a list means: all, those who lack something, those who lack nothing."""

    ALL = ""
    TRAINING = "training"
    PLEDGE = "pledge"
    ACTIVE = "active"
    DUE = "due"
    """Whose certificate ends soon, and who may pass again so that there is no gap."""


class MemberView(msgspec.Struct, frozen=True):
    """One seat."""

    id: int
    code: Code
    person: PersonId
    category: str
    district: str
    sex: str
    age_band: str
    state: MemberState
    term_start: dt.date
    term_end: dt.date
    """The last day of the term."""
    trained_on: dt.date | None
    pledged_on: dt.date | None
    latitude: int | None
    longitude: int | None
    campaign: Code
    pledge: str = ""
    """The version of the code of conduct that was pledged."""
    qualified_until: dt.date | None = None
    """The last day on which the member may judge with every form."""
    cohort: int = 1
    term: int = 1
    previous: str = ""
    """The seat that this term renews, if any."""
    certificate: str = ""
    certified_on: dt.date | None = None
    reminded_at: dt.datetime | None = None
    left_at: dt.datetime | None = None

    @property
    def left(self) -> bool:
        """Tell whether the term is over, however it ended."""
        return self.state in LEFT

    def pledged_to(self, versions: Collection[str]) -> bool:
        """Tell whether one of these versions of the code was pledged; a new term asks again."""
        renewed = self.term > 1 and (self.pledged_on or dt.date.min) < self.term_start
        return self.pledge in versions and not renewed

    def qualified(self, on: dt.date) -> bool:
        """Tell whether the member may get tasks on a day of the term: certified and pledged."""
        return (
            self.state is MemberState.ACTIVE
            and self.term_start <= on <= self.term_end
            and self.qualified_until is not None
            and self.qualified_until >= on
        )


class Seat(msgspec.Struct, frozen=True):
    """What counts of one seat when the panel's make-up is added up."""

    category: str
    district: str
    sex: str
    age_band: str
    qualified: bool


class Share(msgspec.Struct, frozen=True):
    """A group quota as it stands: how many seats it has and how many it must have."""

    key: str
    seats: int
    minimum: int
    hundredths: int
    """Share of all serving members in hundredths of a percent, rounded down."""
    minimum_percent: int
    hard: bool

    @property
    def broken(self) -> bool:
        """Tell whether the group has too few seats."""
        return self.seats < self.minimum


class Composition(msgspec.Struct, frozen=True):
    """How many serving members have which feature, and whether a hard group quota is broken."""

    total: int
    qualified: int
    counts: dict[str, dict[str, int]]
    """By feature (category, district, sex, age_band), then by value."""
    groups: tuple[Share, ...]

    @property
    def alarm(self) -> bool:
        """Tell whether a hard group quota is broken, e.g. by resignations."""
        return any(group.broken and group.hard for group in self.groups)
