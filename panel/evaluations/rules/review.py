"""Who may review a sheet, and what may follow from its state."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from panel.actor import Actor
from panel.errors import Conflict, Fault, Forbidden, Invalid
from panel.evaluations.types import Flag, SheetState, SheetView
from panel.rulebook.types import Rulebook
from panel.workdays import Calendar, deadline

_LONGEST_REASON: Final = 500
_VOIDABLE: Final = frozenset({SheetState.SUBMITTED, SheetState.ACCEPTED})


def may_review(sheet: SheetView, actor: Actor, own_links: Collection[str]) -> None:
    """Refuse whoever assigned the visit, and whoever made it (``own_links`` as a member)."""
    if actor.person is None or actor.person == sheet.task.assigned_by:
        raise Forbidden("sheet.assigned_by_you")
    if sheet.task.visitor in own_links:
        raise Forbidden("sheet.visited_by_you")


def decided(sheet: SheetView) -> None:
    """Refuse to decide on a sheet twice, or while its voiding waits for a second person."""
    if sheet.void_reason and sheet.state is not SheetState.VOIDED:
        raise Conflict("sheet.void_proposed")
    if sheet.state is not SheetState.SUBMITTED:
        raise Conflict("sheet.decided")


def reason_given(reason: str) -> str:
    """Return the tidy reason that the visitor will read; refuse an empty or endless one."""
    tidy = reason.strip()
    if not tidy:
        raise Invalid("sheet.faults", Fault("reason", "sheet.return_reason_missing"))
    if len(tidy) > _LONGEST_REASON:
        raise Invalid("sheet.faults", Fault("reason", "sheet.too_long", {"limit": _LONGEST_REASON}))
    return tidy


def may_void(sheet: SheetView, reason_code: str, rulebook: Rulebook) -> None:
    """Refuse a voiding without one of the rulebook's reasons, or of what is decided otherwise."""
    if reason_code not in rulebook.void_reasons:
        raise Invalid("sheet.faults", Fault("void_reason", "sheet.void_reason_unknown"))
    if sheet.state not in _VOIDABLE:
        raise Conflict("sheet.decided")
    if sheet.void_reason:
        raise Conflict("sheet.void_proposed")


def may_confirm_void(sheet: SheetView) -> None:
    """Refuse to settle a voiding that nobody proposed."""
    if sheet.state not in _VOIDABLE or not sheet.void_reason:
        raise Conflict("sheet.void_not_proposed")


def may_keep(sheet: SheetView) -> None:
    """Refuse to let a sheet stand that nobody asked to look at again, or that may become void."""
    if sheet.void_reason:
        raise Conflict("sheet.void_proposed")
    if Flag.RECHECK not in sheet.flags or sheet.state is not SheetState.ACCEPTED:
        raise Conflict("sheet.decided")


def revision_due(rulebook: Rulebook, at: datetime) -> datetime:
    """Return until when a returned sheet may be sent again in time."""
    limit = rulebook.deadline("revision")
    calendar = Calendar(
        version=rulebook.calendar_version,
        holidays=frozenset(rulebook.holidays),
        workdays=frozenset(rulebook.workdays),
    )
    return deadline(at, limit.amount, limit.unit, calendar)


def overdue_before(rulebook: Rulebook, at: datetime) -> datetime:
    """Return the moment before which a waiting sheet has waited too long."""
    limit = rulebook.deadline("review")
    hours = limit.amount if limit.unit == "hours" else 24 * limit.amount
    return at - timedelta(hours=hours)
