"""Tables of findings; a finding names its sheet, never a member."""

from __future__ import annotations

from piccolo.columns import (
    Boolean,
    Bytea,
    Date,
    ForeignKey,
    Integer,
    Serial,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from panel.db import Index
from panel.evaluations.tables.sheets import Submission
from panel.roster.tables import Unit, Window


class Finding(Table, tablename="finding"):
    """One finding; ``facts`` is encrypted, ``told`` is what the unit reads."""

    id: Serial
    code = Varchar(length=10, unique=True)
    source = Varchar(length=10)
    sheet = ForeignKey(Submission, null=True, default=None)
    lead = Varchar(length=10, default="", index=True)
    unit = ForeignKey(Unit, null=False, default=None)
    window = ForeignKey(Window, null=True, default=None)
    item = Varchar(length=20, default="")
    veto = Varchar(length=20, default="")
    sealed = Boolean(default=False)
    rulebook = Varchar(length=10)
    form_key = Varchar(length=40, default="")
    month = Date(null=True, default=None)
    share = Varchar(length=14)
    state = Varchar(length=16)
    outcome = Varchar(length=12, default="")
    severity = Integer(default=0)
    facts = Text(default="")
    told = Text(default="")
    frozen = Boolean(default=False)
    noted_by = Integer(null=True, default=None)
    noted_at = Timestamptz(default=None)
    handler = Integer(null=True, default=None)
    sent_at = Timestamptz(null=True, default=None)
    visible_at = Timestamptz(null=True, default=None)
    received_at = Timestamptz(null=True, default=None)
    receipt_document = Varchar(length=200, default="")
    outcome_text = Text(default="")
    concluded_by = Integer(null=True, default=None)
    concluded_at = Timestamptz(null=True, default=None)
    veto_by = Integer(null=True, default=None)
    order_text = Text(default="")
    report = Text(default="")
    report_file = Varchar(length=10, default="")
    reported_at = Timestamptz(null=True, default=None)
    rectified_by = Varchar(length=200, default="")
    within = Varchar(length=10, default="", index=True)
    """Code of the order to rectify that it is an item of; its re-visit settles it."""
    revision = Integer(default=1)

    once_an_item = Unique([sheet, item])
    severity_is_a_step = Check((severity >= 0) & (severity <= 4))  # noqa: PLR2004
    of_a_unit = Index([unit, visible_at])
    by_state = Index([state, noted_at])


class Evidence(Table, tablename="finding_evidence"):
    """One item of evidence; the note is encrypted."""

    id: Serial
    finding = ForeignKey(Finding, null=False, default=None, index=True)
    kind = Varchar(length=10)
    sheet = ForeignKey(Submission, null=True, default=None, index=True)
    note = Text(default="")
    file = Varchar(length=10, default="")
    by = Integer(null=True, default=None)
    at = Timestamptz(default=None)


class FindingReply(Table, tablename="finding_reply"):
    """What the unit answered, once; a silence is recorded too."""

    id: Serial
    finding = ForeignKey(Finding, null=False, default=None, unique=True)
    stance = Varchar(length=10)
    text = Text(default="")
    file = Varchar(length=10, default="")
    by = Integer(null=True, default=None)
    at = Timestamptz(default=None)
    late = Boolean(default=False)


class FindingClock(Table, tablename="finding_clock"):
    """One deadline; ``run_at`` is when it next reaches somebody's desk."""

    id: Serial
    finding = ForeignKey(Finding, null=False, default=None, index=True)
    kind = Varchar(length=10)
    about = Varchar(length=10, default="")
    state = Varchar(length=10)
    started_at = Timestamptz(default=None)
    soft_at = Timestamptz(default=None)
    due_at = Timestamptz(default=None)
    run_at = Timestamptz(null=True, default=None)
    paused_at = Timestamptz(null=True, default=None)
    paused_seconds = Integer(default=0)
    extensions = Integer(default=0)
    level = Integer(default=0)
    calendar_version = Varchar(length=40, default="")

    due = Index([state, run_at])
    one_of_a_kind = Unique([finding, kind, about, started_at])


class FindingStep(Table, tablename="finding_step"):
    """One step in the course of a finding, for its page; the history itself is the audit."""

    id: Serial
    finding = ForeignKey(Finding, null=False, default=None, index=True)
    step = Varchar(length=20)
    at = Timestamptz(default=None)
    by = Varchar(length=80, default="")
    text = Text(default="")
    document = Varchar(length=200, default="")


class FindingFile(Table, tablename="finding_file"):
    """A picture of a paper, made anew and encrypted."""

    id: Serial
    code = Varchar(length=10, unique=True)
    finding = ForeignKey(Finding, null=False, default=None, index=True)
    from_unit = Boolean(default=False)
    media = Varchar(length=40)
    sealed = Bytea(default=b"")
    at = Timestamptz(default=None)
