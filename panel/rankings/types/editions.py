"""One computed edition of a ranking: its model, its proof, what changed since the one before.

Scores are integers in hundredths of a point, effects in the model's own whole units
(`Model.scale` of them make one hundredth).
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from panel.ids import Code, PersonId
from panel.rankings.types.ranking import Cell, Certificate, Kind, Method, RankList, Subject
from panel.rulebook.types import Ranking


class Model(msgspec.Struct, frozen=True):
    """The published numbers that, with each window's sums, give every score again.

    `unit_ratio`, `window_ratio` and `rater_ratio` are the residual variance in times of the
    others', rounded to three figures and given in thousandths; None where the method has none.
    """

    method: Method
    scale: int = 1
    unit_ratio: int | None = None
    window_ratio: int | None = None
    rater_ratio: int | None = None
    types: dict[str, int] = {}
    """What each kind of visit ("form:manner") gives on average, and each form ("form") in the
    city's mix of manners: where the scores of its units start from."""
    spread: dict[str, int] = {}
    """Standard deviations in hundredths: residual, unit, window, rater."""
    seed: str = ""
    draws: int = 0


class Name(msgspec.Struct, frozen=True):
    """How a unit or window is called, and whose it is."""

    name: str
    name_en: str
    unit_code: Code
    unit_name: str
    unit_name_en: str


class Earlier(msgspec.Struct, frozen=True):
    """What was published of the same year before: its cells, and which windows showed figures."""

    round: Code
    edition: int
    cells: tuple[Cell, ...]
    hidden: tuple[str, ...]
    """Windows without own figures, and units of which nothing but the place was told."""


class Told(msgspec.Struct, frozen=True):
    """One figure that a unit was told in a batch of results: the counted sheets behind it."""

    cells: tuple[Cell, ...]


class Sealed(msgspec.Struct, frozen=True):
    """Everything that an edition was computed from: from it alone all digits follow again.

    Most cells hold one visit, so it is kept encrypted; its hash is public. The salt keeps anybody
    from trying out contents against the hash.
    """

    salt: str
    round: Code
    number: int
    rounds: tuple[Code, ...]
    rulebook_hash: str
    ranking: Ranking
    minimum: int
    """Different visitors without whom no figure is shown."""
    seed: str
    """Hash of the round's draw, public before any visit; the same for every edition."""
    cells: tuple[Cell, ...]
    units: tuple[Subject, ...]
    windows: tuple[Subject, ...]
    names: dict[str, Name]
    rolled_up: tuple[str, ...]
    """Windows with too few staff: their figures are shown in their unit only."""
    transactions: dict[str, int] = {}
    """Matters handled by each window in a year, for measures by which they weigh."""
    earlier: tuple[Earlier, ...] = ()
    told: tuple[Told, ...] = ()
    keeps_severity: bool = False
    """Whether sheets of earlier rounds keep the severity first told; no edition did so once."""


class Computed(msgspec.Struct, frozen=True):
    """Everything that one computing gives."""

    lists: tuple[RankList, ...]
    model: Model
    input_hash: str
    certificate: Certificate | None = None
    """None where no system of equations was solved."""


class Change(msgspec.Struct, frozen=True):
    """How one line of a list differs from the edition before."""

    kind: Kind
    code: Code
    name: str
    name_en: str
    place_before: int | None
    place_after: int | None
    score_before: int | None
    score_after: int | None


class EditionView(msgspec.Struct, frozen=True):
    """One edition: computed once, never changed."""

    ranking_id: int
    number: int
    computed_by: PersonId | None
    computed_at: datetime
    reason: str
    """Why it was computed again; empty for the first."""
    rounds: tuple[Code, ...]
    """Rounds of the year whose sheets are counted."""
    input_hash: str
    sealed_hash: str
    """Hash of the rater by window table, which auditors and the recount read."""
    receipts_root: str
    """Merkle root of the receipts of all sheets that arrived in these rounds."""
    receipts: int
    code_version: str
    model: Model
    changes: tuple[Change, ...]
