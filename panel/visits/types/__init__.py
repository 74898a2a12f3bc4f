"""Values of visits: rounds, tasks, and what the assignment takes and gives."""

from panel.visits.types.rounds import (
    Capacity,
    CoverageRow,
    GroupCoverage,
    Mode,
    Past,
    Place,
    RoundDraft,
    RoundState,
    RoundView,
)
from panel.visits.types.tasks import (
    LIVE,
    OPEN,
    DeclineReason,
    Drawn,
    Errand,
    Offer,
    RecusalKind,
    TaskCount,
    TaskState,
    TaskView,
    Why,
)

__all__ = [
    "LIVE",
    "OPEN",
    "Capacity",
    "CoverageRow",
    "DeclineReason",
    "Drawn",
    "Errand",
    "GroupCoverage",
    "Mode",
    "Offer",
    "Past",
    "Place",
    "RecusalKind",
    "RoundDraft",
    "RoundState",
    "RoundView",
    "TaskCount",
    "TaskState",
    "TaskView",
    "Why",
]
