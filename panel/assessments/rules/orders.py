"""Whose place asks for an order, and what may become of it: pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from panel.actor import Actor, Role
from panel.assessments.types.orders import (
    LINE,
    LONGEST,
    Chain,
    Extension,
    Filling,
    ItemState,
    ItemView,
    NewAnalysis,
    OrderKind,
    OrderState,
    OrderView,
    Timing,
    TimingView,
)
from panel.errors import Closed, Conflict, Fault, Forbidden, Invalid
from panel.evaluations.rules.findings import unlooked
from panel.evaluations.rules.texts import unchecked
from panel.evaluations.types.clocks import ClockState, Limits
from panel.rankings.types import Row, Standing
from panel.rulebook.types import Rulebook
from panel.workdays import SHANGHAI, deadline

WORKERS: Final = (Role.COORDINATOR, Role.REVIEWER)
READERS: Final = (Role.COORDINATOR, Role.REVIEWER, Role.PUBLISHER, Role.AUDITOR)
_WHOLE: Final = 100
_MOST_ITEMS: Final = 30
_UNIT_MOVES: Final = frozenset(
    {OrderState.OPEN, OrderState.RECEIVED, OrderState.APPROVED, OrderState.WORKING}
)
_PLANNING: Final = frozenset({OrderState.RECEIVED, OrderState.ANALYSED})
_PROVING: Final = frozenset({OrderState.APPROVED, OrderState.WORKING, OrderState.FAILED})


def to_rectify(row: Row, places: int) -> bool:
    """Tell whether a unit stands on one of the last places of its scope, ties included."""
    return (
        row.standing is Standing.RANKED
        and row.place_from_below is not None
        and row.place_from_below <= places
    )


def last_places(book: Rulebook, ranked: int) -> int:
    """Return how many places of a list count as the last ones: not nearly all of a small one.

    At most the measures' share of the list, rounded up; a share leaves one place at least.
    """
    share = -(-ranked * book.ranking.rectification_share_percent // _WHOLE)
    return min(book.ranking.rectification_places, max(share, 1))


def asked_of(row: Row, book: Rulebook, ranked: int) -> OrderKind | None:
    """Return what a published line asks of its unit: an order, causes alone, or nothing.

    Who is under the gate on one of the last places gets an order however small the list is.
    """
    gate = book.assessment.gate_hundredths
    low = row.under_gate if row.score is None else row.score < gate
    if to_rectify(row, last_places(book, ranked)):
        return OrderKind.ORDER
    if low and to_rectify(row, book.ranking.rectification_places):
        return OrderKind.ORDER
    known = row.standing is Standing.RANKED and row.score is not None
    return OrderKind.ANALYSIS if known and low else None


_KEYS: Final = {
    Timing.RECEIPT: "delivery",
    Timing.ANALYSIS: "cause_analysis",
    Timing.PLAN: "rectification_plan",
    Timing.SECOND: "rectification_second",
    Timing.LETTER: "transfer_answer",
}


def limits(book: Rulebook, kind: Timing, at: datetime) -> Limits:
    """Return the moments of a deadline that begins now."""
    if kind is Timing.RECTIFY:
        due = deadline(at, book.assessment.rectification_days, "days", book.calendar)
    else:
        limit = book.deadline(_KEYS[kind])
        due = deadline(at, limit.amount, limit.unit, book.calendar)
    return Limits(soft_at=_soft(book, at, due), due_at=due)


def _soft(book: Rulebook, start: datetime, due: datetime) -> datetime:
    return start + (due - start) * book.findings.soft_percent / _WHOLE


def extended(clock: TimingView | None, book: Rulebook, at: datetime) -> Limits:
    """Return the limits of the first period after its one extension; refuse it when it is over."""
    if clock is None or clock.state is not ClockState.RUNNING:
        raise Conflict("order.not_extendable")
    if clock.extensions:
        raise Conflict("order.extended")
    if at > clock.due_at:
        raise Closed("order.extension_late")
    more = book.deadline("rectification_extension")
    due = deadline(clock.due_at, more.amount, more.unit, book.calendar)
    return Limits(soft_at=_soft(book, clock.started_at, due), due_at=due)


def in_state(view: OrderView, *states: OrderState) -> None:
    """Refuse what does not belong to this state."""
    if view.state not in states:
        raise Conflict("order.other_state")


def whole_order(view: OrderView) -> None:
    """Refuse the steps of an order where causes alone are asked for."""
    if view.kind is not OrderKind.ORDER:
        raise Conflict("order.analysis_only")


def unit_moves(view: OrderView) -> bool:
    """Tell whether a unit moves next in an order, as it is told; only a whole one asks for a plan.

    A re-visit on its way shows in nothing that a unit is told.
    """
    if view.told_state in {OrderState.ANALYSED, OrderState.FAILED}:
        return view.kind is OrderKind.ORDER
    return view.told_state in _UNIT_MOVES


def may_receive(view: OrderView) -> None:
    """Refuse a second acknowledgement."""
    if view.state is not OrderState.OPEN:
        raise Conflict("order.received")


def text(path: str, given: str, longest: int = LONGEST) -> str:
    """Return a filled text that is not too long; a line has 200 characters."""
    tidy = given.strip()
    if not tidy:
        raise Invalid("order.faults", Fault(path, "form.required"))
    if len(tidy) > longest:
        raise Invalid("order.faults", Fault(path, "form.too_long", {"most": longest}))
    return tidy


def line(path: str, given: str) -> str:
    """Return one filled line."""
    return text(path, given, LINE)


def _faults(*pairs: tuple[str, str, int]) -> list[Fault]:
    found = []
    for path, given, longest in pairs:
        if not given.strip():
            found.append(Fault(path, "form.required"))
        elif len(given.strip()) > longest:
            found.append(Fault(path, "form.too_long", {"most": longest}))
    return found


def may_analyse(view: OrderView, given: NewAnalysis, at: datetime) -> NewAnalysis:
    """Return a tidy analysis of causes.

    Where it is all that is asked, measures, who answers for them and a day belong to it.
    """
    if view.state is OrderState.OPEN:
        raise Conflict("order.receipt_first")
    in_state(view, *(_PLANNING if view.kind is OrderKind.ORDER else {OrderState.RECEIVED}))
    faults = _faults(("cause", given.cause, LONGEST))
    if view.kind is OrderKind.ANALYSIS:
        faults += _faults(("measures", given.measures, LONGEST), ("owner", given.owner, LINE))
        if given.by is None or given.by < at.astimezone(SHANGHAI).date():
            faults.append(Fault("by", "order.day_past"))
    if faults:
        raise Invalid("order.faults", *faults)
    if view.kind is OrderKind.ORDER:
        return NewAnalysis(given.cause.strip())
    return NewAnalysis(given.cause.strip(), given.measures.strip(), given.owner.strip(), given.by)


def may_fill(view: OrderView, given: Filling, at: datetime, *, own: bool) -> Filling:
    """Return the tidy plan for one item: what, by whom, until when; refuse a day after the end."""
    whole_order(view)
    if view.state is OrderState.OPEN:
        raise Conflict("order.receipt_first")
    in_state(view, *_PLANNING)
    faults = _faults(("measure", given.measure, LONGEST), ("owner", given.owner, LINE))
    if own:
        faults += _faults(("text", given.text, LINE))
    if given.due < at.astimezone(SHANGHAI).date():
        faults.append(Fault("due", "order.day_past"))
    elif given.due > view.due.astimezone(SHANGHAI).date():
        faults.append(Fault("due", "order.day_late"))
    if faults:
        raise Invalid("order.faults", *faults)
    return Filling(
        given.measure.strip(), given.owner.strip(), given.due, given.text.strip() if own else ""
    )


def may_add(items: Sequence[ItemView]) -> int:
    """Return the number of one more item; a list that nobody can close is refused."""
    if len(items) >= _MOST_ITEMS:
        raise Conflict("order.items_full")
    return max((each.number for each in items), default=0) + 1


def may_file(view: OrderView, items: Sequence[ItemView], chain: Chain) -> Chain:
    """Return the tidy chain of posts.

    Refuses a plan before the causes, without items, or with an item without measure, post and day.
    """
    whole_order(view)
    if view.state in {OrderState.OPEN, OrderState.RECEIVED}:
        raise Conflict("order.causes_first")
    in_state(view, OrderState.ANALYSED)
    faults = _faults(
        ("leader", chain.leader, LINE),
        ("department", chain.department, LINE),
        ("person", chain.person, LINE),
    )
    if not items:
        faults.append(Fault("items", "order.no_items"))
    faults += [
        Fault("items", "order.item_unplanned", {"number": each.number})
        for each in items
        if not (each.measure and each.owner and each.due)
    ]
    if faults:
        raise Invalid("order.faults", *faults)
    return Chain(chain.leader.strip(), chain.department.strip(), chain.person.strip())


def may_approve(
    view: OrderView, items: Sequence[ItemView], desk: Collection[int], checked: Iterable[str]
) -> None:
    """Refuse a plan whose measures would tell the public what nobody has looked at.

    An order of nothing but desk matters would close without anybody going there.
    """
    whole_order(view)
    in_state(view, OrderState.FILED)
    hits = unchecked("\n".join(each.measure for each in items), checked)
    if hits:
        raise Invalid("order.faults", unlooked("checked", hits))
    if set(desk) - {each.number for each in items}:
        raise Invalid("order.faults", Fault("desk", "order.item_unknown"))
    if all(each.number in desk for each in items):
        raise Invalid("order.faults", Fault("desk", "order.all_desk"))


def may_prove(view: OrderView, item: ItemView, proof: str) -> str:
    """Return what the unit says it has done; refuse it before the plan, and of what is verified."""
    whole_order(view)
    in_state(view, *_PROVING)
    if item.state is ItemState.VERIFIED:
        raise Conflict("order.item_verified")
    return text("proof", proof)


def may_report(view: OrderView, items: Sequence[ItemView], report: str) -> str:
    """Return the unit's report; refuse it while an item is open, or was found undone."""
    whole_order(view)
    in_state(view, OrderState.WORKING, OrderState.FAILED)
    left = [each.number for each in items if each.state not in {ItemState.DONE, ItemState.VERIFIED}]
    if left:
        raise Conflict("order.items_open", numbers=", ".join(str(number) for number in left))
    return text("report", report)


