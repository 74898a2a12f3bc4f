"""Table of the plans of years."""

from __future__ import annotations

from piccolo.columns import Integer, Serial, Text, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table


class YearPlan(Table, tablename="year_plan"):
    """One edition of a year's plan; a published one is never changed. Entries are JSON."""

    id: Serial
    year = Integer()
    edition = Integer(default=1)
    state = Varchar(length=10)
    basis = Text()
    document = Varchar(length=80)
    entries = Text(default="[]")
    change = Text(default="")
    written_by = Integer(null=True, default=None)
    written_at = Timestamptz(default=None)
    published_by = Integer(null=True, default=None)
    published_at = Timestamptz(null=True, default=None)
    revision = Integer(default=0)

    one_of_each_edition = Unique(["year", "edition"])
