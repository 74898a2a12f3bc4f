"""Questions to applicants, the right to reply, and who decides a reply."""

from __future__ import annotations

import datetime as dt

import pytest

from panel.audit import queries as audit
from panel.db import Engine
from panel.errors import Closed, Conflict, Forbidden, Invalid, Missing
from panel.ids import Code
from panel.recruitment import commands, queries
from panel.recruitment.rules import screening as rules
from panel.recruitment.types.applications import ApplicationState
from panel.recruitment.types.campaigns import CampaignView, Reason, Verdict
from tests import people
from tests.make import recruitment as make
from tests.make import vetting

AT = make.SCREENING
LATE = AT + dt.timedelta(days=12)
PLANTED = "示例密语：我住在示例路1号"


@pytest.fixture
async def rulebook(engine: Engine) -> Code:
    return await make.rulebook_in_force(make.small_toml())


async def refused(campaign: CampaignView, ticket: Code) -> None:
    """Let two clerks find an applicant ineligible."""
    for clerk in (people.clerk_a, people.clerk_b):
        await commands.vet(clerk, campaign.code, [ticket], Verdict.FAIL, Reason.RESIDENCE, at=AT)


async def state_of(campaign: CampaignView, ticket: Code) -> ApplicationState:
    return (await queries.application(campaign, ticket)).state


async def test_a_question_waits_for_its_answer_and_comes_back(rulebook: Code) -> None:
    campaign, tickets = await vetting.screening(3)
    until = await commands.ask(people.clerk_a, campaign.code, tickets[0], "住址缺门牌号", at=AT)
    assert until > AT + dt.timedelta(days=2)
    assert await state_of(campaign, tickets[0]) is ApplicationState.NEEDS_INFO
    assert (await queries.settled(campaign, AT)).questions == 1
    with pytest.raises(Conflict, match=r"vetting\.settled"):
        await commands.ask(people.clerk_b, campaign.code, tickets[0], "再问", at=AT)
    with pytest.raises(Conflict, match=r"vetting\.settled"):
        await commands.vet(people.clerk_a, campaign.code, [tickets[0]], Verdict.PASS, "", at=AT)
    after = await commands.answer(campaign.code, tickets[0], PLANTED, at=AT)
    assert after is ApplicationState.SUBMITTED
    asked = await queries.asked(await queries.application(campaign, tickets[0]))
    assert (asked.question, asked.answer) == ("住址缺门牌号", PLANTED)
    assert PLANTED not in repr(asked)
    with pytest.raises(Conflict, match=r"vetting\.nothing_asked"):
        await commands.answer(campaign.code, tickets[0], "又一次", at=AT)
    told = " ".join(f"{each.command} {each.detail}" for each in await audit.entries(limit=50))
    assert "recruitment.answer" in told
    assert "示例密语" not in told
    assert "门牌" not in told


async def test_an_unanswered_question_comes_back_by_itself(rulebook: Code) -> None:
    campaign, tickets = await vetting.screening(2)
    until = await commands.ask(people.clerk_a, campaign.code, tickets[0], "请补充", at=AT)
    assert await commands.lapse_questions(at=until) == 0
    with pytest.raises(Closed, match=r"vetting\.answer_late"):
        await commands.answer(campaign.code, tickets[0], "迟了", at=until + dt.timedelta(seconds=1))
    assert await commands.lapse_questions(at=until + dt.timedelta(seconds=1)) == 1
    assert await state_of(campaign, tickets[0]) is ApplicationState.SUBMITTED


