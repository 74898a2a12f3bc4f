"""What decides on an order: a re-visit by lot and a person; what follows where it failed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from panel import entropy
from panel.actor import Actor, Role
from panel.assessments.commands import casework
from panel.assessments.queries import order_parts as parts
from panel.assessments.queries import order_views as queries
from panel.assessments.queries import revisits as looks
from panel.assessments.rules import orders as rules
from panel.assessments.rules import revisits as judging
from panel.assessments.tables import OrderItem, OrderLetter
from panel.assessments.types.orders import (
    Event,
    ItemSource,
    ItemState,
    ItemView,
    OrderState,
    OrderView,
    Result,
    Timing,
    Verdict,
)
from panel.audit.commands import Note, entry
from panel.db import insert_rows, raw
from panel.errors import Conflict, Fault, Forbidden, Invalid
from panel.evaluations.commands import ordering
from panel.evaluations.queries import findings as cases
from panel.evaluations.queries.review import own_links
from panel.evaluations.rules.findings import unlooked
from panel.evaluations.rules.texts import unchecked
from panel.ids import Code
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import Rulebook
from panel.visits import commands as visits
from panel.visits import queries as rounds


async def plan_revisit(
    actor: Actor, codes: Sequence[Code], title: str, title_en: str, *, at: datetime
) -> Code:
    """Plan a round that looks whether some orders are put right; returns its code.

    Its visitors are drawn by lot, without those who made the findings; another person approves
    the plan, as of any round. Refuses orders of which the unit has not reported.
    """
    actor.require(Role.COORDINATOR)
    async with entry(actor, "assessments.plan_revisit", at=at) as note:
        if not codes:
            raise Invalid("order.faults", Fault("orders", "form.required"))
        found = [await queries.stored(code) for code in dict.fromkeys(codes)]
        items: dict[Code, list[ItemView]] = {}
        for view in found:
            judging.may_plan(view)
            items[view.unit_code] = await parts.items(view.id)
        before = await rounds.round(max(found, key=lambda each: each.round_id).round_code)
        groups = [view.group for view in found]
        draft = judging.draft(before, groups, judging.targets(items), title, title_en, at)
        planned = await visits.plan(actor, draft, at=at)
        named = [each.finding for listed in items.values() for each in listed if each.finding]
        await visits.bar(actor, planned.code, await looks.checked_visits(named), at=at)
        for view in found:
            await casework.change(view, note, state=OrderState.REVISIT.value, revisit=planned.code)
            await casework.tell(view.id, Event.REVISIT, actor, at=at)
    return planned.code


async def judge(
    actor: Actor,
    code: Code,
    verdict: Verdict,
    text: str,
    *,
    checked: tuple[str, ...] = (),
    at: datetime,
) -> OrderState:
    """Decide on an order after its re-visit; returns what became of it.

    Closed only where the accepted sheets allow it. Undone once opens the second period, undone
    twice asks the competent body. Refuses who sent the visitors, checked a document or was there.
    """
    actor.require(*rules.WORKERS)
    async with entry(actor, "assessments.judge", at=at, reason=verdict.value) as note:
        view = await queries.stored(code)
        items = await parts.items(view.id)
        found = await looks.result(view, items)
        judging.may_judge(view, actor, verdict, found, items, await looks.senders(view))
        await _not_own(actor, view)
        tidy = rules.text("text", text)
        if hits := unchecked(tidy, checked):
            raise Invalid("order.faults", unlooked("text", hits))
        if verdict is Verdict.CLOSED:
            await _closed(actor, view, items, found, tidy, note, at=at)
        else:
            again = judging.failed_items(items, found)
            await _failed(actor, view, again, tidy, note, at=at, found=found)
    return (await queries.stored(code)).state


async def _not_own(actor: Actor, view: OrderView) -> None:
    for sheet in await looks.seen(view):
        if sheet.task.visitor in await own_links(actor.person, sheet.task.round_code):
            raise Forbidden("sheet.visited_by_you")


async def _closed(  # noqa: PLR0917 - all that a decision writes
    actor: Actor,
    view: OrderView,
    items: Sequence[ItemView],
    found: Result,
    text: str,
    note: Note,
    *,
    at: datetime,
) -> None:
    await casework.change(
        view,
        note,
        state=OrderState.CLOSED.value,
        judged_by=actor.person,
        judged_at=at,
        closed_at=at,
        outcome_text=text,
        revisited_on=found.month,
    )
    for item in items:
        if item.state is not ItemState.VERIFIED:
            await casework.change_item(item, note, state=ItemState.VERIFIED.value)
    proofs = {
        each.finding: each.document if each.desk else found.sheets[0]
        for each in items
        if each.finding
    }
    await ordering.settle_within(actor, proofs, view.code, at=at)
    await casework.stop_all(view.id, at=at)
    await casework.tell(view.id, Event.CLOSED, actor, at=at, text=text)


async def _failed(
    actor: Actor,
    view: OrderView,
    again: frozenset[int],
    text: str,
    note: Note,
    *,
    at: datetime,
    found: Result | None = None,
) -> None:
    """Open the second period, or end it: the competent body is asked, the supervision stays."""
    last = view.period > 1
    await casework.change(
        view,
        note,
        state=(OrderState.ESCALATED if last else OrderState.FAILED).value,
        period=view.period if last else view.period + 1,
        judged_by=actor.person,
        judged_at=at,
        outcome_text=text,
        revisited_on=found.month if found else view.revisited_on,
        reported_at=view.reported_at if last else None,
    )
    for item in await parts.items(view.id):
        if item.number in again:
            await casework.change_item(item, note, state=ItemState.FAILED.value)
    await casework.stop_all(view.id, at=at)
    if not last:
        book = (await rulebooks.version(view.rulebook_code)).rulebook
        await casework.begin(view.id, Timing.SECOND, book, at=at)
    event = Event.ESCALATED if last else Event.FAILED
    await casework.tell(view.id, event, actor, at=at, text=text)


async def fail_unreported(actor: Actor, code: Code, reason: str, *, at: datetime) -> OrderState:
    """Call a period missed of which the unit has not reported in time; a person does, not time."""
    actor.require(*rules.WORKERS)
    async with entry(actor, "assessments.fail_unreported", at=at, reason=reason.strip()) as note:
        view = await queries.stored(code)
        timing = Timing.RECTIFY if view.period == 1 else Timing.SECOND
        clock = await parts.live(view.id, timing)
        rules.may_fail_unreported(view, clock.due_at if clock else view.due, at)
        text = rules.text("reason", reason)
        items = await parts.items(view.id)
        again = frozenset(each.number for each in items if each.state is ItemState.OPEN)
        await _failed(actor, view, again, text, note, at=at)
    return (await queries.stored(code)).state


async def reopen(actor: Actor, code: Code, finding: Code, *, at: datetime) -> None:
    """Open a closed order again, since the same problem was found again soon after.

    It counts double in the year's mark and has one period, the second. Refuses a finding that is
    not verified, not known to the unit, or about something else.
    """
    actor.require(*rules.WORKERS)
    async with entry(actor, "assessments.reopen", at=at) as note:
        view = await queries.stored(code)
        book = (await rulebooks.version(view.rulebook_code)).rulebook
        days = book.assessment.recurrence_days
        rules.may_reopen(view, at, days)
        items = await parts.items(view.id)
        if finding not in await queries.came_back(view, items, days=days):
            raise Conflict("order.no_recurrence")
        if await queries.running(view.unit_id) is not None:
            raise Conflict("order.other_runs")
        await _again(actor, view, items, finding, book, note, at=at)


async def _again(  # noqa: PLR0917 - all that opening again writes
    actor: Actor,
    view: OrderView,
    items: Sequence[ItemView],
    finding: Code,
    book: Rulebook,
    note: Note,
    *,
    at: datetime,
) -> None:
    case = await cases.stored(finding)
    if case.visible_at is None or case.visible_at > at:
        raise Conflict("finding.reply_first")
    earlier = next(each for each in items if each.item == (case.item or case.veto))
    await casework.change(
        view,
        note,
        state=OrderState.FAILED.value,
        period=2,
        recurrences=view.recurrences + 1,
        closed_at=None,
        reported_at=None,
    )
    row = OrderItem(
        order=view.id,
        number=rules.may_add(items),
        source=ItemSource.FINDING.value,
        finding=finding,
        item=earlier.item,
        form_key=case.form_key,
        window=case.window_id,
        text=case.told,
        measure=earlier.measure,
        owner=earlier.owner,
        due=rules.limits(book, Timing.SECOND, at).due_at.date(),
        state=ItemState.OPEN.value,
    )
    await casework.add_items([row], note)
    await ordering.take_in(actor, {finding: earlier.measure}, view.code, at=at)
    await casework.begin(view.id, Timing.SECOND, book, at=at)
    await casework.tell(view.id, Event.REOPENED, actor, at=at, document=finding)


async def write_letter(actor: Actor, code: Code, body: str, document: str, *, at: datetime) -> Code:
    """Pass an order that failed twice to the competent body, which answers in writing."""
    actor.require(Role.COORDINATOR)
    async with entry(actor, "assessments.write_letter", at=at) as note:
        view = await queries.stored(code)
        book = (await rulebooks.version(view.rulebook_code)).rulebook
        tidy = rules.may_write_letter(view, body, document, book)
        await casework.change(view, note)
        number = entropy.code()
        limits = rules.limits(book, Timing.LETTER, at)
        row = OrderLetter(
            code=number,
            order=view.id,
            body=body,
            document=tidy,
            sent_by=actor.person,
            sent_at=at,
            due_at=limits.due_at,
        )
        await insert_rows(OrderLetter, [row])
        await casework.start(view.id, Timing.LETTER, limits, book, at=at, about=number)
        await casework.tell(view.id, Event.LETTER, actor, at=at, text=body, document=tidy)
        note.about("order", code, letter=number, body=body)
    return number


async def record_answer(
    actor: Actor, code: Code, letter: Code, answer: str, document: str, *, at: datetime
) -> None:
    """Record what the competent body answered in writing, once; that it did becomes public."""
    actor.require(Role.COORDINATOR)
    async with entry(actor, "assessments.record_answer", at=at) as note:
        view = await queries.stored(code)
        found = await parts.letter(view.id, letter)
        told = rules.text("answer", answer)
        number = rules.line("document", document)
        rows = await raw(
            "UPDATE order_letter SET answer = {}, answer_document = {}, answered_at = {} "
            "WHERE id = {} AND answered_at IS NULL RETURNING id",
            told,
            number,
            at,
            found.id,
        )
        if not rows:
            raise Conflict("order.answered")
        await casework.stop(view.id, Timing.LETTER, at=at, about=letter)
        await casework.tell(view.id, Event.ANSWERED, actor, at=at, text=told, document=number)
        note.about("order", code, letter=letter, answered=True)
