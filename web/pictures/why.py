"""Where a score and a place come from: the staircase, and the places that remain possible."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from web.pictures.frame import Say, Scale, inset, line, picture, points, rect, short, text

NEAREST = 99.6  # percent at which a rule still stands inside the picture


class Step(msgspec.Struct, frozen=True):
    """One step of a staircase: what it is and how much it adds, in hundredths."""

    name: str
    amount: int


class Range(msgspec.Struct, frozen=True):
    """Places that remain possible by one way of looking: from the best to the worst, or one."""

    name: str
    best: int
    worst: int
    at: int | None = None


def staircase(start: Step, steps: Sequence[Step], end: Step, say: Say) -> str:
    """Draw the way from the mean to the score; a staircase that doesn't add up is a bug."""
    if start.amount + sum(step.amount for step in steps) != end.amount:
        msg = "the steps do not add up to the end"
        raise ValueError(msg)
    levels = [start.amount]
    for step in steps:
        levels.append(levels[-1] + step.amount)
    room = max(max(levels) - min(levels), 100) // 10
    scale = Scale(min(levels) - room, max(levels) + room)
    body = [_level(0, start, scale)]
    for number, step in enumerate(steps, 1):
        body += _stair(number * 3, step, levels[number - 1 : number + 1], scale)
    body.append(_level(len(steps) + 1, end, scale))
    told = say("From {start} to {end} in {n} steps.", n=len(steps), **_ends(start, end))
    return picture((len(steps) + 2) * 3 - 0.6, say("Why this score"), told, body)


def _stair(top: int, step: Step, ends: Sequence[int], scale: Scale) -> list[str]:
    """Draw one step from where the last one ended; one of nothing is a rule."""
    before, after = (scale.share(each) for each in ends)
    kind = ("down" if step.amount < 0 else "up") if step.amount else "soft"
    width = max(abs(after - before), 0.4)
    return [
        text("0", top + 1, step.name),
        text("100%", top + 1, points(step.amount, signed=bool(step.amount)), f"end {kind}"),
        rect(min(before, after), top + 1.35, width, 0.7, kind),
        line(before, f"{short(top + 1.1)}em", before, f"{short(top + 2.05)}em", "axis"),
        line(after, f"{short(top + 1.35)}em", after, f"{short(top + 2.4)}em", "axis"),
    ]


def _ends(start: Step, end: Step) -> dict[str, str]:
    return {"start": points(start.amount), "end": points(end.amount)}


def _level(number: int, level: Step, scale: Scale) -> str:
    top, x = number * 3, scale.share(level.amount)
    return (
        text("0", top + 1, level.name, "strong")
        + text("100%", top + 1, points(level.amount), "end strong")
        + line(0, f"{short(top + 1.7)}em", 100, None, "axis")
        + f'<circle class="dot" cx="{short(x)}%" cy="{short(top + 1.7)}em" r="0.45em"/>'
    )


def places(rows: Sequence[Range], ranked: int, cuts: tuple[int, int], title: str, say: Say) -> str:
    """Draw which places remain possible, the first at the right as the best score is.

    ``cuts`` are the sizes of the lists of first and last, marked by rules.
    """
    first, last = (
        text(at, 1, say("Place {n}", n=number), f"soft{to}")
        for at, number, to in (("100%", 1, " end"), ("0", ranked, ""))
    )
    body = [first, last]
    end = len(rows) * 3.2 + 1.8
    edges = [_share(cut, ranked) for cut in (cuts[0] + 0.5, ranked - cuts[1] + 0.5)]
    marks = edges if ranked > sum(cuts) else []
    drawn: list[str] = []
    for number, row in enumerate(rows):
        top = number * 3.2 + 2
        told = str(row.best) if row.best == row.worst else f"{row.best}–{row.worst}"
        body += [text("0", top + 1, row.name), text("100%", top + 1, told, "end")]
        level, above, below = (f"{short(top + off)}em" for off in (1.9, 1.4, 2.5))
        drawn.append(line(0, level, 100, None, "axis"))
        drawn += [line(at, above, at, below, "gate") for at in marks]
        low, high = _share(row.worst, ranked), _share(row.best, ranked)
        if row.best != row.worst:
            drawn.append(line(low, level, high, None, "span"))
        at = row.at if row.at is not None else row.best if row.best == row.worst else None
        if at is not None:
            x = short(_share(at, ranked))
            drawn.append(f'<circle class="dot" cx="{x}%" cy="{level}" r="0.42em"/>')
    told = "; ".join(
        f"{row.name}: {row.best}" + ("" if row.best == row.worst else f"–{row.worst}")
        for row in rows
    )
    return picture(end, title, told, [*body, inset("".join(drawn))])


def _share(place: float, ranked: int) -> float:
    """Give where a place stands from left to right: the last at 0, the first at 100."""
    return min(max((ranked - place) * 100 / max(ranked - 1, 1), 0), 100)
