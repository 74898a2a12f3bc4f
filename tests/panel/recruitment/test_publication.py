"""From lists to seats: the source announced, the number read by two, void runs, own choices."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from panel import db
from panel.audit import queries as audit
from panel.audit.tables import Entry
from panel.errors import Conflict, Forbidden, Invalid
from panel.ids import Code, PersonId
from panel.piccolo_app import our_tables
from panel.recruitment import queries
from panel.recruitment.commands import choice, publication
from panel.recruitment.commands import lottery as running
from panel.recruitment.queries import lottery as runs
from panel.recruitment.queries import notice
from panel.recruitment.queries.pool import pool
from panel.recruitment.rules import lottery
from panel.recruitment.tables import Application, Drawn, Lottery, NumberEntry
from panel.recruitment.types.campaigns import CampaignState, SeatKind
from panel.recruitment.types.runs import (
    CHOICE_COLUMNS,
    Demand,
    DemandKind,
    LotteryView,
    Method,
    Pick,
    Reading,
    RunState,
    Source,
    SourceKind,
)
from panel.vault import queries as vault
from tests import people
from tests.make import lottery as make
from tests.make import recruitment as campaigns

AT, DRAWING = make.AT, make.DRAWING
READ = Reading(make.SOURCE.issue, "007")


@pytest_asyncio.fixture(loop_scope="session")
async def few_quotas(engine: db.Engine) -> Code:
    """Put a rulebook with category quotas alone into force."""
    return await campaigns.rulebook_in_force(campaigns.small_toml())


async def states(view: LotteryView) -> Counter[str]:
    """Count the applications of a run's campaign by state."""
    rows = await Application.select(Application.state).where(
        Application.campaign.code == view.campaign
    )
    return Counter(row["state"] for row in rows)


async def commands_told() -> list[str]:
    """Return the history's commands, the newest first."""
    rows = await Entry.select(Entry.command).order_by(Entry.id, ascending=False)
    return [row["command"] for row in rows]


async def test_lists_are_published_by_another_person_with_a_source(few_quotas: Code) -> None:
    view = await make.listed(20)
    with pytest.raises(Forbidden, match=r"approval\.same_person"):
        await publication.publish(people.coordinator, view.code, make.SOURCE, at=AT)
    with pytest.raises(Forbidden, match=r"actor\.role"):
        await publication.publish(people.auditor, view.code, make.SOURCE, at=AT)
    with pytest.raises(Invalid):
        await publication.publish(people.second, view.code, None, at=AT)
    before = await runs.published_runs(await queries.campaign(view.campaign))
    assert before == []
    public = await publication.publish(people.second, view.code, make.SOURCE, at=AT)
    assert (public.state, public.source) == (RunState.PUBLISHED, make.SOURCE)
    with pytest.raises(Conflict, match=r"lottery\.changed"):
        await publication.publish(people.publisher, view.code, make.SOURCE, at=AT)


async def test_a_number_that_two_persons_read_gives_the_seats(few_quotas: Code) -> None:
    view = await make.published(40)
    with pytest.raises(Conflict, match=r"lottery\.too_early"):
        await publication.enter_number(people.coordinator, view.code, READ, at=AT)
    once = await publication.enter_number(people.coordinator, view.code, READ, at=DRAWING)
    again = await publication.enter_number(people.coordinator, view.code, READ, at=DRAWING)
    assert once.state is again.state is RunState.PUBLISHED
    drawn = await publication.enter_number(people.second, view.code, READ, at=DRAWING)
    assert (drawn.state, drawn.number, drawn.value) == (RunState.DRAWN, 7, "007")
    book = lottery.read_document(await runs.file(view)).book
    seats = [row["code"] for row in await runs.selected(drawn, SeatKind.SEAT)]
    reserves = [row["code"] for row in await runs.selected(drawn, SeatKind.RESERVE)]
    assert (tuple(seats), tuple(reserves)) == (book.lists[7], book.reserves[7])
    assert await states(view) == {
        "selected": 10, "reserve": len(reserves), "not_selected": 30 - len(reserves)
    }  # fmt: skip
    campaign = await queries.campaign(view.campaign)
    assert campaign.state is CampaignState.NOTICE
    listed = await notice.listed(campaign, at=DRAWING)
    assert {each.ticket for each in listed} == set(seats)
    with pytest.raises(Conflict, match=r"lottery\.changed"):
        await publication.enter_number(people.publisher, view.code, READ, at=DRAWING)
    assert (await commands_told())[0] == "recruitment.enter_number"
    assert not (await audit.verify(our_tables())).findings


