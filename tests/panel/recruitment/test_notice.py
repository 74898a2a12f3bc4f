"""The public notice from the draw to full seats, with the clock around each of its ends."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter

import pytest

from panel import db
from panel.actor import Actor
from panel.audit.tables import Entry
from panel.errors import Closed, Conflict, Forbidden, Invalid, Missing, Refusal
from panel.ids import Code
from panel.members import commands as members
from panel.members import queries as seats
from panel.members.tables import Member
from panel.recruitment import queries
from panel.recruitment.commands import appointment, notice, objections
from panel.recruitment.queries import notice as notices
from panel.recruitment.queries import objections as filed
from panel.recruitment.tables import Application, Noticed, Objection, Vetting
from panel.recruitment.types.applications import ApplicationState
from panel.recruitment.types.campaigns import CampaignState
from panel.recruitment.types.notice import (
    Circle,
    Decision,
    NoticedState,
    ObjectionState,
    Outcome,
    Proposed,
)
from panel.vault import queries as vault
from panel.vault.tables import Look
from tests import people
from tests.make import notice as make
from tests.make import recruitment

CALLER = "192.0.2.7"


@pytest.fixture(autouse=True)
async def rulebook(engine: db.Engine) -> None:
    """Have the measures in force."""
    del engine
    await recruitment.rulebook_in_force()


async def state(ticket: str) -> str:
    """Return an application's state."""
    row = await Application.select(Application.state).where(Application.code == ticket).first()
    assert row is not None
    return str(row["state"])


# The notice and its clock.


async def test_a_notice_lasts_five_working_days_of_the_citys_calendar() -> None:
    campaign = await make.drawn()
    (batch,) = await notices.batches(campaign)
    assert (batch.number, batch.size, batch.calendar) == (1, 10, "2026-1")
    assert batch.closes_at == make.LAST
    before_labour_day = dt.datetime(2026, 4, 28, 2, tzinfo=dt.UTC)
    other = await make.drawn(at=before_labour_day)
    # 29, 30 April, 6, 7, 8 May: holidays and the weekend don't count.
    assert (await notices.batches(other))[0].closes_at.date() == dt.date(2026, 5, 8)


async def test_nobody_can_be_put_on_a_notice_twice_nor_an_empty_notice_be_opened() -> None:
    campaign = await make.drawn()
    somebody = (await notices.noticed(campaign))[0]
    with pytest.raises(Conflict, match=r"notice\.changed"):
        await notice.open_batch(campaign, [Proposed(somebody.application_id)], at=make.DRAWN)
    with pytest.raises(Invalid, match=r"notice\.nobody"):
        await notice.open_batch(campaign, [], at=make.DRAWN)


async def test_the_last_second_still_belongs_to_the_notice() -> None:
    campaign = await make.drawn()
    ticket = (await notices.noticed(campaign))[0].ticket
    with pytest.raises(Conflict) as refusal:
        await notice.close_notice(people.coordinator, campaign.code, at=make.LAST)
    assert (refusal.value.code, refusal.value.values) == ("notice.running", {"until": "2026-04-20"})
    assert len(await notices.listed(campaign, at=make.LAST)) == 10
    assert await notices.listed(campaign, at=make.OVER) == []
    with pytest.raises(Closed, match=r"objection\.over"):
        await make.objected(campaign, ticket, at=make.OVER, key="a-key-that-is-too-late")
    await make.objected(campaign, ticket, at=make.LAST)
    with pytest.raises(Conflict, match=r"notice\.objections_open"):
        await notice.close_notice(people.coordinator, campaign.code, at=make.OVER)


async def test_an_unopposed_notice_leads_to_the_appointment() -> None:
    campaign = await make.drawn()
    assert await notice.close_notice(people.coordinator, campaign.code, at=make.OVER) == 10
    assert (await queries.campaign(campaign.code)).state is CampaignState.APPOINTING
    assert {each.state for each in await notices.noticed(campaign)} == {NoticedState.CLEARED}
    with pytest.raises(Conflict, match=r"notice\.nothing_open"):
        await notice.close_notice(people.coordinator, campaign.code, at=make.OVER)


async def test_the_clock_ends_a_notice_that_nothing_holds_up() -> None:
    campaign, held = await make.drawn(), await make.drawn()
    await make.objected(held)
    assert await notice.close_due(at=make.LAST) == 0
    assert await notice.close_due(at=make.OVER) == 1
    assert (await queries.campaign(campaign.code)).state is CampaignState.APPOINTING
    assert (await queries.campaign(held.code)).state is CampaignState.NOTICE
    assert await notice.close_due(at=make.OVER) == 0


