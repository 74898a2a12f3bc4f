"""Charts as SVG made on the server; each stands beside the table that holds the same numbers.

Widths are shares of the room and heights are multiples of the text, so that one picture fits a
phone, a desk, a sheet of paper and the large mode; colours come from classes in ``app.css``.
``say`` is the page's translation: ``say("Gate {score}", score="80.00")``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from unicodedata import east_asian_width

import msgspec

Say = Callable[..., str]
MAX_TINTS = 5
NEAR = 22  # percent of a strip that two labels need between their middles
PHONE = 0.19  # ems of a phone's width in each percent, in large text


class Scale(msgspec.Struct, frozen=True):
    """A common scale from ``low`` to ``high``, in hundredths of a point."""

    low: int
    high: int

    def share(self, value: int) -> float:
        """Give the place of a value in percent of the width, kept inside."""
        room = max(self.high - self.low, 1)
        return min(max((value - self.low) * 100 / room, 0), 100)


class RankRow(msgspec.Struct, frozen=True):
    """One unit of a ranking: name, score and interval in hundredths."""

    name: str
    score: int | None
    low: int | None = None
    high: int | None = None


class Part(msgspec.Struct, frozen=True):
    """One part of a composition."""

    label: str
    count: int


class Tick(msgspec.Struct, frozen=True):
    """A quota as a mark on a bar: a share in hundredths of a percent (8000 is 80 %)."""

    share: int
    label: str = ""


class Composition(msgspec.Struct, frozen=True):
    """One bar: its parts in reading order and the quotas marked on it."""

    name: str
    parts: tuple[Part, ...]
    ticks: tuple[Tick, ...] = ()


class Fill(msgspec.Struct, frozen=True):
    """One quota: the seats it needs, applicants in the running, and those found eligible."""

    name: str
    minimum: int
    running: int
    eligible: int


class Coverage(msgspec.Struct, frozen=True):
    """One window: visits planned and done in each week."""

    name: str
    planned: tuple[int, ...]
    done: tuple[int, ...]


class Column(msgspec.Struct, frozen=True):
    """One moment of a course: a share in hundredths of a percent, and whether it is too low."""

    label: str
    share: int
    low: bool


class Step(msgspec.Struct, frozen=True):
    """One step of a staircase: what it is and how much it adds, in hundredths."""

    name: str
    amount: int


def points(value: int, *, signed: bool = False) -> str:
    """Write hundredths of a point with two decimals and a true minus sign."""
    sign = "−" if value < 0 else "+" if signed else ""
    return f"{sign}{abs(value) // 100}.{abs(value) % 100:02d}"


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
    body = [_inset(_line(0, "0.8em", 100, "0.8em", "axis") + _dot(row, scale, gate))]
    return _picture(1.6, f"{row.name} {heard}", say("Score on the common scale"), body, "strip")


def axis_strip(scale: Scale, say: Say, gate: int | None = None) -> str:
    """Write the ends of the common scale and its gate, as the head over the rows' strips."""
    words = [(0.0, points(scale.low), "ends"), (100.0, points(scale.high), "ends end")]
    told = f"{points(scale.low)}–{points(scale.high)}"
    if gate is not None:
        place, label = scale.share(gate), say("Gate {score}", score=points(gate))
        words = [word for word in words if abs(word[0] - place) > NEAR]
        words.append((place, label, _anchor(place)))
        told += f", {label}"
    body = [_inset("".join(_text(f"{at:.2f}%", 1.1, text, f"soft {to}") for at, text, to in words))]
    return _picture(1.6, say("Score on the common scale"), told, body, "strip")


