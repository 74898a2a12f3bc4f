"""Accounts, sessions, invitations and cards as their readers see them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from panel.actor import Actor, Role
from panel.ids import AccountId, Code, PersonId

IDLE: Final = timedelta(minutes=30)
"""A session ends after this long without a request: phones and desks are shared."""
ABSOLUTE: Final = timedelta(hours=12)
TOUCH: Final = timedelta(minutes=1)
"""A session's last use is written at most this often."""
INVITATION_LIFE: Final = timedelta(days=7)
CARD_LIFE: Final = timedelta(days=30)
CARD_TRIES: Final = 5
CODE_TRIES: Final = 10
PIN_LENGTH: Final = 6
PASSWORD_LENGTH: Final = 8
"""With a second factor, which every account of staff has."""
OFFICE_ROLES: Final = (
    Role.COORDINATOR,
    Role.VETTING_CLERK,
    Role.REVIEWER,
    Role.INTAKE_CLERK,
    Role.PUBLISHER,
    Role.INDEPENDENT_REVIEWER,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
    Role.LIAISON,
)
"""Roles that an administrator may give."""


class Scope(StrEnum):
    """What a token of another program opens."""

    ROUNDS = "rounds:read"
    SUBMISSIONS = "submissions:read"


LONGEST_TOKEN: Final = 366
"""Days for which a token may live at most."""


class NewToken(msgspec.Struct, frozen=True):
    """A token that was just made: its text is never shown again."""

    code: Code
    token: str

    def __repr__(self) -> str:
        """Show no secret: it must not stray into a log."""
        return f"NewToken({self.code})"


class TokenView(msgspec.Struct, frozen=True):
    """A token without its text."""

    code: Code
    name: str
    scopes: tuple[Scope, ...]
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    used_on: date | None

    def good(self, at: datetime) -> bool:
        """Tell whether the token still opens anything."""
        return self.revoked_at is None and at < self.expires_at


class Counted(StrEnum):
    """What is counted of an address."""

    FAILURES = "address"
    SENDINGS = "sending"


class AccountKind(StrEnum):
    """Staff sign in with password and code, members with card and PIN."""

    STAFF = "staff"
    MEMBER = "member"


class AccountState(StrEnum):
    """Whether an account can sign in."""

    INVITED = "invited"
    ACTIVE = "active"
    DEACTIVATED = "deactivated"


class OneTimeKind(StrEnum):
    """What a one-time token opens."""

    INVITATION = "invitation"
    CARD = "card"


class AccountView(msgspec.Struct, frozen=True):
    """An account as the administrator's pages show it."""

    id: AccountId
    code: Code
    login: str
    name: str
    kind: AccountKind
    roles: tuple[Role, ...]
    office: str
    unit: Code | None
    state: AccountState
    person: PersonId
    second_factor: bool
    created_at: datetime
    sample: bool


class SessionView(msgspec.Struct, frozen=True):
    """A valid session and who acts in it."""

    id: int
    code: Code
    account: AccountId
    kind: AccountKind
    actor: Actor
    csrf: str
    created_at: datetime
    seen_at: datetime
    ends_at: datetime
    device: str


class OwnSession(msgspec.Struct, frozen=True):
    """One line of "where I am signed in"."""

    code: Code
    created_at: datetime
    seen_at: datetime
    device: str


class Invitation(msgspec.Struct, frozen=True):
    """A link to be handed over once; the token is not stored."""

    account: Code
    login: str
    token: str
    expires_at: datetime


class TotpSetup(msgspec.Struct, frozen=True):
    """What an authenticator app needs."""

    login: str
    secret: str
    """Base 32, to be typed where the QR can't be read."""
    uri: str


class SignedIn(msgspec.Struct, frozen=True):
    """A fresh session; the token goes into the cookie and is not stored."""

    token: str
    csrf: str
    actor: Actor
    ends_at: datetime


class CardRequest(msgspec.Struct, frozen=True):
    """A member who is to get a card."""

    member: Code
    person: PersonId


class Card(msgspec.Struct, frozen=True):
    """A member card, to be printed now: the token is not stored."""

    member: Code
    number: Code
    token: str
    expires_at: datetime


class OneTimeView(msgspec.Struct, frozen=True):
    """A one-time token as stored."""

    id: int
    account: AccountId
    kind: OneTimeKind
    expires_at: datetime
    used_at: datetime | None
    replaced_at: datetime | None
    tries: int