async def test_of_two_who_end_a_notice_at_once_one_is_refused() -> None:
    campaign = await make.drawn()
    results = await asyncio.gather(
        *(
            notice.close_notice(each, campaign.code, at=make.OVER)
            for each in (people.coordinator, people.second)
        ),
        return_exceptions=True,
    )
    assert sorted(isinstance(each, Conflict) for each in results) == [False, True]


@pytest.mark.parametrize("actor", [people.clerk_a, people.auditor, people.stranger])
async def test_only_a_coordinator_works_on_a_notice(actor: Actor) -> None:
    campaign = await make.drawn()
    calls = [
        notice.close_notice(actor, campaign.code, at=make.OVER),
        notice.replace(actor, campaign.code, at=make.OVER),
        notice.fill_vacancies(actor, campaign.code, at=make.OVER),
        notice.paper_list(
            actor, campaign.code, Circle.COMMUNITY, "示例街道", "公示", at=make.DRAWN
        ),
        appointment.appoint(actor, campaign.code, at=make.OVER),
        appointment.complete(actor, campaign.code, at=make.OVER),
        objections.decide(actor, campaign.code, make.outcome(), at=make.DRAWN),
        objections.read_texts(actor, campaign.code, "处理", at=make.DRAWN),
    ]
    for call in calls:
        with pytest.raises(Forbidden, match=r"actor\.role"):
            await call


# Objections.


async def test_an_objection_is_taken_in_once_and_its_receipt_repeats() -> None:
    campaign = await make.drawn()
    ticket = (await notices.noticed(campaign))[0].ticket
    first = await make.objected(campaign, ticket)
    again = await asyncio.gather(*(make.objected(campaign, ticket) for _ in range(4)))
    assert again == [first] * 4
    assert await Objection.count() == 1
    with pytest.raises(Conflict, match=r"objection\.other_content"):
        await objections.object_to(
            campaign.code, make.form(ticket, text="别的事"), key=make.KEY, at=make.DRAWN
        )


async def test_eight_identical_objections_at_once_are_one() -> None:
    campaign = await make.drawn()
    found = await asyncio.gather(*(make.objected(campaign) for _ in range(8)))
    assert len(set(found)) == 1
    assert await Objection.count() == 1


async def test_an_objection_names_somebody_on_the_notice_or_the_list_as_a_whole() -> None:
    campaign = await make.drawn()
    reserve = (await notices.reserve(campaign))[0].ticket
    with pytest.raises(Missing, match=r"objection\.no_such_ticket"):
        await make.objected(campaign, reserve)
    await make.objected(campaign)
    (view,) = await filed.objections(campaign)
    assert (view.ticket, view.state) == (None, ObjectionState.OPEN)


async def test_there_is_nothing_to_object_to_before_the_notice() -> None:
    campaign = await recruitment.announced()
    with pytest.raises(Missing, match=r"notice\.unknown"):
        await make.objected(campaign)
    assert await Objection.count() == 0


async def test_an_upheld_objection_strikes_and_its_reply_is_read_with_the_receipt() -> None:
    campaign = await make.drawn()
    ticket = (await notices.noticed(campaign))[0].ticket
    receipt = await make.objected(campaign, ticket)
    waiting = await objections.read_answer(
        campaign.code, receipt.number, receipt.receipt, CALLER, at=make.DRAWN
    )
    assert (waiting.state, waiting.reply) == (ObjectionState.OPEN, "")
    await objections.decide(people.second, receipt.number, make.outcome(), at=make.DRAWN)
    assert await state(ticket) == ApplicationState.STRUCK
    assert (await notices.one_noticed(campaign, ticket)).state is NoticedState.STRUCK
    answer = await objections.read_answer(
        campaign.code, receipt.number.lower(), receipt.receipt, CALLER, at=make.DRAWN
    )
    assert (answer.decision, answer.reply) == (Decision.UPHELD, "已核实并处理。")
    with pytest.raises(Conflict, match=r"objection\.decided"):
        await objections.decide(people.second, receipt.number, make.outcome(), at=make.DRAWN)


