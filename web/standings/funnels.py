"""The funnel of a list: how far chance alone would scatter scores, by the number of visits."""

from __future__ import annotations

from functools import partial
from math import isqrt
from statistics import median

from panel.rankings.types import ListView, Method, Row
from web import pictures
from web.i18n import Lang, gettext
from web.standings.lines import ALONE, Around
from web.standings.names import called

FEWEST = 3
"""Lines below which a funnel says nothing."""
_INTERVAL = 392
"""Both arms of a 95 % interval in hundredths of a standard deviation."""


def funnel(one: ListView, own: Row | None, lang: Lang, around: Around = ALONE) -> str:
    """Draw a list's funnel, with one line named; nothing where too few have a score.

    Scores are those before anything was pulled towards the middle, where the list knows them.
    """
    dots = [
        pictures.Dot(
            visits=row.visits,
            score=_drawn(row),
            name=called(row.name, row.name_en, lang) if own and row.code == own.code else "",
        )
        for row in one.rows
        if row.score is not None and row.visits
    ]
    if len(dots) < FEWEST:
        return ""
    return pictures.funnel(dots, _spread(one, around), partial(gettext, lang))


def _drawn(row: Row) -> int:
    """Return the mean of window means, which chance scatters freely, else the score itself."""
    plain = (each.score for each in row.others if each.method is Method.MEAN_OF_WINDOW_MEANS)
    found = next((score for score in plain if score is not None), row.score)
    return found if found is not None else 0


def _spread(one: ListView, around: Around) -> int:
    """Return the standard deviation of a single visit: the model's, else the intervals' own."""
    found = around.model.spread if around.model else {}
    if found.get("residual"):
        return isqrt(found["residual"] ** 2 + found.get("rater", 0) ** 2)
    each = [
        ((row.high - row.low) * 100 / _INTERVAL) ** 2 * row.visits
        for row in one.rows
        if row.low is not None and row.high is not None and row.visits
    ]
    return isqrt(round(median(each))) if each else 0