def stacked_bars(rows: Sequence[Composition], title: str, say: Say) -> str:
    """Draw compositions as bars of 100 % with the quotas as tick marks."""
    body: list[str] = []
    top = 0.0
    for row in rows:
        total = sum(part.count for part in row.parts)
        body.append(_text("0", top + 1, f"{row.name} · {total}", "strong"))
        if len(row.parts) > MAX_TINTS:
            top = _ladder(row.parts, body, top + 2.6)
            continue
        left, words = 0.0, _shares(row.parts, total)
        bar = top + (2.7 if any(tick.label for tick in row.ticks) else 1.6)
        shown = [part for part in row.parts if part.count]
        legend = any(_width(words[part]) > part.count * 100 / total * PHONE for part in shown)
        for tint, part in enumerate(row.parts):
            share = part.count * 100 / total if total else 0
            body.append(_rect(left, bar, share, 1.1, f"s{tint % MAX_TINTS + 1} part"))
            if not legend and _width(words[part]) <= share * PHONE:
                body.append(_text(f"{left:.2f}%", bar + 2.2, words[part], "soft"))
            left += share
        for tick in row.ticks:
            at = tick.share / 100
            body.append(_line(at, f"{bar - 0.25:.2f}em", at, f"{bar + 1.35:.2f}em", "tick"))
            if tick.label:
                body.append(_text(f"{at:.2f}%", bar - 0.5, tick.label, f"soft {_anchor(at)}"))
        if legend:
            body += _legend(row.parts, words, bar + 2.5)
            bar += 1.5 * len(shown) - 1.2
        top = bar + 3.6
    told = say("{n} bars of one hundred percent with their quotas marked.", n=len(rows))
    return _picture(max(top - 1, 0), title, told, body)


def _ladder(parts: Sequence[Part], body: list[str], top: float) -> float:
    """Draw many parts below each other, each with its name, number and bar; return the end."""
    most = max(part.count for part in parts) or 1
    for part in parts:
        body.append(_text("0", top + 0.6, part.label))
        body.append(_text("100%", top + 0.6, str(part.count), "end"))
        body.append(_rect(0, top + 1.1, part.count * 100 / most, 0.4, "bar"))
        top += 2.2
    return top + 0.8


def _shares(parts: Sequence[Part], total: int) -> dict[Part, str]:
    """Say what each part is and how much of the whole."""
    return {part: f"{part.label} {part.count * 100 / (total or 1):.1f}%" for part in parts}


def _legend(parts: Sequence[Part], words: Mapping[Part, str], top: float) -> list[str]:
    """Name every part under its bar, where the names do not all fit below their parts."""
    body: list[str] = []
    for tint, part in enumerate(parts):
        if part.count:
            body.append(
                f'<rect y="{top - 0.85:.2f}em" width="0.9em" height="0.9em" class="s{tint + 1}"/>'
            )
            body.append(_text("1.5em", top, words[part], "soft"))
            top += 1.5
    return body


def fill_bars(rows: Sequence[Fill], title: str, say: Say) -> str:
    """Draw how far applicants fill each quota: vetted ones full, the others paler, the need a mark.

    Each bar has its own scale, which ends at the need or at everybody in the running.
    """
    body: list[str] = []
    top = 0.0
    for row in rows:
        room = max(row.running, row.minimum, 1)
        told = f"{row.eligible} / {row.running} · ≥ {row.minimum}"
        body.append(_text("0", top + 1, row.name))
        if _width(row.name + told) > PHONE * 100:  # below each other, where a phone is too narrow
            top += 1.4
        body.append(_text("100%", top + 1, told, "end soft"))
        body.append(_rect(0, top + 1.5, 100, 0.8, "none"))
        body.append(_rect(0, top + 1.5, row.running * 100 / room, 0.8, "s2"))
        body.append(_rect(0, top + 1.5, row.eligible * 100 / room, 0.8, "bar"))
        if row.minimum:
            need = min(row.minimum * 100 / room, 99.6)
            body.append(_line(need, f"{top + 1.2:.2f}em", need, f"{top + 2.6:.2f}em", "tick"))
        top += 3.2
    heard = say("{n} bars with the seats needed marked on each.", n=len(rows))
    return _picture(top, title, heard, body)


def done_bars(rows: Sequence[tuple[str, int, int]], title: str, say: Say) -> str:
    """Draw of each name how much of what was planned is done."""
    body: list[str] = []
    top = 0.0
    for name, done, planned in rows:
        body += [
            _text("0", top + 1, name),
            _text("100%", top + 1, f"{done} / {planned}", "end soft"),
        ]
        body.append(_rect(0, top + 1.5, 100, 0.8, "none"))
        body.append(_rect(0, top + 1.5, min(done / (planned or 1), 1) * 100, 0.8, "bar"))
        top += 3.2
    told = (sum(row[1] for row in rows), sum(row[2] for row in rows))
    heard = say("{done} of {planned} planned visits are done.", done=told[0], planned=told[1])
    return _picture(top, title, heard, body)


