"""Which pictures may go with a sheet, and how far a phone was from the place: pure."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Final

from panel.errors import Closed, Conflict, Fault, Invalid
from panel.evaluations.types import TICKET, Position
from panel.rulebook.types import Form
from panel.visits.types import TaskState, TaskView

MOST_PHOTOS: Final = 12
"""Pictures of one visit: as many as the sheet has items that ask for one, with some to spare."""
_OPEN: Final = frozenset(
    {TaskState.ACCEPTED, TaskState.IN_PROGRESS, TaskState.RETURNED, TaskState.SUBMITTED}
)
_METRES_PER_DEGREE: Final = 111_195
_MILLION: Final = 1_000_000
_STEP: Final = 50
_FARTHEST: Final = 90 * _MILLION


def may_add(task: TaskView, form: Form, item: str, count: int, at: datetime) -> None:
    """Refuse a picture that nobody asked for, one too many, or one that comes too late.

    A sheet that was just sent still takes pictures: on a bad network they come after it.
    """
    if task.state not in _OPEN:
        raise Conflict("photo.not_open")
    if at > task.closes_at:
        raise Closed("sheet.closed")
    if item != TICKET and not any(each.id == item and each.photo for each in form.items):
        raise Invalid("form.faults", Fault("photo", "photo.not_asked"))
    if count >= MOST_PHOTOS:
        raise Invalid("form.faults", Fault("photo", "photo.too_many", {"most": MOST_PHOTOS}))


def metres(here: Position, latitude: int, longitude: int) -> int:
    """Return the distance on a plane around the place, in steps of fifty metres."""
    across = math.cos(math.radians(latitude / _MILLION))
    north = (here.latitude - latitude) * _METRES_PER_DEGREE / _MILLION
    east = (here.longitude - longitude) * across * _METRES_PER_DEGREE / _MILLION
    return round(math.hypot(north, east) / _STEP) * _STEP


def check_position(place: Position) -> None:
    """Refuse what is no place on the globe."""
    if abs(place.latitude) > _FARTHEST or abs(place.longitude) > 2 * _FARTHEST:
        raise Invalid("form.faults", Fault("place", "sheet.out_of_range"))
    if not 0 <= place.accuracy <= _MILLION:
        raise Invalid("form.faults", Fault("place", "sheet.out_of_range"))
