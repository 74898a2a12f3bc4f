"""Tables of vetting: verdicts, lists to offices and what they found, staff lists of units."""

from __future__ import annotations

from piccolo.columns import Boolean, Date, ForeignKey, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table

from panel.recruitment.tables.applications import Application
from panel.recruitment.tables.campaigns import Campaign


class Vetting(Table, tablename="application_vetting"):
    """One verdict on one application: a clerk's own, or an office's by its stamped reply."""

    id: Serial
    application = ForeignKey(Application, null=False, default=None, index=True)
    clerk = Integer()
    office = Varchar(length=120, default="")
    verdict = Varchar(length=10)
    reason = Varchar(length=40, default="")
    listed = Boolean(default=False)
    at = Timestamptz(default=None)
    once_per_clerk_and_office = Unique([application, clerk, office])


class VettingList(Table, tablename="vetting_list"):
    """One list that went to an office as a spreadsheet, and its stamped reply."""

    id: Serial
    code = Varchar(length=10, unique=True)
    campaign = ForeignKey(Campaign, null=False, default=None, index=True)
    office = Varchar(length=120)
    size = Integer()
    root = Varchar(length=64)
    state = Varchar(length=20)
    sent_at = Timestamptz(default=None)
    sent_by = Integer(null=True, default=None)
    returned_at = Timestamptz(null=True, default=None)
    returned_by = Integer(null=True, default=None)
    returned_office = Varchar(length=120, default="")
    document = Text(default="")


class Listed(Table, tablename="vetting_listed"):
    """One application on an office's list; a hit is decided by a person, the rest passes."""

    id: Serial
    sheet = ForeignKey(VettingList, null=False, default=None, index=True)
    application = ForeignKey(Application, null=False, default=None, index=True)
    hit = Varchar(length=40, default="")
    state = Varchar(length=20, default="")
    decided_by = Integer(null=True, default=None)
    decided_at = Timestamptz(null=True, default=None)
    once_per_list = Unique([sheet, application])


class StaffList(Table, tablename="staff_list"):
    """The staff of one evaluated unit as keyed hashes; a new list replaces the old one."""

    id: Serial
    unit = Varchar(length=10, index=True)
    size = Integer()
    current = Boolean(default=True)
    received_at = Timestamptz(default=None)
    received_by = Integer(null=True, default=None)


class StaffMark(Table, tablename="staff_mark"):
    """One person on a staff list: a keyed hash of the id number, and nothing else."""

    id: Serial
    sheet = ForeignKey(StaffList, null=False, default=None, index=True)
    mark = Varchar(length=64, index=True)


class StaffHit(Table, tablename="staff_hit"):
    """An applicant or member who stands on a unit's staff list, and what a person decided."""

    id: Serial
    kind = Varchar(length=20)
    subject = Varchar(length=10, index=True)
    unit = Varchar(length=10)
    quarter = Varchar(length=7)
    state = Varchar(length=20, index=True)
    found_at = Timestamptz(default=None)
    decided_by = Integer(null=True, default=None)
    decided_at = Timestamptz(null=True, default=None)
    note = Text(default="")
    once_per_quarter = Unique([kind, subject, unit, quarter])


class StaffCheck(Table, tablename="staff_check"):
    """One comparison of the staff lists with members and applicants."""

    id: Serial
    quarter = Varchar(length=7, unique=True)
    day = Date(default=None)
    lists = Integer()
    compared = Integer()
    hits = Integer()