async def test_who_is_found_ineligible_may_reply_for_some_days(rulebook: Code) -> None:
    campaign, tickets = await vetting.screening(2)
    await refused(campaign, tickets[0])
    found = await queries.asked(await queries.application(campaign, tickets[0]))
    assert found.answer_until is not None
    until = found.answer_until
    assert (await queries.settled(campaign, until)).reply_rights == 1
    assert (await queries.settled(campaign, until + dt.timedelta(seconds=1))).reply_rights == 0
    with pytest.raises(Closed, match=r"vetting\.answer_late"):
        await commands.answer(campaign.code, tickets[0], "迟了", at=until + dt.timedelta(seconds=1))
    assert await commands.answer(campaign.code, tickets[0], PLANTED, at=until) is (
        ApplicationState.REPLIED
    )
    assert (await queries.settled(campaign, LATE)).replies == 1
    with pytest.raises(Invalid):
        await commands.answer(campaign.code, tickets[1], " ", at=AT)


async def test_a_reply_is_decided_by_somebody_without_a_verdict_and_for_good(
    rulebook: Code,
) -> None:
    campaign, tickets = await vetting.screening(2)
    await refused(campaign, tickets[0])
    with pytest.raises(Conflict, match=r"vetting\.no_reply"):
        await commands.decide_reply(
            people.clerk_c, campaign.code, tickets[0], Verdict.PASS, "", at=AT
        )
    await commands.answer(campaign.code, tickets[0], PLANTED, at=AT)
    for clerk in (people.clerk_a, people.clerk_b):
        with pytest.raises(Forbidden, match=r"vetting\.reply_same_person"):
            await commands.decide_reply(clerk, campaign.code, tickets[0], Verdict.PASS, "", at=AT)
    with pytest.raises(Invalid, match=r"vetting\.reason_needed"):
        await commands.decide_reply(
            people.clerk_c, campaign.code, tickets[0], Verdict.FAIL, "weather", at=AT
        )
    with pytest.raises(Forbidden):
        await commands.decide_reply(
            people.reviewer, campaign.code, tickets[0], Verdict.PASS, "", at=AT
        )
    state = await commands.decide_reply(
        people.clerk_c, campaign.code, tickets[0], Verdict.FAIL, Reason.RESIDENCE, at=AT
    )
    assert state is ApplicationState.INELIGIBLE
    assert (await queries.settled(campaign, AT)).reply_rights == 0
    with pytest.raises(Closed, match=r"vetting\.answer_late"):
        await commands.answer(campaign.code, tickets[0], "再申辩", at=AT)


async def test_a_good_reply_makes_eligible(rulebook: Code) -> None:
    campaign, tickets = await vetting.screening(2)
    await refused(campaign, tickets[1])
    await commands.answer(campaign.code, tickets[1], PLANTED, at=AT)
    state = await commands.decide_reply(
        people.clerk_c, campaign.code, tickets[1], Verdict.PASS, "", at=AT
    )
    assert state is ApplicationState.ELIGIBLE
    assert (await queries.application(campaign, tickets[1])).reason == ""


async def test_screening_ends_only_when_nothing_is_open(rulebook: Code) -> None:
    campaign, tickets = await vetting.screening(40)
    for clerk in (people.clerk_a, people.clerk_b):
        await commands.vet(clerk, campaign.code, tickets[1:], Verdict.PASS, "", at=AT)
    await refused(campaign, tickets[0])
    with pytest.raises(Conflict, match=r"campaign\.unsettled"):
        await commands.finish_screening(people.coordinator, campaign.code, at=AT)
    done = await commands.finish_screening(people.coordinator, campaign.code, at=LATE)
    assert done.pool_size


async def test_an_unknown_ticket_answers_nothing(rulebook: Code) -> None:
    campaign, _ = await vetting.screening(1)
    with pytest.raises(Missing, match=r"application\.unknown"):
        await commands.answer(campaign.code, Code("0000000000"), "答复", at=AT)


def test_reason_codes_come_from_the_checklist_where_there_is_one() -> None:
    assert set(rules.reasons(())) == {each.value for each in Reason}
    listed = rules.reasons(("criminal", "age"))
    assert "criminal" in listed
    assert "record" not in listed
    assert len(listed) == len(set(listed))
