"""Seats from appointment to resignation, and who may do what to them."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest

from panel.accounts import commands as accounts
from panel.accounts import queries as sessions
from panel.accounts.types import CardRequest
from panel.audit import queries as audit
from panel.db import Engine
from panel.errors import Conflict, Forbidden, Invalid, Missing
from panel.ids import Code
from panel.members import commands, queries
from panel.members.types import ExclusionKind, MemberState, NewExclusion, NewSeat
from panel.piccolo_app import our_tables
from panel.vault import queries as identities
from tests import people
from tests.make import members as make
from tests.make import recruitment, roster, vault

DAY = make.START


@pytest.fixture
async def rulebook(engine: Engine) -> None:
    await recruitment.rulebook_in_force()


async def test_a_member_serves_from_the_first_to_the_last_day(rulebook: None) -> None:
    panel = await make.panel(5)
    last = dt.datetime.combine(panel[0].term_end, dt.time(23), dt.UTC) - dt.timedelta(hours=8)
    assert len(await queries.serving(last)) == 5
    assert not await queries.serving(last + dt.timedelta(hours=2))
    first = dt.datetime.combine(DAY, dt.time(), dt.UTC) - dt.timedelta(hours=8)
    assert len(await queries.serving(first)) == 5
    assert not await queries.serving(first - dt.timedelta(seconds=1))
    assert not (await audit.verify(our_tables())).findings


async def test_only_the_trained_and_pledged_qualify(rulebook: None) -> None:
    panel = await make.panel(5, qualified=False)
    codes = [each.code for each in panel]
    assert {each.state for each in panel} == {MemberState.APPOINTED}
    await commands.record_training(people.coordinator, codes[:3], on=DAY, at=make.AT)
    assert not await queries.qualified(make.AT)
    await commands.record_pledge(people.coordinator, codes[1:], version="1", on=DAY, at=make.AT)
    assert {each.code for each in await queries.qualified(make.AT)} == set(codes[1:3])
    entries = await audit.entries(limit=2)
    assert [each.command for each in entries] == [
        "members.record_pledge",
        "members.record_training",
    ]


async def test_a_member_pledges_for_oneself_only(rulebook: None) -> None:
    panel = await make.panel(5, qualified=False)
    me = people.member(panel[0].code, 9100)
    await commands.record_pledge(me, [panel[0].code], version="1", on=DAY, at=make.AT)
    with pytest.raises(Forbidden):
        await commands.record_pledge(me, [panel[1].code], version="1", on=DAY, at=make.AT)
    with pytest.raises(Forbidden):
        await commands.record_training(me, [panel[0].code], on=DAY, at=make.AT)
    with pytest.raises(Forbidden):
        await commands.resign(me, panel[1].code, "x", at=make.AT)


async def test_a_bulk_record_with_a_stranger_or_a_future_day_changes_nothing(
    rulebook: None,
) -> None:
    panel = await make.panel(5, qualified=False)
    codes = [each.code for each in panel]
    with pytest.raises(Missing, match=r"member\.unknown"):
        await commands.record_training(
            people.coordinator, [*codes, Code("ZZZZZZZZZZ")], on=DAY, at=make.AT
        )
    tomorrow = make.AT.date() + dt.timedelta(days=1)
    with pytest.raises(Invalid, match=r"member\.date_ahead"):
        await commands.record_training(people.coordinator, codes, on=tomorrow, at=make.AT)
    with pytest.raises(Missing, match=r"member\.nobody"):
        await commands.record_training(people.coordinator, [], on=DAY, at=make.AT)
    assert not [each for each in await queries.serving(make.AT) if each.trained_on]


async def test_appointments_that_break_the_hard_quota_are_refused(rulebook: None) -> None:
    persons = await vault.people(2)
    seats = [
        NewSeat(
            person=person, category=category, district="任城区", sex="female", age_band="30-44",
            latitude=None, longitude=None, campaign=Code("0000000000"),
        )
        for person, category in zip(persons, ("resident", "other"), strict=True)
    ]  # fmt: skip
    with pytest.raises(Conflict, match=r"member\.group_quota"):
        await commands.appoint(people.coordinator, seats, term_start=DAY, months=24, at=make.AT)
    with pytest.raises(Forbidden):
        await commands.appoint(people.clerk_a, seats[:1], term_start=DAY, months=24, at=make.AT)
    assert not await queries.serving(make.AT)


async def test_who_resigns_is_signed_out_and_the_card_opens_nothing(rulebook: None) -> None:
    (member, *_) = await make.panel(5)
    seat = CardRequest(member=member.code, person=member.person)
    (card,) = await accounts.issue_cards(people.coordinator, [seat], at=make.AT)
    ending = (await identities.reveal_own(member.person)).phone[-4:]
    signed = await accounts.redeem_card(card.token, ending, "580264", at=make.AT)
    await commands.resign(signed.actor, member.code, "迁居", at=make.AT)
    assert await sessions.actor_of(signed.token, at=make.AT) is None
    with pytest.raises(Forbidden, match=r"signin\.refused"):
        await accounts.sign_in_member(card.number, "580264", at=make.AT)
    (entry, *_) = await audit.entries(limit=1)
    assert entry.command == "members.resign"


async def test_a_resignation_counts_once_and_may_raise_the_alarm(rulebook: None) -> None:
    panel = await make.panel(10)
    composition = await queries.composition(make.AT)
    assert (composition.total, composition.qualified, composition.alarm) == (10, 10, False)
    leaver = next(each for each in panel if each.category == "enterprise")
    outcomes = await asyncio.gather(
        *(commands.resign(people.coordinator, leaver.code, "x", at=make.AT) for _ in range(2)),
        return_exceptions=True,
    )
    assert sum(isinstance(each, Conflict) for each in outcomes) == 1
    composition = await queries.composition(make.AT)
    assert composition.alarm
    assert (composition.total, composition.groups[0].seats, composition.groups[0].minimum) == (
        9, 7, 8,
    )  # fmt: skip
    with pytest.raises(Conflict, match=r"member\.left"):
        await commands.record_training(people.coordinator, [leaver.code], on=DAY, at=make.AT)


async def test_exclusions_are_declared_once_and_named_by_a_pseudonym(rulebook: None) -> None:
    city = await roster.small_city()
    first, other = city.units[0].code, city.units[1].code
    panel = await make.panel(5, exclusions=[NewExclusion(first, ExclusionKind.EMPLOYER)])
    mine = next(iter(await queries.exclusions()))
    me = people.member(mine, 9100)
    for _ in range(2):
        await commands.exclude(me, mine, other, ExclusionKind.SELF, at=make.AT)
    assert await queries.exclusions() == {mine: frozenset({first, other})}
    (entry, *_) = await audit.entries(limit=1)
    assert mine not in entry.detail
    with pytest.raises(Missing):
        await commands.exclude(
            people.coordinator, mine, Code("ZZZZZZZZZZ"), ExclusionKind.SELF, at=make.AT
        )
    stranger = next(each.code for each in panel if each.code != mine)
    with pytest.raises(Forbidden):
        await commands.exclude(me, stranger, other, ExclusionKind.SELF, at=make.AT)
