"""Tables of accounts; passwords, PINs and tokens stand in them as hashes only."""

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
from piccolo.table import Table

from panel.accounts.types import AccountState
from panel.vault.tables import Person


class Account(Table, tablename="account"):
    """One sign-in: of staff by name, of a member by card number."""

    id: Serial
    code = Varchar(length=10, unique=True)
    login = Varchar(length=40, unique=True)
    kind = Varchar(length=10)
    person = ForeignKey(Person, null=False, index=True)
    roles = Text(default="[]")
    office = Varchar(length=100, default="")
    unit = Varchar(length=10, null=True, default=None)
    member = Varchar(length=10, null=True, default=None, unique=True)
    state = Varchar(length=12, default=AccountState.INVITED.value)
    password = Varchar(length=200, default="")
    totp = Bytea(default=b"")
    totp_step = Integer(default=0)
    sample = Boolean(default=False)
    created_at = Timestamptz(null=True, default=None)


class Session(Table, tablename="session"):
    """One browser that is signed in; the token stands here as SHA-256."""

    id: Serial
    code = Varchar(length=10, unique=True)
    account = ForeignKey(Account, null=False, index=True)
    token_hash = Varchar(length=64, unique=True)
    csrf = Varchar(length=64)
    device = Varchar(length=60, default="")
    created_at = Timestamptz(null=True, default=None)
    seen_at = Timestamptz(null=True, default=None)
    ends_at = Timestamptz(null=True, default=None)
    revoked_at = Timestamptz(null=True, default=None)


class OneTime(Table, tablename="one_time"):
    """A token that opens one thing once: an invitation or a member card."""

    id: Serial
    kind = Varchar(length=12)
    account = ForeignKey(Account, null=False, index=True)
    token_hash = Varchar(length=64, unique=True)
    tries = Integer(default=0)
    created_at = Timestamptz(null=True, default=None)
    expires_at = Timestamptz(null=True, default=None)
    used_at = Timestamptz(null=True, default=None)
    replaced_at = Timestamptz(null=True, default=None)


class Limit(Table, tablename="limit_count"):
    """Failed tries of one name or one address, by keyed hash; forgotten after a day."""

    id: Serial
    bucket = Varchar(length=80, unique=True)
    tries = Integer(default=0)
    since = Timestamptz(null=True, default=None, index=True)
    next_at = Timestamptz(null=True, default=None)


class ApiToken(Table, tablename="api_token"):
    """A token by which another program reads; it stands here as SHA-256."""

    id: Serial
    code = Varchar(length=10, unique=True)
    name = Varchar(length=80)
    token_hash = Varchar(length=64, unique=True)
    scopes = Varchar(length=200)
    created_by = Varchar(length=60)
    created_at = Timestamptz(null=True, default=None)
    expires_at = Timestamptz(null=True, default=None)
    revoked_at = Timestamptz(null=True, default=None)
    used_on = Date(null=True, default=None)