def may_ask_extension(view: OrderView, reason: str, at: datetime) -> str:
    """Return why a unit needs more time; once, in the first period, before it is over."""
    whole_order(view)
    in_state(view, OrderState.RECEIVED, OrderState.ANALYSED, OrderState.FILED, *(_PROVING))
    if view.extension is not Extension.NONE:
        raise Conflict("order.extended")
    if view.period > 1:
        raise Conflict("order.not_extendable")
    if at > view.due:
        raise Closed("order.extension_late")
    return text("reason", reason)


def may_answer_extension(view: OrderView) -> None:
    """Refuse to decide on an extension that nobody asked for."""
    if view.extension is not Extension.ASKED:
        raise Conflict("order.extension_unasked")


def may_check(view: OrderView, item: ItemView) -> None:
    """Refuse to check a document of what is to be seen at a visit, or before the unit's report."""
    in_state(view, OrderState.REPORTED, OrderState.REVISIT)
    if not item.desk:
        raise Conflict("order.item_visible")


def may_fail_unreported(view: OrderView, due: datetime, at: datetime) -> None:
    """Refuse to call a period missed that still runs, or of which the unit has reported."""
    whole_order(view)
    in_state(
        view, OrderState.OPEN, OrderState.RECEIVED, OrderState.ANALYSED, OrderState.FILED,
        *_PROVING,
    )  # fmt: skip
    if at <= due:
        raise Conflict("order.period_runs")


