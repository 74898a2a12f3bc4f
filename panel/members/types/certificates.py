"""What a certificate's check page may tell."""

from __future__ import annotations

from enum import StrEnum


class CertificateState(StrEnum):
    """Whether somebody may act with a certificate today, and nothing more."""

    VALID = "valid"
    EXPIRED = "expired"
    """The last day of the term is past."""
    ENDED = "ended"
    """Not in force: not begun, suspended, resigned or dismissed; which of them is not told."""
