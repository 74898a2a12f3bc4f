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
