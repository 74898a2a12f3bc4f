"""Member cards: issued in bulk, replaced and never reprinted, redeemed once with a PIN."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from panel import entropy, keys
from panel.accounts import queries, rules
from panel.accounts.commands import limits, passwords
from panel.accounts.commands.sessions import end_sessions, open_session
from panel.accounts.tables import Account, OneTime, Session
from panel.accounts.types import (
    CARD_LIFE,
    AccountKind,
    AccountState,
    Card,
    CardRequest,
    OneTimeKind,
    SignedIn,
)
from panel.actor import Actor, Role
from panel.audit.commands import entry
from panel.chance import canonical
from panel.db import insert_rows
from panel.errors import Closed, Conflict, Forbidden, Missing
from panel.ids import AccountId, Code
from panel.vault import queries as vault

_CHUNK = 500


async def issue_cards(actor: Actor, seats: Sequence[CardRequest], *, at: datetime) -> list[Card]:
    """Issue a card to each member; an earlier card, its PIN and its sessions end.

    The tokens exist in the answer only. A deactivated account is ``account.deactivated``.
    """
    actor.require(Role.COORDINATOR)
    cards = [
        Card(
            member=seat.member,
            number=entropy.code(),
            token=entropy.token(),
            expires_at=at + CARD_LIFE,
        )
        for seat in seats
    ]
    async with entry(actor, "accounts.issue_cards", at=at) as note:
        existing = await _accounts_of([seat.member for seat in seats])
        if any(row["state"] == AccountState.DEACTIVATED.value for row in existing.values()):
            raise Conflict("account.deactivated")
        await _end([row["id"] for row in existing.values()], at=at)
        numbers = {member: int(row["id"]) for member, row in existing.items()}
        for card in cards:
            if card.member in existing:
                await Account.update(
                    {
                        Account.login: card.number,
                        Account.password: "",
                        Account.state: AccountState.INVITED.value,
                    }
                ).where(Account.id == numbers[card.member])
        fresh = [
            (seat, card)
            for seat, card in zip(seats, cards, strict=True)
            if seat.member not in existing
        ]
        inserted = await insert_rows(
            Account,
            [
                Account(
                    code=entropy.code(),
                    login=card.number,
                    kind=AccountKind.MEMBER.value,
                    person=seat.person,
                    roles=canonical([Role.MEMBER.value]).decode(),
                    member=seat.member,
                    created_at=at,
                )
                for seat, card in fresh
            ],
        )
        numbers |= {seat.member: number for (seat, _), number in zip(fresh, inserted, strict=True)}
        await insert_rows(
            OneTime,
            [
                OneTime(
                    kind=OneTimeKind.CARD.value,
                    account=numbers[card.member],
                    token_hash=rules.token_hash(card.token),
                    created_at=at,
                    expires_at=card.expires_at,
                )
                for card in cards
            ],
        )
        note.bulk(
            "card",
            [keys.current().hash("audit", "card", card.member, card.number) for card in cards],
        )
    return cards


async def _accounts_of(members: Sequence[Code]) -> dict[Code, dict[str, Any]]:
    """Read the accounts that members have already."""
    found: dict[Code, dict[str, Any]] = {}
    for start in range(0, len(members), _CHUNK):
        rows = await Account.select(Account.id, Account.member, Account.state).where(
            Account.member.is_in(list(members[start : start + _CHUNK]))
        )
        found |= {Code(row["member"]): row for row in rows}
    return found


async def _end(accounts: Sequence[int], *, at: datetime) -> None:
    """Revoke sessions and invalidate cards of accounts; joins the transaction."""
    for start in range(0, len(accounts), _CHUNK):
        part = list(accounts[start : start + _CHUNK])
        await OneTime.update({OneTime.replaced_at: at}).where(
            OneTime.account.is_in(part), OneTime.used_at.is_null(), OneTime.replaced_at.is_null()
        )
        await Session.update({Session.revoked_at: at}).where(
            Session.account.is_in(part), Session.revoked_at.is_null()
        )


async def redeem_card(
    token: str, last4: str, pin: str, *, at: datetime, address: str = "", device: str = ""
) -> SignedIn:
    """Redeem a card with the last four digits of the registered phone, set the PIN, sign in.

    Five tries a card; a used, replaced, expired or exhausted card is refused as what it is.
    """
    rules.check_pin(pin, last4.strip())
    try:
        view = await queries.openable(token, OneTimeKind.CARD, at=at)
    except Missing:
        await limits.note_failure(address, at=at)
        raise
    row = await Account.select().where(Account.id == view.account).first()
    if row is None or row["state"] == AccountState.DEACTIVATED.value:
        raise Closed("card.replaced")
    left = await limits.take_try(view, at=at)
    if not await vault.phone_ends(row["person"], last4):
        await limits.note_failure(address, at=at)
        raise Forbidden("card.wrong_digits", left=left)
    encoded = await passwords.hashed(pin)
    actor = queries.actor_from({**row, "account": row["id"]})
    async with entry(actor, "accounts.redeem_card", at=at) as note:
        used = (
            await OneTime.update({OneTime.used_at: at})
            .where(OneTime.id == view.id, OneTime.used_at.is_null(), OneTime.replaced_at.is_null())
            .returning(OneTime.id)
        )
        if not used:
            raise Closed("card.used")
        await Account.update(
            {Account.password: encoded, Account.state: AccountState.ACTIVE.value}
        ).where(Account.id == row["id"])
        await end_sessions(AccountId(row["id"]), at=at)
        await limits.forgive(row["login"])
        note.about("account", row["code"], state=AccountState.ACTIVE.value)
        return await open_session(row, at=at, device=device)


async def withdraw_cards(actor: Actor, members: Iterable[Code], *, at: datetime) -> None:
    """Close the accounts of members whose term ended; joins the caller's command."""
    async with entry(actor, "accounts.withdraw_cards", at=at) as note:
        rows = await _accounts_of(list(members))
        numbers = [int(row["id"]) for row in rows.values()]
        await _end(numbers, at=at)
        for start in range(0, len(numbers), _CHUNK):
            await Account.update(
                {Account.state: AccountState.DEACTIVATED.value, Account.password: ""}
            ).where(Account.id.is_in(numbers[start : start + _CHUNK]))
        note.bulk("account", [keys.current().hash("audit", "account", member) for member in rows])


async def hand_over(actor: Actor, moves: Mapping[Code, Code], *, at: datetime) -> None:
    """Let the accounts of members go with them into the next term; joins the caller's command.

    Where the next term has a card of its own already, the earlier one ends.
    """
    taken = await _accounts_of(list(moves.values()))
    for old, new in moves.items():
        if new not in taken:
            await Account.update({Account.member: new}).where(Account.member == old)
    await withdraw_cards(actor, [old for old, new in moves.items() if new in taken], at=at)


async def close_for_good(actor: Actor, members: Sequence[Code], *, at: datetime) -> None:
    """Close accounts of erased members and forget whose they were; joins the caller's command."""
    await withdraw_cards(actor, members, at=at)
    rows = await _accounts_of(members)
    for row in rows.values():
        await Session.update({Session.device: ""}).where(Session.account == row["id"])
        await Account.update({Account.member: None, Account.login: entropy.code()}).where(
            Account.id == row["id"]
        )
