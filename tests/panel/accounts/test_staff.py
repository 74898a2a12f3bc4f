"""Staff: invited, signed in with password and code, given roles, reset, deactivated."""

import asyncio
from datetime import timedelta

import pytest

from panel.accounts import commands, queries
from panel.accounts.tables import Account, OneTime, Session
from panel.accounts.types import AccountState
from panel.actor import Role, second_person
from panel.audit.tables import Entry
from panel.errors import Closed, Conflict, Forbidden, Invalid, Missing
from panel.ids import Code
from panel.vault.types import Identity
from tests import people
from tests.make import accounts as make
from tests.make import vault as make_vault
from tests.make.vault import AT

pytestmark = pytest.mark.usefixtures("engine")
LATER = AT + timedelta(minutes=5)


async def _refused(login: str, password: str, code: str) -> str:
    with pytest.raises(Forbidden) as refusal:
        await commands.sign_in(login, password, code, at=AT)
    return refusal.value.code


async def test_an_invited_person_sets_password_and_code_and_is_signed_in() -> None:
    invited = await commands.invite(
        people.administrator, " Wang.Li ", [Role.REVIEWER], "评议办", make_vault.identity(), at=AT
    )
    assert invited.login == "wang.li"
    setup = await commands.accept_invitation(invited.token, make.PASSWORD, at=AT)
    session = await commands.confirm_totp(invited.token, make.code_for(setup, AT), at=AT)
    found = await queries.actor_of(session.token, at=AT)
    assert found is not None
    actor, view = found
    assert actor.roles == {Role.REVIEWER}
    assert (actor.name, actor.office, view.csrf) == ("wang.li", "评议办", session.csrf)
    commands_seen = [row["command"] for row in await Entry.select().order_by(Entry.id)]
    assert commands_seen == [
        "accounts.invite", "accounts.accept_invitation", "accounts.confirm_totp",
    ]  # fmt: skip


async def test_only_hashes_and_ciphertexts_are_stored() -> None:
    invited = await commands.invite(
        people.administrator, "wang", [Role.REVIEWER], "评议办", make_vault.identity(), at=AT
    )
    setup = await commands.accept_invitation(invited.token, make.PASSWORD, at=AT)
    session = await commands.confirm_totp(invited.token, make.code_for(setup, AT), at=AT)
    stored = repr([*await Account.select(), *await Session.select(), *await OneTime.select()])
    for secret in (invited.token, make.PASSWORD, setup.secret, session.token):
        assert secret not in stored
    assert "$argon2id$v=19$m=19456,t=2,p=1$" in stored


async def test_an_invitation_is_used_once_expires_and_is_guessed_in_vain() -> None:
    invited = await commands.invite(
        people.administrator, "wang", [Role.REVIEWER], "评议办", make_vault.identity(), at=AT
    )
    with pytest.raises(Missing, match=r"invitation\.unknown"):
        await commands.accept_invitation("guess", make.PASSWORD, at=AT)
    with pytest.raises(Conflict, match=r"invitation\.password_first"):
        await commands.confirm_totp(invited.token, "123456", at=AT)
    with pytest.raises(Closed, match=r"invitation\.expired"):
        await commands.accept_invitation(
            invited.token, make.PASSWORD, at=AT + timedelta(days=7, seconds=1)
        )
    setup = await commands.accept_invitation(invited.token, make.PASSWORD, at=AT)
    await commands.confirm_totp(invited.token, make.code_for(setup, AT), at=AT)
    with pytest.raises(Closed, match=r"invitation\.used"):
        await commands.accept_invitation(invited.token, make.PASSWORD, at=AT)
    with pytest.raises(Closed, match=r"invitation\.used"):
        await commands.confirm_totp(invited.token, make.code_for(setup, AT), at=AT)


