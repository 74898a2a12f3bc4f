"""Tables of rankings; lists are immutable rows, and no column names a visitor."""

from __future__ import annotations

from piccolo.columns import Boolean, ForeignKey, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table

from panel.roster.tables import Unit
from panel.visits.tables import Round


class Ranking(Table, tablename="ranking"):
    """The steps that the ranking of a round has taken."""

    id: Serial
    round = ForeignKey(Round, null=False, default=None, unique=True)
    state = Varchar(length=10)
    rulebook = Varchar(length=10)
    computed_by = Integer(null=True, default=None)
    computed_at = Timestamptz(default=None)
    notified_at = Timestamptz(null=True, default=None)
    answer_by = Timestamptz(null=True, default=None)
    published_at = Timestamptz(null=True, default=None)
    published_by = Integer(null=True, default=None)
    document = Text(default="")


class Snapshot(Table, tablename="ranking_snapshot"):
    """One list as it was computed; never changed."""

    id: Serial
    code = Varchar(length=10, unique=True)
    ranking = ForeignKey(Ranking, null=False, default=None)
    kind = Varchar(length=10)
    scope = Varchar(length=40, default="")
    method = Varchar(length=40)
    rulebook_hash = Varchar(length=64)
    input_hash = Varchar(length=64)
    code_version = Varchar(length=40)
    result = Text()

    one_list_each = Unique(["ranking", "kind", "scope"])


class Answer(Table, tablename="ranking_answer"):
    """What a unit says about its line; one of each unit."""

    id: Serial
    code = Varchar(length=10, unique=True)
    ranking = ForeignKey(Ranking, null=False, default=None)
    unit = ForeignKey(Unit, null=False, default=None, index=True)
    text = Text()
    filed_by = Integer(null=True, default=None)
    filed_at = Timestamptz(default=None)
    state = Varchar(length=10)
    reply = Text(default="")
    shown = Boolean(default=False)
    considered_by = Integer(null=True, default=None)
    considered_at = Timestamptz(null=True, default=None)

    once = Unique(["ranking", "unit"])


class Publication(Table, tablename="publication"):
    """One place in the chain of publications."""

    id: Serial
    sequence = Integer(unique=True)
    ranking = ForeignKey(Ranking, null=False, default=None, unique=True)
    published_at = Timestamptz(default=None)
    manifest_hash = Varchar(length=64, default="")
    previous_hash = Varchar(length=64, default="")
