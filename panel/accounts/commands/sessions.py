"""Sessions: opened at sign-in with a new token, ended by their person or by a change of rights."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from panel import entropy, keys
from panel.accounts import queries, rules
from panel.accounts.commands import limits, passwords
from panel.accounts.tables import Account, Session
from panel.accounts.types import (
    ABSOLUTE,
    IDLE,
    TOUCH,
    AccountKind,
    AccountState,
    SessionView,
    SignedIn,
)
from panel.actor import Actor
from panel.audit.commands import entry
from panel.db import transaction
from panel.errors import Fault, Forbidden, Invalid, Missing
from panel.ids import AccountId, Code, read_code

_NO_SECRET = b"\x00" * 20
"""Stands for the second factor of an unknown name, so that its check takes the same way."""


async def open_session(row: dict[str, Any], *, at: datetime, device: str) -> SignedIn:
    """Open a session of an account row under a new token; joins the caller's transaction."""
    token, csrf, ends_at = entropy.token(), entropy.token(), at + ABSOLUTE
    await Session.insert(
        Session(
            code=entropy.code(),
            account=row["id"],
            token_hash=rules.token_hash(token),
            csrf=csrf,
            device=device[:60],
            created_at=at,
            seen_at=at,
            ends_at=ends_at,
        )
    )
    actor = queries.actor_from({**row, "account": row["id"]})
    return SignedIn(token=token, csrf=csrf, actor=actor, ends_at=ends_at)


async def end_sessions(account: AccountId, *, at: datetime, keep: int = 0) -> None:
    """Revoke the sessions of an account, all but one; joins the caller's transaction."""
    await Session.update({Session.revoked_at: at}).where(
        Session.account == account, Session.revoked_at.is_null(), Session.id != keep
    )


async def _row(login: str, kind: AccountKind) -> dict[str, Any] | None:
    """Read the row of an active account."""
    return (
        await Account.select()
        .where(
            Account.login == login,
            Account.kind == kind.value,
            Account.state == AccountState.ACTIVE.value,
        )
        .first()
    )


async def _refuse(address: str, *, at: datetime) -> None:
    """Count the failure and refuse, in the same words whatever was wrong."""
    await limits.note_failure(address, at=at)
    raise Forbidden("signin.refused")


async def sign_in(
    login: str, password: str, totp: str, *, at: datetime, address: str = "", device: str = ""
) -> SignedIn:
    """Sign in staff; a wrong name, password or code is ``signin.refused``, alike in time too."""
    login = rules.tidy_login(login)
    await limits.take_turn(login, at=at)
    row = await _row(login, AccountKind.STAFF)
    secret, last = _NO_SECRET, 0
    if row and row["totp"]:
        context = queries.totp_context(row["code"])
        secret = keys.current().open("totp", bytes(row["totp"]), context)
        last = row["totp_step"]
    right = await passwords.matches(row["password"] if row else "", password)
    step = rules.matching_step(secret, totp, at, after=last)
    if row is None or not row["totp"] or not right or step is None:
        await _refuse(address, at=at)
    assert row is not None  # noqa: S101 - the line above raised
    async with transaction():
        # The step is taken conditionally: the same code can't be used by two at once.
        taken = (
            await Account.update({Account.totp_step: step})
            .where(Account.id == row["id"], Account.totp_step < step)
            .returning(Account.id)
        )
        if not taken:
            raise Forbidden("signin.refused")
        await limits.forgive(login)
        return await open_session(row, at=at, device=device)


async def sign_in_member(
    number: str, pin: str, *, at: datetime, address: str = "", device: str = ""
) -> SignedIn:
    """Sign in a member by card number and PIN; a slip of the number is told before any look."""
    try:
        login = read_code(number)
    except Missing as slip:
        raise Invalid("signin.faults", Fault("number", "card.number_mistyped")) from slip
    await limits.take_turn(login, at=at)
    row = await _row(login, AccountKind.MEMBER)
    right = await passwords.matches(row["password"] if row else "", pin)
    if row is None or not right:
        await _refuse(address, at=at)
    assert row is not None  # noqa: S101 - the line above raised
    async with transaction():
        await limits.forgive(login)
        return await open_session(row, at=at, device=device)


async def touch(session: SessionView, *, at: datetime) -> None:
    """Write that a session is in use, at most once a minute."""
    if session.seen_at + TOUCH <= at:
        await Session.update({Session.seen_at: at}).where(
            Session.id == session.id, Session.seen_at == session.seen_at
        )


async def sign_out(session: SessionView, *, at: datetime) -> None:
    """End this session."""
    await Session.update({Session.revoked_at: at}).where(
        Session.id == session.id, Session.revoked_at.is_null()
    )


async def revoke(account: AccountId, code: Code, *, at: datetime) -> None:
    """End one of the own sessions; somebody else's is ``session.unknown``."""
    done = (
        await Session.update({Session.revoked_at: at})
        .where(
            Session.account == account,
            Session.code == code,
            Session.revoked_at.is_null(),
            Session.seen_at > at - IDLE,
        )
        .returning(Session.id)
    )
    if not done:
        raise Missing("session.unknown")


async def change_password(
    actor: Actor, session: SessionView, old: str, new: str, *, at: datetime
) -> SignedIn:
    """Change the own password or PIN; every session ends and this browser gets a new token."""
    row = await Account.select().where(Account.id == session.account).first()
    if row is None:
        raise Missing("account.unknown")
    await limits.take_turn(row["login"], at=at)
    if not await passwords.matches(row["password"], old):
        raise Invalid("password.faults", Fault("old", "password.wrong"))
    if session.kind is AccountKind.MEMBER:
        rules.check_pin(new, "")
    else:
        rules.check_password(new, row["login"])
    encoded = await passwords.hashed(new)
    async with entry(actor, "accounts.change_password", at=at) as note:
        await Account.update({Account.password: encoded}).where(Account.id == row["id"])
        await end_sessions(AccountId(row["id"]), at=at)
        await limits.forgive(row["login"])
        note.about("account", row["code"], sessions="ended")
        return await open_session(row, at=at, device=session.device)
