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


class Preparation(msgspec.Struct, frozen=True):
    """Everything that is settled before the lists are made; all of it whole numbers and text.

    `panel` and `reserve` say by type how many places it gets in all lists together; `frames` are
    the bounds that each list's reserve keeps (size first, then every quota and group); `explicit`
    holds the panels of a pool of few types, which are found exactly. Chances are millionths:
    `bound` is the greatest possible smallest one (of those who can be chosen at all), `least` the
    smallest as it is dealt.
    """

    version: int
    library: str
    seed: str
    pool: str
    plan: DrawPlan
    lists: int
    panel: tuple[int, ...]
    reserve: tuple[int, ...]
    reserves: int
    frames: tuple[tuple[int, int], ...]
    explicit: tuple[tuple[int, ...], ...]
    bound: int
    least: int
    never: tuple[str, ...]
    always: tuple[str, ...]

    @property
    def seats(self) -> int:
        """Return how many people each list takes."""
        return self.plan.seats


class Sheaf(msgspec.Struct, frozen=True):
    """Some lists one after another: the types of their seats and of their reserves, sorted."""

    first: int
    panels: tuple[tuple[int, ...], ...]
    reserves: tuple[tuple[int, ...], ...]


class Book(msgspec.Struct, frozen=True):
    """All lists: tickets of the seats, sorted, and of the reserves, in order of moving up."""

    lists: tuple[tuple[str, ...], ...]
    reserves: tuple[tuple[str, ...], ...]


class Chance(msgspec.Struct, frozen=True):
    """What one ticket can expect, in millionths."""

    ticket: str
    seats: int
    reserve: int


class RosterProof(msgspec.Struct, frozen=True):
    """One applicant's proof of standing in the roster, as the own page gives it out."""

    ticket: str
    features: tuple[tuple[str, str], ...]
    eligible: bool
    salt: str
    index: int
    size: int
    path: tuple[str, ...]
    root: str


class Facts(msgspec.Struct, frozen=True):
    """What a published file says about how it came to be; hashes are SHA-256 in hex."""

    campaign: str
    criteria: str
    root: str
    applicants: int
    plan: DrawPlan
    relaxed: tuple[Relaxation, ...]
    method: str
    library: str
    seed: str
    sealed: str


class TicketLine(msgspec.Struct, frozen=True):
    """One ticket of the pool: its member category and on how many lists it stands."""

    ticket: str
    category: str
    seats: int
    reserve: int


class Document(msgspec.Struct, frozen=True):
    """A published file as read; `totals` holds, by list, how many keep each quota and group."""

    facts: Facts
    tickets: tuple[TicketLine, ...]
    book: Book
    totals: tuple[tuple[int, ...], ...]


class Check(msgspec.Struct, frozen=True):
    """One thing that was checked, and whether it holds."""

    code: str
    passed: bool
