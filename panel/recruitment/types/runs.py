"""Runs of the lottery as pages and other contexts see them."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Final, TypeAlias

import msgspec

from panel.ids import Code, PersonId
from panel.recruitment.types.lottery import DrawPlan, PoolEntry, Relaxation

LISTS: Final = 1000
"""Numbered lists of a real run: as many as a public three-digit lottery has numbers."""
CHOICE_COLUMNS: Final = ("报名号", "类别", "行政区", "性别", "年龄段", "席位", "理由")
"""Column titles of the sheet of the organiser's own choice."""
Features: TypeAlias = "tuple[tuple[str, str], ...]"


class RunKind(StrEnum):
    """A test selection that decides nothing, or the real one."""

    TEST = "test"
    REAL = "real"


class Method(StrEnum):
    """How seats are given."""

    LEXIMIN = "leximin"
    """As fair as the quotas allow, by numbered lists and an announced number."""
    STRATIFIED = "stratified"
    """Strata by category, lots inside each: for small panels."""
    ALL = "all"
    """Everybody eligible, where there are no more than seats."""
    ORGANISER = "organiser"
    """The organiser's choice with a written reason for each person."""


class RunState(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    LISTED = "listed"
    """The lists are made; only the office knows them."""
    PUBLISHED = "published"
    """The file is public; the number is not known yet."""
    DRAWN = "drawn"
    VOID = "void"
    CANCELLED = "cancelled"
    FAILED = "failed"


ALIVE: Final = (
    RunState.QUEUED,
    RunState.RUNNING,
    RunState.LISTED,
    RunState.PUBLISHED,
    RunState.DRAWN,
)
"""States of a run that still counts; a campaign has at most one such real run."""


class Frozen(msgspec.Struct, frozen=True):
    """The roster at the end of screening: hashes that anybody can be shown."""

    root: str
    size: int
    sealed_hash: str
    frozen_at: dt.datetime


class Serving(msgspec.Struct, frozen=True):
    """Who holds a seat: features for the quotas, keyed hashes against drawing them again."""

    features: tuple[Features, ...] = ()
    households: frozenset[str] = frozenset()
    marks: frozenset[str] = frozenset()


class SourceKind(StrEnum):
    """Where the number of the list comes from."""

    LOTTERY = "lottery"
    """An announced issue of a public three-digit lottery."""
    NOTARY = "notary"
    """A drawing of lots before a notary, by the deed."""


class Game(StrEnum):
    """Public lotteries that draw three digits every day."""

    FC3D = "fc3d"
    PL3 = "pl3"


class Source(msgspec.Struct, frozen=True):
    """What was announced about the number before anybody could know it.

    ``passed`` lists the issues that fell out, each with the written reason for the next one.
    """

    kind: SourceKind
    on: dt.date
    game: str = ""
    issue: str = ""
    office: str = ""
    place: str = ""
    passed: tuple[tuple[str, str], ...] = ()


class Reading(msgspec.Struct, frozen=True):
    """What one person read: the number, of which issue or in which deed."""

    issue: str
    value: str
    document: str = ""


class DemandKind(StrEnum):
    """What one person asks for and another must agree to."""

    VOID = "void"
    NEXT_ISSUE = "next_issue"


class Demand(msgspec.Struct, frozen=True):
    """A wish to void a run or to go on to the next issue, with its reason."""

    kind: DemandKind
    reason: str
    person: PersonId
    at: dt.datetime
    issue: str = ""
    on: dt.date | None = None


class Pick(msgspec.Struct, frozen=True):
    """One person of the organiser's choice: a seat or a reserve, and why."""

    ticket: str
    kind: str
    reason: str
    row: int = 0
    """Where it stands in its sheet."""


class Span(msgspec.Struct, frozen=True):
    """One quota with how many applied and the fewest and most seats that it has on any list."""

    name: str
    minimum: int
    maximum: int
    applicants: int
    fewest: int
    most: int


class Outlook(msgspec.Struct, frozen=True):
    """What the lists mean for people: chances in millionths, and who has none or certainty."""

    bound: int = 0
    """The greatest smallest chance that the quotas allow."""
    least: int = 0
    """The smallest chance of anybody who can be chosen at all, as it came out."""
    never: tuple[str, ...] = ()
    always: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()


class LotteryView(msgspec.Struct, frozen=True):
    """One run without its lists."""

    id: int
    code: Code
    campaign: Code
    kind: RunKind
    method: Method
    state: RunState
    seats: int
    reserve: int
    lists: int
    plan: DrawPlan
    relaxed: tuple[Relaxation, ...]
    root: str
    applicants: int
    pool: int
    sealed_hash: str
    seed: str
    done: int
    error: str
    detail: tuple[str, ...]
    outlook: Outlook | None
    file_hash: str
    reason: str
    source: Source | None
    started_at: dt.datetime
    started_by: PersonId | None
    listed_at: dt.datetime | None
    published_at: dt.datetime | None
    demand: Demand | None
    value: str
    number: int | None
    document: str
    drawn_at: dt.datetime | None
    ended_at: dt.datetime | None
    end_reason: str


class SelectedView(msgspec.Struct, frozen=True):
    """One place of a result: the ticket with its category, and nothing else about the person."""

    ticket: Code
    kind: str
    position: int
    category: str


class Mine(msgspec.Struct, frozen=True):
    """What an applicant may see of a run: the own features, their proof, and the lists."""

    ticket: Code
    features: Features
    eligible: bool
    proof: bytes
    """The inclusion proof, byte for byte the file that checkers read."""
    seats: tuple[str, ...] = ()
    """Numbers of the lists on which the ticket has a seat."""
    reserve: tuple[str, ...] = ()


class Weighing(msgspec.Struct, frozen=True, tag="weighing"):
    """A question: whether these quotas can be met by these people."""

    people: list[PoolEntry]
    plan: DrawPlan


class Work(msgspec.Struct, frozen=True, tag="work"):
    """One turn of a run: everything it needs and what was made before."""

    people: list[PoolEntry]
    plan: DrawPlan
    method: Method
    seed: str
    lists: int
    count: int
    """How many lists this turn makes at most."""
    preparation: bytes = b""
    slices: tuple[bytes, ...] = ()
    facts: bytes = b""


class Turn(msgspec.Struct, frozen=True):
    """What a turn made: the preparation, some more lists, and the file with the last of them."""

    refusal: str = ""
    detail: tuple[str, ...] = ()
    preparation: bytes = b""
    size: int = 0
    slice: bytes = b""
    file: bytes = b""
    outlook: Outlook | None = None
