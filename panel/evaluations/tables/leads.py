"""Tables of what members tell outside their sheets; who told it is a link of one month."""

from __future__ import annotations

from piccolo.columns import Bytea, Date, ForeignKey, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table

from panel.db import Index
from panel.roster.tables import Unit, Window


class Lead(Table, tablename="lead"):
    """A problem that a member saw outside a task; it is never scored."""

    id: Serial
    code = Varchar(length=10, unique=True)
    reporter = Varchar(length=64, index=True)
    state = Varchar(length=10)
    unit = ForeignKey(Unit, null=False, default=None, index=True)
    window = ForeignKey(Window, null=True, default=None)
    seen_on = Date(default=None)
    content = Text()
    """What was seen, encrypted."""
    share = Varchar(length=14)
    picture = Bytea(default=b"")
    """A picture made anew, encrypted; empty where there is none."""
    received_at = Timestamptz(default=None)
    due_at = Timestamptz(default=None)
    calendar = Varchar(length=40, default="")
    """Version of the working days by which the limit was counted."""
    taken_by = Integer(null=True, default=None)
    taken_at = Timestamptz(null=True, default=None)
    answer = Text(default="")
    """What the member is told, encrypted."""
    answered_by = Integer(null=True, default=None)
    answered_at = Timestamptz(null=True, default=None)
    finding = Varchar(length=10, default="")
    key = Varchar(length=64)
    """The same key gives the same lead again."""

    waiting = Index([state, due_at])
    one_per_key = Unique([reporter, key])


class InfluenceReport(Table, tablename="influence_report"):
    """Somebody tried to influence a member: for the discipline office alone.

    The task and the unit stand in the encrypted content only, so that no row joins a member's
    links of two rounds.
    """

    id: Serial
    code = Varchar(length=10, unique=True)
    reporter = Varchar(length=64, index=True)
    state = Varchar(length=10, index=True)
    content = Text()
    received_at = Timestamptz(default=None)
    opened_by = Integer(null=True, default=None)
    opened_at = Timestamptz(null=True, default=None)
    answer = Text(default="")
    """What the member is told, encrypted."""
    closed_by = Integer(null=True, default=None)
    closed_at = Timestamptz(null=True, default=None)
    key = Varchar(length=64)

    one_per_key = Unique([reporter, key])
