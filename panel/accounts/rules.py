"""Pure decisions about accounts: roles, passwords, PINs, codes, cards, slowing down."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise
from urllib.parse import quote

from panel.accounts.types import (
    CARD_TRIES,
    CODE_TRIES,
    LONGEST_TOKEN,
    OFFICE_ROLES,
    PASSWORD_LENGTH,
    PIN_LENGTH,
    OneTimeKind,
    OneTimeView,
    Scope,
)
from panel.actor import Role
from panel.errors import Closed, Fault, Invalid
from panel.ids import Code

STEP = 30
"""Seconds for which one code of an authenticator counts (RFC 6238)."""
_WINDOW = 1
_ALONE = frozenset({Role.ADMINISTRATOR, Role.AUDITOR, Role.LIAISON, Role.INDEPENDENT_REVIEWER})
_LOGIN = re.compile(r"[a-z][a-z0-9._-]{1,38}[a-z0-9]")
_LONGEST = 128
_TOKEN_NAME = 80
_COMMON = (
    "password", "passw0rd", "qwertyui", "qwerty12", "1qaz2wsx", "1q2w3e4r", "12345678",
    "123456789", "1234567890", "87654321", "11111111", "00000000", "88888888", "66666666",
    "12341234", "11223344", "abcd1234", "a1234567", "aa123456", "admin123", "administrator",
    "iloveyou", "letmein1", "welcome1", "sunshine", "football", "woaini1314", "woaini520",
    "5201314", "1314520", "asdfghjk", "zxcvbnm1", "qazwsxedc", "q1w2e3r4", "test1234",
    "changeme", "princess", "dragon12", "monkey12", "superman",
)  # fmt: skip
_FREE_TRIES = 3
_SLOWEST = timedelta(minutes=10)
_FREE_PER_ADDRESS = 30
_SLOWEST_ADDRESS = 2.0


def tidy_login(login: str) -> str:
    """Bring a sign-in name to the form in which it is stored."""
    return unicodedata.normalize("NFKC", login).strip().lower()


def check_account(
    login: str, roles: Iterable[Role], office: str, unit: Code | None, *, small_team: bool
) -> None:
    """Refuse an account whose name, office or roles can't be; names every fault."""
    faults = []
    if not _LOGIN.fullmatch(login):
        faults.append(Fault("login", "account.login_form"))
    if not office.strip():
        faults.append(Fault("office", "form.required"))
    faults += role_faults(frozenset(roles), unit, small_team=small_team)
    if faults:
        raise Invalid("account.faults", *faults)


def role_faults(roles: frozenset[Role], unit: Code | None, *, small_team: bool) -> list[Fault]:
    """List what is wrong with a set of roles.

    Technique, auditing, independent review and the evaluated unit stay apart from everything
    else; the others may be merged in a small team only.
    """
    faults = []
    if not roles:
        faults.append(Fault("roles", "form.required"))
    if not roles <= frozenset(OFFICE_ROLES):
        faults.append(Fault("roles", "account.role_not_given"))
    if len(roles) > 1 and (not small_team or roles & _ALONE):
        faults.append(Fault("roles", "account.roles_apart"))
    if (Role.LIAISON in roles) != (unit is not None):
        faults.append(Fault("unit", "account.liaison_unit"))
    return faults


def normal(password: str) -> str:
    """Bring a password to one form, so that any keyboard types the same."""
    return unicodedata.normalize("NFKC", password)


def check_password(password: str, login: str) -> None:
    """Refuse a password that is short, endless, common or made of the sign-in name."""
    plain = normal(password)
    low = plain.lower()
    if len(plain) < PASSWORD_LENGTH:
        code = "password.short"
    elif len(plain) > _LONGEST:
        code = "password.long"
    elif len(set(low)) <= 2 or any(low.strip("!@#.") == word for word in _COMMON) or login in low:  # noqa: PLR2004 - "abababab"
        code = "password.common"
    else:
        return
    raise Invalid(
        "password.faults", Fault("password", code, {"least": PASSWORD_LENGTH, "most": _LONGEST})
    )


