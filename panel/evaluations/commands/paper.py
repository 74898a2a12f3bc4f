"""Sheets on paper: printed for a member without a phone, typed by one, checked by another."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import msgspec
from piccolo.columns import Column

from panel import keys
from panel.accounts import queries as accounts
from panel.actor import Actor, Role
from panel.audit.commands import entry
from panel.db import insert_rows
from panel.entropy import code as fresh_code
from panel.errors import Conflict, Forbidden
from panel.evaluations import queries, rules
from panel.evaluations.commands.sending import send_for
from panel.evaluations.tables import PaperScan, PaperSheet, Submission
from panel.evaluations.types import Answers, Flag, PaperState, PaperView, SheetView
from panel.ids import Code
from panel.members import queries as members
from panel.vault import commands as vault
from panel.vault.types import Attached
from panel.visits import commands as visits
from panel.visits import queries as tasks
from panel.visits.types import TaskState
from panel.workdays import SHANGHAI

_CLERKS = (Role.COORDINATOR, Role.INTAKE_CLERK)


async def print_papers(
    actor: Actor, member: Code, reason: str, *, at: datetime
) -> tuple[str, list[PaperView]]:
    """Return a member's name and a numbered sheet for each task that can be done on paper.

    An offered task is accepted by the word of the member. The look is logged and shown to the
    member; the entry names neither member nor tasks, for it would join the two.
    """
    actor.require(Role.COORDINATOR)
    tidy = rules.reason_given(reason)
    person = (await members.member(member)).person
    signs_in = await accounts.signs_in(member)
    async with entry(actor, "evaluations.print_papers", at=at, reason=tidy) as note:
        identity = await vault.look(actor, person, ("name",), tidy, at=at)
        marks = []
        found = []
        for task in await tasks.member_tasks(member, at=at):
            if not rules.may_print(task, at, signs_in=signs_in):
                continue
            await tasks.may_begin(member, task, at=at)
            if task.state is TaskState.OFFERED:
                await visits.accept_by_word(task.id, at=at)
            paper = await queries.paper_of(task)
            if paper is None:
                code = fresh_code()
                await insert_rows(
                    PaperSheet,
                    [
                        PaperSheet(
                            code=code,
                            task=task.id,
                            state=PaperState.PRINTED.value,
                            printed_by=actor.person,
                        )
                    ],
                )
                paper = await queries.paper(code)
            if paper.state is PaperState.PRINTED:
                found.append(paper)
                marks.append(keys.current().hash("audit", "paper", paper.code))
        note.bulk("paper", marks)
    return identity.name, found


async def _move(paper: PaperView, after: PaperState, **changes: Any) -> None:
    columns: dict[Column | str, Any] = {"state": after.value}
    columns.update(changes.items())
    done = (
        await PaperSheet.update(columns)
        .where(PaperSheet.id == paper.id, PaperSheet.state == paper.state.value)
        .returning(PaperSheet.id)
    )
    if not done:
        raise Conflict("paper.state_changed")


async def keep_scan(
    actor: Actor, code: Code, picture: Attached, arrived_on: date, *, at: datetime
) -> int:
    """Keep one page of a sheet as it was handed in, encrypted; returns its number."""
    actor.require(*_CLERKS)
    async with entry(actor, "evaluations.keep_scan", at=at) as note:
        paper = await queries.paper(code)
        rules.may_arrive(paper, arrived_on, at)
        page = paper.pages + 1
        sealed = keys.current().seal(
            "reporter", picture.data, queries.paper_context(code, f"page-{page}")
        )
        await _move(paper, PaperState.PRINTED, arrived_on=arrived_on)
        await insert_rows(
            PaperScan, [PaperScan(paper=paper.id, page=page, media=picture.media, sealed=sealed)]
        )
        note.about("paper", code, page=page)
    return page


async def _not_own(actor: Actor, code: Code) -> PaperView:
    """Return a sheet to type; a clerk who made the visit as a member leaves it to others."""
    paper = await queries.paper(code)
    if paper.task.visitor in await queries.own_links(actor.person, paper.task.round_code):
        raise Forbidden("sheet.visited_by_you")
    return paper


async def enter(actor: Actor, code: Code, answers: Answers, *, at: datetime) -> None:
    """Type a sheet as the first person; refuses one without scan and what could not count."""
    actor.require(*_CLERKS)
    async with entry(actor, "evaluations.enter_paper", at=at) as note:
        paper = await _not_own(actor, code)
        rules.may_enter(paper, at)
        await _judged(paper, answers, at)
        await _move(
            paper,
            PaperState.ENTERED,
            first=_sealed(code, "first", answers),
            first_by=actor.person,
            first_at=at,
        )
        note.about("paper", code, before=paper.state.value, after=PaperState.ENTERED.value)


async def _judged(paper: PaperView, answers: Answers, at: datetime) -> None:
    """Refuse what would not be judged, and what belongs into the sealed envelope."""
    blank = await queries.paper_blank(paper)
    rules.no_accusations(answers, {veto.id for veto in blank.form.vetoes if veto.sealed})
    rules.check(blank.form, paper.task, answers, declared=True, at=at)


def _sealed(code: Code, column: str, answers: Answers) -> str:
    return queries.sealed(msgspec.json.encode(answers), queries.paper_context(code, column))


async def reread(actor: Actor, code: Code, answers: Answers, *, at: datetime) -> PaperView:
    """Type a sheet as the second person, without seeing the first reading.

    Where both read the same it counts at once; else the differences wait to be settled.
    """
    actor.require(*_CLERKS)
    async with entry(actor, "evaluations.reread_paper", at=at) as note:
        paper = await _not_own(actor, code)
        rules.may_reread(paper, actor, at)
        await _judged(paper, answers, at)
        first, _ = await queries.readings(paper)
        items = (await queries.paper_blank(paper)).items
        keys_of = rules.differences(items, first or Answers(), answers)
        await _move(
            paper,
            PaperState.DIFFERS,
            second=_sealed(code, "second", answers),
            second_by=actor.person,
            second_at=at,
        )
        note.about("paper", code, before=paper.state.value, differences=len(keys_of))
        if not keys_of:
            await _count(actor, await queries.paper(code), first or answers, at=at)
    return await queries.paper(code)


async def settle_paper(
    actor: Actor, code: Code, from_second: frozenset[str], *, at: datetime
) -> PaperView:
    """Settle each difference by the scan, as somebody other than the first reader.

    ``from_second`` names the parts that the second person read rightly. The sheet then counts.
    """
    actor.require(*_CLERKS)
    async with entry(actor, "evaluations.settle_paper", at=at) as note:
        paper = await _not_own(actor, code)
        rules.may_settle(paper, actor, at)
        found = await queries.reread(paper)
        answers = rules.settled(found.first, found.second, from_second & set(found.keys))
        await _judged(paper, answers, at)
        note.about("paper", code, before=paper.state.value, settled=len(found.keys))
        await _count(actor, paper, answers, at=at)
    return await queries.paper(code)


async def _count(actor: Actor, paper: PaperView, answers: Answers, *, at: datetime) -> None:
    """Send the sheet for its visitor by the very way of all sheets, and mark it as paper."""
    handed = datetime.combine(paper.arrived_on or at.date(), time.min, SHANGHAI)
    receipt = await send_for(
        actor,
        paper.task,
        answers,
        f"paper-{paper.code}",
        filled_at=min(handed, at),
        counts_at=rules.counts_at(paper, at),
        at=at,
    )
    sheet = await queries.submission(receipt.code)
    late = rules.is_late(paper.task, answers, handed)
    raised = _flags(sheet, late=late)
    await Submission.update(
        {
            Submission.flags: ",".join(raised),
            Submission.urgency: rules.urgency(raised),
            Submission.late: late,
        }
    ).where(Submission.id == sheet.id)
    await _move(paper, PaperState.COUNTED, sheet=receipt.code)


def _flags(sheet: SheetView, *, late: bool) -> tuple[Flag, ...]:
    """Return the flags of a sheet that came on paper: late by the day it was handed in."""
    kept = [flag for flag in sheet.flags if flag is not Flag.LATE]
    return (*kept, *([Flag.LATE] if late else []), Flag.PAPER)


async def spoil(actor: Actor, code: Code, reason: str, *, at: datetime) -> None:
    """Give a printed sheet up (lost, unreadable, filled in by phone); a new one may be printed."""
    actor.require(*_CLERKS)
    async with entry(actor, "evaluations.spoil_paper", at=at, reason=reason.strip()) as note:
        paper = await queries.paper(code)
        tidy = rules.may_spoil(paper, reason)
        await _move(paper, PaperState.SPOILT, reason=tidy, spoilt_by=actor.person)
        note.about("paper", code, before=paper.state.value, after=PaperState.SPOILT.value)
