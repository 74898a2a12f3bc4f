"""Deadlines of findings: limits from the rulebook, pause, extension, and who hears of it when."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from panel.actor import Actor
from panel.errors import Closed, Conflict, Forbidden
from panel.evaluations.types import Share
from panel.evaluations.types.clocks import ClockKind, ClockState, ClockView, Level, Limits
from panel.ids import PersonId
from panel.rulebook.types import Rulebook
from panel.workdays import SHANGHAI, deadline

HEAD_AFTER: Final = timedelta(hours=24)
"""After the hard limit the head hears of it."""
_WHOLE: Final = 100
_PAUSABLE: Final = frozenset({ClockKind.CHECK, ClockKind.ORDER, ClockKind.TRANSFER})
_EXTENDABLE: Final = frozenset({ClockKind.REPLY, ClockKind.CHECK, ClockKind.ORDER})


def limits(book: Rulebook, kind: ClockKind, at: datetime, *, grave: bool) -> Limits:
    """Return the moments of a deadline that begins now; a grave event has hours, not days."""
    if kind is ClockKind.ORDER:
        due = deadline(at, book.assessment.rectification_days, "days", book.calendar)
    else:
        reply = "veto_reply" if grave else "finding_reply"
        key = {
            ClockKind.RECEIPT: reply,
            ClockKind.REPLY: reply,
            ClockKind.CHECK: "finding_check",
            ClockKind.TRANSFER: "transfer_answer",
        }[kind]
        limit = book.deadline(key)
        due = deadline(at, limit.amount, limit.unit, book.calendar)
    return Limits(soft_at=_soft(book, at, due), due_at=due)


def _soft(book: Rulebook, start: datetime, due: datetime) -> datetime:
    return start + (due - start) * book.findings.soft_percent / _WHOLE


def next_run(clock: Limits, level: Level) -> datetime | None:
    """Return when a deadline next reaches somebody's desk."""
    return {
        Level.CALM: clock.soft_at,
        Level.NEAR: clock.due_at,
        Level.OVER: clock.due_at + HEAD_AFTER,
        Level.HEAD: None,
    }[level]


def level_at(clock: Limits, at: datetime) -> Level:
    """Return whom a deadline should have reached by a moment; nobody is passed over in a stop."""
    if at >= clock.due_at + HEAD_AFTER:
        return Level.HEAD
    if at > clock.due_at:
        return Level.OVER
    return Level.NEAR if at >= clock.soft_at else Level.CALM


def may_pause(clock: ClockView) -> None:
    """Refuse to pause what does not run, or what is short by its nature."""
    if clock.state is not ClockState.RUNNING or clock.kind not in _PAUSABLE:
        raise Conflict("finding.not_pausable")


def resumed(clock: ClockView, book: Rulebook, at: datetime) -> Limits:
    """Return the limits after a pause: what was left is left again, and ends on a working day."""
    if clock.state is not ClockState.PAUSED or clock.paused_at is None:
        raise Conflict("finding.not_paused")
    rest = at - clock.paused_at
    return Limits(soft_at=clock.soft_at + rest, due_at=_rolled(clock.due_at + rest, book))


def _rolled(moment: datetime, book: Rulebook) -> datetime:
    local = moment.astimezone(SHANGHAI)
    day = book.calendar.next_workday(local.date())
    return moment + timedelta(days=(day - local.date()).days)


def extended(
    clock: ClockView, actor: Actor, handler: PersonId | None, book: Rulebook, at: datetime
) -> Limits:
    """Return the limits after an extension: once, in time, by another than who handles it."""
    if clock.kind not in _EXTENDABLE or clock.state is not ClockState.RUNNING:
        raise Conflict("finding.not_extendable")
    if clock.extensions >= book.findings.extensions:
        raise Conflict("finding.extended")
    if at > clock.due_at:
        raise Closed("finding.extension_late")
    if actor.person is None or actor.person == handler:
        raise Forbidden("finding.extension_own")
    more = book.deadline("finding_extension")
    due = deadline(clock.due_at, more.amount, more.unit, book.calendar)
    return Limits(soft_at=_soft(book, clock.started_at, due), due_at=due)


def visible_from(
    share: Share, release_days: tuple[int, ...], at: datetime, *, covert: bool, grave: bool
) -> datetime:
    """Return from when the unit sees a finding.

    A visitor who asked to leave the time out is not to be found by the day of the letter: of a
    covert visit the unit is told on the next of the city's fixed days. A grave event can't wait.
    """
    if grave or not covert or share is Share.SEND or not release_days:
        return at
    day = at.astimezone(SHANGHAI).date() + timedelta(days=1)
    while day.day not in release_days:
        day += timedelta(days=1)
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).astimezone(at.tzinfo)


def unit_occasion(clock: ClockView, at: datetime) -> str:
    """Return what a unit is told of a deadline now: its start, and once more when it is near.

    That the reply is timed from a receipt nobody need be told who has just given it.
    """
    if at >= clock.soft_at:
        return f"clock {clock.id} near {clock.due_at.isoformat()}"
    return "" if clock.kind is ClockKind.REPLY else f"clock {clock.id} begun"


def month_of(day: date | None) -> date | None:
    """Return the first day of a day's month: the finest time that a unit is told."""
    return day.replace(day=1) if day else None
