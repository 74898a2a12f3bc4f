"""What a unit files on an order: receipt, causes, plan; what the office says to it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from panel.actor import Actor, Role, Signature
from panel.assessments.commands import casework
from panel.assessments.queries import order_parts as parts
from panel.assessments.queries import order_views as queries
from panel.assessments.rules import orders as rules
from panel.assessments.tables import OrderItem
from panel.assessments.types.orders import (
    Chain,
    Event,
    Filling,
    ItemSource,
    ItemState,
    NewAnalysis,
    OrderKind,
    OrderState,
    OrderView,
    Timing,
)
from panel.audit.commands import entry
from panel.errors import Conflict
from panel.evaluations.commands import ordering
from panel.ids import Code
from panel.rulebook import queries as rulebooks


async def receive(actor: Actor, code: Code, *, at: datetime) -> OrderView:
    """Acknowledge an order for the own unit; another unit's is ``Missing``."""
    unit = casework.own_unit(actor)
    async with entry(actor, "assessments.receive", at=at) as note:
        view = await queries.unit_order(unit, code)
        rules.may_receive(view)
        await casework.change(
            view, note, state=OrderState.RECEIVED.value, received_at=at, received_by=actor.person
        )
        await casework.stop(view.id, Timing.RECEIPT, at=at)
        await casework.tell(view.id, Event.RECEIVED, actor, at=at)
    return await queries.unit_order(unit, code)


async def record_receipt(actor: Actor, code: Code, paper: Signature, *, at: datetime) -> None:
    """Record that the unit signed for its order on paper."""
    actor.require(Role.COORDINATOR)
    async with entry(actor, "assessments.record_receipt", at=at, paper=paper) as note:
        view = await queries.stored(code)
        rules.may_receive(view)
        await casework.change(
            view,
            note,
            state=OrderState.RECEIVED.value,
            received_at=at,
            receipt_document=paper.document,
        )
        await casework.stop(view.id, Timing.RECEIPT, at=at)
        await casework.tell(view.id, Event.RECEIVED, actor, at=at, document=paper.document)


async def analyse(actor: Actor, code: Code, given: NewAnalysis, *, at: datetime) -> None:
    """File for the own unit why it stands where it stands; until the plan it may be filed anew."""
    unit = casework.own_unit(actor)
    async with entry(actor, "assessments.analyse", at=at) as note:
        view = await queries.unit_order(unit, code)
        tidy = rules.may_analyse(view, given, at)
        await casework.change(
            view,
            note,
            state=OrderState.ANALYSED.value,
            cause=tidy.cause,
            measures=tidy.measures,
            owner=tidy.owner,
            by=tidy.by,
            analysed_at=at,
        )
        await casework.stop(view.id, Timing.ANALYSIS, at=at)
        await casework.tell(view.id, Event.ANALYSED, actor, at=at)


async def fill(actor: Actor, code: Code, number: int, given: Filling, *, at: datetime) -> None:
    """Plan one item for the own unit: the measure, the post that answers for it, the day."""
    unit = casework.own_unit(actor)
    async with entry(actor, "assessments.fill_item", at=at) as note:
        view = await queries.unit_order(unit, code)
        item = await parts.item(view.id, number)
        own = item.source is ItemSource.OWN
        tidy = rules.may_fill(view, given, at, own=own)
        await casework.change(view, note)
        columns = {"text": tidy.text} if own else {}
        await casework.change_item(
            item, note, measure=tidy.measure, owner=tidy.owner, due=tidy.due, **columns
        )
        note.about("order", code, item=number)


