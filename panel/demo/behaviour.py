"""How invented members and offices behave: good and bad windows, severe and mild visitors.

Qualities and severities are hundredths of a point of the sheet's hundred; everything is a pure
function of its arguments, so a story can be told twice with the same end.
"""

from __future__ import annotations

import functools
import tomllib
from typing import Any, Final

import msgspec

from panel.chance import Stream
from panel.demo.people import DATA, bell, pick
from panel.rulebook.types import ItemKind

USUAL: Final = 8200
WORST, BEST = 3500, 9800
UNIT_SPREAD, WINDOW_SPREAD, RATER_SPREAD, VISIT_SPREAD = 550, 450, 400, 500
BAD_UNIT, BAD_WINDOW, GOOD_UNIT = 70, 50, 60
"""Of a thousand, so many are far worse or better than the usual spread."""
FAR: Final = 1200
HARSH, GENTLE = 60, 60
POINT: Final = 2500
"""A step of one answer (0 to 4) in hundredths of a point."""
FAILING: Final = 35
"""Percent of what is missing to full marks that comes from items which fail outright."""
NOT_OBSERVED: Final = 80


class Temper(msgspec.Struct, frozen=True):
    """How one member goes about visiting; chances are out of a thousand."""

    severity_hundredths: int
    """Taken off every quality: above 0 severe, below 0 mild."""
    diligence: int
    """0 to 100: how readily notes are written and how soon the sheet is sent."""
    declines: int
    lapses: int
    careless: int
    """Chance of a sheet that a reviewer sends back or voids."""


def temper(index: int, seed: str) -> Temper:
    """Return the temper of the applicant with this index."""
    stream = Stream(seed, f"temper/{index}")
    severity = bell(stream, RATER_SPREAD)
    kind = stream.below(1000)
    if kind < HARSH:
        severity += FAR
    elif kind < HARSH + GENTLE:
        severity -= FAR
    diligence = 30 + stream.below(71)
    slack = 100 - diligence
    return Temper(
        severity_hundredths=severity,
        diligence=diligence,
        declines=20 + slack,
        lapses=5 + slack // 2,
        careless=10 + slack,
    )


@functools.lru_cache(maxsize=1024)
def unit_quality(ref: str, seed: str) -> int:
    """Return how well the unit with this city number serves."""
    stream = Stream(seed, f"unit/{ref}")
    kind = stream.below(1000)
    shift = -FAR if kind < BAD_UNIT else FAR if kind < BAD_UNIT + GOOD_UNIT else 0
    return _held(USUAL + shift + bell(stream, UNIT_SPREAD))


@functools.lru_cache(maxsize=4096)
def window_quality(ref: str, seed: str) -> int:
    """Return how well a window serves: its unit's quality and something of its own.

    The unit is read from the window's city number (`JN-RS-03` belongs to `JN-RS`).
    """
    stream = Stream(seed, f"window/{ref}")
    shift = -FAR if stream.below(1000) < BAD_WINDOW else 0
    unit = ref.rpartition("-")[0]
    return _held(unit_quality(unit, seed) + shift + bell(stream, WINDOW_SPREAD))


def _held(quality: int) -> int:
    return max(WORST, min(BEST, quality))


def answer(kind: ItemKind, quality: int, severity: int, *, seed: str, visit: str, item: str) -> int:
    """Return the value 0 to 4 that a visitor gives to one item (facts: 0, 2 or 4).

    Its mean over many visits is the quality less the severity; the visit's own luck, the same for
    all its items, is drawn from the name of the visit.
    """
    full = 4 * POINT
    aim = max(0, min(full, quality - severity + _luck(seed, visit)))
    stream = Stream(seed, f"answer/{visit}/{item}")
    fact = kind is ItemKind.FACT
    worst = 0 if fact or aim <= POINT else 1
    # Poor service shows as outright failures on some items rather than as a shade on all of them;
    # the other answers are raised so that the mean stays.
    failing = (full - aim) * FAILING // 100
    if stream.below(full) < failing:
        return worst
    aim = min(full, (aim * full - failing * worst * POINT) // (full - failing))
    step = 2 if fact else 1
    low, rest = divmod(aim, step * POINT)
    return int(step * (low + (stream.below(step * POINT) < rest)))


@functools.lru_cache(maxsize=4096)
def _luck(seed: str, visit: str) -> int:
    return bell(Stream(seed, f"visit/{visit}"), VISIT_SPREAD)


def observed(*, seed: str, visit: str, item: str) -> bool:
    """Tell whether a visitor could see what an item asks for."""
    return not happens(NOT_OBSERVED, seed, "observed", visit, item)


def happens(per_thousand: int, seed: str, *labels: str) -> bool:
    """Tell whether something with this chance happens, always the same for the same labels."""
    return Stream(seed, "happens/" + "/".join(labels)).below(1000) < per_thousand


def waited(value: int, posted: int, *, seed: str, visit: str) -> int:
    """Return minutes of waiting which, at this posted limit (4 or more), are worth the value."""
    quarters = (12, 8, 6, 5, 4, 0)  # of the posted limit, upper bounds of 0, 1, 2, 3, 4
    longest = quarters[value] * posted // 4
    shortest = quarters[value + 1] * posted // 4 + 1
    return shortest + Stream(seed, f"waited/{visit}").below(longest - shortest + 1)


def remark(item: str, *, seed: str, visit: str) -> str:
    """Return what a visitor writes as the reason for a low answer to an item."""
    texts = _remarks()
    pool = texts["items"].get(item, texts["general"])
    return str(pick(Stream(seed, f"remark/{visit}/{item}"), pool))


@functools.cache
def _remarks() -> dict[str, Any]:
    return tomllib.loads((DATA / "remarks.toml").read_text(encoding="utf-8"))
