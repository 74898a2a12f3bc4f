"""Builders of sheets on paper and of what members tell outside their sheets."""

from __future__ import annotations

from datetime import date, timedelta

from panel.actor import Actor, Role
from panel.evaluations import commands, queries
from panel.evaluations.types import Answers, LeadDraft, PaperView
from panel.ids import Code
from panel.vault.types import Attached
from panel.visits.types import TaskView
from tests import people
from tests.make import evaluations, visits

clerk = people.staff(9060, "paper-clerk", "受理科", Role.INTAKE_CLERK)
checker = people.staff(9061, "paper-checker", "受理科", Role.INTAKE_CLERK)
SCAN = Attached(b"\xff\xd8 a page as it was handed in", "image/jpeg")
ON = evaluations.DAY + timedelta(days=1)
LATER = evaluations.SENT + timedelta(days=2)


async def printed(setting: visits.Setting) -> tuple[Actor, TaskView, PaperView]:
    """Return a member whose sheets were printed, one task of theirs and its sheet."""
    actor, task = await visits.one_task(setting)
    member = actor.member or Code("")
    _, found = await commands.print_papers(
        people.coordinator, member, "没有智能手机", at=visits.DURING
    )
    sheet = next(each for each in found if each.task.code == task.code)
    return actor, sheet.task, sheet


async def scanned(setting: visits.Setting, *, on: date = ON) -> tuple[Actor, TaskView, PaperView]:
    """Return a sheet that was handed in and scanned."""
    actor, task, sheet = await printed(setting)
    await commands.keep_scan(clerk, sheet.code, SCAN, on, at=LATER)
    return actor, task, await queries.paper(sheet.code)


async def read_as(task: TaskView, value: int = 4) -> Answers:
    """Return what a clerk reads on a sheet with one value throughout."""
    return evaluations.answers(await evaluations.form_of(task), value)


async def entered(setting: visits.Setting, value: int = 4) -> tuple[Actor, TaskView, PaperView]:
    """Return a sheet that one person typed."""
    actor, task, sheet = await scanned(setting)
    await commands.enter(clerk, sheet.code, await read_as(task, value), at=LATER)
    return actor, task, await queries.paper(sheet.code)


def seen(unit: Code, *, on: date = evaluations.DAY) -> LeadDraft:
    """Return a problem as a member tells it."""
    return LeadDraft(unit=unit, text="取号机停用三天，没有告示。", seen_on=on)


async def told(setting: visits.Setting, *, number: int = 1) -> tuple[Actor, Code]:
    """Return a member and the lead that this member told."""
    actor, task = await visits.one_task(setting)
    key = evaluations.key(number)
    code = await commands.report_lead(actor, seen(task.unit_code), key, at=evaluations.SENT)
    return actor, code
