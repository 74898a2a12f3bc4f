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
    edition = Integer(default=1)


class Edition(Table, tablename="ranking_edition"):
    """One computing of a ranking; never changed. Lists and the model are canonical JSON."""

    id: Serial
    ranking = ForeignKey(Ranking, null=False, default=None)
    number = Integer()
    computed_by = Integer(null=True, default=None)
    computed_at = Timestamptz(default=None)
    reason = Text(default="")
    rounds = Text(default="[]")
    input_hash = Varchar(length=64)
    sealed_hash = Varchar(length=64)
    sealed = Text(default="")
    """The rater by window table, encrypted: most cells hold one visit."""
    receipts_root = Varchar(length=64, default="")
    receipts = Integer(default=0)
    code_version = Varchar(length=40)
    model = Text(default="{}")
    changes = Text(default="[]")

    one_of_each_number = Unique(["ranking", "number"])


class Snapshot(Table, tablename="ranking_snapshot"):
    """One list as it was computed; never changed."""

    id: Serial
    code = Varchar(length=10, unique=True)
    ranking = ForeignKey(Ranking, null=False, default=None)
    edition = Integer(default=1)
    kind = Varchar(length=10)
    scope = Varchar(length=40, default="")
    method = Varchar(length=40)
    rulebook_hash = Varchar(length=64)
    input_hash = Varchar(length=64)
    code_version = Varchar(length=40)
    result = Text()

    one_list_of_an_edition = Unique(["ranking", "edition", "kind", "scope"])


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
    ranking = ForeignKey(Ranking, null=False, default=None)
    edition = Integer(default=1)
    status = Varchar(length=10, default="final")
    """What was published: a notice, the final lists, a correction."""
    published_at = Timestamptz(default=None)
    manifest_hash = Varchar(length=64, default="")
    previous_hash = Varchar(length=64, default="")

    once_as_each = Unique(["ranking", "edition", "status"])