async def test_a_rejected_objection_changes_nothing_for_the_proposed() -> None:
    campaign = await make.drawn()
    ticket = (await notices.noticed(campaign))[0].ticket
    receipt = await make.objected(campaign, ticket)
    await objections.decide(
        people.second, receipt.number, make.outcome(Decision.REJECTED), at=make.DRAWN
    )
    assert await state(ticket) == ApplicationState.SELECTED
    assert await notice.close_notice(people.coordinator, campaign.code, at=make.OVER) == 10


async def test_neither_author_nor_vetting_clerk_decides() -> None:
    campaign = await make.drawn()
    ticket = (await notices.noticed(campaign))[0].ticket
    receipt = await make.objected(campaign, ticket)
    with pytest.raises(Forbidden, match=r"approval\.same_person"):
        await objections.decide(people.coordinator, receipt.number, make.outcome(), at=make.DRAWN)
    row = await Application.objects().where(Application.code == ticket).first()
    assert row is not None
    await Vetting.insert(
        Vetting(application=row.id, clerk=people.second.person, verdict="pass", at=make.DRAWN)
    )
    with pytest.raises(Forbidden, match=r"objection\.vetted_by_you"):
        await objections.decide(people.second, receipt.number, make.outcome(), at=make.DRAWN)
    with pytest.raises(Missing, match=r"objection\.unknown"):
        await objections.decide(people.second, campaign.code, make.outcome(), at=make.DRAWN)


async def test_a_decision_needs_finding_reply_and_document() -> None:
    campaign = await make.drawn()
    receipt = await make.objected(campaign)
    with pytest.raises(Invalid) as refusal:
        await objections.decide(
            people.second, receipt.number, Outcome(Decision.REJECTED, " ", "", ""), at=make.DRAWN
        )
    assert [each.path for each in refusal.value.faults] == ["finding", "reply", "document"]


async def test_two_deciding_at_once_decide_once() -> None:
    campaign = await make.drawn()
    receipt = await make.objected(campaign)
    third = people.staff(9030, "third", "评议办", *people.second.roles)
    results = await asyncio.gather(
        *(
            objections.decide(each, receipt.number, make.outcome(), at=make.DRAWN)
            for each in (people.second, third)
        ),
        return_exceptions=True,
    )
    assert sorted(isinstance(each, Conflict) for each in results) == [False, True]


async def test_a_wrong_receipt_code_opens_nothing_and_slows_down() -> None:
    campaign = await make.drawn()
    receipt = await make.objected(campaign)
    other = await make.objected(campaign, key="22222222-2222-4222-8222-222222222222")
    for number, code in ((receipt.number, other.receipt), ("0000000000", receipt.receipt)):
        with pytest.raises(Missing, match=r"objection\.no_receipt"):
            await objections.read_answer(campaign.code, number, code, CALLER, at=make.DRAWN)
    for _ in range(objections.FREE_TRIES - 1):
        with pytest.raises(Missing):
            await objections.read_answer(
                campaign.code, receipt.number, "falsch", CALLER, at=make.DRAWN
            )
    with pytest.raises(Forbidden, match=r"signin\.wait"):
        await objections.read_answer(
            campaign.code, receipt.number, receipt.receipt, CALLER, at=make.DRAWN
        )
    # Somebody else's tries keep nobody out.
    await objections.read_answer(
        campaign.code, receipt.number, receipt.receipt, "192.0.2.8", at=make.DRAWN
    )


async def test_staff_reads_the_texts_on_the_record_and_never_the_name() -> None:
    campaign = await make.drawn()
    receipt = await make.objected(campaign)
    texts = await objections.read_texts(people.second, receipt.number, "处理异议", at=make.DRAWN)
    assert texts == (make.form().text,)
    (look,) = await Look.select()
    assert (look["fields"], look["looker"]) == ("attachment", "second")


async def test_nothing_typed_in_an_objection_stands_in_the_database_or_the_history() -> None:
    campaign = await make.drawn()
    ticket = (await notices.noticed(campaign))[0].ticket
    receipt = await make.objected(campaign, ticket)
    await objections.decide(people.second, receipt.number, make.outcome(), at=make.DRAWN)
    rows = [*await Objection.select(), *await Entry.select(), *await Noticed.select()]
    text = "\n".join(str(row) for row in rows)
    form = make.form()
    planted = (form.name, form.phone, form.text, "示例漏", "已核实", receipt.receipt)
    assert [each for each in planted if each in text] == []


# Whoever is struck or withdraws is replaced.


