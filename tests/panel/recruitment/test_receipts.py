"""A lost receipt: a new one for the person alone, and the old code dead at once."""

from __future__ import annotations

import asyncio

import pytest

from panel.actor import Actor
from panel.audit import queries as audit
from panel.db import Engine
from panel.errors import Closed, Conflict, Forbidden, Invalid, Missing
from panel.ids import Code
from panel.piccolo_app import our_tables
from panel.recruitment import commands
from panel.recruitment.commands import applications, own
from panel.recruitment.queries import imports
from panel.recruitment.types.vetting import Reissued
from panel.vault import commands as vaults
from panel.vault import queries as vault
from tests import people
from tests.make import applications as apply
from tests.make import recruitment as make

AT = make.OPEN
REASON = "本人持身份证到场，回执遗失"


@pytest.fixture
async def campaign(engine: Engine) -> Code:
    await make.rulebook_in_force(make.small_toml())
    return (await make.announced()).code


async def reissued(campaign: Code, ticket: Code, actor: Actor = people.clerk_a) -> Reissued:
    return await commands.reissue(actor, campaign, ticket, REASON, checked=True, at=AT)


async def test_a_new_receipt_opens_and_the_old_one_is_dead_at_once(campaign: Code) -> None:
    lost = await apply.sent(campaign)
    other = await apply.sent(campaign, 2)
    made = await reissued(campaign, lost.ticket)
    new = made.slip
    assert new.ticket == lost.ticket
    assert new.receipt != lost.code
    assert made.identity.name == make.form(1).name
    assert new.receipt not in repr(made)
    with pytest.raises(Missing, match=r"application\.no_receipt"):
        await applications.open_by_receipt(campaign, lost.ticket, lost.code, "a", at=AT)
    opened = await applications.open_by_receipt(campaign, new.ticket, new.receipt, "b", at=AT)
    assert opened.person == new.person
    await applications.open_by_receipt(campaign, other.ticket, other.code, "c", at=AT)
    again = await reissued(campaign, lost.ticket, people.coordinator)
    assert again.slip.receipt != new.receipt
    assert not (await audit.verify(our_tables())).findings


async def test_the_look_is_shown_to_the_applicant_and_told_in_the_history(campaign: Code) -> None:
    lost = await apply.sent(campaign)
    made = await reissued(campaign, lost.ticket)
    (look,) = await vault.looks(made.slip.person)
    assert (look.fields, look.reason) == (("name", "national_id"), REASON)
    told = " ".join(f"{each.command} {each.detail}" for each in await audit.entries(limit=9))
    assert "recruitment.reissue_receipt" in told
    for secret in (lost.code, made.slip.receipt, make.form(1).name):
        assert secret not in told


async def test_the_first_form_sent_again_learns_nothing_of_the_new_code(campaign: Code) -> None:
    lost = await apply.sent(campaign)
    await reissued(campaign, lost.ticket)
    with pytest.raises(Conflict, match=r"person\.known"):
        await apply.sent(campaign)


async def test_a_slip_printed_again_bears_the_new_code(engine: Engine) -> None:
    await make.rulebook_in_force(make.small_toml())
    found = await make.announced()
    tickets = await make.applied(found.code, 2)
    made = await reissued(found.code, tickets[0])
    (run,) = await imports.runs(found)
    slips = {each.ticket: each for each in await imports.slips(found, run.code, limit=9)}
    assert slips[tickets[0]].receipt == made.slip.receipt
    other = slips[tickets[1]]
    await applications.open_by_receipt(found.code, other.ticket, other.receipt, "a", at=AT)


async def test_no_receipt_without_a_look_at_the_card_a_reason_and_a_right(campaign: Code) -> None:
    lost = await apply.sent(campaign)
    with pytest.raises(Invalid) as refusal:
        await commands.reissue(people.clerk_a, campaign, lost.ticket, REASON, checked=False, at=AT)
    assert [each.path for each in refusal.value.faults] == ["checked"]
    with pytest.raises(Invalid):
        await commands.reissue(people.clerk_a, campaign, lost.ticket, " ", checked=True, at=AT)
    for actor in (people.auditor, people.reviewer, people.publisher):
        with pytest.raises(Forbidden):
            await reissued(campaign, lost.ticket, actor)
    with pytest.raises(Missing):
        await reissued(campaign, Code("0000000000"))
    await applications.open_by_receipt(campaign, lost.ticket, lost.code, "a", at=AT)


async def test_who_withdrew_or_was_erased_gets_no_new_receipt(campaign: Code) -> None:
    first, second = await apply.sent(campaign), await apply.sent(campaign, 2)
    await own.withdraw(await apply.opened(campaign, first), at=AT)
    with pytest.raises(Conflict, match=r"application\.no_reissue"):
        await reissued(campaign, first.ticket)
    gone = await apply.opened(campaign, second)
    await vaults.erase(people.coordinator, gone.person, "right.erased", at=AT)
    with pytest.raises(Closed, match=r"person\.erased"):
        await reissued(campaign, second.ticket)


async def test_of_several_clerks_at_once_the_receipt_of_one_opens(campaign: Code) -> None:
    lost = await apply.sent(campaign)
    made = await asyncio.gather(
        *(reissued(campaign, lost.ticket) for _ in range(4)), return_exceptions=True
    )
    assert all(isinstance(each, (Reissued, Conflict)) for each in made)
    opened = 0
    for each in made:
        if isinstance(each, Reissued):
            try:
                await applications.open_by_receipt(
                    campaign, lost.ticket, each.slip.receipt, "a", at=AT
                )
            except Missing:
                continue
            opened += 1
    assert opened == 1