async def test_ten_wrong_codes_end_an_invitation() -> None:
    invited = await commands.invite(
        people.administrator, "wang", [Role.REVIEWER], "评议办", make_vault.identity(), at=AT
    )
    setup = await commands.accept_invitation(invited.token, make.PASSWORD, at=AT)
    for left in range(9, -1, -1):
        with pytest.raises(Invalid) as refusal:
            await commands.confirm_totp(invited.token, "0000000", at=AT)
        assert refusal.value.faults[0].values == {"left": left}
    with pytest.raises(Closed, match=r"invitation\.exhausted"):
        await commands.confirm_totp(invited.token, make.code_for(setup, AT), at=AT)


async def test_a_taken_name_is_a_conflict_and_writes_nothing() -> None:
    await make.staff("wang", Role.REVIEWER)
    before = await Entry.count()
    with pytest.raises(Conflict, match=r"account\.login_taken"):
        await commands.invite(
            people.administrator, "WANG", [Role.REVIEWER], "x", make_vault.identity(77), at=AT
        )
    assert await Entry.count() == before
    assert await Account.count() == 1


async def test_only_an_administrator_invites() -> None:
    for actor in (people.coordinator, people.auditor, people.stranger):
        with pytest.raises(Forbidden, match=r"actor\.role"):
            await commands.invite(
                actor, "wang", [Role.REVIEWER], "评议办", make_vault.identity(), at=AT
            )


async def test_two_accounts_of_one_person_are_still_one_person() -> None:
    who = make_vault.identity(5)
    for login in ("wang", "wang2"):
        await commands.invite(people.administrator, login, [Role.PUBLISHER], "x", who, at=AT)
    first, second = await queries.accounts()
    assert first.person == second.person
    assert first.name == "林示例"
    with pytest.raises(Forbidden, match=r"approval\.same_person"):
        second_person(first.person, people.publisher.__class__(person=second.person))


async def test_signing_in_needs_name_password_and_a_fresh_code() -> None:
    setup = await make.staff("wang", Role.REVIEWER)
    right = make.code_for(setup, AT)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    assert await _refused("wang", make.PASSWORD, wrong) == "signin.refused"
    assert await _refused("wang", "wrong password", right) == "signin.refused"
    assert await _refused("nobody", make.PASSWORD, right) == "signin.refused"
    session = await commands.sign_in("WANG ", make.PASSWORD, right, at=AT)
    assert await make.holds(session)
    assert await _refused("wang", make.PASSWORD, right) == "signin.refused"


async def test_every_sign_in_has_a_token_of_its_own() -> None:
    setup = await make.staff("wang", Role.REVIEWER)
    first = await commands.sign_in("wang", make.PASSWORD, make.code_for(setup, AT), at=AT)
    second = await commands.sign_in("wang", make.PASSWORD, make.code_for(setup, LATER), at=LATER)
    assert first.token != second.token
    assert first.csrf != second.csrf
    assert len(first.token) >= 43


async def test_known_and_unknown_names_slow_down_alike() -> None:
    setup = await make.staff("wang", Role.REVIEWER)
    answers: dict[str, list[tuple[str, object]]] = {"wang": [], "nobody": []}
    for login, seen in answers.items():
        for _ in range(5):
            with pytest.raises(Forbidden) as refusal:
                await commands.sign_in(login, "wrong", "000000", at=AT)
            seen.append((refusal.value.code, refusal.value.values.get("seconds")))
    assert answers["wang"] == answers["nobody"]
    assert answers["wang"][:3] == [("signin.refused", None)] * 3
    assert answers["wang"][3] == ("signin.wait", 2)
    with pytest.raises(Forbidden, match=r"signin\.wait"):
        await commands.sign_in("wang", make.PASSWORD, make.code_for(setup, AT), at=AT)
    assert await make.holds(
        await commands.sign_in("wang", make.PASSWORD, make.code_for(setup, LATER), at=LATER),
        at=LATER,
    )


async def test_of_many_guesses_at_once_three_are_heard() -> None:
    await make.staff("wang", Role.REVIEWER)

    async def guess() -> str:
        return await _refused("wang", "wrong", "000000")

    answers = await asyncio.gather(*(guess() for _ in range(12)))
    assert answers.count("signin.refused") <= 3
    assert set(answers) <= {"signin.refused", "signin.wait"}


