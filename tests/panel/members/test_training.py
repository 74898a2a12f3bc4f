"""The course from the first unit to the certificate, and what its end takes away."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest

from panel.audit import queries as audit
from panel.db import Engine
from panel.errors import Closed, Conflict, Forbidden, Invalid, Missing
from panel.ids import Code
from panel.members import commands, queries
from panel.members.types import Listed, MemberState
from panel.piccolo_app import our_tables
from panel.rulebook import commands as rulebooks
from panel.rulebook import queries as versions
from panel.workdays import SHANGHAI
from tests import people
from tests.make import members, recruitment
from tests.make import rulebook as measures
from tests.make import training as make

AT = make.AT
TODAY = AT.astimezone(SHANGHAI).date()


@pytest.fixture
async def rulebook(engine: Engine) -> None:
    await recruitment.rulebook_in_force()


def midnight(day: dt.date) -> dt.datetime:
    """Return the first moment of a day in Shanghai."""
    return dt.datetime.combine(day, dt.time(), SHANGHAI)


async def test_the_course_leads_step_by_step_to_a_certificate(rulebook: None) -> None:
    actor, member = await make.learner()
    _, course = await make.course(member.code, make.WINDOW)
    answers = make.chosen(course)
    with pytest.raises(Conflict, match=r"training\.unread"):
        await commands.attempt(actor, make.WINDOW, answers, make.key(), at=AT)
    for unit in course.units:
        await commands.read(actor, make.WINDOW, unit.key, at=AT)
        await commands.read(actor, make.WINDOW, unit.key, at=AT)
    assert (await queries.member(member.code)).state is MemberState.APPOINTED
    with pytest.raises(Conflict, match=r"training\.unpractised"):
        await commands.attempt(actor, make.WINDOW, answers, make.key(), at=AT)
    await make.prepared(actor)
    assert (await queries.member(member.code)).state is MemberState.TRAINING
    result = await commands.attempt(actor, make.WINDOW, answers, make.key(), at=AT)
    assert (result.right, result.total, result.passed) == (15, 15, True)
    standing = (await queries.learner(member.code, at=AT)).of(make.WINDOW)
    assert standing is not None
    assert standing.certificate is not None
    assert standing.certificate.attempt == result.code
    assert standing.certificate.valid_until == dt.date(
        TODAY.year + 1, TODAY.month, TODAY.day
    ) - dt.timedelta(days=1)
    assert not (await audit.verify(our_tables())).findings


async def test_only_both_forms_and_the_pledge_make_a_member_active(rulebook: None) -> None:
    actor, member = await make.learner()
    await make.passed(actor, make.WINDOW)
    await commands.pledge(actor, "1", at=AT)
    found = await queries.member(member.code)
    assert (found.state, found.qualified_until) == (MemberState.TRAINING, None)
    await make.passed(actor, make.OFFICE)
    found = await queries.member(member.code)
    assert found.state is MemberState.ACTIVE
    assert [each.code for each in await queries.qualified(AT)] == [member.code]


async def test_the_pledge_may_come_last(rulebook: None) -> None:
    actor, member = await make.learner()
    await make.passed(actor, make.WINDOW)
    await make.passed(actor, make.OFFICE)
    assert not await queries.qualified(AT)
    with pytest.raises(Conflict, match=r"training\.conduct_changed"):
        await commands.pledge(actor, "0", at=AT)
    for _ in range(2):
        await commands.pledge(actor, "1", at=AT)
    assert [each.code for each in await queries.qualified(AT)] == [member.code]
    entries = await audit.entries(limit=5)
    assert [each.command for each in entries].count("members.record_pledge") == 1


@pytest.mark.parametrize("wrong", [3, 4])
async def test_the_pass_mark_is_eighty_percent(rulebook: None, wrong: int) -> None:
    passes = wrong == 3
    actor, member = await make.learner()
    course = await make.prepared(actor)
    answers = make.chosen(course, wrong=wrong)
    result = await commands.attempt(actor, make.WINDOW, answers, make.key(), at=AT)
    assert (result.right, result.passed) == (15 - wrong, passes)
    assert bool(await queries.certificates(await queries.member(member.code))) is passes


async def test_three_attempts_a_day_and_a_new_day_brings_new_ones(rulebook: None) -> None:
    actor, _ = await make.learner()
    course = await make.prepared(actor)
    answers = make.chosen(course, wrong=5)
    for number in range(3):
        await commands.attempt(actor, make.WINDOW, answers, make.key(number), at=AT)
    with pytest.raises(Closed, match=r"training\.attempts"):
        await commands.attempt(actor, make.WINDOW, answers, make.key(9), at=AT)
    last = midnight(TODAY + dt.timedelta(days=1)) - dt.timedelta(seconds=1)
    with pytest.raises(Closed, match=r"training\.attempts"):
        await commands.attempt(actor, make.WINDOW, answers, make.key(9), at=last)
    await commands.attempt(
        actor, make.WINDOW, answers, make.key(9), at=last + dt.timedelta(seconds=1)
    )


async def test_equal_posts_at_once_are_one_attempt(rulebook: None) -> None:
    actor, member = await make.learner()
    course = await make.prepared(actor)
    answers = make.chosen(course, wrong=5)
    results = await asyncio.gather(
        *(commands.attempt(actor, make.WINDOW, answers, make.key(), at=AT) for _ in range(8))
    )
    assert len({each.code for each in results}) == 1
    assert len(await queries.attempts(member, make.WINDOW)) == 1
    with pytest.raises(Conflict, match=r"training\.other_body"):
        await commands.attempt(actor, make.WINDOW, make.chosen(course), make.key(), at=AT)


async def test_more_attempts_at_once_than_the_day_allows_are_refused(rulebook: None) -> None:
    actor, member = await make.learner()
    course = await make.prepared(actor)
    answers = make.chosen(course, wrong=5)
    outcomes = await asyncio.gather(
        *(commands.attempt(actor, make.WINDOW, answers, make.key(n), at=AT) for n in range(6)),
        return_exceptions=True,
    )
    assert sum(isinstance(each, Closed) for each in outcomes) == 3
    assert len(await queries.attempts(member, make.WINDOW)) == 3


async def test_an_unanswered_question_is_named_and_costs_no_attempt(rulebook: None) -> None:
    actor, member = await make.learner()
    course = await make.prepared(actor)
    answers = make.chosen(course) | {"gift": (), "tie": (9,)}
    with pytest.raises(Invalid) as refusal:
        await commands.attempt(actor, make.WINDOW, answers, make.key(), at=AT)
    assert [fault.path for fault in refusal.value.faults] == ["q.gift", "q.tie"]
    assert not await queries.attempts(member, make.WINDOW)


async def test_a_training_sheet_is_laid_beside_its_model_answer(rulebook: None) -> None:
    actor, member = await make.learner()
    form, course = await make.course(member.code, make.WINDOW)
    case = course.cases[0]
    answers = make.marked(form, case) | {"A1": 2, "B2": 4}
    for _ in range(2):
        found = await commands.practise(actor, make.WINDOW, case.key, answers, make.key(), at=AT)
    assert (found.severity, found.distance) == (-7, 21)
    with pytest.raises(Conflict, match=r"training\.other_body"):
        await commands.practise(
            actor, make.WINDOW, case.key, make.marked(form, case), make.key(), at=AT
        )
    with pytest.raises(Invalid) as refusal:
        await commands.practise(
            actor, make.WINDOW, case.key, answers | {"A2": 3}, make.key(2), at=AT
        )
    assert [fault.path for fault in refusal.value.faults] == ["items.A2"]


async def test_nobody_sees_or_does_what_is_anothers(rulebook: None) -> None:
    actor, _ = await make.learner()
    other = people.member((await queries.serving(AT))[1].code, 9101)
    mine = other if actor.member != other.member else actor
    result = await make.passed(actor)
    stranger = next(each.code for each in await queries.serving(AT) if each.code != actor.member)
    with pytest.raises(Missing):
        await queries.attempt(stranger, result.code)
    with pytest.raises(Missing):
        await commands.read(mine, make.WINDOW, "nothing", at=AT)
    with pytest.raises(Missing):
        await commands.read(mine, "nothing", "role", at=AT)
    with pytest.raises(Forbidden):
        await commands.read(people.coordinator, make.WINDOW, "role", at=AT)
    with pytest.raises(Forbidden):
        await commands.attempt(people.clerk_a, make.WINDOW, {}, make.key(), at=AT)


async def test_who_left_learns_no_more(rulebook: None) -> None:
    actor, member = await make.learner()
    await commands.resign(people.coordinator, member.code, "迁居", at=AT)
    with pytest.raises(Conflict, match=r"member\.left"):
        await commands.read(actor, make.WINDOW, "role", at=AT)
    with pytest.raises(Conflict, match=r"member\.left"):
        await commands.pledge(actor, "1", at=AT)


async def test_a_certificate_ends_with_its_last_second(rulebook: None) -> None:
    (member, *_) = await members.panel(5)
    until = (await queries.member(member.code)).qualified_until
    assert until is not None
    end = midnight(until + dt.timedelta(days=1))
    before = end - dt.timedelta(seconds=1)
    assert len(await queries.qualified(before)) == 5
    assert await commands.lapse_due(at=before) == 0
    assert not await queries.qualified(end)
    assert await queries.count_of(end, Listed.ACTIVE) == 0
    assert (await queries.composition(end)).qualified == 0
    assert await commands.lapse_due(at=end) == 5
    assert await commands.lapse_due(at=end) == 0
    assert (await queries.member(member.code)).state is MemberState.TRAINING
    (entry,) = await audit.entries(limit=1)
    assert entry.command == "members.lapse_due"
    assert member.code not in entry.detail


async def test_passing_again_brings_a_lapsed_member_back(rulebook: None) -> None:
    actor, member = await make.learner()
    await make.passed(actor, make.WINDOW)
    await make.passed(actor, make.OFFICE)
    await commands.pledge(actor, "1", at=AT)
    later = midnight(dt.date(TODAY.year + 1, TODAY.month, TODAY.day))
    await commands.lapse_due(at=later)
    assert not await queries.qualified(later)
    for number, form in enumerate((make.WINDOW, make.OFFICE)):
        _, course = await make.course(member.code, form, at=later)
        answers = make.chosen(course)
        await commands.attempt(actor, form, answers, make.key(number), at=later)
    assert [each.code for each in await queries.qualified(later)] == [member.code]


async def test_a_quiz_opens_again_before_the_certificate_ends_and_not_sooner(
    rulebook: None,
) -> None:
    actor, member = await make.learner()
    await make.passed(actor, make.WINDOW)
    await make.passed(actor, make.OFFICE)
    await commands.pledge(actor, "1", at=AT)
    last = (await queries.member(member.code)).qualified_until
    assert last is not None
    opens = last - dt.timedelta(days=30)
    _, course = await make.course(member.code, make.WINDOW)
    answers = make.chosen(course)
    before = midnight(opens) - dt.timedelta(seconds=1)
    with pytest.raises(Conflict, match=r"training\.held") as refusal:
        await commands.attempt(actor, make.WINDOW, answers, make.key(9), at=before)
    assert refusal.value.values == {"day": opens.isoformat()}
    assert await queries.certificate_due(member.code, at=before) is None
    assert await queries.count_of(before, Listed.DUE) == 0
    on = midnight(opens)
    assert await queries.certificate_due(member.code, at=on) == last
    assert (await queries.learner(member.code, at=on)).ends_soon == last
    assert await queries.codes_of(on, Listed.DUE) == [member.code]
    failed = make.chosen(course, wrong=9)
    assert not (await commands.attempt(actor, make.WINDOW, failed, make.key(8), at=on)).passed
    assert (await queries.member(member.code)).qualified_until == last
    assert (await commands.attempt(actor, make.WINDOW, answers, make.key(9), at=on)).passed
    _, course = await make.course(member.code, make.OFFICE)
    passed = make.chosen(course)
    assert (await commands.attempt(actor, make.OFFICE, passed, make.key(10), at=on)).passed
    found = await queries.member(member.code)
    assert found.state is MemberState.ACTIVE
    assert found.qualified_until is not None
    assert found.qualified_until > last
    assert await queries.certificate_due(member.code, at=on) is None
    assert await commands.lapse_due(at=midnight(last + dt.timedelta(days=1))) == 0
    with pytest.raises(Conflict, match=r"training\.held"):
        await commands.attempt(actor, make.WINDOW, answers, make.key(11), at=on)


async def test_paper_examinations_count_once_and_not_when_they_are_too_old(
    rulebook: None,
) -> None:
    panel = await members.panel(5, qualified=False)
    codes = [each.code for each in panel]
    for _ in range(2):
        await commands.record_training(people.coordinator, codes, on=members.START, at=AT)
    held = await queries.certificates(panel[0])
    assert sorted(each.form for each in held) == ["office", "window"]
    assert {each.attempt for each in held} == {""}
    old = TODAY - dt.timedelta(days=366)
    with pytest.raises(Invalid, match=r"training\.too_old"):
        await commands.record_training(people.coordinator, codes, on=old, at=AT)


async def test_a_newer_certificate_is_never_shortened_by_an_older_paper(rulebook: None) -> None:
    panel = await members.panel(5)
    codes = [each.code for each in panel]
    until = (await queries.member(codes[0])).qualified_until
    earlier = members.START - dt.timedelta(days=60)
    await commands.record_training(people.coordinator, codes, on=earlier, at=AT)
    assert (await queries.member(codes[0])).qualified_until == until


async def test_a_paper_pledge_to_an_old_code_is_refused(rulebook: None) -> None:
    panel = await members.panel(5, qualified=False)
    with pytest.raises(Conflict, match=r"training\.conduct_changed"):
        await commands.record_pledge(
            people.coordinator, [panel[0].code], version="2024", on=TODAY, at=AT
        )
    assert (await queries.member(panel[0].code)).pledge == ""


async def test_a_new_code_or_a_changed_form_asks_again_before_the_next_round(
    rulebook: None,
) -> None:
    panel = await members.panel(5)
    codes = [each.code for each in panel]
    before = await versions.current()
    assert len(await queries.ready_for(before, at=AT)) == 5
    conduct = measures.DEFAULT.replace('[conduct]\nversion = "1"', '[conduct]\nversion = "2"')
    changed = conduct.replace("没有超过公示时间", "等候没有超过公示的时间", 1)
    for text, lacking in ((conduct, "pledge"), (changed, "certificate")):
        version = await rulebooks.propose(people.coordinator, text, at=AT)
        version = await measures.in_force(version, at=AT)
        assert len(await queries.ready_for(before, at=AT)) == 5  # in the middle of a round
        assert not await queries.ready_for(version, at=AT)
        if lacking == "pledge":
            await commands.record_pledge(people.coordinator, codes, on=TODAY, at=AT)
        else:
            await commands.record_training(people.coordinator, codes, on=TODAY, at=AT)
        assert len(await queries.ready_for(version, at=AT)) == 5
        assert len(await queries.ready_for(before, at=AT)) == 5


async def test_the_office_sees_progress_and_a_scale_without_persons(rulebook: None) -> None:
    actor, member = await make.learner()
    await make.passed(actor)
    everybody = await queries.serving(AT)
    found = {each.member.code: each for each in await queries.progress(everybody, at=AT)}
    mine = found[member.code]
    assert (mine.read, mine.practised, mine.attempts, mine.passed, mine.certified) == (
        8,
        2,
        1,
        1,
        1,
    )
    assert (mine.severity, mine.distance) == (0, 0)
    assert sum(each.attempts for each in found.values()) == 1
    version = await versions.current()
    scale = await queries.calibration(version, at=AT)
    assert [(each.case, each.points) for each in scale][:2] == [
        ("window_registry", ((0, 0),)),
        ("window_insurance", ((0, 0),)),
    ]
    assert [each.points for each in scale][2:] == [(), ()]


async def test_an_unknown_member_has_no_course(rulebook: None) -> None:
    with pytest.raises(Missing):
        await queries.learner(Code("ZZZZZZZZZZ"), at=AT)
