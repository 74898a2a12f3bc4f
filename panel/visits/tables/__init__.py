"""Tables of visits; no column of a task names a member."""

from panel.visits.tables.covert import CovertLook
from panel.visits.tables.open_visits import (
    CheckIn,
    OpenNotice,
)
from panel.visits.tables.rounds import Round, RoundBar, RoundNumber, RoundWindow, Task
from panel.visits.tables.targeting import ComplaintCount
from panel.visits.tables.yearly import YearPlan

__all__ = [
    "CheckIn",
    "ComplaintCount",
    "CovertLook",
    "OpenNotice",
    "Round",
    "RoundBar",
    "RoundNumber",
    "RoundWindow",
    "Task",
    "YearPlan",
]
