"""Builders of learning: units read, training sheets filled in, quizzes taken by real commands."""

from __future__ import annotations

import datetime as dt

from panel.actor import Actor
from panel.ids import Code
from panel.members import commands, queries, rules
from panel.members.types import AttemptView, Chosen, Marked, MemberView
from panel.rulebook.types import Case, Course, Form
from tests import people
from tests.make import members
from tests.tables import remembered

AT = members.AT
WINDOW, OFFICE = "window", "office"


def key(number: int = 1) -> str:
    """Return an idempotency key as a page of ours makes it."""
    return f"00000000-0000-4000-8000-{number:012}"


@remembered
async def learner(at: dt.datetime = AT) -> tuple[Actor, MemberView]:
    """Appoint a small panel that has learnt nothing yet; return one of it with the account."""
    found = (await members.panel(5, qualified=False, at=at))[0]
    return people.member(found.code, 9100), found


def marked(form: Form, case: Case, *, off: int = 0) -> Marked:
    """Return the model answers of a training sheet, every observed one ``off`` steps away."""
    found: Marked = {}
    for item in rules.practice_items(form):
        model = case.answer(item.id).value
        values = [anchor.value for anchor in item.anchors]
        wanted = None if model is None else model + off
        found[item.id] = wanted if wanted in values else model
    return found


def chosen(course: Course, *, wrong: int = 0) -> Chosen:
    """Answer a quiz with so many wrong answers, the others right."""
    found: Chosen = {}
    for number, question in enumerate(course.questions):
        other = next(n for n in range(len(question.options)) if n not in question.right)
        found[question.key] = (other,) if number < wrong else question.right
    return found


async def course(member: Code, form: str, *, at: dt.datetime = AT) -> tuple[Form, Course]:
    """Return a form with its course as a member meets it."""
    standing = (await queries.learner(member, at=at)).of(form)
    if standing is None or standing.course is None:
        raise LookupError(form)
    return standing.form, standing.course


async def prepared(actor: Actor, form: str = WINDOW, *, at: dt.datetime = AT) -> Course:
    """Read every unit and fill in every training sheet of a course."""
    member = actor.member or Code("")
    paper, found = await course(member, form, at=at)
    for unit in found.units:
        await commands.read(actor, form, unit.key, at=at)
    for number, case in enumerate(found.cases):
        answers = marked(paper, case)
        unique = key(1000 + number + 100 * (form == OFFICE) + at.toordinal())
        await commands.practise(actor, form, case.key, answers, unique, at=at)
    return found


async def passed(actor: Actor, form: str = WINDOW, *, at: dt.datetime = AT) -> AttemptView:
    """Go through a whole course and pass its quiz."""
    found = await prepared(actor, form, at=at)
    unique = key(2000 + 100 * (form == OFFICE) + at.toordinal())
    return await commands.attempt(actor, form, chosen(found), unique, at=at)
