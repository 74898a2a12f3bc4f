"""Tables of seats and recusals."""

from __future__ import annotations

from piccolo.columns import Date, ForeignKey, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table

from panel.vault.tables import Person


class Member(Table, tablename="member"):
    """One person's term on the panel; a renewed term is another row."""

    id: Serial
    code = Varchar(length=10, unique=True)
    person = ForeignKey(Person, null=False, default=None, index=True)
    category = Varchar(length=40)
    district = Varchar(length=60)
    sex = Varchar(length=10)
    age_band = Varchar(length=20)
    latitude = Integer(null=True, default=None)
    longitude = Integer(null=True, default=None)
    campaign = Varchar(length=10, index=True)
    state = Varchar(length=20)
    term_start = Date(default=None)
    term_end = Date(default=None)
    trained_on = Date(null=True, default=None)
    pledged_on = Date(null=True, default=None)
    pledge = Varchar(length=40, default="")
    left_at = Timestamptz(null=True, default=None)
    reason = Text(default="")
    one_term_per_campaign = Unique([person, campaign])


class Exclusion(Table, tablename="member_exclusion"):
    """A unit that a member does not judge; the unit never learns why."""

    id: Serial
    member = ForeignKey(Member, null=False, default=None, index=True)
    unit = Varchar(length=10, index=True)
    kind = Varchar(length=20)
    since = Timestamptz(default=None)
    once_per_kind = Unique([member, unit, kind])
