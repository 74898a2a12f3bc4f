"""What a draw by lot gives: who goes where, and the order from which it followed."""

from __future__ import annotations

import msgspec

from panel.chance import Json
from panel.visits.types.tasks import Offer


class Lots(msgspec.Struct, frozen=True):
    """The drawn offers with their substitutes, and what the record of the draw says of them."""

    offers: tuple[Offer, ...]
    reserves: dict[str, tuple[str, ...]]
    """Substitutes of each place, in the order of its unit's lot."""
    unmet: tuple[tuple[str, int, str], ...]
    """Places that get fewer visits than planned: code, number, reason."""
    public: tuple[dict[str, Json], ...]
    """Each lot under its number, without unit: labels drawn, skipped with reasons, substitutes."""
    sealed: tuple[tuple[int, str], ...]
    """Which lot belongs to which unit."""
