"""Tables of what goes with a sheet as evidence; each row names its task, never a member."""

from __future__ import annotations

from piccolo.columns import Bytea, ForeignKey, Integer, Serial, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table

from panel.visits.tables import Task


class Photo(Table, tablename="sheet_photo"):
    """One picture that belongs to a visit, made anew and encrypted."""

    id: Serial
    code = Varchar(length=10, unique=True)
    task = ForeignKey(Task, null=False, default=None)
    item = Varchar(length=40, default="")
    """The item of the form beside which it was added; empty for the ticket."""
    key = Varchar(length=64)
    sealed = Bytea(default=b"")
    digest = Varchar(length=64, index=True)
    """Keyed digest of the picture, to notice the same one elsewhere."""
    size = Integer()
    kept_at = Timestamptz(default=None)

    one_per_key = Unique([task, key])


class Whereabouts(Table, tablename="sheet_whereabouts"):
    """Where a phone was when its visitor chose to add that; readers get the distance alone."""

    id: Serial
    task = ForeignKey(Task, null=False, default=None, unique=True)
    sealed = Bytea(default=b"")
    distance = Integer(null=True, default=None)
    """Metres to the hall, in steps of fifty; unknown where the hall has no place on the map."""
    kept_at = Timestamptz(default=None)
