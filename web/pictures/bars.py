"""Bars: shares of a whole, how full something is, how far something is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from web.pictures.frame import Say, anchor, line, picture, rect, short, text, width

MAX_TINTS = 5
PHONE = 0.19  # ems of a phone's width in each percent, in large text


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


def stacked_bars(rows: Sequence[Composition], title: str, say: Say) -> str:
    """Draw compositions as bars of 100 % with the quotas as tick marks."""
    body: list[str] = []
    top = 0.0
    for row in rows:
        total = sum(part.count for part in row.parts)
        body.append(text("0", top + 1, f"{row.name} · {total}", "strong"))
        if len(row.parts) > MAX_TINTS:
            top = _ladder(row.parts, body, top + 2.6)
            continue
        left, words = 0.0, _shares(row.parts, total)
        bar = top + (2.7 if any(tick.label for tick in row.ticks) else 1.6)
        shown = [part for part in row.parts if part.count]
        legend = any(width(words[part]) > part.count * 100 / total * PHONE for part in shown)
        for tint, part in enumerate(row.parts):
            share = part.count * 100 / total if total else 0
            body.append(rect(left, bar, share, 1.1, f"s{tint % MAX_TINTS + 1} part"))
            if not legend and width(words[part]) <= share * PHONE:
                body.append(text(f"{short(left)}%", bar + 2.2, words[part], "soft"))
            left += share
        for tick in row.ticks:
            at = tick.share / 100
            body.append(line(at, f"{short(bar - 0.25)}em", at, f"{short(bar + 1.35)}em", "tick"))
            if tick.label:
                body.append(text(f"{short(at)}%", bar - 0.5, tick.label, f"soft {anchor(at)}"))
        if legend:
            body += _legend(row.parts, words, bar + 2.5)
            bar += 1.5 * len(shown) - 1.2
        top = bar + 3.6
    told = say("{n} bars of one hundred percent with their quotas marked.", n=len(rows))
    return picture(max(top - 1, 0), title, told, body)


def _ladder(parts: Sequence[Part], body: list[str], top: float) -> float:
    """Draw many parts below each other, each with its name, number and bar; return the end."""
    most = max(part.count for part in parts) or 1
    for part in parts:
        body.append(text("0", top + 0.6, part.label))
        body.append(text("100%", top + 0.6, str(part.count), "end"))
        body.append(rect(0, top + 1.1, part.count * 100 / most, 0.4, "bar"))
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
                f'<rect y="{short(top - 0.85)}em" width="0.9em" height="0.9em" '
                f'class="s{tint + 1}"/>'
            )
            body.append(text("1.5em", top, words[part], "soft"))
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
        body.append(text("0", top + 1, row.name))
        if width(row.name + told) > PHONE * 100:  # below each other, where a phone is too narrow
            top += 1.4
        body.append(text("100%", top + 1, told, "end soft"))
        body.append(rect(0, top + 1.5, 100, 0.8, "none"))
        body.append(rect(0, top + 1.5, row.running * 100 / room, 0.8, "s2"))
        body.append(rect(0, top + 1.5, row.eligible * 100 / room, 0.8, "bar"))
        if row.minimum:
            need = min(row.minimum * 100 / room, 99.6)
            body.append(line(need, f"{short(top + 1.2)}em", need, f"{short(top + 2.6)}em", "tick"))
        top += 3.2
    heard = say("{n} bars with the seats needed marked on each.", n=len(rows))
    return picture(top, title, heard, body)


def done_bars(rows: Sequence[tuple[str, int, int]], title: str, say: Say) -> str:
    """Draw of each name how much of what was planned is done."""
    body: list[str] = []
    top = 0.0
    for name, done, planned in rows:
        body += [
            text("0", top + 1, name),
            text("100%", top + 1, f"{done} / {planned}", "end soft"),
        ]
        body.append(rect(0, top + 1.5, 100, 0.8, "none"))
        body.append(rect(0, top + 1.5, min(done / (planned or 1), 1) * 100, 0.8, "bar"))
        top += 3.2
    told = (sum(row[1] for row in rows), sum(row[2] for row in rows))
    heard = say("{done} of {planned} planned visits are done.", done=told[0], planned=told[1])
    return picture(top, title, heard, body)


def progress_bar(done: int, total: int, say: Say) -> str:
    """Draw how far something is, as a bar."""
    share = min(done * 100 / total, 100) if total else 0
    body = [rect(0, 0.2, 100, 0.7, "none"), rect(0, 0.2, share, 0.7, "bar")]
    return picture(1.1, *_so_far(done, total, say), body, "strip")


def _so_far(done: int, total: int, say: Say) -> tuple[str, str]:
    return say("Progress"), say("{done} of {total}", done=done, total=total)
