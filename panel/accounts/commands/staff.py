"""Accounts of staff: founded, invited, given roles, reset, deactivated."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from panel import entropy, keys
from panel.accounts import queries, rules
from panel.accounts.commands import limits, passwords
from panel.accounts.commands.sessions import end_sessions, open_session
from panel.accounts.tables import Account, OneTime
from panel.accounts.types import (
    INVITATION_LIFE,
    AccountKind,
    AccountState,
    AccountView,
    Invitation,
    OneTimeKind,
    SignedIn,
    TotpSetup,
)
from panel.actor import SYSTEM, Actor, Role
from panel.audit.commands import Note, entry
from panel.chance import canonical
from panel.db import Duplicate, insert_rows, savepoint
from panel.errors import Closed, Conflict, Fault, Forbidden, Invalid
from panel.ids import AccountId, Code, PersonId
from panel.vault import commands as vault
from panel.vault import queries as vaulted
from panel.vault.types import Identity, Purpose

ISSUER = "panel"
OPERATOR = Actor(name="operator")
"""Whoever runs the command line on the machine itself."""
_FIRST_OFFICE = "IT"
"""Of the first administrator, where the identity names no employer; another may change it."""
_SECRET = 20
_NAMESPACE = "staff"


def _ordered(roles: Iterable[Role]) -> list[str]:
    return sorted({role.value for role in roles})


async def _person(identity: Identity | PersonId, *, at: datetime) -> PersonId:
    """Find or enrol the person of an account, so that two accounts of one person stay one."""
    if not isinstance(identity, Identity):
        return identity
    known = await vaulted.person_like(identity, _NAMESPACE)
    if known is not None:
        return known
    return await vault.enrol(identity, at=at, purpose=Purpose.STAFF, unique=_NAMESPACE)


async def _insert(row: Account) -> int:
    """Insert an account; a name that is taken is ``account.login_taken``."""
    try:
        async with savepoint():
            (number,) = await insert_rows(Account, [row])
    except Duplicate:
        number = 0
    if not number:
        raise Conflict("account.login_taken")
    return number


async def _fresh_invitation(account: int, code: str, login: str, *, at: datetime) -> Invitation:
    """Replace the open invitations of an account by a new one; joins the transaction."""
    token = entropy.token()
    await OneTime.update({OneTime.replaced_at: at}).where(
        OneTime.account == account, OneTime.used_at.is_null(), OneTime.replaced_at.is_null()
    )
    await OneTime.insert(
        OneTime(
            kind=OneTimeKind.INVITATION.value,
            account=account,
            token_hash=rules.token_hash(token),
            created_at=at,
            expires_at=at + INVITATION_LIFE,
        )
    )
    return Invitation(account=Code(code), login=login, token=token, expires_at=at + INVITATION_LIFE)


async def found(
    identity: Identity, login: str, password: str, *, at: datetime, sample: bool = False
) -> TotpSetup:
    """Make the first administrator of an empty city; a second one is ``account.founded``."""
    login = rules.tidy_login(login)
    office = identity.employer.strip() or _FIRST_OFFICE
    rules.check_account(login, [Role.ADMINISTRATOR], office, None, small_team=True)
    rules.check_password(password, login)
    encoded = await passwords.hashed(password)
    code, secret = entropy.code(), entropy.octets(_SECRET)
    async with entry(SYSTEM, "accounts.found", at=at) as note:
        if await Account.exists().where(Account.kind == AccountKind.STAFF.value):
            raise Conflict("account.founded")
        await _insert(
            Account(
                code=code,
                login=login,
                kind=AccountKind.STAFF.value,
                person=await _person(identity, at=at),
                roles=canonical([Role.ADMINISTRATOR.value]).decode(),
                office=office,
                state=AccountState.ACTIVE.value,
                password=encoded,
                totp=keys.current().seal("totp", secret, queries.totp_context(code)),
                sample=sample,
                created_at=at,
            )
        )
        note.about("account", code, login=login, roles=[Role.ADMINISTRATOR.value])
    return _setup(secret, login)


def _setup(secret: bytes, login: str) -> TotpSetup:
    return TotpSetup(
        login=login, secret=rules.base32(secret), uri=rules.totp_uri(secret, login, ISSUER)
    )


async def invite(
    actor: Actor,
    login: str,
    roles: Iterable[Role],
    office: str,
    identity: Identity | PersonId,
    *,
    at: datetime,
    unit: Code | None = None,
    small_team: bool = True,
    sample: bool = False,
) -> Invitation:
    """Invite one person of staff; the link lives seven days. A taken name is a conflict.

    Without a phone or id number nobody could tell whether two accounts are one person's, who
    would be the second person for himself.
    """
    actor.require(Role.ADMINISTRATOR)
    if isinstance(identity, Identity) and vaulted.identity_hash(identity, _NAMESPACE) is None:
        raise Invalid("account.faults", Fault("phone", "form.required"))
    login, given = rules.tidy_login(login), frozenset(roles)
    rules.check_account(login, given, office, unit, small_team=small_team)
    code = entropy.code()
    async with entry(actor, "accounts.invite", at=at) as note:
        number = await _insert(
            Account(
                code=code,
                login=login,
                kind=AccountKind.STAFF.value,
                person=await _person(identity, at=at),
                roles=canonical(_ordered(given)).decode(),
                office=office.strip(),
                unit=unit,
                sample=sample,
                created_at=at,
            )
        )
        note.about("account", code, login=login, roles=_ordered(given), office=office.strip())
        return await _fresh_invitation(number, code, login, at=at)


async def accept_invitation(token: str, password: str, *, at: datetime) -> TotpSetup:
    """Set the password and prepare the second factor; the invitation is used when it is confirmed.

    Repeating it gives a fresh secret; refuses a used, replaced or expired invitation.
    """
    view = await queries.openable(token, OneTimeKind.INVITATION, at=at)
    row = await _invited(view.account)
    rules.check_password(password, row["login"])
    encoded = await passwords.hashed(password)
    secret = entropy.octets(_SECRET)
    sealed = keys.current().seal("totp", secret, queries.totp_context(row["code"]))
    async with entry(_self(row), "accounts.accept_invitation", at=at) as note:
        done = (
            await Account.update(
                {Account.password: encoded, Account.totp: sealed, Account.totp_step: 0}
            )
            .where(Account.id == row["id"], Account.state == AccountState.INVITED.value)
            .returning(Account.id)
        )
        if not done:
            raise Closed("invitation.used")
        note.about("account", row["code"], password="set", second_factor="prepared")  # noqa: S106
    return _setup(secret, row["login"])


async def confirm_totp(token: str, totp: str, *, at: datetime, device: str = "") -> SignedIn:
    """Confirm the second factor with a first code: the account is active and signed in."""
    view = await queries.openable(token, OneTimeKind.INVITATION, at=at)
    row = await _invited(view.account)
    if not row["totp"]:
        raise Conflict("invitation.password_first")
    left = await limits.take_try(view, at=at)
    context = queries.totp_context(row["code"])
    secret = keys.current().open("totp", bytes(row["totp"]), context)
    step = rules.matching_step(secret, totp, at)
    if step is None:
        raise Invalid("totp.faults", Fault("totp", "totp.wrong", {"left": left}))
    async with entry(_self(row), "accounts.confirm_totp", at=at) as note:
        used = (
            await OneTime.update({OneTime.used_at: at})
            .where(OneTime.id == view.id, OneTime.used_at.is_null(), OneTime.replaced_at.is_null())
            .returning(OneTime.id)
        )
        active = (
            await Account.update(
                {Account.state: AccountState.ACTIVE.value, Account.totp_step: step}
            )
            .where(Account.id == row["id"], Account.state == AccountState.INVITED.value)
            .returning(Account.id)
        )
        if not used or not active:
            raise Closed("invitation.used")
        note.about("account", row["code"], state=AccountState.ACTIVE.value)
        return await open_session(row, at=at, device=device)


async def _invited(account: AccountId) -> dict[str, Any]:
    """Read the row of an invited account; any other is ``invitation.used``."""
    row = (
        await Account.select()
        .where(Account.id == account, Account.state == AccountState.INVITED.value)
        .first()
    )
    if row is None:
        raise Closed("invitation.used")
    return row


def _self(row: dict[str, Any]) -> Actor:
    return queries.actor_from({**row, "account": row["id"]})


async def set_roles(
    actor: Actor,
    code: Code,
    roles: Iterable[Role],
    office: str,
    *,
    at: datetime,
    unit: Code | None = None,
    small_team: bool = True,
) -> AccountView:
    """Give other roles or another office; the sessions end, so that new rights need a sign-in."""
    view = await _other(actor, code)
    given = frozenset(roles)
    rules.check_account(view.login, given, office, unit, small_team=small_team)
    async with entry(actor, "accounts.set_roles", at=at) as note:
        await _change(
            view,
            {
                Account.roles: canonical(_ordered(given)).decode(),
                Account.office: office.strip(),
                Account.unit: unit,
            },
        )
        await end_sessions(view.id, at=at)
        note.about(
            "account", code, before=_ordered(view.roles), after=_ordered(given), office=office
        )
    return await queries.account(code)


async def reset_second_factor(actor: Actor, code: Code, *, at: datetime) -> Invitation:
    """Take password and second factor away and invite again; the sessions end at once."""
    view = await _other(actor, code)
    async with entry(actor, "accounts.reset_second_factor", at=at) as note:
        return await _invite_again(view, note, at=at)


async def rescue(login: str, *, at: datetime) -> Invitation:
    """Invite an administrator again who lost the second factor and has no colleague to reset it.

    For the operator at the machine alone, by the command line; refuses any other account.
    """
    view = await queries.account_named(login)
    if Role.ADMINISTRATOR not in view.roles:
        raise Forbidden("account.no_rescue")
    async with entry(OPERATOR, "accounts.rescue", at=at) as note:
        return await _invite_again(view, note, at=at)


async def _invite_again(view: AccountView, note: Note, *, at: datetime) -> Invitation:
    """Take both factors and the sessions away, and invite; joins the command."""
    await _change(
        view,
        {
            Account.state: AccountState.INVITED.value,
            Account.password: "",
            Account.totp: b"",
        },
    )
    await end_sessions(view.id, at=at)
    _state(note, view, AccountState.INVITED)
    return await _fresh_invitation(view.id, view.code, view.login, at=at)


async def deactivate(actor: Actor, code: Code, *, at: datetime, reason: str = "") -> AccountView:
    """Close an account; its sessions and invitations end at once, its history stays."""
    view = await _other(actor, code)
    async with entry(actor, "accounts.deactivate", at=at, reason=reason) as note:
        await _change(
            view,
            {
                Account.state: AccountState.DEACTIVATED.value,
                Account.password: "",
                Account.totp: b"",
            },
        )
        await end_sessions(view.id, at=at)
        await OneTime.update({OneTime.replaced_at: at}).where(
            OneTime.account == view.id, OneTime.used_at.is_null(), OneTime.replaced_at.is_null()
        )
        _state(note, view, AccountState.DEACTIVATED)
    return await queries.account(code)


def _state(note: Note, view: AccountView, after: AccountState) -> None:
    note.about("account", view.code, before=view.state.value, after=after.value)


async def _other(actor: Actor, code: Code) -> AccountView:
    """Find an account that an administrator may change: never the own one."""
    actor.require(Role.ADMINISTRATOR)
    view = await queries.account(code)
    if view.id == actor.account or view.person == actor.person:
        raise Forbidden("account.own")
    return view


async def _change(view: AccountView, values: dict[Any, Any]) -> None:
    """Update an account that is still as it was read, and not deactivated."""
    done = (
        await Account.update(values)
        .where(
            Account.id == view.id,
            Account.state == view.state.value,
            Account.state != AccountState.DEACTIVATED.value,
        )
        .returning(Account.id)
    )
    if not done:
        raise Conflict("account.state_changed")
