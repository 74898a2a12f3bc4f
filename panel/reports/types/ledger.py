"""Values of a unit's ledger (台账): one line for everything that happened to it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec


class LedgerKind(StrEnum):
    """What a line of the ledger is about."""

    VISITS = "visits"
    """Counted visits of a round that is over."""
    RESULTS = "results"
    """A month's results as the unit was told them."""
    FINDING = "finding"
    RANKING = "ranking"
    APPEAL = "appeal"
    ORDER = "order"
    EXPOSURE = "exposure"
    MARK = "mark"


class LedgerLine(msgspec.Struct, frozen=True):
    """One line; what does not belong to its kind is empty.

    ``at`` is when the office or the unit learnt of it, never when somebody visited.
    """

    kind: LedgerKind
    at: datetime
    ref: str
    """Code of the round, finding, appeal, order, exposure or mark."""
    state: str = ""
    """Key of a state's name, as the catalogue knows it."""
    title: str = ""
    title_en: str = ""
    number: int | None = None
    score: int | None = None
    place: int | None = None
    ranked: int | None = None
