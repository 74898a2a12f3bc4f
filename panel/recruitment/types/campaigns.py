"""Campaigns, applications, screening and draws as pages and other contexts see them."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Final

import msgspec

from panel.ids import Code, PersonId
from panel.members.types import NewExclusion
from panel.recruitment.types.lottery import DrawPlan, DrawRecord, Relaxation

APPLICATION_COLUMNS: Final = (
    "姓名", "身份证号", "电话", "性别", "出生日期", "行政区", "类别", "职业", "住址", "工作单位",
    "回避单位", "纬度", "经度",
)  # fmt: skip
"""Column titles of a sheet of applications; a place is optional and rounded to 0.01°."""


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
    COMMITTED = "committed"
    DRAWN = "drawn"
    APPOINTED = "appointed"


class Phase(StrEnum):
    """Where a campaign stands at a moment: its state and the clock together."""

    DRAFT = "draft"
    ANNOUNCED = "announced"
    OPEN = "open"
    SCREENING = "screening"
    COMMITTED = "committed"
    DRAWN = "drawn"
    APPOINTED = "appointed"


class ApplicationState(StrEnum):
    """Where one application stands."""

    STAGED = "staged"
    """Part of a sheet that is still coming in; it counts nowhere yet."""
    SUBMITTED = "submitted"
    NEEDS_INFO = "needs_info"
    ELIGIBLE = "eligible"
    INELIGIBLE = "ineligible"
    """Found ineligible; until ``answer_until`` the applicant may reply."""
    REPLIED = "replied"
    """The applicant replied to being found ineligible; a third person decides."""
    SELECTED = "selected"
    RESERVE = "reserve"
    NOT_SELECTED = "not_selected"
    STRUCK = "struck"
    APPOINTED = "appointed"
    WITHDRAWN = "withdrawn"


class Channel(StrEnum):
    """How an application came in."""

    FORM = "form"
    IMPORT = "import"


class Verdict(StrEnum):
    """What a clerk says about an application."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"


class Occupation(StrEnum):
    """Coarse occupations: enough for a soft quota, too little to name anybody."""

    WORKER = "worker"
    FARMER = "farmer"
    SERVICE = "service"
    PROFESSIONAL = "professional"
    OWNER = "owner"
    MANAGER = "manager"
    PUBLIC_STAFF = "public_staff"
    STUDENT = "student"
    RETIRED = "retired"
    HOMEMAKER = "homemaker"
    OTHER = "other"


class Sex(StrEnum):
    """As the national id number says."""

    FEMALE = "female"
    MALE = "male"


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

    def phase(self, at: dt.datetime) -> Phase:
        """Tell where the campaign stands at a moment."""
        if self.state is not CampaignState.ANNOUNCED:
            return Phase(self.state.value)
        if at < self.opens_at:
            return Phase.ANNOUNCED
        return Phase.OPEN if at < self.closes_at else Phase.SCREENING


class ApplicationForm(msgspec.Struct, frozen=True):
    """What an applicant sends in, as typed."""

    name: str
    national_id: str
    phone: str
    district: str
    category: str
    occupation: str
    address: str
    employer: str
    recusals: tuple[str, ...] = ()
    """Units that the applicant must not judge: code, name or city number."""
    hall: Code | None = None
    """The nearest service hall: its place, rounded to 0.01°, stands for the home."""
    consent: bool = False


class Place(msgspec.Struct, frozen=True):
    """A place in micro-degrees, rounded to 0.01°."""

    latitude: int
    longitude: int


class AgeBand(msgspec.Struct, frozen=True):
    """Ages from ``lowest`` to ``highest``, both included; ``key`` is the rulebook's value."""

    key: str
    lowest: int
    highest: int


class Terms(msgspec.Struct, frozen=True):
    """What an application is read against: the frozen criteria and the roster."""

    categories: dict[str, str]
    """Key of a category by every word that a sheet may use for it."""
    districts: tuple[str, ...]
    bands: tuple[AgeBand, ...]
    minimum_age: int
    maximum_age: int
    on: dt.date
    """The day on which the age counts: the closing day."""
    units: dict[str, Code]
    """Code of a unit by its code, name and city number."""
    halls: dict[Code, Place]
    centres: dict[str, Place]
    """Middle of a district, for whoever names no hall."""


class Applicant(msgspec.Struct, frozen=True):
    """An application that passed every check: identity, features, recusals."""

    name: str
    national_id: str
    phone: str
    address: str
    employer: str
    occupation: Occupation
    category: str
    district: str
    sex: Sex
    birth_year: int
    age_band: str
    place: Place | None
    exclusions: tuple[NewExclusion, ...]


class Receipt(msgspec.Struct, frozen=True):
    """What an applicant keeps: the ticket number and the time."""

    ticket: Code
    received_at: dt.datetime


class ApplicationView(msgspec.Struct, frozen=True):
    """One application without the person."""

    id: int
    ticket: Code
    person: PersonId
    category: str
    district: str
    sex: str
    age_band: str
    occupation: str
    state: ApplicationState
    reason: str
    passes: int
    fails: int
    received_at: dt.datetime


class Screened(msgspec.Struct, frozen=True):
    """Which applications of a campaign a list means; empty ones mean all of them."""

    category: str = ""
    district: str = ""
    waiting: str = ""
    """``first``, ``second`` or ``third``: the verdict that an application needs next."""
    settled: bool | None = None
    unjudged_by: PersonId | None = None
    """Leaves out what this person has judged."""
    ticket: Code | None = None


class ImportReport(msgspec.Struct, frozen=True):
    """What an import of applications did."""

    applications: int


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


class DrawState(StrEnum):
    """A draw is committed before its seed exists."""

    COMMITTED = "committed"
    DRAWN = "drawn"


class DrawView(msgspec.Struct, frozen=True):
    """One draw: the commitment, and the record once it was drawn."""

    id: int
    code: Code
    campaign: Code
    state: DrawState
    root: str
    pool: int
    seats: int
    reserve: int
    plan: DrawPlan
    relaxed: tuple[Relaxation, ...]
    """Soft quotas that gave way by the smallest relaxation, published with the commitment."""
    commitment: str
    """SHA-256 over the canonical JSON of everything that was fixed before the seed."""
    position: int
    anchor: str
    committed_at: dt.datetime
    chain_code: str
    seed: str
    record: DrawRecord | None
    record_json: str
    record_hash: str
    drawn_at: dt.datetime | None
    appointed_at: dt.datetime | None


class Verification(msgspec.Struct, frozen=True):
    """What a recomputation of a draw found; ``checks`` holds code and outcome in order."""

    checks: tuple[tuple[str, bool], ...]

    @property
    def good(self) -> bool:
        """Tell whether every check held."""
        return all(outcome for _, outcome in self.checks)
