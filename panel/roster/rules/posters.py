"""What may be printed at once, and what a file of posters is called."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from panel.errors import Conflict, Missing
from panel.ids import Code
from panel.roster.types import KEPT, PosterRunView, PosterState, WindowView

MOST: Final = 2000
"""Posters of one file: a worker draws for half a minute, and nobody carries more paper."""
STUCK: Final = timedelta(days=1)
"""After that a file that no worker finished is given up."""


def choose(codes: Sequence[Code], most: int) -> tuple[Code, ...]:
    """Return each code once; refuse none at all, and too many."""
    chosen = tuple(dict.fromkeys(codes))
    if not chosen:
        raise Conflict("roster.no_posters")
    if len(chosen) > most:
        raise Conflict("posters.too_many", most=most, found=len(chosen))
    return chosen


def all_found(codes: Sequence[Code], windows: Sequence[WindowView]) -> None:
    """Refuse codes of windows that don't exist or were given up."""
    if len(windows) != len(codes):
        raise Missing("roster.window")


def named(windows: Sequence[WindowView]) -> tuple[str, str]:
    """Return the name in both languages of the unit, else the hall, that all windows share."""
    units = {(each.unit_name, each.unit_name_en) for each in windows}
    halls = {(each.hall_name, each.hall_name_en) for each in windows}
    if len(windows) == 1:
        return windows[0].name, windows[0].name_en
    for found in (units, halls):
        if len(found) == 1:
            return next(iter(found))
    return "", ""


def cancel(run: PosterRunView) -> None:
    """Refuse to stop what is not on its way any more."""
    if not run.running:
        raise Conflict("posters.not_running")


def over(run: PosterRunView, at: datetime) -> PosterState | None:
    """Return into which state a file's time brings it, if it is over."""
    if run.running and run.started_at <= at - STUCK:
        return PosterState.CANCELLED
    finished = run.finished_at or run.started_at
    if run.state is PosterState.DONE and finished <= at - KEPT:
        return PosterState.GONE
    return None
