"""Tables of orders to rectify."""

from __future__ import annotations

from piccolo.columns import ForeignKey, Integer, Serial, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table

from panel.roster.tables import Unit
from panel.visits.tables import Round


class Order(Table, tablename="rectification_order"):
    """An order to rectify, acknowledged by the unit."""

    id: Serial
    code = Varchar(length=10, unique=True)
    year = Integer()
    unit = ForeignKey(Unit, null=False, default=None, index=True)
    round = ForeignKey(Round, null=False, default=None)
    scope = Varchar(length=40, default="")
    place = Integer()
    place_from_below = Integer()
    ranked = Integer()
    score = Integer()
    opened_at = Timestamptz(default=None)
    plan_due = Timestamptz(default=None)
    due = Timestamptz(default=None)
    state = Varchar(length=10)
    received_at = Timestamptz(null=True, default=None)
    received_by = Integer(null=True, default=None)

    once_a_round = Unique(["round", "unit"])
