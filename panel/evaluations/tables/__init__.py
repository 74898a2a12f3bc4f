"""Tables of evaluations; a sheet names its task, never a member."""

from panel.evaluations.tables.sheets import Draft, Submission

__all__ = ["Draft", "Submission"]
