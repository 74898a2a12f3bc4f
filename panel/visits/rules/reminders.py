"""Decisions about reminders: which of them is due, and under which name it is said only once."""

from __future__ import annotations

from datetime import datetime, timedelta

from panel.notices.types import MessageKind
from panel.rulebook.types import Messages
from panel.visits.types.reminders import Pending
from panel.visits.types.tasks import TaskState
from panel.workdays import SHANGHAI

_VISITING = frozenset({TaskState.ACCEPTED, TaskState.IN_PROGRESS})


def due(pending: Pending, measures: Messages, at: datetime) -> tuple[MessageKind, str] | None:
    """Return what a visitor is told now, with the occasion; None when nothing is due.

    An offer is told once and once more before its answer is due; a visit before it is due and on
    its day; a late sheet every ``overdue_hours``, at most ``most_reminders`` times; a returned
    sheet once.
    The occasion holds moments and the round, never the task: two tasks of one day are one message.
    """
    before = timedelta(hours=measures.before_due_hours)
    if pending.state is TaskState.RETURNED:
        return MessageKind.SHEET_RETURNED, f"{pending.round_code} returned {pending.due_at}"
    if pending.state is TaskState.OFFERED:
        last = pending.answer_by
        near = last is not None and last - before <= at <= last
        moment = last.date().isoformat() if last is not None else ""
        occasion = f"{pending.round_code} offered {moment}{' near' if near else ''}"
        return MessageKind.TASK_OFFERED, occasion
    if pending.state in _VISITING and at >= pending.due_at - before:
        return _visit(pending, measures, at)
    return None


def _visit(pending: Pending, measures: Messages, at: datetime) -> tuple[MessageKind, str] | None:
    """Tell of a visit whose last day is near, on that day, and of a sheet that is late."""
    if at <= pending.sheet_by:
        today, last = (each.astimezone(SHANGHAI).date() for each in (at, pending.due_at))
        moment = "before" if today < last else "day"
        return MessageKind.VISIT_DUE, f"{pending.round_code} {moment} {pending.due_at}"
    turn = (at - pending.sheet_by) // timedelta(hours=measures.overdue_hours)
    if turn >= measures.most_reminders:
        return None
    return MessageKind.SHEET_OVERDUE, f"{pending.round_code} overdue {pending.due_at} {turn}"
