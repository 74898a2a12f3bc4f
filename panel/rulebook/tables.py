"""Stored versions of the rulebook."""

from __future__ import annotations

from piccolo.columns import Integer, Serial, Text, Timestamptz, Varchar
from piccolo.table import Table

from panel.rulebook.types import DraftState, DryRunState, RulebookState


class Version(Table, tablename="rulebook_version"):
    """One version; ``content`` is canonical JSON and its SHA-256 is ``hash``."""

    id: Serial
    code = Varchar(length=10, unique=True)
    content = Text()
    hash = Varchar(length=64, unique=True)
    state = Varchar(length=12, default=RulebookState.PROPOSED.value)
    author = Integer(null=True, default=None)
    proposed_at = Timestamptz(default=None)
    approved_by = Integer(null=True, default=None)
    approved_at = Timestamptz(null=True, default=None)
    document = Varchar(length=200, default="")
    editors = Varchar(length=400, default="")
    """Everybody who wrote at it, by person, with commas: none of them approves."""
    reason = Text(default="")
    """Why the second person gave it back."""


class RulebookDraft(Table, tablename="rulebook_draft"):
    """Measures that are being written; ``content`` is canonical JSON that may still have faults."""

    id: Serial
    code = Varchar(length=10, unique=True)
    based_on = Varchar(length=10, default="")
    content = Text()
    revision = Integer(default=0)
    state = Varchar(length=12, default=DraftState.DRAFT.value)
    version = Varchar(length=10, default="")
    """The version it became when it was proposed."""
    author = Integer(null=True, default=None)
    editors = Varchar(length=400, default="")
    saved_at = Timestamptz(default=None)


class DryRun(Table, tablename="rulebook_dry_run"):
    """What would have changed in the last closed round under measures, known by their hash."""

    id: Serial
    hash = Varchar(length=64, unique=True)
    round = Varchar(length=10, default="")
    content = Text(default="")
    """The measures while they are still being tried."""
    state = Varchar(length=10, default=DryRunState.WAITING.value)
    done = Integer(default=0)
    total = Integer(default=0)
    result = Text(default="")
    at = Timestamptz(default=None)
