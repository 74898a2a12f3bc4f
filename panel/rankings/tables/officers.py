"""Tables of the officers' lists; names and texts lie in the vault, no column holds a visitor."""

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
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from panel.roster.tables import Officer
from panel.visits.tables import Round


class OfficerEdition(Table, tablename="officer_edition"):
    """One computing of the officers' figures; the result is canonical JSON, encrypted."""

    id: Serial
    round = ForeignKey(Round, null=False, default=None)
    number = Integer()
    rulebook = Varchar(length=10)
    method = Varchar(length=40)
    computed_by = Integer(null=True, default=None)
    computed_at = Timestamptz(default=None)
    input_hash = Varchar(length=64)
    attributed = Integer(default=0)
    unattributed = Integer(default=0)
    sealed = Text()
    listed_top = Integer(default=0)
    listed_bottom = Integer(default=0)
    """How many of each list were decided on: no list grows over its size."""

    one_of_each_number = Unique(["round", "number"])


class Commendation(Table, tablename="officer_commendation"):
    """A written commendation; it counts when a second person has seen the document."""

    id: Serial
    code = Varchar(length=10, unique=True)
    officer = ForeignKey(Officer, null=False, default=None, index=True)
    received_on = Date(default=None)
    document = Varchar(length=200)
    text = Varchar(length=10, default="")
    recorded_by = Integer(null=True, default=None)
    recorded_at = Timestamptz(default=None)
    verified_by = Integer(null=True, default=None)
    verified_at = Timestamptz(null=True, default=None)

    once_a_document = Unique(["officer", "document"])


class OfficerCase(Table, tablename="officer_case"):
    """One officer's case: proposed, checked, told, heard, voted on, decided, published or not."""

    id: Serial
    code = Varchar(length=10, unique=True)
    edition = ForeignKey(OfficerEdition, null=False, default=None)
    round = ForeignKey(Round, null=False, default=None)
    officer = ForeignKey(Officer, null=False, default=None)
    side = Varchar(length=10)
    evidence = Text()
    """Encrypted: beside a duty roster the findings would tell whose window was visited when."""
    state = Varchar(length=14, index=True)
    nominated_by = Integer(null=True, default=None)
    nominated_at = Timestamptz(default=None)
    checked_by = Integer(null=True, default=None)
    checked_at = Timestamptz(null=True, default=None)
    check_document = Varchar(length=200, default="")
    check_text = Varchar(length=10, default="")
    delivered_on = Date(null=True, default=None)
    notice_document = Varchar(length=200, default="")
    notified_by = Integer(null=True, default=None)
    hear_until = Timestamptz(null=True, default=None)
    heard_on = Date(null=True, default=None)
    hearing = Varchar(length=10, default="")
    hearing_document = Varchar(length=200, default="")
    hearing_text = Varchar(length=10, default="")
    heard_by = Integer(null=True, default=None)
    listed = Boolean(null=True, default=None)
    decided_on = Date(null=True, default=None)
    decision_document = Varchar(length=200, default="")
    decision_text = Varchar(length=10, default="")
    decided_by = Integer(null=True, default=None)
    decided_at = Timestamptz(null=True, default=None)
    told_on = Date(null=True, default=None)
    appeal_until = Timestamptz(null=True, default=None)
    appeal_text = Varchar(length=10, default="")
    """What the officer stated against the decision."""
    again_text = Varchar(length=10, default="")
    """Why the officer asked for a reconsideration."""
    overdue = Integer(default=0)
    """Whom a hearing that nobody recorded has reached so far."""
    level = Varchar(length=10, default="")
    approval = Varchar(length=200, default="")
    published_by = Integer(null=True, default=None)
    published_at = Timestamptz(null=True, default=None)
    end_document = Varchar(length=200, default="")
    end_text = Varchar(length=10, default="")

    once = Unique(["round", "officer"])


class RecordedVote(Table, tablename="recorded_vote"):
    """How a meeting voted on a case: who was entitled, who was there, what they said."""

    id: Serial
    case = ForeignKey(OfficerCase, null=False, default=None, unique=True)
    body = Varchar(length=200)
    held_on = Date(default=None)
    entitled = Integer()
    present = Integer()
    in_favour = Integer()
    against = Integer()
    abstained = Integer()
    carried = Boolean(default=False)
    document = Varchar(length=200)
    text = Varchar(length=10, default="")
    recorded_by = Integer(null=True, default=None)
    recorded_at = Timestamptz(default=None)

    present_are_entitled = Check((present >= 0) & (present <= entitled))


class OfficerMeasure(Table, tablename="officer_measure"):
    """A merit or warning proposed to the competent body, and its written answer."""

    id: Serial
    case = ForeignKey(OfficerCase, null=False, default=None, unique=True)
    kind = Varchar(length=10)
    body = Varchar(length=200)
    document = Varchar(length=200)
    text = Varchar(length=10, default="")
    sent_on = Date(default=None)
    sent_by = Integer(null=True, default=None)
    outcome = Varchar(length=10, default="")
    answer_document = Varchar(length=200, default="")
    answer_text = Varchar(length=10, default="")
    answered_on = Date(null=True, default=None)
    answered_by = Integer(null=True, default=None)
