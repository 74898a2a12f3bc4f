"""One person proposes, another approves, and then nothing moves any more."""

from __future__ import annotations

import datetime as dt

import pytest

from panel import db
from panel.actor import Signature
from panel.errors import Conflict, Forbidden, Missing
from panel.rulebook import commands, queries
from panel.rulebook.types import RulebookState
from tests import people
from tests.make.rulebook import AT, DEFAULT, in_force


async def test_before_the_first_approval_there_are_no_measures(engine: db.Engine) -> None:
    with pytest.raises(Missing, match=r"rulebook\.none"):
        await queries.current()


async def test_the_author_may_not_approve(engine: db.Engine) -> None:
    version = await commands.propose(people.coordinator, DEFAULT, at=AT)
    with pytest.raises(Forbidden, match=r"approval\.same_person"):
        await commands.approve(people.coordinator, version.code, at=AT)
    assert (await queries.version(version.code)).state is RulebookState.PROPOSED


async def test_a_signature_on_paper_stands_for_the_second_person(engine: db.Engine) -> None:
    version = await commands.propose(people.coordinator, DEFAULT, at=AT)
    paper = Signature("济评〔2026〕1号", "主任", dt.date(2026, 3, 1), "0" * 64)
    approved = await commands.approve(people.coordinator, version.code, at=AT, paper=paper)
    assert (approved.state, approved.document) == (RulebookState.APPROVED, "济评〔2026〕1号")


async def test_a_second_approval_finds_the_version_frozen(engine: db.Engine) -> None:
    version = await commands.propose(people.coordinator, DEFAULT, at=AT)
    await commands.approve(people.second, version.code, at=AT)
    with pytest.raises(Conflict, match=r"rulebook\.frozen"):
        await commands.approve(people.second, version.code, at=AT)


async def test_a_new_version_takes_the_place_of_the_old_one(engine: db.Engine) -> None:
    first = await commands.propose(people.coordinator, DEFAULT, at=AT)
    await commands.approve(people.second, first.code, at=AT)
    second = await commands.propose(
        people.coordinator, DEFAULT.replace("grace_days = 7", "grace_days = 5"), at=AT
    )
    with pytest.raises(Conflict, match=r"rulebook\.no_dry_run"):
        await commands.approve(people.second, second.code, at=AT)
    await in_force(second)
    assert (await queries.current()).code == second.code
    assert (await queries.version(first.code)).state is RulebookState.SUPERSEDED


async def test_the_same_text_is_not_proposed_twice(engine: db.Engine) -> None:
    await commands.propose(people.coordinator, DEFAULT, at=AT)
    with pytest.raises(Conflict, match=r"rulebook\.known"):
        await commands.propose(people.second, DEFAULT + "\n# a comment\n", at=AT)
    assert len(await queries.versions()) == 1


async def test_a_stranger_proposes_nothing(engine: db.Engine) -> None:
    with pytest.raises(Forbidden, match=r"actor\.role"):
        await commands.propose(people.stranger, DEFAULT, at=AT)
