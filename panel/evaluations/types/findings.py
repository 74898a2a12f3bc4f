"""Values of findings: what a visit brought up, its evidence, the reply, what became of it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Final

import msgspec

from panel.evaluations.types.sheets import Share, SheetView
from panel.ids import Code, PersonId

LONGEST: Final = 2000
"""Characters of what is written about a finding."""
GRAVEST: Final = 4
"""Severity of a grave event."""


class FindingState(StrEnum):
    """How far a finding is; the outcome tells with what result it was concluded."""

    NOTED = "noted"
    TRIAGED = "triaged"
    UNIT_REPLY_WAIT = "unit_reply_wait"
    VERIFYING = "verifying"
    VERIFIED = "verified"
    NOT_UPHELD = "not_upheld"
    INCONCLUSIVE = "inconclusive"
    ORDER_OPENED = "order_opened"
    RECTIFIED = "rectified"
    CLOSED = "closed"


CONCLUDED: Final = frozenset(
    {
        FindingState.VERIFIED,
        FindingState.NOT_UPHELD,
        FindingState.INCONCLUSIVE,
        FindingState.ORDER_OPENED,
        FindingState.RECTIFIED,
        FindingState.CLOSED,
    }
)
ENDED: Final = frozenset({FindingState.NOT_UPHELD, FindingState.INCONCLUSIVE, FindingState.CLOSED})
"""States in which nothing is due any more."""


class Outcome(StrEnum):
    """With what result a finding was concluded."""

    VERIFIED = "verified"
    NOT_UPHELD = "not_upheld"
    INCONCLUSIVE = "inconclusive"
    DROPPED = "dropped"
    """Set aside before anybody was asked."""


class FindingSource(StrEnum):
    """Where a finding came from."""

    SHEET = "sheet"
    LEAD = "lead"
    OFFICE = "office"


class EvidenceKind(StrEnum):
    """Kinds of evidence; each item is independent of the others."""

    SHEET = "sheet"
    """The sheet of a visit; a second one is by another visitor."""
    TICKET = "ticket"
    DOCUMENT = "document"
    COMPLAINT = "complaint"
    STATEMENT = "statement"
    """What somebody who was there put on record."""


class Stance(StrEnum):
    """What a unit says to a finding."""

    ACCEPTED = "accepted"
    PARTLY = "partly"
    DISPUTED = "disputed"
    SILENT = "silent"
    """It let its time pass; recorded by the clock."""


class Step(StrEnum):
    """What happened to a finding, as its course tells it."""

    NOTED = "noted"
    TRIAGED = "triaged"
    EVIDENCE = "evidence"
    SENT = "sent"
    RECEIVED = "received"
    REPLIED = "replied"
    SILENT = "silent"
    INQUIRY = "inquiry"
    PAUSED = "paused"
    RESUMED = "resumed"
    EXTENDED = "extended"
    NEAR = "near"
    OVERDUE = "overdue"
    ESCALATED = "escalated"
    VETO_PROPOSED = "veto_proposed"
    VETO_REFUSED = "veto_refused"
    VETO_CONFIRMED = "veto_confirmed"
    VERIFIED = "verified"
    NOT_UPHELD = "not_upheld"
    INCONCLUSIVE = "inconclusive"
    ORDERED = "ordered"
    REPORTED = "reported"
    RECTIFIED = "rectified"
    NOT_RECTIFIED = "not_rectified"
    CLOSED = "closed"
    TRANSFERRED = "transferred"
    TRANSFER_RECEIVED = "transfer_received"
    TRANSFER_ANSWERED = "transfer_answered"
    EXPOSURE_PROPOSED = "exposure_proposed"
    EXPOSED = "exposed"
    EXPOSURE_UPDATED = "exposure_updated"
    EXPOSURE_CORRECTED = "exposure_corrected"
    EXPOSURE_WITHDRAWN = "exposure_withdrawn"


class FindingDraft(msgspec.Struct, frozen=True):
    """What somebody notes; a sheet brings its unit and window along."""

    facts: str
    """What happened, for the office alone."""
    item: str = ""
    """Item or grave event of the sheet's form."""
    sheet: Code | None = None
    lead: Code | None = None
    unit: Code | None = None
    window: Code | None = None


