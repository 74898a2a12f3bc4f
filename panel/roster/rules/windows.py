"""When a window may be closed, opened again or given up."""

from __future__ import annotations

from panel.actor import Actor, Role
from panel.errors import Conflict, Fault, Forbidden, Invalid
from panel.roster.types import WindowState, WindowView

LONGEST_REASON = 300


def may_change(actor: Actor, window: WindowView) -> None:
    """Allow the office, and the liaison of the window's own unit."""
    if actor.may(Role.LIAISON) and actor.unit == window.unit_code:
        return
    if not actor.may(Role.COORDINATOR):
        raise Forbidden("actor.role", roles=(str(Role.COORDINATOR), str(Role.LIAISON)))


def close(window: WindowView, reason: str) -> str:
    """Return the reason of a closure; refuse one without, and a window that is not active."""
    _expect(window, WindowState.ACTIVE)
    return tidy_reason(reason)


def reopen(window: WindowView) -> None:
    """Refuse to open what is not closed."""
    _expect(window, WindowState.CLOSED)


def retire(window: WindowView, reason: str) -> str:
    """Return the reason for giving a window up; only a closed one may go, its code stays used."""
    _expect(window, WindowState.CLOSED)
    return tidy_reason(reason)


def _expect(window: WindowView, state: WindowState) -> None:
    if window.state is not state:
        raise Conflict("roster.window_state", state=window.state.value)


def tidy_reason(reason: str) -> str:
    """Return a reason without needless space; refuse none, and one too long for a public page."""
    tidy = " ".join(reason.split())
    if not tidy:
        raise Invalid("form.faults", Fault(path="reason", code="form.required"))
    if len(tidy) > LONGEST_REASON:
        raise Invalid(
            "form.faults",
            Fault(path="reason", code="roster.reason_long", values={"maximum": LONGEST_REASON}),
        )
    return tidy
