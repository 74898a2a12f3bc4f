"""Reading accounts and sessions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from panel import keys
from panel.accounts import rules
from panel.accounts.tables import Account, ApiToken, Limit, OneTime, Session
from panel.accounts.types import (
    IDLE,
    AccountKind,
    AccountState,
    AccountView,
    Counted,
    OneTimeKind,
    OneTimeView,
    OwnSession,
    Scope,
    SessionView,
    TokenView,
)
from panel.actor import Actor, Role
from panel.db import look
from panel.errors import Forbidden, Missing
from panel.ids import AccountId, Code, PersonId
from panel.vault import queries as vault

_CHUNK: Final = 500
_SESSION = (
    "SELECT s.id, s.code, s.csrf, s.created_at, s.seen_at, s.ends_at, s.device, "
    "a.id AS account, a.login, a.kind, a.person, a.roles, a.office, a.unit, a.member "
    "FROM session s JOIN account a ON a.id = s.account "
    "WHERE s.token_hash = {} AND s.revoked_at IS NULL AND a.state = 'active'"
)
"""Read with every request of a signed-in person, so it is not composed anew each time."""


def _roles(text: str) -> tuple[Role, ...]:
    return tuple(Role(name) for name in msgspec.json.decode(text))


def actor_from(row: dict[str, Any]) -> Actor:
    """Make the actor of an account row: ``account`` holds its id."""
    member = Code(row["member"]) if row["member"] else None
    return Actor(
        account=AccountId(row["account"]),
        person=PersonId(row["person"]),
        roles=frozenset(_roles(row["roles"])),
        office=row["office"],
        member=member,
        unit=Code(row["unit"]) if row["unit"] else None,
        name=member or row["login"],
    )


async def actor_of(token: str, *, at: datetime) -> tuple[Actor, SessionView] | None:
    """Return who acts under a token, unless the session is idle, over, revoked or unknown."""
    rows = await look(_SESSION, rules.token_hash(token))
    if not rows:
        return None
    row = rows[0]
    if row["ends_at"] <= at or row["seen_at"] + IDLE <= at:
        return None
    actor = actor_from(row)
    view = SessionView(
        id=row["id"],
        code=Code(row["code"]),
        account=AccountId(row["account"]),
        kind=AccountKind(row["kind"]),
        actor=actor,
        csrf=row["csrf"],
        created_at=row["created_at"],
        seen_at=row["seen_at"],
        ends_at=row["ends_at"],
        device=row["device"],
    )
    return actor, view


async def accounts(kind: AccountKind = AccountKind.STAFF) -> list[AccountView]:
    """Return accounts by sign-in name; names of staff come from the vault, members show none."""
    rows = await Account.select().where(Account.kind == kind.value).order_by(Account.login)
    return await _views(rows)


async def account(code: Code) -> AccountView:
    """Return one account of staff, or refuse with ``account.unknown``."""
    rows = await Account.select().where(
        Account.code == code, Account.kind == AccountKind.STAFF.value
    )
    if not rows:
        raise Missing("account.unknown")
    return (await _views(rows))[0]


async def account_named(login: str) -> AccountView:
    """Return the account with a sign-in name, or refuse with ``account.unknown``."""
    rows = await Account.select().where(Account.login == rules.tidy_login(login))
    if not rows:
        raise Missing("account.unknown")
    return (await _views(rows))[0]


async def actor_named(login: str) -> Actor:
    """Return the actor of an active account of staff: for the command line and the sample city."""
    row = (
        await Account.select()
        .where(Account.login == rules.tidy_login(login), Account.state == AccountState.ACTIVE.value)
        .first()
    )
    if row is None:
        raise Missing("account.unknown")
    return actor_from({**row, "account": row["id"]})


async def liaisons(units: Collection[Code]) -> dict[Code, list[PersonId]]:
    """Return who speaks for each of these units, by their active accounts; for messages alone."""
    found: dict[Code, list[PersonId]] = {}
    rows = (
        await Account.select(Account.unit, Account.person, Account.roles)
        .where(Account.unit.is_not_null(), Account.state == AccountState.ACTIVE.value)
        .order_by(Account.id)
    )
    for row in rows:
        if row["unit"] in units and Role.LIAISON in _roles(row["roles"]):
            found.setdefault(Code(row["unit"]), []).append(PersonId(row["person"]))
    return found


async def holders(*roles: Role) -> list[PersonId]:
    """Return who holds one of some roles by an active account of staff; for messages alone."""
    rows = (
        await Account.select(Account.person, Account.roles)
        .where(Account.kind == AccountKind.STAFF.value, Account.state == AccountState.ACTIVE.value)
        .order_by(Account.id)
    )
    wanted = set(roles)
    return [PersonId(row["person"]) for row in rows if wanted.intersection(_roles(row["roles"]))]


async def actor_of_member(member: Code) -> Actor:
    """Return the actor of a member who has a card, whether redeemed or not."""
    row = (
        await Account.select()
        .where(Account.member == member, Account.state != AccountState.DEACTIVATED.value)
        .first()
    )
    if row is None:
        raise Missing("account.unknown")
    return actor_from({**row, "account": row["id"]})


async def signs_in(member: Code) -> bool:
    """Tell whether a member has set a PIN, and so uses the service without anybody's help."""
    return await Account.exists().where(
        Account.member == member, Account.state == AccountState.ACTIVE.value
    )


