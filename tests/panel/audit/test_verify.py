"""Whatever is changed behind the service is found: each fault planted, each fault named."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from panel import db
from panel.audit import commands, queries
from panel.audit.types import Finding, Head, Trouble
from panel.piccolo_app import our_tables
from panel.rulebook import commands as rulebook
from tests import people
from tests.make.rulebook import AT, DEFAULT

PLANTED = (
    "INSERT INTO rulebook_version (code, content, hash, state, proposed_at, document) "
    "VALUES ('X', 'x', 'x', 'approved', '2026-03-01 00:00:00+00:00', '')"
)


async def found(kept: Head | None = None) -> list[Trouble]:
    """Return the troubles that a verification names."""
    return [finding.trouble for finding in (await queries.verify(our_tables(), kept=kept)).findings]


@pytest.fixture
async def history(engine: db.Engine) -> Sequence[Finding]:
    """Make three entries and seal them."""
    first = await rulebook.propose(people.coordinator, DEFAULT, at=AT)
    await rulebook.approve(people.second, first.code, at=AT)
    await rulebook.propose(
        people.coordinator, DEFAULT.replace("grace_days = 7", "grace_days = 5"), at=AT
    )
    assert await commands.seal_chain() == 3
    return ()


async def test_an_honest_history_has_no_trouble(history: None) -> None:
    outcome = await queries.verify(our_tables())
    assert (outcome.entries, outcome.unsealed, outcome.rows) == (3, 0, 2)
    assert outcome.findings == ()


async def test_an_unsealed_tail_is_reported_and_no_trouble(history: None) -> None:
    async with commands.entry(people.coordinator, "late", at=AT):
        pass
    outcome = await queries.verify(our_tables())
    assert (outcome.unsealed, outcome.findings) == (1, ())


@pytest.mark.parametrize(
    ("sql", "trouble"),
    [
        ("UPDATE audit_entry SET actor = 'nobody' WHERE command = 'rulebook.approve'",
         Trouble.ENTRY_CHANGED),
        ("UPDATE audit_link SET hash = previous WHERE sequence = 2", Trouble.CHAIN_BROKEN),
        ("UPDATE audit_link SET sequence = 9 WHERE sequence = 2", Trouble.CHAIN_BROKEN),
        ("DELETE FROM audit_link WHERE sequence = 2", Trouble.CHAIN_BROKEN),
        ("UPDATE rulebook_version SET content = 'x' WHERE state = 'approved'",
         Trouble.ROW_CHANGED),
        ("UPDATE rulebook_version SET state = 'approved' WHERE state = 'proposed'",
         Trouble.ROW_CHANGED),
        ("DELETE FROM rulebook_version WHERE state = 'proposed'", Trouble.ROW_DROPPED),
        (PLANTED, Trouble.ROW_UNRECORDED),
    ],
)  # fmt: skip
async def test_a_change_by_sql_is_found(history: None, sql: str, trouble: Trouble) -> None:
    async with db.transaction():
        await db.raw(sql)
    assert trouble in await found()


@pytest.mark.parametrize(
    ("relation", "troubles"), [("panel_draw", []), ("some_table", [Trouble.ROW_DROPPED])]
)
async def test_a_table_that_is_gone_is_told_unless_a_migration_took_it(
    history: None, relation: str, troubles: list[Trouble]
) -> None:
    async with db.transaction():
        await db.raw(
            "INSERT INTO audit_sealed_row (entry, relation, row, columns, digest) "
            "SELECT entry, {}, row, columns, digest FROM audit_sealed_row LIMIT 1",
            relation,
        )
    assert await found() == troubles


async def test_a_cut_tail_is_found_against_a_head_kept_elsewhere(history: None) -> None:
    head = await queries.head()
    assert await found(head) == []
    async with db.transaction():
        await db.raw("DELETE FROM audit_link WHERE sequence = 3")
        await db.raw("DELETE FROM audit_sealed_row WHERE entry = (SELECT max(id) FROM audit_entry)")
        await db.raw("DELETE FROM audit_entry WHERE id = (SELECT max(id) FROM audit_entry)")
    assert Trouble.TAIL_CUT in await found(head)


async def test_sealers_side_by_side_seal_each_entry_once(history: None) -> None:
    for number in range(10):
        async with commands.entry(people.coordinator, f"more{number}", at=AT):
            pass
    await asyncio.gather(*(db.detached(commands.seal_chain()) for _ in range(4)))
    outcome = await queries.verify(our_tables())
    assert (outcome.unsealed, outcome.findings) == (0, ())
