"""A ranking on its way to the public; scores are integers in hundredths of a point."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from panel.ids import Code, PersonId
from panel.rankings.types.appeals import AppealView
from panel.rankings.types.lifecycle import DeliveryView, ReleaseStatus
from panel.rankings.types.ranking import Certainty, Kind, Method, Other, Standing, Step


class RankingState(StrEnum):
    """How far a ranking is (domain.md 4.13)."""

    DRAFT = "draft"
    CHECKED = "checked"
    """Recounted by a second person."""
    NOTIFIED = "notified"
    """Each unit was shown its own line; it may answer and appeal."""
    NOTICE = "notice"
    """In public notice; places under appeal are not printed."""
    FINAL = "final"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    """Corrected by a later edition; it stays readable under its banner."""
    WITHHELD = "withheld"


class AnswerState(StrEnum):
    """Whether the office replied to a unit's answer."""

    OPEN = "open"
    CONSIDERED = "considered"


class WindowFigure(msgspec.Struct, frozen=True):
    """One window's part in its unit's score: counted visits and the sum of their scores.

    The sum is freed from kind of visit and severity where the model does so, in its own unit.
    """

    code: Code
    name: str
    name_en: str
    visits: int
    sum: int
    weight: int = 1


class Rest(msgspec.Struct, frozen=True):
    """The windows of a unit whose own figures are not shown, taken together.

    ``sum_of_means`` adds up what each of them pulls, in the model's unit: its mean, or its
    shrunken mean. With the gains, of which `10**9` make one, the unit's score follows again. The
    weighted sums stand only where windows weigh differently, the total only for pooled means.
    What a method does not use is nought.
    """

    windows: int
    visits: int
    sum_of_means: int
    gain: int = 0
    weight: int = 0
    weighted_gain: int | None = None
    weighted_sum: int | None = None
    total: int = 0


class Row(msgspec.Struct, frozen=True):
    """One line of a list as anybody may read it.

    Where ``shown`` is false the figures rest on too few visitors, or would betray such figures
    beside what was told before (``withheld``: then the place stands without them): they are None
    and stored nowhere.
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
    certainty: Certainty | None = None
    chance_top: int | None = None
    """Probability of truly being one of the first, in hundredths of a percent."""
    chance_bottom: int | None = None
    rank_low: int | None = None
    """Best and worst place of the 95 % range."""
    rank_high: int | None = None
    set_low: int | None = None
    """Best and worst place of the simultaneous 95 % confidence set."""
    set_high: int | None = None
    story: tuple[Step, ...] = ()
    """Adds up to the score."""
    others: tuple[Other, ...] = ()
    without_low: int | None = None
    """Best and worst place if any one visitor had not come."""
    without_high: int | None = None
    form: str = ""
    """Whose mean the score starts from: `Model.types[form]`."""
    withheld: bool = False
    limit: int = 0
    """What was added to keep the score between 0 and 100; it follows from the sums, too."""


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
    edition: int = 1
    expected_top: int | None = None
    """Expected number of names in the top list that truly belong there, in hundredths."""
    expected_bottom: int | None = None


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
    edition: int = 1
    """The edition that counts now."""
    notice_from: datetime | None = None
    notice_until: datetime | None = None
    """Last moment of the public notice."""
    reason: str = ""
    """Why it was withheld, or taken up again after its publication."""
    withhold_by: PersonId | None = None
    withhold_at: datetime | None = None
    """When somebody asked that it be withheld; another person confirms or declines."""
    withhold_reason: str = ""
    withhold_document: str = ""


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
    printed: str = ""
    """What stands there of it: the text, or what the screening left of it."""

    @property
    def shortened(self) -> bool:
        """Tell whether something of the text was left out in print."""
        return self.shown and self.printed != self.text


class Reply(msgspec.Struct, frozen=True):
    """What the office replies to an answer, and what of it is printed."""

    reply: str
    shown: bool = False
    printed: str = ""
    """The answer as it is to be printed: `□` stands where something was left out."""
    screened: bool = False
    """Whether somebody says that neither text names a person or tells a visit."""

    def __repr__(self) -> str:
        """Show nothing: what a unit wrote must not stray into a log."""
        return "Reply(…)"


class OwnRanking(msgspec.Struct, frozen=True):
    """What a unit sees of one round: its own line, its windows, its answer."""

    ranking: RankingView
    list: ListView
    """The unit's list, reduced to its own line."""
    row: Row
    windows: tuple[Row, ...]
    """Lines of its windows that may be shown."""
    answer: AnswerView | None
    delivery: DeliveryView | None = None
    appeal: AppealView | None = None


class PublicationView(msgspec.Struct, frozen=True):
    """One publication in the chain; its hashes are empty until its files are written."""

    sequence: int
    round_code: Code
    title: str
    title_en: str
    published_at: datetime
    manifest_hash: str
    previous_hash: str
    edition: int = 1
    status: ReleaseStatus = ReleaseStatus.FINAL
    under_appeal: tuple[Code, ...] = ()
    """Units whose appeal was open then: their places, and those of their windows, not printed."""
