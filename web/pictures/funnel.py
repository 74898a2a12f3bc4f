"""The funnel: scores by the number of visits, and how far chance alone would scatter them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import sqrt

import msgspec

from web.pictures.frame import Say, anchor, line, picture, points, short, text

_Z = 1.96
_POINTS = 24
_TOP, _HEIGHT = 1.6, 13.0


class Dot(msgspec.Struct, frozen=True):
    """One unit: its counted visits, its score in hundredths, its name if it is the one meant."""

    visits: int
    score: int
    name: str = ""


def funnel(dots: Sequence[Dot], spread: int, say: Say) -> str:
    """Draw all units of a group by visits and score over the funnel of chance.

    ``spread`` is the standard deviation of one visit, in hundredths: the mean of n visits lies
    within 1.96 · spread / √n of the middle in nineteen of twenty cases, if all were equally good.
    """
    if not dots:
        return picture(1, say("Scores by number of visits"), say("No unit has a score."), [])
    most = max(dot.visits for dot in dots) * 1.06
    middle = sum(dot.score for dot in dots) / len(dots)
    low, high = _ends(dots, middle, spread, most)

    def down(score: float) -> float:
        return min(max((high - score) * _HEIGHT / (high - low), 0), _HEIGHT)

    level = f"{short(_TOP + down(middle))}em"
    body = [_cone(most, middle, spread, down), line(0, level, 100, level, "axis")]
    for dot in sorted(dots, key=lambda each: bool(each.name)):
        kind, size = ("dot", 0.5) if dot.name else ("s2", 0.28)
        x, y = dot.visits * 100 / most, _TOP + down(dot.score)
        body.append(f'<circle class="{kind}" cx="{short(x)}%" cy="{short(y)}em" r="{size}em"/>')
        if dot.name:
            beside = y - 0.9 if y > _TOP + 2 else y + 1.7
            body.append(text(f"{short(x)}%", beside, dot.name, f"strong {anchor(x)}"))
    words = [
        text("100%", 1, say("Mean {score}", score=points(round(middle))), "soft end"),
        text("0", 1, f"{say('Score')} {points(round(high))}", "soft"),
        text("0", _TOP + _HEIGHT + 1.3, points(round(low)), "soft"),
        text("100%", _TOP + _HEIGHT + 1.3, say("{n} visits", n=int(most)), "soft end"),
    ]
    outside = sum(abs(d.score - middle) > _Z * spread / sqrt(max(d.visits, 1)) for d in dots)
    told = say("{n} units, {outside} of them outside of the funnel.", n=len(dots), outside=outside)
    return picture(_TOP + _HEIGHT + 1.8, say("Scores by number of visits"), told, [*body, *words])


def _ends(dots: Sequence[Dot], middle: float, spread: int, most: float) -> tuple[float, float]:
    """Choose a scale that holds all dots and the funnel where it is as wide as they are few."""
    fewest = min(dot.visits for dot in dots)
    wide = _Z * spread / sqrt(max(fewest, most / 40, 1))
    marks = [middle - wide, middle + wide, *(dot.score for dot in dots)]
    room = max((max(marks) - min(marks)) * 0.06, 50)
    return max(min(marks) - room, 0), min(max(marks) + room, 10_000)


def _cone(most: float, middle: float, spread: int, down: Callable[[float], float]) -> str:
    """Draw the area in which chance alone keeps nineteen of twenty: narrower with more visits."""
    upper, lower = [], []
    for number in range(1, _POINTS + 1):
        share = (number / _POINTS) ** 2  # denser where the funnel bends
        wide = _Z * spread / sqrt(max(most * share, 0.5))
        upper.append(f"{share * 100:.1f},{down(middle + wide):.2f}")
        lower.append(f"{share * 100:.1f},{down(middle - wide):.2f}")
    return (
        f'<svg y="{_TOP}em" height="{_HEIGHT}em" width="100%" viewBox="0 0 100 {_HEIGHT}" '
        f'preserveAspectRatio="none"><polygon class="none" vector-effect="non-scaling-stroke" '
        f'points="{" ".join([*upper, *reversed(lower)])}"/></svg>'
    )
