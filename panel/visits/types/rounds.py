"""Rounds: the plan, its states, what it covers and whether the panel can carry it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

import msgspec

from panel.ids import Code, PersonId


class RoundState(StrEnum):
    """How far a round is; ``computed`` is reached when its ranking stands."""

    DRAFT = "draft"
    APPROVED = "approved"
    COMMITTED = "committed"
    RUNNING = "running"
    CLOSED = "closed"
    COMPUTED = "computed"
    CANCELLED = "cancelled"


class RoundKind(StrEnum):
    """Why a round takes place."""

    SCHEDULED = "scheduled"
    AD_HOC = "ad_hoc"
    TARGETED = "targeted"
    """Sent by complaints; its visitors are drawn by lot from the whole panel."""
    CONFIRMING = "confirming"
    """A second stage: further visits where the lists of the first are unclear."""
    REVISIT = "revisit"
    """Looks whether what was found is put right."""


class Mode(StrEnum):
    """Whether the window knows who visits it."""

    OPEN = "open"
    COVERT = "covert"


class SeedSource(StrEnum):
    """Where the chance of a draw comes from; the organiser's chain of codes is always part."""

    CHAIN = "chain"
    """A code of the organiser's chain, published long before it is revealed."""
    LOTTERY = "lottery"
    """Two public lotteries besides, in issues announced before they are drawn."""
    WITNESSED = "witnessed"
    """The chain's code within the hour, under the eyes of two witnesses: weaker, and said so."""


class PublicGame(StrEnum):
    """Public lotteries whose three digits anybody can look up."""

    WELFARE = "fc3d"
    SPORTS = "pl3"


class Announced(msgspec.Struct, frozen=True):
    """An issue of a public lottery that was named before it was drawn, and its number after."""

    game: PublicGame
    issue: str
    on: date
    value: str = ""


class Witnesses(msgspec.Struct, frozen=True):
    """Who saw a draw within the hour: two offices or posts, never names, and their minutes."""

    first: str
    second: str
    document: str


class RoundDraft(msgspec.Struct, frozen=True):
    """A plan as a coordinator writes it; ``covert_percent`` is the covert share of the visits."""

    title: str
    title_en: str
    theme: str
    groups: tuple[str, ...]
    covert_percent: int
    visits_per_window: int
    visits_per_unit: int
    starts: datetime
    ends: datetime
    due_hours: int
    legal_basis: str
    register_number: str
    max_tasks: int
    unranked: tuple[str, ...] = ()
    """Peer groups that are visited below the minimum and therefore not ranked."""
    disclosure: str = ""
    disclosed_on: date | None = None
    """The day the public was told that visits take place: aims, forms, never dates."""
    kind: RoundKind = RoundKind.SCHEDULED
    parent: str = ""
    """Code of the round that this one continues: of a second stage, of a look whether it is put
    right, or of the ranking that a scheduled round was planned from."""
    targets: Mapping[str, int] = {}
    """Chosen windows and units by their codes with the visits of each; empty for whole groups."""
    claims: bool = False
    """Visits that nobody could be sent to may be taken by members who have room."""
    double_percent: int = 0
    """Share of the visits that a second member makes blindly, to measure agreement."""
    source: SeedSource = SeedSource.CHAIN

    @property
    def figured(self) -> bool:
        """Tell whether the places followed from figures, so that nobody chooses them by hand.

        A scheduled round that names another one was planned from that one's ranking.
        """
        planned = self.kind is RoundKind.SCHEDULED and bool(self.parent)
        return planned or self.kind in {RoundKind.TARGETED, RoundKind.CONFIRMING}


class RoundView(msgspec.Struct, frozen=True):
    """One round as the office sees it."""

    id: int
    code: Code
    state: RoundState
    draft: RoundDraft
    rulebook_code: Code
    created_by: PersonId
    created_at: datetime
    approved_by: PersonId | None
    approved_at: datetime | None
    approval_document: str
    committed_at: datetime | None
    drawn_by: PersonId | None
    drawn_at: datetime | None
    closed_at: datetime | None
    closes_at: datetime
    """End of the round with its days of grace: from then on it may be closed."""
    commitment: str
    """Canonical JSON of what was fixed before the chain code was revealed; empty before."""
    record_hash: str
    """SHA-256 of the draw's record; empty before the draw."""
    announced: tuple[Announced, ...] = ()
    witnesses: Witnesses | None = None
    cancelled_by: PersonId | None = None
    cancelled_at: datetime | None = None
    cancelled_reason: str = ""

    @property
    def covert(self) -> bool:
        """Tell whether any visit of the round may be covert."""
        return self.draft.covert_percent > 0

    @property
    def public(self) -> bool:
        """Tell whether everybody may know of the round: as soon as it was approved, for good.

        Of a covert re-visit once it is over: its few units would know that somebody comes.
        """
        if self.approved_at is None:
            return False
        foretells = self.draft.kind is RoundKind.REVISIT and self.covert
        return self.closed_at is not None or not foretells


