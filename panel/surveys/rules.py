"""Decisions about ballots: what can be, when a session is void, what the answers are worth."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Final

from panel.actor import Actor, Signature, second_person
from panel.errors import Conflict, Fault, Invalid
from panel.ids import Code, PersonId
from panel.roster.rules.cells import whole
from panel.roster.rules.tables import fault, read_table, refuse_faults
from panel.score import half_up
from panel.surveys.types import (
    UNIT_COLUMN,
    Collected,
    NewSession,
    NewTally,
    SessionState,
    SessionView,
    TallyView,
    VoidReason,
    columns,
)
from panel.workdays import SHANGHAI

_MOST: Final = 1_000_000
_WHOLE: Final = 100
_LINE: Final = 120
_NUMBERS: Final = ("entitled", "present", "issued", "returned", "spoiled")


def check_session(new: NewSession, at: datetime) -> None:
    """Refuse a session that can't be: a day to come, more present than entitled, no protocol."""
    faults = list(_wrong_session(new, at.astimezone(SHANGHAI).date()))
    if faults:
        raise Invalid("form.faults", *faults)


def _wrong_session(new: NewSession, today: date) -> Iterator[Fault]:
    for name in ("title", "document"):
        if not getattr(new, name):
            yield Fault(name, "form.required")
    for name in ("title", "title_en", "document"):
        if len(getattr(new, name)) > _LINE:
            yield Fault(name, "form.too_long", {"most": _LINE})
    if new.held_on > today:
        yield Fault("held_on", "session.future")
    if new.held_on.year not in {new.year, new.year + 1}:
        yield Fault("held_on", "session.year", {"year": new.year})
    yield from _wrong_numbers(new)


def _wrong_numbers(new: NewSession) -> Iterator[Fault]:
    for name in _NUMBERS:
        if not 0 <= getattr(new, name) <= _MOST:
            yield Fault(name, "session.range", {"most": _MOST})
    if new.entitled < 1:
        yield Fault("entitled", "session.nobody")
    if new.present > new.entitled:
        yield Fault("present", "session.present")
    if new.spoiled > new.returned:
        yield Fault("spoiled", "session.spoiled")


def check_tally(tally: NewTally, session: SessionView) -> None:
    """Refuse counts that the session's ballots can't give."""
    faults = list(_wrong_tally(tally, session))
    if faults:
        raise Invalid("tally.faults", *faults)


def _wrong_tally(tally: NewTally, session: SessionView) -> Iterator[Fault]:
    if len(tally.levels) != len(session.levels):
        yield Fault("levels", "tally.levels", {"count": len(session.levels)})
    if any(not 0 <= each <= _MOST for each in (*tally.levels, tally.unknown)):
        yield Fault("levels", "session.range", {"most": _MOST})
    elif sum(tally.levels) + tally.unknown > session.valid:
        yield Fault("levels", "tally.more_than_valid", {"valid": session.valid})


def read_tallies(
    data: bytes, filename: str, units: Mapping[str, Code], session: SessionView
) -> list[NewTally]:
    """Read a table of counts; refuses it whole with every fault by row and column."""
    found: list[Fault] = []
    titles = columns(len(session.levels))
    sheet = read_table(
        data, filename, titles, required=titles[:-1], unique=UNIT_COLUMN, faults=found
    )
    tallies: list[NewTally] = []
    for row in sheet.rows:
        before = len(found)
        unit = units.get(row.cells.get(UNIT_COLUMN, ""))
        counts = [whole(row, title, _MOST, found) or 0 for title in titles[1:]]
        if unit is None:
            if row.cells.get(UNIT_COLUMN):
                found.append(fault(row.number, UNIT_COLUMN, "count.unit_unknown"))
            continue
        tally = NewTally(unit, tuple(counts[:-1]), counts[-1])
        if len(found) == before:
            found.extend(
                fault(row.number, titles[1], each.code, **_plain(each))
                for each in _wrong_tally(tally, session)
            )
        tallies.append(tally)
    if len({tally.unit for tally in tallies}) < len(tallies) and not found:
        found.append(fault(sheet.rows[0].number, UNIT_COLUMN, "count.twice"))
    refuse_faults(found)
    return tallies


def _plain(each: Fault) -> dict[str, str | int]:
    return {name: value for name, value in each.values.items() if isinstance(value, (str, int))}


def may_edit(session: SessionView) -> None:
    """Refuse figures for a session that was handed on."""
    if session.state is not SessionState.OPEN:
        raise Conflict("session.not_open")


def may_hand_on(session: SessionView, missing: Sequence[str]) -> None:
    """Refuse to hand on figures in which a unit is missing: the panel judges all of them."""
    may_edit(session)
    if missing:
        raise Conflict("session.units_missing", n=len(missing), first=missing[0])


def may_check(session: SessionView) -> None:
    """Refuse a check of figures that are not complete or were checked before."""
    if session.state is not SessionState.ENTERED:
        raise Conflict("session.not_entered")


def may_ask_void(session: SessionView) -> None:
    """Refuse to ask that a session be void that does not stand, or a second time."""
    if session.state is not SessionState.VALID:
        raise Conflict("session.not_valid")
    if session.void_asked_at is not None:
        raise Conflict("session.void_asked")


def asked_void(session: SessionView) -> None:
    """Refuse what follows a request where nobody asked."""
    if session.state is not SessionState.VALID:
        raise Conflict("session.not_valid")
    if session.void_asked_at is None:
        raise Conflict("session.void_not_asked")


def may_void(session: SessionView, actor: Actor, paper: Signature | None) -> None:
    """Refuse whoever asked for it or entered figures, unless a leader signed on paper."""
    asked_void(session)
    for person in {session.void_asked_by, *session.editors}:
        second_person(person, actor, paper)


def verdict(session: SessionView, quorum_percent: int) -> VoidReason | None:
    """Return why a session is void by its own numbers; nothing where it stands."""
    if session.returned > session.issued:
        return VoidReason.RETURNED
    if session.present * _WHOLE <= session.entitled * quorum_percent:
        return VoidReason.QUORUM
    return None


def with_editor(editors: Collection[PersonId], person: PersonId | None) -> str:
    """Return the people who wrote at the figures, as they are stored."""
    return ",".join(str(each) for each in sorted({*editors, *([] if person is None else [person])}))


def collect(sessions: Sequence[tuple[SessionView, Sequence[TallyView]]]) -> dict[Code, Collected]:
    """Add up what the valid sessions of a year say about each unit."""
    found: dict[Code, Collected] = {}
    for session, tallies in sessions:
        if session.state is not SessionState.VALID:
            continue
        for each in tallies:
            old = found.get(each.unit_code) or Collected(
                each.unit_code, (0,) * len(session.levels), 0, (), 0, 0, 0
            )
            if len(old.levels) != len(each.levels):
                raise Conflict("session.levels_differ", year=session.year)
            found[each.unit_code] = Collected(
                unit_code=each.unit_code,
                levels=tuple(a + b for a, b in zip(old.levels, each.levels, strict=True)),
                unknown=old.unknown + each.unknown,
                sessions=(*old.sessions, session.code),
                issued=old.issued + session.issued,
                returned=old.returned + session.returned,
                valid=old.valid + session.valid,
            )
    return found


def figure(levels: Sequence[int], worth: Sequence[int], minimum: int) -> int | None:
    """Return the mean worth of the answers in hundredths; nothing below the minimum of them."""
    judged = sum(levels)
    if len(levels) != len(worth) or judged < max(minimum, 1):
        return None
    return half_up(sum(count * each for count, each in zip(levels, worth, strict=True)), judged)
