"""Approvals signed on paper: what they are for, and how far their entry is."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

import msgspec

from panel.actor import Signature
from panel.ids import Code, PersonId


class PaperAct(StrEnum):
    """What needs a second person, for whom a leader's signature on paper may stand."""

    ANNOUNCE = "announce"
    CANCEL = "cancel"
    START = "start_lottery"
    PUBLISH = "publish_lottery"
    SETTLE = "settle_lottery"
    OBJECTION = "decide_objection"
    DISMISSAL = "approve_dismissal"


class PaperState(StrEnum):
    """How far the entry of a signed paper is."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    DISCARDED = "discarded"


class PaperView(msgspec.Struct, frozen=True):
    """One leader's signature as it was entered; it counts when another person confirms it."""

    id: int
    code: Code
    act: PaperAct
    subject: Code
    signature: Signature
    state: PaperState
    entered_by: PersonId
    entered_at: dt.datetime