async def test_a_struck_one_is_replaced_from_the_same_category_and_noticed_anew() -> None:
    campaign = await make.drawn()
    ticket = (await make.on_notice(campaign, "resident"))[0].ticket
    await make.struck(campaign, ticket)
    with pytest.raises(Conflict, match=r"notice\.vacant"):
        await notice.close_notice(people.coordinator, campaign.code, at=make.OVER)
    found = await notice.replace(people.coordinator, campaign.code, at=make.OVER)
    ((old, new),) = found.pairs
    assert old == ticket
    replaced = await notices.one_noticed(campaign, new)
    assert (replaced.category, replaced.instead_of, replaced.batch) == ("resident", ticket, 2)
    assert await state(new) == ApplicationState.SELECTED
    second = (await notices.batches(campaign))[1]
    assert second.closes_at == dt.datetime(2026, 4, 28, 15, 59, 59, tzinfo=dt.UTC)
    with pytest.raises(Conflict, match=r"notice\.running"):
        await notice.close_notice(people.coordinator, campaign.code, at=second.closes_at)
    # The first notice is over: only who was noticed anew can be objected to.
    with pytest.raises(Closed, match=r"objection\.over"):
        await make.objected(
            campaign, (await make.on_notice(campaign, "other"))[0].ticket, at=make.OVER
        )
    after = second.closes_at + dt.timedelta(seconds=1)
    assert await notice.close_notice(people.coordinator, campaign.code, at=after) == 10


async def test_whoever_withdraws_during_the_notice_is_replaced_too() -> None:
    campaign = await make.drawn()
    ticket = (await make.on_notice(campaign, "enterprise"))[0].ticket
    await make.withdrawn(ticket)
    assert ticket not in {each.ticket for each in await notices.listed(campaign, at=make.DRAWN)}
    with pytest.raises(Closed, match=r"objection\.not_noticed"):
        await make.objected(campaign, ticket)
    found = await notice.replace(people.coordinator, campaign.code, at=make.DRAWN)
    assert (await notices.one_noticed(campaign, found.pairs[0][1])).category == "enterprise"


async def test_whoever_withdraws_after_the_notice_holds_up_the_appointment() -> None:
    campaign = await make.drawn()
    await notice.close_notice(people.coordinator, campaign.code, at=make.OVER)
    ticket = (await make.on_notice(campaign, "other"))[0].ticket
    await make.withdrawn(ticket, at=make.OVER)
    with pytest.raises(Conflict, match=r"notice\.vacant"):
        await appointment.appoint(people.coordinator, campaign.code, at=make.OVER)
    await notice.replace(people.coordinator, campaign.code, at=make.OVER)
    with pytest.raises(Conflict, match=r"appointment\.noticed"):
        await appointment.appoint(people.coordinator, campaign.code, at=make.OVER)
    later = make.OVER + dt.timedelta(days=10)
    await notice.close_notice(people.coordinator, campaign.code, at=later)
    assert len(await appointment.appoint(people.coordinator, campaign.code, at=later)) == 10


async def test_two_coordinators_never_fill_a_place_twice() -> None:
    campaign = await make.drawn()
    await make.struck(campaign, (await make.on_notice(campaign, "resident"))[0].ticket)
    results = await asyncio.gather(
        *(
            notice.replace(each, campaign.code, at=make.OVER)
            for each in (people.coordinator, people.second)
        ),
        return_exceptions=True,
    )
    assert sorted(isinstance(each, Refusal) for each in results) == [False, True]
    assert Counter(each.batch for each in await notices.noticed(campaign)) == {1: 10, 2: 1}


async def test_an_exhausted_reserve_is_told_and_holds_nobody_up() -> None:
    campaign = await make.drawn(reserve=("other",))
    await make.struck(campaign, (await make.on_notice(campaign, "resident"))[0].ticket)
    with pytest.raises(Conflict) as refusal:
        await notice.replace(people.coordinator, campaign.code, at=make.OVER)
    assert (refusal.value.code, refusal.value.values) == ("notice.reserve_exhausted", {"count": 1})
    assert await notice.close_notice(people.coordinator, campaign.code, at=make.OVER) == 9
    # 7 of 9 would be less than 80 %: one of the two others waits.
    assert len(await appointment.appoint(people.coordinator, campaign.code, at=make.OVER)) == 8
    everybody = await seats.of_campaign(campaign.code)
    assert Counter(each.category for each in everybody)["other"] == 1
    with pytest.raises(Conflict, match=r"appointment\.all_waiting"):
        await appointment.appoint(people.coordinator, campaign.code, at=make.OVER)
    await make.pledged(campaign)
    await appointment.complete(people.coordinator, campaign.code, at=make.OVER)
    assert (await queries.campaign(campaign.code)).state is CampaignState.COMPLETED


