"""Tables of the earlier way of drawing; they go when the lottery takes their place."""

from __future__ import annotations

from piccolo.columns import ForeignKey, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table

from panel.recruitment.tables.applications import Application
from panel.recruitment.tables.campaigns import Campaign


class Draw(Table, tablename="panel_draw"):
    """A draw of seats: what was committed beforehand, and its record once it was drawn."""

    id: Serial
    code = Varchar(length=10, unique=True)
    campaign = ForeignKey(Campaign, null=False, default=None, unique=True)
    state = Varchar(length=20)
    root = Varchar(length=64)
    pool = Integer()
    seats = Integer()
    reserve = Integer()
    plan = Text()
    relaxed = Text(default="[]")
    commitment = Varchar(length=64)
    position = Integer()
    anchor = Varchar(length=64)
    committed_at = Timestamptz(default=None)
    committed_by = Integer(null=True, default=None)
    chain_code = Varchar(length=64, default="")
    seed = Varchar(length=64, default="")
    record = Text(default="")
    record_hash = Varchar(length=64, default="")
    drawn_at = Timestamptz(null=True, default=None)
    drawn_by = Integer(null=True, default=None)
    appointed_at = Timestamptz(null=True, default=None)


class Chosen(Table, tablename="panel_selected"):
    """One drawn application: a seat or a place on the reserve list."""

    id: Serial
    draw = ForeignKey(Draw, null=False, default=None, index=True)
    application = ForeignKey(Application, null=False, default=None, unique=True)
    kind = Varchar(length=10)
    position = Integer()
    once_per_place = Unique([draw, kind, position])
