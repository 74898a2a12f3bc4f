"""Staff lists of evaluated units: kept as hashes, compared, and what may follow."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from panel.audit import queries as audit
from panel.db import Engine
from panel.errors import Conflict, Forbidden, Invalid, Missing
from panel.ids import Code, PersonId
from panel.members import commands as appointing
from panel.members import queries as members
from panel.members.types import NewSeat
from panel.recruitment import commands, queries
from panel.recruitment.queries import staff
from panel.recruitment.rules import staff as rules
from panel.recruitment.tables import Application, StaffList, StaffMark
from panel.recruitment.types.applications import ApplicationState
from panel.recruitment.types.vetting import HitKind, HitState
from tests import people
from tests.make import members as seats
from tests.make import recruitment as make
from tests.make import roster, vetting

AT = make.SCREENING


@pytest.fixture
async def city(engine: Engine) -> roster.City:
    await make.rulebook_in_force(make.small_toml())
    return await roster.small_city()


def sheet(*numbers: int) -> bytes:
    """Write a staff list of some of the invented applicants."""
    return vetting.table(
        {"姓名": make.form(number).name, "身份证号": make.form(number).national_id.lower()}
        for number in numbers
    )


async def test_a_list_is_kept_as_keyed_hashes_and_replaced(city: roster.City) -> None:
    unit = city.units[0].code
    assert await commands.take_staff_list(people.clerk_a, unit, sheet(1, 2, 2), "a.csv", at=AT) == 2
    kept = repr(await StaffMark.select()) + repr(await StaffList.select())
    told = " ".join(each.detail for each in await audit.entries(limit=10))
    for planted in (make.form(1).national_id, make.form(1).name):
        assert planted not in kept
        assert planted not in told
    assert await commands.take_staff_list(people.clerk_a, unit, sheet(3), "b.csv", at=AT) == 1
    assert await StaffMark.count() == 1
    (view,) = await staff.staff_lists()
    assert (view.unit, view.size) == (unit, 1)


async def test_lists_are_refused_with_their_faults(city: roster.City) -> None:
    unit = city.units[0].code
    damaged = vetting.table([{"身份证号": "3.70802E+17"}, {"身份证号": "12"}])
    with pytest.raises(Invalid) as refusal:
        await commands.take_staff_list(people.clerk_a, unit, damaged, "a.csv", at=AT)
    assert [each.code for each in refusal.value.faults] == [
        "import.lost_digits", "national_id.length",
    ]  # fmt: skip
    with pytest.raises(Forbidden):
        await commands.take_staff_list(people.reviewer, unit, sheet(1), "a.csv", at=AT)
    with pytest.raises(Missing):
        await commands.take_staff_list(people.clerk_a, Code("0000000000"), sheet(1), "a", at=AT)
    with pytest.raises(Conflict, match=r"staff\.no_list"):
        await commands.compare_staff(people.clerk_a, at=AT)


async def test_vetting_begins_with_a_comparison(city: roster.City) -> None:
    unit = city.units[0].code
    await commands.take_staff_list(people.clerk_a, unit, sheet(2, 9), "a.csv", at=AT)
    campaign, tickets = await vetting.screening(3)
    (hit,) = await staff.staff_hits()
    assert (hit.kind, hit.subject, hit.unit, hit.campaign) == (
        HitKind.APPLICANT, tickets[1], unit, campaign.code,
    )  # fmt: skip
    assert (await queries.settled(campaign, AT)).hits == 1
    again = await commands.compare_staff(people.clerk_a, at=AT)
    assert again.hits == 0
    (check,) = await staff.checks()
    assert (check.quarter, check.lists, check.compared, check.hits) == ("2026-Q2", 1, 3, 1)


async def test_somebody_on_a_list_stands_aside_from_that_unit(city: roster.City) -> None:
    unit = city.units[0].code
    await commands.take_staff_list(people.clerk_a, unit, sheet(1), "a.csv", at=AT)
    campaign, tickets = await vetting.screening(2)
    (hit,) = await staff.staff_hits()
    done = await commands.decide_staff_hit(people.clerk_a, hit.id, HitState.RECUSED, at=AT)
    assert done.state is HitState.RECUSED
    row = await Application.select().where(Application.code == tickets[0]).first()
    assert row is not None
    assert [unit, "staff"] in msgspec.json.decode(row["exclusions"])
    assert row["state"] == ApplicationState.SUBMITTED
    with pytest.raises(Conflict, match=r"staff\.decided"):
        await commands.decide_staff_hit(people.clerk_b, hit.id, HitState.RECUSED, at=AT)
    later = AT + dt.timedelta(days=100)
    assert (await commands.compare_staff(people.clerk_a, at=later)).hits == 0
    assert (await queries.settled(campaign, AT)).hits == 0


async def test_somebody_on_a_list_can_be_found_ineligible_and_reply(city: roster.City) -> None:
    await commands.take_staff_list(people.clerk_a, city.units[0].code, sheet(1), "a.csv", at=AT)
    campaign, tickets = await vetting.screening(2)
    (hit,) = await staff.staff_hits()
    with pytest.raises(Invalid, match=r"vetting\.reason_needed"):
        await commands.decide_staff_hit(people.clerk_a, hit.id, HitState.INELIGIBLE, at=AT)
    reason = list(await queries.reasons(campaign))[-1]
    await commands.decide_staff_hit(
        people.clerk_a, hit.id, HitState.INELIGIBLE, reason=reason, at=AT
    )
    found = await queries.application(campaign, tickets[0])
    assert (found.state, found.reason) == (ApplicationState.INELIGIBLE, reason)
    assert (await queries.settled(campaign, AT)).reply_rights == 1
    after = await commands.answer(campaign.code, tickets[0], "已经离职", at=AT)
    assert after is ApplicationState.REPLIED


async def test_a_mistake_needs_a_note(city: roster.City) -> None:
    await commands.take_staff_list(people.clerk_a, city.units[0].code, sheet(1), "a.csv", at=AT)
    await vetting.screening(1)
    (hit,) = await staff.staff_hits()
    with pytest.raises(Invalid):
        await commands.decide_staff_hit(people.clerk_a, hit.id, HitState.MISTAKEN, at=AT)
    with pytest.raises(Forbidden):
        await commands.decide_staff_hit(
            people.reviewer, hit.id, HitState.MISTAKEN, note="旧名册", at=AT
        )
    done = await commands.decide_staff_hit(
        people.clerk_a, hit.id, HitState.MISTAKEN, note="旧名册", at=AT
    )
    assert done.note == "旧名册"
    with pytest.raises(Missing, match=r"staff\.unknown"):
        await commands.decide_staff_hit(people.clerk_a, 10**6, HitState.RECUSED, at=AT)


async def serving(campaign: Code) -> list[Code]:
    """Appoint everybody who applied: five seats, one of them outside the 80 %."""
    rows = await Application.select(Application.person).order_by(Application.id)
    chosen = [
        NewSeat(
            person=PersonId(row["person"]),
            category=seats.CATEGORIES[place % 5],
            district=make.DISTRICTS[0],
            sex="female",
            age_band="30-44",
            latitude=None,
            longitude=None,
            campaign=campaign,
        )
        for place, row in enumerate(rows)
    ]
    start = AT.date() - dt.timedelta(days=1)
    return await appointing.appoint(people.coordinator, chosen, term_start=start, months=24, at=AT)


async def test_serving_members_are_compared_every_quarter(city: roster.City) -> None:
    unit = city.units[0].code
    campaign = await make.announced()
    await make.applied(campaign.code, 5)
    codes = await serving(campaign.code)
    assert await commands.compare_due(at=AT) is None, "there is no list yet"
    await Application.update({Application.state: "appointed"}, force=True)
    await commands.take_staff_list(people.clerk_a, unit, sheet(2, 4), "a.csv", at=AT)
    found = await commands.compare_due(at=AT)
    assert found is not None
    assert (found.compared, found.hits) == (5, 2)
    assert await commands.compare_due(at=AT + dt.timedelta(days=3)) is None
    first, second = await staff.staff_hits()
    assert {first.subject, second.subject} == {codes[1], codes[3]}
    assert first.kind is HitKind.MEMBER
    with pytest.raises(Invalid):
        await commands.decide_staff_hit(people.coordinator, first.id, HitState.INELIGIBLE, at=AT)
    with pytest.raises(Forbidden):
        await commands.decide_staff_hit(people.clerk_a, first.id, HitState.RECUSED, at=AT)
    await commands.decide_staff_hit(people.coordinator, first.id, HitState.RECUSED, at=AT)
    assert unit in (await members.exclusions())[first.subject]
    await commands.decide_staff_hit(
        people.coordinator, second.id, HitState.MISTAKEN, note="旧名册", at=AT
    )
    later = await commands.compare_due(at=AT + dt.timedelta(days=95))
    assert later is not None
    assert (later.quarter, later.hits) == ("2026-Q3", 1), "a mistake is looked at again"


def test_quarters_are_those_of_the_city() -> None:
    assert rules.quarter(dt.datetime(2026, 3, 31, 15, 59, tzinfo=dt.UTC)) == "2026-Q1"
    assert rules.quarter(dt.datetime(2026, 3, 31, 16, 0, tzinfo=dt.UTC)) == "2026-Q2"
    assert rules.quarter(dt.datetime(2026, 12, 31, 16, 0, tzinfo=dt.UTC)) == "2027-Q1"