async def test_one_code_used_by_two_at_once_opens_one_session() -> None:
    setup = await make.staff("wang", Role.REVIEWER)
    before = await Session.count()

    async def attempt() -> str:
        try:
            await commands.sign_in("wang", make.PASSWORD, make.code_for(setup, AT), at=AT)
        except Forbidden as refusal:
            return refusal.code
        return "in"

    answers = await asyncio.gather(attempt(), attempt())
    assert sorted(answers) == ["in", "signin.refused"]
    assert await Session.count() == before + 1


async def test_a_success_forgives_the_earlier_failures() -> None:
    setup = await make.staff("wang", Role.REVIEWER)
    for _ in range(2):
        await _refused("wang", "wrong", "000000")
    await commands.sign_in("wang", make.PASSWORD, make.code_for(setup, AT), at=AT)
    assert await _refused("wang", "wrong", "000000") == "signin.refused"


async def test_failures_slow_an_address_down_and_are_forgotten_after_a_day() -> None:
    assert await queries.address_delay("192.0.2.1") == 0
    for number in range(40):
        with pytest.raises(Forbidden):
            await commands.sign_in(f"guess{number}", "x", "0", at=AT, address="192.0.2.1")
    assert await queries.address_delay("192.0.2.1") == pytest.approx(1.0)
    assert await queries.address_delay("192.0.2.2") == 0
    await commands.forget(at=AT + timedelta(hours=23))
    assert await queries.address_delay("192.0.2.1") > 0
    await commands.forget(at=AT + timedelta(hours=24))
    assert await queries.address_delay("192.0.2.1") == 0


async def test_other_roles_end_the_sessions_and_count_from_the_next_sign_in() -> None:
    session = await make.signed_in("wang", Role.REVIEWER)
    (account,) = await queries.accounts()
    changed = await commands.set_roles(
        people.administrator, account.code, [Role.PUBLISHER], "新办公室", at=AT
    )
    assert changed.roles == (Role.PUBLISHER,)
    assert changed.office == "新办公室"
    assert not await make.holds(session)


async def test_a_reset_takes_both_factors_away_and_invites_again() -> None:
    setup = await make.staff("wang", Role.REVIEWER)
    (account,) = await queries.accounts()
    invited = await commands.reset_second_factor(people.administrator, account.code, at=AT)
    assert await _refused("wang", make.PASSWORD, make.code_for(setup, AT)) == "signin.refused"
    fresh = await commands.accept_invitation(invited.token, make.PASSWORD, at=LATER)
    assert fresh.secret != setup.secret
    await commands.confirm_totp(invited.token, make.code_for(fresh, LATER), at=LATER)


async def test_a_second_reset_replaces_the_first_invitation() -> None:
    await make.staff("wang", Role.REVIEWER)
    (account,) = await queries.accounts()
    first = await commands.reset_second_factor(people.administrator, account.code, at=AT)
    await commands.reset_second_factor(people.administrator, account.code, at=AT)
    with pytest.raises(Closed, match=r"invitation\.replaced"):
        await commands.accept_invitation(first.token, make.PASSWORD, at=AT)


async def test_a_deactivated_account_loses_sessions_at_once_and_can_t_come_back() -> None:
    session = await make.signed_in("wang", Role.REVIEWER)
    (account,) = await queries.accounts()
    assert await make.holds(session)
    view = await commands.deactivate(people.administrator, account.code, at=AT)
    assert view.state is AccountState.DEACTIVATED
    assert not await make.holds(session)
    for again in (commands.deactivate, commands.reset_second_factor):
        with pytest.raises(Conflict, match=r"account\.state_changed"):
            await again(people.administrator, account.code, at=AT)


