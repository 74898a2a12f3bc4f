"""Charts as SVG made on the server; each stands beside the table that holds the same numbers.

Widths are shares of the room and heights are multiples of the text, so that one picture fits a
phone, a desk, a sheet of paper and the large mode; colours come from classes in ``app.css``.
``say`` is the page's translation: ``say("Gate {score}", score="80.00")``.
"""

from web.pictures.bars import (
    Composition,
    Fill,
    Part,
    Tick,
    done_bars,
    fill_bars,
    progress_bar,
    stacked_bars,
)
from web.pictures.counts import Column, Coverage, columns, coverage_strips, histogram, leaning
from web.pictures.frame import Say, Scale, points
from web.pictures.funnel import Dot, funnel
from web.pictures.ranks import RankRow, axis_strip, dot_strip, scale_of
from web.pictures.why import Range, Step, places, staircase

__all__ = [
    "Column",
    "Composition",
    "Coverage",
    "Dot",
    "Fill",
    "Part",
    "Range",
    "RankRow",
    "Say",
    "Scale",
    "Step",
    "Tick",
    "axis_strip",
    "columns",
    "coverage_strips",
    "done_bars",
    "dot_strip",
    "fill_bars",
    "funnel",
    "histogram",
    "leaning",
    "places",
    "points",
    "progress_bar",
    "scale_of",
    "stacked_bars",
    "staircase",
]
