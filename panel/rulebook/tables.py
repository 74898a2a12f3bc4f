"""Stored versions of the rulebook."""

from __future__ import annotations

from piccolo.columns import Integer, Serial, Text, Timestamptz, Varchar
from piccolo.table import Table

from panel.rulebook.types import RulebookState


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
