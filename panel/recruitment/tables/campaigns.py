"""Tables of campaigns and their periods of application."""

from __future__ import annotations

from piccolo.columns import Boolean, Date, ForeignKey, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table


class Campaign(Table, tablename="campaign"):
    """One public recruitment; what was announced is frozen in ``criteria`` and its hash."""

    id: Serial
    code = Varchar(length=10, unique=True)
    kind = Varchar(length=20, default="panel")
    title = Varchar(length=200)
    title_en = Varchar(length=200, default="")
    seats = Integer()
    reserve = Integer()
    cohorts = Integer(default=1)
    opens_at = Timestamptz(default=None)
    closes_at = Timestamptz(default=None)
    conditions = Text()
    conditions_en = Text(default="")
    privacy = Text()
    privacy_en = Text(default="")
    term_start = Date(default=None)
    term_months = Integer()
    two_offices = Boolean(default=False)
    rulebook = Varchar(length=10)
    criteria = Text(default="")
    criteria_hash = Varchar(length=64, default="")
    state = Varchar(length=20, index=True)
    author = Integer(null=True, default=None)
    created_at = Timestamptz(default=None)
    approver = Integer(null=True, default=None)
    document = Text(default="")
    announced_at = Timestamptz(null=True, default=None)
    pool_root = Varchar(length=64, default="")
    pool_size = Integer(default=0)
    sealed_hash = Varchar(length=64, default="")
    completed_at = Timestamptz(null=True, default=None)
    cancelled_at = Timestamptz(null=True, default=None)
    cancelled_for = Text(default="")


class Period(Table, tablename="campaign_period"):
    """One span in which people may apply: the first one, an extension, a second period."""

    id: Serial
    campaign = ForeignKey(Campaign, null=False, default=None, index=True)
    number = Integer()
    kind = Varchar(length=20)
    opens_at = Timestamptz(default=None)
    closes_at = Timestamptz(default=None)
    reason = Text(default="")
    document = Text(default="")
    decided_at = Timestamptz(default=None)
    decided_by = Integer(null=True, default=None)
    once_per_number = Unique([campaign, number])
