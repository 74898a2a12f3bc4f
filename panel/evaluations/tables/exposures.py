"""Tables of letters to competent bodies and of what is made public."""

from __future__ import annotations

from piccolo.columns import ForeignKey, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.table import Table

from panel.db import Index
from panel.evaluations.tables.findings import Finding


class Transfer(Table, tablename="finding_transfer"):
    """A matter passed to a competent body, with its receipt and written outcome."""

    id: Serial
    code = Varchar(length=10, unique=True)
    finding = ForeignKey(Finding, null=False, default=None, index=True)
    body = Varchar(length=80)
    document = Varchar(length=200, default="")
    state = Varchar(length=10)
    made_by = Integer(null=True, default=None)
    made_at = Timestamptz(default=None)
    due_at = Timestamptz(default=None)
    received_at = Timestamptz(null=True, default=None)
    receipt = Varchar(length=200, default="")
    outcome = Text(default="")
    outcome_document = Varchar(length=200, default="")
    answered_at = Timestamptz(null=True, default=None)


class Exposure(Table, tablename="exposure"):
    """A text for everybody; once public it is never changed, only added to."""

    id: Serial
    code = Varchar(length=10, unique=True)
    finding = ForeignKey(Finding, null=False, default=None, index=True)
    state = Varchar(length=10)
    title = Varchar(length=120)
    text = Text()
    reply_shown = Text(default="")
    checked = Text(default="[]")
    proposed_by = Integer(null=True, default=None)
    proposed_at = Timestamptz(default=None)
    decided_by = Integer(null=True, default=None)
    exposed_at = Timestamptz(null=True, default=None)
    named_until = Timestamptz(null=True, default=None)
    refusal = Text(default="")

    public = Index([state, exposed_at])
    one_at_a_time = Index([finding], unique=True, where="state IN ('proposed', 'exposed')")


class ExposureNote(Table, tablename="exposure_note"):
    """An update, correction or withdrawal on a public page."""

    id: Serial
    exposure = ForeignKey(Exposure, null=False, default=None, index=True)
    kind = Varchar(length=12)
    text = Text()
    by = Integer(null=True, default=None)
    at = Timestamptz(default=None)
