"""Sessions: idle and absolute ends, the own list, revoking, a changed password."""

from datetime import timedelta

import pytest

from panel.accounts import commands, queries
from panel.accounts.tables import Session
from panel.accounts.types import SessionView, SignedIn
from panel.actor import Role
from panel.errors import Forbidden, Invalid, Missing
from tests.make import accounts as make
from tests.make.vault import AT

pytestmark = pytest.mark.usefixtures("engine")


async def _view(session: SignedIn, minutes: float = 0) -> SessionView:
    found = await queries.actor_of(session.token, at=AT + timedelta(minutes=minutes))
    assert found is not None
    return found[1]


async def test_a_session_ends_after_half_an_hour_without_use() -> None:
    session = await make.signed_in("wang", Role.REVIEWER)
    assert await make.holds(session, at=AT + timedelta(minutes=29, seconds=59))
    assert not await make.holds(session, at=AT + timedelta(minutes=30))


async def test_a_session_in_use_ends_after_twelve_hours() -> None:
    session = await make.signed_in("wang", Role.REVIEWER)
    for minutes in range(20, 12 * 60, 20):
        await commands.touch(await _view(session, minutes), at=AT + timedelta(minutes=minutes))
    assert await make.holds(session, at=AT + timedelta(hours=11, minutes=59))
    assert not await make.holds(session, at=AT + timedelta(hours=12))


async def test_the_last_use_is_written_once_a_minute() -> None:
    session = await make.signed_in("wang", Role.REVIEWER)
    view = await _view(session)
    await commands.touch(view, at=AT + timedelta(seconds=59))
    assert (await _view(session)).seen_at == AT
    await commands.touch(view, at=AT + timedelta(seconds=60))
    assert (await _view(session)).seen_at == AT + timedelta(seconds=60)


async def test_an_unknown_or_stored_token_opens_nothing() -> None:
    await make.signed_in("wang", Role.REVIEWER)
    row = await Session.select().first()
    assert row is not None
    for token in ("", "guess", row["token_hash"], row["csrf"], row["code"]):
        assert await queries.actor_of(token, at=AT) is None


async def test_signing_out_ends_this_session_only() -> None:
    setup = await make.staff("wang", Role.REVIEWER)
    later = AT + timedelta(minutes=2)
    first = await commands.sign_in("wang", make.PASSWORD, make.code_for(setup, AT), at=AT)
    second = await commands.sign_in("wang", make.PASSWORD, make.code_for(setup, later), at=later)
    await commands.sign_out(await _view(first), at=AT)
    assert not await make.holds(first)
    assert await make.holds(second, at=later)


async def test_own_sessions_are_listed_and_revoked_but_nobody_else_s() -> None:
    setup = await make.staff("wang", Role.REVIEWER)
    mine = await commands.sign_in(
        "wang", make.PASSWORD, make.code_for(setup, AT), at=AT, device="Firefox"
    )
    other = await make.signed_in("zhao", Role.REVIEWER)
    account, stranger = (await _view(mine)).account, (await _view(other)).account
    listed = await queries.sessions(account, at=AT)
    assert "Firefox" in [one.device for one in listed]
    code = (await _view(mine)).code
    with pytest.raises(Missing, match=r"session\.unknown"):
        await commands.revoke(stranger, code, at=AT)
    assert await make.holds(mine)
    await commands.revoke(account, code, at=AT)
    assert not await make.holds(mine)
    assert code not in [one.code for one in await queries.sessions(account, at=AT)]


async def test_a_changed_password_ends_every_other_session() -> None:
    setup = await make.staff("wang", Role.REVIEWER)
    later = AT + timedelta(minutes=2)
    other = await commands.sign_in("wang", make.PASSWORD, make.code_for(setup, AT), at=AT)
    here = await commands.sign_in("wang", make.PASSWORD, make.code_for(setup, later), at=later)
    view = await _view(here, 2)
    with pytest.raises(Invalid) as refusal:
        await commands.change_password(view.actor, view, "wrong", "another long one", at=later)
    assert refusal.value.faults[0].code == "password.wrong"
    with pytest.raises(Invalid):
        await commands.change_password(view.actor, view, make.PASSWORD, "short", at=later)
    fresh = await commands.change_password(
        view.actor, view, make.PASSWORD, "another long one", at=later
    )
    assert await make.holds(fresh, at=later)
    assert not await make.holds(here, at=later)
    assert not await make.holds(other, at=later)
    last = AT + timedelta(minutes=4)
    with pytest.raises(Forbidden):
        await commands.sign_in("wang", make.PASSWORD, make.code_for(setup, last), at=last)


async def test_guessing_the_old_password_slows_down_too() -> None:
    session = await make.signed_in("wang", Role.REVIEWER)
    view = await _view(session)
    for _ in range(3):
        with pytest.raises(Invalid):
            await commands.change_password(view.actor, view, "wrong", "another long one", at=AT)
    with pytest.raises(Forbidden, match=r"signin\.wait"):
        await commands.change_password(view.actor, view, make.PASSWORD, "another one", at=AT)
