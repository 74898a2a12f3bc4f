"""What a seat looks like to the other contexts."""

from __future__ import annotations

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

__all__ = [
    "LEFT",
    "Composition",
    "ExclusionKind",
    "Listed",
    "MemberState",
    "MemberView",
    "NewExclusion",
    "NewSeat",
    "Seat",
    "Share",
]