async def add(actor: Actor, code: Code, given: Filling, *, at: datetime) -> int:
    """Add an item that the unit itself wants to put right; returns its number."""
    unit = casework.own_unit(actor)
    async with entry(actor, "assessments.add_item", at=at) as note:
        view = await queries.unit_order(unit, code)
        tidy = rules.may_fill(view, given, at, own=True)
        number = rules.may_add(await parts.items(view.id))
        await casework.change(view, note)
        row = OrderItem(
            order=view.id,
            number=number,
            source=ItemSource.OWN.value,
            text=tidy.text,
            measure=tidy.measure,
            owner=tidy.owner,
            due=tidy.due,
            state=ItemState.OPEN.value,
        )
        await casework.add_items([row], note)
        note.about("order", code, item=number)
    return number


async def file_plan(actor: Actor, code: Code, chain: Chain, *, at: datetime) -> None:
    """File the plan of the own unit with the posts that answer for it."""
    unit = casework.own_unit(actor)
    async with entry(actor, "assessments.file_plan", at=at) as note:
        view = await queries.unit_order(unit, code)
        tidy = rules.may_file(view, await parts.items(view.id), chain)
        await casework.change(
            view,
            note,
            state=OrderState.FILED.value,
            leader=tidy.leader,
            department=tidy.department,
            person=tidy.person,
            filed_at=at,
        )
        await casework.stop(view.id, Timing.PLAN, at=at)
        await casework.tell(view.id, Event.FILED, actor, at=at)


async def approve_plan(
    actor: Actor,
    code: Code,
    *,
    desk: Collection[int] = (),
    checked: tuple[str, ...] = (),
    at: datetime,
) -> None:
    """Approve a plan: its measures and days become public milestones, its findings go with it.

    ``desk`` are the items that only a document can show. Refuses measures that tell something
    nobody has looked at, and a list of desk matters alone.
    """
    actor.require(Role.COORDINATOR)
    async with entry(actor, "assessments.approve_plan", at=at) as note:
        view = await queries.stored(code)
        items = await parts.items(view.id)
        rules.may_approve(view, items, desk, checked)
        await casework.change(
            view,
            note,
            state=OrderState.APPROVED.value,
            approved_by=actor.person,
            approved_at=at,
        )
        for item in items:
            if item.number in desk:
                await casework.change_item(item, note, desk=True)
        findings = {each.finding: each.measure for each in items if each.finding}
        await ordering.take_in(actor, findings, code, at=at)
        await casework.tell(view.id, Event.APPROVED, actor, at=at)


async def give_back(actor: Actor, code: Code, reason: str, *, at: datetime) -> None:
    """Give an analysis or a plan back with the reason; its time begins anew."""
    actor.require(Role.COORDINATOR)
    async with entry(actor, "assessments.give_back", at=at, reason=reason.strip()) as note:
        view = await queries.stored(code)
        text = rules.text("reason", reason)
        book = (await rulebooks.version(view.rulebook_code)).rulebook
        if view.kind is OrderKind.ANALYSIS:
            rules.in_state(view, OrderState.ANALYSED)
            after, timing = OrderState.RECEIVED, Timing.ANALYSIS
        else:
            rules.in_state(view, OrderState.FILED)
            after, timing = OrderState.ANALYSED, Timing.PLAN
        await casework.change(view, note, state=after.value)
        await casework.begin(view.id, timing, book, at=at)
        await casework.tell(view.id, Event.RETURNED, actor, at=at, text=text)


async def accept_analysis(actor: Actor, code: Code, *, at: datetime) -> None:
    """Accept the analysis of a unit of which nothing more was asked."""
    actor.require(Role.COORDINATOR)
    async with entry(actor, "assessments.accept_analysis", at=at) as note:
        view = await queries.stored(code)
        if view.kind is not OrderKind.ANALYSIS:
            raise Conflict("order.plan_first")
        rules.in_state(view, OrderState.ANALYSED)
        await casework.change(
            view,
            note,
            state=OrderState.CLOSED.value,
            judged_by=actor.person,
            judged_at=at,
            closed_at=at,
        )
        await casework.stop_all(view.id, at=at)
        await casework.tell(view.id, Event.CLOSED, actor, at=at)
