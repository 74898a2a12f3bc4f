"""Numbers of visits, members and sheets: by week, by load, by leaning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from web.pictures.frame import Say, line, picture, rect, short, text


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


def coverage_strips(rows: Sequence[Coverage], say: Say) -> str:
    """Draw window by week: full where the visits are done, part-filled, empty, or nothing due."""
    weeks = max((len(row.planned) for row in rows), default=0)
    body = [
        text(f"{short((week + 0.44) * 100 / weeks)}%", 1, str(week + 1), "soft mid")
        for week in range(weeks)
    ]
    for number, row in enumerate(rows):
        top = number * 3.1 + 1.5
        body.append(text("0", top + 1, row.name))
        for week, planned in enumerate(row.planned):
            left, width = week * 100 / weeks, 88 / weeks
            if not planned:
                body.append(line(left, f"{short(top + 1.9)}em", left + width, None, "axis"))
                continue
            part = min(row.done[week] / planned, 1)
            body.append(rect(left, top + 1.4, width, 1, "none"))
            body.append(rect(left, top + 2.4 - part, width, part, "bar"))
    done, planned = (sum(sum(row.done) for row in rows), sum(sum(row.planned) for row in rows))
    told = say("{done} of {planned} planned visits are done.", done=done, planned=planned)
    return picture(len(rows) * 3.1 + 1.4, say("Coverage by week"), told, body)


def histogram(counts: Mapping[int, int], bounds: tuple[int, int] | None, say: Say) -> str:
    """Draw how many members carry how many tasks, with the lawful bounds as rules."""
    values = range(min(counts), max(counts) + 1) if counts else range(0)
    most = max(counts.values(), default=0) or 1
    body: list[str] = []
    slot = 100 / (len(values) or 1)
    for number, value in enumerate(values):
        count, middle = counts.get(value, 0), (number + 0.5) * slot
        height = count * 6 / most
        body.append(rect(middle - slot * 0.4, 7.5 - height, slot * 0.8, height, "bar"))
        body.append(text(f"{short(middle)}%", 8.6, str(value), "soft mid"))
        if count:
            body.append(text(f"{short(middle)}%", 7.2 - height, str(count), "mid"))
    body.append(line(0, "7.5em", 100, "7.5em", "axis"))
    told = say("Number of members by number of tasks.")
    if bounds and counts:
        low, high = bounds
        edges = (low - values[0], high - values[0] + 1)
        inside = [at * slot for at in edges if 0 <= at <= len(values)]
        body += [line(at, "0.4em", at, "7.5em", "gate") for at in inside]
        told += " " + say("Allowed: {low} to {high}.", low=low, high=high)
    return picture(9, say("Load"), told, body)


def columns(found: Sequence[Column], rule: int, title: str, say: Say) -> str:
    """Draw how a share went, a column for each moment, with the share that must be kept."""
    slot = 100 / (len(found) or 1)
    body: list[str] = []
    for number, each in enumerate(found):
        height = each.share * 6 / 10_000
        kind = "down" if each.low else "bar"
        body.append(rect((number + 0.1) * slot, 7.6 - height, slot * 0.8, height, kind))
    body.append(line(0, "7.6em", 100, "7.6em", "axis"))
    level = f"{short(7.6 - rule * 6 / 10_000)}em"
    body += [line(0, level, 100, level, "gate"), text("0", 1, title, "soft")]
    if found:
        body.append(text("0", 8.9, found[0].label, "soft"))
        body.append(text("100%", 8.9, found[-1].label, "soft end"))
    low = sum(each.low for each in found)
    told = say("{n} moments, {low} of them below the rule.", n=len(found), low=low)
    return picture(9.5, title, told, body)


def leaning(counts: Mapping[int, int], say: Say) -> str:
    """Draw how many answers lean how far from a model: half steps from -4 (severe) to 4."""
    most = max(counts.values(), default=0) or 1
    slot = 100 / 9
    body = [line(50, "0.4em", 50, "7.5em", "gate"), line(0, "7.5em", 100, "7.5em", "axis")]
    for number, value in enumerate(range(-4, 5)):
        count, middle = counts.get(value, 0), (number + 0.5) * slot
        height = count * 6 / most
        body.append(rect(middle - slot * 0.4, 7.5 - height, slot * 0.8, height, "bar"))
        if value % 2 == 0:
            label = f"{value // 2:+d}" if value else "0"
            body.append(text(f"{short(middle)}%", 8.6, label, "soft mid"))
        if count:
            body.append(text(f"{short(middle)}%", 7.2 - height, str(count), "mid"))
    told = say("Number of sheets by how far they lean: severe on the left, lenient on the right.")
    return picture(9, say("Leaning"), told, body)
