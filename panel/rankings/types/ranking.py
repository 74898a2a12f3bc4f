"""What a ranking takes and gives; scores and spreads are integers in hundredths of a point."""

from enum import StrEnum

import msgspec


class Method(StrEnum):
    """How scores are made of sheets; the rulebook names one, the others stand beside it."""

    CROSSED_EFFECTS = "crossed_effects"
    MEAN_OF_WINDOW_MEANS = "mean_of_window_means"
    TRIMMED_MEAN = "trimmed_mean_of_window_means"
    POOLED_MEAN = "pooled_mean"


class Kind(StrEnum):
    """What is ranked."""

    UNIT = "unit"
    WINDOW = "window"


class Scope(StrEnum):
    """Within what "first" and "last" are meant."""

    PEER_GROUP = "peer_group"
    CITY = "city"


class Standing(StrEnum):
    """Whether there is enough to rank somebody by."""

    RANKED = "ranked"
    INSUFFICIENT = "insufficient"
    NOT_RANKED = "not_ranked"
    """Listed only, by decision of the rulebook."""


class Certainty(StrEnum):
    """How sure it is that a ranked subject truly belongs to the top or bottom list."""

    CONFIRMED = "confirmed"
    PROVISIONAL = "provisional"
    """In a list with less than the wanted probability, or outside with enough to be one of it."""
    CLEAR = "clear"
    """Outside of both lists, and surely so."""


class Sheet(msgspec.Struct, frozen=True):
    """One counted sheet; `window` is None for a unit without windows."""

    unit: str
    window: str | None
    rater: str
    score: int


class Cell(msgspec.Struct, frozen=True):
    """All counted sheets of one rater at one window: number, sum, sum of squares.

    `type` is form and manner of the visit (``window:covert``), `period` the round's code. `rater`
    stands for one person over a year, under a name that holds for that year's rankings only.
    """

    unit: str
    window: str | None
    rater: str
    n: int
    total: int
    squares: int
    type: str = ""
    period: str = ""


class Subject(msgspec.Struct, frozen=True):
    """A unit or window to be listed, visited or not."""

    key: str
    group: str
    ranked: bool = True


class Naming(msgspec.Struct, frozen=True):
    """The rulebook's minimums, scope, sizes of lists and gate."""

    scope: Scope
    minimum_visits: int
    minimum_raters: int
    list_size: int = 10
    share_percent: int = 20
    gate: int = 7500


class Entry(msgspec.Struct, frozen=True):
    """One line of a list.

    `place` counts from the top, `place_from_below` from the bottom, ties shared; both are None
    unless ranked. `spread` is the half-width of the 95 % interval, None where it is unknown.
    """

    key: str
    group: str
    n: int
    raters: int
    score: int | None
    spread: int | None
    place: int | None
    place_from_below: int | None
    standing: Standing
    in_top: bool
    in_bottom: bool
    under_gate: bool


class RankList(msgspec.Struct, frozen=True):
    """One list, of a peer group or (group "") of the whole city: by place, then the unranked."""

    kind: Kind
    method: Method
    group: str
    ranked: int
    top_size: int
    bottom_size: int
    entries: tuple[Entry, ...]
