"""Two persons judge each application; where they differ, a third one decides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Final

import msgspec

from panel.errors import Closed, Conflict, Fault, Forbidden, Invalid
from panel.ids import PersonId
from panel.recruitment.types.applications import ApplicationState
from panel.recruitment.types.campaigns import Reason, Verdict
from panel.rulebook.types import Rulebook
from panel.workdays import Calendar, deadline

_ENOUGH: Final = 2
_LONGEST: Final = 2000
"""Characters of a question or an answer."""
_CONDITIONS: Final = (Reason.AGE, Reason.RESIDENCE, Reason.CATEGORY, Reason.INCOMPLETE)
"""Reasons that no checklist of exclusions holds."""


class Vote(msgspec.Struct, frozen=True):
    """One clerk's verdict."""

    clerk: PersonId
    office: str
    verdict: Verdict
    reason: str
    listed: bool = False
    """Given by an office's stamped reply; the clerk has only entered it."""

    @property
    def own(self) -> bool:
        """Tell whether the verdict is the clerk's own: entering that nothing was found is not."""
        return not self.listed or self.verdict is Verdict.FAIL


def reasons(exclusions: Collection[str]) -> tuple[str, ...]:
    """Return the reason codes of a campaign: its checklist where it has one, else the usual."""
    if not exclusions:
        return tuple(each.value for each in Reason)
    return tuple(dict.fromkeys([*(each.value for each in _CONDITIONS), *exclusions]))


def read_reason(verdict: Verdict, reason: str, known: Collection[str]) -> str:
    """Return the reason code of a verdict: a refusal needs one, a pass has none."""
    if verdict is Verdict.PASS:
        return ""
    if reason not in known:
        raise Invalid("vetting.reason_needed", Fault("reason", "vetting.reason_needed"))
    return reason


def read_text(text: str, field: str) -> str:
    """Return what an office asks or an applicant answers; refuse nothing, and too much."""
    plain = text.strip()
    if not plain:
        raise Invalid("form.faults", Fault(field, "form.required"))
    if len(plain) > _LONGEST:
        raise Invalid("form.faults", Fault(field, "form.too_long", {"most": _LONGEST}))
    return plain


def after_answer(
    state: ApplicationState, until: dt.datetime | None, at: dt.datetime
) -> ApplicationState:
    """Return where an application stands once its applicant has answered, if that is still due."""
    if state not in {ApplicationState.NEEDS_INFO, ApplicationState.INELIGIBLE}:
        raise Conflict("vetting.nothing_asked")
    if until is None or at > until:
        raise Closed("vetting.answer_late")
    asked = state is ApplicationState.NEEDS_INFO
    return ApplicationState.SUBMITTED if asked else ApplicationState.REPLIED


def answer_until(at: dt.datetime, rulebook: Rulebook) -> dt.datetime:
    """Return until when somebody may answer who was asked, or found ineligible, at a moment."""
    limit = rulebook.deadline("vetting_reply")
    calendar = Calendar(
        version=rulebook.calendar_version,
        holidays=frozenset(rulebook.holidays),
        workdays=frozenset(rulebook.workdays),
    )
    return deadline(at, limit.amount, limit.unit, calendar)


def may_ask(state: ApplicationState) -> None:
    """Refuse a question about what is not being judged."""
    if state is not ApplicationState.SUBMITTED:
        raise Conflict("vetting.settled")


def may_decide_reply(state: ApplicationState, votes: Sequence[Vote], person: PersonId) -> None:
    """Refuse a decision on no reply, or by somebody who had a part in the verdict."""
    if state is not ApplicationState.REPLIED:
        raise Conflict("vetting.no_reply")
    if any(vote.own and vote.clerk == person for vote in votes):
        raise Forbidden("vetting.reply_same_person")


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
    if any(vote.own and vote.clerk == clerk for vote in votes):
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
