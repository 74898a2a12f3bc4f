"""Two persons judge each application; where they differ, a third one decides."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from panel.errors import Conflict, Invalid
from panel.ids import PersonId
from panel.recruitment.types.campaigns import ApplicationState, Reason, Verdict

_ENOUGH = 2


class Vote(msgspec.Struct, frozen=True):
    """One clerk's verdict."""

    clerk: PersonId
    office: str
    verdict: Verdict
    reason: str


def read_reason(verdict: Verdict, reason: str) -> str:
    """Return the reason code of a verdict: a refusal needs one, a pass has none."""
    if verdict is Verdict.PASS:
        return ""
    if reason not in set(Reason):
        raise Invalid("vetting.reason_needed")
    return reason


def may_judge(
    state: ApplicationState,
    votes: Sequence[Vote],
    clerk: PersonId,
    office: str,
    *,
    two_offices: bool,
) -> None:
    """Refuse a verdict on a settled application, or a second one by a person or office."""
    if state is not ApplicationState.SUBMITTED:
        raise Conflict("vetting.settled")
    if any(vote.clerk == clerk for vote in votes):
        raise Conflict("vetting.same_person")
    if two_offices and any(vote.office == office for vote in votes):
        raise Conflict("vetting.same_office")


def outcome(votes: Sequence[Vote]) -> ApplicationState:
    """Settle an application by two equal verdicts; anything less leaves it open."""
    passes = sum(vote.verdict is Verdict.PASS for vote in votes)
    if passes >= _ENOUGH:
        return ApplicationState.ELIGIBLE
    if len(votes) - passes >= _ENOUGH:
        return ApplicationState.INELIGIBLE
    return ApplicationState.SUBMITTED


def reason(votes: Sequence[Vote]) -> str:
    """Return the reason that is told: that of the last verdict that did not pass."""
    return next((vote.reason for vote in reversed(votes) if vote.verdict is Verdict.FAIL), "")


def disputed(votes: Sequence[Vote]) -> bool:
    """Tell whether two persons differed and nobody has decided yet."""
    return len(votes) == _ENOUGH and outcome(votes) is ApplicationState.SUBMITTED
