"""Reads for the comparison of sheets; who made them is joined in memory alone, never stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from panel.db import raw
from panel.evaluations import rules
from panel.evaluations.queries.review import flags_of
from panel.evaluations.types import Feedback, Flag, Judged, SheetState
from panel.ids import Code
from panel.rulebook import queries as rulebooks
from panel.visits import queries as visits
from panel.visits.types import RoundState, RoundView

_RECENT: Final = timedelta(days=365)
"""Earlier sheets say little about how a place is today."""
_OVER: Final = (RoundState.CLOSED, RoundState.COMPUTED)
_FACTS: Final = (
    'SELECT s.id, s.task, s.flags, s.score, t.round, t.unit, t."window", t.visitor '
    "FROM sheet_submission s JOIN visit_task t ON t.id = s.task "
)


class Compared(msgspec.Struct, frozen=True):
    """The waiting sheets with their flags, and the counted ones beside which they stand."""

    waiting: tuple[Judged, ...]
    flags: dict[int, tuple[Flag, ...]]
    counted: tuple[Judged, ...]
    pictures: frozenset[int]
    """Waiting sheets with a picture that stands with another visit too."""


async def to_compare(*, at: datetime) -> Compared:
    """Return the waiting sheets and what they are compared with."""
    rows = await raw(_FACTS + "WHERE s.state = {}", SheetState.SUBMITTED)
    if not rows:
        return Compared(waiting=(), flags={}, counted=(), pictures=frozenset())
    units = sorted({row["unit"] for row in rows})
    recent = [view for view in await visits.rounds() if _drawn_since(view, at - _RECENT)]
    seats = await raw("SELECT code FROM member")
    names = _names([Code(row["code"]) for row in seats], recent)
    counted = await _counted(recent, units)
    return Compared(
        waiting=tuple(_judged(row, names) for row in rows),
        flags={row["id"]: flags_of(row["flags"]) for row in rows},
        counted=tuple(_judged(row, names) for row in counted),
        pictures=await _pictures_elsewhere(),
    )


async def feedback(member: Code | None) -> Feedback:
    """Return what a member is told privately about the own marks in rounds that are over."""
    bounds = (await rulebooks.current()).rulebook.reviewing
    over = [view for view in await visits.rounds() if view.state in _OVER]
    own = {visits.link(member, view.code) for view in over} if member is not None else set()
    mine = await _mine(sorted(own))
    counted = [row for row in mine if row["state"] == SheetState.ACCEPTED]
    standing = None
    if counted:
        units = sorted({row["unit"] for row in counted})
        others = await _counted(over, units)
        names = dict.fromkeys(own, "own")
        judged = [_judged(row, names) for row in others]
        standing = rules.standings(judged, rules.residuals(judged)).get("own")
    return Feedback(
        counted=len(counted),
        returned=sum(row["state"] == SheetState.RETURNED for row in mine),
        late=sum(bool(row["late"]) for row in mine),
        standing=standing if standing and standing.sheets >= bounds.feedback_sheets else None,
        wanted=bounds.feedback_sheets,
    )


def _drawn_since(view: RoundView, moment: datetime) -> bool:
    return view.drawn_at is not None and view.drawn_at >= moment


def _names(seats: Sequence[Code], rounds: Sequence[RoundView]) -> dict[str, str]:
    """Return for each link its visitor under a number that holds in this process alone."""
    found: dict[str, str] = {}
    for view in rounds:
        numbers = {code: str(number) for number, code in enumerate(seats)}
        for link, code in visits.links(seats, view.code).items():
            found[link] = numbers[code]
    return found


def _judged(row: dict[str, Any], names: dict[str, str]) -> Judged:
    return Judged(
        id=row["id"],
        place=(row["unit"], row["window"]),
        visitor=names.get(row["visitor"], row["visitor"]),
        score=row["score"],
    )


async def _counted(rounds: Sequence[RoundView], units: Sequence[int]) -> list[dict[str, Any]]:
    if not rounds or not units:
        return []
    marks = ", ".join("{}" for _ in rounds)
    places = ", ".join("{}" for _ in units)
    return await raw(
        _FACTS + f"WHERE s.state = {{}} AND t.round IN ({marks}) AND t.unit IN ({places})",
        SheetState.ACCEPTED,
        *(view.id for view in rounds),
        *units,
    )


async def _mine(links: Sequence[str]) -> list[dict[str, Any]]:
    if not links:
        return []
    marks = ", ".join("{}" for _ in links)
    return await raw(
        "SELECT s.state, s.late, t.unit FROM sheet_submission s "
        f"JOIN visit_task t ON t.id = s.task WHERE t.visitor IN ({marks})",
        *links,
    )


async def _pictures_elsewhere() -> frozenset[int]:
    rows = await raw(
        "SELECT s.id FROM sheet_submission s WHERE s.state = {} AND EXISTS ("
        "SELECT p.id FROM sheet_photo p JOIN sheet_photo o ON o.digest = p.digest "
        "WHERE p.task = s.task AND o.task <> p.task)",
        SheetState.SUBMITTED,
    )
    return frozenset(row["id"] for row in rows)
