"""Lists to vetting offices: what goes out, what may come back, and who decides a finding."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from panel.actor import Actor, Role
from panel.audit import queries as audit
from panel.db import Engine
from panel.errors import Conflict, Forbidden, Invalid, Missing
from panel.ids import Code
from panel.recruitment import commands, queries
from panel.recruitment.queries import vetting as lists
from panel.recruitment.types.applications import ApplicationState
from panel.recruitment.types.campaigns import CampaignView, Verdict
from panel.recruitment.types.vetting import LIST_COLUMNS, ListState, ListView
from panel.vault import queries as vault
from tests import people
from tests.make import recruitment as make
from tests.make import vetting

AT = make.SCREENING


@pytest.fixture
async def rulebook(engine: Engine) -> Code:
    return await make.rulebook_in_force(make.small_toml())


async def states(campaign: CampaignView) -> dict[str, int]:
    return (await queries.progress(campaign)).by_state


async def reason_of(campaign: CampaignView) -> str:
    """Return a reason code that this campaign knows."""
    return next(iter(await queries.reasons(campaign)))


async def test_two_offices_pass_whom_they_found_nothing_about(rulebook: Code) -> None:
    campaign, tickets = await vetting.screening(6, two_offices=True)
    first = await vetting.returned(campaign, "示例公安局")
    assert (first.state, first.hits, first.document) == (
        ListState.RETURNED, 0, vetting.PAPER.document,
    )  # fmt: skip
    assert await states(campaign) == {"submitted": 6}
    await vetting.returned(campaign, "示例法院", actor=people.clerk_b)
    assert await states(campaign) == {"eligible": 6}
    entry = next(
        each for each in await audit.entries(limit=20) if each.command == "recruitment.take_reply"
    )
    assert vetting.PAPER.document in entry.document
    assert all(ticket not in entry.detail for ticket in tickets)


async def test_two_offices_are_two_hands(rulebook: Code) -> None:
    campaign, _ = await vetting.screening(4, two_offices=True)
    await vetting.returned(campaign, "示例公安局")
    with pytest.raises(Forbidden, match=r"vetting\.same_hand"):
        await vetting.returned(campaign, "示例法院", actor=people.clerk_a)
    (waiting,) = [each for each in await lists.lists(campaign) if each.state is ListState.SENT]
    await commands.recall_list(people.clerk_a, campaign.code, waiting.code, "换人", at=AT)
    mate = people.staff(9099, "clerk-a2", people.clerk_a.office, Role.VETTING_CLERK)
    with pytest.raises(Forbidden, match=r"vetting\.same_desk"):
        await vetting.returned(campaign, "示例法院", actor=mate)
    (waiting,) = [each for each in await lists.lists(campaign) if each.state is ListState.SENT]
    await commands.recall_list(people.clerk_a, campaign.code, waiting.code, "换人", at=AT)
    assert await states(campaign) == {"submitted": 4}
    await vetting.returned(campaign, "示例税务局", actor=people.coordinator)
    assert await states(campaign) == {"eligible": 4}


async def test_only_findings_are_decided_and_one_by_one(rulebook: Code) -> None:
    campaign, tickets = await vetting.screening(5)
    why = await reason_of(campaign)
    sheets = [
        await vetting.returned(campaign, office, {tickets[0]: why, tickets[1]: why}, actor)
        for office, actor in (("示例公安局", people.clerk_a), ("示例法院", people.clerk_b))
    ]
    assert await states(campaign) == {"submitted": 2, "eligible": 3}
    assert (await queries.settled(campaign, AT)).hits == 4

    async def decide(sheet: ListView, ticket: Code, actor: Actor, *, confirm: bool) -> None:
        await commands.decide_hit(
            actor,
            campaign.code,
            sheet.code,
            ticket,
            confirm=confirm,
            at=AT,
        )

    await decide(sheets[0], tickets[0], people.clerk_a, confirm=True)
    with pytest.raises(Conflict, match=r"vetting\.hit_decided"):
        await decide(sheets[0], tickets[0], people.clerk_b, confirm=False)
    with pytest.raises(Conflict, match=r"vetting\.same_person"):
        await decide(sheets[1], tickets[0], people.clerk_a, confirm=True)
    await decide(sheets[1], tickets[0], people.clerk_b, confirm=True)
    assert (await queries.application(campaign, tickets[0])).state is ApplicationState.INELIGIBLE
    assert (await queries.settled(campaign, AT)).reply_rights == 1
    await decide(sheets[0], tickets[1], people.clerk_a, confirm=False)
    await decide(sheets[1], tickets[1], people.clerk_b, confirm=True)
    found = await queries.application(campaign, tickets[1])
    assert (found.state, found.passes, found.fails) == (ApplicationState.SUBMITTED, 1, 1)
    with pytest.raises(Conflict, match=r"vetting\.hit_decided"):
        await decide(sheets[0], tickets[2], people.clerk_a, confirm=True)


async def test_a_third_office_or_person_decides_where_two_differ(rulebook: Code) -> None:
    campaign, tickets = await vetting.screening(4)
    why = await reason_of(campaign)
    await vetting.returned(campaign, "示例公安局")
    court = await vetting.returned(
        campaign, "示例法院", dict.fromkeys(tickets[:2], why), people.clerk_b
    )
    for ticket in tickets[:2]:
        await commands.decide_hit(
            people.clerk_b, campaign.code, court.code, ticket, confirm=True, at=AT
        )
    assert (await queries.progress(campaign)).disputed == 2
    third = await commands.send_list(
        people.clerk_c, campaign.code, "示例税务局", disputed=True, at=AT
    )
    assert third.size == 2
    with pytest.raises(Conflict, match=r"vetting\.list_empty"):
        await commands.send_list(people.clerk_c, campaign.code, "示例税务局", disputed=True, at=AT)
    await commands.vet(people.clerk_c, campaign.code, [tickets[0]], Verdict.PASS, "", at=AT)
    waiting = await queries.application(campaign, tickets[0])
    assert waiting.state is ApplicationState.SUBMITTED, "the third office is still to be heard"
    await commands.recall_list(people.clerk_c, campaign.code, third.code, "不再回复", at=AT)
    assert (await queries.application(campaign, tickets[0])).state is ApplicationState.ELIGIBLE
    assert (await queries.application(campaign, tickets[1])).state is ApplicationState.SUBMITTED
    with pytest.raises(Conflict, match=r"vetting\.list_"):
        await commands.recall_list(people.clerk_c, campaign.code, third.code, "again", at=AT)


async def test_every_name_that_goes_out_is_a_look_its_owner_can_see(rulebook: Code) -> None:
    campaign, _ = await vetting.screening(3)
    sheet = await commands.send_list(people.clerk_a, campaign.code, "示例公安局", at=AT)
    people_found = await vetting.opened(campaign, sheet)
    assert len(people_found) == 3
    for _, person, identity in people_found:
        (look,) = await vault.looks(person)
        assert look.looker == people.clerk_a.name
        assert sheet.code in look.reason
        assert identity.phone == "", "an office gets no telephone numbers"
    told = " ".join(each.detail + each.reason for each in await audit.entries(limit=50))
    assert make.form(1).name not in told


Forger = Callable[[list[vetting.Line], list[vetting.Line]], list[vetting.Line]]


def drop(lines: list[vetting.Line], _: list[vetting.Line]) -> list[vetting.Line]:
    return lines[1:]


def unknown(lines: list[vetting.Line], _: list[vetting.Line]) -> list[vetting.Line]:
    return [{**lines[0], "报名号": "0000000000"}, *lines[1:]]


def foreign(lines: list[vetting.Line], other: list[vetting.Line]) -> list[vetting.Line]:
    return [other[0], *lines[1:]]


def added(lines: list[vetting.Line], other: list[vetting.Line]) -> list[vetting.Line]:
    return [*lines, {**lines[0], "报名号": "0000000000"}]


def swapped(lines: list[vetting.Line], _: list[vetting.Line]) -> list[vetting.Line]:
    one, two = lines[0]["报名号"], lines[1]["报名号"]
    return [{**lines[0], "报名号": two}, {**lines[1], "报名号": one}, *lines[2:]]


def renamed(lines: list[vetting.Line], _: list[vetting.Line]) -> list[vetting.Line]:
    return [{**lines[0], "姓名": "示例他人"}, *lines[1:]]


def renumbered(lines: list[vetting.Line], _: list[vetting.Line]) -> list[vetting.Line]:
    return [{**lines[0], "身份证号": make.national_id(77)}, *lines[1:]]


def twice(lines: list[vetting.Line], _: list[vetting.Line]) -> list[vetting.Line]:
    return [*lines, lines[0]]


def silent(lines: list[vetting.Line], _: list[vetting.Line]) -> list[vetting.Line]:
    return [{**lines[0], "审查意见": ""}, *lines[1:]]


def vague(lines: list[vetting.Line], _: list[vetting.Line]) -> list[vetting.Line]:
    return [{**lines[0], "审查意见": "再说"}, *lines[1:]]


def reasonless(lines: list[vetting.Line], _: list[vetting.Line]) -> list[vetting.Line]:
    return [{**lines[0], "审查意见": "不通过"}, *lines[1:]]


def invented(lines: list[vetting.Line], _: list[vetting.Line]) -> list[vetting.Line]:
    return [{**lines[0], "审查意见": "不通过", "原因": "看着不顺眼"}, *lines[1:]]


def contrary(lines: list[vetting.Line], _: list[vetting.Line]) -> list[vetting.Line]:
    return [{**lines[0], "原因": "age"}, *lines[1:]]


def rounded(lines: list[vetting.Line], _: list[vetting.Line]) -> list[vetting.Line]:
    return [{**lines[0], "身份证号": "9.90000E+17"}, *lines[1:]]


@pytest.mark.parametrize(
    ("forge", "code"),
    [
        (drop, "vetting.row_missing"),
        (unknown, "vetting.row_unknown"),
        (foreign, "vetting.row_changed"),
        (added, "vetting.row_unknown"),
        (swapped, "vetting.row_changed"),
        (renamed, "vetting.row_changed"),
        (renumbered, "vetting.row_changed"),
        (twice, "import.twice"),
        (silent, "import.empty_cell"),
        (vague, "vetting.opinion"),
        (reasonless, "vetting.reason_needed"),
        (invented, "vetting.reason_unknown"),
        (contrary, "vetting.reason_of_pass"),
        (rounded, "import.lost_digits"),
    ],
)
async def test_a_forged_or_damaged_reply_changes_nothing(
    rulebook: Code, forge: Forger, code: str
) -> None:
    campaign, _ = await vetting.screening(3)
    one = await commands.send_list(people.clerk_a, campaign.code, "示例公安局", at=AT)
    other = await commands.send_list(people.clerk_a, campaign.code, "示例法院", at=AT)
    forged = forge(await vetting.lines(campaign, one), await vetting.lines(campaign, other))
    with pytest.raises(Invalid) as refusal:
        await commands.take_reply(
            people.clerk_a, campaign.code, one.code, vetting.table(forged, LIST_COLUMNS),
            "reply.csv", at=AT, paper=vetting.PAPER,
        )  # fmt: skip
    assert code in {each.code for each in refusal.value.faults}
    assert await states(campaign) == {"submitted": 3}
    assert (await lists.vetting_list(campaign, one.code)).state is ListState.SENT
    view = await queries.progress(campaign)
    assert view.unjudged == 3


async def test_a_reply_comes_once_and_from_clerks(rulebook: Code) -> None:
    campaign, _ = await vetting.screening(2)
    sheet = await vetting.returned(campaign, "示例公安局")
    with pytest.raises(Conflict, match=r"vetting\.list_returned"):
        await vetting.lines(campaign, sheet)
    with pytest.raises(Forbidden):
        await commands.send_list(people.reviewer, campaign.code, "示例法院", at=AT)
    with pytest.raises(Invalid):
        await commands.send_list(people.clerk_a, campaign.code, " ", at=AT)
    with pytest.raises(Missing, match=r"vetting\.list_unknown"):
        await lists.vetting_list(campaign, Code("0000000000"))
    with pytest.raises(Conflict, match=r"vetting\.list_empty"):
        await commands.send_list(people.clerk_a, campaign.code, "示例公安局", at=AT)


async def test_an_application_waits_for_every_office_that_has_its_name(rulebook: Code) -> None:
    campaign, tickets = await vetting.screening(2)
    await commands.send_list(people.clerk_a, campaign.code, "示例公安局", at=AT)
    for clerk in (people.clerk_b, people.clerk_c):
        await commands.vet(clerk, campaign.code, tickets, Verdict.PASS, "", at=AT)
    assert await states(campaign) == {"submitted": 2}
    assert (await queries.settled(campaign, AT)).lists == 1


async def test_lists_are_sent_during_vetting_only(rulebook: Code) -> None:
    campaign = await make.announced()
    await make.applied(campaign.code, 2)
    with pytest.raises(Conflict, match=r"vetting\.not_now"):
        await commands.send_list(people.clerk_a, campaign.code, "示例公安局", at=make.OPEN)
