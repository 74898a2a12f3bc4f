"""A ranking is kept from the public by two persons; nothing changes before the second one."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest

from panel.actor import Signature
from panel.audit import queries as history
from panel.errors import Conflict, Forbidden
from panel.piccolo_app import our_tables
from panel.rankings import commands
from panel.rankings.types import RankingState
from tests import people
from tests.make import rankings as make

pytestmark = pytest.mark.usefixtures("engine")

PAPER = Signature("决定〔2026〕3号", "主任", date(2026, 4, 20), "0" * 64)


async def test_withholding_waits_for_another_person() -> None:
    city = await make.notified(units=1, members=5)
    code, at = city.round.code, make.LATE
    with pytest.raises(Conflict, match=r"withholding\.not_asked"):
        await commands.confirm_withholding(people.second, code, at=at)
    asked = await commands.withhold(people.publisher, code, "系统故障", "1号", at=at)
    assert (asked.state, asked.reason, asked.document) == (RankingState.NOTIFIED, "", "")
    assert (asked.withhold_reason, asked.withhold_document) == ("系统故障", "1号")
    with pytest.raises(Conflict, match=r"withholding\.asked"):
        await commands.withhold(people.second, code, "又一次", "2号", at=at)
    with pytest.raises(Forbidden, match=r"approval\.same_person"):
        await commands.confirm_withholding(people.publisher, code, at=at)
    with pytest.raises(Forbidden):
        await commands.confirm_withholding(people.reviewer, code, at=at)
    # The lists go on their way until somebody confirms.
    await commands.open_notice(people.publisher, code, at=at)
    found = await commands.confirm_withholding(people.second, code, at=at)
    assert (found.state, found.reason, found.document) == (
        RankingState.WITHHELD, "系统故障", "1号",
    )  # fmt: skip
    with pytest.raises(Conflict, match=r"ranking\.over"):
        await commands.confirm_withholding(people.second, code, at=at)
    assert (await history.verify(our_tables())).findings == ()


async def test_a_request_to_withhold_is_declined_and_never_confirmed_after() -> None:
    city = await make.computed(units=1, members=5)
    code, at = city.round.code, make.NOTIFIED
    with pytest.raises(Conflict, match=r"withholding\.not_asked"):
        await commands.decline_withholding(people.second, code, at=at)
    await commands.withhold(people.publisher, code, "系统故障", "1号", at=at)
    outcome = await asyncio.gather(
        commands.confirm_withholding(people.second, code, at=at),
        commands.decline_withholding(people.coordinator, code, at=at),
        return_exceptions=True,
    )
    assert sorted(isinstance(each, Conflict) for each in outcome) == [False, True]
    with pytest.raises(Forbidden):
        await commands.decline_withholding(people.reviewer, code, at=at)


@pytest.mark.engines("sqlite")
async def test_a_leaders_signature_on_paper_stands_for_the_second_person() -> None:
    city = await make.computed(units=1, members=5)
    found = await commands.withhold(
        people.publisher, city.round.code, "停", "1号", at=make.NOTIFIED, paper=PAPER
    )
    assert found.state is RankingState.WITHHELD


@pytest.mark.engines("sqlite")
async def test_what_is_public_by_then_is_not_withheld() -> None:
    city = await make.final(units=1, members=5)
    code = city.round.code
    await commands.withhold(people.second, code, "停", "1号", at=make.LATE)
    await commands.publish(people.publisher, code, at=make.LATE)
    with pytest.raises(Conflict, match=r"ranking\.over"):
        await commands.confirm_withholding(people.publisher, code, at=make.LATE)
