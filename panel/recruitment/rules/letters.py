"""Decisions about letters: what there is to tell on paper; pure."""

from __future__ import annotations

import datetime as dt

from panel.actor import Actor
from panel.errors import Conflict, Forbidden
from panel.recruitment.types.applications import ApplicationState
from panel.recruitment.types.terms import ProceedingState, ProceedingView
from panel.recruitment.types.vetting import AskedView

TOLD = (ApplicationState.INELIGIBLE, ApplicationState.NEEDS_INFO)
"""Where an applicant waits for nobody else, and may have something to answer."""


def may_tell(state: ApplicationState) -> None:
    """Refuse a letter where the applicant has nothing to learn."""
    if state not in TOLD:
        raise Conflict("letter.nothing")


def may_still_reply(asked: AskedView, at: dt.datetime) -> bool:
    """Tell whether the applicant may still answer: an answer given or decided ends the time."""
    return asked.answer_until is not None and at <= asked.answer_until


def may_announce(found: ProceedingView, actor: Actor) -> None:
    """Refuse the letter of a dismissal that is not decided, and one about oneself."""
    if actor.person is not None and actor.person == found.person:
        raise Forbidden("proceeding.own")
    if found.state is not ProceedingState.DISMISSED:
        raise Conflict("letter.undecided")
