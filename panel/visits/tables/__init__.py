"""Tables of visits; no column of a task names a member."""

from panel.visits.tables.rounds import Round, RoundNumber, RoundWindow, Task

__all__ = ["Round", "RoundNumber", "RoundWindow", "Task"]
