"""Tasks: what a member is asked to do, and why just this member."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from panel.ids import Code, PersonId
from panel.visits.types.rounds import Mode, Place


class TaskState(StrEnum):
    """How far a task is; the last six are exits."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    DONE = "done"
    DECLINED = "declined"
    RECUSED = "recused"
    NOT_POSSIBLE = "not_possible"
    LAPSED = "lapsed"
    VOIDED = "voided"
    CANCELLED = "cancelled"


OPEN = frozenset({TaskState.OFFERED, TaskState.ACCEPTED, TaskState.IN_PROGRESS, TaskState.RETURNED})
"""States in which the member has something to do."""
LIVE = OPEN | {TaskState.SUBMITTED, TaskState.DONE, TaskState.NOT_POSSIBLE, TaskState.VOIDED}
"""States that weigh on a member's load: whoever declined, recused or let lapse is free again."""


class Errand(StrEnum):
    """What the visitor does at the window: ask, settle an own matter, accompany somebody."""

    ENQUIRY = "enquiry"
    REAL = "real"
    ACCOMPANY = "accompany"


class RecusalKind(StrEnum):
    """Why a member may not visit a unit."""

    ACQUAINTED = "acquainted"
    FAMILY = "family"
    EMPLOYER = "employer"
    DISPUTE = "dispute"
    CONTRACT = "contract"
    NOMINATOR = "nominator"


class DeclineReason(StrEnum):
    """Why a member can't go; giving a reason is optional."""

    TIME = "time"
    HEALTH = "health"
    DISTANCE = "distance"
    KNOWN_THERE = "known_there"
    OTHER = "other"


class Why(msgspec.Struct, frozen=True):
    """Why this visitor: said without saying who.

    No distance is kept: three of them would tell where a visitor lives.
    """

    candidates: int
    """Members sampled for this place."""
    eligible: int
    """Members who could have been sampled."""
    excluded: dict[str, int]
    """Members who could not come, by reason."""
    far: bool | None
    """From far away, so that strictness is comparable across districts; unknown of substitutes."""
    load: int
    """Tasks of the visitor in this round after the draw."""
    position: int = 0
    """0 for the draw itself, 1 for the first substitute, and so on."""
    claimed: bool = False
    """Taken from the open pool by a member with room; chance chose the place."""


class TaskView(msgspec.Struct, frozen=True):
    """One task; ``visitor`` is the keyed link of this round, never a member."""

    id: int
    code: Code
    place_id: int
    round_id: int
    round_code: Code
    round_title: str
    round_title_en: str
    round_ends: datetime
    unit_id: int
    unit_code: Code
    unit_name: str
    unit_name_en: str
    peer_group: str
    window_id: int | None
    window_code: Code | None
    window_name: str
    window_name_en: str
    hall_name: str
    hall_name_en: str
    place: str
    hours: str
    mode: Mode
    errand: Errand
    state: TaskState
    form_key: str
    rulebook_code: Code
    visitor: str
    opens_at: datetime
    due_at: datetime
    """Last moment of the visit; the sheet follows within ``due_hours`` after it."""
    closes_at: datetime
    """After this moment no sheet is taken: the round's end with its days of grace."""
    due_hours: int
    answer_by: datetime | None
    offered_at: datetime
    briefed_at: datetime | None
    assigned_by: PersonId | None
    why: Why
    reason: str = ""
    note: str = ""
    district: str = ""
    recognised_at: datetime | None = None
    """Since when somebody at the window knows the visitor; the visit is open from then."""
    hidden: bool = False
    """Its place is not told to this reader now: names are empty, the district is left."""
    revisit: bool = False
    """It looks whether what was found is put right: its sheet asks that too."""

    @property
    def covert(self) -> bool:
        """Tell whether the window must not know who comes."""
        return self.mode is Mode.COVERT


class TaskCount(msgspec.Struct, frozen=True):
    """Tasks of a round in one state and mode."""

    mode: Mode
    state: TaskState
    count: int


class Offer(msgspec.Struct, frozen=True):
    """One task as the draw makes it."""

    place: Place
    visitor: str
    mode: Mode
    errand: Errand
    due_at: datetime
    why: Why
    pair: int = 0
    """Number of the blind double visit, on both its tasks; 0 for none."""


class Drawn(msgspec.Struct, frozen=True):
    """What a draw gives: tasks to offer, substitutes by place, and its record."""

    offers: tuple[Offer, ...]
    reserves: dict[str, tuple[str, ...]]
    record: str
    record_hash: str
    result_hash: str
    unmet: int
