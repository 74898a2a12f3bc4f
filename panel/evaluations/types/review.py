"""Values of review: what waits and why, what a batch holds, what a visitor is told privately."""

from __future__ import annotations

from datetime import datetime

import msgspec

from panel.evaluations.types.sheets import SheetState
from panel.ids import Code, PersonId


class Judged(msgspec.Struct, frozen=True):
    """A sheet's score beside others of the same place, as the checks for oddness take it.

    ``visitor`` stands for the same member in every round and leaves the process nowhere.
    """

    id: int
    place: tuple[int, int | None]
    """Unit and window, None for a unit that is visited as a whole."""
    visitor: str
    score: int


class Standing(msgspec.Struct, frozen=True):
    """How far one visitor's marks lie from others' at the same places, in hundredths."""

    sheets: int
    mean: int
    error: int
    """Standard error of the mean."""


class HoldView(msgspec.Struct, frozen=True):
    """A held sheet: why, until when, and whether somebody is to look again."""

    code: Code
    sheet: Code
    reason: str
    revisit: bool
    held_by: PersonId
    held_at: datetime
    decide_by: datetime
    round_code: Code | None
    unit_name: str
    unit_name_en: str
    window_name: str
    window_name_en: str


class BatchItem(msgspec.Struct, frozen=True):
    """One sheet of a batch."""

    sheet_id: int
    code: Code
    sample: bool
    state: SheetState
    flagged: bool
    """Something was noticed since the batch was made."""
    proposed: bool
    """Somebody proposed that it is void."""


class BatchView(msgspec.Struct, frozen=True):
    """A reviewer's open batch."""

    id: int
    code: Code
    started_at: datetime
    commitment: str
    items: tuple[BatchItem, ...]

    @property
    def sample(self) -> tuple[BatchItem, ...]:
        """Return the sheets that are looked at one by one."""
        return tuple(item for item in self.items if item.sample)

    @property
    def rest(self) -> tuple[BatchItem, ...]:
        """Return the sheets that may be accepted together."""
        return tuple(
            item
            for item in self.items
            if not item.sample
            and item.state is SheetState.SUBMITTED
            and not item.flagged
            and not item.proposed
        )

    @property
    def looked_at(self) -> int:
        """Return how many of the sample are decided."""
        return sum(item.state is not SheetState.SUBMITTED or item.proposed for item in self.sample)

    @property
    def sound(self) -> bool:
        """Tell whether every sheet of the sample was found good."""
        return all(item.state is SheetState.ACCEPTED and not item.proposed for item in self.sample)


class BatchOffer(msgspec.Struct, frozen=True):
    """What a new batch would hold."""

    waiting: int
    """Sheets without a flag that wait for this reviewer."""
    sheets: int
    sample: int
    percent: int


class VoidShare(msgspec.Struct, frozen=True):
    """How many of a round's sheets were found void, and why; for everybody to see."""

    sheets: int
    voided: int
    reasons: tuple[tuple[str, int], ...]

    @property
    def percent(self) -> str:
        """Return the share in percent with one decimal, rounded half up."""
        tenths = (2000 * self.voided + self.sheets) // (2 * self.sheets) if self.sheets else 0
        return f"{tenths // 10}.{tenths % 10}"


class Read(msgspec.Struct, frozen=True):
    """One sheet of a blind double visit as agreement takes it: answers by item, total score."""

    values: dict[str, int]
    score: int


class Agreement(msgspec.Struct, frozen=True):
    """How far members who judged the same place blindly agree; of many, never of one."""

    pairs: int
    answers: int
    equal: int
    near: int
    """Answers that are equal or one step apart."""
    gap: int
    """Mean distance of the total scores, in hundredths of a point."""
    alpha: int | None
    """Krippendorff's alpha for ranked answers, in hundredths; None where nothing varies."""

    @property
    def equal_percent(self) -> int:
        """Return the share of equal answers, rounded half up."""
        return (200 * self.equal + self.answers) // (2 * self.answers) if self.answers else 0

    @property
    def near_percent(self) -> int:
        """Return the share of equal or neighbouring answers, rounded half up."""
        return (200 * self.near + self.answers) // (2 * self.answers) if self.answers else 0


class Feedback(msgspec.Struct, frozen=True):
    """What one member is told privately about the own marks in rounds that are over."""

    counted: int
    returned: int
    late: int
    standing: Standing | None
    """None while fewer sheets can be compared than the rulebook asks for."""
    wanted: int
    """Sheets that can be compared from which on there is a figure."""
