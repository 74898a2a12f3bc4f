"""What follows from a final mark: recorded here, decided elsewhere by whoever is competent."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Final

import msgspec

from panel.ids import Code


class ConsequenceKind(StrEnum):
    """What is recorded, proposed or due."""

    EXCELLENCE = "excellence"
    """The unit may not be named excellent for this year."""
    RECOMMENDATION = "recommendation"
    """Sent to the competent body, which answers in writing; the service decides nothing."""
    SUPERVISION = "supervision"
    """The unit is under key supervision."""
    TALK_REMINDER = "talk_reminder"
    TALK_ADMONITION = "talk_admonition"
    TALK = "talk"
    """A talk that either side asked for."""
    MERIT = "merit"
    """A merit is proposed; the competent body decides."""


LETTERS: Final = frozenset({ConsequenceKind.RECOMMENDATION, ConsequenceKind.MERIT})
"""What goes to a competent body and is answered."""
TALKS: Final = frozenset(
    {ConsequenceKind.TALK_REMINDER, ConsequenceKind.TALK_ADMONITION, ConsequenceKind.TALK}
)


class Basis(StrEnum):
    """Why it follows."""

    LAST = "last"
    """Last of its scope, as the rulebook has it."""
    GRAVE = "grave"
    """A grave event was confirmed."""
    BOTTOM = "bottom"
    """On one of the last places of the ranking."""
    BALLOTS = "ballots"
    """The share of the lowest answers on the ballots."""
    OFFICE = "office"
    """Proposed by the office with reasons."""


class ConsequenceState(StrEnum):
    """How far it is."""

    RECORDED = "recorded"
    DUE = "due"
    SENT = "sent"
    ANSWERED = "answered"
    HELD = "held"
    WITHDRAWN = "withdrawn"


class Answer(StrEnum):
    """What the competent body made of a letter."""

    FOLLOWED = "followed"
    PARTLY = "partly"
    NOT_FOLLOWED = "not_followed"


class Draft(msgspec.Struct, frozen=True):
    """What the rules or the office bring up; ``rule`` tells those of one basis apart."""

    unit: Code
    kind: ConsequenceKind
    basis: Basis
    rule: str = ""
    days: int = 0
    facts: dict[str, int] = {}
    text: str = ""


class Talk(msgspec.Struct, frozen=True):
    """The record of a talk: posts, never names."""

    held_on: date
    held_by: str
    spoke_with: str
    summary: str
    document: str
    follow_up: date | None = None
    place: str = ""
    promised: str = ""
    """What the unit undertook."""


class ConsequenceView(msgspec.Struct, frozen=True):
    """One consequence with what became of it."""

    id: int
    code: Code
    year: int
    unit_code: Code
    unit_name: str
    unit_name_en: str
    kind: ConsequenceKind
    basis: Basis
    rule: str
    facts: dict[str, int]
    text: str
    state: ConsequenceState
    made_at: datetime
    due_at: datetime | None
    body: str
    sent_at: datetime | None
    letter: str
    """Number of the letter."""
    answer: Answer | None
    answer_text: str
    answer_document: str
    answered_at: datetime | None
    talk: Talk | None
    reason: str
    """Why it was withdrawn."""

    def overdue(self, at: datetime) -> bool:
        """Tell whether an answer or a talk should have been there."""
        waits = self.state in {ConsequenceState.DUE, ConsequenceState.SENT}
        return waits and self.due_at is not None and at > self.due_at
