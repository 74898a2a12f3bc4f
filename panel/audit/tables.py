"""Tables of the history; triggers of the migration refuse any change or removal."""

from __future__ import annotations

from piccolo.columns import ForeignKey, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.table import Table


class Entry(Table, tablename="audit_entry"):
    """One command."""

    id: Serial
    at = Timestamptz(default=None)
    command = Varchar(length=80)
    actor = Varchar(length=80)
    account = Integer(null=True, default=None)
    office = Varchar(length=120, default="")
    reason = Text(default="")
    document = Text(default="")
    detail = Text(default="{}")
    digest = Varchar(length=64)


class Link(Table, tablename="audit_link"):
    """One place of an entry in the hash chain."""

    id: Serial
    entry = ForeignKey(Entry, unique=True)
    sequence = Integer(unique=True)
    previous = Varchar(length=64)
    hash = Varchar(length=64)


class SealedRow(Table, tablename="audit_sealed_row"):
    """The keyed digest of a business row as a command left it."""

    id: Serial
    entry = ForeignKey(Entry)
    relation = Varchar(length=63, index=True)
    row = Integer(index=True)
    columns = Text()
    digest = Varchar(length=64)


class ChainUse(Table, tablename="audit_chain_use"):
    """Which draw a position of the organiser's chain was promised to, and when it was revealed."""

    id: Serial
    position = Integer(unique=True)
    purpose = Varchar(length=40)
    draw = Varchar(length=10, unique=True)
    committed_at = Timestamptz(default=None)
    revealed_at = Timestamptz(null=True, default=None)


class Instance(Table, tablename="instance"):
    """Facts about this very database: whose keys it belongs to."""

    id: Serial
    name = Varchar(length=40, unique=True)
    value = Varchar(length=120)