async def test_different_numbers_draw_nothing_until_both_agree(few_quotas: Code) -> None:
    view = await make.published(20)
    other = msgspec.structs.replace(READ, value="008")
    await publication.enter_number(people.coordinator, view.code, READ, at=DRAWING)
    with pytest.raises(Conflict, match=r"lottery\.numbers_differ"):
        await publication.enter_number(people.second, view.code, other, at=DRAWING)
    assert (await runs.lottery(view.code)).state is RunState.PUBLISHED
    assert await NumberEntry.count() == 2  # what was entered is kept
    with pytest.raises(Conflict, match=r"lottery\.numbers_differ"):
        await publication.enter_number(people.second, view.code, other, at=DRAWING)
    drawn = await publication.enter_number(people.second, view.code, READ, at=DRAWING)
    assert drawn.number == 7


async def test_of_two_who_enter_at_once_one_completes_the_draw(few_quotas: Code) -> None:
    view = await make.published(20)
    both = [
        db.detached(publication.enter_number(each, view.code, READ, at=DRAWING))
        for each in (people.coordinator, people.second)
    ]
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    assert not [each for each in outcomes if isinstance(each, BaseException)], outcomes
    assert (await runs.lottery(view.code)).state is RunState.DRAWN
    assert await Drawn.count().where(Drawn.kind == SeatKind.SEAT) == 10


async def test_a_number_changed_by_sql_is_found(few_quotas: Code) -> None:
    view = await make.drawn(20)
    assert not (await audit.verify(our_tables())).findings
    await Lottery.update({Lottery.number: 8}).where(Lottery.id == view.id)
    assert (await audit.verify(our_tables())).findings


async def test_a_notarised_number_counts_with_its_deed(few_quotas: Code) -> None:
    view = await make.listed(20)
    source = Source(SourceKind.NOTARY, AT.date(), office="示例公证处")
    await publication.publish(people.second, view.code, source, at=AT)
    deed = Reading("", "003", "(2026)示例001")
    await publication.enter_number(people.coordinator, view.code, deed, at=AT)
    with pytest.raises(Conflict, match=r"lottery\.numbers_differ"):
        await publication.enter_number(
            people.second, view.code, Reading("", "003", "(2026)示例002"), at=AT
        )
    drawn = await publication.enter_number(people.second, view.code, deed, at=AT)
    assert (drawn.number, drawn.document) == (3, "(2026)示例001")


async def test_somebody_who_withdrew_is_noticed_to_nobody_but_keeps_the_place(
    few_quotas: Code,
) -> None:
    view = await make.published(20)
    gone = lottery.read_document(await runs.file(view)).book.lists[7][0]
    await Application.update({Application.state: "withdrawn"}).where(Application.code == gone)
    for each in (people.coordinator, people.second):
        await publication.enter_number(each, view.code, READ, at=DRAWING)
    counted = await states(view)
    assert (counted["withdrawn"], counted["selected"]) == (1, 9)
    campaign = await queries.campaign(view.campaign)
    assert gone not in {each.ticket for each in await notice.listed(campaign, at=DRAWING)}


def demand(kind: DemandKind = DemandKind.VOID, **more: object) -> Demand:
    """Return what somebody asks for."""
    whole = Demand(kind, "名单有误", PersonId(0), AT)
    return msgspec.structs.replace(whole, **more)


async def test_a_run_is_void_only_with_another_person_and_stays_listed(few_quotas: Code) -> None:
    view = await make.published(20)
    with pytest.raises(Conflict, match=r"lottery\.changed"):
        await publication.settle(people.second, view.code, agreed=True, at=AT)
    await publication.ask(people.coordinator, view.code, demand(), at=AT)
    with pytest.raises(Conflict, match=r"lottery\.demanded"):
        await publication.enter_number(people.second, view.code, READ, at=DRAWING)
    with pytest.raises(Forbidden, match=r"approval\.same_person"):
        await publication.settle(people.coordinator, view.code, agreed=True, at=AT)
    gone = await publication.settle(people.second, view.code, agreed=True, at=AT)
    assert (gone.state, gone.end_reason) == (RunState.VOID, "名单有误")
    campaign = await queries.campaign(view.campaign)
    assert [each.code for each in await runs.published_runs(campaign)] == [view.code]
    again = await running.run_out((await make.started(view.campaign)).code, at=AT)
    assert again.file_hash == view.file_hash  # a new run brings nobody another chance


async def test_what_was_asked_for_may_be_turned_down(few_quotas: Code) -> None:
    view = await make.published(20)
    await publication.ask(people.coordinator, view.code, demand(), at=AT)
    kept = await publication.settle(people.coordinator, view.code, agreed=False, at=AT)
    assert (kept.state, kept.demand) == (RunState.PUBLISHED, None)


