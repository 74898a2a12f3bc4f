"""A sheet is sent once, whatever the network does, and belongs to nobody by name."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import msgspec
import pytest

from panel import db
from panel.actor import Actor
from panel.audit import queries as audit
from panel.audit.types import Trouble
from panel.errors import Closed, Conflict, Forbidden, Invalid, Missing
from panel.evaluations import commands, queries
from panel.evaluations.types import Answers, Flag, SheetState
from panel.ids import Code
from panel.piccolo_app import our_tables
from panel.visits import queries as tasks
from panel.visits.types import TaskState, TaskView
from tests import people
from tests.make import evaluations as make
from tests.make import visits
from tests.make.evaluations import SENT, key


@pytest.fixture
async def accepted(engine: db.Engine) -> tuple[visits.Setting, Actor, TaskView]:
    """Return a running round with one accepted task."""
    setting = await visits.running_round()
    actor, task = await visits.accepted_task(setting)
    return setting, actor, task


Accepted = tuple[visits.Setting, Actor, TaskView]


async def rows(table: str) -> int:
    """Return how many rows a table has."""
    return int((await db.raw(f"SELECT count(*) AS n FROM {table}"))[0]["n"])


async def test_a_sheet_gives_a_receipt_and_settles_draft_and_task(accepted: Accepted) -> None:
    _, actor, task = accepted
    given = make.answers(await make.form_of(task), B2=1)
    await commands.save_draft(actor, task.code, given, at=SENT)
    assert (await tasks.task(task.code)).state is TaskState.IN_PROGRESS
    receipt = await commands.submit(actor, task.code, given, key(), filled_at=SENT, at=SENT)
    assert receipt == await queries.receipt(actor.member, receipt.code)
    assert (receipt.version, receipt.received_at, receipt.late) == (1, SENT, False)
    assert len(receipt.digest) == 64
    assert (await tasks.task(task.code)).state is TaskState.SUBMITTED
    assert await queries.draft(task.id) is None
    stored = await queries.submission(receipt.code)
    assert stored.answers == given
    assert stored.state is SheetState.SUBMITTED
    assert stored.score == 9297  # 3 × 9 of 4 × 96 lost: 357/384


async def test_a_draft_is_kept_as_typed_and_takes_no_part_in_the_history(
    accepted: Accepted,
) -> None:
    _, actor, task = accepted
    before = await rows("audit_entry")
    half = Answers(items={"A1": 3, "B2": None}, vetoes={"V1": "索要红包"}, good="还没写完")
    await commands.save_draft(actor, task.code, half, at=SENT, opened_at=visits.DURING)
    later = SENT + timedelta(minutes=5)
    more = msgspec.structs.replace(half, items={"A1": 4})
    await commands.save_draft(actor, task.code, more, at=later)
    found = await queries.draft(task.id)
    assert found is not None
    assert (found.answers, found.saved_at) == (more, later)
    assert found.started_at == visits.DURING
    assert await rows("audit_entry") == before
    (row,) = await db.raw("SELECT content FROM sheet_draft")
    assert "红包" not in row["content"]


async def test_no_row_and_no_entry_names_the_member(accepted: Accepted) -> None:
    _, actor, task = accepted
    assert actor.member is not None
    given = make.answers(await make.form_of(task))
    await commands.save_draft(actor, task.code, given, at=SENT)
    await commands.submit(actor, task.code, given, key(), filled_at=SENT, at=SENT)
    entry = (await audit.entries(limit=1))[0]
    assert entry.command == "evaluations.submit"
    assert entry.actor == f"visitor:{task.visitor[:16]}"
    told = await db.raw("SELECT * FROM audit_entry WHERE command = 'evaluations.submit'")
    told += await db.raw("SELECT * FROM sheet_submission")
    assert actor.member not in str(told)
    assert actor.name not in str(told)
    assert [row["account"] for row in told if "account" in row] == [None]


async def test_the_same_key_gives_the_same_receipt(accepted: Accepted) -> None:
    _, actor, task = accepted
    given = make.answers(await make.form_of(task))
    first = await commands.submit(actor, task.code, given, key(), filled_at=SENT, at=SENT)
    again = await commands.submit(
        actor, task.code, given, key(), filled_at=SENT, at=SENT + timedelta(hours=1)
    )
    assert again == first
    assert await rows("sheet_submission") == 1


async def test_the_same_key_with_other_answers_is_refused(accepted: Accepted) -> None:
    _, actor, task = accepted
    form = await make.form_of(task)
    first = await commands.submit(
        actor, task.code, make.answers(form), key(), filled_at=SENT, at=SENT
    )
    with pytest.raises(Conflict) as refused:
        await commands.submit(
            actor, task.code, make.answers(form, B2=2), key(), filled_at=SENT, at=SENT
        )
    assert (refused.value.code, refused.value.values) == (
        "sheet.other_body", {"receipt": first.code},
    )  # fmt: skip
    assert (await queries.submission(first.code)).score == 10_000


async def test_another_key_for_a_sent_sheet_is_refused(accepted: Accepted) -> None:
    _, actor, task = accepted
    given = make.answers(await make.form_of(task))
    await commands.submit(actor, task.code, given, key(1), filled_at=SENT, at=SENT)
    with pytest.raises(Conflict) as refused:
        await commands.submit(actor, task.code, given, key(2), filled_at=SENT, at=SENT)
    assert refused.value.code == "sheet.not_open"
    assert await rows("sheet_submission") == 1


async def test_eight_identical_posts_at_once_make_one_row_and_equal_receipts(
    accepted: Accepted,
) -> None:
    _, actor, task = accepted
    given = make.answers(await make.form_of(task))
    receipts = await asyncio.gather(*(
        commands.submit(actor, task.code, given, key(), filled_at=SENT, at=SENT)
        for _ in range(8)
    ))  # fmt: skip
    assert len({receipt.code for receipt in receipts}) == 1
    assert receipts == [receipts[0]] * 8
    assert await rows("sheet_submission") == 1
    entries = await audit.entries(limit=20)
    assert [entry.command for entry in entries].count("evaluations.submit") == 1


async def test_eight_different_sheets_at_once_leave_one(accepted: Accepted) -> None:
    _, actor, task = accepted
    given = make.answers(await make.form_of(task))
    results = await asyncio.gather(
        *(
            commands.submit(actor, task.code, given, key(n), filled_at=SENT, at=SENT)
            for n in range(8)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(result, Conflict) for result in results) == 7
    assert await rows("sheet_submission") == 1


async def test_somebody_elses_task_is_not_there(accepted: Accepted) -> None:
    setting, actor, task = accepted
    other = people.member(next(c for c in setting.members if c != actor.member), 300)
    given = make.answers(await make.form_of(task))
    for refused in (
        commands.submit(other, task.code, given, key(), filled_at=SENT, at=SENT),
        commands.save_draft(other, task.code, given, at=SENT),
        commands.check(other, task.code, given, at=SENT),
        queries.filling(other.member, task.code, at=SENT),
    ):
        with pytest.raises(Missing):
            await refused
    receipt = await commands.submit(actor, task.code, given, key(), filled_at=SENT, at=SENT)
    for member in (other.member, None, Code("0000000000")):
        with pytest.raises(Missing):
            await queries.receipt(member, receipt.code)


async def test_only_a_member_sends_sheets(accepted: Accepted) -> None:
    _, _, task = accepted
    with pytest.raises(Forbidden):
        await commands.submit(
            people.coordinator, task.code, Answers(), key(), filled_at=SENT, at=SENT
        )


async def test_a_task_that_was_not_accepted_has_no_sheet(accepted: Accepted) -> None:
    setting, _, _ = accepted
    actor, task = await visits.one_task(setting)
    with pytest.raises(Conflict) as refused:
        await commands.save_draft(actor, task.code, Answers(), at=SENT)
    assert refused.value.code == "task.not_accepted"


async def test_a_sheet_after_its_grace_is_refused_and_nothing_is_written(
    accepted: Accepted,
) -> None:
    _, actor, task = accepted
    given = make.answers(await make.form_of(task))
    after = task.closes_at + timedelta(seconds=1)
    for refused in (
        commands.submit(actor, task.code, given, key(), filled_at=SENT, at=after),
        commands.save_draft(actor, task.code, given, at=after),
        queries.filling(actor.member, task.code, at=after),
    ):
        with pytest.raises(Closed):
            await refused
    assert await rows("sheet_submission") == 0
    assert (await tasks.task(task.code)).state is TaskState.ACCEPTED


async def test_a_late_sheet_within_the_grace_is_taken_with_a_flag(accepted: Accepted) -> None:
    _, actor, task = accepted
    given = make.answers(await make.form_of(task))
    receipt = await commands.submit(
        actor, task.code, given, key(), filled_at=SENT, at=task.closes_at
    )
    assert receipt.late
    assert Flag.LATE in (await queries.submission(receipt.code)).flags


async def test_a_faulty_sheet_writes_nothing(accepted: Accepted) -> None:
    _, actor, task = accepted
    bad = make.answers(await make.form_of(task), B2=1)
    before = await rows("audit_entry")
    for given in (
        msgspec.structs.replace(bad, reasons={}),
        msgspec.structs.replace(bad, declared=False),
        msgspec.structs.replace(bad, visited_on=None),
    ):
        with pytest.raises(Invalid):
            await commands.submit(actor, task.code, given, key(), filled_at=SENT, at=SENT)
    with pytest.raises(Invalid):
        await commands.submit(actor, task.code, bad, "1", filled_at=SENT, at=SENT)
    assert await rows("sheet_submission") == 0
    assert await rows("audit_entry") == before


async def test_a_score_or_state_changed_by_sql_is_found(accepted: Accepted) -> None:
    setting, _, _ = accepted
    _, _, receipt = await make.sent(setting)
    await commands.accept(people.reviewer, receipt.code, at=SENT)
    assert (await audit.verify(our_tables())).findings == ()
    for change in (
        "score = 9999", "state = 'voided'", "answers = '{}'", "veto_confirmed = true",
    ):  # fmt: skip
        column = change.split(" ")[0]
        (kept,) = await db.raw(f"SELECT {column} AS old FROM sheet_submission")
        await db.raw(f"UPDATE sheet_submission SET {change}")
        (finding,) = (await audit.verify(our_tables())).findings
        assert finding.trouble is Trouble.ROW_CHANGED
        assert finding.place.startswith("sheet_submission ")
        await db.raw(f"UPDATE sheet_submission SET {column} = {{}}", kept["old"])
    assert (await audit.verify(our_tables())).findings == ()


async def test_a_sheet_inserted_by_sql_is_found(accepted: Accepted) -> None:
    setting, _, other = accepted
    await make.sent(setting)
    columns = (
        "version, form_key, rulebook, rulebook_hash, answers, sealed, score, "
        "answered_weight, key, body_digest, texts_digest, visited_on, errand, filled_at, "
        "received_at, late, flags, urgency, state, review_reason, void_reason, veto_confirmed"
    )
    await db.raw(
        f"INSERT INTO sheet_submission (task, code, {columns}) "
        f"SELECT {{}}, 'XXXXXXXXXX', {columns} FROM sheet_submission",
        other.id,
    )
    assert await rows("sheet_submission") == 2
    (finding,) = (await audit.verify(our_tables())).findings
    assert finding.trouble is Trouble.ROW_UNRECORDED


async def test_a_copied_comment_is_flagged_for_another_task_only(accepted: Accepted) -> None:
    setting, _, _ = accepted
    words = "工作人员非常热情，还主动帮我复印了全部材料"
    _, _, first = await make.sent(setting, good=words)
    _, _, second = await make.sent(setting, good=words + "。")
    assert Flag.COPIED not in (await queries.submission(first.code)).flags
    assert Flag.COPIED in (await queries.submission(second.code)).flags


async def test_sealed_accusations_are_read_by_the_discipline_office_alone(
    accepted: Accepted,
) -> None:
    setting, _, _ = accepted
    told = {"V1": "窗口人员暗示要送烟", "V2": "无故拒绝受理"}
    actor, task, receipt = await make.sent(setting, vetoes=told)
    sheet = await queries.submission(receipt.code)
    assert sheet.answers.vetoes == {"V2": told["V2"]}
    assert sheet.has_sealed
    assert Flag.SEALED in sheet.flags
    (row,) = await db.raw("SELECT * FROM sheet_submission")
    assert "送烟" not in str(row)
    for nobody in (people.reviewer, people.coordinator, people.administrator, actor):
        with pytest.raises(Forbidden):
            await commands.open_accusations(nobody, receipt.code, "好奇", at=SENT)
    with pytest.raises(Invalid):
        await commands.open_accusations(make.discipline, receipt.code, " ", at=SENT)
    opened = await commands.open_accusations(make.discipline, receipt.code, "核查", at=SENT)
    assert opened == {"V1": told["V1"]}
    entry = (await audit.entries(limit=1))[0]
    assert (entry.command, entry.reason) == ("evaluations.open_accusations", "核查")
    assert [found.code for found in await queries.accused()] == [receipt.code]
    # What was told under seal belongs to the body: a changed accusation is another body.
    other = msgspec.structs.replace(sheet.answers, vetoes={**told, "V1": "没有这回事"})
    with pytest.raises(Conflict):
        await commands.submit(actor, task.code, other, key(), filled_at=SENT, at=SENT)
