"""What stands in letters to people without a telephone."""

from __future__ import annotations

import msgspec

from panel.recruitment.types.applications import ApplicationView
from panel.recruitment.types.terms import ProceedingView, Texts
from panel.recruitment.types.vetting import AskedView
from panel.rulebook.types import Deadline
from panel.vault.types import Identity


class VerdictLetter(msgspec.Struct, frozen=True):
    """What an applicant is told: found ineligible and why, or what the office asks."""

    view: ApplicationView
    asked: AskedView
    identity: Identity
    replies: bool
    """Whether there is still time for an answer."""

    def __repr__(self) -> str:
        """Show nothing: it names a person."""
        return "VerdictLetter(…)"


class DismissalLetter(msgspec.Struct, frozen=True):
    """What a dismissed member is told."""

    found: ProceedingView
    texts: Texts
    identity: Identity
    complaint: Deadline
    """How long a complaint may take, counted from the day on which the letter is received."""

    def __repr__(self) -> str:
        """Show nothing: it names a person."""
        return "DismissalLetter(…)"