async def test_a_deactivated_invitation_is_worth_nothing() -> None:
    invited = await commands.invite(
        people.administrator, "wang", [Role.REVIEWER], "评议办", make_vault.identity(), at=AT
    )
    await commands.deactivate(people.administrator, invited.account, at=AT)
    with pytest.raises(Closed):
        await commands.accept_invitation(invited.token, make.PASSWORD, at=AT)


async def test_nobody_changes_the_own_account_and_nobody_else_any() -> None:
    session = await make.signed_in("root", Role.ADMINISTRATOR)
    (account,) = await queries.accounts()
    for command in (commands.deactivate, commands.reset_second_factor):
        with pytest.raises(Forbidden, match=r"account\.own"):
            await command(session.actor, account.code, at=AT)
        with pytest.raises(Forbidden, match=r"actor\.role"):
            await command(people.coordinator, account.code, at=AT)
        with pytest.raises(Missing):
            await command(people.administrator, Code("0000000000"), at=AT)
    with pytest.raises(Forbidden, match=r"account\.own"):
        await commands.set_roles(session.actor, account.code, [Role.AUDITOR], "x", at=AT)


async def test_nobody_is_invited_whom_no_number_tells_apart() -> None:
    for who in (Identity(name="林示例"), Identity(name="林示例", phone="无")):
        with pytest.raises(Invalid) as refusal:
            await commands.invite(
                people.administrator, "lin", [Role.COORDINATOR], "评议办", who, at=AT
            )
        assert [fault.path for fault in refusal.value.faults] == ["phone"]
    assert not await Account.count()


async def test_a_lone_administrator_is_rescued_at_the_machine() -> None:
    setup = await commands.found(make_vault.identity(), "root", make.PASSWORD, at=AT)
    session = await commands.sign_in("root", make.PASSWORD, make.code_for(setup, AT), at=AT)
    invited = await commands.rescue("root", at=LATER)
    assert not await make.holds(session, at=LATER)
    fresh = await commands.accept_invitation(invited.token, make.PASSWORD, at=LATER)
    again = await commands.confirm_totp(invited.token, make.code_for(fresh, LATER), at=LATER)
    assert again.actor.roles == {Role.ADMINISTRATOR}
    entry = await Entry.select().where(Entry.command == "accounts.rescue").first()
    assert entry is not None
    assert entry["actor"] == "operator"


async def test_only_an_administrator_is_rescued() -> None:
    await make.staff("wang", Role.REVIEWER)
    with pytest.raises(Forbidden, match=r"account\.no_rescue"):
        await commands.rescue("wang", at=LATER)
    with pytest.raises(Missing):
        await commands.rescue("nobody", at=LATER)
    assert (await queries.actor_named("wang")).roles == {Role.REVIEWER}


async def test_the_first_administrator_is_founded_once() -> None:
    setup = await commands.found(make_vault.identity(), "root", make.PASSWORD, at=AT)
    session = await commands.sign_in("root", make.PASSWORD, make.code_for(setup, AT), at=AT)
    assert session.actor.roles == {Role.ADMINISTRATOR}
    assert session.actor.office
    assert setup.uri.startswith("otpauth://totp/")
    with pytest.raises(Conflict, match=r"account\.founded"):
        await commands.found(make_vault.identity(2), "root2", make.PASSWORD, at=AT)


async def test_the_code_of_a_sample_account_is_told_and_of_a_real_one_never() -> None:
    await make.staff("wang", Role.REVIEWER)
    invited = await commands.invite(
        people.administrator, "demo", [Role.REVIEWER], "x", make_vault.identity(8), at=AT,
        sample=True,
    )  # fmt: skip
    with pytest.raises(Forbidden, match=r"account\.not_sample"):
        await queries.sample_code("demo", at=AT)
    setup = await commands.accept_invitation(invited.token, make.PASSWORD, at=AT)
    assert await queries.sample_code("demo", at=AT) == make.code_for(setup, AT)
    with pytest.raises(Forbidden, match=r"account\.not_sample"):
        await queries.sample_code("wang", at=AT)
    with pytest.raises(Missing):
        await queries.sample_code("nobody", at=AT)
