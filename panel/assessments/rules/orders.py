"""Whose place asks for an order, and what may become of it."""

from datetime import date, datetime, timedelta

from panel.assessments.types import OrderState
from panel.errors import Conflict
from panel.rankings.types import Row, Standing
from panel.rulebook.types import Rulebook
from panel.workdays import Calendar, deadline


def to_rectify(row: Row, places: int) -> bool:
    """Tell whether a unit stands on one of the last places of its scope, ties included."""
    return (
        row.standing is Standing.RANKED
        and row.place_from_below is not None
        and row.place_from_below <= places
    )


def due_dates(at: datetime, rulebook: Rulebook) -> tuple[datetime, datetime]:
    """Return until when the plan, and until when the rectification itself is due."""
    calendar = Calendar(
        version=rulebook.calendar_version,
        holidays=frozenset[date](rulebook.holidays),
        workdays=frozenset[date](rulebook.workdays),
    )
    plan = rulebook.deadline("rectification_plan")
    return (
        deadline(at, plan.amount, plan.unit, calendar),
        deadline(at, rulebook.assessment.rectification_days, "days", calendar),
    )


def may_receive(state: OrderState) -> None:
    """Refuse a second acknowledgement."""
    if state is not OrderState.OPEN:
        raise Conflict("order.received")


def days_left(due: datetime, at: datetime) -> int:
    """Return the whole days until a deadline, negative after it."""
    return (due - at) // timedelta(days=1)
