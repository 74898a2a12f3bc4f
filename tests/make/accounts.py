"""Builders of accounts: staff who signed in, members with their cards."""

from __future__ import annotations

from datetime import datetime, timedelta

from panel import entropy
from panel.accounts import commands, queries, rules
from panel.accounts.types import Card, CardRequest, SignedIn, TotpSetup
from panel.actor import Role
from panel.ids import Code, PersonId
from tests import people
from tests.make.vault import AT, identity, person

PASSWORD = "a harbour of quiet lamps"  # noqa: S105 - of invented people
PIN = "580264"
_numbers = iter(range(7001, 10_000))


def code_for(setup: TotpSetup, at: datetime) -> str:
    """Return what the app of a person shows, from the secret that the page showed."""
    return code_of(setup.secret, at)


def code_of(key: str, at: datetime) -> str:
    """Return what an authenticator app shows for a typed key."""
    import base64

    secret = base64.b32decode(key + "=" * (-len(key) % 8))
    return rules.totp_code(secret, rules.step_at(at))


async def staff(
    login: str,
    *roles: Role,
    office: str = "评议办",
    unit: Code | None = None,
    at: datetime = AT,
    person: PersonId | None = None,
) -> TotpSetup:
    """Invite a person of staff and accept for them a minute before ``at``."""
    who = identity(next(_numbers)) if person is None else person
    invited = await commands.invite(
        people.administrator, login, roles, office, who, at=at, unit=unit
    )
    setup = await commands.accept_invitation(invited.token, PASSWORD, at=at)
    earlier = at - timedelta(minutes=2)
    await commands.confirm_totp(invited.token, code_for(setup, earlier), at=earlier)
    return setup


async def signed_in(login: str, *roles: Role, at: datetime = AT) -> SignedIn:
    """Return a fresh session of a person of staff."""
    setup = await staff(login, *roles, at=at)
    return await commands.sign_in(login, PASSWORD, code_for(setup, at), at=at)


async def card(number: int = 1, *, at: datetime = AT) -> Card:
    """Issue a card to an invented member whose phone ends with the number."""
    seat = CardRequest(member=entropy.code(), person=await person(number))
    (issued,) = await commands.issue_cards(people.coordinator, [seat], at=at)
    return issued


async def member(number: int = 1, *, at: datetime = AT) -> tuple[Card, SignedIn]:
    """Return a member who redeemed the card."""
    issued = await card(number, at=at)
    session = await commands.redeem_card(issued.token, f"{number:04d}", PIN, at=at)
    return issued, session


async def holds(session: SignedIn, *, at: datetime = AT) -> bool:
    """Tell whether a session is still good."""
    return await queries.actor_of(session.token, at=at) is not None
