"""Tables of sheets on paper: the printed number, what two persons typed, the scans."""

from __future__ import annotations

from piccolo.columns import Bytea, Date, ForeignKey, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table

from panel.db import Index
from panel.evaluations.types import PaperState
from panel.visits.tables import Task


class PaperSheet(Table, tablename="paper_sheet"):
    """One printed sheet; it names its task, never a member, nor the moment of its printing.

    The look by which a sheet is printed for somebody has a time: one here would join the two.
    """

    id: Serial
    code = Varchar(length=10, unique=True)
    task = ForeignKey(Task, null=False, default=None, index=True)
    state = Varchar(length=10, index=True)
    printed_by = Integer()
    arrived_on = Date(null=True, default=None)
    """The day on which it was handed in."""
    first = Text(default="")
    """What the first person typed, encrypted."""
    first_by = Integer(null=True, default=None)
    first_at = Timestamptz(null=True, default=None)
    second = Text(default="")
    second_by = Integer(null=True, default=None)
    second_at = Timestamptz(null=True, default=None)
    spoilt_by = Integer(null=True, default=None)
    reason = Text(default="")
    sheet = Varchar(length=10, default="")
    """Code of the sheet as which it counts."""

    one_at_a_time = Index(
        [task],
        unique=True,
        where=f"state IN ('{PaperState.PRINTED}', '{PaperState.ENTERED}', '{PaperState.DIFFERS}')",
    )


class PaperScan(Table, tablename="paper_scan"):
    """One page of a paper sheet as it was handed in: made anew, encrypted."""

    id: Serial
    paper = ForeignKey(PaperSheet, null=False, default=None, index=True)
    page = Integer()
    media = Varchar(length=40)
    sealed = Bytea(default=b"")

    once = Unique([paper, page])
