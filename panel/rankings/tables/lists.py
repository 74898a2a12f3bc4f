"""Tables of the lists and of their publication; lists are immutable rows."""

from __future__ import annotations

from piccolo.columns import ForeignKey, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table

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
    notice_from = Timestamptz(null=True, default=None)
    notice_until = Timestamptz(null=True, default=None)
    """Last moment of the public notice."""
    reason = Text(default="")
    """Why it was withheld, or taken up again after its publication."""
    withhold_by = Integer(null=True, default=None)
    """Who asked that it be withheld; another person confirms or declines."""
    withhold_at = Timestamptz(null=True, default=None)
    withhold_reason = Text(default="")
    withhold_document = Varchar(length=200, default="")


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
    hidden = Text(default="[]")
    """Windows whose own figures are shown nowhere."""
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


class Publication(Table, tablename="publication"):
    """One place in the chain of publications."""

    id: Serial
    sequence = Integer(unique=True)
    ranking = ForeignKey(Ranking, null=False, default=None)
    edition = Integer(default=1)
    status = Varchar(length=10, default="final")
    """What was published: a notice, the final lists, a correction."""
    under_appeal = Text(default="[]")
    """Codes of the units whose appeal was open then: their places are not printed."""
    published_at = Timestamptz(default=None)
    manifest_hash = Varchar(length=64, default="")
    previous_hash = Varchar(length=64, default="")

    once_as_each = Unique(["ranking", "edition", "status"])
