"""Nominations: filed once, consented to in time by the nominee alone, lapsed, barred."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest

from panel.actor import Actor
from panel.audit import queries as history
from panel.audit.tables import Entry
from panel.db import Engine
from panel.errors import Closed, Conflict, Forbidden, Invalid, Missing
from panel.ids import Code
from panel.members.types import ExclusionKind
from panel.piccolo_app import our_tables
from panel.recruitment import commands
from panel.recruitment.commands import nominations, own
from panel.recruitment.queries import nominations as reads
from panel.recruitment.tables import Application, Nomination, NominationBar
from panel.recruitment.types.applications import Nominated, NominationState, NominationView, Receipt
from panel.vault.tables import Attachment, Look, Person
from tests import people
from tests.make import applications as apply
from tests.make import recruitment as make
from tests.make import roster

SECOND = dt.timedelta(seconds=1)
UNTIL = dt.datetime(2026, 3, 18, 15, 59, 59, tzinfo=dt.UTC)
"""Five days after the nomination, at the end of that day in the city."""


@pytest.fixture
async def campaign(engine: Engine) -> Code:
    await make.rulebook_in_force(make.small_toml())
    return (await make.announced()).code


async def consent(campaign: Code, filed: Nominated, at: dt.datetime, number: int = 1) -> Receipt:
    """Send the nominee's own application."""
    proposal = await apply.proposal(campaign, filed, at)
    return await commands.apply(
        campaign, make.form(number), key=apply.key(number), at=at, proposal=proposal
    )


async def view(campaign: Code, filed: Nominated) -> NominationView:
    """Read a nomination again."""
    return await reads.nomination(campaign, filed.number)


async def test_a_nomination_counts_with_the_nominees_own_application(campaign: Code) -> None:
    filed = await apply.nominated(campaign)
    assert filed.consent_until == UNTIL
    receipt = await consent(campaign, filed, make.OPEN)
    found = await view(campaign, filed)
    assert found.state is NominationState.CONSENTED
    assert await reads.ticket_of(found) == receipt.ticket
    opened = await apply.opened(campaign, receipt)
    assert opened.nomination == found.id
    assert (await history.verify(our_tables())).findings == ()


async def test_a_nomination_without_a_reachable_nominator_is_refused_by_every_fault(
    campaign: Code,
) -> None:
    bare = apply.nomination(
        organisation=" ", post="", name="", phone="12", nominee="", reasons="", duty=False
    )
    with pytest.raises(Invalid) as told:
        await nominations.nominate(campaign, bare, None, key=apply.key(), at=make.OPEN)
    assert {fault.path for fault in told.value.faults} == {
        "organisation", "post", "name", "phone", "nominee", "reasons", "duty", "scan",
    }  # fmt: skip
    assert await Nomination.count() == await Person.count() == 0


async def test_eight_nominations_at_once_are_one(campaign: Code) -> None:
    filed = await asyncio.gather(*(apply.nominated(campaign) for _ in range(8)))
    assert len({(each.number, each.code) for each in filed}) == 1
    assert await Nomination.count() == 1
    with pytest.raises(Conflict, match=r"nomination\.other_content"):
        await apply.nominated(campaign, reasons="别的理由")


async def test_nominations_have_the_time_of_applications(campaign: Code) -> None:
    for at, code in (
        (make.OPENS - SECOND, "application.not_open"),
        (make.CLOSES, "application.closed"),
    ):
        with pytest.raises((Conflict, Closed), match=code):
            await nominations.nominate(
                campaign, apply.nomination(), apply.scan(), key=apply.key(), at=at
            )


async def test_consent_is_possible_until_the_last_second(campaign: Code) -> None:
    filed = [await apply.nominated(campaign, number) for number in (1, 2, 3)]
    await consent(campaign, filed[0], UNTIL - SECOND, number=1)
    await consent(campaign, filed[1], UNTIL, number=2)
    with pytest.raises(Closed, match=r"nomination\.too_late"):
        await consent(campaign, filed[2], UNTIL + SECOND, number=3)
    assert await Application.count() == 2


async def test_the_nominee_has_the_full_time_even_after_the_closing(campaign: Code) -> None:
    last = make.CLOSES - SECOND
    filed = await nominations.nominate(
        campaign, apply.nomination(), apply.scan(), key=apply.key(50), at=last
    )
    assert filed.consent_until > make.CLOSES
    await consent(campaign, filed, make.CLOSES + dt.timedelta(days=1))
    assert await Application.count() == 1


