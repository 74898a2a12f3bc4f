"""What the assignment of members to places takes and gives."""

from typing import Literal

import msgspec

Band = Literal["near", "far"]


class Visitor(msgspec.Struct, frozen=True):
    """A member who may be sent; places in micro-degrees, no name, no address.

    `recused` are units the member must not visit; `visited` are windows or units that rotation
    keeps the member away from; `home` are units where somebody of the same home may go instead.
    `load` counts the tasks the member already has, `cap` is the most.
    """

    member: str
    latitude: int | None
    longitude: int | None
    district: str
    cap: int
    load: int = 0
    recused: frozenset[str] = frozenset()
    visited: frozenset[str] = frozenset()
    home: frozenset[str] = frozenset()
    household: str = ""
    """Keyed hash that visitors of one home share."""


class Target(msgspec.Struct, frozen=True):
    """A window, or a unit without windows, with the number of visits it needs."""

    key: str
    unit: str
    latitude: int | None
    longitude: int | None
    district: str
    demand: int


class AssignmentRules(msgspec.Struct, frozen=True):
    """The published rules of an assignment.

    `far_metres` is where far begins; `least` is the load below which a member's case is explained;
    `per_unit` bounds one member's visits to one unit; `substitutes` are kept per target.
    """

    candidates: int = 30
    far_percent: int = 20
    far_metres: int = 15_000
    least: int = 1
    per_unit: int = 1
    substitutes: int = 10


class Assigned(msgspec.Struct, frozen=True):
    """One visit: who goes where, and whether from near or far."""

    target: str
    member: str
    band: Band


class Explained(msgspec.Struct, frozen=True):
    """How the visitors of one target were found: who was out for which reason, who was sampled.

    Every member is counted once: recused, rotation, full, home or eligible. `substitutes` stand in
    the order in which they step in.
    """

    target: str
    recused: int
    rotation: int
    full: int
    eligible: int
    candidates: int
    far_candidates: int
    substitutes: tuple[str, ...]
    home: int = 0


class Unmet(msgspec.Struct, frozen=True):
    """Visits that nobody can make: too few may come, or those who may have all they can do."""

    target: str
    missing: int
    reason: Literal["too_few_eligible", "no_capacity"]


class Underused(msgspec.Struct, frozen=True):
    """A member below the least load, and why."""

    member: str
    load: int
    reason: Literal["at_cap", "excluded_everywhere", "no_demand"]


class AssignmentRecord(msgspec.Struct, frozen=True):
    """An assignment with everything that is needed to make it again from the same input."""

    version: int
    method: str
    library: str
    seed: str
    input_hash: str
    rules: AssignmentRules
    assigned: tuple[Assigned, ...]
    explained: tuple[Explained, ...]
    unmet: tuple[Unmet, ...]
    underused: tuple[Underused, ...]
    far: int
    wanted: int
