"""Tables of what happens in a term: proceedings, renewals, wishes about own data.

Free texts are sealed attachments of the person; here stand their codes.
"""

from __future__ import annotations

from piccolo.columns import Date, ForeignKey, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.table import Table

from panel.db import Index
from panel.vault.tables import Person


class Proceeding(Table, tablename="member_proceeding"):
    """A suspension with the member's reply, and the dismissal that may follow from it."""

    id: Serial
    code = Varchar(length=10, unique=True)
    member = Varchar(length=10, index=True)
    person = ForeignKey(Person, null=False, default=None, index=True)
    ground = Varchar(length=40)
    state = Varchar(length=20, index=True)
    reason = Varchar(length=10, default="")
    opened_at = Timestamptz(default=None)
    opened_by = Integer(null=True, default=None)
    reply_until = Timestamptz(default=None)
    reply = Varchar(length=10, default="")
    replied_at = Timestamptz(null=True, default=None)
    hearing_on = Date(null=True, default=None)
    heard_on = Date(null=True, default=None)
    hearing = Varchar(length=10, default="")
    document = Text(default="")
    first_approver = Integer(null=True, default=None)
    first_at = Timestamptz(null=True, default=None)
    second_approver = Integer(null=True, default=None)
    second_at = Timestamptz(null=True, default=None)
    paper = Text(default="")
    ended_at = Timestamptz(null=True, default=None)
    ended_by = Integer(null=True, default=None)
    outcome = Varchar(length=10, default="")

    one_open = Index(["member"], unique=True, where="state = 'open'")


class Renewal(Table, tablename="member_renewal"):
    """A member's wish to go on for another term, and the decision."""

    id: Serial
    code = Varchar(length=10, unique=True)
    member = Varchar(length=10, unique=True)
    person = ForeignKey(Person, null=False, default=None, index=True)
    state = Varchar(length=20, index=True)
    asked_at = Timestamptz(default=None)
    decided_at = Timestamptz(null=True, default=None)
    decided_by = Integer(null=True, default=None)
    reason = Varchar(length=10, default="")
    renewed = Varchar(length=10, default="")


class Correction(Table, tablename="data_correction"):
    """A person's wish to have own data corrected or erased, and what was done."""

    id: Serial
    code = Varchar(length=10, unique=True)
    person = ForeignKey(Person, null=False, default=None, index=True)
    kind = Varchar(length=20)
    field = Varchar(length=20, default="")
    text = Varchar(length=10, default="")
    state = Varchar(length=20, index=True)
    asked_at = Timestamptz(default=None)
    decided_at = Timestamptz(null=True, default=None)
    decided_by = Integer(null=True, default=None)
    reason = Varchar(length=10, default="")

    one_asked = Index(["person", "field"], unique=True, where="state = 'asked'")
