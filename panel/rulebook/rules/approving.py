"""Who may do what with a version: written by some, approved by another, then frozen."""

from __future__ import annotations

from panel.actor import Actor, Signature, second_person
from panel.errors import Closed, Conflict, Fault, Invalid
from panel.rulebook.types import (
    DraftState,
    DryRunState,
    DryRunView,
    RulebookState,
    RulebookVersion,
)


def may_edit(state: DraftState) -> None:
    """Refuse to write at a draft that was proposed or discarded."""
    if state is not DraftState.DRAFT:
        raise Closed("rulebook.draft_closed")


def may_withdraw(state: RulebookState) -> None:
    """Refuse to take back or give back what is no proposal."""
    if state is not RulebookState.PROPOSED:
        raise Conflict("rulebook.frozen")


def may_return(version: RulebookVersion, actor: Actor, reason: str) -> None:
    """Refuse to give back what is frozen, one's own, or without saying why."""
    may_withdraw(version.state)
    _another(version, actor, None)
    if not reason.strip():
        raise Invalid("form.faults", Fault("reason", "form.required"))


def may_approve(
    version: RulebookVersion,
    trial: DryRunView | None,
    actor: Actor,
    paper: Signature | None,
    *,
    first: bool,
) -> None:
    """Refuse what is frozen, what an author would approve, and what was never tried (4.6).

    The first version has no round before it on which it could be tried.
    """
    if version.state is not RulebookState.PROPOSED:
        raise Conflict("rulebook.frozen")
    _another(version, actor, paper)
    if not first and (trial is None or trial.state is not DryRunState.DONE):
        raise Conflict("rulebook.no_dry_run")


def _another(version: RulebookVersion, actor: Actor, paper: Signature | None) -> None:
    """Refuse everybody who wrote at it, unless a leader signed on paper."""
    second_person(version.author, actor, paper)
    for person in version.editors:
        second_person(person, actor, paper)