async def test_only_the_nominee_can_consent(campaign: Code) -> None:
    filed = await apply.nominated(campaign, 1)
    with pytest.raises(Invalid) as told:
        await consent(campaign, filed, make.OPEN, number=2)
    assert [(fault.path, fault.code) for fault in told.value.faults] == [
        ("name", "nomination.other_name")
    ]
    assert (await view(campaign, filed)).state is NominationState.PENDING


async def test_wrong_and_unknown_consent_codes_answer_alike(campaign: Code) -> None:
    first, other = await apply.nominated(campaign, 1), await apply.nominated(campaign, 2)
    told = set()
    for number, code in ((first.number, other.code), (first.number, "x"), ("x", first.code)):
        with pytest.raises(Missing) as refusal:
            await nominations.open_by_code(campaign, number, code, "", at=make.OPEN)
        told.add((refusal.value.code, str(refusal.value.values)))
    assert told == {("nomination.no_code", "{}")}
    for _ in range(9):
        with pytest.raises(Missing):
            await nominations.open_by_code(campaign, first.number, "x", "192.0.2.1", at=make.OPEN)
    with pytest.raises(Missing):
        await nominations.open_by_code(campaign, first.number, "x", "192.0.2.1", at=make.OPEN)
    with pytest.raises(Forbidden, match=r"signin\.wait"):
        await nominations.open_by_code(
            campaign, first.number, first.code, "192.0.2.1", at=make.OPEN
        )


async def test_a_repeated_consent_gives_the_same_receipt(campaign: Code) -> None:
    filed = await apply.nominated(campaign)
    sent = await asyncio.gather(*(consent(campaign, filed, make.OPEN) for _ in range(8)))
    assert len({each.code for each in sent}) == await Application.count() == 1
    later = await consent(campaign, filed, make.SCREENING + dt.timedelta(days=90))
    assert later.code == sent[0].code


async def test_of_consent_and_refusal_at_once_one_holds(campaign: Code) -> None:
    filed = await apply.nominated(campaign)
    found = await view(campaign, filed)
    results = await asyncio.gather(
        consent(campaign, filed, make.OPEN),
        nominations.refuse(found, at=make.OPEN),
        return_exceptions=True,
    )
    assert sum(isinstance(each, Conflict) for each in results) == 1
    state = (await view(campaign, filed)).state
    assert (state is NominationState.CONSENTED) == bool(await Application.count())


async def test_a_refusal_holds_and_may_be_sent_twice(campaign: Code) -> None:
    filed = await apply.nominated(campaign)
    await nominations.refuse(await view(campaign, filed), at=make.OPEN)
    await nominations.refuse(await view(campaign, filed), at=make.OPEN)
    with pytest.raises(Conflict, match=r"nomination\.answered"):
        await consent(campaign, filed, make.OPEN)
    assert await Application.count() == 0


async def test_nominations_lapse_one_second_after_their_time(campaign: Code) -> None:
    filed = [await apply.nominated(campaign, number) for number in (1, 2)]
    await consent(campaign, filed[1], make.OPEN, number=2)
    entries = await Entry.count()
    assert await nominations.lapse_due(at=UNTIL) == 0
    assert await Entry.count() == entries
    assert await nominations.lapse_due(at=UNTIL + SECOND) == 1
    assert await nominations.lapse_due(at=UNTIL + SECOND) == 0
    assert await Entry.count() == entries + 1
    states = [(await view(campaign, each)).state for each in filed]
    assert states == [NominationState.LAPSED, NominationState.CONSENTED]
    with pytest.raises(Closed, match=r"nomination\.too_late"):
        await nominations.refuse(await view(campaign, filed[0]), at=make.OPEN)


async def test_a_nominating_unit_is_never_judged_by_its_nominee(campaign: Code) -> None:
    city = await roster.small_city()
    filed = await apply.nominated(campaign, organisation=city.units[0].name)
    opened = await apply.opened(campaign, await consent(campaign, filed, make.OPEN))
    assert [(each.unit, each.kind) for each in opened.exclusions] == [
        (city.units[0].code, ExclusionKind.NOMINATOR)
    ]


