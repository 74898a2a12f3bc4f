"""Values of the evidence that goes with a sheet."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from panel.ids import Code

TICKET: Final = ""
"""The place of a picture of the ticket, which belongs to no item."""


class PhotoView(msgspec.Struct, frozen=True):
    """One picture of a visit without its bytes."""

    code: Code
    task_id: int
    item: str
    """The item beside which it was added; ``TICKET`` for the ticket."""
    size: int
    kept_at: datetime
    elsewhere: bool
    """The very same picture stands with another task too."""


class Picture(msgspec.Struct, frozen=True):
    """One picture of a visit with its bytes, always a JPEG without metadata."""

    view: PhotoView
    data: bytes

    def __repr__(self) -> str:
        """Show nothing of the picture in logs and errors."""
        return "Picture(…)"


class Position(msgspec.Struct, frozen=True):
    """Where a phone says it is: millionths of a degree, and within how many metres."""

    latitude: int
    longitude: int
    accuracy: int

    def __repr__(self) -> str:
        """Show nothing of the place in logs and errors."""
        return "Position(…)"
