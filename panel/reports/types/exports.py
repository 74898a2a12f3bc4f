"""Values of exports and of the board."""

from __future__ import annotations

from datetime import datetime

import msgspec

from panel.ids import PersonId


class SheetFilter(msgspec.Struct, frozen=True):
    """Which sheets an export holds; empty texts mean all."""

    round: str = ""
    group: str = ""
    voided: bool = False
    """Void sheets too, marked as such; they never count."""
    ended: bool = False
    """Covert visits of rounds that are over alone: who asks every hour must not learn the day."""


class SheetLine(msgspec.Struct, frozen=True):
    """One sheet without its visitor; ``visited`` is a day of an open visit, a month of others."""

    code: str
    round: str
    unit: str
    unit_name: str
    window: str
    window_name: str
    group: str
    form: str
    mode: str
    errand: str
    visited: str
    source: str
    state: str
    score: int
    weight: int
    flags: str
    late: bool
    values: dict[str, int | None]
    """0 to 4 of each item, minutes turned by the posted limit; None means not observed."""


SheetRow = tuple[
    str, tuple[str, ...], str, str, str, str, str, str, int, int, int, str, tuple[int | None, ...]
]
"""A sheet as a plain tuple: code; round, unit, its name, window, its name, group; form, mode,
errand, visited, source, state, score, weight, late, flags; the values of the items asked for."""


class PlaceLine(msgspec.Struct, frozen=True):
    """One window (or unit without windows) of a round with how often it was to be seen and was."""

    unit: str
    unit_name: str
    window: str
    window_name: str
    group: str
    district: str
    planned: int
    made: int
    counted: int


class AllowanceLine(msgspec.Struct, frozen=True):
    """What one member is owed for a round: visits and hundredths of a yuan, nothing else."""

    person: PersonId
    visits: int
    hundredths: int


class DistrictLine(msgspec.Struct, frozen=True):
    """A district with the visits of the running rounds."""

    name: str
    planned: int
    made: int


class Board(msgspec.Struct, frozen=True):
    """What a coordinator looks at in the morning."""

    at: datetime
    unanswered: int
    due_today: int
    due_week: int
    overdue: int
    in_review: int
    review_late: int
    held: int
    received_today: int
    accepted: int
    returned: int
    voided: int
    flagged: int
    loads: dict[int, int]
    """Members by the number of tasks they carry in the running rounds."""
    unused: int
    """Qualified members without any task."""

    @property
    def decided(self) -> int:
        """Return how many sheets were decided."""
        return self.accepted + self.voided
