"""Table of archive packages."""

from __future__ import annotations

from piccolo.columns import Bytea, ForeignKey, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.table import Table

from panel.visits.tables import Round


class ArchivePackage(Table, tablename="archive_package"):
    """One package of a round, made by a worker; the file goes when a later one is there."""

    id: Serial
    code = Varchar(length=10, unique=True)
    round = ForeignKey(Round, null=False, default=None, index=True)
    state = Varchar(length=10, index=True)
    done = Integer(default=0)
    total = Integer()
    size = Integer(default=0)
    hash = Varchar(length=64, default="")
    checklist = Text(default="[]")
    files = Text(default="[]")
    sealed = Bytea(null=True, default=None)
    """The package itself, encrypted."""
    started_at = Timestamptz(default=None)
    finished_at = Timestamptz(null=True, default=None)
