"""When a sheet may be sent, when it is late, and what a reviewer should look at sooner."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import Final

from panel.errors import Closed, Conflict
from panel.evaluations.types import Answers, Flag, Score
from panel.rulebook.types import Form
from panel.visits.types import TaskState, TaskView
from panel.workdays import SHANGHAI

_WRITABLE: Final = frozenset({TaskState.ACCEPTED, TaskState.IN_PROGRESS, TaskState.RETURNED})
_ENOUGH_TO_COMPARE: Final = 8
_LONG_ENOUGH: Final = 12
"""Shorter comments are alike by chance."""
_WEIGHT: Final = {
    Flag.SEALED: 4, Flag.VETO: 4, Flag.COPIED: 3, Flag.PICTURE: 3, Flag.STRAIGHT: 2, Flag.FAST: 2,
    Flag.PAIR: 2, Flag.APART: 2, Flag.PAPER: 0,
}  # fmt: skip


def may_write(task: TaskView, at: datetime) -> None:
    """Refuse to open a sheet that is not accepted yet, already sent, ended, or out of time."""
    if task.state is TaskState.OFFERED:
        raise Conflict("task.not_accepted")
    if task.state not in _WRITABLE:
        raise Conflict("sheet.not_open")
    if at > task.closes_at:
        raise Closed("sheet.closed")


def sheet_due(task: TaskView, answers: Answers) -> datetime:
    """Return until when a sheet is in time: the hours after the visit's day, or the revision's."""
    if task.state is TaskState.RETURNED or answers.visited_on is None:
        return task.due_at
    evening = datetime.combine(answers.visited_on, time.max, SHANGHAI)
    return min(evening, task.due_at) + timedelta(hours=task.due_hours)


def is_late(task: TaskView, answers: Answers, at: datetime) -> bool:
    """Tell whether a sheet comes after its limit: it counts, with a flag, within the grace."""
    return at > sheet_due(task, answers)


def text_sample(answers: Answers) -> str:
    """Return the comments as they are compared between sheets; empty when too short for that."""
    texts = [*answers.reasons.values(), answers.good]
    tidy = sorted(re.sub(r"\W", "", text).lower() for text in texts)
    longer = [text for text in tidy if len(text) >= _LONG_ENOUGH]
    return "\n".join(longer)


def flags(
    form: Form,
    answers: Answers,
    score: Score,
    *,
    late: bool,
    copied: bool,
    took: timedelta | None,
    fast: timedelta,
) -> tuple[Flag, ...]:
    """Return what a reviewer should know; ``took`` is the time from the first entry, if known.

    What was filled in within less than ``fast`` can hardly have been read.
    """
    values = list(score.values.values())
    straight = len(values) >= _ENOUGH_TO_COMPARE and len(set(values)) == 1
    sealed = {veto.id for veto in form.vetoes if veto.sealed}
    raised = {
        Flag.FAST: took is not None and took < fast,
        Flag.STRAIGHT: straight,
        Flag.EXTREME: score.hundredths in {0, 10_000} and not straight,
        Flag.COPIED: copied,
        Flag.LATE: late,
        Flag.RECOGNISED: bool(answers.recognised),
        Flag.VETO: bool(answers.vetoes.keys() - sealed),
        Flag.SEALED: bool(answers.vetoes.keys() & sealed),
    }
    return tuple(flag for flag, on in raised.items() if on)


def urgency(raised: tuple[Flag, ...]) -> int:
    """Return how far to the front of the queue the flags bring a sheet."""
    return sum(_WEIGHT.get(flag, 1) for flag in raised)
