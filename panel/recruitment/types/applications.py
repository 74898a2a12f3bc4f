"""Applications and what leads to them: forms, drafts, receipts, nominations."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Final

import msgspec

from panel.ids import Code, PersonId
from panel.members.types import ExclusionKind, NewExclusion

APPLICATION_COLUMNS: Final = (
    "姓名", "身份证号", "电话", "性别", "出生日期", "行政区", "类别", "职业", "住址", "工作单位",
    "回避单位", "纬度", "经度",
)  # fmt: skip
"""Column titles of a sheet of applications; a place is optional and rounded to 0.01°."""


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


DECLARABLE: Final = (
    ExclusionKind.RELATIVE,
    ExclusionKind.EMPLOYER,
    ExclusionKind.LICENCE,
    ExclusionKind.PENALTY,
    ExclusionKind.LAWSUIT,
    ExclusionKind.CONTRACT,
    ExclusionKind.DECLARED,
)
"""What an applicant may declare about a unit; the others are found out or follow by rule."""


class Declared(msgspec.Struct, frozen=True):
    """A unit that the applicant must not judge, and why, both as typed."""

    unit: str
    """Code, name or city number."""
    kind: str = ExclusionKind.DECLARED.value


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
    recusals: tuple[Declared, ...] = ()
    hall: Code | None = None
    """The nearest service hall: its place, rounded to 0.01°, stands for the home."""
    consent: bool = False


class NominationState(StrEnum):
    """Where an organisation's proposal stands; it counts once the nominee has consented."""

    PENDING = "pending"
    CONSENTED = "consented"
    REFUSED = "refused"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


class NominationForm(msgspec.Struct, frozen=True):
    """What an organisation sends in, as typed; the nominator can be named and called."""

    organisation: str
    post: str
    name: str
    phone: str
    nominee: str
    reasons: str
    duty: bool = False
    """The organisation answers for the truth of what it says."""
    nominee_phone: str = ""
    nominee_email: str = ""
    """Where the nominee gets the consent code directly; both may be empty."""

    def __repr__(self) -> str:
        """Show nothing: it names people."""
        return "NominationForm(…)"


class Nominated(msgspec.Struct, frozen=True):
    """What an organisation keeps: the number, and the consent code to hand to the nominee."""

    number: Code
    code: Code
    filed_at: dt.datetime
    consent_until: dt.datetime
    invited: bool = False
    """Whether the code goes to the nominee directly."""

    def __repr__(self) -> str:
        """Show nothing: the code opens the nomination."""
        return "Nominated(…)"


class NominationView(msgspec.Struct, frozen=True):
    """One nomination without the names of people."""

    id: int
    number: Code
    campaign: Code
    organisation: str
    post: str
    nominator: PersonId
    texts: Code | None
    scan: Code | None
    channel: Channel
    state: NominationState
    filed_at: dt.datetime
    consent_until: dt.datetime | None
    answered_at: dt.datetime | None


class NominationTexts(msgspec.Struct, frozen=True):
    """What a nomination says about the nominee; kept sealed with the nominator."""

    nominee: str
    reasons: str

    def __repr__(self) -> str:
        """Show nothing: it names people."""
        return "NominationTexts(…)"


class Proposal(msgspec.Struct, frozen=True):
    """A nomination as its nominee sees it, opened by number and consent code."""

    view: NominationView
    nominator: str
    """The name of the person who signed for the organisation."""
    nominee: str
    reasons: str

    def __repr__(self) -> str:
        """Show nothing: it names people."""
        return "Proposal(…)"


class BarKind(StrEnum):
    """Who may not nominate any more."""

    ORGANISATION = "organisation"
    CONTACT = "contact"


class SavedDraft(msgspec.Struct, frozen=True):
    """What somebody needs to go on with a draft later, anywhere."""

    code: Code
    expires_at: dt.datetime

    def __repr__(self) -> str:
        """Show nothing: the code opens the draft."""
        return "SavedDraft(…)"


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
    """What an applicant keeps: the ticket number, the secret receipt code and the time."""

    ticket: Code
    received_at: dt.datetime
    code: Code
    """Opens the own application together with the ticket; never printed in a list or an address."""

    def __repr__(self) -> str:
        """Show nothing: a receipt that strays into a log would open an application."""
        return "Receipt(…)"


class Own(msgspec.Struct, frozen=True):
    """One application as its applicant may see it, opened by ticket and receipt code."""

    id: int
    campaign: Code
    ticket: Code
    person: PersonId
    nomination: int | None
    channel: Channel
    category: str
    district: str
    sex: str
    birth_year: int
    age_band: str
    occupation: str
    place: Place | None
    exclusions: tuple[NewExclusion, ...]
    state: ApplicationState
    reason: str
    question: Code | None
    """What the office asks while more information is needed, an attachment in the vault."""
    answer_until: dt.datetime | None
    answered_at: dt.datetime | None
    received_at: dt.datetime
    changed_at: dt.datetime | None
    withdrawn_at: dt.datetime | None
    erased_at: dt.datetime | None
    answer: Code | None = None
    """The own answer, an attachment in the vault."""


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


class ImportReport(msgspec.Struct, frozen=True):
    """What an import of applications did."""

    applications: int
