"""Batches of results for the units; a cell knows its sheets, never who filled them in."""

from __future__ import annotations

from piccolo.columns import Boolean, Date, ForeignKey, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.table import Table

from panel.roster.tables import Unit


class ResultRelease(Table, tablename="result_release"):
    """One batch: made by one person, released by another, told on a fixed day."""

    id: Serial
    code = Varchar(length=10, unique=True)
    state = Varchar(length=10, index=True)
    made_at = Timestamptz(default=None)
    made_by = Integer()
    released_at = Timestamptz(null=True, default=None)
    released_by = Integer(null=True, default=None)
    visible_from = Timestamptz(null=True, default=None)


class ResultCell(Table, tablename="result_cell"):
    """Results of one unit over some months, from enough visitors; lists are canonical JSON."""

    id: Serial
    release = ForeignKey(ResultRelease, null=False, default=None, index=True)
    unit = ForeignKey(Unit, null=False, default=None, index=True)
    whole = Boolean(default=False)
    span = Varchar(length=10)
    since = Date(default=None)
    until = Date(default=None)
    sheets = Text()
    visits = Integer()
    visitors = Integer()
    score = Integer()
    sections = Text(default="[]")
    rulebook = Varchar(length=10)
    form_key = Varchar(length=40)


class ResultComment(Table, tablename="result_comment"):
    """One comment of a cell: the original encrypted, beside it what a person lets the unit read."""

    id: Serial
    code = Varchar(length=10, unique=True)
    cell = ForeignKey(ResultCell, null=False, default=None, index=True)
    sealed = Text()
    state = Varchar(length=10, index=True)
    text = Text(default="")
    decided_by = Integer(null=True, default=None)
    decided_at = Timestamptz(null=True, default=None)
