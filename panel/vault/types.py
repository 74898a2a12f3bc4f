"""What is kept about a person, and who looked at it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from panel.ids import Code, PersonId


class Purpose(StrEnum):
    """Why an identity is kept; the outside key of that name wraps the person's data key."""

    MEMBER = "member"
    STAFF = "staff"
    VISIT = "visit"
    REPORTER = "reporter"


class Identity(msgspec.Struct, frozen=True, repr_omit_defaults=True):
    """Personal data of one person; empty fields are not stored."""

    name: str
    phone: str = ""
    national_id: str = ""
    address: str = ""
    employer: str = ""
    email: str = ""

    def __repr__(self) -> str:
        """Show nothing: an identity that strays into a log must not tell who it is."""
        return "Identity(…)"


FIELDS: tuple[str, ...] = Identity.__struct_fields__
ATTACHED = "attachment"
"""How a look at texts or scans is noted, beside the names of fields."""


class LookView(msgspec.Struct, frozen=True):
    """One look at a person's data, as that person may read it."""

    looker: str
    """Sign-in name of who looked."""
    office: str
    fields: tuple[str, ...]
    reason: str
    at: datetime


class PersonView(msgspec.Struct, frozen=True):
    """A person without any personal data."""

    id: PersonId
    code: Code
    purpose: Purpose
    erased_at: datetime | None


class Attached(msgspec.Struct, frozen=True):
    """A text or scan of a person, decrypted."""

    data: bytes
    media: str

    def __repr__(self) -> str:
        """Show nothing: what is attached must not stray into a log."""
        return "Attached(…)"


class OpeningKind(StrEnum):
    """What two persons may open together."""

    VISITOR = "visitor"
    """Who made a covert visit."""
    OBJECTOR = "objector"
    """Who objected to a proposed member."""
    PROTESTER = "protester"
    """Who objected to a ranking."""
    REPORTER = "reporter"
    """Who reported something."""
    UPCOMING = "upcoming"
    """Where the visits of a round are still to come; no names."""


class OpeningState(StrEnum):
    """How far an opening is."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    OPENED = "opened"


class OpeningView(msgspec.Struct, frozen=True):
    """One wish to open an identity, as its two persons and auditors read it."""

    id: int
    code: Code
    kind: OpeningKind
    ref: str
    """Number of what is opened: a task, an objection, a report, a round."""
    reason: str
    state: OpeningState
    asked_by: PersonId
    asked_name: str
    asked_office: str
    asked_roles: tuple[str, ...]
    asked_at: datetime
    decided_by: PersonId | None
    decided_name: str
    decided_office: str
    decided_at: datetime | None
    until: datetime | None
    """Last moment at which it may be opened."""
    opened_at: datetime | None
