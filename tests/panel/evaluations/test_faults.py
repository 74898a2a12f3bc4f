"""Whatever fails while a sheet is sent: it is in or not, once, and the next try tells which."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from panel import db
from panel.audit import queries as audit
from panel.evaluations import commands
from panel.evaluations.types import Receipt
from panel.piccolo_app import our_tables
from panel.visits import commands as visit_commands
from panel.visits import queries as tasks
from panel.visits.types import TaskState
from tests.make import evaluations as make
from tests.make import visits
from tests.make.evaluations import SENT, key
from tests.panel.test_db import CancelledAt
from tests.waiting import PATIENCE, until


async def rows() -> tuple[int, int]:
    """Return how many sheets there are and how many entries tell of one."""
    (found,) = await db.raw(
        "SELECT (SELECT count(*) FROM sheet_submission) AS sheets, "
        "(SELECT count(*) FROM audit_entry WHERE command = 'evaluations.submit') AS entries"
    )
    return found["sheets"], found["entries"]


async def test_a_cancellation_at_any_await_of_sending_leaves_a_sheet_or_none(
    engine: db.Engine,
) -> None:
    setting = await visits.running_round()
    actor, task = await visits.accepted_task(setting)
    given = make.answers(await make.form_of(task))

    async def send(number: int, receipts: list[Receipt]) -> None:
        receipts.append(
            await commands.submit(actor, task.code, given, key(number), filled_at=SENT, at=SENT)
        )

    async def cancelled_at(step: int) -> tuple[bool, list[Receipt]]:
        receipts: list[Receipt] = []
        found = CancelledAt(send(step, receipts), step)
        with contextlib.suppress(asyncio.CancelledError):
            await found
        assert not db.in_transaction()
        return found.left <= 0, receipts

    step, more = 1, True
    while more:
        before = await rows()
        more, receipts = await asyncio.create_task(cancelled_at(step))
        async with asyncio.timeout(PATIENCE):
            await send(step, receipts)  # the phone tries again with the same key
        assert len({receipt.code for receipt in receipts}) == 1
        assert await rows() == (before[0] + 1, before[1] + 1)
        await until(engine.idle)  # what was cancelled may still be giving its line back
        await db.raw("UPDATE visit_task SET state = 'returned' WHERE id = {}", task.id)
        step += 1
    assert step > 2
    trouble = (await audit.verify(our_tables())).findings
    assert trouble == ()


async def test_a_sheet_during_which_its_draft_was_saved_is_taken(engine: db.Engine) -> None:
    setting = await visits.running_round()
    _, task = await visits.accepted_task(setting)
    async with db.transaction():
        await visit_commands.start(task.id, at=SENT)
        await visit_commands.complete(task, at=SENT)  # as it was read before the draft
    assert (await tasks.task(task.code)).state is TaskState.SUBMITTED


async def test_measures_in_force_are_read_once_and_others_every_time(engine: db.Engine) -> None:
    from panel.errors import Missing
    from panel.rulebook import commands as rulebooks
    from panel.rulebook import queries
    from tests import people

    await visits.measures()
    current = await queries.current()
    assert await queries.frozen(current.code) is await queries.frozen(current.code)
    text = visits.DEFAULT.read_text(encoding="utf-8").replace("grace_days = 7", "grace_days = 5")
    proposed = await rulebooks.propose(people.coordinator, text, at=visits.AT)
    first = await queries.frozen(proposed.code)
    assert first is not await queries.frozen(proposed.code)
    assert first.hash == proposed.hash
    with pytest.raises(Missing):
        await queries.frozen(visits.NOBODY)
