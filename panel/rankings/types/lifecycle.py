"""What a ranking goes through between its computing and the public."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Final

import msgspec

from panel.ids import Code, PersonId


class ReleaseStatus(StrEnum):
    """As what lists are published."""

    NOTICE = "notice"
    """In public notice: places under appeal are not printed, nothing is final."""
    FINAL = "final"
    CORRECTION = "correction"
    """Takes the place of final lists, under a banner that says what changed and why."""


class StepKey(StrEnum):
    """A step of the procedure sheet; none is final before each is signed."""

    PLAN_REGISTERED = "plan_registered"
    NOTICE_GIVEN = "notice_given"
    """The public was told beforehand that visits take place and what follows from them."""
    DRAW_VERIFIED = "draw_verified"
    SHEETS_DECIDED = "sheets_decided"
    RECOUNT_AGREED = "recount_agreed"
    UNITS_TOLD = "units_told"
    APPEALS_DECIDED = "appeals_decided"
    NOTICE_OVER = "notice_over"
    LEVELS_CHECKED = "levels_checked"
    """What is printed keeps to the levels of publication, and no person is named."""


LASTING: Final = frozenset({StepKey.PLAN_REGISTERED, StepKey.NOTICE_GIVEN, StepKey.DRAW_VERIFIED})
"""Steps that hold for every edition of a ranking; the others are signed anew for each."""


class DeliveryView(msgspec.Struct, frozen=True):
    """When a unit was shown its line, and until when it may appeal."""

    id: int
    ranking_id: int
    edition: int
    unit_code: Code
    unit_name: str
    unit_name_en: str
    posted_at: datetime
    presumed_at: datetime
    received_at: datetime | None
    document: str
    appeal_by: datetime
    waived_at: datetime | None
    signer: str = ""
    """Post of whoever signed on paper."""
    signed_on: date | None = None
    scanned: bool = False
    """Whether a picture of the receipt on paper is kept."""
    disputed_at: datetime | None = None
    """When the unit said that the receipt on paper is not its own."""

    @property
    def delivered_at(self) -> datetime:
        """Return the moment from which the appeal is timed."""
        return self.presumed_at if self.received_at is None else self.received_at

    def open(self, at: datetime) -> bool:
        """Tell whether the unit may still appeal."""
        return self.waived_at is None and at <= self.appeal_by


class PaperReceipt(msgspec.Struct, frozen=True):
    """A receipt that a unit signed on paper, as the office brings it; the picture made anew."""

    document: str
    signer: str
    """Post of whoever signed; no name is asked for."""
    signed_on: date
    scan: bytes

    def __repr__(self) -> str:
        """Show the number alone."""
        return f"PaperReceipt({self.document})"


class RecountView(msgspec.Struct, frozen=True):
    """What a second person found who computed an edition again."""

    edition: int
    by: PersonId | None
    at: datetime
    agreed: bool
    lists: int
    figures: int
    code_version: str
    differences: tuple[str, ...]


class Facts(msgspec.Struct, frozen=True):
    """What the service itself knows of the steps of a procedure sheet, at one moment."""

    register_number: str
    legal_basis: str
    disclosed: bool
    draws: int
    """Draws of the rounds whose sheets are counted."""
    unverified: int
    """Draws among them that can't be computed again from their record."""
    undecided: int
    recounted: bool
    untold: int
    """Units to whom nothing was delivered yet."""
    appealable: int
    """Units whose appeal still runs."""
    open_appeals: int
    notice_until: datetime | None
    open_objections: int
    levels: tuple[str, ...]
    """Kinds of list whose level of publication is not public."""
    stale: bool = False
    """Whether other sheets count by now than the edition was computed from."""


class SheetStep(msgspec.Struct, frozen=True):
    """One line of the procedure sheet."""

    key: StepKey
    fulfilled: bool
    """Whether what can be checked by machine holds."""
    signed_by: PersonId | None = None
    signed_as: str = ""
    signed_at: datetime | None = None
    document: str = ""
    note: str = ""

    @property
    def signed(self) -> bool:
        """Tell whether somebody answers for it."""
        return self.signed_at is not None


class LateKind(StrEnum):
    """What of a hearing may be overdue."""

    ANSWER = "answer"
    """A unit's answer to which nobody has replied."""
    OFFICER = "officer_case"
    """An officer whom nobody has recorded as heard."""


class Late(msgspec.Struct, frozen=True):
    """A hearing whose time is over."""

    kind: LateKind
    id: int
    code: Code
    due_at: datetime
    handler: PersonId | None
    level: int
    """Whom it has reached so far: nobody, who handles it, those above."""


class ObjectionGround(StrEnum):
    """What an objection to a ranking in public notice rests on."""

    FACT = "fact"
    PROCEDURE = "procedure"
    CALCULATION = "calculation"
    INTEREST = "interest"
    OTHER = "other"


class ObjectionChannel(StrEnum):
    """How an objection came in."""

    ONLINE = "online"
    PHONE = "phone"
    LETTER = "letter"
    VISIT = "visit"


class ObjectionState(StrEnum):
    """Where an objection stands."""

    OPEN = "open"
    DECIDED = "decided"


class ObjectionDecision(StrEnum):
    """What an objection led to."""

    UPHELD = "upheld"
    REJECTED = "rejected"


class ObjectionForm(msgspec.Struct, frozen=True):
    """What somebody objects, as typed; without a unit it is about the lists as a whole."""

    name: str
    phone: str
    ground: str
    text: str
    unit: str = ""

    def __repr__(self) -> str:
        """Show nothing: an objection must not stray into a log."""
        return "ObjectionForm(…)"


class ObjectionReceipt(msgspec.Struct, frozen=True):
    """What an objector keeps: the number, and the code that opens the reply."""

    number: Code
    receipt: Code
    filed_at: datetime
    due_at: datetime

    def __repr__(self) -> str:
        """Show the number alone."""
        return f"ObjectionReceipt({self.number})"


class ObjectionView(msgspec.Struct, frozen=True):
    """One objection without its text and without who objects."""

    id: int
    number: Code
    ranking_id: int
    round_code: Code
    edition: int
    person: PersonId
    channel: ObjectionChannel
    ground: ObjectionGround
    unit_code: str
    state: ObjectionState
    filed_at: datetime
    due_at: datetime
    decision: ObjectionDecision | None
    document: str
    decided_at: datetime | None


class ObjectionOutcome(msgspec.Struct, frozen=True):
    """What a decision on an objection says."""

    decision: str
    finding: str
    """What was found; stays in the office."""
    reply: str
    """What the objector reads."""
    document: str

    def __repr__(self) -> str:
        """Show the decision alone."""
        return f"ObjectionOutcome({self.decision})"


class ObjectionAnswer(msgspec.Struct, frozen=True):
    """What an objector reads with number and receipt code."""

    number: Code
    state: ObjectionState
    filed_at: datetime
    due_at: datetime
    decision: ObjectionDecision | None
    reply: str
    decided_at: datetime | None

    def __repr__(self) -> str:
        """Show the number alone."""
        return f"ObjectionAnswer({self.number})"
