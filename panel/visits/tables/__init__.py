"""Tables of visits; no column of a task names a member."""

from panel.visits.tables.open_visits import (
    CheckIn,
    OpenNotice,
)
from panel.visits.tables.rounds import Round, RoundNumber, RoundWindow, Task

__all__ = [
    "CheckIn",
    "OpenNotice",
    "Round",
    "RoundNumber",
    "RoundWindow",
    "Task",
]
