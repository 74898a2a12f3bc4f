"""Values of what follows outside: letters to competent bodies, and what is made public."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from panel.evaluations.types.findings import FindingState, Stance
from panel.ids import Code, PersonId


class HitKind(StrEnum):
    """What a text should not tell."""

    PHONE = "phone"
    ID_NUMBER = "id_number"
    PLATE = "plate"
    TICKET = "ticket"
    TIME = "time"
    NAME = "name"
    MAIL = "mail"


class Hit(msgspec.Struct, frozen=True):
    """Something that looks as if it told too much; a person decides."""

    kind: HitKind
    text: str


class ExposureState(StrEnum):
    """How far an exposure is."""

    PROPOSED = "proposed"
    EXPOSED = "exposed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class NoteKind(StrEnum):
    """What is added to a public page; nothing on it is ever changed in silence."""

    UPDATE = "update"
    CORRECTION = "correction"
    WITHDRAWAL = "withdrawal"


class NewExposure(msgspec.Struct, frozen=True):
    """A text as its author proposes it."""

    title: str
    text: str
    checked: tuple[str, ...] = ()
    """What the text check found and the author left in on purpose."""


class NoteView(msgspec.Struct, frozen=True):
    """An update, correction or withdrawal on a public page."""

    kind: NoteKind
    text: str
    at: datetime


class ExposureView(msgspec.Struct, frozen=True):
    """An exposure as the office reads it."""

    id: int
    code: Code
    finding: Code
    state: ExposureState
    title: str
    text: str
    reply_shown: str
    """The unit's reply with what must not be told left out."""
    checked: tuple[str, ...]
    proposed_by: PersonId | None
    proposed_at: datetime
    decided_by: PersonId | None
    exposed_at: datetime | None
    named_until: datetime | None
    refusal: str
    notes: tuple[NoteView, ...]


class PublicExposure(msgspec.Struct, frozen=True):
    """An exposure as everybody reads it; names are left out once their time is over."""

    code: Code
    state: ExposureState
    title: str
    text: str
    unit_name: str
    unit_name_en: str
    window_name: str
    window_name_en: str
    peer_group: str
    severity: int
    finding_state: FindingState
    stance: Stance
    reply: str
    order_text: str
    exposed_at: datetime
    notes: tuple[NoteView, ...]

    @property
    def named(self) -> bool:
        """Tell whether the unit is still named."""
        return bool(self.unit_name)


class TransferState(StrEnum):
    """How far a letter to a competent body is."""

    SENT = "sent"
    RECEIVED = "received"
    ANSWERED = "answered"


class TransferView(msgspec.Struct, frozen=True):
    """A matter passed to a competent body, its receipt and its written outcome."""

    id: int
    code: Code
    finding: Code
    body: str
    document: str
    state: TransferState
    made_by: PersonId | None
    made_at: datetime
    due_at: datetime
    received_at: datetime | None
    receipt: str
    outcome: str
    outcome_document: str
    answered_at: datetime | None
