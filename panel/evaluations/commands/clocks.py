"""Deadlines on the move: paused, resumed, extended once, and told to whom they reach."""

from __future__ import annotations

from datetime import datetime, timedelta

from panel.actor import SYSTEM, Actor, Role
from panel.audit.commands import Note, entry
from panel.db import insert_rows
from panel.errors import Conflict
from panel.evaluations.commands import casework
from panel.evaluations.commands.findings import start_check
from panel.evaluations.queries import clocks as queries
from panel.evaluations.queries import findings as cases
from panel.evaluations.rules import clocks as rules
from panel.evaluations.rules import findings as judged
from panel.evaluations.tables import Finding, FindingClock, FindingReply
from panel.evaluations.types.clocks import ClockKind, ClockState, ClockView, Level, Limits
from panel.evaluations.types.findings import FindingState, FindingView, Stance, Step
from panel.ids import Code
from panel.rulebook import queries as rulebooks

_STEP = {Level.NEAR: Step.NEAR, Level.OVER: Step.OVERDUE, Level.HEAD: Step.ESCALATED}


async def _write(clock: ClockView, **columns: object) -> None:
    done = (
        await FindingClock.update(dict(columns.items()))
        .where(
            FindingClock.id == clock.id,
            FindingClock.state == clock.state.value,
            FindingClock.level == int(clock.level),
            FindingClock.due_at == clock.due_at,
        )
        .returning(FindingClock.id)
    )
    if not done:
        raise Conflict("finding.changed")


async def pause(actor: Actor, code: Code, number: int, reason: str, *, at: datetime) -> None:
    """Stop a deadline while others work on the matter (a court, a competent body), with reason."""
    async with entry(actor, "evaluations.pause", at=at, reason=reason.strip()) as note:
        view = await cases.stored(code)
        judged.may_work(actor, view)
        clock = await queries.clock(view.id, number)
        rules.may_pause(clock)
        text = judged.words("reason", reason)
        await _write(clock, state=ClockState.PAUSED.value, paused_at=at, run_at=None)
        await casework.tell(view.id, Step.PAUSED, actor, at=at, text=text)
        note.about("finding", code, clock=clock.kind.value, paused=True)


async def resume(actor: Actor, code: Code, number: int, *, at: datetime) -> datetime:
    """Let a deadline run on with the time that was left; returns until when."""
    async with entry(actor, "evaluations.resume", at=at) as note:
        view = await cases.stored(code)
        judged.may_work(actor, view)
        clock = await queries.clock(view.id, number)
        book = (await rulebooks.version(view.rulebook_code)).rulebook
        found = rules.resumed(clock, book, at)
        rest = at - (clock.paused_at or at)
        await _write(
            clock,
            state=ClockState.RUNNING.value,
            soft_at=found.soft_at,
            due_at=found.due_at,
            run_at=rules.next_run(found, clock.level),
            paused_at=None,
            paused_seconds=clock.paused_seconds + rest // timedelta(seconds=1),
        )
        await casework.tell(view.id, Step.RESUMED, actor, at=at)
        note.about("finding", code, clock=clock.kind.value, paused=False)
    return found.due_at


async def extend(actor: Actor, code: Code, number: int, reason: str, *, at: datetime) -> datetime:
    """Lengthen a deadline once, as a publisher who does not handle it; returns until when."""
    async with entry(actor, "evaluations.extend", at=at, reason=reason.strip()) as note:
        view = await cases.stored(code)
        actor.require(Role.INDEPENDENT_REVIEWER if view.sealed else Role.PUBLISHER)
        clock = await queries.clock(view.id, number)
        book = (await rulebooks.version(view.rulebook_code)).rulebook
        found = rules.extended(clock, actor, view.handler, book, at)
        text = judged.words("reason", reason)
        level = rules.level_at(found, at)
        await _write(
            clock,
            soft_at=found.soft_at,
            due_at=found.due_at,
            level=int(level),
            run_at=rules.next_run(found, level),
            extensions=clock.extensions + 1,
        )
        await casework.tell(view.id, Step.EXTENDED, actor, at=at, text=text)
        note.about("finding", code, clock=clock.kind.value, extended=True)
    return found.due_at


async def escalate_due(*, at: datetime) -> int:
    """Tell whom the deadlines reach now, one entry for each; a unit's silence is recorded.

    A deadline that another hand moved meanwhile is left for the next turn.
    """
    told = 0
    for clock in await queries.due(at):
        if await _escalate(clock, at):
            told += 1
    return told


async def _escalate(clock: ClockView, at: datetime) -> bool:
    rows = await Finding.select(Finding.code).where(Finding.id == clock.finding)
    code = Code(rows[0]["code"])
    level = rules.level_at(Limits(clock.soft_at, clock.due_at), at)
    if level <= clock.level:
        return False
    try:
        async with entry(SYSTEM, "evaluations.escalate", at=at) as note:
            view = await cases.stored(code)
            await _write(
                clock,
                level=int(level),
                run_at=rules.next_run(Limits(clock.soft_at, clock.due_at), level),
            )
            await casework.tell(view.id, _STEP[level], SYSTEM, at=at, text=clock.kind.value)
            note.about("finding", code, clock=clock.kind.value, level=int(level))
            if clock.kind is ClockKind.REPLY and level >= Level.OVER:
                await _silent(view, note, at=at)
    except Conflict:
        return False
    return True


async def _silent(view: FindingView, note: Note, *, at: datetime) -> None:
    """Record that a unit let its time pass; the matter is verified without its word."""
    if view.state is not FindingState.UNIT_REPLY_WAIT:
        return
    await insert_rows(
        FindingReply, [FindingReply(finding=view.id, stance=Stance.SILENT.value, at=at)]
    )
    await casework.stop(view.id, ClockKind.REPLY, after=ClockState.MISSED)
    await casework.change(view, note, state=FindingState.VERIFYING.value)
    await start_check(view, at=at)
    await casework.tell(view.id, Step.SILENT, SYSTEM, at=at)
