"""Tables of the lottery: runs in slices, the published file, the announced number, the drawn."""

from __future__ import annotations

from piccolo.columns import Bytea, ForeignKey, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table

from panel.recruitment.tables.applications import Application
from panel.recruitment.tables.campaigns import Campaign


class FrozenPool(Table, tablename="lottery_pool"):
    """Who stood in a campaign's roster when screening was finished, so that nothing moves it."""

    id: Serial
    campaign = ForeignKey(Campaign, null=False, default=None, unique=True)
    root = Varchar(length=64)
    size = Integer()
    sealed_hash = Varchar(length=64)
    data = Bytea(default=b"")
    frozen_at = Timestamptz(default=None)


class Lottery(Table, tablename="lottery"):
    """One run: a test selection, or the real one with its published lists and their number."""

    id: Serial
    code = Varchar(length=10, unique=True)
    campaign = ForeignKey(Campaign, null=False, default=None, index=True)
    kind = Varchar(length=10)
    method = Varchar(length=20)
    state = Varchar(length=20, index=True)
    alive = Varchar(length=20, null=True, default=None, unique=True)
    seats = Integer()
    reserve = Integer()
    lists = Integer()
    plan = Text()
    relaxed = Text(default="[]")
    root = Varchar(length=64)
    applicants = Integer()
    pool = Integer()
    sealed_hash = Varchar(length=64, default="")
    seed = Varchar(length=64)
    people = Bytea(default=b"")
    preparation = Bytea(default=b"")
    done = Integer(default=0)
    error = Varchar(length=60, default="")
    detail = Text(default="")
    outlook = Text(default="")
    file = Bytea(default=b"")
    file_hash = Varchar(length=64, default="")
    reason = Text(default="")
    source = Text(default="")
    started_at = Timestamptz(default=None)
    started_by = Integer(null=True, default=None)
    listed_at = Timestamptz(null=True, default=None)
    published_at = Timestamptz(null=True, default=None)
    published_by = Integer(null=True, default=None)
    demand = Text(default="")
    value = Varchar(length=20, default="")
    number = Integer(null=True, default=None)
    document = Text(default="")
    drawn_at = Timestamptz(null=True, default=None)
    ended_at = Timestamptz(null=True, default=None)
    end_reason = Text(default="")


class Slice(Table, tablename="lottery_slice"):
    """Some lists of a run, kept as they are made, so that a stopped run goes on from there."""

    id: Serial
    lottery = ForeignKey(Lottery, null=False, default=None, index=True)
    first = Integer()
    size = Integer()
    data = Bytea(default=b"")
    once_per_place = Unique([lottery, first])


class NumberEntry(Table, tablename="lottery_number"):
    """What one person read as the announced number; two persons must have read the same."""

    id: Serial
    lottery = ForeignKey(Lottery, null=False, default=None, index=True)
    issue = Varchar(length=40)
    value = Varchar(length=20)
    document = Text(default="")
    person = Integer()
    at = Timestamptz(default=None)
    once_per_person = Unique([lottery, issue, person])


class Drawn(Table, tablename="lottery_selected"):
    """One drawn application: a seat or a place on the reserve list."""

    id: Serial
    lottery = ForeignKey(Lottery, null=False, default=None, index=True)
    application = ForeignKey(Application, null=False, default=None, unique=True)
    kind = Varchar(length=10)
    position = Integer()
    reason = Varchar(length=10, default="")
    once_per_place = Unique([lottery, kind, position])