async def members_of_cards(numbers: Sequence[str]) -> dict[str, Code]:
    """Return the members by the numbers that are printed on their cards."""
    found: dict[str, Code] = {}
    for start in range(0, len(numbers), _CHUNK):
        rows = await Account.select(Account.login, Account.member).where(
            Account.kind == AccountKind.MEMBER.value,
            Account.login.is_in(list(numbers[start : start + _CHUNK])),
        )
        found |= {row["login"]: Code(row["member"]) for row in rows}
    return found


async def _views(rows: list[dict[str, Any]]) -> list[AccountView]:
    names = await vault.names(PersonId(row["person"]) for row in rows)
    return [
        AccountView(
            id=AccountId(row["id"]),
            code=Code(row["code"]),
            login=row["login"],
            name=names.get(PersonId(row["person"]), ""),
            kind=AccountKind(row["kind"]),
            roles=_roles(row["roles"]),
            office=row["office"],
            unit=Code(row["unit"]) if row["unit"] else None,
            state=AccountState(row["state"]),
            person=PersonId(row["person"]),
            second_factor=bool(row["totp"]),
            created_at=row["created_at"],
            sample=bool(row["sample"]),
        )
        for row in rows
    ]


async def sessions(account: AccountId, *, at: datetime) -> list[OwnSession]:
    """Return where a person is signed in now, the latest first."""
    rows = (
        await Session.select()
        .where(
            Session.account == account,
            Session.revoked_at.is_null(),
            Session.ends_at > at,
            Session.seen_at > at - IDLE,
        )
        .order_by(Session.seen_at, ascending=False)
        .order_by(Session.id, ascending=False)
    )
    return [
        OwnSession(
            code=Code(row["code"]),
            created_at=row["created_at"],
            seen_at=row["seen_at"],
            device=row["device"],
        )
        for row in rows
    ]


async def one_time(token: str, kind: OneTimeKind) -> OneTimeView:
    """Return a stored token, or refuse with ``card.unknown`` or ``invitation.unknown``."""
    row = (
        await OneTime.select()
        .where(OneTime.token_hash == rules.token_hash(token), OneTime.kind == kind.value)
        .first()
    )
    if row is None:
        raise Missing(f"{kind.value}.unknown")
    return OneTimeView(
        id=row["id"],
        account=AccountId(row["account"]),
        kind=OneTimeKind(row["kind"]),
        expires_at=row["expires_at"],
        used_at=row["used_at"],
        replaced_at=row["replaced_at"],
        tries=row["tries"],
    )


async def openable(token: str, kind: OneTimeKind, *, at: datetime) -> OneTimeView:
    """Return a token that can still be opened; looking opens nothing, so a preview may come."""
    view = await one_time(token, kind)
    rules.may_open(view, at)
    return view


async def login_of(token: str, *, at: datetime) -> str:
    """Return the sign-in name that an open invitation is for."""
    view = await openable(token, OneTimeKind.INVITATION, at=at)
    row = await Account.select(Account.login).where(Account.id == view.account).first()
    return str(row["login"]) if row else ""


def address_bucket(address: str, counts: Counted = Counted.FAILURES) -> str:
    """Name a count of an address by its keyed hash."""
    return f"{counts.value}:" + keys.current().hash("address", address)


async def address_delay(address: str, counts: Counted = Counted.FAILURES) -> float:
    """Return the seconds by which an answer to this address is to be slowed; never a lock."""
    bucket = address_bucket(address, counts)
    row = await Limit.select(Limit.tries).where(Limit.bucket == bucket).first()
    return rules.address_delay(row["tries"]) if row else 0.0


async def sample_code(login: str, *, at: datetime) -> str:
    """Return the code that a sample account's app would show; refused for any real account."""
    row = (
        await Account.select(Account.code, Account.totp, Account.sample)
        .where(Account.login == rules.tidy_login(login))
        .first()
    )
    if row is None:
        raise Missing("account.unknown")
    if not row["sample"] or not row["totp"]:
        raise Forbidden("account.not_sample")
    secret = keys.current().open("totp", bytes(row["totp"]), totp_context(row["code"]))
    return rules.totp_code(secret, rules.step_at(at))


def totp_context(code: str) -> str:
    """Return what a sealed second factor is bound to: table, row, column."""
    return f"account:{code}:totp"


def _token(row: dict[str, Any]) -> TokenView:
    return TokenView(
        code=Code(row["code"]),
        name=row["name"],
        scopes=tuple(Scope(each) for each in row["scopes"].split(",")),
        created_by=row["created_by"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
        used_on=row["used_on"],
    )


async def tokens() -> list[TokenView]:
    """Return the tokens of other programs, the newest first."""
    return [_token(row) for row in await ApiToken.select().order_by(ApiToken.id, ascending=False)]


async def token(text: str, *, at: datetime) -> TokenView | None:
    """Return a program's token that is still good."""
    row = await ApiToken.select().where(ApiToken.token_hash == rules.token_hash(text)).first()
    found = _token(row) if row else None
    return found if found is not None and found.good(at) else None
