"""People's rights to their data: correction, erasure, deletion of the unsuccessful."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest

from panel.actor import SYSTEM
from panel.audit import queries as audit
from panel.audit.tables import Entry
from panel.db import Engine
from panel.errors import Closed, Conflict, Forbidden, Invalid
from panel.evaluations import queries as sheets
from panel.members import commands as seats
from panel.members import queries as members
from panel.members.tables import Exclusion, Member
from panel.members.types import NewSeat
from panel.piccolo_app import our_tables
from panel.recruitment import commands as recruiting
from panel.recruitment.commands import deletion, objections
from panel.recruitment.commands import rights as commands
from panel.recruitment.commands import terms as term_commands
from panel.recruitment.queries import rights, tenure
from panel.recruitment.tables import Application, Campaign, Correction, ImportRun, Proceeding
from panel.recruitment.types.applications import ApplicationState
from panel.recruitment.types.campaigns import CampaignView
from panel.recruitment.types.notice import Decision
from panel.recruitment.types.terms import Change, RequestKind, RequestState
from panel.roster import queries as places
from panel.vault import commands as vault
from panel.vault import queries as identities
from panel.vault.tables import Attachment, Field, Person
from panel.vault.types import Purpose
from panel.visits import queries as tasks
from panel.workdays import SHANGHAI
from tests import people
from tests.make import evaluations as sheet
from tests.make import notice, recruitment, roster, terms
from tests.make import vault as persons
from tests.make import visits as rounds

AT = persons.AT
DAY = dt.timedelta(days=1)
SECOND = dt.timedelta(seconds=1)


async def everything_told() -> str:
    """Return all that the history holds in clear."""
    return " ".join(f"{row['detail']} {row['reason']}" for row in await Entry.select())


async def test_a_new_employer_that_is_judged_becomes_a_recusal(engine: Engine) -> None:
    (view, *_) = await terms.panel()
    city = await roster.small_city()
    me = terms.phone(view)
    change = Change(phone="138 0000 1234", employer=city.units[0].name)
    await commands.correct(me, change, at=AT)
    kept = await identities.reveal_own(view.person)
    assert (kept.phone, kept.employer) == ("13800001234", city.units[0].name)
    assert kept.address == "示例路 1 号"
    (recusal,) = await members.recusals(view)
    assert (recusal.unit, recusal.kind) == (city.units[0].code, "employer")
    done = await rights.requests_of(view.person)
    assert {(each.field, each.state) for each in done} == {
        ("phone", RequestState.DONE),
        ("employer", RequestState.DONE),
    }
    assert "13800001234" not in await everything_told()


async def test_a_wrong_phone_or_no_change_is_told_by_its_field(engine: Engine) -> None:
    (view, *_) = await terms.panel()
    me = terms.phone(view)
    for change in (Change(phone="12"), Change(), Change(employer="长" * 121)):
        with pytest.raises(Invalid) as refusal:
            await commands.correct(me, change, at=AT)
        assert refusal.value.faults[0].path in {"phone", "employer"}
    with pytest.raises(Forbidden):
        await commands.correct(people.coordinator, Change(phone="13800001234"), at=AT)


async def test_a_name_is_corrected_by_the_office_when_asked(engine: Engine) -> None:
    (view, *_) = await terms.panel()
    asked = await commands.ask_correction(terms.phone(view), "name", "林示范", at=AT)
    with pytest.raises(Conflict, match=r"right\.asked_already"):
        await commands.ask_correction(terms.phone(view), "name", "林示范", at=AT)
    stored = repr(await Correction.select()) + await everything_told()
    assert "林示范" not in stored
    assert await commands.look_wish(people.second, asked.code, at=AT) == ("林示例", "林示范")
    assert {each.looker for each in await identities.looks(view.person)} == {"second"}
    with pytest.raises(Invalid):
        await commands.decide(people.second, asked.code, grant=True, reason="", at=AT)
    await commands.decide(people.second, asked.code, grant=True, reason="已核对证件", at=AT)
    assert (await identities.reveal_own(view.person)).name == "林示范"
    with pytest.raises(Conflict, match=r"right\.decided"):
        await commands.decide(people.second, asked.code, grant=False, reason="x", at=AT)
    (own,) = await rights.own_requests(view.person)
    assert (own.text, own.reason) == ("林示范", "已核对证件")
    assert not (await audit.verify(our_tables())).findings


async def test_an_id_number_must_hold_and_belong_to_nobody_else(engine: Engine) -> None:
    (view, *_) = await terms.panel()
    me = terms.phone(view)
    for text in ("", "3.70802E+17", "123"):
        with pytest.raises(Invalid):
            await commands.ask_correction(me, "national_id", text, at=AT)
    with pytest.raises(Invalid):
        await commands.ask_correction(me, "phone", "13800001234", at=AT)
    number = recruitment.national_id(8)
    asked = await commands.ask_correction(me, "national_id", number.lower(), at=AT)
    await commands.decide(people.second, asked.code, grant=True, reason="已核对", at=AT)
    assert (await identities.reveal_own(view.person)).national_id == number


async def test_an_id_number_of_somebody_else_is_refused_without_telling_whose(
    engine: Engine,
) -> None:
    await recruitment.rulebook_in_force(recruitment.small_toml())
    campaign = await recruitment.announced()
    await recruitment.applied(campaign.code, 2)
    first, second = await Application.select(Application.person, Application.mark).order_by(
        Application.id
    )
    (code,) = await seats.appoint(
        people.coordinator,
        [
            NewSeat(
                person=first["person"], category="resident", district="任城区", sex="female",
                age_band="30-44", latitude=None, longitude=None, campaign=campaign.code,
            )
        ],
        term_start=AT.date(), months=24, at=AT,
    )  # fmt: skip
    me = terms.phone(await members.member(code))
    taken = (await identities.reveal_own(second["person"])).national_id
    asked = await commands.ask_correction(me, "national_id", taken, at=AT)
    with pytest.raises(Conflict, match=r"person\.known"):
        await commands.decide(people.second, asked.code, grant=True, reason="x", at=AT)
    assert (await identities.reveal_own(first["person"])).national_id != taken
    await commands.decide(people.second, asked.code, grant=False, reason="x", at=AT)
    free = recruitment.national_id(77)
    asked = await commands.ask_correction(me, "national_id", free, at=AT)
    await commands.decide(people.second, asked.code, grant=True, reason="x", at=AT)
    own = (await rights.own_applications(first["person"]))[0]
    assert own.campaign == campaign.code
    assert (
        await identities.person_like(await identities.reveal_own(first["person"]), campaign.code)
        == first["person"]
    )
    changed = await Application.select(Application.mark).where(
        Application.person == first["person"]
    )
    assert changed[0]["mark"] not in {first["mark"], second["mark"]}


async def test_a_new_id_number_and_address_change_what_follows_from_them(engine: Engine) -> None:
    await recruitment.rulebook_in_force(recruitment.small_toml())
    await roster.small_city()
    campaign = await recruitment.announced()
    await recruitment.applied(campaign.code, 1)
    (first,) = await Application.select()
    (code,) = await seats.appoint(
        people.coordinator,
        [
            NewSeat(
                person=first["person"], category=first["category"], district=first["district"],
                sex=first["sex"], age_band=first["age_band"], latitude=first["latitude"],
                longitude=first["longitude"], campaign=campaign.code,
            )
        ],
        term_start=AT.date(), months=24, at=AT,
    )  # fmt: skip
    me = terms.phone(await members.member(code))
    other = first["sex"] != "female"
    number = recruitment.national_id(78 if other else 77, born="19600101")
    asked = await commands.ask_correction(me, "national_id", number, at=AT)
    await commands.decide(people.second, asked.code, grant=True, reason="已核对", at=AT)
    (row,) = await Application.select()
    seat = await members.member(code)
    assert (row["birth_year"], row["sex"] == first["sex"]) == (1960, False)
    assert (seat.sex, seat.age_band) == (row["sex"], row["age_band"])
    assert row["age_band"] != first["age_band"]
    await commands.correct(me, Change(address="示例新村9号楼1单元101"), at=AT)
    (moved,) = await Application.select()
    assert moved["household"] not in {"", first["household"]}
    now = await members.member(code)
    assert (now.latitude, now.longitude) == (seat.latitude, seat.longitude)
    assert (await rights.requests_of(seat.person))[-1].field == "address"
    with pytest.raises(Invalid):
        await commands.correct(me, Change(hall="nowhere"), at=AT)
    hall = (await places.halls())[-1]
    await commands.correct(me, Change(hall=hall.code), at=AT)
    now = await members.member(code)
    assert now.latitude is not None
    assert abs(now.latitude - hall.latitude) <= 5_000
    assert now.district == seat.district
    assert not (await audit.verify(our_tables())).findings


async def test_nobody_decides_the_own_wish(engine: Engine) -> None:
    (view, *_) = await terms.panel()
    asked = await commands.ask_correction(terms.phone(view), "name", "林示范", at=AT)
    double = people.staff(int(view.person), "double", "评议办", *people.coordinator.roles)
    with pytest.raises(Forbidden, match=r"right\.own"):
        await commands.decide(double, asked.code, grant=True, reason="x", at=AT)
    with pytest.raises(Forbidden):
        await commands.decide(people.clerk_a, asked.code, grant=True, reason="x", at=AT)
    refused = await commands.decide(
        people.second, asked.code, grant=False, reason="证件不符", at=AT
    )
    assert refused.state is RequestState.REFUSED
    assert (await identities.reveal_own(view.person)).name == "林示例"


async def test_erasure_waits_for_the_term_and_the_proceedings(engine: Engine) -> None:
    (view, *_) = await terms.panel()
    asked = await commands.ask_erasure(terms.phone(view), at=AT)
    assert asked.kind is RequestKind.ERASURE
    last = terms.first_moment(view.term_end + DAY) - SECOND
    with pytest.raises(Conflict, match=r"right\.term_runs"):
        await commands.decide(people.second, asked.code, grant=True, reason="x", at=last)
    await commands.decide(people.second, asked.code, grant=True, reason="x", at=last + SECOND)
    with pytest.raises(Closed, match=r"person\.erased"):
        await identities.reveal_own(view.person)


async def test_an_open_proceeding_or_a_running_round_keeps_the_data(engine: Engine) -> None:
    setting = await rounds.running_round()
    actor, _, _ = await sheet.sent(setting)
    assert actor.member is not None
    view = await members.member(actor.member)
    await term_commands.resign(terms.phone(view), view.code, "迁居", at=sheet.SENT)
    asked = await commands.record_erasure(people.coordinator, view.code, at=sheet.SENT)
    with pytest.raises(Conflict, match=r"right\.hearings_open"):
        await commands.decide(people.second, asked.code, grant=True, reason="x", at=sheet.SENT)


async def test_after_an_erasure_sheets_stay_and_nothing_leads_to_them(engine: Engine) -> None:
    setting = await rounds.running_round()
    actor, task, _ = await sheet.sent(setting)
    assert actor.member is not None
    view = await members.member(actor.member)
    await terms.dismissed(view, at=sheet.SENT)
    linked = tasks.link(view.code, setting.round.code)
    assert linked == task.visitor
    await vault.attach(view.person, b"x", "text/plain", at=AT)
    await rounds_closed()
    asked = await commands.record_erasure(people.coordinator, view.code, at=sheet.SENT)
    await commands.decide(people.second, asked.code, grant=True, reason="x", at=sheet.SENT)
    (seat,) = await members.seats_of(view.person)
    assert seat.code != view.code
    assert tasks.link(seat.code, setting.round.code) != task.visitor
    assert (seat.latitude, seat.longitude, seat.category) == (None, None, view.category)
    assert not await Exclusion.exists().where(Exclusion.member == seat.id)
    assert len(await sheets.versions(task)) == 1
    (case,) = await tenure.proceedings_of(view.person)
    assert case.member == seat.code
    assert not await Member.exists().where(Member.code == view.code)
    assert view.code not in repr(await Proceeding.select())
    assert {bytes(row["sealed"]) for row in await Field.select().where(
        Field.person == view.person)} == {b""}  # fmt: skip
    found = (await audit.verify(our_tables())).findings
    assert {each.place.split()[0] for each in found} == {"visit_round"}, "which the test closed"


async def rounds_closed() -> None:
    """Let every round be over, as if its ranking had been published."""
    from panel.visits.tables import Round
    from panel.visits.types import RoundState

    await Round.update({Round.state: RoundState.COMPUTED}).where(Round.id > 0)


async def cancelled(count: int = 6) -> tuple[CampaignView, dt.datetime]:
    """Return a campaign that was cancelled with applications in it, and when its data goes."""
    await recruitment.rulebook_in_force(recruitment.small_toml())
    campaign = await recruitment.announced()
    await recruitment.applied(campaign.code, count)
    ended = recruitment.SCREENING
    await recruiting.cancel(people.second, campaign.code, reason="计划调整", at=ended)
    last = ended.astimezone(SHANGHAI).date() + 90 * DAY
    return campaign, terms.first_moment(last + DAY) - SECOND


async def test_applicants_are_deleted_a_second_after_their_time_and_counts_stay(
    engine: Engine,
) -> None:
    campaign, until = await cancelled()
    before = await Application.select(Application.category, Application.sex).order_by(
        Application.id
    )
    assert (await deletion.erase_applicants(at=until)).applications == 0
    done = await deletion.erase_applicants(at=until + SECOND)
    assert (done.applications, done.people) == (6, 6)
    rows = await Application.select().order_by(Application.id)
    assert [{"category": row["category"], "sex": row["sex"]} for row in rows] == before
    for row in rows:
        assert (row["household"], row["mark"], row["birth_year"]) == ("", "", 0)
        assert (row["latitude"], row["exclusions"]) == (None, "[]")
    found = await Person.select().where(Person.id.is_in([row["person"] for row in rows]))
    assert all(row["id_hash"] is None and row["erased_at"] for row in found)
    assert {bytes(row["sealed"]) for row in await Field.select()} == {b""}
    entries = [each for each in await audit.entries(limit=500)
               if each.command == "recruitment.erase_applicants"]  # fmt: skip
    assert len(entries) == 2  # the applications, and the name of their sheet
    assert not [row for row in rows for each in entries if row["code"] in each.detail]
    assert (await deletion.erase_applicants(at=until + 8 * DAY)).applications == 0
    assert await Campaign.exists().where(Campaign.code == campaign.code)
    assert not (await audit.verify(our_tables())).findings


async def test_members_and_the_reserve_are_kept_the_others_go(engine: Engine) -> None:
    _, until = await cancelled(8)
    await Campaign.update(
        {Campaign.cancelled_at: None, Campaign.completed_at: recruitment.SCREENING}
    ).where(Campaign.id > 0)
    rows = await Application.select(Application.id).order_by(Application.id)
    states = [ApplicationState.APPOINTED, ApplicationState.RESERVE, ApplicationState.SELECTED]
    for row, state in zip(rows, states, strict=False):
        await Application.update({Application.state: state}).where(Application.id == row["id"])
    later = until + 7 * DAY
    assert (await deletion.erase_applicants(at=later)).applications == 5
    (campaign,) = await Campaign.select()
    months = dt.timedelta(days=31 * (campaign["term_months"] + 1))
    over = terms.first_moment(campaign["term_start"] + months)
    assert (await deletion.erase_applicants(at=over)).applications == 2
    (member,) = await Application.select().where(Application.erased_at.is_null())
    assert member["state"] == ApplicationState.APPOINTED


async def test_a_stopped_deletion_goes_on_and_two_at_once_do_it_once(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, until = await cancelled(7)
    monkeypatch.setattr(deletion, "_PIECE", 3)
    real = vault.erase_many
    calls = 0

    async def breaking(*args: object, **more: object) -> int:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise RuntimeError
        return await real(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(vault, "erase_many", breaking)
    with pytest.raises(RuntimeError):
        await deletion.erase_applicants(at=until + 7 * DAY)
    assert await Application.count().where(Application.erased_at.is_not_null()) == 3
    both = await asyncio.gather(*(deletion.erase_applicants(at=until + 7 * DAY) for _ in range(2)))
    assert sum(each.people for each in both) == 4
    assert await Application.count().where(Application.erased_at.is_null()) == 0


async def test_erasing_many_leaves_out_who_is_erased(engine: Engine) -> None:
    found = await persons.people(3)
    await vault.attach(found[0], b"a text", "text/plain", at=AT)
    await vault.erase(people.coordinator, found[1], "x", at=AT)
    assert await vault.erase_many(SYSTEM, found, "x", at=AT) == 2
    assert await vault.erase_many(SYSTEM, found, "x", at=AT) == 0
    assert {bytes(row["sealed"]) for row in await Attachment.select()} == {b""}


async def test_who_objected_is_deleted_once_the_reply_could_be_read_long_enough(
    engine: Engine,
) -> None:
    await recruitment.rulebook_in_force()
    campaign = await notice.drawn()
    receipt = await notice.objected(campaign)
    await Campaign.update({Campaign.completed_at: notice.DRAWN}).where(Campaign.id > 0)
    long_after = notice.DRAWN + 200 * DAY
    objector = Person.purpose == Purpose.REPORTER
    await deletion.erase_applicants(at=long_after)
    assert await Person.count().where(objector, Person.erased_at.is_null()) == 1  # not decided yet
    await objections.decide(
        people.second, receipt.number, notice.outcome(Decision.REJECTED), at=long_after
    )
    await deletion.erase_applicants(at=long_after + 80 * DAY)
    assert await Person.count().where(objector, Person.erased_at.is_null()) == 1
    await deletion.erase_applicants(at=long_after + 92 * DAY)
    assert await Person.count().where(objector, Person.erased_at.is_null()) == 0
    assert {bytes(row["sealed"]) for row in await Attachment.select()} == {b""}
    with pytest.raises(Closed, match=r"person\.erased"):
        await objections.read_answer(
            campaign.code, receipt.number, receipt.receipt, "", at=long_after + 92 * DAY
        )
    assert not (await audit.verify(our_tables())).findings


async def test_nothing_of_a_refused_sheet_is_kept_longer_than_its_campaign(engine: Engine) -> None:
    campaign, until = await cancelled(1)
    faults = b"sealed: a cell with somebody's name"
    await ImportRun.insert(
        ImportRun(
            code="1234567890", campaign=campaign.id, filename="示例甲.xlsx", digest="",
            state="refused", faults=faults, fault_count=1, actor="{}", started_at=recruitment.OPEN,
        )
    )  # fmt: skip
    await deletion.erase_applicants(at=until)
    assert faults in [bytes(row["faults"]) for row in await ImportRun.select()]
    await deletion.erase_applicants(at=until + SECOND)
    rows = await ImportRun.select()
    assert {(bytes(row["faults"]), row["filename"]) for row in rows} == {(b"", "")}
    assert 1 in [row["fault_count"] for row in rows]
