"""A leader's signature on paper takes two persons: one enters it, another confirms it."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from panel.actor import Signature
from panel.db import Engine
from panel.errors import Conflict, Forbidden, Invalid, Missing
from panel.ids import Code
from panel.recruitment import commands
from panel.recruitment.commands import papers
from panel.recruitment.queries import papers as queries
from panel.recruitment.types.paper import PaperAct, PaperState
from tests import people
from tests.make import recruitment as make

PAPER = Signature("济评办2026-7号", "示例领导 主任", make.AT.date(), "00" * 32)


@pytest.fixture
async def rulebook(engine: Engine) -> Code:
    return await make.rulebook_in_force()


async def test_one_account_passes_nothing_by_a_paper_of_its_own(rulebook: Code) -> None:
    made = await commands.create(people.coordinator, make.draft(), at=make.AT)
    for who in (people.coordinator, people.second):
        with pytest.raises(Conflict, match=r"paper\.not_entered"):
            await commands.approve_and_announce(who, made.code, at=make.AT, paper=PAPER)
    view = await papers.enter(people.coordinator, PaperAct.ANNOUNCE, made.code, PAPER, at=make.AT)
    assert (view.signature, view.state) == (PAPER, PaperState.WAITING)
    with pytest.raises(Forbidden, match=r"approval\.same_person"):
        await commands.approve_and_announce(people.coordinator, made.code, at=make.AT, paper=PAPER)
    other = msgspec.structs.replace(PAPER, document="另一份")
    with pytest.raises(Conflict, match=r"paper\.not_entered"):
        await commands.approve_and_announce(people.second, made.code, at=make.AT, paper=other)
    assert await queries.waiting(PaperAct.CANCEL, made.code) is None
    signed = await commands.approve_and_announce(people.second, made.code, at=make.AT, paper=PAPER)
    assert signed.criteria_hash
    assert (await queries.paper(view.code)).state is PaperState.CONFIRMED
    with pytest.raises(Conflict, match=r"paper\.settled"):
        await papers.discard(people.coordinator, view.code, at=make.AT)


async def test_a_paper_without_its_parts_is_not_entered(rulebook: Code) -> None:
    made = await commands.create(people.coordinator, make.draft(), at=make.AT)

    async def enter(who: object = people.coordinator, **changes: object) -> None:
        paper = msgspec.structs.replace(PAPER, **changes)
        await papers.enter(who, PaperAct.ANNOUNCE, made.code, paper, at=make.AT)  # type: ignore[arg-type]

    for name in ("document", "signer", "scan"):
        with pytest.raises(Invalid, match=r"form\.faults"):
            await enter(**{name: " "})
    with pytest.raises(Invalid, match=r"form\.faults"):
        await enter(signed_on=make.AT.date() + dt.timedelta(days=2))
    with pytest.raises(Forbidden):
        await enter(people.reviewer)
    with pytest.raises(Forbidden):
        await enter(msgspec.structs.replace(people.coordinator, person=None))
    await enter()
    with pytest.raises(Conflict, match=r"paper\.waits_already"):
        await enter(people.second)


async def test_a_wrong_entry_is_taken_back_and_made_anew(rulebook: Code) -> None:
    made = await commands.create(people.coordinator, make.draft(), at=make.AT)
    wrong = await papers.enter(people.second, PaperAct.ANNOUNCE, made.code, PAPER, at=make.AT)
    await papers.discard(people.coordinator, wrong.code, at=make.AT)
    with pytest.raises(Conflict, match=r"paper\.not_entered"):
        await commands.approve_and_announce(people.coordinator, made.code, at=make.AT, paper=PAPER)
    again = await papers.enter(people.second, PaperAct.ANNOUNCE, made.code, PAPER, at=make.AT)
    assert again.code != wrong.code
    with pytest.raises(Missing, match=r"paper\.unknown"):
        await queries.paper(Code("0000000000"))
