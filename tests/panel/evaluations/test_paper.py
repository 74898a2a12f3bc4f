"""Sheets on paper: printed, scanned, typed by one, checked by another, counted like any other."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel import db
from panel.actor import Role
from panel.db import raw
from panel.errors import Closed, Conflict, Forbidden, Invalid
from panel.evaluations import commands, queries, rules
from panel.evaluations.types import Answers, Flag, PaperState, SheetState
from panel.ids import Code
from panel.members import queries as members
from panel.rulebook.types import Item, ItemKind, Text
from panel.vault import queries as vault
from panel.visits import queries as tasks
from panel.visits.types import TaskState
from tests import people
from tests.make import evaluations, paper, visits


async def test_printing_accepts_offers_by_word_and_gives_each_task_one_number(
    engine: db.Engine,
) -> None:
    setting = await visits.running_round()
    actor, task, sheet = await paper.printed(setting)
    assert task.state is TaskState.ACCEPTED
    name, again = await commands.print_papers(
        people.coordinator, actor.member or Code(""), "补打", at=visits.DURING
    )
    assert name
    assert sheet.code in {each.code for each in again}
    assert len({each.task.code for each in again}) == len(again)


async def test_a_covert_place_is_not_printed_before_its_visitor_may_know_it(
    engine: db.Engine,
) -> None:
    setting = await visits.running_round(covert_percent=100)
    too_early = visits.STARTS - timedelta(days=30)
    for member in setting.members:
        _, found = await commands.print_papers(people.coordinator, member, "打印", at=too_early)
        assert found == []


async def test_the_member_reads_that_somebody_looked_and_no_row_joins_both(
    engine: db.Engine,
) -> None:
    setting = await visits.running_round()
    actor, task, sheet = await paper.printed(setting)
    person = (await members.member(actor.member or Code(""))).person
    assert [look.reason for look in await vault.looks(person)] == ["没有智能手机"]
    entries = await raw("SELECT detail, reason FROM audit_entry WHERE command = {}",
                        "evaluations.print_papers")  # fmt: skip
    assert len(entries) == 1
    for secret in (task.code, sheet.code, str(actor.member), task.visitor):
        assert secret not in entries[0]["detail"] + entries[0]["reason"]
    stored = await raw("SELECT * FROM paper_sheet")
    assert all(value != actor.member for row in stored for value in row.values())


async def test_two_equal_readings_count_like_any_other_sheet(engine: db.Engine) -> None:
    setting = await visits.running_round()
    actor, task, sheet = await paper.entered(setting)
    after = await commands.reread(
        paper.checker, sheet.code, await paper.read_as(task), at=paper.LATER
    )
    assert after.state is PaperState.COUNTED
    found = await queries.submission(Code(after.sheet))
    assert found.state is SheetState.SUBMITTED
    assert Flag.PAPER in found.flags
    assert found.task.state is TaskState.SUBMITTED
    await commands.accept(people.reviewer, found.code, at=paper.LATER)
    counted = await queries.counted(setting.round.id)
    by_phone = rules.judge(
        await evaluations.form_of(task), await paper.read_as(task), covert=task.covert
    )
    assert [each.score for each in counted] == [by_phone.hundredths]
    assert (await queries.own_sheet(actor.member, found.code)).code == found.code
    hands = await queries.paper_hands(found.code)
    assert hands == {paper.clerk.person, paper.checker.person}


async def test_differences_are_told_item_by_item_and_settled_by_another_person(
    engine: db.Engine,
) -> None:
    setting = await visits.running_round()
    _, task, sheet = await paper.entered(setting)
    other = await paper.read_as(task)
    item = next(key for key, value in other.items.items() if value == 4)
    other = msgspec.structs.replace(other, items={**other.items, item: 2}, impression=1)
    after = await commands.reread(paper.checker, sheet.code, other, at=paper.LATER)
    assert after.state is PaperState.DIFFERS
    assert (await queries.reread(after)).keys == (item, "impression")
    with pytest.raises(Forbidden, match=r"approval.same_person"):
        await commands.settle_paper(paper.clerk, sheet.code, frozenset(), at=paper.LATER)
    done = await commands.settle_paper(paper.checker, sheet.code, frozenset({item}), at=paper.LATER)
    answers = (await queries.submission(Code(done.sheet))).answers
    assert (answers.items[item], answers.impression) == (2, 4)


async def test_whoever_typed_or_checked_a_sheet_does_not_review_it(engine: db.Engine) -> None:
    setting = await visits.running_round()
    _, task, sheet = await paper.entered(setting)
    after = await commands.reread(
        paper.checker, sheet.code, await paper.read_as(task), at=paper.LATER
    )
    for hand in (paper.clerk, paper.checker):
        both = msgspec.structs.replace(hand, roles=frozenset({Role.REVIEWER}))
        with pytest.raises(Forbidden, match=r"paper.typed_by_you"):
            await commands.accept(both, Code(after.sheet), at=paper.LATER)


async def test_nobody_checks_the_own_reading(engine: db.Engine) -> None:
    setting = await visits.running_round()
    _, task, sheet = await paper.entered(setting)
    with pytest.raises(Forbidden, match=r"approval.same_person"):
        await commands.reread(paper.clerk, sheet.code, await paper.read_as(task), at=paper.LATER)


async def test_a_sheet_without_scan_or_with_faults_is_not_typed(engine: db.Engine) -> None:
    setting = await visits.running_round()
    _, task, sheet = await paper.printed(setting)
    with pytest.raises(Invalid, match=r"paper.faults"):
        await commands.enter(paper.clerk, sheet.code, await paper.read_as(task), at=paper.LATER)
    with pytest.raises(Invalid, match=r"paper.faults"):
        await commands.keep_scan(
            paper.clerk, sheet.code, paper.SCAN, paper.LATER.date() + timedelta(days=9),
            at=paper.LATER,
        )  # fmt: skip
    await commands.keep_scan(paper.clerk, sheet.code, paper.SCAN, paper.ON, at=paper.LATER)
    with pytest.raises(Invalid, match=r"sheet.faults"):
        await commands.enter(paper.clerk, sheet.code, Answers(), at=paper.LATER)
    undeclared = msgspec.structs.replace(await paper.read_as(task), declared=False)
    with pytest.raises(Invalid, match=r"sheet.faults"):
        await commands.enter(paper.clerk, sheet.code, undeclared, at=paper.LATER)


async def test_what_belongs_into_the_envelope_is_never_typed(engine: db.Engine) -> None:
    setting = await visits.running_round()
    _, task, sheet = await paper.scanned(setting)
    form = await evaluations.form_of(task)
    kind = next(veto.id for veto in form.vetoes if veto.sealed)
    given_ = msgspec.structs.replace(await paper.read_as(task), vetoes={kind: "收了红包"})
    with pytest.raises(Invalid) as refusal:
        await commands.enter(paper.clerk, sheet.code, given_, at=paper.LATER)
    assert [(f.path, f.code) for f in refusal.value.faults] == [
        (f"vetoes.{kind}", "paper.envelope")
    ]


async def test_scan_and_readings_lie_encrypted_and_only_clerks_see_the_scan(
    engine: db.Engine,
) -> None:
    setting = await visits.running_round()
    _, task, sheet = await paper.scanned(setting)
    given_ = msgspec.structs.replace(await paper.read_as(task), good="一句只有这张表上有的话")
    await commands.enter(paper.clerk, sheet.code, given_, at=paper.LATER)
    stored = [*await raw("SELECT * FROM paper_sheet"), *await raw("SELECT * FROM paper_scan")]
    for row in stored:
        for value in row.values():
            assert "只有这张表" not in str(value)
            assert b"handed in" not in (bytes(value) if isinstance(value, bytes) else b"")
    assert (await queries.scan(paper.clerk, sheet.code, 1)).data == paper.SCAN.data
    with pytest.raises(Forbidden):
        await queries.scan(people.reviewer, sheet.code, 1)
    with pytest.raises(Forbidden):
        await queries.scan(people.publisher, sheet.code, 1)


async def test_a_sheet_given_up_is_replaced_by_a_new_number(engine: db.Engine) -> None:
    setting = await visits.running_round()
    actor, task, sheet = await paper.printed(setting)
    with pytest.raises(Invalid):
        await commands.spoil(paper.clerk, sheet.code, " ", at=paper.LATER)
    await commands.spoil(paper.clerk, sheet.code, "遗失", at=paper.LATER)
    with pytest.raises(Conflict, match=r"paper.state_changed"):
        await commands.spoil(paper.clerk, sheet.code, "遗失", at=paper.LATER)
    _, again = await commands.print_papers(
        people.coordinator, actor.member or Code(""), "补打", at=paper.LATER
    )
    fresh = next(each for each in again if each.task.code == task.code)
    assert fresh.code != sheet.code


async def test_a_sheet_sent_by_telephone_meanwhile_is_not_doubled(engine: db.Engine) -> None:
    setting = await visits.running_round()
    actor, task, sheet = await paper.entered(setting)
    await commands.submit(
        actor, task.code, await paper.read_as(task, 2), evaluations.key(5),
        filled_at=evaluations.SENT, at=evaluations.SENT,
    )  # fmt: skip
    with pytest.raises(Conflict):
        await commands.reread(paper.checker, sheet.code, await paper.read_as(task), at=paper.LATER)
    assert len(await queries.versions(await tasks.task(task.code))) == 1


async def test_handed_in_late_is_told_by_the_day_of_handing_in(engine: db.Engine) -> None:
    setting = await visits.running_round()
    late = evaluations.DAY + timedelta(days=6)
    _, task, sheet = await paper.scanned(setting, on=paper.ON)
    at = paper.LATER + timedelta(days=20)
    await commands.enter(paper.clerk, sheet.code, await paper.read_as(task), at=at)
    after = await commands.reread(paper.checker, sheet.code, await paper.read_as(task), at=at)
    found = await queries.submission(Code(after.sheet))
    assert not found.late
    assert Flag.LATE not in found.flags
    assert late > paper.ON


async def test_only_those_who_may_print_and_type(engine: db.Engine) -> None:
    setting = await visits.running_round()
    _, task, sheet = await paper.scanned(setting)
    for actor in (people.reviewer, people.publisher, people.auditor, people.clerk_a):
        with pytest.raises(Forbidden):
            await commands.enter(actor, sheet.code, await paper.read_as(task), at=paper.LATER)
        with pytest.raises(Forbidden):
            await commands.print_papers(actor, setting.members[0], "看看", at=paper.LATER)
    assert not paper.clerk.may(Role.COORDINATOR)
    with pytest.raises(Forbidden):
        await commands.print_papers(paper.clerk, setting.members[0], "看看", at=paper.LATER)


KEYS = ("A1", "B2", "C3")
readings = st.builds(
    Answers,
    items=st.dictionaries(st.sampled_from(KEYS), st.none() | st.integers(0, 4)),
    reasons=st.dictionaries(st.sampled_from(KEYS), st.text("甲乙，。 ", max_size=4)),
    vetoes=st.dictionaries(st.sampled_from(("V2", "V3")), st.text("甲乙", max_size=3)),
    impression=st.none() | st.integers(1, 5),
    declared=st.booleans(),
)


@given(first=readings, second=readings)
def test_taking_every_difference_from_the_second_gives_the_second(
    first: Answers, second: Answers
) -> None:
    items = [_item(key) for key in KEYS]
    keys = rules.differences(items, first, second)
    assert rules.settled(first, second, frozenset()) == first
    whole = rules.settled(first, second, keys)
    assert rules.differences(items, whole, second) == ()
    assert rules.differences(items, first, first) == ()


def _item(key: str) -> Item:
    """Return an item of a form by its id."""
    return Item(id=key, kind=ItemKind.SCALE, weight=1, text=Text(zh=key, en=key), anchors=())


async def test_a_sheet_handed_in_in_time_counts_however_late_it_is_typed(
    engine: db.Engine,
) -> None:
    setting = await visits.running_round()
    _, task, sheet = await paper.scanned(setting)
    late = task.closes_at + timedelta(days=2)
    read = await paper.read_as(task)
    await commands.enter(paper.clerk, sheet.code, read, at=late)
    after = await commands.reread(paper.checker, sheet.code, read, at=late)
    assert after.state is PaperState.COUNTED
    found = await queries.submission(Code(after.sheet))
    assert Flag.LATE not in found.flags
    assert found.received_at == late
    assert found.task.state is TaskState.SUBMITTED


async def test_a_sheet_handed_in_after_the_grace_does_not_count(engine: db.Engine) -> None:
    setting = await visits.running_round()
    _, task, sheet = await paper.printed(setting)
    late = task.closes_at + timedelta(days=2)
    await commands.keep_scan(paper.clerk, sheet.code, paper.SCAN, late.date(), at=late)
    with pytest.raises(Closed, match=r"sheet.closed"):
        await commands.enter(paper.clerk, sheet.code, await paper.read_as(task), at=late)


async def test_a_clerk_types_no_sheet_of_the_own_visit(engine: db.Engine) -> None:
    setting = await visits.running_round()
    actor, task, sheet = await paper.scanned(setting)
    person = (await members.member(actor.member or Code(""))).person
    same = people.staff(person, "same", "受理科", Role.INTAKE_CLERK)
    with pytest.raises(Forbidden, match=r"sheet.visited_by_you"):
        await commands.enter(same, sheet.code, await paper.read_as(task), at=paper.LATER)
    await commands.enter(paper.clerk, sheet.code, await paper.read_as(task), at=paper.LATER)
    with pytest.raises(Forbidden, match=r"sheet.visited_by_you"):
        await commands.reread(same, sheet.code, await paper.read_as(task), at=paper.LATER)