async def test_who_agrees_means_what_was_read_and_nothing_in_its_place(few_quotas: Code) -> None:
    view = await make.published(20)
    wish = demand(
        DemandKind.NEXT_ISSUE, reason="停售", issue="2026096",
        on=make.SOURCE.on + dt.timedelta(days=1),
    )  # fmt: skip
    await publication.ask(people.coordinator, view.code, wish, at=AT)
    later = AT + dt.timedelta(minutes=5)
    await publication.settle(people.coordinator, view.code, agreed=False, at=later)
    await publication.ask(people.coordinator, view.code, demand(), at=later)
    with pytest.raises(Conflict, match=r"lottery\.changed"):
        await publication.settle(people.second, view.code, agreed=True, asked=AT, at=later)
    gone = await publication.settle(people.second, view.code, agreed=True, asked=later, at=later)
    assert gone.state is RunState.VOID


async def test_a_wish_from_before_the_number_is_too_late_after_it(few_quotas: Code) -> None:
    view = await make.published(20)
    await publication.ask(people.coordinator, view.code, demand(), at=AT)
    with pytest.raises(Conflict, match=r"lottery\.number_known"):
        await publication.settle(people.second, view.code, agreed=True, at=DRAWING)
    await publication.settle(people.second, view.code, agreed=False, at=DRAWING)
    await publication.enter_number(people.second, view.code, READ, at=DRAWING)


async def test_nobody_chooses_where_there_are_enough_to_draw_from(few_quotas: Code) -> None:
    campaign = await campaigns.selecting(20)
    chosen = [
        Pick(each.ticket, SeatKind.SEAT.value, "熟悉情况")
        for each in (await pool(await queries.campaign(campaign.code)))[:10]
    ]
    with pytest.raises(Conflict, match=r"lottery\.not_few"):
        await choice.choose(people.coordinator, campaign.code, chosen, "更合适", at=AT)
    with pytest.raises(Conflict, match=r"lottery\.not_yet"):
        await make.started(campaign.code, method=Method.ORGANISER)


async def test_an_issue_that_fell_out_is_followed_by_the_next(few_quotas: Code) -> None:
    view = await make.published(20)
    wish = demand(
        DemandKind.NEXT_ISSUE, reason="停售", issue="2026096",
        on=make.SOURCE.on + dt.timedelta(days=1),
    )  # fmt: skip
    await publication.ask(people.coordinator, view.code, wish, at=AT)
    later = await publication.settle(people.second, view.code, agreed=True, at=AT)
    assert later.source is not None
    assert (later.source.issue, later.source.passed) == ("2026096", (("2026095", "停售"),))
    tomorrow = DRAWING + dt.timedelta(days=1)
    with pytest.raises(Invalid):
        await publication.enter_number(people.second, view.code, READ, at=tomorrow)
    read = Reading("2026096", "007")
    await publication.enter_number(people.second, view.code, read, at=tomorrow)
    with pytest.raises(Conflict, match=r"lottery\.number_known"):
        await publication.ask(
            people.coordinator, view.code, msgspec.structs.replace(wish, issue="2026097"), at=AT
        )


async def test_too_few_are_all_taken_once_another_person_publishes(few_quotas: Code) -> None:
    view = await make.proposed(8)
    assert view.state is RunState.LISTED
    with pytest.raises(Forbidden, match=r"approval\.same_person"):
        await publication.publish(people.coordinator, view.code, None, at=AT)
    drawn = await publication.publish(people.second, view.code, None, at=AT)
    assert (drawn.state, drawn.number) == (RunState.DRAWN, None)
    assert await states(view) == {"selected": 8}
    assert (await queries.campaign(view.campaign)).state is CampaignState.NOTICE
    file = msgspec.json.decode(await runs.file(drawn))
    assert (file["method"], len(file["seats"])) == ("all", 8)


async def test_taking_all_never_breaks_a_firm_quota(few_quotas: Code) -> None:
    campaign = await campaigns.selecting(8)  # two in eight are of the fourth category
    with pytest.raises(Conflict, match=r"lottery\.firm_quota"):
        await make.started(campaign.code, method=Method.ALL)
    assert await runs.runs_of(campaign) == []


async def test_all_are_not_taken_where_there_are_enough_to_draw(few_quotas: Code) -> None:
    campaign = await campaigns.selecting(20)
    with pytest.raises(Conflict, match=r"lottery\.not_few"):
        await make.started(campaign.code, method=Method.ALL)


async def test_too_few_cannot_be_drawn_from(few_quotas: Code) -> None:
    campaign = await campaigns.selecting(8)
    with pytest.raises(Conflict, match=r"lottery\.too_few"):
        await make.started(campaign.code)


