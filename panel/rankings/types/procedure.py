"""A ranking on its way to the public; scores are integers in hundredths of a point."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from panel.ids import Code, PersonId
from panel.rankings.types.ranking import Kind, Method, Standing


class RankingState(StrEnum):
    """How far a ranking is: computed, shown to the units, public."""

    DRAFT = "draft"
    NOTIFIED = "notified"
    PUBLISHED = "published"


class AnswerState(StrEnum):
    """Whether the office replied to a unit's answer."""

    OPEN = "open"
    CONSIDERED = "considered"


class WindowFigure(msgspec.Struct, frozen=True):
    """One window's part in its unit's score: counted visits and the sum of their scores."""

    code: Code
    name: str
    name_en: str
    visits: int
    sum: int


class Rest(msgspec.Struct, frozen=True):
    """The windows of a unit whose own figures are not shown, taken together.

    ``sum_of_means`` adds up their means in whole hundredths, so that the unit's score can be
    recomputed from what is public.
    """

    windows: int
    visits: int
    sum_of_means: int


class Row(msgspec.Struct, frozen=True):
    """One line of a list as anybody may read it.

    Where ``shown`` is false the figures rest on too few visitors, or would betray such figures:
    they are None and stored nowhere.
    """

    code: Code
    name: str
    name_en: str
    group: str
    unit_code: Code
    unit_name: str
    unit_name_en: str
    standing: Standing
    shown: bool
    place: int | None = None
    place_from_below: int | None = None
    score: int | None = None
    low: int | None = None
    high: int | None = None
    visits: int | None = None
    visitors: int | None = None
    in_top: bool = False
    in_bottom: bool = False
    provisional: bool = False
    """In the top or bottom list, but not to be told apart from who follows outside of it."""
    under_gate: bool = False
    band: int | None = None
    """Neighbours with the same number can't be told apart."""
    windows: tuple[WindowFigure, ...] = ()
    rest: Rest | None = None


class ListView(msgspec.Struct, frozen=True):
    """One immutable list: of a peer group, or (scope "") of the whole city."""

    code: Code
    kind: Kind
    scope: str
    method: Method
    rulebook_hash: str
    input_hash: str
    code_version: str
    ranked: int
    list_size: int
    rows: tuple[Row, ...]


class RankingView(msgspec.Struct, frozen=True):
    """The ranking of one round with the steps that were taken."""

    id: int
    round_id: int
    round_code: Code
    title: str
    title_en: str
    rulebook_code: Code
    state: RankingState
    computed_by: PersonId | None
    computed_at: datetime
    notified_at: datetime | None
    answer_by: datetime | None
    """Last moment at which a unit may answer."""
    published_at: datetime | None
    published_by: PersonId | None
    document: str


class AnswerView(msgspec.Struct, frozen=True):
    """What a unit said about its own line, and what the office replied."""

    code: Code
    round_code: Code
    unit_code: Code
    unit_name: str
    unit_name_en: str
    text: str
    filed_at: datetime
    state: AnswerState
    reply: str
    considered_at: datetime | None
    shown: bool
    """Whether the text stands on the unit's public page."""


class OwnRanking(msgspec.Struct, frozen=True):
    """What a unit sees of one round: its own line, its windows, its answer."""

    ranking: RankingView
    list: ListView
    """The unit's list, reduced to its own line."""
    row: Row
    windows: tuple[Row, ...]
    """Lines of its windows that may be shown."""
    answer: AnswerView | None


class PublicationView(msgspec.Struct, frozen=True):
    """One publication in the chain; its hashes are empty until its files are written."""

    sequence: int
    round_code: Code
    title: str
    title_en: str
    published_at: datetime
    manifest_hash: str
    previous_hash: str
