"""A campaign's way: deadlines to the second, reasons, guards, and two persons at once."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import msgspec
import pytest

from panel.actor import Signature
from panel.audit import queries as audit
from panel.db import Engine
from panel.errors import Closed, Conflict, Forbidden, Invalid
from panel.ids import Code
from panel.members import commands as members
from panel.piccolo_app import our_tables
from panel.recruitment import commands, queries
from panel.recruitment.commands import papers
from panel.recruitment.queries import filling
from panel.recruitment.rules import campaigns as rules
from panel.recruitment.tables import Application, Campaign, Period
from panel.recruitment.types.applications import ApplicationState
from panel.recruitment.types.campaigns import (
    CampaignKind,
    CampaignState,
    CampaignView,
    PeriodKind,
    Phase,
    Verdict,
)
from panel.recruitment.types.paper import PaperAct
from panel.rulebook import queries as rulebooks
from tests import people
from tests.make import members as seats
from tests.make import recruitment as make
from tests.make import roster

SECOND = dt.timedelta(seconds=1)
DAY = dt.timedelta(days=1)
PAPER = Signature("济评办2026-9号", "示例领导", make.AT.date(), "00" * 32)


@pytest.fixture
async def rulebook(engine: Engine) -> Code:
    return await make.rulebook_in_force(make.small_toml())


@pytest.fixture
async def city(rulebook: Code) -> None:
    await roster.small_city()


async def refused(error: type[Exception], code: str, awaited: Any) -> None:
    with pytest.raises(error) as refusal:
        await awaited
    assert getattr(refusal.value, "code", "") == code


async def state_of(campaign: CampaignView) -> CampaignState:
    return (await queries.campaign(campaign.code)).state


async def test_criteria_freeze_all_that_decides(rulebook: Code) -> None:
    campaign = await make.announced(cohorts=2)
    frozen = msgspec.json.decode(campaign.criteria)
    assert (frozen["kind"], frozen["cohorts"], frozen["lists"]) == ("panel", 2, 1000)
    assert frozen["ages_on"] == "2026-04-11"
    assert isinstance(frozen["exclusions"], list)
    assert (campaign.approver, campaign.document) == (people.second.person, "")
    (first,) = await queries.periods(campaign)
    assert (first.kind, first.opens_at, first.closes_at, first.reason) == (
        PeriodKind.FIRST, make.OPENS, make.CLOSES, "",
    )  # fmt: skip


async def test_announcing_needs_seven_days_to_the_second(rulebook: Code) -> None:
    made = await commands.create(people.coordinator, make.draft(), at=make.AT)
    late = make.OPENS - dt.timedelta(days=7)
    await refused(
        Invalid,
        "campaign.too_late_to_announce",
        commands.approve_and_announce(people.second, made.code, at=late + SECOND),
    )
    announced = await commands.approve_and_announce(people.second, made.code, at=late)
    assert announced.announced_at == late


async def test_of_two_who_announce_at_once_one_is_refused(rulebook: Code) -> None:
    made = await commands.create(people.coordinator, make.draft(), at=make.AT)
    outcomes = await asyncio.gather(
        commands.approve_and_announce(people.second, made.code, at=make.AT),
        commands.approve_and_announce(people.publisher, made.code, at=make.AT),
        return_exceptions=True,
    )
    assert [each.code for each in outcomes if isinstance(each, Conflict)] == [
        "campaign.announced_already"
    ]
    assert await Period.count() == 1


async def test_applications_open_and_close_to_the_second(city: None) -> None:
    campaign = await make.announced()

    async def apply(number: int, at: dt.datetime) -> None:
        await commands.apply(campaign.code, make.form(number), key=f"{number:036d}", at=at)

    await refused(Conflict, "application.not_open", apply(1, make.OPENS - SECOND))
    await apply(1, make.OPENS)
    await apply(2, make.CLOSES - SECOND)
    await refused(Closed, "application.closed", apply(3, make.CLOSES))
    assert await Application.count() == 2


async def test_an_extension_comes_before_the_closing_moment_and_says_why(city: None) -> None:
    campaign = await make.announced()
    later = make.CLOSES + 10 * DAY

    def extend(at: dt.datetime, closes_at: dt.datetime = later, reason: str = "报名不足") -> Any:
        return commands.extend(people.coordinator, campaign.code, closes_at, reason, at=at)

    await refused(Conflict, "campaign.closed_already", extend(make.CLOSES))
    for wrong in (extend(make.OPEN, make.CLOSES), extend(make.OPEN, later, "  ")):
        await refused(Invalid, "campaign.faults", wrong)
    with pytest.raises(Forbidden):
        await commands.extend(people.clerk_a, campaign.code, later, "x", at=make.OPEN)
    longer = await commands.extend(
        people.coordinator, campaign.code, later, " 报名不足 ", at=make.CLOSES - SECOND, paper=PAPER
    )
    assert longer.phase(later - SECOND) is Phase.OPEN
    assert longer.phase(later) is Phase.CLOSED
    assert longer.criteria_hash == campaign.criteria_hash
    _, extension = await queries.periods(campaign)
    assert (extension.kind, extension.reason, extension.document) == (
        PeriodKind.EXTENSION, "报名不足", PAPER.document,
    )  # fmt: skip
    # Ages count on the day that was announced, whenever the closing comes.
    assert (await queries.terms(longer)).on == (await queries.terms(campaign)).on


async def test_of_two_extensions_at_once_one_is_refused(city: None) -> None:
    campaign = await make.announced()
    outcomes = await asyncio.gather(
        *(
            commands.extend(each, campaign.code, make.CLOSES + days * DAY, "报名不足", at=make.OPEN)
            for each, days in ((people.coordinator, 3), (people.second, 5))
        ),
        return_exceptions=True,
    )
    # Side by side one is refused; one after the other the shorter one may come to late.
    losers = [each for each in outcomes if isinstance(each, Exception)]
    assert len(await queries.periods(campaign)) + len(losers) == 3
    for each in losers:
        assert isinstance(each, (Conflict, Invalid))


async def test_vetting_begins_at_the_closing_moment_and_once(city: None) -> None:
    campaign = await make.announced()

    def start(at: dt.datetime) -> Any:
        return commands.start_screening(people.coordinator, campaign.code, at=at)

    await refused(Conflict, "campaign.not_closed", start(make.CLOSES - SECOND))
    with pytest.raises(Forbidden):
        await commands.start_screening(people.clerk_a, campaign.code, at=make.CLOSES)
    outcomes = await asyncio.gather(start(make.CLOSES), start(make.CLOSES), return_exceptions=True)
    assert sum(isinstance(each, Conflict) for each in outcomes) == 1
    assert await state_of(campaign) is CampaignState.SCREENING
    await refused(
        Conflict,
        "campaign.closed_already",
        commands.extend(people.coordinator, campaign.code, make.CLOSES + DAY, "x", at=make.OPEN),
    )


async def test_vetting_ends_when_nobody_is_open(city: None) -> None:
    campaign = await make.announced()
    tickets = await make.applied(campaign.code, 3)

    def finish(at: dt.datetime = make.SCREENING) -> Any:
        return commands.finish_screening(people.coordinator, campaign.code, at=at)

    await refused(Conflict, "campaign.not_screening", finish())
    await make.screened(campaign.code, tickets[:2])
    assert (await queries.unsettled(campaign, make.SCREENING)).undecided == 1
    await refused(Conflict, "campaign.unsettled", finish())
    for clerk in (people.clerk_a, people.clerk_b):
        await commands.vet(
            clerk, campaign.code, tickets[2:], Verdict.FAIL, "residence", at=make.SCREENING
        )
    # Found ineligible: the right to reply runs, to the second.
    (row,) = await Application.select(Application.answer_until).where(
        Application.code == tickets[2]
    )
    until = row["answer_until"]
    assert (await queries.unsettled(campaign, until - SECOND)).reply_rights == 1
    await refused(Conflict, "campaign.unsettled", finish(until - SECOND))
    done = await finish(until + SECOND)
    assert done.state is CampaignState.SELECTING
    assert len(done.pool_root) == len(done.sealed_hash) == 64
    assert done.pool_size == 3
    await refused(Conflict, "campaign.not_screening", finish(until + SECOND))
    verified = await audit.verify(our_tables())
    assert not verified.findings


async def test_of_two_who_finish_at_once_one_is_refused(city: None) -> None:
    campaign = await make.announced()
    await make.screened(campaign.code, await make.applied(campaign.code, 3))
    outcomes = await asyncio.gather(
        *(
            commands.finish_screening(each, campaign.code, at=make.SCREENING)
            for each in (people.coordinator, people.second)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(each, Conflict) for each in outcomes) == 1
    assert await state_of(campaign) is CampaignState.SELECTING


async def test_a_second_period_needs_quotas_that_cannot_be_met(city: None) -> None:
    enough = await make.selecting(40)
    opens, closes = make.SCREENING + DAY, make.SCREENING + 20 * DAY

    def reopen(campaign: CampaignView, **more: Any) -> Any:
        given = {"opens_at": opens, "closes_at": closes, "reason": "人数不足", **more}
        return commands.reopen(people.coordinator, campaign.code, at=make.SCREENING, **given)

    await refused(Conflict, "campaign.pool_suffices", reopen(enough))
    announced = await make.announced()
    await refused(Conflict, "campaign.not_reopenable", reopen(announced))
    few = await make.announced()
    tickets = await make.applied(few.code, 9)
    await make.screened(few.code, tickets)
    few = await commands.finish_screening(people.coordinator, few.code, at=make.SCREENING)
    assert few.pool_root
    for wrong in (
        reopen(few, opens_at=make.SCREENING - SECOND),
        reopen(few, closes_at=opens),
        reopen(few, reason=""),
    ):
        await refused(Invalid, "campaign.faults", wrong)
    again = await reopen(few)
    assert (again.state, again.pool_root, again.pool_size) == (CampaignState.ANNOUNCED, "", 0)
    assert [again.phase(at) for at in (opens - SECOND, opens, closes)] == [
        Phase.ANNOUNCED, Phase.OPEN, Phase.CLOSED,
    ]  # fmt: skip
    assert [each.kind for each in await queries.periods(few)] == [
        PeriodKind.FIRST, PeriodKind.REOPENING,
    ]  # fmt: skip
    # Whoever was found eligible stays so; the newcomer is vetted, then the pool is fixed anew.
    newcomer = await commands.apply(few.code, make.form(20), key="n" * 36, at=opens)
    await commands.start_screening(people.coordinator, few.code, at=closes)
    assert (await queries.unsettled(few, closes)).undecided == 1
    for clerk in (people.clerk_a, people.clerk_b):
        await commands.vet(clerk, few.code, [newcomer.ticket], Verdict.PASS, "", at=closes)
    done = await commands.finish_screening(people.coordinator, few.code, at=closes)
    assert (done.pool_size, done.pool_root != few.pool_root) == (10, True)


async def test_a_second_period_can_be_seen_to_be_needed_while_vetting(city: None) -> None:
    campaign = await make.announced()
    await make.applied(campaign.code, 9)
    await make.screening(campaign.code)
    again = await commands.reopen(
        people.second, campaign.code, make.SCREENING, make.SCREENING + 5 * DAY, "人数不足",
        at=make.SCREENING,
    )  # fmt: skip
    assert again.phase(make.SCREENING) is Phase.OPEN


async def test_a_cancellation_says_why_and_needs_another_person(city: None) -> None:
    campaign = await make.announced()

    def cancel(who: Any, reason: str = "机构改革", **more: Any) -> Any:
        return commands.cancel(who, campaign.code, reason, at=make.OPEN, **more)

    await refused(Forbidden, "approval.same_person", cancel(people.coordinator))
    await refused(Invalid, "campaign.faults", cancel(people.second, " "))
    with pytest.raises(Forbidden):
        await cancel(people.clerk_a)
    await refused(Conflict, "paper.not_entered", cancel(people.coordinator, paper=PAPER))
    await papers.enter(people.second, PaperAct.CANCEL, campaign.code, PAPER, at=make.OPEN)
    await refused(Forbidden, "approval.same_person", cancel(people.second, paper=PAPER))
    ended = await cancel(people.coordinator, paper=PAPER)
    assert (ended.state, ended.cancelled_for, ended.cancelled_at) == (
        CampaignState.CANCELLED, "机构改革", make.OPEN,
    )  # fmt: skip
    assert ended.phase(make.OPEN) is Phase.CANCELLED
    await refused(Conflict, "campaign.cancelled_already", cancel(people.second))
    await refused(
        Closed,
        "application.closed",
        commands.apply(campaign.code, make.form(), key="k" * 36, at=make.OPEN),
    )
    draft = await commands.create(people.coordinator, make.draft(), at=make.AT)
    await commands.cancel(people.coordinator, draft.code, "重复", at=make.AT)


@pytest.mark.parametrize("state", [CampaignState.APPOINTING, CampaignState.COMPLETED])
async def test_nothing_is_cancelled_once_members_are_appointed(
    rulebook: Code, state: CampaignState
) -> None:
    campaign = await make.announced()
    await Campaign.update({Campaign.state: state}).where(Campaign.id == campaign.id)
    await refused(
        Conflict,
        "campaign.too_late_to_cancel",
        commands.cancel(people.second, campaign.code, "x", at=make.OPEN),
    )


async def test_of_a_cancellation_and_an_announcement_at_once_one_is_refused(
    rulebook: Code,
) -> None:
    made = await commands.create(people.coordinator, make.draft(), at=make.AT)
    outcomes = await asyncio.gather(
        commands.approve_and_announce(people.second, made.code, at=make.AT),
        commands.cancel(people.coordinator, made.code, "重复", at=make.AT),
        return_exceptions=True,
    )
    assert sum(isinstance(each, (Conflict, Forbidden)) for each in outcomes) == 1


async def test_fill_counters_count_each_line_by_who_is_in_the_running(city: None) -> None:
    campaign = await make.announced()
    tickets = await make.applied(campaign.code, 8)
    await make.screened(campaign.code, tickets[:4])
    await Application.update({Application.state: ApplicationState.WITHDRAWN}).where(
        Application.code == tickets[7]
    )
    await Application.update({Application.state: ApplicationState.STAGED}).where(
        Application.code == tickets[6]
    )
    counts = await filling.filling(campaign)
    assert (counts.seats.running, counts.seats.eligible, counts.seats.short) == (6, 4, 4)
    by_name = {each.name: each for each in counts.lines}
    everybody = [make.CATEGORIES[number % 4] for number in range(1, 7)]
    for category in make.CATEGORIES:
        line = by_name[f"category:{category}"]
        assert line.running == everybody.count(category)
        assert line.eligible == everybody[:4].count(category)
    assert by_name["people"].running == 6 - everybody.count("other")
    assert not (await filling.weighed(campaign)).possible


async def test_quotas_of_a_replacement_are_what_the_serving_lack(city: None) -> None:
    serving = await seats.panel(10)
    gone = [each for each in serving if each.category == "resident"][:3]
    for each in gone:
        await members.resign(people.coordinator, each.code, "搬家", at=seats.AT)
    starts = seats.AT.date() + dt.timedelta(days=90)
    draft = make.draft(kind=CampaignKind.REPLACEMENT, seats=3, reserve=1, term_start=starts)
    made = await commands.create(people.coordinator, draft, at=make.AT)
    assert made.kind is CampaignKind.REPLACEMENT
    plan = await queries.plan(made)
    assert (plan.seats, plan.reserves) == (3, 1)
    # Seven serve, five of them of the three categories that hold 80 % together: three are missing.
    (group,) = plan.groups
    assert group.minimum == 3
    announced = await commands.approve_and_announce(people.second, made.code, at=make.AT)
    # What was announced stays, whoever leaves afterwards.
    other = next(each for each in serving if each.category == "enterprise")
    await members.resign(people.coordinator, other.code, "搬家", at=seats.AT)
    assert await queries.plan(announced) == plan


async def test_a_check_follows_every_change_of_the_pool(city: None) -> None:
    campaign = await make.announced()
    tickets = await make.applied(campaign.code, 40)
    assert (await filling.weighed(campaign, undecided=True)).possible
    assert (await filling.weighed(campaign, undecided=True)).applicants == 40
    moved = Application.code == tickets[0]
    await Application.update({Application.state: ApplicationState.WITHDRAWN}).where(moved)
    assert (await filling.weighed(campaign, undecided=True)).applicants == 39
    everybody = Application.campaign == campaign.id
    await Application.update({Application.category: "other"}).where(everybody)
    found = await filling.weighed(campaign, undecided=True)
    assert (found.possible, found.impossible) == (False, ("people",))
    # A home that turns out to be shared changes no count but the moment of the change.
    await Application.update({Application.category: "resident"}).where(everybody)
    before = await filling.weighed(campaign, undecided=True)
    await Application.update(
        {Application.household: "one home", Application.changed_at: make.OPEN}
    ).where(everybody)
    after = await filling.weighed(campaign, undecided=True)
    assert (before.reachable, after.reachable) == (39, 1)


async def test_how_early_the_desk_is_told_comes_from_the_measures(city: None) -> None:
    campaign = await make.announced()
    assert not await queries.closes_soon(campaign, make.CLOSES - 3 * DAY - SECOND)
    assert await queries.closes_soon(campaign, make.CLOSES - 3 * DAY)
    assert await queries.closes_soon(campaign, make.CLOSES - SECOND)
    assert not await queries.closes_soon(campaign, make.CLOSES)
    book = (await rulebooks.version(campaign.rulebook)).rulebook
    longer = msgspec.structs.replace(book.deadline("closing_soon"), amount=48, unit="hours")
    others = tuple(each for each in book.deadlines if each.key != longer.key)
    changed = msgspec.structs.replace(book, deadlines=(*others, longer))
    assert not rules.closes_soon(campaign, changed, make.CLOSES - 2 * DAY - SECOND)
    assert rules.closes_soon(campaign, changed, make.CLOSES - 2 * DAY)
