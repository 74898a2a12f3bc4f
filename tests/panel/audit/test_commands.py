"""One command leaves one entry in its own transaction, or nothing at all."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from panel import db, keys
from panel.audit import commands, queries
from panel.chance import follows
from panel.errors import Conflict, Missing
from panel.rulebook import commands as rulebook
from panel.rulebook import queries as rulebooks
from tests import people
from tests.make.rulebook import AT, DEFAULT


async def test_a_command_within_a_command_adds_to_its_entry(engine: db.Engine) -> None:
    async with commands.entry(people.coordinator, "outer", at=AT) as note:
        note.about("thing", "A", state="new")
        async with commands.entry(people.coordinator, "inner", at=AT) as inner:
            inner.about("thing", "B")
    (only,) = await queries.entries()
    assert only.command == "outer"
    parts = [(part["kind"], part["ref"]) for part in json.loads(only.detail)]
    assert parts == [("thing", "A"), ("part", "inner"), ("thing", "B")]


async def test_a_refused_command_leaves_no_entry_and_no_row(engine: db.Engine) -> None:
    async def refused() -> None:
        async with commands.entry(people.coordinator, "outer", at=AT):
            await rulebook.propose(people.coordinator, DEFAULT, at=AT)
            raise Conflict("test.refused")

    with pytest.raises(Conflict):
        await refused()
    assert await queries.entries() == []
    assert await rulebooks.versions() == []


async def test_covert_work_names_neither_account_nor_office(engine: db.Engine) -> None:
    async with commands.entry(people.coordinator, "covert", at=AT, name="visitor:0123456789abcdef"):
        pass
    (only,) = await queries.entries()
    assert (only.actor, only.office) == ("visitor:0123456789abcdef", "")


async def test_a_page_counts_covert_work_by_day_and_shows_no_moment(engine: db.Engine) -> None:
    late = AT + dt.timedelta(hours=15)
    for at, name in ((AT, "visitor:a1"), (AT, "visitor:b2"), (late, "visitor:a1"), (AT, None)):
        async with commands.entry(people.coordinator, "visits.accept", at=at, name=name):
            pass
    (open_one,) = await queries.entries(pseudonyms=False)
    assert open_one.actor == people.coordinator.name
    assert len(await queries.entries()) == 4
    counted = await queries.covert(since=AT - dt.timedelta(days=1))
    assert [(each.day.isoformat(), each.count) for each in counted] == [
        ("2026-03-03", 1),
        ("2026-03-02", 2),
    ]
    assert await queries.covert(since=late + dt.timedelta(days=1)) == []


async def test_a_bulk_command_tells_count_and_root_whatever_the_order(engine: db.Engine) -> None:
    for digests in (["b", "a"], ["a", "b"]):
        async with commands.entry(people.coordinator, "bulk", at=AT) as note:
            note.bulk("rows", digests)
    first, second = [json.loads(entry.detail) for entry in await queries.entries()]
    assert first == second
    assert first[0]["values"]["count"] == 2


async def test_the_draw_chain_keeps_its_promises_in_order(engine: db.Engine) -> None:
    assert await commands.commit_code("visits", "DRAW000001", at=AT) == 1
    assert await commands.commit_code("visits", "DRAW000002", at=AT) == 2
    with pytest.raises(Conflict, match=r"chain\.earlier_open"):
        await commands.reveal("DRAW000002", at=AT)
    first = await commands.reveal("DRAW000001", at=AT)
    second = await commands.reveal("DRAW000002", at=AT)
    assert follows(queries.chain_anchor(), first.code)
    assert follows(first.code, second.code)
    with pytest.raises(Conflict, match=r"chain\.revealed"):
        await commands.reveal("DRAW000001", at=AT)
    with pytest.raises(Missing, match=r"chain\.not_promised"):
        await commands.reveal("DRAW000003", at=AT)


async def test_a_void_draw_lets_the_next_one_go_on(engine: db.Engine) -> None:
    await commands.commit_code("visits", "DRAW000001", at=AT)
    await commands.commit_code("visits", "DRAW000002", at=AT)
    await commands.void_code("DRAW000001", at=AT)
    assert (await commands.reveal("DRAW000002", at=AT)).position == 2


async def test_foreign_keys_are_refused(engine: db.Engine) -> None:
    await commands.claim_keys("own")
    await commands.claim_keys("own")
    with pytest.raises(keys.KeyFault):
        await commands.claim_keys("foreign")
