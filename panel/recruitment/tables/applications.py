"""Tables of what comes in: drafts, nominations, applications, imported sheets."""

from __future__ import annotations

from piccolo.columns import Bytea, ForeignKey, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table

from panel.recruitment.tables.campaigns import Campaign
from panel.vault.tables import Person


class ApplicationDraft(Table, tablename="application_draft"):
    """What somebody typed and keeps for later; readable only with the draft's own code."""

    id: Serial
    campaign = ForeignKey(Campaign, null=False, default=None, index=True)
    code_hash = Varchar(length=64, unique=True)
    sealed = Bytea(default=b"")
    saved_at = Timestamptz(default=None)
    expires_at = Timestamptz(default=None, index=True)


class Nomination(Table, tablename="nomination"):
    """An organisation's signed proposal; it counts once the nominee has consented in time."""

    id: Serial
    code = Varchar(length=10, unique=True)
    campaign = ForeignKey(Campaign, null=False, default=None, index=True)
    organisation = Varchar(length=120)
    post = Varchar(length=60)
    nominator = ForeignKey(Person, null=False, default=None)
    nominee = ForeignKey(Person, null=True, default=None)
    invited = ForeignKey(Person, null=True, default=None)
    texts = Varchar(length=10, default="")
    scan = Varchar(length=10, default="")
    secret_hash = Varchar(length=64, default="")
    key = Varchar(length=64)
    body_digest = Varchar(length=64, default="")
    channel = Varchar(length=20)
    state = Varchar(length=20, index=True)
    filed_at = Timestamptz(default=None)
    consent_until = Timestamptz(null=True, default=None)
    answered_at = Timestamptz(null=True, default=None)
    one_receipt_per_key = Unique([campaign, key])


class NominationBar(Table, tablename="nomination_bar"):
    """An organisation or contact that may not nominate: a keyed hash, and why."""

    id: Serial
    mark = Varchar(length=64, unique=True)
    kind = Varchar(length=20)
    nomination = ForeignKey(Nomination, null=False, default=None, index=True)
    reason = Text()
    document = Text(default="")
    barred_at = Timestamptz(default=None)
    barred_by = Integer(null=True, default=None)


class Application(Table, tablename="application"):
    """One person's application; ``code`` is the ticket number."""

    id: Serial
    code = Varchar(length=10, unique=True)
    campaign = ForeignKey(Campaign, null=False, default=None, index=True)
    person = ForeignKey(Person, null=False, default=None, unique=True)
    nomination = ForeignKey(Nomination, null=True, default=None, index=True)
    key = Varchar(length=64)
    run = Varchar(length=10, default="", index=True)
    body_digest = Varchar(length=64)
    channel = Varchar(length=20)
    category = Varchar(length=40)
    district = Varchar(length=60)
    sex = Varchar(length=10)
    birth_year = Integer()
    age_band = Varchar(length=20)
    occupation = Varchar(length=60, default="")
    latitude = Integer(null=True, default=None)
    longitude = Integer(null=True, default=None)
    household = Varchar(length=64)
    mark = Varchar(length=64, default="", index=True)
    receipt_hash = Varchar(length=64, default="")
    exclusions = Text(default="[]")
    salt = Varchar(length=32)
    state = Varchar(length=20, index=True)
    reason = Varchar(length=40, default="")
    question = Varchar(length=10, default="")
    answer = Varchar(length=10, default="")
    answer_until = Timestamptz(null=True, default=None)
    answered_at = Timestamptz(null=True, default=None)
    received_at = Timestamptz(default=None)
    changed_at = Timestamptz(null=True, default=None)
    withdrawn_at = Timestamptz(null=True, default=None)
    erased_at = Timestamptz(null=True, default=None)
    one_receipt_per_key = Unique([campaign, key])


class ImportRun(Table, tablename="application_import"):
    """A sheet of signed forms on its way in: all of it, or nothing and every fault's cell."""

    id: Serial
    code = Varchar(length=10, unique=True)
    campaign = ForeignKey(Campaign, null=False, default=None, index=True)
    sealed = Bytea(default=b"")
    filename = Varchar(length=120, default="")
    digest = Varchar(length=64)
    state = Varchar(length=20, index=True)
    done = Integer(default=0)
    total = Integer(default=0)
    fault_count = Integer(default=0)
    faults = Bytea(default=b"")
    actor = Text(default="")
    started_at = Timestamptz(default=None)
    ended_at = Timestamptz(null=True, default=None)
