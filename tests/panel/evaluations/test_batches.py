"""Clean sheets at once: the sample is drawn by lot and looked at first; who is told what."""

from __future__ import annotations

from datetime import timedelta

import pytest

from panel import chance, db, keys
from panel.actor import Role
from panel.audit import queries as audit
from panel.errors import Conflict, Forbidden
from panel.evaluations import commands, queries, rules
from panel.evaluations.types import Flag, SheetState
from panel.ids import Code
from panel.piccolo_app import our_tables
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import Form
from panel.visits import commands as rounds
from tests import people
from tests.make import evaluations as make
from tests.make import visits
from tests.make.evaluations import SENT

LATER = SENT + timedelta(hours=2)
CLEAN = {"A1": 2}


@pytest.fixture
async def setting(engine: db.Engine) -> visits.Setting:
    """Return a running round."""
    return await visits.running_round()


async def clean(setting: visits.Setting, count: int) -> list[Code]:
    """Send sheets in which nothing is odd."""
    codes = []
    for number in range(count):
        _, task, receipt = await make.sent(
            setting, items=make.answers(await _form(), 4, but=CLEAN).items, number=number + 1
        )
        assert (await queries.submission(receipt.code)).flags == (), task.code
        codes.append(receipt.code)
    return codes


async def _form() -> Form:
    version = await rulebooks.current()
    return version.rulebook.form("window")


async def test_a_batch_counts_after_its_sample_was_found_good(setting: visits.Setting) -> None:
    codes = await clean(setting, 11)
    _, _, odd = await make.sent(setting, vetoes={"V2": "拒绝受理"})
    batch = await commands.start_batch(people.reviewer, at=LATER)
    assert {item.code for item in batch.items} == set(codes)
    assert len(batch.sample) == 2
    assert [i.code for i in await queries.queue(people.second_reviewer, at=LATER)] == [odd.code]
    with pytest.raises(Conflict, match="sample_open"):
        await commands.accept_batch(people.reviewer, at=LATER)
    with pytest.raises(Conflict, match="claimed"):
        await commands.accept(people.second_reviewer, batch.rest[0].code, at=LATER)
    for item in batch.sample:
        await commands.accept(people.reviewer, item.code, at=LATER)
    assert await commands.accept_batch(people.reviewer, at=LATER) == 9
    assert len(await queries.counted(setting.round.id)) == 11
    assert await queries.batch(people.reviewer, at=LATER) is None
    assert (await audit.verify(our_tables())).findings == ()


async def test_the_sample_was_fixed_in_the_history_by_a_seed(setting: visits.Setting) -> None:
    await clean(setting, 4)
    batch = await commands.start_batch(people.reviewer, at=LATER)
    (entry,) = await audit.entries(limit=1)
    assert batch.commitment in entry.detail
    (row,) = await db.raw("SELECT seed FROM review_batch")
    codes = [item.code for item in batch.items]
    assert {item.code for item in batch.sample} == rules.sample_of(row["seed"], codes, 1)
    told = {"seed": row["seed"], "sheets": sorted(codes), "sample": 1}
    assert chance.digest(told) == batch.commitment


async def test_a_bad_sample_sends_the_rest_back_to_the_queue(setting: visits.Setting) -> None:
    await clean(setting, 4)
    batch = await commands.start_batch(people.reviewer, at=LATER)
    (item,) = batch.sample
    await commands.send_back(people.reviewer, item.code, "请补充", at=LATER)
    with pytest.raises(Conflict, match="unsound"):
        await commands.accept_batch(people.reviewer, at=LATER)
    await commands.end_batch(people.reviewer, at=LATER)
    with pytest.raises(Conflict):
        await commands.end_batch(people.reviewer, at=LATER)
    assert await queries.waiting(people.second_reviewer, at=LATER) == 3


async def test_a_proposed_voiding_spoils_the_sample_and_meets_its_second_person(
    setting: visits.Setting,
) -> None:
    await clean(setting, 3)
    batch = await commands.start_batch(people.reviewer, at=LATER)
    (item,) = batch.sample
    await commands.propose_void(people.reviewer, item.code, "wrong_window", at=LATER)
    with pytest.raises(Conflict, match="unsound"):
        await commands.accept_batch(people.reviewer, at=LATER)
    await commands.confirm_void(people.second_reviewer, item.code, at=LATER)


async def test_what_was_flagged_since_stays_behind(setting: visits.Setting) -> None:
    await clean(setting, 3)
    batch = await commands.start_batch(people.reviewer, at=LATER)
    odd = batch.rest[0]
    await db.raw("UPDATE sheet_submission SET flags = 'picture' WHERE id = {}", odd.sheet_id)
    await commands.accept(people.reviewer, batch.sample[0].code, at=LATER)
    assert await commands.accept_batch(people.reviewer, at=LATER) == 1
    assert [i.code for i in await queries.queue(people.reviewer, at=LATER)] == [odd.code]