async def bar(campaign: Code, filed: Nominated, actor: Actor = people.coordinator) -> None:
    """Bar who filed a nomination."""
    found = await view(campaign, filed)
    await nominations.bar(actor, found, "材料不实", "评议办〔2026〕5号", at=make.OPEN)


async def test_who_nominated_falsely_may_not_nominate_again(campaign: Code) -> None:
    filed = await apply.nominated(campaign, 1)
    await bar(campaign, filed)
    assert (await view(campaign, filed)).state is NominationState.WITHDRAWN
    for again in (
        apply.nomination(2, organisation=" 示例第1协会 ", name="另一人", phone="0537-7654321"),
        apply.nomination(2, organisation="别的协会", phone="0537 1234567"),
    ):
        with pytest.raises(Forbidden, match=r"nomination\.barred"):
            await nominations.nominate(
                campaign, again, apply.scan(), key=apply.key(7), at=make.OPEN
            )
    fresh = apply.nomination(2, organisation="别的协会", name="另一人", phone="0537-7654321")
    await nominations.nominate(campaign, fresh, apply.scan(), key=apply.key(8), at=make.OPEN)
    with pytest.raises(Conflict, match=r"nomination\.barred_already"):
        await bar(campaign, filed)
    assert await NominationBar.count() == 2
    stored = str(await NominationBar.select())
    assert "推荐示例" not in stored
    assert "示例第1协会" not in stored


async def test_a_bar_needs_a_coordinator_a_reason_and_a_document(campaign: Code) -> None:
    filed = await apply.nominated(campaign)
    with pytest.raises(Forbidden):
        await bar(campaign, filed, people.clerk_a)
    found = await view(campaign, filed)
    with pytest.raises(Invalid) as told:
        await nominations.bar(people.coordinator, found, " ", "", at=make.OPEN)
    assert {fault.path for fault in told.value.faults} == {"reason", "document"}
    assert await NominationBar.count() == 0
    assert await Look.count() == 0


async def test_an_organisation_takes_a_nomination_back_before_consent_only(campaign: Code) -> None:
    first, other = await apply.nominated(campaign, 1), await apply.nominated(campaign, 2)
    await consent(campaign, other, make.OPEN, number=2)
    withdraw = nominations.withdraw
    with pytest.raises(Forbidden):
        await withdraw(people.clerk_a, await view(campaign, first), "来电", at=make.OPEN)
    with pytest.raises(Invalid):
        await withdraw(people.coordinator, await view(campaign, first), " ", at=make.OPEN)
    await withdraw(people.coordinator, await view(campaign, first), "来电", at=make.OPEN)
    with pytest.raises(Conflict, match=r"nomination\.answered"):
        await withdraw(people.coordinator, await view(campaign, other), "来电", at=make.OPEN)
    with pytest.raises(Closed, match=r"nomination\.withdrawn"):
        await consent(campaign, first, make.OPEN)


async def test_names_reasons_and_scan_are_sealed_and_told_in_no_history(campaign: Code) -> None:
    filed = await apply.nominated(campaign)
    form = apply.nomination()
    rows = str(await Nomination.select()) + str(await Entry.select()) + repr(form) + repr(filed)
    for personal in (form.name, form.phone, "05371234567", form.nominee, form.reasons, filed.code):
        assert personal not in rows, personal
    proposal = await apply.proposal(campaign, filed)
    assert (proposal.nominator, proposal.nominee) == (form.name, form.nominee)
    assert proposal.reasons == form.reasons
    assert form.name not in repr(proposal)


async def test_what_was_said_about_a_nominee_goes_with_the_withdrawal(campaign: Code) -> None:
    filed, other = await apply.nominated(campaign), await apply.nominated(campaign, 2)
    receipt = await consent(campaign, filed, make.OPEN)
    assert await Attachment.count() == 4
    await own.withdraw(await apply.opened(campaign, receipt), at=make.OPEN)
    assert await Attachment.count() == 2
    found = await view(campaign, filed)
    assert (found.texts, found.scan) == (None, None)
    left = await reads.opened(found)
    assert (left.nominee, left.reasons) == ("", "")
    assert left.nominator == "推荐示例"  # the organisation answers for it all the same
    assert (await reads.opened(await view(campaign, other))).nominee
    assert (await history.verify(our_tables())).findings == ()
