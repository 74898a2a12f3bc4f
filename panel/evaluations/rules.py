"""Decisions about sheets: pure."""

from __future__ import annotations

from panel.rulebook.types import Form


def capped(form: Form, score: int) -> int:
    """Return what a sheet with a confirmed grave event counts, in hundredths."""
    return min(score, form.veto_cap_hundredths)
