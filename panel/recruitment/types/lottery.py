"""What the draw of the panel takes and gives."""

import msgspec


class PoolEntry(msgspec.Struct, frozen=True):
    """An eligible applicant as the draw sees one: a ticket, features, and nothing else.

    `household` is any key that people at one address share; `salt` hides the features in the
    pool's published root.
    """

    ticket: str
    features: tuple[tuple[str, str], ...]
    household: str | None = None
    salt: str = ""


class RosterEntry(msgspec.Struct, frozen=True):
    """An application as the published root commits to it, eligible or not."""

    ticket: str
    features: tuple[tuple[str, str], ...]
    eligible: bool
    salt: str
    household: str | None = None


class Quota(msgspec.Struct, frozen=True):
    """How many of the chosen carry one value of one feature, bounds included."""

    feature: str
    value: str
    minimum: int
    maximum: int
    hard: bool = False

    @property
    def name(self) -> str:
        """Return the name under which the quota is explained."""
        return f"{self.feature}:{self.value}"


class GroupQuota(msgspec.Struct, frozen=True):
    """How many of the chosen carry any of several values; a hard one is never relaxed."""

    name: str
    feature: str
    values: tuple[str, ...]
    minimum: int
    hard: bool = True


class DrawPlan(msgspec.Struct, frozen=True):
    """What is fixed and published before the draw."""

    seats: int
    reserves: int
    quotas: tuple[Quota, ...] = ()
    groups: tuple[GroupQuota, ...] = ()


class Total(msgspec.Struct, frozen=True):
    """One quota's bounds with how many applied and how many were chosen."""

    name: str
    minimum: int
    maximum: int
    applicants: int
    chosen: int


class DrawRecord(msgspec.Struct, frozen=True):
    """A draw with everything that is needed to do it again from the same pool.

    `chosen` is sorted by ticket; `reserves` stand in the order in which they move up.
    """

    version: int
    method: str
    library: str
    seed: str
    pool_root: str
    applicants: int
    plan: DrawPlan
    chosen: tuple[str, ...]
    reserves: tuple[str, ...]
    totals: tuple[Total, ...]


class Available(msgspec.Struct, frozen=True):
    """One quota's bounds and the applicants that could fill it (one per shared address)."""

    name: str
    minimum: int
    maximum: int
    applicants: int
    reachable: int
    hard: bool


class Relaxation(msgspec.Struct, frozen=True):
    """One step of the smallest change that makes a panel possible."""

    name: str
    bound: str
    """`minimum` or `maximum`."""
    before: int
    after: int


class Feasibility(msgspec.Struct, frozen=True):
    """Whether a panel exists, and if not, why and what would be enough.

    `impossible` names what stands in the way and is never relaxed (`seats` when there are too few
    people); `relaxations` touch soft quotas only; `never` lists the tickets that no permitted
    panel contains.
    """

    possible: bool
    seats: int
    applicants: int
    reachable: int
    available: tuple[Available, ...]
    impossible: tuple[str, ...] = ()
    relaxations: tuple[Relaxation, ...] = ()
    never: tuple[str, ...] = ()
