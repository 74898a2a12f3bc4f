"""Tables of the collective evaluation: counts alone, never a ballot."""

from __future__ import annotations

from piccolo.columns import Date, ForeignKey, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table

from panel.roster.tables import Unit
from panel.surveys.types import SessionState


class CollectiveSession(Table, tablename="collective_session"):
    """One session in which the panel marked the units, as its signed protocol describes it."""

    id: Serial
    code = Varchar(length=10, unique=True)
    year = Integer(index=True)
    held_on = Date(default=None)
    title = Varchar(length=120)
    title_en = Varchar(length=120, default="")
    entitled = Integer()
    present = Integer()
    issued = Integer()
    returned = Integer()
    spoiled = Integer(default=0)
    document = Varchar(length=120)
    rulebook = Varchar(length=10)
    state = Varchar(length=10, default=SessionState.OPEN.value)
    void_reason = Varchar(length=12, default="")
    reason = Text(default="")
    editors = Varchar(length=400, default="")
    """Everybody who entered figures, by person, with commas: none of them checks."""
    void_asked_by = Integer(null=True, default=None)
    """Who asked that it be void; confirmed by somebody who neither asked nor entered figures."""
    void_asked_at = Timestamptz(null=True, default=None)
    void_asked_reason = Text(default="")
    checked_by = Integer(null=True, default=None)
    checked_at = Timestamptz(null=True, default=None)
    made_at = Timestamptz(default=None)


class BallotCount(Table, tablename="ballot_count"):
    """How many ballots of a session gave a unit each answer, the best first, with commas."""

    id: Serial
    session = ForeignKey(CollectiveSession, null=False, default=None, index=True)
    unit = ForeignKey(Unit, null=False, default=None)
    levels = Varchar(length=100)
    unknown = Integer(default=0)

    once_a_session = Unique([session, unit])
