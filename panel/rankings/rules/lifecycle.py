"""What may follow in a ranking's life: recount, delivery, notice, the procedure sheet, the end."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from panel.actor import Actor, second_person
from panel.errors import Closed, Conflict, Fault, Invalid
from panel.rankings.rules.appeals import limit
from panel.rankings.rules.hearing import day
from panel.rankings.types import (
    DeliveryView,
    Facts,
    PaperReceipt,
    RankingState,
    RankingView,
    ReleaseStatus,
    SheetStep,
    StepKey,
)
from panel.rulebook.types import Rulebook
from panel.workdays import SHANGHAI

_NEXT: Final = {
    RankingState.NOTICE: frozenset(StepKey),
    RankingState.SUPERSEDED: frozenset(StepKey) - {StepKey.NOTICE_OVER},
}
"""What must be signed before lists become final, and before a correction is published."""
_BEFORE: Final = frozenset(
    {
        RankingState.DRAFT,
        RankingState.CHECKED,
        RankingState.NOTIFIED,
        RankingState.NOTICE,
        RankingState.FINAL,
    }
)
_LINE: Final = 200
_TEXT: Final = 2000


def delivered(posted: datetime, book: Rulebook) -> tuple[datetime, datetime]:
    """Return from when a notice without receipt counts as delivered, and until when to appeal."""
    presumed = limit(book, "delivery", posted)
    return presumed, limit(book, "appeal", presumed)


def received(view: DeliveryView, book: Rulebook, at: datetime) -> datetime:
    """Return the last moment of an appeal after a receipt; a late receipt prolongs nothing."""
    if view.received_at is not None:
        raise Conflict("delivery.signed_before")
    return min(view.appeal_by, limit(book, "appeal", at))


def may_record(view: DeliveryView, given: PaperReceipt, at: datetime) -> PaperReceipt:
    """Return a tidy receipt on paper: its number, who signed, on a day that can be, its picture.

    Refuses a second one where the unit said of the first that it is not its own.
    """
    if view.received_at is not None:
        raise Conflict("delivery.signed_before")
    if view.disputed_at is not None:
        raise Conflict("delivery.disputed_before")
    faults = _lines(document=given.document, signer=given.signer)
    posted, today = (each.astimezone(SHANGHAI).date() for each in (view.posted_at, at))
    if not posted <= given.signed_on <= today:
        faults.append(Fault("signed_on", "delivery.day", {"from": posted.isoformat()}))
    if not given.scan:
        faults.append(Fault("scan", "form.required"))
    if faults:
        raise Invalid("form.faults", *faults)
    return replace(given, document=given.document.strip(), signer=given.signer.strip())


def may_dispute(view: DeliveryView, book: Rulebook, at: datetime) -> datetime:
    """Return the last moment of an appeal where a receipt on paper counts for nothing.

    Refuses where there is no such receipt, and once even without it the time is over.
    """
    if view.received_at is None or not view.document:
        raise Conflict("delivery.no_paper")
    if view.waived_at is not None:
        raise Conflict("delivery.waived")
    until = limit(book, "appeal", view.presumed_at)
    if at > until:
        raise Closed("appeal.over", until=day(until))
    return until


def _lines(**texts: str) -> list[Fault]:
    """Return what is wrong with lines that must be filled in."""
    faults = [Fault(name, "form.required") for name, text in texts.items() if not text.strip()]
    faults += [
        Fault(name, "form.too_long", {"most": _LINE})
        for name, text in texts.items()
        if len(text) > _LINE
    ]
    return faults


def may_waive(view: DeliveryView, *, appealed: bool, at: datetime) -> None:
    """Refuse to give up an appeal that was filed, given up before, or is over."""
    if view.waived_at is not None:
        raise Conflict("delivery.waived")
    if appealed:
        raise Conflict("appeal.filed")
    if at > view.appeal_by:
        raise Closed("appeal.over", until=day(view.appeal_by))


def may_appeal(view: RankingView, delivery: DeliveryView) -> None:
    """Refuse an appeal that was given up, and one against what is over."""
    if view.state is RankingState.WITHHELD:
        raise Conflict("ranking.over")
    if delivery.waived_at is not None:
        raise Conflict("delivery.waived")


def may_recount(view: RankingView, *, agreed: bool) -> None:
    """Refuse to recount what is over, or what a second person has found right before."""
    if view.state is RankingState.WITHHELD:
        raise Conflict("ranking.over")
    if agreed:
        raise Conflict("recount.agreed")


def may_notify(view: RankingView, *, agreed: bool) -> RankingState:
    """Return the state after telling the units; refuse a second time and before the recount."""
    if view.state is RankingState.SUPERSEDED and agreed:
        return RankingState.SUPERSEDED
    if view.state in {RankingState.DRAFT, RankingState.SUPERSEDED}:
        raise Conflict("recount.missing")
    if view.state is not RankingState.CHECKED:
        raise Conflict("hearing.begun")
    return RankingState.NOTIFIED


def may_open_notice(
    view: RankingView, deliveries: Sequence[DeliveryView], open_answers: int, at: datetime
) -> None:
    """Refuse the public notice while a unit may still appeal or answer, or waits for a reply."""
    if view.state is not RankingState.NOTIFIED:
        raise Conflict("notice.not_due")
    running = [each for each in deliveries if each.open(at)]
    if running:
        last = max(each.appeal_by for each in running)
        raise Conflict("notice.appeals_run", units=len(running), until=day(last))
    waived = all(each.waived_at is not None for each in deliveries)
    if view.answer_by is not None and at <= view.answer_by and not waived:
        raise Conflict("hearing.running", until=day(view.answer_by))
    if open_answers:
        raise Conflict("hearing.open", answers=open_answers)


def steps(facts: Facts, signed: dict[StepKey, SheetStep], at: datetime) -> tuple[SheetStep, ...]:
    """Return the procedure sheet: what holds by machine, and who signed for it."""
    holds = {
        StepKey.PLAN_REGISTERED: bool(facts.register_number and facts.legal_basis),
        StepKey.NOTICE_GIVEN: facts.disclosed,
        StepKey.DRAW_VERIFIED: facts.draws > 0 and not facts.unverified,
        StepKey.SHEETS_DECIDED: not facts.undecided and not facts.stale,
        StepKey.RECOUNT_AGREED: facts.recounted,
        StepKey.UNITS_TOLD: not facts.untold,
        StepKey.APPEALS_DECIDED: not facts.appealable and not facts.open_appeals,
        StepKey.NOTICE_OVER: facts.notice_until is not None
        and at > facts.notice_until
        and not facts.open_objections,
        StepKey.LEVELS_CHECKED: not facts.levels,
    }
    return tuple(
        SheetStep(
            key=key,
            fulfilled=holds[key],
            signed_by=signed[key].signed_by if key in signed else None,
            signed_as=signed[key].signed_as if key in signed else "",
            signed_at=signed[key].signed_at if key in signed else None,
            document=signed[key].document if key in signed else "",
            note=signed[key].note if key in signed else "",
        )
        for key in StepKey
    )


def may_sign(
    view: RankingView, sheet: Sequence[SheetStep], keys: Collection[StepKey], note: str
) -> None:
    """Refuse to sign nothing, what does not hold, what is signed, and what is over."""
    if view.state in {RankingState.WITHHELD, RankingState.PUBLISHED}:
        raise Conflict("ranking.over")
    if not keys:
        raise Invalid("form.faults", Fault("steps", "form.required"))
    if len(note) > _TEXT:
        raise Invalid("form.faults", Fault("note", "form.too_long", {"most": _TEXT}))
    by_key = {each.key: each for each in sheet}
    for key in keys:
        if by_key[key].signed:
            raise Conflict("procedure.signed", step=key.value)
        if not by_key[key].fulfilled:
            raise Conflict("procedure.not_fulfilled", step=key.value)


def unsigned(state: RankingState, sheet: Sequence[SheetStep]) -> tuple[StepKey, ...]:
    """Return what must still hold and be signed before the lists of a state may go on."""
    wanted = _NEXT.get(state, frozenset(StepKey))
    return tuple(
        each.key for each in sheet if each.key in wanted and not (each.signed and each.fulfilled)
    )


def may_finalise(view: RankingView, sheet: Sequence[SheetStep], unapplied: int) -> None:
    """Refuse to make lists final before each step is fulfilled and signed."""
    if view.state is not RankingState.NOTICE:
        raise Conflict("ranking.not_in_notice")
    if unapplied:
        raise Conflict("objection.not_applied", objections=unapplied)
    if missing := unsigned(view.state, sheet):
        raise Conflict("procedure.unsigned", steps=tuple(each.value for each in missing))


def may_publish(
    view: RankingView, sheet: Sequence[SheetStep], told: Sequence[DeliveryView], at: datetime
) -> ReleaseStatus:
    """Return as what lists are published: final ones, or the correction of published ones.

    Refuses a correction while a unit that was told again may still appeal.
    """
    if view.state is RankingState.PUBLISHED:
        raise Conflict("ranking.published")
    if view.state is RankingState.FINAL:
        decided = next(each for each in sheet if each.key is StepKey.SHEETS_DECIDED)
        if not decided.fulfilled:  # a sheet became void since, or waits for it
            raise Conflict("procedure.not_fulfilled", step=decided.key.value)
        return ReleaseStatus.FINAL
    if view.state is not RankingState.SUPERSEDED:
        raise Conflict("ranking.not_final")
    if running := [each for each in told if each.open(at)]:
        last = max(each.appeal_by for each in running)
        raise Conflict("correction.appeals_run", units=len(running), until=day(last))
    if missing := unsigned(view.state, sheet):
        raise Conflict("procedure.unsigned", steps=tuple(each.value for each in missing))
    return ReleaseStatus.CORRECTION


def reopened(state: RankingState) -> RankingState:
    """Return where a ranking stands after another edition: back at the start, or superseded."""
    if state in {RankingState.PUBLISHED, RankingState.SUPERSEDED}:
        return RankingState.SUPERSEDED
    if state is RankingState.WITHHELD:
        raise Conflict("ranking.over")
    return RankingState.DRAFT


def reason_given(reason: str) -> str:
    """Return the tidy reason of a look; refuse none."""
    tidy = reason.strip()
    if not tidy:
        raise Invalid("form.faults", Fault("reason", "form.required"))
    return tidy[:_TEXT]


def may_withhold(view: RankingView, reason: str, document: str) -> str:
    """Return the tidy reason; refuse without reason and document, and after the publication.

    Refuses a second request while one waits for another person.
    """
    withholdable(view)
    if view.withhold_at is not None:
        raise Conflict("withholding.asked")
    faults = [] if reason.strip() else [Fault("reason", "form.required")]
    if len(reason) > _TEXT:
        faults.append(Fault("reason", "form.too_long", {"most": _TEXT}))
    faults += _lines(document=document)
    if faults:
        raise Invalid("form.faults", *faults)
    return reason.strip()


def withholdable(view: RankingView) -> None:
    """Refuse to withhold what is public, or withheld already."""
    if view.state not in _BEFORE:
        raise Conflict("ranking.over")


def may_confirm_withholding(view: RankingView, actor: Actor) -> None:
    """Refuse to confirm what nobody asked for, what is public by now, and the own request."""
    withholdable(view)
    if view.withhold_at is None:
        raise Conflict("withholding.not_asked")
    second_person(view.withhold_by, actor)


def may_decline_withholding(view: RankingView) -> None:
    """Refuse to decline what nobody asked for, and what is settled."""
    withholdable(view)
    if view.withhold_at is None:
        raise Conflict("withholding.not_asked")
