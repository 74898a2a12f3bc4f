"""Values of visits: rounds, tasks, and what the assignment takes and gives."""

from panel.visits.types.rounds import (
    Capacity,
    CoverageRow,
    GroupCoverage,
    Mode,
    RoundDraft,
    RoundState,
    RoundView,
)
from panel.visits.types.tasks import (
    LIVE,
    OPEN,
    Errand,
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
    "Errand",
    "GroupCoverage",
    "Mode",
    "RecusalKind",
    "RoundDraft",
    "RoundState",
    "RoundView",
    "TaskCount",
    "TaskState",
    "TaskView",
    "Why",
]
