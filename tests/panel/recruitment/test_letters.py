"""Letters: to whom there is something to tell, and every one a look on the record."""

from __future__ import annotations

import datetime as dt

import pytest

from panel.audit import queries as audit
from panel.db import Engine
from panel.errors import Conflict, Forbidden, Invalid
from panel.recruitment import commands
from panel.recruitment.commands import letters
from panel.recruitment.types.campaigns import Reason, Verdict
from panel.vault import queries as vault
from tests import people
from tests.make import recruitment as make
from tests.make import terms, vetting

AT = make.SCREENING
WHY = "邮寄告知报名人"


async def test_a_finding_is_told_by_letter_while_a_reply_is_possible_and_after(
    engine: Engine,
) -> None:
    await make.rulebook_in_force(make.small_toml())
    campaign, tickets = await vetting.screening(3)
    code, ticket = campaign.code, tickets[0]
    with pytest.raises(Conflict, match=r"letter\.nothing"):
        await letters.of_verdict(people.clerk_a, code, ticket, WHY, at=AT)
    for clerk in (people.clerk_a, people.clerk_b):
        await commands.vet(clerk, code, [ticket], Verdict.FAIL, Reason.RESIDENCE, at=AT)
    made = await letters.of_verdict(people.clerk_a, code, ticket, WHY, at=AT)
    assert made.replies
    assert made.view.reason == Reason.RESIDENCE
    assert made.identity.name
    assert made.identity.address
    assert made.identity.name not in repr(made)
    until = made.asked.answer_until
    assert until is not None
    assert (await letters.of_verdict(people.clerk_a, code, ticket, WHY, at=until)).replies
    over = until + dt.timedelta(seconds=1)
    assert not (await letters.of_verdict(people.clerk_a, code, ticket, WHY, at=over)).replies
    looks = await vault.looks(made.view.person)
    assert [(each.fields, each.reason) for each in looks] == [(("name", "address"), WHY)] * 3
    told = " ".join(each.detail for each in await audit.entries(limit=20))
    assert made.identity.name not in told
    with pytest.raises(Invalid):
        await letters.of_verdict(people.clerk_a, code, ticket, "", at=AT)
    with pytest.raises(Forbidden):
        await letters.of_verdict(people.auditor, code, ticket, WHY, at=AT)


async def test_a_question_goes_by_letter_too(engine: Engine) -> None:
    await make.rulebook_in_force(make.small_toml())
    campaign, tickets = await vetting.screening(3)
    await commands.ask(people.clerk_a, campaign.code, tickets[1], "住址缺门牌号", at=AT)
    made = await letters.of_verdict(people.clerk_a, campaign.code, tickets[1], WHY, at=AT)
    assert (made.asked.question, made.replies) == ("住址缺门牌号", True)
    await commands.answer(campaign.code, tickets[1], "3号", at=AT)
    with pytest.raises(Conflict, match=r"letter\.nothing"):
        await letters.of_verdict(people.clerk_a, campaign.code, tickets[1], WHY, at=AT)


async def test_a_dismissal_is_told_by_letter_once_it_is_decided(engine: Engine) -> None:
    view, other, *_ = await terms.panel()
    heard, later = await terms.heard(other)
    with pytest.raises(Conflict, match=r"letter\.undecided"):
        await letters.of_dismissal(people.coordinator, heard.code, WHY, at=later)
    found = await terms.dismissed(view)
    at = found.ended_at or later
    made = await letters.of_dismissal(people.publisher, found.code, WHY, at=at)
    assert made.found.document == terms.DOCUMENT
    assert (made.texts.reason, made.texts.hearing) == (terms.REASON, terms.RECORD)
    assert made.identity.name
    assert terms.RECORD not in repr(made)
    looks = await vault.looks(view.person)
    assert any(each.fields == ("name", "address") and each.reason == WHY for each in looks)
    with pytest.raises(Forbidden):
        await letters.of_dismissal(people.reviewer, found.code, WHY, at=at)
    double = people.staff(int(view.person), "double", "评议办", *people.coordinator.roles)
    with pytest.raises(Forbidden, match=r"proceeding\.own"):
        await letters.of_dismissal(double, found.code, WHY, at=at)
