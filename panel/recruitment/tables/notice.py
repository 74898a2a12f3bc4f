"""Tables of the public notice: who was noticed when, and the objections to it."""

from __future__ import annotations

from piccolo.columns import ForeignKey, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table

from panel.recruitment.tables.applications import Application
from panel.recruitment.tables.campaigns import Campaign
from panel.vault.tables import Person


class NoticeBatch(Table, tablename="notice_batch"):
    """The proposed members who were put on public notice together."""

    id: Serial
    campaign = ForeignKey(Campaign, null=False, default=None, index=True)
    number = Integer()
    opened_at = Timestamptz(default=None)
    closes_at = Timestamptz(default=None)
    calendar = Varchar(length=40, default="")
    once_per_number = Unique([campaign, number])


class Noticed(Table, tablename="noticed"):
    """One proposed member on public notice: for a seat, and instead of whom."""

    id: Serial
    batch = ForeignKey(NoticeBatch, null=False, default=None, index=True)
    application = ForeignKey(Application, null=False, default=None, unique=True)
    instead_of = Varchar(length=10, default="")
    state = Varchar(length=20, index=True)
    cohort = Integer(default=1)


class Objection(Table, tablename="objection"):
    """One objection to a proposed member, with its decision and reply; the text is sealed."""

    id: Serial
    code = Varchar(length=10, unique=True)
    campaign = ForeignKey(Campaign, null=False, default=None, index=True)
    application = ForeignKey(Application, null=True, default=None, index=True)
    person = ForeignKey(Person, null=False, default=None)
    ground = Varchar(length=40)
    text = Varchar(length=10, default="")
    key = Varchar(length=64, unique=True)
    body_digest = Varchar(length=64, default="")
    state = Varchar(length=20, index=True)
    filed_at = Timestamptz(default=None)
    decision = Varchar(length=20, default="")
    finding = Varchar(length=10, default="")
    reply = Varchar(length=10, default="")
    document = Text(default="")
    decided_at = Timestamptz(null=True, default=None)
    decided_by = Integer(null=True, default=None)
