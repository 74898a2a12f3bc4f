"""Who may do what with a finding, when, and on what evidence: pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from panel.actor import Actor, Role
from panel.errors import Conflict, Fault, Forbidden, Invalid, Missing
from panel.evaluations.rules.texts import unchecked
from panel.evaluations.types import Share, SheetState, SheetView
from panel.evaluations.types.exposures import Hit
from panel.evaluations.types.findings import (
    CONCLUDED,
    ENDED,
    GRAVEST,
    LONGEST,
    EvidenceKind,
    EvidenceView,
    FindingDraft,
    FindingState,
    FindingView,
    Grounds,
    NewEvidence,
    NewReply,
    Outcome,
    ReplyView,
    Stance,
    Triage,
)
from panel.rulebook.types import Form, Rulebook

WORKERS: Final = (Role.COORDINATOR, Role.REVIEWER)
READERS: Final = (Role.COORDINATOR, Role.REVIEWER, Role.PUBLISHER, Role.AUDITOR)
_LINE: Final = 200
_USABLE: Final = frozenset({SheetState.SUBMITTED, SheetState.ACCEPTED, SheetState.HELD})
_SEVERITIES: Final = range(1, GRAVEST + 1)
_STRICT: Final = {Share.SEND: 0, Share.WITHOUT_TIME: 1, Share.WAIT: 2}


def may_read(actor: Actor, view: FindingView) -> None:
    """Refuse a reader without the right; a sealed finding is there for the discipline office."""
    if actor.may(Role.INDEPENDENT_REVIEWER) and (view.sealed or actor.may(*READERS)):
        return
    if view.sealed or not actor.may(*READERS):
        raise Missing("finding.missing")


def may_work(actor: Actor, view: FindingView) -> None:
    """Refuse whoever does not handle findings of this kind."""
    may_read(actor, view)
    actor.require(*((Role.INDEPENDENT_REVIEWER,) if view.sealed else WORKERS))


def veto_of(actor: Actor, form: Form | None, draft: FindingDraft) -> tuple[str, bool]:
    """Return the grave event that a draft is about and whether it is sealed; empty if none.

    Refuses an item that the form does not know, and a sealed kind by anybody but the
    discipline office.
    """
    if form is None or not draft.item:
        actor.require(*WORKERS)
        return "", False
    veto = next((each for each in form.vetoes if each.id == draft.item), None)
    if veto is None and all(each.id != draft.item for each in form.items):
        raise Invalid("finding.faults", Fault("item", "finding.item_unknown"))
    sealed = veto is not None and veto.sealed
    actor.require(*((Role.INDEPENDENT_REVIEWER,) if sealed else WORKERS))
    return (veto.id if veto else ""), sealed


def may_note(draft: FindingDraft, sheet: SheetView | None, links: Collection[str]) -> str:
    """Return the tidy facts; refuse none, a sheet that does not stand, and one's own visit."""
    if sheet is not None and sheet.task.visitor in links:
        raise Forbidden("sheet.visited_by_you")
    if sheet is not None and sheet.state not in _USABLE:
        raise Conflict("finding.sheet_not_standing")
    return _filled("facts", draft.facts)


def _filled(path: str, text: str, longest: int = LONGEST) -> str:
    tidy = text.strip()
    if not tidy:
        raise Invalid("finding.faults", Fault(path, "form.required"))
    return short(path, tidy, longest)


def short(path: str, text: str, longest: int = LONGEST) -> str:
    """Return a text that is not too long for its place; empty is fine."""
    tidy = text.strip()
    if len(tidy) > longest:
        raise Invalid("finding.faults", Fault(path, "form.too_long", {"most": longest}))
    return tidy


def line(path: str, text: str) -> str:
    """Return one filled line, such as the number of a document."""
    return _filled(path, text, _LINE)


def words(path: str, text: str) -> str:
    """Return a filled text."""
    return _filled(path, text)


def in_state(view: FindingView, *states: FindingState) -> None:
    """Refuse what does not belong to this state."""
    if view.state not in states:
        raise Conflict("finding.other_state")


