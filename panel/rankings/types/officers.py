"""Lists of mid-level officers (十佳十差): whose visits were whose, who is proposed, what followed.

The service proposes candidates; people hear them, vote and decide. No struct here holds a name.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Final

import msgspec

from panel.ids import Code, PersonId
from panel.rankings.types.ranking import Certainty, Method, Standing

LONGEST: Final = 4000
"""Characters of a record, of reasons, of an answer."""
LINE: Final = 200


class Side(StrEnum):
    """Which of the two lists somebody is proposed for."""

    TOP = "top"
    BOTTOM = "bottom"


class Basis(StrEnum):
    """What a proposal rests on; one is enough."""

    STATISTICS = "statistics"
    EVIDENCE = "evidence"


class CaseState(StrEnum):
    """How far a proposed officer's case is (domain.md 4.13)."""

    NOMINATED = "nominated"
    ELIGIBLE = "eligible"
    INELIGIBLE = "ineligible"
    NOTIFIED = "notified"
    HEARD = "heard"
    VOTED = "voted"
    DECIDED = "decided"
    PUBLISHED = "published"
    NOT_PUBLISHED = "not_published"
    WITHDRAWN = "withdrawn"
    """Taken off the list again after an appeal or a reconsideration."""


class Disclosure(StrEnum):
    """How far a list is told, the farthest first."""

    NAMED = "named"
    POST_ONLY = "post_only"
    INTERNAL = "internal"


class Hearing(StrEnum):
    """How an officer was heard."""

    ORAL = "oral"
    WRITTEN = "written"
    SILENT = "silent"
    """Nothing was said until the time was over."""


class MeasureKind(StrEnum):
    """What a list leads to; the competent body decides on it, never the service."""

    MERIT = "merit"
    WARNING = "warning"


class MeasureOutcome(StrEnum):
    """What the competent body answered."""

    ADOPTED = "adopted"
    CHANGED = "changed"
    DECLINED = "declined"


class Figure(msgspec.Struct, frozen=True):
    """One officer's line of a computed list; ``officer`` is a code."""

    officer: Code
    unit: Code
    standing: Standing
    visits: int
    raters: int
    findings: tuple[Code, ...] = ()
    """Verified findings that may be held against this officer: see `rules.officers.evidence`."""
    score: int | None = None
    low: int | None = None
    high: int | None = None
    place: int | None = None
    place_from_below: int | None = None
    ranked: int = 0
    """How many officers of the same list have enough visits to be compared."""
    certainty: Certainty | None = None


class OfficerList(msgspec.Struct, frozen=True):
    """One computing of the officers' figures of a year, as far as a round goes."""

    id: int
    round_code: Code
    number: int
    rulebook_code: Code
    method: Method
    computed_by: PersonId | None
    computed_at: datetime
    input_hash: str
    attributed: int
    """Counted sheets that a confirmed roster gives to exactly one officer."""
    unattributed: int
    figures: tuple[Figure, ...]

    @property
    def ranked(self) -> int:
        """Return how many officers have enough visits to be compared."""
        return sum(each.standing is Standing.RANKED for each in self.figures)


class Candidate(msgspec.Struct, frozen=True):
    """Somebody whom the figures or the evidence would allow to propose; proposing is a person's."""

    officer: Code
    side: Side
    bases: tuple[Basis, ...]
    findings: tuple[Code, ...] = ()
    commendations: tuple[Code, ...] = ()
    figure: Figure | None = None


class Evidence(msgspec.Struct, frozen=True):
    """What a case rests on, kept as it stood when somebody was proposed."""

    bases: tuple[Basis, ...]
    edition: int
    findings: tuple[Code, ...] = ()
    commendations: tuple[Code, ...] = ()
    score: int | None = None
    low: int | None = None
    high: int | None = None
    place: int | None = None
    place_from_below: int | None = None
    ranked: int = 0


class CommendationView(msgspec.Struct, frozen=True):
    """A written commendation of one officer; what it says lies in the vault."""

    code: Code
    officer: Code
    received_on: date
    document: str
    recorded_by: PersonId | None
    recorded_at: datetime
    verified_by: PersonId | None
    verified_at: datetime | None


class Ballot(msgspec.Struct, frozen=True):
    """How a meeting voted on one case."""

    body: str
    held_on: date
    entitled: int
    present: int
    in_favour: int
    against: int
    abstained: int
    document: str
    record: str
    """Who said what, and the reasons; goes to the vault."""

    def __repr__(self) -> str:
        """Show nothing: what was said of somebody must not stray into a log."""
        return "Ballot(…)"


class VoteView(msgspec.Struct, frozen=True):
    """A recorded vote without what was said."""

    body: str
    held_on: date
    entitled: int
    present: int
    in_favour: int
    against: int
    abstained: int
    document: str
    carried: bool
    recorded_by: PersonId | None
    recorded_at: datetime


class MeasureView(msgspec.Struct, frozen=True):
    """A proposal of merit or warning to the competent body, and what it answered."""

    kind: MeasureKind
    body: str
    document: str
    sent_on: date
    sent_by: PersonId | None
    outcome: MeasureOutcome | None
    answer_document: str
    answered_on: date | None


class CaseView(msgspec.Struct, frozen=True):
    """One case without who it is about: ``officer`` is opened by a look on the record alone."""

    id: int
    code: Code
    round_code: Code
    round_title: str
    round_title_en: str
    officer: Code
    person: PersonId
    side: Side
    evidence: Evidence
    state: CaseState
    nominated_by: PersonId | None
    nominated_at: datetime
    checked_by: PersonId | None
    checked_at: datetime | None
    check_document: str
    delivered_on: date | None
    notice_document: str
    notified_by: PersonId | None
    hear_until: datetime | None
    heard_on: date | None
    hearing: Hearing | None
    hearing_document: str
    heard_by: PersonId | None
    vote: VoteView | None
    listed: bool | None
    decided_on: date | None
    decision_document: str
    decided_by: PersonId | None
    decided_at: datetime | None
    told_on: date | None
    appeal_until: datetime | None
    level: Disclosure | None
    approval: str
    """Number of the approval without which no honour is made public (批准文号)."""
    published_by: PersonId | None
    published_at: datetime | None
    end_document: str
    measure: MeasureView | None
    rulebook_code: Code


class CaseTexts(msgspec.Struct, frozen=True):
    """What was written in the course of a case, opened from the vault."""

    check: str = ""
    hearing: str = ""
    vote: str = ""
    decision: str = ""
    appeal: str = ""
    again: str = ""
    end: str = ""
    measure: str = ""
    answer: str = ""

    def __repr__(self) -> str:
        """Show nothing."""
        return "CaseTexts(…)"


class Who(msgspec.Struct, frozen=True):
    """Who a case is about, for a reader whose look was noted."""

    name: str
    post: str
    post_en: str
    unit_name: str
    unit_name_en: str
    places: tuple[tuple[str, str], ...]
    """Where somebody served, in both languages; the hall alone where few serve at a window."""

    def __repr__(self) -> str:
        """Show nothing."""
        return "Who(…)"


class PublishedOfficer(msgspec.Struct, frozen=True):
    """One line of a published list; the name is empty where the post alone is told."""

    case: Code
    round_code: Code
    side: Side
    level: Disclosure
    name: str
    post: str
    post_en: str
    unit_name: str
    unit_name_en: str
    places: tuple[tuple[str, str], ...]
    document: str
    approval: str
    published_at: datetime
    until: date
    """Last day on which it may be shown."""

    def __repr__(self) -> str:
        """Show nothing: a name must not stray into a log."""
        return "PublishedOfficer(…)"
