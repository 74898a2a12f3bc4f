"""Second act: a round of visits, from the plan to the last reviewed sheet."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Final

import msgspec

from panel.accounts import queries as accounts
from panel.actor import Actor
from panel.chance import Stream
from panel.demo import behaviour
from panel.demo.progress import Progress
from panel.demo.sheets import filled
from panel.demo.timeline import Timeline
from panel.entropy import key
from panel.evaluations import commands as evaluations
from panel.evaluations import queries as sheets
from panel.evaluations.types import SheetView
from panel.ids import Code
from panel.roster import queries as roster
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import Rulebook
from panel.visits import commands, queries
from panel.visits.types import (
    DeclineReason,
    RecusalKind,
    RoundDraft,
    RoundView,
    TaskState,
    TaskView,
)

_RECUSALS: Final = 6
_CLOSED: Final = 4
_VOIDS: Final = 300
"""Of a thousand careless sheets, so many are void; the others go back to their visitor."""
_DRAFTS: Final = 60
"""Of a thousand visitors, so many save a draft before they send."""
_OFFLINE, _LATE = 60, 30
"""Of a thousand sheets, so many wait a day on a phone without network, or come too late."""
_KNOWN: Final = 20
"""Of a thousand covert visitors, so many are recognised at the window."""
_HELD: Final = 8
"""Of a thousand sheets, so many contradict something and wait for a further look."""
REVIEWERS: Final = ("reviewer1", "reviewer2", "reviewer3")


class Visit(msgspec.Struct, frozen=True):
    """One accepted task on its way: whose it is and when the visit takes place."""

    actor: Actor
    index: int
    task: TaskView
    ref: str
    name: str
    at: dt.datetime


class Course(msgspec.Struct, frozen=True):
    """How a round runs: days before today, and the moment up to which it is played."""

    name: str
    """Before the names of its visits, so that no two rounds have the same luck."""
    members: Sequence[Code]
    seed: str
    answers: tuple[int, ...]
    """Days on which members answer what they were offered."""
    lapses: tuple[int, ...]
    """Days on which offers without an answer go to the next ones."""
    until: dt.datetime
    review_days: int = 4
    """Days after a visit on which its sheet is reviewed."""


def first_course(time: Timeline, members: Sequence[Code], seed: str) -> Course:
    """Return the course of the finished round."""
    return Course(
        name="",
        members=members,
        seed=seed,
        answers=(40, 39, 36),
        lapses=(36,),
        until=time.days_ago(10, 19),
    )


def second_course(time: Timeline, members: Sequence[Code], seed: str) -> Course:
    """Return the course of the running round: about half of its visits lie behind."""
    return Course(
        name="second/",
        members=members,
        seed=seed,
        answers=(8, 7, 5),
        lapses=(5, 1),
        until=time.days_ago(0, 0),
        review_days=2,
    )


async def plan(
    staff: dict[str, Actor], time: Timeline, draft: RoundDraft, *, days: int
) -> RoundView:
    """Plan a round, have it approved by another person, commit and draw it."""
    coordinator = staff["coordinator"]
    view = await commands.plan(coordinator, draft, at=time.days_ago(days, 9))
    await commands.approve(staff["approver"], view.code, at=time.days_ago(days, 15))
    await commands.commit(coordinator, view.code, at=time.days_ago(days - 1, 9))
    return await commands.draw(coordinator, view.code, at=time.days_ago(days - 1, 10))


def first_round(time: Timeline, visits: int, *, double_percent: int = 0) -> RoundDraft:
    """Return the plan of the finished round."""
    return RoundDraft(
        title="第一轮作风建设走访评议",
        title_en="First round of visits",
        theme="窗口服务作风与一次性告知",
        groups=("service", "enforcement", "utility", "office"),
        covert_percent=60,
        visits_per_window=visits,
        visits_per_unit=20,
        starts=time.days_ago(40, 8),
        ends=time.days_ago(18, 18),
        due_hours=48,
        legal_basis="年度监督检查计划，已报备案",
        register_number="JN-2026-017",
        max_tasks=4,
        double_percent=double_percent,
        disclosure="本年度将以明察、暗访方式走访各服务窗口和机关，内容见公开的评议表；"
        "结果用于年度考核。具体时间不预告。",
        disclosed_on=time.day(60),
    )


def next_round(time: Timeline) -> RoundDraft:
    """Return the plan of the running round, whose open tasks are there to try."""
    return msgspec.structs.replace(
        first_round(time, 3),
        title="第二轮公用事业走访评议",
        title_en="Second round: public utilities",
        theme="公用事业营业窗口",
        groups=("utility",),
        unranked=("utility",),
        covert_percent=50,
        starts=time.days_ago(8, 8),
        ends=time.days_ago(-13, 18),
        register_number="JN-2026-018",
        claims=True,
        double_percent=4,
    )


async def play(
    staff: dict[str, Actor],
    time: Timeline,
    view: RoundView,
    course: Course,
) -> AsyncIterator[Progress]:
    """Let members answer, visit and send; let reviewers decide, day by day."""
    story = _Round(staff, time, view, course)
    last = len(course.answers)
    yield Progress("answer", 0, last)
    for number, days in enumerate(course.answers, start=1):
        if days in course.lapses:
            await commands.lapse_due(at=time.days_ago(days, 9))
        await story.answer(time.days_ago(days, 10))
        yield Progress("answer", number, last)
    total = len(story.visits)
    async for done in story.visit():
        yield Progress("visit", done, total)
    if course.lapses[-1] < course.answers[-1]:
        await commands.lapse_due(at=time.days_ago(course.lapses[-1], 9))
    yield Progress("visit", total, total)


class _Round:
    """One round while it is played."""

    def __init__(
        self,
        staff: dict[str, Actor],
        time: Timeline,
        view: RoundView,
        course: Course,
    ) -> None:
        self.staff = staff
        self.time = time
        self.view = view
        self.members = course.members
        self.seed = course.seed
        self.course = course
        self.visits: list[Visit] = []
        self._actors: dict[Code, Actor] = {}
        self._refs: dict[Code, str] = {}
        self._seen: dict[str, int] = defaultdict(int)
        self._book: Rulebook | None = None

    async def _prepare(self) -> Rulebook:
        """Read city numbers and rulebook once."""
        if self._book is None:
            version = await rulebooks.version(self.view.rulebook_code)
            self._book = version.rulebook
            self._refs = {unit.code: unit.ref for unit in await roster.units()}
            self._refs |= {window.code: window.ref for window in await roster.windows()}
        return self._book

    async def answer(self, at: dt.datetime) -> None:
        """Let every member answer what was offered: most accept, a few decline or recuse."""
        await self._prepare()
        for index, member in enumerate(self.members):
            actor = await self._actor(member)
            temper = behaviour.temper(index, self.seed)
            for task in await queries.member_tasks(member, at=at):
                if task.state is TaskState.OFFERED and task.round_code == self.view.code:
                    await self._answer(actor, index, temper, task, at)

    async def _actor(self, member: Code) -> Actor:
        if member not in self._actors:
            self._actors[member] = await accounts.actor_of_member(member)
        return self._actors[member]

    async def _answer(
        self, actor: Actor, index: int, temper: behaviour.Temper, task: TaskView, at: dt.datetime
    ) -> None:
        ref = self._refs[task.window_code or task.unit_code]
        name = f"{self.course.name}{ref}/{self._seen[ref]}"
        self._seen[ref] += 1
        if behaviour.happens(temper.lapses, self.seed, "lapse", name):
            return
        if behaviour.happens(temper.declines, self.seed, "decline", name):
            await commands.decline(actor, task.code, DeclineReason.TIME, at=at)
            return
        if behaviour.happens(_RECUSALS, self.seed, "recuse", name):
            await commands.recuse(actor, task.code, RecusalKind.ACQUAINTED, at=at)
            return
        accepted = await commands.accept(actor, task.code, at=at)
        self.visits.append(Visit(actor, index, accepted, ref, name, self._when(accepted, name, at)))

    def _when(self, task: TaskView, name: str, after: dt.datetime) -> dt.datetime:
        """Choose the hour of a visit between tomorrow and the task's last day."""
        first = max(task.opens_at, after + dt.timedelta(days=1))
        span = max(1, int((task.due_at - first).total_seconds()) // 86_400)
        stream = Stream(self.seed, f"when/{name}")
        day = first + dt.timedelta(days=stream.below(span))
        local = self.time.days_ago(0, 9)
        hours = dt.timedelta(hours=stream.below(7), minutes=stream.below(60))
        return day.replace(hour=local.hour, minute=0, second=0, microsecond=0) + hours

    async def visit(self) -> AsyncIterator[int]:
        """Play the visits day by day: sheets come in, the next morning they are reviewed."""
        book = await self._prepare()
        done = 0
        for day in self._days():
            if day[0].at > self.course.until:
                break
            sent: list[tuple[Visit, Code]] = []
            for one in day:
                code = await self._send(one, book)
                if code:
                    sent.append((one, code))
                done += 1
                if not done % 20:
                    yield done
            for number, (one, code) in enumerate(sent):
                await self._review(one, code, number, book)
            yield done

    def _days(self) -> Iterator[list[Visit]]:
        """Yield the visits of each day in their order."""
        by_day: dict[dt.date, list[Visit]] = defaultdict(list)
        for one in sorted(self.visits, key=lambda visit: (visit.at, visit.name)):
            by_day[one.at.date()].append(one)
        yield from (by_day[day] for day in sorted(by_day))

    async def _send(self, one: Visit, book: Rulebook) -> Code | None:
        """Send the sheet of a visit, or report the window closed, or forget it."""
        temper = behaviour.temper(one.index, self.seed)
        if behaviour.happens(temper.lapses, self.seed, "forget", one.name):
            return None
        if one.task.window_id and behaviour.happens(_CLOSED, self.seed, "closed", one.name):
            await commands.not_possible(
                one.actor,
                one.task.code,
                self._local_day(one.at),
                "窗口暂停办理，贴有系统升级告示。",
                at=one.at,
            )
            return None
        task = await self._met(one)
        form = book.form(task.form_key)
        answers = filled(form, task, one.ref, one.name, temper, self.seed, one.at)
        if behaviour.happens(_DRAFTS, self.seed, "draft", one.name):
            await evaluations.save_draft(one.actor, task.code, answers, at=one.at)
        sent_at = self._sent_at(one, temper)
        if sent_at > self.course.until:
            return None
        receipt = await evaluations.submit(
            one.actor, task.code, answers, key(), filled_at=one.at, at=sent_at
        )
        return receipt.code

    async def _met(self, one: Visit) -> TaskView:
        """Let a covert visitor be recognised now and then: the visit goes on as an open one."""
        if not one.task.covert or not behaviour.happens(_KNOWN, self.seed, "known", one.name):
            return one.task
        return await commands.recognised(one.actor, one.task.code, at=one.at)

    def _sent_at(self, one: Visit, temper: behaviour.Temper) -> dt.datetime:
        """Return when a sheet arrives: soon, a day later from a phone without network, or late."""
        hours = 2 + (100 - temper.diligence) * 2 // 3
        if behaviour.happens(_OFFLINE, self.seed, "offline", one.name):
            hours = 26
        elif behaviour.happens(_LATE, self.seed, "late", one.name):
            hours = 76
        return min(one.at + dt.timedelta(hours=hours), one.task.closes_at - dt.timedelta(hours=1))

    @staticmethod
    def _local_day(at: dt.datetime) -> dt.date:
        return at.astimezone(dt.timezone(dt.timedelta(hours=8))).date()

    async def _review(self, one: Visit, code: Code, number: int, book: Rulebook) -> None:
        """Accept a sheet, send it back, hold it, or have it voided by two reviewers."""
        sheet = await sheets.submission(code)
        at = max(one.at + dt.timedelta(days=self.course.review_days), sheet.received_at)
        at = min(at, one.task.closes_at - dt.timedelta(hours=1))
        if at > self.course.until:
            return
        reviewer = self.staff[REVIEWERS[number % 3]]
        temper = behaviour.temper(one.index, self.seed)
        careless = behaviour.happens(temper.careless, self.seed, "careless", one.name)
        if careless and behaviour.happens(_VOIDS, self.seed, "void", one.name):
            await evaluations.propose_void(reviewer, code, book.void_reasons[0], at=at)
            other = self.staff[REVIEWERS[(number + 1) % 3]]
            await evaluations.confirm_void(other, code, at=at + dt.timedelta(hours=2))
            return
        running = self.course.until <= one.task.closes_at
        if running and behaviour.happens(_HELD, self.seed, "held", one.name):
            await evaluations.hold(
                reviewer, code, "与同日另一份评议表不一致。", revisit=True, at=at
            )
            return
        if careless and one.task.closes_at - at > dt.timedelta(days=2):
            again = await self._again(one, sheet, reviewer, at)
            if again is None:
                return
            code = again
            at += dt.timedelta(hours=20)
        await evaluations.accept(reviewer, code, at=at)

    async def _again(
        self, one: Visit, sheet: SheetView, reviewer: Actor, at: dt.datetime
    ) -> Code | None:
        """Send a sheet back; its visitor answers the next morning, unless that is yet to come."""
        await evaluations.send_back(reviewer, sheet.code, "请补充说明低分项目的具体情况。", at=at)
        if at + dt.timedelta(hours=21) > self.course.until:
            return None
        receipt = await evaluations.submit(
            one.actor,
            one.task.code,
            msgspec.structs.replace(sheet.answers, good="工作人员普通话标准，指引清楚。"),
            key(),
            filled_at=at + dt.timedelta(hours=8),
            at=at + dt.timedelta(hours=9),
        )
        return receipt.code