async def picks(campaign: Code, count: int) -> list[Pick]:
    """Choose so many persons, the firm quota kept."""
    eligible = await pool(await queries.campaign(campaign))
    kept = [each for each in eligible if ("category", "other") not in each.features]
    return [Pick(each.ticket, "seat", f"熟悉窗口 {each.ticket}") for each in kept[:count]]


async def test_the_organisers_choice_is_published_by_another_with_sealed_reasons(
    few_quotas: Code,
) -> None:
    campaign = await campaigns.selecting(8)
    chosen = await picks(campaign.code, 5)
    with pytest.raises(Invalid):
        await choice.choose(people.coordinator, campaign.code, chosen, " ", at=AT)
    with pytest.raises(Forbidden):
        await choice.choose(people.publisher, campaign.code, chosen, "人数不足", at=AT)
    view = await choice.choose(people.coordinator, campaign.code, chosen, "人数不足", at=AT)
    assert (view.method, view.state) == (Method.ORGANISER, RunState.LISTED)
    with pytest.raises(Conflict, match=r"lottery\.running_already"):
        await choice.choose(people.second, campaign.code, chosen, "人数不足", at=AT)
    drawn = await publication.publish(people.second, view.code, None, at=AT)
    assert drawn.state is RunState.DRAWN
    assert await states(view) == {"selected": 5, "not_selected": 3}
    row = await Drawn.select(
        Drawn.reason, Drawn.application.person.as_alias("person"),
        Drawn.application.code.as_alias("code"),
    ).first()  # fmt: skip
    assert row is not None
    told = await vault.attachment(PersonId(row["person"]), Code(row["reason"]))
    assert told.data.decode() == f"熟悉窗口 {row['code']}"
    assert "熟悉窗口".encode() not in await runs.file(drawn)
    details = await Entry.select(Entry.detail)
    assert not [each for each in details if "熟悉窗口" in each["detail"]]


async def test_a_void_choice_leaves_the_applications_free(few_quotas: Code) -> None:
    campaign = await campaigns.selecting(8)
    chosen = await picks(campaign.code, 5)
    view = await choice.choose(people.coordinator, campaign.code, chosen, "人数不足", at=AT)
    await publication.ask(people.coordinator, view.code, demand(), at=AT)
    await publication.settle(people.second, view.code, agreed=True, at=AT)
    assert await Drawn.count() == 0
    assert await states(view) == {"eligible": 8}
    await choice.choose(people.coordinator, campaign.code, chosen, "人数不足", at=AT)


async def test_a_sheet_of_choices_is_read_and_refused_by_its_rows(few_quotas: Code) -> None:
    campaign = await campaigns.selecting(8)
    chosen = await picks(campaign.code, 3)
    head = ",".join(CHOICE_COLUMNS)

    def sheet(place: str) -> bytes:
        rows = [f"{each.ticket},,,,,{place},{each.reason}" for each in chosen]
        return "\n".join([head, *rows]).encode()

    call: Any = choice.choose_from
    with pytest.raises(Invalid) as refusal:
        await call(people.coordinator, campaign.code, sheet("主席"), "a.csv", "少", at=AT)
    told = [(each.values["row"], each.code) for each in refusal.value.faults]
    assert told == [(2, "lottery.no_place"), (3, "lottery.no_place"), (4, "lottery.no_place")]
    view = await call(people.coordinator, campaign.code, sheet("席位"), "a.csv", "少", at=AT)
    assert len(await runs.selected(view, SeatKind.SEAT)) == 3


async def test_a_small_panel_is_drawn_by_strata(few_quotas: Code) -> None:
    campaign = await campaigns.selecting(20)
    begun = await make.started(campaign.code, method=Method.STRATIFIED)
    view = await running.run_out(begun.code, at=AT)
    data = await runs.file(view)
    assert all(each.passed for each in lottery.verify(data, view.file_hash)), lottery.verify(data)
    await publication.publish(people.second, view.code, make.SOURCE, at=AT)
    for each in (people.coordinator, people.second):
        drawn = await publication.enter_number(each, view.code, READ, at=DRAWING)
    assert drawn.state is RunState.DRAWN
    assert (await states(view))["selected"] == 10


async def test_the_sealed_roster_is_given_to_witnesses_on_the_record(few_quotas: Code) -> None:
    view = await make.published(20)
    data = await publication.take_roster(people.auditor, view.campaign, at=AT)
    assert lottery.file_digest(data) == view.sealed_hash
    file = await runs.file(view)
    assert all(each.passed for each in lottery.check_sealed(file, data))
    assert (await commands_told())[0] == "recruitment.take_roster"
    with pytest.raises(Forbidden):
        await publication.take_roster(people.clerk_a, view.campaign, at=AT)
