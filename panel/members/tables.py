"""Tables of seats and recusals."""

from __future__ import annotations

from piccolo.columns import Boolean, Date, ForeignKey, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table

from panel.vault.tables import Person


class Member(Table, tablename="member"):
    """One person's term on the panel; a renewed term is another row."""

    id: Serial
    code = Varchar(length=10, unique=True)
    person = ForeignKey(Person, null=False, default=None, index=True)
    category = Varchar(length=40)
    district = Varchar(length=60)
    sex = Varchar(length=10)
    age_band = Varchar(length=20)
    latitude = Integer(null=True, default=None)
    longitude = Integer(null=True, default=None)
    household = Varchar(length=64, default="")
    """Keyed hash that members at one address share; empty where the address names no door."""
    campaign = Varchar(length=10, index=True)
    state = Varchar(length=20, index=True)
    cohort = Integer(default=1)
    term = Integer(default=1)
    previous = Varchar(length=10, default="")
    certificate = Varchar(length=10, null=True, default=None, unique=True)
    certified_on = Date(null=True, default=None)
    term_start = Date(default=None)
    term_end = Date(default=None)
    trained_on = Date(null=True, default=None)
    pledged_on = Date(null=True, default=None)
    pledge = Varchar(length=40, default="")
    qualified_until = Date(null=True, default=None)
    reminded_at = Timestamptz(null=True, default=None)
    left_at = Timestamptz(null=True, default=None)
    reason = Text(default="")
    each_term_once = Unique([person, campaign, term])


class Exclusion(Table, tablename="member_exclusion"):
    """A unit that a member does not judge; the unit never learns why."""

    id: Serial
    member = ForeignKey(Member, null=False, default=None, index=True)
    unit = Varchar(length=10, index=True)
    kind = Varchar(length=20)
    since = Timestamptz(default=None)
    once_per_kind = Unique([member, unit, kind])


class Reading(Table, tablename="course_reading"):
    """A unit of the course that a member has gone through."""

    id: Serial
    member = ForeignKey(Member, null=False, default=None, index=True)
    rulebook = Varchar(length=10)
    unit = Varchar(length=60)
    at = Timestamptz(default=None)
    once_per_unit = Unique([member, rulebook, unit])


class Attempt(Table, tablename="quiz_attempt"):
    """One attempt at the quiz of a form, with what was answered."""

    id: Serial
    code = Varchar(length=10, unique=True)
    member = ForeignKey(Member, null=False, default=None, index=True)
    form = Varchar(length=60)
    rulebook = Varchar(length=10)
    key = Varchar(length=64)
    answers = Text()
    right = Integer()
    total = Integer()
    passed = Boolean(default=False)
    at = Timestamptz(default=None)
    one_result_per_key = Unique([member, key])


class Practice(Table, tablename="training_sheet"):
    """A training sheet that a member filled in, and how far it lay from the model answer."""

    id: Serial
    code = Varchar(length=10, unique=True)
    member = ForeignKey(Member, null=False, default=None, index=True)
    form = Varchar(length=60)
    rulebook = Varchar(length=10)
    case = Varchar(length=60)
    key = Varchar(length=64)
    answers = Text()
    severity = Integer()
    distance = Integer()
    at = Timestamptz(default=None)
    one_result_per_key = Unique([member, key])


class Qualification(Table, tablename="qualification"):
    """A dated certificate: this member may judge with this form until the day named."""

    id: Serial
    code = Varchar(length=10, unique=True)
    member = ForeignKey(Member, null=False, default=None, index=True)
    form = Varchar(length=60)
    rulebook = Varchar(length=10)
    attempt = Varchar(length=10, default="")
    """The passed quiz; empty where the examination was on paper."""
    passed_on = Date(default=None)
    valid_until = Date(default=None)
    issued_at = Timestamptz(default=None)