class Place(msgspec.Struct, frozen=True):
    """A window, or a unit that has none, with where it is; coordinates are micro-degrees."""

    unit_id: int
    unit_code: Code
    window_id: int | None
    window_code: Code | None
    peer_group: str
    covert_ok: bool
    district: str
    latitude: int | None
    longitude: int | None
    demand: int
    id: int = 0
    """Id of the frozen row, 0 while the plan is a draft."""
    town: bool = False
    """A town's or street's office: nobody who lives in its district judges it."""

    @property
    def code(self) -> Code:
        """Return the code under which the place stands in the records of the draw."""
        return self.window_code or self.unit_code


class GroupCoverage(msgspec.Struct, frozen=True):
    """What a plan covers of one peer group; ``minimum`` is per window or unit."""

    key: str
    units: int
    windows: int
    bare_units: int
    """Units without a window: visited as a unit."""
    visits: int
    minimum: int
    least: int
    """Visits of the place that gets the fewest."""
    ranked: bool
    weeks: tuple[int, ...]
    """Visits that fall due in each week of the round."""

    @property
    def thin(self) -> bool:
        """Tell whether the group is to be ranked on fewer visits than the rulebook asks for."""
        return self.ranked and self.least < self.minimum

    @property
    def places(self) -> int:
        """Return the number of places to visit."""
        return self.windows + self.bare_units


class Capacity(msgspec.Struct, frozen=True):
    """Whether the qualified members can carry a plan."""

    groups: tuple[GroupCoverage, ...]
    members: int
    max_tasks: int
    tasks: int
    covert: int
    """Visits that will be covert: the share, but only where a place is fit for it."""
    minimum_load: int
    maximum_load: int
    doubles: int = 0
    """Visits among the tasks that a second member makes blindly."""
    cost_hundredths: int = 0
    """What the tasks cost in allowances, in hundredths of a yuan."""

    @property
    def room(self) -> int:
        """Return how many tasks the members may get at most."""
        return self.members * self.max_tasks


class CoverageRow(msgspec.Struct, frozen=True):
    """One window (or unit without windows) of a round, its visits by week of the round."""

    place_id: int
    unit_code: Code
    unit_name: str
    unit_name_en: str
    window_code: Code | None
    window_name: str
    window_name_en: str
    peer_group: str
    demand: int
    planned: tuple[int, ...]
    """Live tasks by the week in which they are due."""
    done: tuple[int, ...]
    """Submitted or accepted sheets by the same weeks."""


class GroupWeeks(msgspec.Struct, frozen=True):
    """A peer group's visits by week of the round, as of a place."""

    peer_group: str
    planned: tuple[int, ...]
    done: tuple[int, ...]


class Figures(msgspec.Struct, frozen=True):
    """What a draw came to."""

    position: int
    """Place of the revealed code in the organiser's chain."""
    wanted: int
    far: int
    unmet: tuple[tuple[str, int, str], ...]
    """Places that get fewer visits than planned: code, number, reason."""
    skipped: int
    """Committed members who were no longer qualified at the draw."""
    doubles: int = 0
    """Blind double visits that were made up."""


class Past(msgspec.Struct, frozen=True):
    """What earlier rounds forbid each member; windows and units by their inner ids."""

    windows: dict[Code, set[int]]
    """Visited within the days of rotation."""
    units: dict[Code, set[int]]
    """Visited in the rounds that must lie between."""
    recused: dict[Code, set[int]]
    """Not judged by this member, in whatever round that was said."""
    homes: dict[Code, str] = {}
    """By which home members are recognised who share one with another; a keyed hash."""


class Score(msgspec.Struct, frozen=True):
    """What a ranking knows of a unit, in plain values; scores are hundredths of a point."""

    unit: Code
    score: int | None
    spread: int | None
    """Half-width of the 95 % interval; None where it is unknown."""
    in_bottom: bool
    in_top: bool
    provisional: bool


class Spread(msgspec.Struct, frozen=True):
    """How the visits of a second stage were shared out, so that anybody can do it again.

    ``weights`` are whole numbers by place code; ``demand`` is what came out.
    """

    seed: str
    visits: int
    uniform_percent: int
    cap_times: int
    weights: Mapping[str, int]
    demand: Mapping[str, int]


class Pool(msgspec.Struct, frozen=True):
    """Visits of one district that members with room may take; no place is told before."""

    round_code: Code
    title: str
    title_en: str
    district: str
    count: int
