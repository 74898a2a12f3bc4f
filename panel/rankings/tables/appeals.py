"""Tables of appeals: against a ranking, an annual mark, a decision on an officer."""

from __future__ import annotations

from piccolo.columns import Bytea, ForeignKey, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table

from panel.db import Index
from panel.roster.tables import Unit


class Appeal(Table, tablename="appeal"):
    """One appeal; what was said and decided is encrypted, and nobody's name stands here."""

    id: Serial
    code = Varchar(length=10, unique=True)
    kind = Varchar(length=12)
    subject = Varchar(length=40)
    """Code of what is appealed against: a round's, an assessment's, an officer case's."""
    edition = Integer(default=1)
    unit = ForeignKey(Unit, null=False, default=None, index=True)
    ground = Varchar(length=20)
    content = Text()
    """Statement and the leader who signed, encrypted."""
    document = Varchar(length=200)
    """Number of the signed paper."""
    handled_by = Text(default="[]")
    """People who took part in the matter, so that none of them decides (canonical JSON)."""
    rulebook = Varchar(length=10)
    filed_by = Integer(null=True, default=None)
    filed_at = Timestamptz(default=None)
    state = Varchar(length=16)
    instance = Integer(default=1)
    """2 from the request for a reconsideration on."""
    acknowledged_at = Timestamptz(null=True, default=None)
    inadmissible = Varchar(length=20, default="")
    reviewer = Integer(null=True, default=None)
    taken_at = Timestamptz(null=True, default=None)
    first_reviewer = Integer(null=True, default=None)
    """Who decided before the reconsideration."""
    due_at = Timestamptz(default=None)
    escalated_at = Timestamptz(null=True, default=None)
    told_head_at = Timestamptz(null=True, default=None)
    """When the lateness reached the leader's inbox too."""
    outcome = Varchar(length=10, default="")
    reasons = Text(default="")
    """Written reasons as the unit reads them, encrypted."""
    decided_at = Timestamptz(null=True, default=None)
    first_outcome = Varchar(length=10, default="")
    first_reasons = Text(default="")
    first_decided_at = Timestamptz(null=True, default=None)
    reconsider_by = Timestamptz(null=True, default=None)
    again = Text(default="")
    """Why a reconsideration is asked for, encrypted."""
    applied_at = Timestamptz(null=True, default=None)
    applied_edition = Integer(null=True, default=None)
    revision = Integer(default=1)

    once_an_edition = Unique(["kind", "subject", "unit", "edition"])
    by_state = Index([state, due_at])


class AppealFile(Table, tablename="appeal_file"):
    """A picture that belongs to an appeal, made anew and encrypted."""

    id: Serial
    code = Varchar(length=10, unique=True)
    appeal = ForeignKey(Appeal, null=False, default=None, index=True)
    media = Varchar(length=40)
    sealed = Bytea(default=b"")
    at = Timestamptz(default=None)


class AppealSheet(Table, tablename="appeal_sheet"):
    """A sheet that a decision asks to be void; the reviewing office does it by two persons."""

    id: Serial
    appeal = ForeignKey(Appeal, null=False, default=None, index=True)
    sheet = Varchar(length=10)
    reason = Varchar(length=40)

    once = Unique(["appeal", "sheet"])


class AppealStep(Table, tablename="appeal_step"):
    """One step in the course of an appeal, for its page; the history itself is the audit."""

    id: Serial
    appeal = ForeignKey(Appeal, null=False, default=None, index=True)
    step = Varchar(length=20)
    at = Timestamptz(default=None)
    by = Varchar(length=80, default="")
    text = Text(default="")
