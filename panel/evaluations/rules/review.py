"""Who may review a sheet, and what may follow from its state."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, time, timedelta
from typing import Final

from msgspec import structs

from panel.actor import Actor
from panel.errors import Conflict, Fault, Forbidden, Invalid
from panel.evaluations.rules.judging import asked
from panel.evaluations.types import BatchView, Flag, SheetState, SheetView
from panel.rulebook.types import Form, Rulebook
from panel.visits.types import RoundDraft, RoundKind, RoundView, TaskView
from panel.workdays import SHANGHAI, Calendar, deadline

_LONGEST_REASON: Final = 500
_READING: Final = timedelta(minutes=10)
"""Longer than any sheet takes; whoever left the desk gives it up so."""
_BATCH: Final = timedelta(hours=12)
_AHEAD: Final = timedelta(days=3)
_LASTS: Final = timedelta(days=10) - timedelta(seconds=1)
"""A plan to look again, until a coordinator chooses other days."""
_LOOKS: Final = 1
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


def reason_given(reason: str, path: str = "reason") -> str:
    """Return the tidy reason that others will read; refuse an empty or endless one."""
    tidy = reason.strip()
    if not tidy:
        raise Invalid("sheet.faults", Fault(path, "sheet.return_reason_missing"))
    if len(tidy) > _LONGEST_REASON:
        raise Invalid("sheet.faults", Fault(path, "sheet.too_long", {"limit": _LONGEST_REASON}))
    return tidy


def asked_back(
    form: Form, sheet: SheetView, reason: str, questions: Mapping[str, str]
) -> tuple[str, dict[str, str]]:
    """Return what a visitor is asked: about the whole sheet, and about single items.

    Refuses to ask nothing at all, endless questions, and items that the sheet does not have.
    """
    found = {key: text.strip() for key, text in questions.items() if text.strip()}
    known = {item.id for item in asked(form, covert=sheet.task.covert, revisit=True)}
    faults = [Fault(f"ask.{key}", "sheet.unknown_item") for key in sorted(found.keys() - known)]
    faults += [
        Fault(f"ask.{key}", "sheet.too_long", {"limit": _LONGEST_REASON})
        for key, text in found.items()
        if len(text) > _LONGEST_REASON
    ]
    if faults:
        raise Invalid("sheet.faults", *faults)
    whole = reason.strip()
    return (reason_given(reason) if whole or not found else ""), found


def may_release(sheet: SheetView) -> None:
    """Refuse to end a waiting that is none."""
    if sheet.state is not SheetState.HELD:
        raise Conflict("sheet.not_held")


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


def limit(rulebook: Rulebook, key: str, at: datetime) -> datetime:
    """Return when one of the rulebook's limits ends that begins now."""
    found = rulebook.deadline(key)
    calendar = Calendar(
        version=rulebook.calendar_version,
        holidays=frozenset(rulebook.holidays),
        workdays=frozenset(rulebook.workdays),
    )
    return deadline(at, found.amount, found.unit, calendar)


def revision_due(rulebook: Rulebook, at: datetime) -> datetime:
    """Return until when a returned sheet may be sent again in time."""
    return limit(rulebook, "revision", at)


def claimed_until(at: datetime) -> datetime:
    """Return until when a sheet that is opened now is kept from other reviewers."""
    return at + _READING


def batches_since(at: datetime) -> datetime:
    """Return the moment before which an unfinished batch no longer holds its sheets."""
    return at - _BATCH


def may_batch(found: BatchView) -> None:
    """Refuse to accept a batch together before its sample was looked at and found good."""
    if found.looked_at < len(found.sample):
        raise Conflict("batch.sample_open")
    if not found.sound:
        raise Conflict("batch.unsound")


def sample_size(count: int, percent: int) -> int:
    """Return how many of so many sheets are looked at one by one: a share, rounded up."""
    return min(count, max(1, -(-count * percent // 100)))


def overdue_before(rulebook: Rulebook, at: datetime) -> datetime:
    """Return the moment before which a waiting sheet has waited too long."""
    limit = rulebook.deadline("review")
    hours = limit.amount if limit.unit == "hours" else 24 * limit.amount
    return at - timedelta(hours=hours)


def looking_again(
    before: RoundView, task: TaskView, title: str, title_en: str, at: datetime
) -> RoundDraft:
    """Return a plan that sends somebody else to a task's place, after the round it belongs to."""
    first = datetime.combine(at.astimezone(SHANGHAI).date() + _AHEAD, time.min, SHANGHAI)
    place = task.window_code or task.unit_code
    return structs.replace(
        before.draft,
        title=title,
        title_en=title_en,
        kind=RoundKind.REVISIT,
        parent=before.code,
        groups=(task.peer_group,),
        unranked=(),
        targets={place: _LOOKS},
        covert_percent=100 if task.covert else 0,
        double_percent=0,
        claims=False,
        starts=first,
        ends=first + _LASTS,
    )