class Triage(msgspec.Struct, frozen=True):
    """How grave a finding is and what the unit is told."""

    severity: int
    told: str
    checked: tuple[str, ...] = ()
    """What the text check found and a person left in."""
    body: str = ""
    """The competent body that a grave event is passed to at once."""
    document: str = ""
    """Number of the letter to that body."""


class NewEvidence(msgspec.Struct, frozen=True):
    """One more item of evidence; a sheet is named by its code, the others by words."""

    kind: EvidenceKind
    note: str = ""
    sheet: Code | None = None
    picture: bytes = b""
    """A picture made anew by the service, without anything hidden in it."""


class NewReply(msgspec.Struct, frozen=True):
    """What a unit answers."""

    stance: Stance
    text: str
    picture: bytes = b""


class EvidenceView(msgspec.Struct, frozen=True):
    """One item of evidence."""

    kind: EvidenceKind
    sheet: Code | None
    note: str
    file: Code | None
    at: datetime


class ReplyView(msgspec.Struct, frozen=True):
    """What a unit answered, or that it did not."""

    stance: Stance
    text: str
    file: Code | None
    at: datetime
    late: bool


class Grounds(msgspec.Struct, frozen=True):
    """What a conclusion rests on."""

    evidence: tuple[EvidenceView, ...]
    sheets: tuple[SheetView, ...]
    """The sheets among the evidence."""
    reply: ReplyView | None


class StepView(msgspec.Struct, frozen=True):
    """One step in the course of a finding."""

    step: Step
    at: datetime
    by: str
    """Sign-in name, never a person's name; empty where the clock did it."""
    text: str
    document: str


class FindingView(msgspec.Struct, frozen=True):
    """A finding as the office reads it."""

    id: int
    code: Code
    source: FindingSource
    sheet_id: int | None
    lead: str
    unit_id: int
    unit_code: Code
    unit_name: str
    unit_name_en: str
    peer_group: str
    window_id: int | None
    window_code: Code | None
    window_name: str
    window_name_en: str
    item: str
    veto: str
    """Id of the grave event, if it is one."""
    sealed: bool
    """For the discipline office alone."""
    rulebook_code: Code
    form_key: str
    month: date | None
    """First day of the month of the visit."""
    share: Share
    state: FindingState
    outcome: Outcome | None
    severity: int
    """1 to 4; 0 before it was judged."""
    told: str
    frozen: bool
    """Not to be published before the competent body has answered."""
    noted_by: PersonId | None
    noted_at: datetime
    handler: PersonId | None
    sent_at: datetime | None
    visible_at: datetime | None
    """From when the unit sees it."""
    received_at: datetime | None
    receipt_document: str
    outcome_text: str
    concluded_by: PersonId | None
    concluded_at: datetime | None
    veto_by: PersonId | None
    """Who proposed to confirm the grave event."""
    order_text: str
    report: str
    """What the unit says it has put right."""
    report_file: Code | None
    reported_at: datetime | None
    rectified_by: str
    """The re-visit's sheet or the document that showed it."""
    revision: int
    within: str = ""
    """Code of the order to rectify that it is an item of."""


class FindingLine(msgspec.Struct, frozen=True):
    """A finding in a list, with its next deadline."""

    id: int
    code: Code
    unit_name: str
    unit_name_en: str
    window_name: str
    window_name_en: str
    item: str
    veto: str
    state: FindingState
    outcome: Outcome | None
    severity: int
    noted_at: datetime
    due_at: datetime | None
    near: bool
    overdue: bool


class UnitFinding(msgspec.Struct, frozen=True):
    """A finding as the unit may read it: never who came, and at most in which month."""

    code: Code
    window_name: str
    window_name_en: str
    item: str
    veto: str
    rulebook_code: Code
    form_key: str
    month: date | None
    severity: int
    state: FindingState
    told: str
    visible_at: datetime
    received_at: datetime | None
    reply: ReplyView | None
    outcome_text: str
    order_text: str
    report: str
    reported_at: datetime | None


class VerifiedFinding(msgspec.Struct, frozen=True):
    """A finding that counts in the year's assessment."""

    code: Code
    unit_id: int
    unit_code: Code
    severity: int
    points: int
    """Deduction in whole points, by the rulebook that the finding was noted under."""
    verified_at: datetime
    veto: str = ""
    """Key of the grave event, if it is one."""
