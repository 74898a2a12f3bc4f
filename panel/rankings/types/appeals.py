"""Appeals: who asks for what to be looked at again, who decides, what follows."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from panel.ids import Code, PersonId

LONGEST: Final = 4000
"""Characters of a statement, of reasons, of a request."""
MOST_FILES: Final = 5


class AppealKind(StrEnum):
    """What is appealed against."""

    RANKING = "ranking"
    ASSESSMENT = "assessment"
    OFFICER = "officer"


class AppealGround(StrEnum):
    """What an appeal rests on."""

    FACT = "fact"
    PROCEDURE = "procedure"
    CALCULATION = "calculation"
    CONFLICT = "conflict"
    """Somebody who visited, reviewed or computed had an interest in the outcome."""
    FORCE_MAJEURE = "force_majeure"


class AppealState(StrEnum):
    """How far an appeal is (domain.md 4.15)."""

    FILED = "filed"
    ACKNOWLEDGED = "acknowledged"
    ADMITTED = "admitted"
    INADMISSIBLE = "inadmissible"
    REVIEWING = "reviewing"
    DECIDED = "decided"
    APPLIED = "applied"
    RECONSIDERATION = "reconsideration"
    """The unit asked once for another person to look at it again."""
    FINAL = "final"


WAITING: Final = frozenset(
    {
        AppealState.FILED,
        AppealState.ACKNOWLEDGED,
        AppealState.ADMITTED,
        AppealState.REVIEWING,
        AppealState.RECONSIDERATION,
    }
)
"""States in which a decision is waited for."""


class AppealOutcome(StrEnum):
    """What an independent reviewer decided."""

    UPHELD = "upheld"
    PARTLY = "partly"
    REJECTED = "rejected"


class Inadmissible(StrEnum):
    """Why an appeal is not gone into; only an independent reviewer says so."""

    NO_GROUND = "no_ground"
    NOT_OWN = "not_own"
    NOT_SIGNED = "not_signed"
    DECIDED_BEFORE = "decided_before"
    WITHDRAWN = "withdrawn"


class CaseStep(StrEnum):
    """A step in the course of an appeal, as its page shows it."""

    FILED = "filed"
    ACKNOWLEDGED = "acknowledged"
    ADMITTED = "admitted"
    INADMISSIBLE = "inadmissible"
    TAKEN = "taken"
    GIVEN_UP = "given_up"
    DECIDED = "decided"
    APPLIED = "applied"
    ASKED_AGAIN = "asked_again"
    ESCALATED = "escalated"
    FINAL = "final"


class AppealDraft(msgspec.Struct, frozen=True):
    """What a unit files; ``leader`` is who signed, ``document`` the number of the signed paper."""

    ground: str
    statement: str
    leader: str
    document: str
    pictures: tuple[bytes, ...] = ()
    """Pictures that were made anew (``web.images``), at most `MOST_FILES`."""

    def __repr__(self) -> str:
        """Show nothing: an appeal must not stray into a log."""
        return "AppealDraft(…)"


class Verdict(msgspec.Struct, frozen=True):
    """What an independent reviewer decides, in words that the unit reads."""

    outcome: str
    reasons: str
    sheets: tuple[int, ...] = ()
    """Numbers of sheets in the redacted record that must be void."""
    void_reason: str = ""
    """Key of the rulebook's reason for which they are void."""
    checked: tuple[str, ...] = ()
    """What was looked through: see `SCREENED`."""

    def __repr__(self) -> str:
        """Show the outcome alone."""
        return f"Verdict({self.outcome})"


SCREENED: Final = ("names", "times", "visitors")
"""A reviewer says of the reasons that they hold no names, no day or hour, nothing of a visitor."""


NOT_VOTED: Final = "not_voted"
"""Of an officer's case a reviewer also says: I was not at the meeting that voted."""


def to_check(kind: AppealKind) -> tuple[str, ...]:
    """Return what a reviewer confirms before a decision on an appeal of a kind."""
    return (*SCREENED, NOT_VOTED) if kind is AppealKind.OFFICER else SCREENED


class AppealView(msgspec.Struct, frozen=True):
    """One appeal without its texts."""

    id: int
    code: Code
    kind: AppealKind
    subject: str
    edition: int
    unit_code: Code
    unit_name: str
    unit_name_en: str
    ground: AppealGround
    document: str
    rulebook_code: Code
    handled_by: tuple[PersonId, ...]
    filed_by: PersonId | None
    filed_at: datetime
    state: AppealState
    instance: int
    acknowledged_at: datetime | None
    inadmissible: Inadmissible | None
    reviewer: PersonId | None
    first_reviewer: PersonId | None
    due_at: datetime
    escalated_at: datetime | None
    told_head_at: datetime | None
    outcome: AppealOutcome | None
    decided_at: datetime | None
    first_outcome: AppealOutcome | None
    first_decided_at: datetime | None
    reconsider_by: datetime | None
    applied_at: datetime | None
    applied_edition: int | None
    revision: int

    @property
    def granted(self) -> bool:
        """Tell whether the decision that counts asks for something to be changed."""
        return self.outcome in {AppealOutcome.UPHELD, AppealOutcome.PARTLY}

    @property
    def settled(self) -> bool:
        """Tell whether what it is about may go on: decided, and carried out where it was upheld.

        A unit may still ask for a reconsideration; until it does, nothing waits.
        """
        return self.state in {
            AppealState.INADMISSIBLE,
            AppealState.APPLIED,
            AppealState.FINAL,
        } or (self.state is AppealState.DECIDED and not self.granted)

    def overdue(self, at: datetime) -> bool:
        """Tell whether a decision should have been made."""
        return self.state in WAITING and at > self.due_at


class AppealTexts(msgspec.Struct, frozen=True):
    """What an appeal says and what it was answered; opened for those who may read it."""

    statement: str
    leader: str
    reasons: str
    first_reasons: str
    again: str
    files: tuple[Code, ...]

    def __repr__(self) -> str:
        """Show nothing."""
        return "AppealTexts(…)"


class CaseEvent(msgspec.Struct, frozen=True):
    """One step that an appeal took."""

    step: CaseStep
    at: datetime
    by: str
    text: str


class RecordItem(msgspec.Struct, frozen=True):
    """One answer on a sheet of the redacted record."""

    key: str
    value: str


class RecordSheet(msgspec.Struct, frozen=True):
    """One sheet of the redacted record: what was scored where, never by whom or when.

    ``number`` is its place in an order that only the service can make again.
    """

    number: int
    window_name: str
    window_name_en: str
    form_key: str
    covert: bool
    score: int
    items: tuple[RecordItem, ...]
    counted: bool
    asked_void: bool
    """Whether a decision on this appeal asks for it to be void."""


class SheetTask(msgspec.Struct, frozen=True):
    """A sheet that a decision wants void, and whether the reviewing office has done it."""

    code: Code
    reason: str
    voided: bool
    proposed: bool


class AppealFigures(msgspec.Struct, frozen=True):
    """How a unit's appeals went; ``days`` are whole days to each decision."""

    unit_code: Code
    unit_name: str
    unit_name_en: str
    filed: int
    upheld: int
    partly: int
    rejected: int
    inadmissible: int
    open: int
    overdue: int
    days: tuple[int, ...]
