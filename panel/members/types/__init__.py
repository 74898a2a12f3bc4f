"""What seats, terms and learning look like to the other contexts."""

from __future__ import annotations

from panel.members.types.certificates import (
    CertificateState,
)
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
from panel.members.types.terms import (
    Learning,
    Read,
    Recusal,
    Span,
    Standing,
)
from panel.members.types.training import (
    AttemptView,
    Calibration,
    CertificateView,
    Chosen,
    Compared,
    Comparison,
    CourseStanding,
    Grade,
    Learner,
    Marked,
    PracticeView,
    Progress,
)

__all__ = [
    "LEFT",
    "AttemptView",
    "Calibration",
    "CertificateState",
    "CertificateView",
    "Chosen",
    "Compared",
    "Comparison",
    "Composition",
    "CourseStanding",
    "ExclusionKind",
    "Grade",
    "Learner",
    "Learning",
    "Listed",
    "Marked",
    "MemberState",
    "MemberView",
    "NewExclusion",
    "NewSeat",
    "PracticeView",
    "Progress",
    "Read",
    "Recusal",
    "Seat",
    "Share",
    "Span",
    "Standing",
]
