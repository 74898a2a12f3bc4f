"""Runs of the lottery as pages and other contexts see them."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Final, TypeAlias

import msgspec

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
