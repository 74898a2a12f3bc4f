"""What a seat looks like to the other contexts."""

from __future__ import annotations

from panel.members.types.certificates import CertificateState
from panel.members.types.seats import (
    LEFT,
    Composition,
    ExclusionKind,
    Listed,
    MemberState,
    MemberView,
    NewExclusion,
    NewSeat,
    Seat,
    Share,
)
from panel.members.types.terms import Recusal, Span, Standing

__all__ = [
    "LEFT",
    "CertificateState",
    "Composition",
    "ExclusionKind",
    "Listed",
    "MemberState",
    "MemberView",
    "NewExclusion",
    "NewSeat",
    "Recusal",
    "Seat",
    "Share",
    "Span",
    "Standing",
]
