"""The own application: opened by ticket and receipt code, changed, corrected, withdrawn."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import msgspec
import pytest

from panel import log
from panel.audit import queries as history
from panel.audit.tables import Entry
from panel.db import Engine
from panel.errors import Closed, Conflict, Forbidden, Invalid, Missing
from panel.ids import Code
from panel.members.types import ExclusionKind
from panel.piccolo_app import our_tables
from panel.recruitment import commands, queries
from panel.recruitment.commands import applications, own
from panel.recruitment.queries import keyed
from panel.recruitment.tables import Application, Vetting
from panel.recruitment.types.applications import ApplicationState, Declared
from panel.recruitment.types.campaigns import Screened
from panel.vault import queries as vault
from panel.vault.tables import Field, Person
from tests.make import applications as apply
from tests.make import recruitment as make
from tests.make import roster

SECOND = dt.timedelta(seconds=1)
WRONG = "0000000000"


@pytest.fixture
async def campaign(engine: Engine) -> Code:
    await make.rulebook_in_force(make.small_toml())
    return (await make.announced()).code


async def test_a_receipt_opens_the_own_application_however_it_is_typed(campaign: Code) -> None:
    receipt = await apply.sent(campaign)
    sloppy = f" {receipt.code[:4].lower()}-{receipt.code[4:].lower()} "
    opened = await applications.open_by_receipt(
        campaign, receipt.ticket.lower(), sloppy, "198.51.100.7", at=make.OPEN
    )
    assert opened.ticket == receipt.ticket
    assert opened.state is ApplicationState.SUBMITTED


async def refusal(campaign: Code, ticket: str, code: str, caller: str = "") -> tuple[Any, ...]:
    with pytest.raises((Missing, Forbidden)) as told:
        await applications.open_by_receipt(campaign, ticket, code, caller, at=make.OPEN)
    return type(told.value), told.value.code, told.value.values


async def test_wrong_and_unknown_receipts_answer_alike(campaign: Code) -> None:
    first, other = await apply.sent(campaign, 1), await apply.sent(campaign, 2)
    told = {
        str(await refusal(campaign, ticket, code))
        for ticket, code in (
            (first.ticket, WRONG),
            (first.ticket, ""),
            (first.ticket, first.ticket),
            (first.ticket, other.code),
            (other.ticket, first.code),
            (WRONG, first.code),
            ("没有", "没有"),
        )
    }
    assert len(told) == 1
    assert "application.no_receipt" in told.pop()


async def test_a_receipt_of_another_campaign_opens_nothing(campaign: Code) -> None:
    receipt = await apply.sent(campaign)
    elsewhere = (await make.announced(title="另一次招募")).code
    assert (await refusal(elsewhere, receipt.ticket, receipt.code))[0] is Missing


async def test_after_ten_tries_a_caller_waits_and_the_applicant_elsewhere_does_not(
    campaign: Code,
) -> None:
    receipt = await apply.sent(campaign)
    for _ in range(10):
        assert (await refusal(campaign, receipt.ticket, WRONG, "203.0.113.1"))[0] is Missing
    kind, code, _ = await refusal(campaign, receipt.ticket, receipt.code, "203.0.113.1")
    assert (kind, code) == (Forbidden, "signin.wait")
    opened = await applications.open_by_receipt(
        campaign, receipt.ticket, receipt.code, "198.51.100.7", at=make.OPEN
    )
    assert opened.ticket == receipt.ticket
    unknown = [await refusal(campaign, WRONG, WRONG, "203.0.113.1") for _ in range(11)]
    assert unknown[-1][1] == "signin.wait"


async def test_eight_posts_at_once_give_one_row_and_equal_receipts(campaign: Code) -> None:
    sent = await asyncio.gather(*(apply.sent(campaign) for _ in range(8)))
    assert len({(each.ticket, each.code) for each in sent}) == 1
    assert await Application.count() == 1
    assert (await apply.opened(campaign, sent[0])).ticket == sent[0].ticket


async def test_the_receipt_code_is_stored_nowhere(campaign: Code) -> None:
    receipt = await apply.sent(campaign)
    (row,) = await Application.select()
    assert receipt.code not in str(row)
    assert row["receipt_hash"] == keyed.receipt_hash(receipt.ticket, receipt.code)
    assert receipt.code not in str(await Entry.select())
    assert receipt.code not in repr(receipt)


async def test_an_application_is_changed_until_the_closing_second(campaign: Code) -> None:
    receipt = await apply.sent(campaign)
    opened = await apply.opened(campaign, receipt)
    other = make.form(1, address="另一路8号", employer="", district=make.DISTRICTS[2])
    await own.change(opened, other, at=make.CLOSES - SECOND)
    changed = await apply.opened(campaign, receipt)
    assert (changed.district, changed.changed_at) == (make.DISTRICTS[2], make.CLOSES - SECOND)
    kept = await vault.reveal_own(changed.person)
    assert (kept.address, kept.employer) == ("另一路8号", "")
    assert kept.national_id == make.form(1).national_id
    for late in (make.CLOSES, make.CLOSES + SECOND):
        with pytest.raises(Closed, match=r"application\.closed"):
            await own.change(changed, make.form(1), at=late)
    assert (await history.verify(our_tables())).findings == ()


async def test_a_change_keeps_the_id_number_and_what_others_found(campaign: Code) -> None:
    city = await roster.small_city()
    receipt = await apply.sent(campaign)
    await Application.update({Application.exclusions: f'[["{city.units[0].code}","staff"]]'}).where(
        Application.code == receipt.ticket
    )
    opened = await apply.opened(campaign, receipt)
    typed = make.form(
        1,
        national_id=make.national_id(7),
        recusals=(Declared(city.units[1].code, "lawsuit"),),
    )
    await own.change(opened, typed, at=make.OPEN)
    changed = await apply.opened(campaign, receipt)
    assert {(each.unit, each.kind) for each in changed.exclusions} == {
        (city.units[0].code, ExclusionKind.STAFF),
        (city.units[1].code, ExclusionKind.LAWSUIT),
    }
    kept = await vault.reveal_own(changed.person)
    assert kept.national_id == make.form(1).national_id


async def test_a_wrong_change_names_every_fault_and_changes_nothing(campaign: Code) -> None:
    opened = await apply.opened(campaign, await apply.sent(campaign))
    wrong = make.form(1, phone="12", address="", district="")
    with pytest.raises(Invalid) as told:
        await own.change(opened, wrong, at=make.OPEN)
    assert {fault.path for fault in told.value.faults} == {"phone", "address", "district"}
    assert (await vault.reveal_own(opened.person)).phone == make.form(1).phone


async def test_what_somebody_judged_is_not_changed(campaign: Code) -> None:
    receipt = await apply.sent(campaign)
    opened = await apply.opened(campaign, receipt)
    await Vetting.insert(
        Vetting(application=opened.id, clerk=1, office="公安", verdict="pass", at=make.OPEN)
    )
    with pytest.raises(Conflict, match=r"application\.unchangeable"):
        await own.change(opened, make.form(1), at=make.OPEN)
    await Vetting.delete(force=True)
    await Application.update({Application.state: ApplicationState.ELIGIBLE}).where(
        Application.id == opened.id
    )
    with pytest.raises(Conflict, match=r"application\.unchangeable"):
        await own.change(opened, make.form(1), at=make.OPEN)


async def test_a_withdrawal_erases_who_it_was_and_is_the_same_twice(campaign: Code) -> None:
    receipt = await apply.sent(campaign)
    opened = await apply.opened(campaign, receipt)
    await own.withdraw(opened, at=make.SCREENING)
    gone = await apply.opened(campaign, receipt, make.SCREENING)
    await own.withdraw(gone, at=make.SCREENING)
    assert gone.state is ApplicationState.WITHDRAWN
    with pytest.raises(Closed, match=r"person\.erased"):
        await vault.reveal_own(gone.person)
    (row,) = await Application.select()
    assert (row["mark"], row["household"], row["exclusions"], row["occupation"]) == (
        "", "", "[]", "",
    )  # fmt: skip
    assert {bytes(each["sealed"]) for each in await Field.select(Field.sealed)} == {b""}
    assert (await Person.select(Person.id_hash))[0]["id_hash"] is None
    assert (await history.verify(our_tables())).findings == ()


async def test_whoever_withdrew_may_apply_again_while_it_is_open(campaign: Code) -> None:
    receipt = await apply.sent(campaign)
    with pytest.raises(Conflict, match=r"person\.known"):
        await commands.apply(campaign, make.form(1), key=apply.key(2), at=make.OPEN)
    await own.withdraw(await apply.opened(campaign, receipt), at=make.OPEN)
    again = await commands.apply(campaign, make.form(1), key=apply.key(2), at=make.OPEN)
    assert again.ticket != receipt.ticket


@pytest.mark.parametrize("state", [ApplicationState.APPOINTED, ApplicationState.STRUCK])
async def test_what_is_over_is_not_withdrawn(campaign: Code, state: ApplicationState) -> None:
    receipt = await apply.sent(campaign)
    await Application.update({Application.state: state}, force=True)
    opened = await apply.opened(campaign, receipt)
    with pytest.raises(Conflict, match=r"application\.not_withdrawable"):
        await own.withdraw(opened, at=make.SCREENING)
    assert (await vault.reveal_own(opened.person)).name == make.form(1).name


async def test_a_withdrawal_loses_against_a_faster_decision(campaign: Code) -> None:
    receipt = await apply.sent(campaign)
    opened = await apply.opened(campaign, receipt)
    await Application.update({Application.state: ApplicationState.APPOINTED}, force=True)
    with pytest.raises(Conflict, match=r"application\.not_withdrawable"):
        await own.withdraw(opened, at=make.SCREENING)
    assert (await vault.reveal_own(opened.person)).name == make.form(1).name


async def test_the_telephone_is_corrected_at_any_time_and_nothing_else(campaign: Code) -> None:
    receipt = await apply.sent(campaign)
    opened = await apply.opened(campaign, receipt)
    with pytest.raises(Invalid):
        await own.correct_phone(opened, "12", at=make.SCREENING)
    await own.correct_phone(opened, "199 8888 7777", at=make.SCREENING)
    kept = await vault.reveal_own(opened.person)
    assert kept == msgspec.structs.replace(
        kept, phone="19988887777", name=make.form(1).name, address=make.form(1).address
    )


async def test_no_log_and_no_history_names_anybody(
    campaign: Code, capsys: pytest.CaptureFixture[str]
) -> None:
    log.logger().warning("planted", name="植入的姓名")
    receipt = await apply.sent(campaign)
    opened = await apply.opened(campaign, receipt)
    await own.change(opened, make.form(1, name="改名示例"), at=make.OPEN)
    await own.correct_phone(opened, "19988887777", at=make.OPEN)
    await own.withdraw(await apply.opened(campaign, receipt), at=make.OPEN)
    written = capsys.readouterr()
    told = str(await Entry.select()) + written.out + written.err
    assert "植入的姓名" in told
    form = make.form(1)
    for personal in (form.name, "改名示例", form.national_id, form.phone, "19988887777",
                     form.address, form.employer, receipt.code):  # fmt: skip
        assert personal not in told, personal
    commands_told = [row["command"] for row in await Entry.select(Entry.command).order_by(Entry.id)]
    assert commands_told[-4:] == [
        "recruitment.apply", "recruitment.change", "recruitment.correct_phone",
        "recruitment.withdraw",
    ]  # fmt: skip


async def test_the_clock_one_second_around_opening_and_closing(campaign: Code) -> None:
    with pytest.raises(Conflict, match=r"application\.not_open"):
        await apply.sent(campaign, 1, make.OPENS - SECOND)
    await apply.sent(campaign, 1, make.OPENS)
    await apply.sent(campaign, 2, make.CLOSES - SECOND)
    for late in (make.CLOSES, make.CLOSES + SECOND):
        with pytest.raises(Closed, match=r"application\.closed"):
            await apply.sent(campaign, 3, late)
    assert len(await queries.tickets_of(await queries.campaign(campaign), Screened())) == 2


async def test_a_recusal_names_unit_and_reason(campaign: Code) -> None:
    city = await roster.small_city()
    unit = city.units[0]
    for number, (declared, codes) in enumerate(
        (
            (Declared("", "relative"), {"application.recusal_unit"}),
            (Declared(unit.code, ""), {"application.recusal_kind"}),
            (Declared(unit.code, "staff"), {"application.recusal_kind"}),
            (Declared("没有的单位", "relative"), {"application.unit_unknown"}),
        )
    ):
        with pytest.raises(Invalid) as told:
            await commands.apply(
                campaign, make.form(1, recusals=(declared,)), key=apply.key(number), at=make.OPEN
            )
        assert {fault.code for fault in told.value.faults} == codes
    kinds = ("relative", "employer", "licence", "penalty", "lawsuit", "contract", "declared")
    typed = make.form(1, recusals=tuple(Declared(unit.code, kind) for kind in kinds))
    receipt = await commands.apply(campaign, typed, key=apply.key(9), at=make.OPEN)
    opened = await apply.opened(campaign, receipt)
    assert {each.kind.value for each in opened.exclusions} == set(kinds)
