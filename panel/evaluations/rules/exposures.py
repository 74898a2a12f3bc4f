"""What may be made public of a finding, and who may say so: pure."""

from __future__ import annotations

from typing import Final

from panel.actor import Actor
from panel.errors import Conflict, Fault, Forbidden, Invalid
from panel.evaluations.rules.findings import line, unlooked, words
from panel.evaluations.rules.texts import unchecked
from panel.evaluations.types.exposures import (
    ExposureState,
    ExposureView,
    NewExposure,
    TransferState,
    TransferView,
)
from panel.evaluations.types.findings import FindingState, FindingView, Outcome, ReplyView
from panel.rulebook.types import Rulebook

_TITLE: Final = 60


def may_propose(view: FindingView, reply: ReplyView | None) -> None:
    """Refuse to expose what is not verified, is frozen, or of which the unit was not heard."""
    if view.outcome is not Outcome.VERIFIED or view.state is FindingState.VERIFYING:
        raise Conflict("exposure.not_verified")
    if view.frozen:
        raise Conflict("exposure.frozen")
    if reply is None:
        raise Conflict("finding.reply_first")


def check_text(given: NewExposure) -> NewExposure:
    """Return a tidy text; refuse an empty one, and one that nobody has looked through."""
    faults = []
    for path, text in (("title", given.title), ("text", given.text)):
        if not text.strip():
            faults.append(Fault(path, "form.required"))
        elif hits := unchecked(text, given.checked):
            faults.append(unlooked(path, hits))
    if len(given.title.strip()) > _TITLE:
        faults.append(Fault("title", "form.too_long", {"most": _TITLE}))
    if faults:
        raise Invalid("finding.faults", *faults)
    return NewExposure(given.title.strip(), words("text", given.text), given.checked)


def may_decide(view: FindingView, exposure: ExposureView, actor: Actor) -> None:
    """Refuse a second decision, and one by who wrote the text or noted the finding."""
    if exposure.state is not ExposureState.PROPOSED:
        raise Conflict("exposure.decided")
    if view.frozen:
        raise Conflict("exposure.frozen")
    if actor.person is not None and actor.person == view.noted_by:
        raise Forbidden("finding.noted_by_you")


def may_add(exposure: ExposureView) -> None:
    """Refuse to add to what is not public."""
    if exposure.state is not ExposureState.EXPOSED:
        raise Conflict("exposure.not_public")


def check_note(text: str, checked: tuple[str, ...]) -> str:
    """Return the tidy text of an addition; refuse one that nobody has looked through."""
    tidy = words("text", text)
    if hits := unchecked(tidy, checked):
        raise Invalid("finding.faults", unlooked("text", hits))
    return tidy


def may_transfer(view: FindingView, body: str, document: str, book: Rulebook) -> str:
    """Return the tidy number of a letter; refuse an unknown body and a matter set aside."""
    if view.outcome is not None and view.outcome is not Outcome.VERIFIED:
        raise Conflict("finding.other_state")
    if body not in book.findings.bodies:
        raise Invalid("finding.faults", Fault("body", "finding.body"))
    return line("document", document)


def may_receipt(transfer: TransferView) -> None:
    """Refuse a second receipt."""
    if transfer.state is not TransferState.SENT:
        raise Conflict("transfer.received")


def may_answer(transfer: TransferView) -> None:
    """Refuse a second outcome."""
    if transfer.state is TransferState.ANSWERED:
        raise Conflict("transfer.answered")
