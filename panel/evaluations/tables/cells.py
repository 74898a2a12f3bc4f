"""The table that rankings are computed from: sums of counted sheets, never a sheet or a member."""

from __future__ import annotations

from piccolo.columns import BigInt, ForeignKey, Integer, Serial, Varchar
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from panel.roster.tables import Unit, Window
from panel.visits.tables import Round, RoundWindow


class CountedCell(Table, tablename="counted_cell"):
    """Number, sum and sum of squares of one visitor's counted sheets of one kind at one place.

    Scores are hundredths of a point. Written again from the sheets whenever one of them begins or
    ceases to count, so that a sheet that is withdrawn leaves no trace in the sums.
    """

    id: Serial
    round = ForeignKey(Round, null=False, default=None, index=True)
    place = ForeignKey(RoundWindow, null=False, default=None)
    unit = ForeignKey(Unit, null=False, default=None)
    window = ForeignKey(Window, null=True, default=None)
    visitor = Varchar(length=64)
    type = Varchar(length=60)
    """Form and manner of the visit: ``window:covert``."""
    n = Integer()
    total = BigInt()
    squares = BigInt()

    one_of_each = Unique(["place", "visitor", "type"])
    counts_something = Check(n > 0)
