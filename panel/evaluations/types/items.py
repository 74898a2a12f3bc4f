"""Single items of the sheet over many visits."""

from __future__ import annotations

import msgspec


class ItemFigure(msgspec.Struct, frozen=True):
    """One item of a form over some sheets: how many visitors saw it, and its share of the most."""

    form_key: str
    item: str
    visitors: int
    sheets: int
    percent: int
    """Mean answer in whole percents of the full marks, rounded half up once."""