def coverage_strips(rows: Sequence[Coverage], say: Say) -> str:
    """Draw window by week: full where the visits are done, part-filled, empty, or nothing due."""
    weeks = max((len(row.planned) for row in rows), default=0)
    body = [
        _text(f"{(week + 0.44) * 100 / weeks:.2f}%", 1, str(week + 1), "soft mid")
        for week in range(weeks)
    ]
    for number, row in enumerate(rows):
        top = number * 3.1 + 1.5
        body.append(_text("0", top + 1, row.name))
        for week, planned in enumerate(row.planned):
            left, width = week * 100 / weeks, 88 / weeks
            if not planned:
                body.append(_line(left, f"{top + 1.9:.2f}em", left + width, None, "axis"))
                continue
            part = min(row.done[week] / planned, 1)
            body.append(_rect(left, top + 1.4, width, 1, "none"))
            body.append(_rect(left, top + 2.4 - part, width, part, "bar"))
    done, planned = (sum(sum(row.done) for row in rows), sum(sum(row.planned) for row in rows))
    told = say("{done} of {planned} planned visits are done.", done=done, planned=planned)
    return _picture(len(rows) * 3.1 + 1.4, say("Coverage by week"), told, body)


def histogram(counts: Mapping[int, int], bounds: tuple[int, int] | None, say: Say) -> str:
    """Draw how many members carry how many tasks, with the lawful bounds as rules."""
    values = range(min(counts), max(counts) + 1) if counts else range(0)
    most = max(counts.values(), default=0) or 1
    body: list[str] = []
    slot = 100 / (len(values) or 1)
    for number, value in enumerate(values):
        count, middle = counts.get(value, 0), (number + 0.5) * slot
        height = count * 6 / most
        body.append(_rect(middle - slot * 0.4, 7.5 - height, slot * 0.8, height, "bar"))
        body.append(_text(f"{middle:.2f}%", 8.6, str(value), "soft mid"))
        if count:
            body.append(_text(f"{middle:.2f}%", 7.2 - height, str(count), "mid"))
    body.append(_line(0, "7.5em", 100, "7.5em", "axis"))
    told = say("Number of members by number of tasks.")
    if bounds and counts:
        low, high = bounds
        edges = (low - values[0], high - values[0] + 1)
        inside = [at * slot for at in edges if 0 <= at <= len(values)]
        body += [_line(at, "0.4em", at, "7.5em", "gate") for at in inside]
        told += " " + say("Allowed: {low} to {high}.", low=low, high=high)
    return _picture(9, say("Load"), told, body)


def columns(found: Sequence[Column], rule: int, title: str, say: Say) -> str:
    """Draw how a share went, a column for each moment, with the share that must be kept."""
    slot = 100 / (len(found) or 1)
    body: list[str] = []
    for number, each in enumerate(found):
        height = each.share * 6 / 10_000
        kind = "down" if each.low else "bar"
        body.append(_rect((number + 0.1) * slot, 7.6 - height, slot * 0.8, height, kind))
    body.append(_line(0, "7.6em", 100, "7.6em", "axis"))
    level = f"{7.6 - rule * 6 / 10_000:.2f}em"
    body += [_line(0, level, 100, level, "gate"), _text("0", 1, title, "soft")]
    if found:
        body.append(_text("0", 8.9, found[0].label, "soft"))
        body.append(_text("100%", 8.9, found[-1].label, "soft end"))
    low = sum(each.low for each in found)
    told = say("{n} moments, {low} of them below the rule.", n=len(found), low=low)
    return _picture(9.5, title, told, body)


