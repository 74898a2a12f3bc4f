"""What the next round is planned from: how sure the last lists are of each place."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from panel.ids import Code


class Side(msgspec.Struct, frozen=True):
    """What a list tells of one line, in plain values; chances are hundredths of a percent.

    ``low`` and ``high`` end the 95 % interval of the score; where a value is None, nobody knows.
    """

    in_top: bool = False
    in_bottom: bool = False
    chance_top: int | None = None
    chance_bottom: int | None = None
    low: int | None = None
    high: int | None = None
    visits: int = 0


class Doubt(StrEnum):
    """Why a place gets more or fewer visits."""

    UNKNOWN = "unknown"
    """Too little is known to list it at all."""
    TOP = "top"
    """It may stand on the wrong side of the line of the first."""
    BOTTOM = "bottom"
    SETTLED = "settled"
    """Its side of both lines is clear: it gets its even share."""


class Proposal(msgspec.Struct, frozen=True):
    """What a place may expect of the next round; the seed that settles fractions stays sealed."""

    place: Code
    unit: Code
    doubt: Doubt
    chance: int | None
    """Probability that it or its unit stands on the wrong side, in hundredths of a percent."""
    visits: int
    """Counted visits of the year so far."""
    expected: int
    """Visits to come, in hundredths."""
