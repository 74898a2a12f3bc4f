"""How far the applications fill the quotas of a campaign."""

from __future__ import annotations

import msgspec


class Crowd(msgspec.Struct, frozen=True):
    """Applicants who share their features: how many stand in the running, how many are vetted."""

    features: tuple[tuple[str, str], ...]
    running: int
    """Found eligible or not decided yet."""
    eligible: int


class Filled(msgspec.Struct, frozen=True):
    """One quota with its bounds and the applicants who could fill it."""

    name: str
    minimum: int
    maximum: int
    hard: bool
    running: int
    eligible: int

    @property
    def short(self) -> int:
        """Return how many applicants are missing even if everybody in the running is eligible."""
        return max(self.minimum - self.running, 0)


class Filling(msgspec.Struct, frozen=True):
    """A campaign's fill counters: the seats, then each quota in the plan's order."""

    seats: Filled
    lines: tuple[Filled, ...]