def may_reopen(view: OrderView, at: datetime, days: int) -> None:
    """Refuse to open an order again that is not closed, or was so too long ago."""
    whole_order(view)
    in_state(view, OrderState.CLOSED)
    if view.closed_at is None or at > view.closed_at + timedelta(days=days):
        raise Closed("order.too_long_ago", days=days)


def may_write_letter(view: OrderView, body: str, document: str, book: Rulebook) -> str:
    """Return the number of a letter to a competent body; refuse an unknown body."""
    in_state(view, OrderState.ESCALATED)
    if body not in book.findings.bodies:
        raise Invalid("order.faults", Fault("body", "finding.body"))
    return line("document", document)


def may_extend(view: OrderView, actor: Actor) -> None:
    """Refuse whoever approved the plan: another person stands above the deadline."""
    actor.require(Role.PUBLISHER)
    may_answer_extension(view)
    if actor.person is None or actor.person == view.approved_by:
        raise Forbidden("order.extension_own")


def unit_occasion(clock: TimingView, opened_at: datetime, at: datetime) -> str:
    """Return what a unit is told of a deadline now: its start, and once more when it is near.

    Of what begins with the order one message tells enough: that of the receipt.
    """
    if at >= clock.soft_at:
        return f"order clock {clock.id} near {clock.due_at.isoformat()}"
    if clock.kind is not Timing.RECEIPT and clock.started_at == opened_at:
        return ""
    return f"order clock {clock.id} begun"


def month_of(day: date | None) -> date | None:
    """Return the first day of a day's month: the finest time that leaves the office."""
    return day.replace(day=1) if day else None


def names_shown(opened_at: datetime, years: int, at: datetime) -> bool:
    """Tell whether a unit on the last places is still named."""
    return at < opened_at + timedelta(days=365 * years)
