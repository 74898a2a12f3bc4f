"""Appeals: who may file, who may decide, what may follow; pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from panel.actor import Actor, Role
from panel.errors import Closed, Conflict, Fault, Forbidden, Invalid
from panel.evaluations.rules.clocks import HEAD_AFTER
from panel.ids import PersonId
from panel.rankings.types import (
    AppealDraft,
    AppealGround,
    AppealKind,
    AppealOutcome,
    AppealState,
    AppealView,
    Inadmissible,
    SheetTask,
    Verdict,
)
from panel.rankings.types.appeals import LONGEST, MOST_FILES, WAITING, to_check
from panel.rulebook.types import Rulebook
from panel.workdays import SHANGHAI, deadline

_LINE: Final = 200


def check(draft: AppealDraft) -> AppealDraft:
    """Return a tidy appeal; every fault is named by its field."""
    faults = [
        Fault(name, "form.required")
        for name in ("ground", "statement", "leader", "document")
        if not getattr(draft, name).strip()
    ]
    if draft.ground.strip() and draft.ground not in set(AppealGround):
        faults.append(Fault("ground", "form.required"))
    faults += _too_long(statement=(draft.statement, LONGEST))
    faults += _too_long(leader=(draft.leader, _LINE), document=(draft.document, _LINE))
    if len(draft.pictures) > MOST_FILES:
        faults.append(Fault("pictures", "appeal.too_many_files", {"most": MOST_FILES}))
    if faults:
        raise Invalid("form.faults", *faults)
    return AppealDraft(
        ground=draft.ground,
        statement=draft.statement.strip(),
        leader=draft.leader.strip(),
        document=draft.document.strip(),
        pictures=draft.pictures,
    )


def _too_long(**fields: tuple[str, int]) -> list[Fault]:
    return [
        Fault(name, "form.too_long", {"most": most})
        for name, (text, most) in fields.items()
        if len(text) > most
    ]


def in_time(until: datetime, at: datetime) -> None:
    """Refuse an appeal after its last moment, which still counts."""
    if at > until:
        raise Closed("appeal.over", until=_day(until))


def _day(moment: datetime) -> str:
    return moment.astimezone(SHANGHAI).date().isoformat()


def limit(book: Rulebook, key: str, at: datetime) -> datetime:
    """Return the last moment of one of the rulebook's limits that begins now."""
    found = book.deadline(key)
    return deadline(at, found.amount, found.unit, book.calendar)


def in_state(view: AppealView, *states: AppealState) -> None:
    """Refuse a step that does not follow from where an appeal stands."""
    if view.state not in states:
        raise Conflict("appeal.other_state")


def apart(actor: Actor, view: AppealView, involved: Collection[PersonId]) -> None:
    """Refuse everybody who is not independent of what is appealed against.

    Neither who belongs to the unit, nor who took any part in the matter, nor who decided before.
    """
    actor.require(Role.INDEPENDENT_REVIEWER)
    if actor.person is None or actor.person in involved or actor.person in view.handled_by:
        raise Forbidden("appeal.involved")
    if actor.person == view.filed_by or actor.unit == view.unit_code:
        raise Forbidden("appeal.of_the_unit")
    if actor.office and actor.office in {view.unit_name, view.unit_name_en}:
        raise Forbidden("appeal.of_the_unit")
    if actor.person == view.first_reviewer:
        raise Forbidden("appeal.decided_by_you")


def may_refuse(view: AppealView, reason: str, words: str) -> Inadmissible:
    """Return why an appeal is not gone into; refuse to say so without reason and words."""
    in_state(view, AppealState.FILED, AppealState.ACKNOWLEDGED)
    faults = [Fault("reasons", "form.required")] if not words.strip() else []
    faults += _too_long(reasons=(words, LONGEST))
    if reason not in set(Inadmissible):
        faults.append(Fault("inadmissible", "form.required"))
    if faults:
        raise Invalid("form.faults", *faults)
    return Inadmissible(reason)


def own_case(actor: Actor, view: AppealView) -> None:
    """Refuse whoever has not taken the appeal."""
    in_state(view, AppealState.REVIEWING)
    if actor.person is None or actor.person != view.reviewer:
        raise Forbidden("appeal.not_yours")


