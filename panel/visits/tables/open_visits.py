"""Tables of open visits: the notice beforehand, the check-in at the window."""

from __future__ import annotations

from piccolo.columns import Date, ForeignKey, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.table import Table

from panel.db import Index
from panel.visits.tables.rounds import Round, Task


class OpenNotice(Table, tablename="open_notice"):
    """What the units of a round are told before open visits; texts are canonical JSON."""

    id: Serial
    code = Varchar(length=10, unique=True)
    round = ForeignKey(Round, null=False, default=None)
    texts = Text()
    texts_en = Text(default="")
    posted_on = Date(default=None)
    posted_by = Integer()
    withdrawn_by = Integer(null=True, default=None)
    withdrawn_at = Timestamptz(null=True, default=None)

    one_in_force = Index(["round"], unique=True, where="withdrawn_at IS NULL")


class CheckIn(Table, tablename="visit_check_in"):
    """An open visitor scanned the window's code; there is no such row of a covert task."""

    id: Serial
    task = ForeignKey(Task, null=False, default=None, unique=True)
    at = Timestamptz(default=None)
