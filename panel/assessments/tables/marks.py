"""Tables of annual marks and of what follows from them."""

from __future__ import annotations

from piccolo.columns import Boolean, ForeignKey, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table

from panel.assessments.types import YearState
from panel.roster.tables import Unit
from panel.visits.tables import Round


class Opening(Table, tablename="assessment_opening"):
    """A round whose published ranking entered its year; once for each edition."""

    id: Serial
    round = ForeignKey(Round, null=False, default=None)
    edition = Integer(default=1)
    year = Integer()
    opened_at = Timestamptz(default=None)

    once = Unique(["round", "edition"])


class AssessmentYear(Table, tablename="assessment_year"):
    """One year with the measures whose formula it is bound to, and how far it is."""

    id: Serial
    year = Integer(unique=True)
    rulebook = Varchar(length=10)
    rulebook_hash = Varchar(length=64)
    late = Boolean(default=False)
    """The formula was fixed after the year had begun."""
    decision = Varchar(length=200, default="")
    state = Varchar(length=10, default=YearState.OPEN.value)
    version = Integer(default=1)
    begun_by = Integer(null=True, default=None)
    begun_at = Timestamptz(default=None)
    frozen_by = Integer(null=True, default=None)
    frozen_at = Timestamptz(null=True, default=None)
    computed_by = Integer(null=True, default=None)
    computed_at = Timestamptz(null=True, default=None)
    explained_at = Timestamptz(null=True, default=None)
    final_by = Integer(null=True, default=None)
    final_at = Timestamptz(null=True, default=None)
    final_document = Varchar(length=200, default="")
    exported_at = Timestamptz(null=True, default=None)
    reason = Text(default="")
    """Why it was computed again."""


class YearVersion(Table, tablename="assessment_version"):
    """One computed version of a year, kept as it was: canonical JSON of all lines, its SHA-256."""

    id: Serial
    year = Integer()
    number = Integer()
    reason = Text(default="")
    document = Varchar(length=200, default="")
    computed_by = Integer(null=True, default=None)
    computed_at = Timestamptz(default=None)
    digest = Varchar(length=64)
    lines = Text()
    changes = Text(default="[]")

    once = Unique(["year", "number"])


class UnitFigure(Table, tablename="assessment_figure"):
    """Figures of one unit and year that come from elsewhere, with their source."""

    id: Serial
    year = Integer()
    unit = ForeignKey(Unit, null=False, default=None)
    closed = Integer(null=True, default=None)
    on_time = Integer(null=True, default=None)
    asked = Integer(null=True, default=None)
    satisfied = Integer(null=True, default=None)
    survey = Integer(null=True, default=None)
    survey_issued = Integer(null=True, default=None)
    survey_returned = Integer(null=True, default=None)
    survey_valid = Integer(null=True, default=None)
    source = Varchar(length=200)
    entered_by = Varchar(length=60)
    person = Integer(null=True, default=None)
    at = Timestamptz(default=None)

    once_a_year = Unique(["year", "unit"])


class AnnualLine(Table, tablename="assessment_mark"):
    """One unit's line of a year: what it was made of, what came out, whether the unit has it."""

    id: Serial
    code = Varchar(length=10, unique=True)
    year = Integer()
    unit = ForeignKey(Unit, null=False, default=None)
    rulebook_hash = Varchar(length=64)
    inputs = Text(default="{}")
    """Everything with its source, as canonical JSON."""
    mark = Text(default="{}")
    total = Integer(null=True, default=None)
    provisional = Boolean(default=True)
    eligibility = Varchar(length=10)
    version = Integer(default=1)
    explained_at = Timestamptz(null=True, default=None)
    received_at = Timestamptz(null=True, default=None)
    received_by = Integer(null=True, default=None)
    appeal_until = Timestamptz(null=True, default=None)

    once_a_year = Unique(["year", "unit"])


class Consequence(Table, tablename="assessment_consequence"):
    """What follows from a final mark, and what the competent body made of it."""

    id: Serial
    code = Varchar(length=10, unique=True)
    year = Integer(index=True)
    unit = ForeignKey(Unit, null=False, default=None)
    kind = Varchar(length=16)
    basis = Varchar(length=10)
    rule = Varchar(length=40, default="")
    facts = Text(default="{}")
    text = Text(default="")
    state = Varchar(length=10)
    made_by = Integer(null=True, default=None)
    made_at = Timestamptz(default=None)
    due_at = Timestamptz(null=True, default=None)
    body = Varchar(length=200, default="")
    letter = Varchar(length=200, default="")
    sent_at = Timestamptz(null=True, default=None)
    answer = Varchar(length=12, default="")
    answer_text = Text(default="")
    answer_document = Varchar(length=200, default="")
    answered_at = Timestamptz(null=True, default=None)
    talk = Text(default="")
    reason = Text(default="")