def may_decide(view: AppealView, verdict: Verdict, book: Rulebook, sheets: int) -> AppealOutcome:
    """Return the outcome; refuse one without reasons, unscreened ones, and unknown sheets.

    ``sheets`` is how many the redacted record holds. A rejection voids nothing.
    """
    in_state(view, AppealState.REVIEWING)
    faults = [] if verdict.reasons.strip() else [Fault("reasons", "form.required")]
    faults += _too_long(reasons=(verdict.reasons, LONGEST))
    if verdict.outcome not in set(AppealOutcome):
        faults.append(Fault("outcome", "form.required"))
    if missing := [each for each in to_check(view.kind) if each not in verdict.checked]:
        faults.append(Fault("checked", "appeal.not_screened", {"missing": tuple(missing)}))
    if any(not 1 <= number <= sheets for number in verdict.sheets):
        faults.append(Fault("sheets", "appeal.no_such_sheet"))
    if verdict.sheets and verdict.outcome == AppealOutcome.REJECTED:
        faults.append(Fault("sheets", "appeal.rejected_voids_nothing"))
    if verdict.sheets and verdict.void_reason not in book.void_reasons:
        faults.append(Fault("void_reason", "form.required"))
    if faults:
        raise Invalid("form.faults", *faults)
    return AppealOutcome(verdict.outcome)


def decided_as(view: AppealView, outcome: AppealOutcome) -> AppealState:
    """Return where a decision leads: the second one is the last, once it is carried out."""
    last = view.instance > 1 and outcome is AppealOutcome.REJECTED
    return AppealState.FINAL if last else AppealState.DECIDED


def of_ranking(view: AppealView) -> None:
    """Refuse what another subject's command carries out."""
    if view.kind is not AppealKind.RANKING:
        raise Conflict("appeal.other_subject")


def may_apply(view: AppealView, tasks: Collection[SheetTask]) -> AppealState:
    """Return where carrying out leads; refuse while a sheet that must be void still counts."""
    in_state(view, AppealState.DECIDED)
    if not view.granted:
        raise Conflict("appeal.nothing_to_apply")
    if left := sum(not each.voided for each in tasks):
        raise Conflict("appeal.sheets_open", sheets=left)
    return AppealState.FINAL if view.instance > 1 else AppealState.APPLIED


def may_ask_again(view: AppealView, text: str, at: datetime) -> str:
    """Return the tidy request for a reconsideration: once, in time, with words."""
    if view.instance > 1:
        raise Conflict("appeal.asked_again")
    in_state(view, AppealState.DECIDED, AppealState.APPLIED, AppealState.INADMISSIBLE)
    if view.state is AppealState.DECIDED and view.granted:
        raise Conflict("appeal.not_applied")
    if view.reconsider_by is None or at > view.reconsider_by:
        until = "" if view.reconsider_by is None else _day(view.reconsider_by)
        raise Closed("appeal.again_over", until=until)
    faults = [] if text.strip() else [Fault("again", "form.required")]
    faults += _too_long(again=(text, LONGEST))
    if faults:
        raise Invalid("form.faults", *faults)
    return text.strip()


def again(view: AppealView, at: datetime) -> bool:
    """Tell whether a reconsideration may be asked for now."""
    return (
        view.instance == 1
        and view.state in {AppealState.DECIDED, AppealState.APPLIED, AppealState.INADMISSIBLE}
        and view.settled
        and view.reconsider_by is not None
        and at <= view.reconsider_by
    )


def ended(view: AppealView, at: datetime) -> bool:
    """Tell whether an appeal is over because nobody asked for a reconsideration in time."""
    return (
        view.state in {AppealState.DECIDED, AppealState.APPLIED, AppealState.INADMISSIBLE}
        and view.settled
        and view.reconsider_by is not None
        and at > view.reconsider_by
    )


def escalates(view: AppealView, at: datetime) -> bool:
    """Tell whether those above must hear of a decision that is late; it decides nothing."""
    return view.state in WAITING and view.escalated_at is None and at > view.due_at


def reaches_head(view: AppealView, at: datetime) -> bool:
    """Tell whether a late decision must reach those above now: a day after its limit."""
    late = view.state in WAITING and at >= view.due_at + HEAD_AFTER
    return late and view.told_head_at is None