def check_pin(pin: str, last4: str) -> None:
    """Refuse a PIN that is not six digits or is the first that a thief would try."""
    if len(pin) != PIN_LENGTH or not (pin.isascii() and pin.isdigit()):
        raise Invalid("pin.faults", Fault("pin", "pin.form", {"length": PIN_LENGTH}))
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    repeated = pin in {pin[:2] * 3, pin[:3] * 2}
    if (len(steps) == 1 and steps <= {0, 1, 9}) or repeated or (last4 and last4 in pin):
        raise Invalid("pin.faults", Fault("pin", "pin.easy"))


def may_open(view: OneTimeView, at: datetime) -> None:
    """Refuse a token that was used, replaced, guessed at too often, or is too old."""
    kind = "card" if view.kind is OneTimeKind.CARD else "invitation"
    if view.used_at is not None:
        raise Closed(f"{kind}.used")
    if view.replaced_at is not None:
        raise Closed(f"{kind}.replaced")
    if view.tries >= tries_of(view.kind):
        raise Closed(f"{kind}.exhausted")
    if view.expires_at <= at:
        raise Closed(f"{kind}.expired")


def tries_of(kind: OneTimeKind) -> int:
    """Return how often a token may be tried."""
    return CARD_TRIES if kind is OneTimeKind.CARD else CODE_TRIES


def wait_after(tries: int, free: int = _FREE_TRIES) -> timedelta:
    """Return how long a name waits after so many failures: three (or ``free``), then doubling."""
    if tries < free:
        return timedelta(0)
    doublings = min(tries - free, 20)
    return min(timedelta(seconds=2 << doublings), _SLOWEST)


def address_delay(failures: int) -> float:
    """Return the seconds by which answers to an address are slowed; never a lock."""
    return min(max(failures - _FREE_PER_ADDRESS, 0) * 0.1, _SLOWEST_ADDRESS)


def step_at(at: datetime) -> int:
    """Return the number of the time step that a moment falls in."""
    return int(at.timestamp()) // STEP


def totp_code(secret: bytes, step: int) -> str:
    """Return the six digits of a step (RFC 6238 with HMAC-SHA-1, as every app does it)."""
    digest = hmac.new(secret, struct.pack(">Q", step), hashlib.sha1).digest()
    start = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def matching_step(secret: bytes, code: str, at: datetime, *, after: int = 0) -> int | None:
    """Return the step whose code was typed, within one step of now and later than ``after``."""
    typed = "".join(char for char in unicodedata.normalize("NFKC", code) if not char.isspace())
    now = step_at(at)
    found = None
    for step in range(now - _WINDOW, now + _WINDOW + 1):
        same = hmac.compare_digest(totp_code(secret, step).encode(), typed.encode())
        if same and step > after and found is None:
            found = step
    return found


def base32(secret: bytes) -> str:
    """Return a secret as people type it into an app."""
    return base64.b32encode(secret).decode().rstrip("=")


def totp_uri(secret: bytes, login: str, issuer: str) -> str:
    """Return the address that an authenticator reads from the QR."""
    name = quote(f"{issuer}:{login}")
    return f"otpauth://totp/{name}?secret={base32(secret)}&issuer={quote(issuer)}"


def token_hash(token: str) -> str:
    """Return what is stored of a token: 256 random bits need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


def check_token(name: str, scopes: tuple[Scope, ...], days: int) -> None:
    """Refuse a program's token without a name, without a scope, or with too long a life."""
    faults = []
    if not name.strip():
        faults.append(Fault("name", "form.required"))
    if len(name.strip()) > _TOKEN_NAME:
        faults.append(Fault("name", "token.name_too_long", {"limit": _TOKEN_NAME}))
    if not scopes:
        faults.append(Fault("scopes", "form.choose"))
    if not 1 <= days <= LONGEST_TOKEN:
        faults.append(Fault("days", "token.days", {"most": LONGEST_TOKEN}))
    if faults:
        raise Invalid("token.faults", *faults)
