"""What a ranking takes and gives; scores and spreads are integers in hundredths of a point."""

from __future__ import annotations

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
    type: str = ""
    """Kind of visit: "form:manner"."""


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


class Listing(msgspec.Struct, frozen=True):
    """What is to be listed of one kind: who, and by which rules of naming."""

    kind: Kind
    subjects: tuple[Subject, ...]
    naming: Naming


class Options(msgspec.Struct, frozen=True):
    """How scores, chances and ranges are computed; whatever of it changes, changes the hash."""

    method: Method = Method.CROSSED_EFFECTS
    seed: str = ""
    """Hex digits from which the simulated cities come."""
    draws: int = 10_000
    confirmed: int = 9_000
    """Chance from which a place in a list is confirmed, in hundredths of a percent."""
    provisional: int = 1_000
    """Chance from which somebody outside of a list is named as not settled."""
    trim_percent: int = 10
    weights: dict[str, int] = {}
    """Transactions by window; empty where windows weigh alike in their unit."""
    weight_cap_percent: int = 40


class Part(msgspec.Struct, frozen=True):
    """What one window puts into its unit's score; the public may read it if enough raters came.

    `sum` adds up the counted scores, freed from kind of visit and severity where the model does
    so: in `Model.scale` of a hundredth. A unit without windows is its own single part.
    """

    key: str
    n: int
    raters: int
    sum: int
    weight: int = 1


class Step(msgspec.Struct, frozen=True):
    """One step of the way from the mean of all sheets to a score, in hundredths of a point."""

    key: str
    """mean, windows, trimming, types, raters, shrinkage, limit."""
    points: int


class Other(msgspec.Struct, frozen=True):
    """What another method would give."""

    method: Method
    score: int | None
    place: int | None


class Entry(msgspec.Struct, frozen=True):
    """One line of a list.

    `place` counts from the top, `place_from_below` from the bottom, ties shared; both are None
    unless ranked. `spread` is the half-width of the 95 % interval, None where it is unknown.
    Chances are in hundredths of a percent; ranges of places hold the best and the worst.
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
    certainty: Certainty | None = None
    chance_top: int | None = None
    chance_bottom: int | None = None
    rank_low: int | None = None
    rank_high: int | None = None
    set_low: int | None = None
    set_high: int | None = None
    without_low: int | None = None
    without_high: int | None = None
    form: str = ""
    """Whose mean the score starts from: `Model.types[form]`."""
    parts: tuple[Part, ...] = ()
    """Windows of a unit, by key; the window itself in a list of windows."""
    story: tuple[Step, ...] = ()
    others: tuple[Other, ...] = ()


class RankList(msgspec.Struct, frozen=True):
    """One list, of a peer group or (group "") of the whole city: by place, then the unranked."""

    kind: Kind
    method: Method
    group: str
    ranked: int
    top_size: int
    bottom_size: int
    entries: tuple[Entry, ...]
    expected_top: int | None = None
    """Expected number of names in the top list that truly belong there, in hundredths."""
    expected_bottom: int | None = None


class Certificate(msgspec.Struct, frozen=True):
    """The solution of the model's equations as integers: anybody with the cells can check it.

    Every number is in `10**-decimals` of a hundredth. Raters stand under the labels of the cells;
    the certificate belongs into the sealed layer.
    """

    decimals: int
    types: dict[str, int]
    units: dict[str, int]
    windows: dict[str, int]
    raters: dict[str, int]
    bound: int
    """No number is further than this from the true solution."""
