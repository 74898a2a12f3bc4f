"""Table of approvals that were signed on paper: entered by one person, confirmed by another."""

from __future__ import annotations

from piccolo.columns import Date, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.table import Table

from panel.db import Index


class PaperEntry(Table, tablename="paper_entry"):
    """One leader's signature on paper, as one person read it; it counts when another confirms."""

    id: Serial
    code = Varchar(length=10, unique=True)
    act = Varchar(length=40)
    subject = Varchar(length=10, index=True)
    document = Text(default="")
    signer = Text(default="")
    signed_on = Date(default=None)
    scan = Varchar(length=64, default="")
    state = Varchar(length=20, index=True)
    entered_by = Integer()
    entered_at = Timestamptz(default=None)
    settled_by = Integer(null=True, default=None)
    settled_at = Timestamptz(null=True, default=None)

    one_waiting = Index(["act", "subject"], unique=True, where="state = 'waiting'")
