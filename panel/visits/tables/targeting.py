"""Complaint numbers that lead to targeted evaluations."""

from __future__ import annotations

from piccolo.columns import Date, ForeignKey, Integer, Serial, Timestamptz, Varchar
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from panel.roster.tables import Unit


class ComplaintCount(Table, tablename="complaint_count"):
    """How many complaints about a unit came in and were upheld in one month: numbers alone."""

    id: Serial
    unit = ForeignKey(Unit, null=False, default=None)
    month = Date(default=None, index=True)
    received = Integer()
    upheld = Integer()
    transactions = Integer(default=0)
    entered_by = Varchar(length=60)
    at = Timestamptz(default=None)

    once_a_month = Unique([unit, month])
    not_negative = Check((received >= 0) & (upheld >= 0) & (transactions >= 0))