async def test_nothing_is_replaced_where_nobody_left() -> None:
    campaign = await make.drawn()
    with pytest.raises(Conflict, match=r"notice\.nothing_vacant"):
        await notice.replace(people.coordinator, campaign.code, at=make.DRAWN)
    with pytest.raises(Conflict, match=r"notice\.not_now"):
        await notice.fill_vacancies(people.coordinator, campaign.code, at=make.DRAWN)


async def test_a_struck_replacement_is_replaced_in_turn() -> None:
    campaign = await make.drawn(reserve=("resident", "resident"))
    first = (await make.on_notice(campaign, "resident"))[0].ticket
    await make.struck(campaign, first)
    ((_, second),) = (await notice.replace(people.coordinator, campaign.code, at=make.DRAWN)).pairs
    await make.withdrawn(Code(second))
    found = await notice.replace(people.coordinator, campaign.code, at=make.DRAWN)
    assert [old for old, _ in found.pairs] == [second]
    assert len(await notices.batches(campaign)) == 3


# Paper lists.


async def test_a_paper_list_names_one_community_and_every_look_is_logged() -> None:
    campaign = await make.drawn()
    named = await notice.paper_list(
        people.coordinator, campaign.code, Circle.COMMUNITY, "示例街道 东里", "公示", at=make.DRAWN
    )
    assert len(named) == 5
    assert [each.ticket for each in named] == sorted(each.ticket for each in named)
    assert all(each.name.endswith("泄") for each in named)
    assert "泄" not in str(named)
    looks = await Look.select()
    assert len(looks) == 5
    assert {look["fields"] for look in looks} == {"name,address"}


async def test_a_paper_list_of_a_workplace_ends_with_the_notice() -> None:
    campaign = await make.drawn()
    named = await notice.paper_list(
        people.coordinator, campaign.code, Circle.WORKPLACE, "示例乙厂", "公示", at=make.DRAWN
    )
    assert len(named) == 5
    for place, at in (("示例丙厂", make.DRAWN), ("示例乙厂", make.OVER)):
        with pytest.raises(Missing, match=r"notice\.nobody_there"):
            await notice.paper_list(
                people.coordinator, campaign.code, Circle.WORKPLACE, place, "公示", at=at
            )


# Appointment.


async def test_the_appointed_have_certificates_terms_and_recusals() -> None:
    campaign = await make.drawn()
    somebody = (await notices.noticed(campaign))[0]
    await Application.update({Application.exclusions: '[["0000000000","relative"]]'}).where(
        Application.code == somebody.ticket
    )
    await notice.close_notice(people.coordinator, campaign.code, at=make.OVER)
    codes = await appointment.appoint(people.coordinator, campaign.code, at=make.OVER)
    found = await seats.several(codes)
    assert len({each.certificate for each in found}) == 10
    assert all(each.certificate != each.code for each in found)
    assert {(each.term_start, each.term_end, each.cohort) for each in found} == {
        (dt.date(2026, 5, 1), dt.date(2028, 4, 30), 1)
    }
    member = next(each for each in found if each.person == somebody.person)
    assert (await seats.exclusions())[member.code] == {"0000000000"}
    assert await state(somebody.ticket) == ApplicationState.APPOINTED
    with pytest.raises(Conflict, match=r"appointment\.nobody"):
        await appointment.appoint(people.coordinator, campaign.code, at=make.OVER)


async def test_two_cohorts_serve_terms_of_different_length() -> None:
    campaign = await make.appointed(cohorts=2)
    found = await seats.of_campaign(campaign.code)
    assert {(each.cohort, each.term_end) for each in found} == {
        (1, dt.date(2027, 4, 30)),
        (2, dt.date(2028, 4, 30)),
    }
    for part in (set(make.SEATS) - {"other"}, {"other"}):
        sizes = Counter(each.cohort for each in found if each.category in part)
        assert abs(sizes[1] - sizes[2]) <= 1


async def test_appointing_has_its_time() -> None:
    campaign = await make.drawn()
    for call in (appointment.appoint, appointment.complete):
        with pytest.raises(Conflict, match=r"appointment\.not_now"):
            await call(people.coordinator, campaign.code, at=make.OVER)


