"""When the name of an officer who left may be erased: asked for by one, done by another."""

from __future__ import annotations

from panel.actor import Actor, second_person
from panel.errors import Conflict
from panel.roster.types import OfficerState, OfficerView


def may_ask(officer: OfficerView) -> None:
    """Refuse whoever has not left, is erased, or is asked for already."""
    _left(officer)
    if officer.erase_asked_at is not None:
        raise Conflict("officer.erasing")


def may_erase(officer: OfficerView, actor: Actor) -> None:
    """Refuse what nobody asked for, and the own request."""
    _left(officer)
    if officer.erase_asked_at is None:
        raise Conflict("officer.erase_not_asked")
    second_person(officer.erase_asked_by, actor)


def may_keep(officer: OfficerView) -> None:
    """Refuse to turn down what nobody asked for."""
    if officer.erased_at is not None:
        raise Conflict("officer.gone")
    if officer.erase_asked_at is None:
        raise Conflict("officer.erase_not_asked")


def _left(officer: OfficerView) -> None:
    if officer.erased_at is not None:
        raise Conflict("officer.gone")
    if officer.state is not OfficerState.LEFT:
        raise Conflict("officer.not_left")
