"""Tables of the vault; their ciphertexts are readable only with the keys kept outside."""

from __future__ import annotations

from piccolo.columns import (
    Bytea,
    ForeignKey,
    Integer,
    Serial,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Unique
from piccolo.table import Table


class Person(Table, tablename="vault_person"):
    """One person: the wrapped data key, and a keyed hash that tells persons apart."""

    id: Serial
    code = Varchar(length=10, unique=True)
    purpose = Varchar(length=10)
    id_hash = Varchar(length=64, unique=True, null=True, default=None)
    wrapped_key = Bytea(default=b"")
    enrolled_at = Timestamptz(null=True, default=None)
    erased_at = Timestamptz(null=True, default=None)


class Field(Table, tablename="vault_field"):
    """One encrypted field of a person."""

    id: Serial
    person = ForeignKey(Person, null=False)
    name = Varchar(length=12)
    sealed = Bytea(default=b"")

    once = Unique([person, name])


class Look(Table, tablename="vault_look"):
    """One look at a person's data: shown to the person, never deleted."""

    id: Serial
    person = ForeignKey(Person, null=False, index=True)
    looker = Varchar(length=60)
    looker_person = Integer(null=True, default=None)
    office = Varchar(length=100)
    fields = Varchar(length=100)
    reason = Text()
    at = Timestamptz(null=True, default=None)


class Attachment(Table, tablename="vault_attachment"):
    """A text or scan that belongs to a person, encrypted with the person's own key."""

    id: Serial
    code = Varchar(length=10, unique=True)
    person = ForeignKey(Person, null=False, index=True)
    media = Varchar(length=40)
    sealed = Bytea(default=b"")
    kept_at = Timestamptz(null=True, default=None)


class IdentityOpening(Table, tablename="identity_opening"):
    """One wish to open an identity: asked by one person, approved by another, opened once."""

    id: Serial
    code = Varchar(length=10, unique=True)
    kind = Varchar(length=10)
    sealed = Bytea(default=b"")
    """Encrypted: what is to be opened, and why; beside a look's hour it would tell who came."""
    state = Varchar(length=10, index=True)
    asked_by = Integer()
    asked_name = Varchar(length=60)
    asked_office = Varchar(length=120, default="")
    asked_roles = Varchar(length=120, default="")
    asked_at = Timestamptz(default=None)
    decided_by = Integer(null=True, default=None)
    decided_name = Varchar(length=60, default="")
    decided_office = Varchar(length=120, default="")
    decided_at = Timestamptz(null=True, default=None)
    until = Timestamptz(null=True, default=None)
    opened_at = Timestamptz(null=True, default=None)