def check_triage(view: FindingView, triage: Triage, book: Rulebook) -> Triage:
    """Return a tidy judgement of how grave a finding is.

    Refuses an unknown severity, a text for the unit that nobody looked through, and a grave event
    without the body that it is passed to at once. A grave event is always of the highest severity.
    """
    in_state(view, FindingState.NOTED, FindingState.TRIAGED)
    faults = []
    severity = GRAVEST if view.veto else triage.severity
    if severity not in _SEVERITIES:
        faults.append(Fault("severity", "finding.severity"))
    told = triage.told.strip()
    faults += _told(told, triage.checked)
    if view.veto and view.state is FindingState.NOTED:
        if triage.body not in book.findings.bodies:
            faults.append(Fault("body", "finding.body"))
        if not triage.document.strip():
            faults.append(Fault("document", "form.required"))
        if len(triage.document.strip()) > _LINE:
            faults.append(Fault("document", "form.too_long", {"most": _LINE}))
    if faults:
        raise Invalid("finding.faults", *faults)
    return Triage(severity, told, triage.checked, triage.body, triage.document.strip())


def _told(told: str, checked: Iterable[str], path: str = "told") -> list[Fault]:
    if not told:
        return [Fault(path, "form.required")]
    if len(told) > LONGEST:
        return [Fault(path, "form.too_long", {"most": LONGEST})]
    hits = unchecked(told, checked)
    return [unlooked(path, hits)] if hits else []


def unlooked(path: str, hits: tuple[Hit, ...]) -> Fault:
    """Return the fault of a text in which something was found that nobody has looked at."""
    return Fault(path, "finding.text_tells", {"found": tuple(hit.text for hit in hits)})


def effective_share(shares: Iterable[Share], visitors: int) -> Share:
    """Return what may be told: the most careful wish counts.

    Who wanted to wait for a second visit is content once another visitor found the same; the time
    stays untold.
    """
    wish = max(shares, key=_STRICT.__getitem__, default=Share.SEND)
    if wish is Share.WAIT and visitors > 1:
        return Share.WITHOUT_TIME
    return wish


def may_send(view: FindingView, share: Share) -> None:
    """Refuse to tell the unit before its text stands, or while the visitor wants to wait."""
    in_state(view, FindingState.TRIAGED)
    if share is Share.WAIT:
        raise Conflict("finding.visitor_waits")


def may_inquire(view: FindingView) -> None:
    """Refuse an inquiry without the unit's word, save of what is sealed."""
    in_state(view, FindingState.TRIAGED)
    if not view.sealed:
        raise Conflict("finding.reply_first")


def may_add(view: FindingView, given: NewEvidence) -> str:
    """Return the tidy note of an item of evidence; a sheet needs none."""
    if view.state in ENDED:
        raise Conflict("finding.ended")
    if given.kind is EvidenceKind.SHEET:
        if given.sheet is None:
            raise Invalid("finding.faults", Fault("sheet", "form.required"))
        return short("note", given.note)
    return words("note", given.note)


def fits(view: FindingView, sheet: SheetView, links: Collection[str]) -> None:
    """Refuse a sheet of another unit or window, one that does not stand, and one's own."""
    if sheet.task.unit_id != view.unit_id or (
        view.window_id is not None and sheet.task.window_id != view.window_id
    ):
        raise Invalid("finding.faults", Fault("sheet", "finding.sheet_elsewhere"))
    if sheet.state not in _USABLE:
        raise Invalid("finding.faults", Fault("sheet", "finding.sheet_not_standing"))
    if sheet.task.visitor in links:
        raise Forbidden("sheet.visited_by_you")


def enough(view: FindingView, evidence: Collection[EvidenceView], book: Rulebook) -> bool:
    """Tell whether the evidence carries the severity: severe ones need independent items."""
    if view.severity < book.findings.independent_from:
        return len(evidence) >= 1
    return len(evidence) >= book.findings.independent_items


