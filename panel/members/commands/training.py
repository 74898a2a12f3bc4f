"""What a member does to learn: read units, fill in training sheets, take the quiz."""

from __future__ import annotations

import datetime as dt

from panel.actor import Actor, Role
from panel.audit.commands import entry
from panel.chance import canonical
from panel.db import insert_rows, raw, transaction
from panel.entropy import code as fresh_code
from panel.errors import Missing
from panel.ids import Code, read_key
from panel.members import queries, rules
from panel.members.commands.qualifying import certify
from panel.members.tables import Attempt, Member, Practice
from panel.members.types import (
    AttemptView,
    Chosen,
    CourseStanding,
    Learner,
    Marked,
    MemberState,
    MemberView,
    PracticeView,
)
from panel.workdays import SHANGHAI


async def _learner(actor: Actor, form: str, at: dt.datetime) -> tuple[Learner, CourseStanding]:
    """Return where the acting member stands with a form; ``Missing`` when it is not judged with."""
    actor.require(Role.MEMBER)
    learner = await queries.learner(actor.member or Code(""), at=at)
    rules.may_learn(learner.member)
    found = learner.of(form)
    if found is None:
        raise Missing("training.missing")
    return learner, found


async def read(actor: Actor, form: str, unit: str, *, at: dt.datetime) -> None:
    """Note that a unit was gone through: progress, no command of the history; twice is once."""
    learner, standing = await _learner(actor, form, at)
    rules.unit_of(standing.course, unit)
    if unit in standing.read:
        return
    async with transaction():
        await raw(
            "INSERT INTO course_reading (member, rulebook, unit, at) VALUES ({}, {}, {}, {}) "
            "ON CONFLICT (member, rulebook, unit) DO NOTHING",
            learner.member.id,
            learner.version.code,
            unit,
            at,
        )


async def practise(
    actor: Actor, form: str, case: str, answers: Marked, key: str, *, at: dt.datetime
) -> PracticeView:
    """Lay a training sheet beside its model answer and keep it; the same key, the same result.

    Refuses a sheet with items that have no answer, each by its field.
    """
    learner, standing = await _learner(actor, form, at)
    read_key(key)
    sheet = rules.case_of(standing.course, case)
    known = await queries.practice_by_key(learner.member, key)
    if known is not None:
        rules.same_body(known.answers, answers)
        return known
    found = rules.compare(standing.form, sheet, answers)
    async with entry(actor, "members.practise", at=at) as note:
        await _alone(learner.member)
        known = await queries.practice_by_key(learner.member, key)
        if known is not None:
            return known
        row = Practice(
            code=fresh_code(),
            member=learner.member.id,
            form=form,
            rulebook=learner.version.code,
            case=case,
            key=key,
            answers=canonical(dict(answers)).decode(),
            severity=found.severity,
            distance=found.distance,
            at=at,
        )
        await insert_rows(Practice, [row])
        note.about("training_sheet", row.code)
        await _begin(learner.member)
    return await queries.practice(learner.member.code, Code(row.code))


async def attempt(
    actor: Actor, form: str, answers: Chosen, key: str, *, at: dt.datetime
) -> AttemptView:
    """Take the quiz of a form; who passes gets a certificate. The same key, the same result.

    Refuses a quiz whose units or training sheets are not done, unanswered questions by their
    field, and more attempts than a day allows.
    """
    learner, standing = await _learner(actor, form, at)
    read_key(key)
    given = {question: tuple(sorted(set(options))) for question, options in answers.items()}
    known = await queries.attempt_by_key(learner.member, key)
    if known is not None:
        rules.same_body(known.answers, given)
        return known
    async with entry(actor, "members.attempt", at=at) as note:
        await _alone(learner.member)
        known = await queries.attempt_by_key(learner.member, key)
        if known is not None:
            return known
        learner, standing = await _learner(actor, form, at)
        course = rules.may_attempt(standing, learner.member)
        training = learner.version.rulebook.training
        grade = rules.grade(course, given, training.pass_percent)
        row = Attempt(
            code=fresh_code(),
            member=learner.member.id,
            form=form,
            rulebook=learner.version.code,
            key=key,
            answers=canonical({name: list(some) for name, some in given.items()}).decode(),
            right=grade.right,
            total=grade.total,
            passed=grade.passed,
            at=at,
        )
        await insert_rows(Attempt, [row])
        note.about("quiz", row.code, form=form, passed=grade.passed)
        if grade.passed:
            today = at.astimezone(SHANGHAI).date()
            await Member.update({Member.trained_on: today}).where(Member.id == learner.member.id)
            forms = {form: Code(row.code)}
            await certify(note, [learner.member], learner.version, forms, on=today, at=at)
    return await queries.attempt(learner.member.code, Code(row.code))


async def _alone(member: MemberView) -> None:
    """Wait for what the same member sent at once, so that attempts are counted one by one."""
    await Member.update({Member.code: Member.code}).where(Member.id == member.id)


async def _begin(member: MemberView) -> None:
    """Mark the first step of an appointed member into the course."""
    await Member.update({Member.state: MemberState.TRAINING}).where(
        Member.id == member.id, Member.state == MemberState.APPOINTED
    )
