"""Putting things right: proofs item by item, the unit's report, one extension, documents."""

from __future__ import annotations

from datetime import datetime

from panel.actor import Actor, Role
from panel.assessments.commands import casework
from panel.assessments.queries import order_parts as parts
from panel.assessments.queries import order_views as queries
from panel.assessments.rules import orders as rules
from panel.assessments.types.orders import Event, Extension, ItemState, OrderState, Timing
from panel.audit.commands import entry
from panel.evaluations.rules.clocks import level_at, next_run
from panel.evaluations.types.clocks import Limits
from panel.ids import Code
from panel.rulebook import queries as rulebooks


async def prove(
    actor: Actor, code: Code, number: int, proof: str, picture: bytes = b"", *, at: datetime
) -> None:
    """Tell for the own unit what was done about one item; a later proof takes its place."""
    unit = casework.own_unit(actor)
    async with entry(actor, "assessments.prove_item", at=at) as note:
        view = await queries.unit_order(unit, code)
        item = await parts.item(view.id, number)
        tidy = rules.may_prove(view, item, proof)
        file = await casework.keep_picture(view.id, picture, at=at)
        after = OrderState.WORKING if view.state is OrderState.APPROVED else view.state
        await casework.change(view, note, state=after.value)
        await casework.change_item(
            item, note, state=ItemState.DONE.value, proof=tidy, proof_file=file, done_at=at
        )
        await casework.tell(view.id, Event.PROVED, actor, at=at, text=str(number))


async def report_done(
    actor: Actor, code: Code, report: str, picture: bytes = b"", *, at: datetime
) -> None:
    """Report for the own unit that every item is done; what follows is a re-visit."""
    unit = casework.own_unit(actor)
    async with entry(actor, "assessments.report_done", at=at) as note:
        view = await queries.unit_order(unit, code)
        tidy = rules.may_report(view, await parts.items(view.id), report)
        file = await casework.keep_picture(view.id, picture, at=at)
        await casework.change(
            view,
            note,
            state=OrderState.REPORTED.value,
            report=tidy,
            report_file=file,
            reported_at=at,
        )
        for timing in (Timing.RECTIFY, Timing.SECOND):
            await casework.stop(view.id, timing, at=at)
        await casework.tell(view.id, Event.REPORTED, actor, at=at)


async def ask_extension(actor: Actor, code: Code, reason: str, *, at: datetime) -> None:
    """Ask for the own unit for more time, once, with the reason."""
    unit = casework.own_unit(actor)
    async with entry(actor, "assessments.ask_extension", at=at) as note:
        view = await queries.unit_order(unit, code)
        tidy = rules.may_ask_extension(view, reason, at)
        await casework.change(view, note, extension=Extension.ASKED.value, extension_reason=tidy)
        await casework.tell(view.id, Event.EXTENSION_ASKED, actor, at=at, text=tidy)


async def extend(actor: Actor, code: Code, reason: str, *, at: datetime) -> datetime:
    """Lengthen the first period once, as a publisher who did not approve the plan."""
    async with entry(actor, "assessments.extend", at=at, reason=reason.strip()) as note:
        view = await queries.stored(code)
        rules.may_extend(view, actor)
        text = rules.text("reason", reason)
        book = (await rulebooks.version(view.rulebook_code)).rulebook
        clock = await parts.live(view.id, Timing.RECTIFY)
        found = rules.extended(clock, book, at)
        level = level_at(found, at)
        if clock is not None:
            await casework.write(
                clock,
                soft_at=found.soft_at,
                due_at=found.due_at,
                level=int(level),
                run_at=next_run(Limits(found.soft_at, found.due_at), level),
                extensions=clock.extensions + 1,
            )
        await casework.change(view, note, due=found.due_at, extension=Extension.GRANTED.value)
        await casework.tell(view.id, Event.EXTENDED, actor, at=at, text=text)
    return found.due_at


async def refuse_extension(actor: Actor, code: Code, reason: str, *, at: datetime) -> None:
    """Turn a unit's wish for more time down; it may not ask again."""
    async with entry(actor, "assessments.refuse_extension", at=at, reason=reason.strip()) as note:
        view = await queries.stored(code)
        rules.may_extend(view, actor)
        text = rules.text("reason", reason)
        await casework.change(view, note, extension=Extension.REFUSED.value)
        await casework.tell(view.id, Event.EXTENSION_REFUSED, actor, at=at, text=text)


async def give_back_report(actor: Actor, code: Code, reason: str, *, at: datetime) -> None:
    """Send a report back that leaves something open; the period ends when it would have ended."""
    actor.require(Role.COORDINATOR)
    async with entry(actor, "assessments.give_back_report", at=at, reason=reason.strip()) as note:
        view = await queries.stored(code)
        rules.whole_order(view)
        rules.in_state(view, OrderState.REPORTED)
        text = rules.text("reason", reason)
        book = (await rulebooks.version(view.rulebook_code)).rulebook
        timing = Timing.RECTIFY if view.period == 1 else Timing.SECOND
        ended = [each for each in await parts.clocks(view.id) if each.kind is timing][-1]
        after = OrderState.WORKING if view.period == 1 else OrderState.FAILED
        await casework.change(view, note, state=after.value, reported_at=None)
        limits = Limits(ended.soft_at, ended.due_at)
        await casework.start(view.id, timing, limits, book, at=at)
        await casework.tell(view.id, Event.RETURNED, actor, at=at, text=text)


async def check_document(
    actor: Actor, code: Code, number: int, document: str, *, at: datetime
) -> None:
    """Record that a document shows a desk matter put right; another person decides on the order."""
    actor.require(*rules.WORKERS)
    async with entry(actor, "assessments.check_document", at=at) as note:
        view = await queries.stored(code)
        item = await parts.item(view.id, number)
        rules.may_check(view, item)
        tidy = rules.line("document", document)
        await casework.change(view, note)
        await casework.change_item(
            item, note, state=ItemState.VERIFIED.value, document=tidy, checked_by=actor.person
        )
        await casework.tell(view.id, Event.CHECKED, actor, at=at, text=str(number), document=tidy)
