"""Results as units are told them: in cells of several visitors, by months, without a name."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import msgspec

from panel.evaluations.types.exposures import Hit
from panel.ids import Code, PersonId


class ReleaseState(StrEnum):
    """How far a batch of results is."""

    DRAFT = "draft"
    RELEASED = "released"
    DROPPED = "dropped"
    """Given up before it was told; the next batch holds its sheets."""


class CommentState(StrEnum):
    """What a person decided about a comment."""

    WAITING = "waiting"
    PASSED = "passed"
    WITHHELD = "withheld"


class Span(StrEnum):
    """How long a time a cell covers."""

    MONTH = "month"
    QUARTER = "quarter"


class Leaf(msgspec.Struct, frozen=True):
    """One counted sheet as the batching sees it; ``person`` is a number within one computation.

    ``sections`` are hundredths by the section's id; ``form`` tells sheets that ask the same.
    """

    sheet: int
    unit: int
    parent: int | None
    round: int
    month: date
    person: int
    score: int
    form: str = ""
    sections: tuple[tuple[str, int], ...] = ()
    window: int | None = None


class Cell(msgspec.Struct, frozen=True):
    """Results that rest on enough visitors to be told."""

    unit: int
    whole: bool
    """Holds the sheets of the units below too, since alone they are too few."""
    span: Span
    since: date
    until: date
    """First day of the last month."""
    form: str
    sheets: tuple[int, ...]
    visitors: int
    score: int
    sections: tuple[tuple[str, int], ...]


class ReleaseView(msgspec.Struct, frozen=True):
    """One batch of results."""

    id: int
    code: Code
    state: ReleaseState
    made_at: datetime
    made_by: PersonId
    released_at: datetime | None
    visible_from: datetime | None
    cells: int
    comments: int
    waiting: int


class CellView(msgspec.Struct, frozen=True):
    """A cell as the office and its unit read it."""

    id: int
    unit_code: Code
    unit_name: str
    unit_name_en: str
    whole: bool
    span: Span
    since: date
    until: date
    visits: int
    score: int
    sections: tuple[tuple[str, int], ...]
    rulebook_code: Code
    form_key: str
    comments: tuple[str, ...] = ()


class CommentView(msgspec.Struct, frozen=True):
    """A comment that waits for a person, or what the person made of it."""

    code: Code
    cell: int
    unit_name: str
    unit_name_en: str
    original: str
    hits: tuple[Hit, ...]
    suggestion: str
    """The original with everything left out that the patterns found."""
    state: CommentState
    text: str