async def test_a_batch_needs_sheets_a_reviewer_and_an_end_of_the_one_before(
    setting: visits.Setting,
) -> None:
    with pytest.raises(Conflict, match="empty"):
        await commands.start_batch(people.reviewer, at=LATER)
    await clean(setting, 2)
    with pytest.raises(Forbidden):
        await commands.start_batch(people.auditor, at=LATER)
    both = people.staff(9001, "coordinator", "评议办", Role.COORDINATOR, Role.REVIEWER)
    with pytest.raises(Conflict, match="empty"):
        await commands.start_batch(both, at=LATER)
    await commands.start_batch(people.reviewer, at=LATER)
    with pytest.raises(Conflict, match="open"):
        await commands.start_batch(people.reviewer, at=LATER)
    with pytest.raises(Conflict, match="empty"):
        await commands.start_batch(people.second_reviewer, at=LATER)
    tomorrow = LATER + timedelta(hours=13)
    assert (await queries.offer(people.second_reviewer, at=tomorrow)).sheets == 2


async def test_waiting_sheets_are_compared_with_counted_ones(setting: visits.Setting) -> None:
    receipts = await make.all_sent(setting, 4)
    places: dict[tuple[int, int | None], list[Code]] = {}
    for receipt in receipts:
        task = (await queries.submission(receipt.code)).task
        places.setdefault((task.unit_id, task.window_id), []).append(receipt.code)
    one = next(iter(places.values()))[0]
    await db.raw(
        "UPDATE sheet_submission SET score = 1000, flags = 'late', urgency = 1 WHERE code = {}", one
    )
    sheet = await queries.submission(one)
    # Two counted sheets of others at the very place: two more members went there by chance.
    mates = [c for c in receipts if c.code != one][:2]
    for mate in mates:
        other = await queries.submission(mate.code)
        await db.raw(
            'UPDATE visit_task SET unit = {}, "window" = {} WHERE id = {}',
            sheet.task.unit_id, sheet.task.window_id, other.task.id,
        )  # fmt: skip
        await commands.accept(people.reviewer, mate.code, at=LATER)
    assert await commands.weigh(at=LATER) >= 1
    after = await queries.submission(one)
    assert after.flags == (Flag.LATE, Flag.APART)
    assert after.score == 1000
    (first, *_) = await queries.queue(people.reviewer, at=LATER)
    assert first.code == one
    assert await commands.weigh(at=LATER) == 0


async def test_the_same_picture_with_another_visit_is_noticed(setting: visits.Setting) -> None:
    _, one, first = await make.sent(setting)
    _, two, second = await make.sent(setting)
    digest = keys.current().hash("visit", "picture")
    for number, task in enumerate((one, two)):
        await db.raw(
            "INSERT INTO sheet_photo (code, task, item, key, sealed, digest, size, kept_at) "
            "VALUES ({}, {}, 'A2', {}, {}, {}, 9, {})",
            f"PHOTO0000{number}", task.id, f"k{number}", b"x", digest, LATER,
        )  # fmt: skip
    await commands.weigh(at=LATER)
    for receipt in (first, second):
        assert Flag.PICTURE in (await queries.submission(receipt.code)).flags


async def test_the_share_of_void_sheets_is_told_with_its_reasons(setting: visits.Setting) -> None:
    codes = await clean(setting, 3)
    await commands.send_back(people.reviewer, codes[0], "请改", at=LATER)
    await commands.propose_void(people.reviewer, codes[1], "wrong_window", at=LATER)
    await commands.confirm_void(people.second_reviewer, codes[1], at=LATER)
    share = await queries.void_share(setting.round.id)
    assert (share.sheets, share.voided, share.reasons) == (2, 1, (("wrong_window", 1),))


async def test_a_member_is_told_of_rounds_that_are_over_alone(setting: visits.Setting) -> None:
    receipts = await make.all_sent(setting, 4)
    for receipt in receipts:
        await commands.accept(people.reviewer, receipt.code, at=LATER)
    member = setting.members[0]
    assert (await queries.feedback(member)).counted == 0
    await rounds.close(people.coordinator, setting.round.code, at=visits.after(8))
    told = await queries.feedback(member)
    assert told.counted > 0
    assert told.standing is None, "two sheets say too little"
    assert told.wanted == 5
    assert (await queries.feedback(None)).counted == 0
    states = {(await queries.submission(each.code)).state for each in receipts}
    assert states == {SheetState.ACCEPTED}
