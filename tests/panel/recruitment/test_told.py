"""Who is told of what happens in recruitment: once each, in words that say nothing of it."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import msgspec
import pytest

from panel import db
from panel.errors import Conflict, Forbidden, Invalid
from panel.ids import Code
from panel.members import queries as seats
from panel.members.types import Listed
from panel.notices import commands as outbox
from panel.notices.types import Channel, MessageKind
from panel.recruitment import commands, queries
from panel.recruitment.commands import nominations, terms
from panel.recruitment.queries import nominations as reads
from panel.recruitment.queries import tenure
from panel.recruitment.types.applications import NominationForm
from panel.recruitment.types.campaigns import CampaignView, Verdict
from panel.rulebook import queries as rulebook
from panel.vault.types import Attached
from panel.workdays import SHANGHAI
from tests import people
from tests.make import notice
from tests.make import recruitment as make
from tests.make import terms as members

pytestmark = pytest.mark.engines("sqlite")
KEY = "nomination-key-000000000000000000001"
SCAN = Attached(b"\x89PNG", "image/png")


async def told() -> Counter[str]:
    """Count the messages of each kind."""
    rows = await db.raw("SELECT kind, count(*) AS count FROM message GROUP BY kind")
    return Counter({row["kind"]: int(row["count"]) for row in rows})


@pytest.fixture
async def campaign(engine: db.Engine) -> CampaignView:
    await make.rulebook_in_force(make.small_toml())
    return await make.announced()


def nomination(**changes: str) -> NominationForm:
    form = NominationForm(
        organisation="示例企业协会", post="秘书长", name="示例甲", phone="13900000001",
        nominee="示例乙", reasons="熟悉办事", duty=True,
    )  # fmt: skip
    return msgspec.structs.replace(form, **changes)


async def test_a_nominee_gets_the_code_directly_and_once(campaign: CampaignView) -> None:
    form = nomination(nominee_phone="13900000002")
    for _ in range(2):
        found = await nominations.nominate(campaign.code, form, SCAN, key=KEY, at=make.OPEN)
    assert found.invited
    assert await told() == {"nominated": 1}
    (message,) = await outbox.take(at=make.OPEN + dt.timedelta(days=1))
    assert (message.kind, message.channel, message.about) == (
        MessageKind.NOMINATED, Channel.SMS, found.number,
    )  # fmt: skip
    assert await reads.invitation(message.about) == (campaign.code, found.code)
    rows = str(await db.raw("SELECT * FROM message")) + str(
        await db.raw("SELECT * FROM nomination")
    )
    assert found.code not in rows
    assert "13900000002" not in rows


async def test_an_address_alone_is_written_to_and_nothing_asks_for_a_slip(
    campaign: CampaignView,
) -> None:
    mail = nomination(nominee_email="nominee@example.org")
    await nominations.nominate(campaign.code, mail, SCAN, key=KEY, at=make.OPEN)
    (message,) = await outbox.take(at=make.OPEN + dt.timedelta(days=1))
    assert message.channel is Channel.EMAIL
    plain = await nominations.nominate(
        campaign.code, nomination(), SCAN, key=KEY[::-1], at=make.OPEN
    )
    assert not plain.invited
    assert await told() == {"nominated": 1}
    view = await reads.nomination(campaign.code, plain.number)
    with pytest.raises(Forbidden):
        await nominations.hand_over(people.clerk_a, view, "未送达", at=make.OPEN)
    with pytest.raises(Invalid):
        await nominations.hand_over(people.coordinator, view, " ", at=make.OPEN)
    code = await nominations.hand_over(people.coordinator, view, "未送达", at=make.OPEN)
    assert code == plain.code
    await nominations.withdraw(people.coordinator, view, "单位撤回", at=make.OPEN)
    assert await reads.invitation(plain.number) is None
    gone = await reads.nomination(campaign.code, plain.number)
    with pytest.raises(Conflict):
        await nominations.hand_over(people.coordinator, gone, "未送达", at=make.OPEN)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("nominee_phone", "123"),
        ("nominee_phone", "13900000001"),
        ("nominee_email", "nobody"),
    ],
)
async def test_a_false_way_to_the_nominee_is_refused_by_its_field(
    campaign: CampaignView, field: str, value: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        await nominations.nominate(
            campaign.code, nomination(**{field: value}), SCAN, key=KEY, at=make.OPEN
        )
    assert [fault.path for fault in refusal.value.faults] == [field]


async def test_an_adverse_verdict_and_a_question_are_told_a_pass_is_not(
    campaign: CampaignView,
) -> None:
    tickets = [
        (await commands.apply(campaign.code, make.form(number), key=f"{number:036}", at=make.OPEN))
        .ticket
        for number in range(1, 4)
    ]  # fmt: skip
    await commands.start_screening(people.coordinator, campaign.code, at=make.SCREENING)
    why = next(iter(await queries.reasons(campaign)))

    async def judge(ticket: Code, verdict: Verdict, reason: str = "") -> None:
        for clerk in (people.clerk_a, people.clerk_b):
            await commands.vet(clerk, campaign.code, [ticket], verdict, reason, at=make.SCREENING)

    await judge(tickets[0], Verdict.PASS)
    assert await told() == {}
    await judge(tickets[1], Verdict.FAIL, why)
    assert await told() == {"application_news": 1}
    await commands.ask(people.clerk_a, campaign.code, tickets[2], "请补充单位", at=make.SCREENING)
    assert await told() == {"application_news": 2}


async def test_everybody_appointed_is_told_once(engine: db.Engine) -> None:
    await make.rulebook_in_force()
    campaign = await notice.appointed()
    seats = await db.raw("SELECT count(*) AS count FROM member")
    assert (await told())["appointed"] == int(seats[0]["count"]) > 0
    assert campaign.code


async def test_a_member_is_told_of_each_step_and_invited_to_the_hearing(
    engine: db.Engine,
) -> None:
    (view, *_) = await members.panel()
    before = (await told())["membership"]
    found = await members.suspended(view)
    at = found.opened_at + dt.timedelta(hours=1)
    today = at.astimezone(SHANGHAI).date()
    for day in (today, today + dt.timedelta(days=91)):
        with pytest.raises(Invalid):
            await terms.invite(people.coordinator, found.code, day, at=at)
    with pytest.raises(Forbidden):
        await terms.invite(people.publisher, found.code, today + dt.timedelta(days=7), at=at)
    for _ in range(2):
        await terms.invite(people.coordinator, found.code, today + dt.timedelta(days=7), at=at)
    assert (await tenure.proceeding(found.code)).hearing_on == today + dt.timedelta(days=7)
    assert (await told())["membership"] - before == 2
    await terms.lift(people.second, found.code, "查无实据", at=at)
    assert (await told())["membership"] - before == 3


@pytest.mark.engines("sqlite", "postgres")
async def test_the_list_of_missing_pledges_follows_the_rule_of_completion(
    engine: db.Engine,
) -> None:
    await make.rulebook_in_force()
    campaign = await notice.appointed()
    version = (await rulebook.current()).rulebook.conduct.version

    async def owing() -> tuple[int, int]:
        counted = await seats.unpledged(campaign.code, version)
        return counted, await seats.count_of(notice.OVER, Listed.PLEDGE)

    everybody, listed = await owing()
    assert everybody == listed > 0
    await notice.pledged(campaign)
    assert await owing() == (0, 0)
    await db.raw("UPDATE member SET pledge = {} WHERE id = (SELECT min(id) FROM member)", "earlier")
    assert await owing() == (1, 1)
    await db.raw("UPDATE member SET pledge = {}, term = 2", version)
    await db.raw("UPDATE member SET pledged_on = {}", dt.date(2020, 1, 1))
    assert await owing() == (everybody, everybody)