def may_reply(view: FindingView, given: NewReply, earlier: ReplyView | None) -> NewReply:
    """Return a unit's tidy reply; refuse one before the receipt, a second one, and an empty one.

    A reply after its time is still taken while the matter is being verified: it is marked late.
    """
    if earlier is not None and earlier.stance is not Stance.SILENT:
        raise Conflict("finding.replied")
    if earlier is None and view.received_at is None:
        raise Conflict("finding.receipt_first")
    in_state(view, FindingState.UNIT_REPLY_WAIT, FindingState.VERIFYING)
    if given.stance is Stance.SILENT:
        raise Invalid("finding.faults", Fault("stance", "form.required"))
    return NewReply(given.stance, words("text", given.text), given.picture)


def may_conclude(
    view: FindingView,
    actor: Actor,
    outcome: Outcome,
    grounds: Grounds,
    book: Rulebook,
) -> None:
    """Refuse a conclusion by who noted it, and one that the evidence does not carry."""
    in_state(view, FindingState.VERIFYING)
    if actor.person is None or actor.person == view.noted_by:
        raise Forbidden("finding.noted_by_you")
    if any(sheet.task.assigned_by == actor.person for sheet in grounds.sheets):
        raise Forbidden("sheet.assigned_by_you")
    if outcome is not Outcome.VERIFIED:
        return
    if view.veto:
        raise Conflict("finding.two_persons")
    _carried(view, grounds, book)


def _carried(view: FindingView, grounds: Grounds, book: Rulebook) -> None:
    if any(sheet.state is not SheetState.ACCEPTED for sheet in grounds.sheets):
        raise Conflict("finding.sheet_not_accepted")
    if not enough(view, grounds.evidence, book):
        raise Conflict("finding.evidence_short", wanted=book.findings.independent_items)


def may_confirm_veto(
    view: FindingView,
    actor: Actor,
    grounds: Grounds,
    book: Rulebook,
    *,
    answered: bool,
) -> None:
    """Refuse to confirm a grave event without evidence, or before the unit was heard.

    Of a sealed kind the written outcome of the competent body's inquiry (``answered``) stands
    where the unit's reply stands otherwise: who is accused is not warned.
    """
    in_state(view, FindingState.VERIFYING)
    if not view.veto:
        raise Conflict("finding.no_veto")
    actor.require(Role.INDEPENDENT_REVIEWER if view.sealed else Role.REVIEWER)
    if any(sheet.task.assigned_by == actor.person for sheet in grounds.sheets):
        raise Forbidden("sheet.assigned_by_you")
    if grounds.reply is None and not (view.sealed and answered):
        raise Conflict("finding.reply_first")
    _carried(view, grounds, book)


def may_order(view: FindingView) -> None:
    """Refuse an order for what was not verified."""
    in_state(view, FindingState.VERIFIED)


def may_report(view: FindingView, text: str) -> str:
    """Return what a unit says it has put right; refuse it without an order of its own."""
    in_state(view, FindingState.ORDER_OPENED)
    _on_its_own(view)
    return words("text", text)


def may_rectify(view: FindingView) -> None:
    """Refuse to settle an order before the unit has reported, or what a larger order settles."""
    in_state(view, FindingState.ORDER_OPENED)
    _on_its_own(view)
    if view.reported_at is None:
        raise Conflict("finding.no_report")


def _on_its_own(view: FindingView) -> None:
    if view.within:
        raise Conflict("finding.within_order")


def may_close(view: FindingView) -> None:
    """Refuse to close what is still open: a verified one without an order needs a reason."""
    in_state(view, FindingState.VERIFIED, FindingState.RECTIFIED)


def concluded(view: FindingView) -> bool:
    """Tell whether a finding has its outcome."""
    return view.state in CONCLUDED


def looked_through(path: str, text: str, checked: Iterable[str]) -> str:
    """Return a tidy text for a unit; refuse an empty one, and one that nobody looked through."""
    tidy = text.strip()
    if faults := _told(tidy, checked, path):
        raise Invalid("finding.faults", *faults)
    return tidy
