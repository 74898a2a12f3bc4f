"""What follows from a list: orders to rectify, from the first day to the member who looks again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from panel.accounts import queries as accounts
from panel.actor import SYSTEM, Actor
from panel.assessments import commands as assessments
from panel.assessments.commands import plans, progress, revisits
from panel.assessments.queries import order_parts as parts
from panel.assessments.queries import order_views as orders
from panel.assessments.types.orders import (
    Chain,
    Filling,
    ItemState,
    NewAnalysis,
    OrderKind,
    OrderView,
    Verdict,
)
from panel.demo import cast
from panel.demo.timeline import morning_after
from panel.entropy import key
from panel.evaluations import commands as sheets
from panel.evaluations.types import Answers, Wait
from panel.ids import Code
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import ItemKind
from panel.visits import commands as visits
from panel.visits import queries as tasks
from panel.visits.types import Errand, TaskState, TaskView
from panel.workdays import SHANGHAI

FAILING: Final = 1
"""So many of the orders of the story fail their first re-visit."""
_GOOD, _BAD = 4, 0
_CAUSE: Final = "窗口人员轮岗频繁，培训没有跟上，事项清单没有及时更新。"
_MEASURE: Final = "逐项制定一次性告知清单，窗口张贴，每周抽查。"
_DONE: Final = "清单已上墙，窗口人员培训考核合格，抽查记录已存档。"
_PLAN, _WORK, _LOOK = dt.timedelta(days=3), dt.timedelta(days=12), dt.timedelta(days=4)


async def open_from(code: Code, *, at: dt.datetime) -> list[Code]:
    """Open the year from a published list; return the orders that it asks for."""
    opened = await assessments.open_year(SYSTEM, code, at=at)
    return [*opened.orders]


class Rectifying:
    """Some orders on their way, with the staff and the panel that see to them."""

    def __init__(
        self, staff: dict[str, Actor], members: Sequence[Code], liaisons: dict[str, str]
    ) -> None:
        """Begin with nothing."""
        self._staff = staff
        self._members = members
        self._liaisons = liaisons

    async def plan(self, codes: Sequence[Code], *, at: dt.datetime) -> dt.datetime:
        """Let each unit acknowledge, name the causes, plan every item; approve the plans."""
        for code in codes:
            view = await orders.stored(code)
            speaker = await self._speaker(view, at)
            await plans.receive(speaker, code, at=at)
            if view.kind is OrderKind.ANALYSIS:
                given = NewAnalysis(_CAUSE, _MEASURE, "政务服务科科长", (at + _WORK).date())
                await plans.analyse(speaker, code, given, at=at + dt.timedelta(days=1))
                await plans.accept_analysis(self._staff["coordinator"], code, at=at + _PLAN)
                continue
            await plans.analyse(speaker, code, NewAnalysis(_CAUSE), at=at + dt.timedelta(days=1))
            await self._file(speaker, view, at=at + dt.timedelta(days=2))
            await plans.approve_plan(self._staff["coordinator"], code, at=at + _PLAN)
        return at + _PLAN

    async def _file(self, speaker: Actor, view: OrderView, *, at: dt.datetime) -> None:
        due = (at + _WORK).astimezone(SHANGHAI).date()
        items = await parts.items(view.id)
        if not items:
            text = "窗口一次性告知不到位"
            await plans.add(
                speaker, view.code, Filling(_MEASURE, "窗口负责人", due, text=text), at=at
            )
        for item in items:
            filling = Filling(_MEASURE, "窗口负责人", due)
            await plans.fill(speaker, view.code, item.number, filling, at=at)
        chain = Chain("分管副局长", "政务服务科", "政务服务科科长")
        await plans.file_plan(speaker, view.code, chain, at=at)

    async def report(self, codes: Sequence[Code], *, at: dt.datetime) -> list[Code]:
        """Let each unit tell of every item what was done, and report; return the orders."""
        whole = []
        for code in codes:
            view = await orders.stored(code)
            if view.kind is OrderKind.ANALYSIS:
                continue
            whole.append(code)
            speaker = await self._speaker(view, at)
            for item in await parts.items(view.id):
                if item.state in {ItemState.OPEN, ItemState.FAILED}:
                    await progress.prove(speaker, code, item.number, _DONE, at=at)
            await progress.report_done(speaker, code, "全部事项已整改完毕。", at=at)
        return whole

    async def look(
        self, codes: Sequence[Code], failing: frozenset[Code], *, at: dt.datetime
    ) -> dt.datetime:
        """Send drawn members to look again, and decide on each order by what they saw."""
        coordinator = self._staff["coordinator"]
        view = await revisits.plan_revisit(
            coordinator, codes, "整改回访", "Re-visit after rectification", at=at
        )
        await visits.approve(self._staff["approver"], view, at=at)
        await visits.commit(coordinator, view, at=at + dt.timedelta(hours=1))
        await visits.draw(coordinator, view, at=at + dt.timedelta(hours=3))
        bad = {(await orders.stored(code)).unit_code for code in failing}
        seen = (await tasks.round(view)).draft.starts + _LOOK
        await self._visit(view, bad, accepted=at + dt.timedelta(days=1), at=seen)
        decided = morning_after(seen + dt.timedelta(days=2))
        for code in codes:
            verdict = Verdict.FAILED if code in failing else Verdict.CLOSED
            text = "回访所见问题仍在。" if code in failing else "回访确认已整改到位。"
            await revisits.judge(self._staff["reviewer1"], code, verdict, text, at=decided)
        return decided

    async def _visit(
        self, code: Code, bad: set[Code], *, accepted: dt.datetime, at: dt.datetime
    ) -> None:
        for member in self._members:
            for task in await tasks.member_tasks(member, at=accepted):
                if task.round_code != code or task.state is not TaskState.OFFERED:
                    continue
                actor = await accounts.actor_of_member(member)
                await visits.accept(actor, task.code, at=accepted)
                sheet = await self._sheet(task, _BAD if task.unit_code in bad else _GOOD, at)
                receipt = await sheets.submit(
                    actor, task.code, sheet, key(), filled_at=at, at=at + dt.timedelta(hours=3)
                )
                await sheets.accept(
                    self._staff["reviewer2"], receipt.code, at=at + dt.timedelta(days=1)
                )

    @staticmethod
    async def _sheet(task: TaskView, value: int, at: dt.datetime) -> Answers:
        """Return the sheet of a look whether the items are put right."""
        book = (await rulebooks.version(task.rulebook_code)).rulebook
        form = book.form(task.form_key)
        waits = {item.id for item in form.items if item.kind is ItemKind.MINUTES}
        values = {item.id: value for item in form.items if item.id not in waits}
        local = at.astimezone(SHANGHAI)
        return Answers(
            items=dict(values),
            reasons={name: "与上次反馈的问题相同。" for name in values if value == _BAD},
            minutes={name: Wait(waited=5, posted=15) for name in waits},
            visited_on=local.date(),
            visited_at=f"{local:%H:%M}",
            errand=Errand.ENQUIRY,
            recognised=False,
            impression=4 if value == _GOOD else 2,
            declared=True,
        )

    async def _speaker(self, view: OrderView, at: dt.datetime) -> Actor:
        return await cast.speaker(self._staff["admin"], view.unit_code, self._liaisons, at=at)
