"""Whose a visit was: counted sheets compared with confirmed duty rosters, officers' figures."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from panel.evaluations.types import Share
from panel.evaluations.types.attributing import VisitedSheet
from panel.ids import Code
from panel.rankings.types.officers import Figure
from panel.rankings.types.ranking import (
    Cell,
    Entry,
    Kind,
    Listing,
    Method,
    Naming,
    Options,
    RankList,
    Scope,
    Standing,
    Subject,
)
from panel.roster.types import Half, OfficerView, Shift
from panel.rulebook.types import Rulebook

_MORNING_ENDS: Final = 12
_AFTERNOON_BEGINS: Final = 13
_HUNDRED: Final = 100
_BEST: Final = 10_000


class Attributed(msgspec.Struct, frozen=True):
    """One counted sheet and the officer, by id, to whom a confirmed roster gives it."""

    officer: int
    sheet: VisitedSheet

    def __repr__(self) -> str:
        """Show nothing."""
        return "Attributed(…)"


class Duty:
    """Who was on duty where and when, by confirmed rosters."""

    def __init__(self, shifts: Iterable[Shift]) -> None:
        """Sort the shifts by window and half-day."""
        self._officers: dict[tuple[int, dt.date, Half], set[int]] = {}
        for each in shifts:
            place = (each.window_id, each.day, each.half)
            self._officers.setdefault(place, set()).add(each.officer_id)

    def sole(self, window: int, day: dt.date, halves: Collection[Half]) -> int | None:
        """Return the one officer of a window through all of these halves; None if not one."""
        found = [self._officers.get((window, day, half), set()) for half in halves]
        if not found or any(len(each) != 1 for each in found):
            return None
        whole = set.union(*found)
        return next(iter(whole)) if len(whole) == 1 else None

    def alone(self, officer: int, window: int, month: dt.date) -> int:
        """Return on how many half-days of a month an officer was alone at a window."""
        return sum(
            who == {officer}
            and place == window
            and (day.year, day.month) == (month.year, month.month)
            for (place, day, _), who in self._officers.items()
        )

    def staff(self) -> dict[int, set[int]]:
        """Return who served at each window at all."""
        found: dict[int, set[int]] = {}
        for (window, _, _), officers in self._officers.items():
            found.setdefault(window, set()).update(officers)
        return found


def halves(visited_at: str) -> tuple[Half, ...]:
    """Return in which half-days a time may lie: both at noon and where no time was noted."""
    hour = int(visited_at[:2]) if visited_at[:2].isdigit() else _MORNING_ENDS
    if hour < _MORNING_ENDS:
        return (Half.MORNING,)
    return (Half.AFTERNOON,) if hour >= _AFTERNOON_BEGINS else tuple(Half)


def attribute(sheets: Iterable[VisitedSheet], duty: Duty) -> list[Attributed]:
    """Give each sheet to the one officer who was on duty; without exactly one it is nobody's."""
    found = []
    for sheet in sheets:
        officer = duty.sole(sheet.window_id, sheet.visited_on, halves(sheet.visited_at))
        if officer is not None:
            found.append(Attributed(officer, sheet))
    return found


def findings(mine: Iterable[Attributed], duty: Duty, least: int) -> dict[int, list[Code]]:
    """Return the verified findings that may be held against each officer.

    A finding whose time must not be told is left out, and so is one whose officer was alone at the
    window on fewer half-days of the month than ``least``: else the notice to the officer, beside
    the roster, would tell the unit when the visit was.
    """
    found: dict[int, list[Code]] = {}
    for each in mine:
        sheet = each.sheet
        told = [code for code, share in sheet.findings if share is Share.SEND]
        if told and duty.alone(each.officer, sheet.window_id, sheet.visited_on) >= least:
            found.setdefault(each.officer, []).extend(told)
    return {officer: sorted(set(codes)) for officer, codes in found.items()}


def cells(
    mine: Iterable[Attributed],
    officers: Mapping[int, OfficerView],
    raters: Mapping[tuple[int, str], str],
    periods: Mapping[int, Code],
) -> tuple[Cell, ...]:
    """Sum the sheets of each officer as those of a window are, under names that tell nothing."""
    sums: dict[tuple[str, str, str, str, str], list[int]] = {}
    for each in mine:
        sheet, officer = each.sheet, officers[each.officer]
        rater = raters.get((sheet.round_id, sheet.visitor), sheet.visitor)
        period = periods[sheet.round_id]
        key = (period, officer.unit_code, officer.code, rater, sheet.type)
        cell = sums.setdefault(key, [0, 0, 0])
        cell[0] += 1
        cell[1] += sheet.score
        cell[2] += sheet.score**2
    return tuple(
        Cell(unit, officer, rater, cell[0], cell[1], cell[2], type=kind, period=period)
        for (period, unit, officer, rater, kind), cell in sorted(sums.items())
    )


def listing(officers: Iterable[OfficerView], book: Rulebook) -> Listing:
    """Return who is compared: officers of ranked groups, by the measures' own minimums.

    Fewer visitors than may be shown at all never make a figure.
    """
    measures = book.officers
    ranked = {group.key: group.ranked for group in book.peer_groups}
    return Listing(
        Kind.WINDOW,
        tuple(
            Subject(each.code, each.peer_group, ranked.get(each.peer_group, False))
            for each in officers
        ),
        Naming(
            scope=Scope(book.ranking.scope),
            minimum_visits=measures.minimum_visits,
            minimum_raters=max(measures.minimum_raters, book.publication.minimum_visitors),
            list_size=measures.list_size,
            share_percent=measures.tail_percent,
            gate=book.ranking.gate_hundredths,
        ),
    )


def options(book: Rulebook, seed: str) -> Options:
    """Return how the figures are computed: as those of windows are."""
    ranking = book.ranking
    return Options(
        method=Method(ranking.method),
        seed=hashlib.sha256(seed.encode()).hexdigest(),
        draws=ranking.draws,
        confirmed=ranking.confirmed_percent * _HUNDRED,
        provisional=ranking.provisional_percent * _HUNDRED,
        trim_percent=ranking.trim_percent,
    )


def figures(
    lists: Iterable[RankList], units: Mapping[str, Code], held: Mapping[str, Sequence[Code]]
) -> tuple[Figure, ...]:
    """Return every officer's line, with the findings that may be held against each."""
    return tuple(
        Figure(
            officer=Code(entry.key),
            unit=units[entry.key],
            standing=entry.standing,
            visits=entry.n,
            raters=entry.raters,
            findings=tuple(held.get(entry.key, ())),
            # What rests on too few people is not even kept.
            **(_scored(entry, each.ranked) if entry.standing is Standing.RANKED else {}),
        )
        for each in lists
        for entry in each.entries
    )


def _scored(entry: Entry, ranked: int) -> dict[str, Any]:
    score, spread = entry.score, entry.spread
    bare = score is None or spread is None
    return {
        "score": score,
        "low": None if bare else max(0, (score or 0) - (spread or 0)),
        "high": None if bare else min(_BEST, (score or 0) + (spread or 0)),
        "place": entry.place,
        "place_from_below": entry.place_from_below,
        "ranked": ranked,
        "certainty": entry.certainty,
    }


def joined_hash(of_model: str, evidence: str) -> str:
    """Return the hash over figures and evidence: another finding makes another list."""
    return hashlib.sha256(f"{of_model}\n{evidence}".encode()).hexdigest()
