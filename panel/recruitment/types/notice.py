"""The public notice of proposed members, and objections to them, as pages see them."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

LONGEST_OBJECTION: Final = 4000
"""Characters of an objection, of what was found, and of the reply."""


class NoticedState(StrEnum):
    """Where one proposed member stands."""

    OPEN = "open"
    CLEARED = "cleared"
    """The notice is over and nothing stands in the way."""
    STRUCK = "struck"
    """An objection was upheld."""
    WITHDRAWN = "withdrawn"
    """Withdrew before the appointment; somebody from the reserve was put in place."""
    APPOINTED = "appointed"


class ObjectionState(StrEnum):
    """Where one objection stands."""

    OPEN = "open"
    DECIDED = "decided"


class Decision(StrEnum):
    """What an objection led to."""

    UPHELD = "upheld"
    REJECTED = "rejected"


class Ground(StrEnum):
    """What an objection rests on."""

    CONDITIONS = "conditions"
    UNTRUE = "untrue"
    INTEREST = "interest"
    CONDUCT = "conduct"
    PROCEDURE = "procedure"
    OTHER = "other"


class Proposed(msgspec.Struct, frozen=True):
    """One application that goes on public notice for a seat.

    ``instead_of`` is the ticket of whom it replaces. ``cohort`` 0 leaves the split of the first
    batch to the notice itself, which follows from the published tickets.
    """

    application_id: int
    instead_of: str = ""
    cohort: int = 0
