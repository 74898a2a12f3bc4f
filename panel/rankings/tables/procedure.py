"""Tables of a ranking's way to the public: told, answered, recounted, signed, objected to."""

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
from piccolo.constraints import Unique
from piccolo.table import Table

from panel.db import Index
from panel.rankings.tables.lists import Ranking
from panel.roster.tables import Unit
from panel.vault.tables import Person


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
    printed = Text(default="")
    """What the public page prints of it: the text, or what is left of it after the screening."""
    overdue = Integer(default=0)
    """Whom the lack of a reply has reached so far."""
    considered_by = Integer(null=True, default=None)
    considered_at = Timestamptz(null=True, default=None)

    once = Unique(["ranking", "unit"])


class Delivery(Table, tablename="ranking_delivery"):
    """That a unit was shown its own line of an edition; its appeal is timed from here."""

    id: Serial
    ranking = ForeignKey(Ranking, null=False, default=None)
    edition = Integer()
    unit = ForeignKey(Unit, null=False, default=None, index=True)
    posted_at = Timestamptz(default=None)
    presumed_at = Timestamptz(default=None)
    """Without a receipt it counts as delivered from then."""
    received_at = Timestamptz(null=True, default=None)
    received_by = Integer(null=True, default=None)
    document = Varchar(length=200, default="")
    """Number of the receipt that was signed on paper."""
    signer = Varchar(length=200, default="")
    """Post of whoever signed on paper."""
    signed_on = Date(null=True, default=None)
    scan = Bytea(default=b"")
    """Picture of the signed receipt, made anew and encrypted."""
    disputed_at = Timestamptz(null=True, default=None)
    """When the unit said that the receipt on paper is not its own; it counts for nothing then."""
    disputed_by = Integer(null=True, default=None)
    appeal_by = Timestamptz(default=None)
    """Last moment of an appeal."""
    waived_at = Timestamptz(null=True, default=None)
    waived_by = Integer(null=True, default=None)

    once = Unique(["ranking", "edition", "unit"])


class Recount(Table, tablename="ranking_recount"):
    """What a second person found who computed an edition again from its sealed export."""

    id: Serial
    ranking = ForeignKey(Ranking, null=False, default=None, index=True)
    edition = Integer()
    by = Integer(null=True, default=None)
    at = Timestamptz(default=None)
    agreed = Boolean(default=False)
    lists = Integer(default=0)
    figures = Integer(default=0)
    """How many lines were compared."""
    code_version = Varchar(length=40, default="")
    differences = Text(default="[]")
    """Canonical JSON: which lists or hashes came out otherwise."""


class ProcedureStep(Table, tablename="ranking_procedure_step"):
    """One signature on the procedure sheet."""

    id: Serial
    ranking = ForeignKey(Ranking, null=False, default=None)
    edition = Integer()
    """0 for what does not change with a new edition."""
    key = Varchar(length=30)
    signed_by = Integer(null=True, default=None)
    signed_as = Varchar(length=80, default="")
    """Sign-in name or, on paper, who signed."""
    signed_at = Timestamptz(default=None)
    document = Varchar(length=200, default="")
    note = Text(default="")

    once = Unique(["ranking", "edition", "key"])


class RankingObjection(Table, tablename="ranking_objection"):
    """What somebody said against a ranking in public notice; texts lie sealed in the vault."""

    id: Serial
    code = Varchar(length=10, unique=True)
    ranking = ForeignKey(Ranking, null=False, default=None, index=True)
    edition = Integer()
    person = ForeignKey(Person, null=False, default=None)
    channel = Varchar(length=10)
    ground = Varchar(length=20)
    unit = Varchar(length=10, default="")
    """Code of the unit that it is about; empty where it is about the lists as a whole."""
    text = Varchar(length=10, default="")
    key = Varchar(length=64, unique=True)
    body_digest = Varchar(length=64, default="")
    state = Varchar(length=10)
    filed_at = Timestamptz(default=None)
    due_at = Timestamptz(default=None)
    decision = Varchar(length=10, default="")
    finding = Varchar(length=10, default="")
    reply = Varchar(length=10, default="")
    document = Varchar(length=200, default="")
    decided_at = Timestamptz(null=True, default=None)
    decided_by = Integer(null=True, default=None)

    by_state = Index([state, due_at])