async def test_of_two_who_appoint_at_once_one_is_refused() -> None:
    campaign = await make.drawn()
    await notice.close_notice(people.coordinator, campaign.code, at=make.OVER)
    results = await asyncio.gather(
        *(
            appointment.appoint(each, campaign.code, at=make.OVER)
            for each in (people.coordinator, people.second)
        ),
        return_exceptions=True,
    )
    assert sorted(isinstance(each, Conflict) for each in results) == [False, True]
    assert len(await seats.of_campaign(campaign.code)) == 10


async def test_a_campaign_is_complete_when_all_pledged_the_code_in_force() -> None:
    campaign = await make.appointed()
    codes = [each.code for each in await seats.of_campaign(campaign.code)]
    day = make.OVER.date()
    await members.record_pledge(people.coordinator, codes, version="1", on=day, at=make.OVER)
    await Member.update({Member.pledge: "0"}).where(Member.code == codes[9])
    with pytest.raises(Conflict) as refusal:
        await appointment.complete(people.coordinator, campaign.code, at=make.OVER)
    assert (refusal.value.code, refusal.value.values) == ("appointment.unpledged", {"count": 1})
    # Whoever left need not pledge; the place is offered to the reserve first.
    await members.resign(people.coordinator, codes[9], "搬离", at=make.OVER)
    with pytest.raises(Conflict, match=r"notice\.vacant"):
        await appointment.complete(people.coordinator, campaign.code, at=make.OVER)


async def test_after_completion_the_reserve_fills_the_place_of_whoever_resigned() -> None:
    campaign = await make.completed(cohorts=2)
    assert (await queries.campaign(campaign.code)).state is CampaignState.COMPLETED
    gone = next(
        each for each in await seats.of_campaign(campaign.code) if each.category == "resident"
    )
    later = dt.datetime(2026, 6, 1, 2, tzinfo=dt.UTC)
    await members.resign(people.coordinator, gone.code, "搬离", at=later)
    found = await notice.fill_vacancies(people.coordinator, campaign.code, at=later)
    ((_, new),) = found.pairs
    with pytest.raises(Conflict, match=r"notice\.nothing_vacant"):
        await notice.fill_vacancies(people.coordinator, campaign.code, at=later)
    over = dt.datetime(2026, 6, 9, 2, tzinfo=dt.UTC)
    await notice.close_notice(people.coordinator, campaign.code, at=over)
    (code,) = await appointment.appoint(people.coordinator, campaign.code, at=over)
    member = await seats.member(code)
    assert (member.category, member.cohort) == ("resident", gone.cohort)
    assert (member.term_start, member.term_end) == (dt.date(2026, 6, 9), gone.term_end)
    assert member.person == (await notices.one_noticed(campaign, new)).person


async def test_a_place_whose_term_is_over_is_not_filled() -> None:
    campaign = await make.completed()
    gone = (await seats.of_campaign(campaign.code))[0]
    await members.resign(people.coordinator, gone.code, "搬离", at=make.OVER)
    ended = dt.datetime(2028, 5, 1, 2, tzinfo=dt.UTC)
    assert (await notices.overview(campaign, at=ended)).vacant == ()


async def test_whoever_leaves_a_second_term_is_not_followed_by_an_old_reserve() -> None:
    campaign = await make.completed()
    somebody = (await seats.of_campaign(campaign.code))[0]
    await Member.update(
        {Member.state: "resigned", Member.term: 2, Member.term_end: dt.date(2030, 4, 30)}
    ).where(Member.code == somebody.code)
    assert (await notices.overview(campaign, at=make.OVER)).vacant == ()


# The public page's facts.


async def test_masked_names_are_all_that_the_public_page_gets() -> None:
    campaign = await make.drawn()
    listed = await notices.listed(campaign, at=make.DRAWN)
    masked = await vault.masked_names([each.person for each in listed])
    assert all(name.startswith("示") and set(name[1:]) == {"*"} for name in masked.values())


async def test_an_overview_counts_what_is_open() -> None:
    campaign = await make.drawn()
    await make.objected(campaign)
    await make.withdrawn((await make.on_notice(campaign, "other"))[0].ticket)
    found = await notices.overview(campaign, at=make.LAST)
    assert (found.open_objections, found.overdue, found.reserve, found.fillable) == (1, 0, 4, 1)
    assert found.counts == {"open": 9, "withdrawn": 1}
    assert found.running(make.LAST)
    assert not found.running(make.OVER)
    assert (await notices.overview(campaign, at=make.OVER)).overdue == 1
