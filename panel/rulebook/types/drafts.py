"""Measures that are being written, and their trial on the sheets of the last round."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

import msgspec

from panel.errors import Fault
from panel.ids import Code, PersonId
from panel.rulebook.types.measures import Rulebook


class DraftState(StrEnum):
    """How far a draft is; what it became stands frozen in a version."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    PUBLISHED = "published"
    DISCARDED = "discarded"


class DraftView(msgspec.Struct, frozen=True):
    """A draft with the faults that keep it from being proposed."""

    code: Code
    based_on: Code | None
    rulebook: Rulebook
    hash: str
    revision: int
    state: DraftState
    version: Code | None
    author: PersonId | None
    editors: frozenset[PersonId]
    saved_at: dt.datetime
    faults: tuple[Fault, ...] = ()


class DryRunState(StrEnum):
    """Whether a trial is over."""

    WAITING = "waiting"
    DONE = "done"


class DryRunView(msgspec.Struct, frozen=True):
    """A trial of measures; ``result`` is the JSON that the context of sheets wrote."""

    hash: str
    round: Code | None
    """None where no round was closed yet."""
    state: DryRunState
    done: int
    total: int
    result: str
    at: dt.datetime


class Change(msgspec.Struct, frozen=True):
    """One value that differs between two versions; empty where it stands in one of them alone."""

    path: str
    before: str
    after: str
