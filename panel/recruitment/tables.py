"""Tables of campaigns, applications, screening and draws."""

from __future__ import annotations

from piccolo.columns import (
    Boolean,
    Date,
    ForeignKey,
    Integer,
    Serial,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Unique
from piccolo.table import Table

from panel.vault.tables import Person


class Campaign(Table, tablename="campaign"):
    """One public recruitment; what was announced is frozen in ``criteria`` and its hash."""

    id: Serial
    code = Varchar(length=10, unique=True)
    title = Varchar(length=200)
    title_en = Varchar(length=200, default="")
    seats = Integer()
    reserve = Integer()
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


class Application(Table, tablename="application"):
    """One person's application; ``code`` is the ticket number."""

    id: Serial
    code = Varchar(length=10, unique=True)
    campaign = ForeignKey(Campaign, null=False, default=None, index=True)
    person = ForeignKey(Person, null=False, default=None, unique=True)
    key = Varchar(length=64)
    body_digest = Varchar(length=64)
    channel = Varchar(length=20)
    category = Varchar(length=40)
    district = Varchar(length=60)
    sex = Varchar(length=10)
    birth_year = Integer()
    age_band = Varchar(length=20)
    occupation = Varchar(length=60, default="")
    latitude = Integer(null=True, default=None)
    longitude = Integer(null=True, default=None)
    household = Varchar(length=64)
    exclusions = Text(default="[]")
    salt = Varchar(length=32)
    state = Varchar(length=20, index=True)
    reason = Varchar(length=40, default="")
    received_at = Timestamptz(default=None)
    one_receipt_per_key = Unique([campaign, key])


class Vetting(Table, tablename="application_vetting"):
    """One clerk's verdict on one application."""

    id: Serial
    application = ForeignKey(Application, null=False, default=None, index=True)
    clerk = Integer()
    office = Varchar(length=120, default="")
    verdict = Varchar(length=10)
    reason = Varchar(length=40, default="")
    at = Timestamptz(default=None)
    once_per_clerk = Unique([application, clerk])


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


class Selected(Table, tablename="panel_selected"):
    """One drawn application: a seat or a place on the reserve list."""

    id: Serial
    draw = ForeignKey(Draw, null=False, default=None, index=True)
    application = ForeignKey(Application, null=False, default=None, unique=True)
    kind = Varchar(length=10)
    position = Integer()
    once_per_place = Unique([draw, kind, position])
