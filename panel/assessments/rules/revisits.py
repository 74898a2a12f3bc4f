"""What a re-visit must look at, what it saw, and who may decide on it: pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from msgspec import structs

from panel.actor import Actor
from panel.assessments.rules.orders import in_state, whole_order
from panel.assessments.types.orders import (
    ItemResult,
    ItemState,
    ItemView,
    OrderState,
    OrderView,
    Result,
    Verdict,
)
from panel.errors import Conflict, Fault, Forbidden, Invalid
from panel.evaluations.types import SheetView
from panel.ids import Code
from panel.visits.types import RoundDraft, RoundKind, RoundView
from panel.workdays import SHANGHAI

GOOD: Final = 3
"""From this value of 0 to 4 a re-visit finds an item put right."""
_AHEAD: Final = timedelta(days=3)
_LASTS: Final = timedelta(days=14) - timedelta(seconds=1)


def may_plan(view: OrderView) -> None:
    """Refuse a re-visit before the unit has reported, and a second one beside the first."""
    whole_order(view)
    in_state(view, OrderState.REPORTED)


def targets(items: Mapping[Code, Sequence[ItemView]]) -> dict[str, int]:
    """Return the places to look at, by the unit of each order.

    The windows that items name; where an item names none, the unit as a whole. What only a
    document can show sends nobody.
    """
    found: dict[str, int] = {}
    for unit, listed in items.items():
        seen = [each for each in listed if not each.desk]
        windows = {each.window_code for each in seen if each.window_code}
        everywhere = any(each.window_code is None for each in seen)
        found |= dict.fromkeys([str(unit)] if everywhere or not windows else sorted(windows), 1)
    return found


def draft(  # noqa: PLR0917 - the parts of one plan
    before: RoundView,
    groups: Sequence[str],
    places: Mapping[str, int],
    title: str,
    title_en: str,
    at: datetime,
) -> RoundDraft:
    """Return the plan of a re-visit: soon, short, and covert where the first visits were."""
    first = datetime.combine(at.astimezone(SHANGHAI).date() + _AHEAD, time.min, SHANGHAI)
    return structs.replace(
        before.draft,
        title=title,
        title_en=title_en,
        kind=RoundKind.REVISIT,
        parent=before.code,
        groups=tuple(dict.fromkeys(groups)),
        unranked=(),
        targets=dict(places),
        covert_percent=100 if before.draft.covert_percent else 0,
        double_percent=0,
        claims=False,
        starts=first,
        ends=first + _LASTS,
    )


def result(
    items: Sequence[ItemView],
    sheets: Sequence[tuple[SheetView, Mapping[str, int]]],
    asked_again: Collection[str],
    waiting: int,
) -> Result:
    """Return what accepted sheets of a re-visit saw; ``asked_again`` are items of re-visits only.

    An item is good where every sheet that saw it, at its window, gives it three or four.
    """
    found = []
    for each in items:
        if each.desk:
            good: bool | None = each.state is ItemState.VERIFIED
        else:
            seen = [
                values[each.item]
                for sheet, values in sheets
                if each.item in values and each.window_id in {None, sheet.task.window_id}
            ]
            good = all(value >= GOOD for value in seen) if seen else None
        found.append(ItemResult(each.number, good))
    again = [values[key] for _, values in sheets for key in asked_again if key in values]
    return Result(
        sheets=tuple(sheet.code for sheet, _ in sheets),
        waiting=waiting,
        fixed=all(value >= GOOD for value in again) if again else None,
        items=tuple(found),
        month=_month([sheet.answers.visited_on for sheet, _ in sheets]),
    )


def _month(days: Sequence[date | None]) -> date | None:
    known = [day for day in days if day is not None]
    return max(known).replace(day=1) if known else None


def may_judge(  # noqa: PLR0917 - all that a decision rests on
    view: OrderView,
    actor: Actor,
    verdict: Verdict,
    found: Result,
    items: Sequence[ItemView],
    assigned_by: Collection[int | None],
) -> None:
    """Refuse a decision without the re-visit's sheets, or by who sent them out.

    A person may call an order undone whatever the sheets say; to close it the sheets must allow
    it. Who checked a document decides about it no more.
    """
    in_state(view, OrderState.REVISIT)
    if actor.person is None or actor.person in assigned_by:
        raise Forbidden("sheet.assigned_by_you")
    if any(each.checked_by == actor.person for each in items):
        raise Forbidden("order.checked_by_you")
    if found.waiting:
        raise Conflict("order.revisit_waits")
    if not found.sheets:
        raise Conflict("order.revisit_missing")
    if verdict is not Verdict.CLOSED:
        return
    if any(each.desk and each.state is not ItemState.VERIFIED for each in items):
        raise Invalid("order.faults", Fault("verdict", "order.document_missing"))
    if not found.passed:
        raise Invalid("order.faults", Fault("verdict", "order.revisit_failed"))


def failed_items(items: Sequence[ItemView], found: Result) -> frozenset[int]:
    """Return the numbers of items that are open again: those seen undone, or all if none was."""
    bad = {each.number for each in found.items if each.good is False}
    return frozenset(bad or {each.number for each in items if each.state is not ItemState.VERIFIED})
