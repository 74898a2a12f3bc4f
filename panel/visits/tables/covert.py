"""Looks at covert visits before they are made; auditors read them."""

from __future__ import annotations

from piccolo.columns import ForeignKey, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.table import Table

from panel.visits.tables.rounds import Round


class CovertLook(Table, tablename="covert_look"):
    """One permission that somebody took to read a round's covert visits, with its reason."""

    id: Serial
    round = ForeignKey(Round, null=False, default=None, index=True)
    person = Integer()
    name = Varchar(length=60)
    office = Varchar(length=120, default="")
    reason = Text()
    at = Timestamptz(default=None)
    until = Timestamptz(default=None)
    pages = Integer(default=0)