def leaning(counts: Mapping[int, int], say: Say) -> str:
    """Draw how many answers lean how far from a model: half steps from -4 (severe) to 4."""
    most = max(counts.values(), default=0) or 1
    slot = 100 / 9
    body = [_line(50, "0.4em", 50, "7.5em", "gate"), _line(0, "7.5em", 100, "7.5em", "axis")]
    for number, value in enumerate(range(-4, 5)):
        count, middle = counts.get(value, 0), (number + 0.5) * slot
        height = count * 6 / most
        body.append(_rect(middle - slot * 0.4, 7.5 - height, slot * 0.8, height, "bar"))
        if value % 2 == 0:
            label = f"{value // 2:+d}" if value else "0"
            body.append(_text(f"{middle:.2f}%", 8.6, label, "soft mid"))
        if count:
            body.append(_text(f"{middle:.2f}%", 7.2 - height, str(count), "mid"))
    told = say("Number of sheets by how far they lean: severe on the left, lenient on the right.")
    return _picture(9, say("Leaning"), told, body)


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
        top, before, after = (
            number * 3,
            scale.share(levels[number - 1]),
            scale.share(levels[number]),
        )
        kind = "down" if step.amount < 0 else "up"
        body.append(_text("0", top + 1, step.name))
        body.append(_text("100%", top + 1, points(step.amount, signed=True), f"end {kind}"))
        width = max(abs(after - before), 0.4)
        body.append(_rect(min(before, after), top + 1.35, width, 0.7, kind))
        body.append(_line(before, f"{top - 1.3:.2f}em", before, f"{top + 2.05:.2f}em", "axis"))
    body.append(_level(len(steps) + 1, end, scale))
    told = say("From {start} to {end} in {n} steps.", n=len(steps), **_ends(start, end))
    return _picture((len(steps) + 2) * 3 - 0.6, say("Why this score"), told, body)


def progress_bar(done: int, total: int, say: Say) -> str:
    """Draw how far something is, as a bar."""
    share = min(done * 100 / total, 100) if total else 0
    body = [_rect(0, 0.2, 100, 0.7, "none"), _rect(0, 0.2, share, 0.7, "bar")]
    return _picture(1.1, *_so_far(done, total, say), body, "strip")


def _so_far(done: int, total: int, say: Say) -> tuple[str, str]:
    return say("Progress"), say("{done} of {total}", done=done, total=total)


def _ends(start: Step, end: Step) -> dict[str, str]:
    return {"start": points(start.amount), "end": points(end.amount)}


def _level(number: int, level: Step, scale: Scale) -> str:
    top, x = number * 3, scale.share(level.amount)
    return (
        _text("0", top + 1, level.name, "strong")
        + _text("100%", top + 1, points(level.amount), "end strong")
        + _line(0, f"{top + 1.7:.2f}em", 100, None, "axis")
        + f'<circle class="dot" cx="{x:.2f}%" cy="{top + 1.7:.2f}em" r="0.45em"/>'
    )


def _dot(row: RankRow, scale: Scale, gate: int | None) -> str:
    drawn = ""
    if gate is not None:
        x = scale.share(gate)
        drawn += _line(x, "0", x, "2.8em", "gate")
    if row.score is None:
        return drawn
    if row.low is not None and row.high is not None:
        low, high = scale.share(row.low), scale.share(row.high)
        drawn += _line(low, "0.8em", high, "0.8em", "span")
    kind = "dot under" if gate is not None and row.score < gate else "dot"
    x = scale.share(row.score)
    return drawn + f'<circle class="{kind}" cx="{x:.2f}%" cy="0.8em" r="0.42em"/>'


def _width(words: str) -> float:
    """Guess the room that a text takes, in multiples of its size."""
    return sum(1 if east_asian_width(letter) in "WF" else 0.6 for letter in words)


def _anchor(share: float) -> str:
    """Keep a label inside the picture near both of its ends."""
    return "end" if share > 85 else "start" if share < 15 else "mid"  # noqa: PLR2004 - by eye


def _inset(body: str) -> str:
    """Leave room for half a dot at both ends."""
    return f'<svg x="3%" width="94%" overflow="visible">{body}</svg>'


def _text(x: str, y: float, words: str, kind: str = "") -> str:
    marked = f' class="{kind}"' if kind else ""
    return f'<text x="{x}" y="{y:.2f}em"{marked}>{escape(words)}</text>'


def _rect(x: float, y: float, width: float, height: float, kind: str) -> str:
    return (
        f'<rect class="{kind}" x="{x:.2f}%" y="{y:.2f}em" '
        f'width="{width:.2f}%" height="{height:.2f}em"/>'
    )


def _line(x1: float, y1: str, x2: float, y2: str | None, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1:.2f}%" y1="{y1}" x2="{x2:.2f}%" y2="{y2 or y1}"/>'


def _picture(height: float, title: str, told: str, body: Sequence[str], kind: str = "") -> str:
    """Frame a picture with its name and its words for those who don't see it."""
    return (
        f'<svg class="pic{" " + kind if kind else ""}" role="img" width="100%" '
        f'height="{height:.2f}em"><title>{escape(title)}</title><desc>{escape(told)}</desc>'
        f"{''.join(body)}</svg>"
    )
