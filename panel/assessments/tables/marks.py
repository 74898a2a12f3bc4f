"""Tables of annual marks."""

from __future__ import annotations

from piccolo.columns import Boolean, ForeignKey, Integer, Serial, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table

from panel.roster.tables import Unit
from panel.visits.tables import Round


class Opening(Table, tablename="assessment_opening"):
    """A round whose published ranking entered its year; once."""

    id: Serial
    round = ForeignKey(Round, null=False, default=None, unique=True)
    year = Integer()
    opened_at = Timestamptz(default=None)


class Line(Table, tablename="assessment_line"):
    """One unit's line of a year; None marks a missing component."""

    id: Serial
    year = Integer()
    unit = ForeignKey(Unit, null=False, default=None)
    round = ForeignKey(Round, null=False, default=None)
    scope = Varchar(length=40, default="")
    snapshot = Varchar(length=10)
    rulebook_hash = Varchar(length=64)
    visits = Integer(null=True, default=None)
    collective = Integer(null=True, default=None)
    complaints = Integer(null=True, default=None)
    rectification = Integer(null=True, default=None)
    survey = Integer(null=True, default=None)
    deductions = Integer(null=True, default=None)
    total = Integer(null=True, default=None)
    present_percent = Integer()
    provisional = Boolean(default=True)
    place = Integer(null=True, default=None)
    place_from_below = Integer(null=True, default=None)
    ranked = Integer()
    eligibility = Varchar(length=10)

    once_a_year = Unique(["year", "unit"])
