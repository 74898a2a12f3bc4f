"""Member cards: redeemed once, guessed in vain, replaced and never reprinted."""

import asyncio
from datetime import timedelta

import pytest

from panel import db, entropy
from panel.accounts import commands, queries
from panel.accounts.tables import Account, OneTime
from panel.accounts.types import Card, CardRequest, OneTimeKind, SignedIn
from panel.actor import Role
from panel.audit.tables import Entry
from panel.errors import Closed, Conflict, Forbidden, Invalid, Missing, Refusal
from tests import people
from tests.make import accounts as make
from tests.make import vault as make_vault
from tests.make.accounts import PIN
from tests.make.vault import AT

pytestmark = pytest.mark.usefixtures("engine")


async def _redeem(card: Card, last4: str = "0001", *, days: float = 0) -> SignedIn:
    return await commands.redeem_card(card.token, last4, PIN, at=AT + timedelta(days=days))


async def test_a_card_signs_its_member_in_and_sets_the_pin() -> None:
    card = await make.card()
    session = await _redeem(card)
    assert session.actor.member == card.member
    assert session.actor.roles == {Role.MEMBER}
    assert session.actor.name == card.member
    again = await commands.sign_in_member(card.number.lower(), PIN, at=AT)
    assert again.token != session.token
    assert await make.holds(session)


async def test_looking_at_a_card_opens_nothing() -> None:
    card = await make.card()
    for _ in range(20):
        await queries.openable(card.token, OneTimeKind.CARD, at=AT)
    assert await make.holds(await _redeem(card))


async def test_a_card_used_twice_is_refused_the_second_time() -> None:
    card = await make.card()
    await _redeem(card)
    with pytest.raises(Closed, match=r"card\.used"):
        await _redeem(card)
    with pytest.raises(Closed, match=r"card\.used"):
        await queries.openable(card.token, OneTimeKind.CARD, at=AT)


async def test_of_many_posts_at_once_one_redeems_the_card() -> None:
    card = await make.card()

    async def attempt() -> SignedIn | Refusal:
        try:
            return await _redeem(card)
        except Refusal as refusal:
            return refusal

    answers = await asyncio.gather(*(attempt() for _ in range(4)))
    assert sum(isinstance(answer, SignedIn) for answer in answers) == 1
    codes = {answer.code for answer in answers if isinstance(answer, Refusal)}
    assert codes <= {"card.used", "card.exhausted"}


async def test_five_wrong_digits_end_a_card_also_for_the_right_ones() -> None:
    card = await make.card()
    for left in range(4, -1, -1):
        with pytest.raises(Forbidden) as refusal:
            await _redeem(card, "9999")
        assert (refusal.value.code, refusal.value.values["left"]) == ("card.wrong_digits", left)
    with pytest.raises(Closed, match=r"card\.exhausted"):
        await _redeem(card)


async def test_a_try_counts_even_though_it_was_refused() -> None:
    card = await make.card()
    with pytest.raises(Forbidden):
        await _redeem(card, "9999")
    row = await OneTime.select().first()
    assert row is not None
    assert row["tries"] == 1


async def test_an_easy_pin_costs_no_try() -> None:
    card = await make.card()
    with pytest.raises(Invalid):
        await commands.redeem_card(card.token, "0001", "111111", at=AT)
    row = await OneTime.select().first()
    assert row is not None
    assert row["tries"] == 0


async def test_a_guessed_token_is_no_card() -> None:
    await make.card()
    with pytest.raises(Missing, match=r"card\.unknown"):
        await commands.redeem_card(entropy.token(), "0001", PIN, at=AT, address="192.0.2.1")


async def test_a_card_lives_thirty_days() -> None:
    card = await make.card()
    with pytest.raises(Closed, match=r"card\.expired"):
        await _redeem(card, days=30)
    assert await make.holds(await _redeem(card, days=29.9), at=AT + timedelta(days=29.9))


async def test_a_new_card_ends_the_old_one_its_pin_and_its_sessions() -> None:
    person = await make_vault.person(1)
    seat = CardRequest(member=entropy.code(), person=person)
    (first,) = await commands.issue_cards(people.coordinator, [seat], at=AT)
    (second,) = await commands.issue_cards(people.coordinator, [seat], at=AT)
    with pytest.raises(Closed, match=r"card\.replaced"):
        await _redeem(first)
    session = await _redeem(second)
    (third,) = await commands.issue_cards(people.coordinator, [seat], at=AT)
    assert not await make.holds(session)
    for number in (first.number, second.number, third.number):
        with pytest.raises(Forbidden, match=r"signin\.refused"):
            await commands.sign_in_member(number, PIN, at=AT)
    assert len({first.number, second.number, third.number}) == 3
    assert await Account.count() == 1


async def test_the_token_is_stored_as_a_hash_only() -> None:
    card = await make.card()
    stored = repr([*await OneTime.select(), *await Account.select(), *await Entry.select()])
    assert card.token not in stored


async def test_members_slow_down_like_unknown_numbers() -> None:
    card, _ = await make.member()
    seen: dict[str, list[object]] = {}
    for number in (card.number, entropy.code()):
        seen[number] = []
        for _ in range(4):
            with pytest.raises(Forbidden) as refusal:
                await commands.sign_in_member(number, "000000", at=AT)
            seen[number].append((refusal.value.code, refusal.value.values))
    first, second = seen.values()
    assert first == second
    assert first[-1] == ("signin.wait", {"seconds": 2})


async def test_a_slip_of_the_number_is_told_and_costs_nothing() -> None:
    card, _ = await make.member()
    slip = card.number[:-1] + ("0" if card.number[-1] != "0" else "1")
    for _ in range(6):
        with pytest.raises(Invalid) as refusal:
            await commands.sign_in_member(slip, PIN, at=AT)
        assert refusal.value.faults[0].code == "card.number_mistyped"
    assert await make.holds(await commands.sign_in_member(card.number, PIN, at=AT))


async def test_a_withdrawn_member_is_out_at_once_and_gets_no_new_card_by_mistake() -> None:
    card, session = await make.member()
    await commands.withdraw_cards(people.coordinator, [card.member], at=AT)
    assert not await make.holds(session)
    with pytest.raises(Forbidden, match=r"signin\.refused"):
        await commands.sign_in_member(card.number, PIN, at=AT)
    row = await Account.select().first()
    assert row is not None
    with pytest.raises(Conflict, match=r"account\.deactivated"):
        await commands.issue_cards(
            people.coordinator, [CardRequest(member=card.member, person=row["person"])], at=AT
        )


async def test_only_a_coordinator_issues_cards() -> None:
    for actor in (people.administrator, people.reviewer, people.stranger):
        with pytest.raises(Forbidden):
            await commands.issue_cards(actor, [], at=AT)


async def test_a_thousand_cards_are_issued_with_one_entry(engine: db.Engine) -> None:
    persons = await make_vault.people(1000)
    seats = [CardRequest(member=entropy.code(), person=person) for person in persons]
    before = await Entry.count()
    cards = await commands.issue_cards(people.coordinator, seats, at=AT)
    assert await Entry.count() == before + 1
    assert len({card.number for card in cards}) == 1000
    assert [card.member for card in cards] == [seat.member for seat in seats]
    session = await commands.redeem_card(cards[499].token, "0500", PIN, at=AT)
    assert session.actor.member == seats[499].member
