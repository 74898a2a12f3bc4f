"""Builders of sheets, sent and reviewed by the real commands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import msgspec

from panel.actor import Actor, Role
from panel.evaluations import commands
from panel.evaluations.types import Answers, Receipt, Wait
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import Form, ItemKind
from panel.visits import commands as visit_commands
from panel.visits import queries as visit_queries
from panel.visits.types import Errand, TaskState, TaskView
from panel.workdays import SHANGHAI
from tests import people
from tests.make import visits

DAY = visits.DURING.astimezone(SHANGHAI).date()
SENT = visits.DURING + timedelta(hours=3)
discipline = people.staff(9050, "discipline", "纪检", Role.INDEPENDENT_REVIEWER)


def key(number: int = 1) -> str:
    """Return an idempotency key as a client would make it."""
    return f"00000000-0000-4000-8000-{number:012}"


def answers(
    form: Form,
    value: int = 4,
    *,
    on: date = DAY,
    but: Mapping[str, int | None] | None = None,
    revisit: bool = False,
    **items: int | None,
) -> Answers:
    """Return a whole sheet with one value throughout; single items by their id, None unseen."""
    items = {**items, **(but or {})}
    asked = [item for item in form.items if revisit or not item.revisit_only]
    waits = [item for item in asked if item.kind is ItemKind.MINUTES]
    values = {item.id: items.get(item.id, value) for item in asked if item not in waits}
    return Answers(
        items=values,
        reasons={name: f"第{name}项的情况" for name, each in values.items() if each in {0, 1}},
        minutes={item.id: Wait(waited=10, posted=10) for item in waits},
        visited_on=on,
        visited_at="09:40",
        errand=Errand.ENQUIRY,
        recognised=False,
        impression=4,
        declared=True,
    )


async def form_of(task: TaskView) -> Form:
    """Return the form that a task is filled in with."""
    version = await rulebooks.version(task.rulebook_code)
    return version.rulebook.form(task.form_key)


async def sent(
    setting: visits.Setting, value: int = 4, *, number: int = 1, **more: object
) -> tuple[Actor, TaskView, Receipt]:
    """Return a sheet that its visitor has sent."""
    actor, task = await visits.accepted_task(setting)
    given = msgspec.structs.replace(answers(await form_of(task), value), **more)
    receipt = await commands.submit(actor, task.code, given, key(number), filled_at=SENT, at=SENT)
    return actor, task, receipt


async def all_sent(setting: visits.Setting, value: int = 4) -> list[Receipt]:
    """Send a sheet for every offered task of a round."""
    receipts = []
    for number, code in enumerate(setting.members):
        actor = people.member(code, 100 + number)
        for task in await visit_queries.member_tasks(code, at=visits.DURING):
            if task.state is not TaskState.OFFERED:
                continue
            await visit_commands.accept(actor, task.code, at=visits.DURING)
            receipts.append(
                await commands.submit(
                    actor,
                    task.code,
                    answers(await form_of(task), value),
                    key(task.id),
                    filled_at=SENT,
                    at=SENT,
                )
            )
    return receipts
