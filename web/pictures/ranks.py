"""Dots with their intervals on a common scale, below each other."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from web.pictures.frame import Say, Scale, anchor, inset, line, picture, points, short, text

NEAR = 32  # percent of a strip that two labels need between their middles


class RankRow(msgspec.Struct, frozen=True):
    """One unit of a ranking: name, score and interval in hundredths."""

    name: str
    score: int | None
    low: int | None = None
    high: int | None = None


def scale_of(rows: Sequence[RankRow], gate: int | None = None) -> Scale:
    """Choose one scale in steps of five points that holds every dot, interval and the gate."""
    marks = [gate] if gate is not None else []
    for row in rows:
        marks += [mark for mark in (row.score, row.low, row.high) if mark is not None]
    if not marks:
        return Scale(0, 10_000)
    low, high = (min(marks) - 100) // 500 * 500, -(-(max(marks) + 100) // 500) * 500
    return Scale(max(low, 0), min(high, 10_000))


def dot_strip(row: RankRow, scale: Scale, say: Say, gate: int | None = None) -> str:
    """Draw one row's dot, interval and gate; rows below each other share one scale and one rule."""
    heard = "—" if row.score is None else points(row.score)
    if row.low is not None and row.high is not None:
        heard += f" ({points(row.low)}–{points(row.high)})"
    body = [inset(line(0, "0.8em", 100, "0.8em", "axis") + _dot(row, scale, gate))]
    return picture(1.6, f"{row.name} {heard}", say("Score on the common scale"), body, "strip")


def axis_strip(scale: Scale, say: Say, gate: int | None = None) -> str:
    """Write the ends of the common scale and its gate, as the head over the rows' strips."""
    words = [(0.0, points(scale.low), "ends"), (100.0, points(scale.high), "ends end")]
    told = f"{points(scale.low)}–{points(scale.high)}"
    if gate is not None:
        place, label = scale.share(gate), say("Gate {score}", score=points(gate))
        words = [word for word in words if abs(word[0] - place) > NEAR]
        words.append((place, label, anchor(place)))
        told += f", {label}"
    body = [
        inset("".join(text(f"{short(at)}%", 1.1, each, f"soft {to}") for at, each, to in words))
    ]
    return picture(1.6, say("Score on the common scale"), told, body, "strip")


def _dot(row: RankRow, scale: Scale, gate: int | None) -> str:
    drawn = ""
    if gate is not None:
        x = scale.share(gate)
        drawn += line(x, "0", x, "2.8em", "gate")
    if row.score is None:
        return drawn
    if row.low is not None and row.high is not None:
        low, high = scale.share(row.low), scale.share(row.high)
        drawn += line(low, "0.8em", high, "0.8em", "span")
    kind = "dot under" if gate is not None and row.score < gate else "dot"
    x = scale.share(row.score)
    return drawn + f'<circle class="{kind}" cx="{short(x)}%" cy="0.8em" r="0.42em"/>'
