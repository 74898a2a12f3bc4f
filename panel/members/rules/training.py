"""Decisions about learning: what a quiz and a training sheet give, how long it holds."""

from __future__ import annotations

import datetime as dt

from panel.members.rules.seats import term_end


def valid_until(on: dt.date, months: int) -> dt.date:
    """Return the last day of a certificate: the day before the same day so many months later."""
    return term_end(on, months)
