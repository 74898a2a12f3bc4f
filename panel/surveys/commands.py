"""Sessions of the collective evaluation: entering, checking by a second person, voiding."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from piccolo.columns import Column
from piccolo.custom_types import Combinable

from panel import entropy
from panel.actor import Actor, Role, Signature, second_person
from panel.audit.commands import Note, entry
from panel.db import insert_rows
from panel.errors import Conflict, Fault, Invalid
from panel.ids import Code
from panel.roster import queries as roster
from panel.rulebook import queries as rulebooks
from panel.surveys import queries, rules
from panel.surveys.tables import BallotCount, CollectiveSession
from panel.surveys.types import (
    NewSession,
    NewTally,
    SessionState,
    SessionView,
    VoidReason,
)

_SESSION: Final = (
    "code", "year", "entitled", "present", "issued", "returned", "spoiled", "document", "state",
    "void_reason", "void_asked_by",
)  # fmt: skip
_TALLY: Final = ("session", "unit", "levels", "unknown")


async def hold(actor: Actor, new: NewSession, *, at: datetime) -> Code:
    """Take down a session that was held; its figures follow."""
    actor.require(Role.COORDINATOR)
    rules.check_session(new, at)
    version = await rulebooks.current()
    async with entry(actor, "surveys.hold", at=at) as note:
        row = CollectiveSession(
            **msgspec.structs.asdict(new),
            code=entropy.code(),
            rulebook=version.code,
            editors=rules.with_editor((), actor.person),
            made_at=at,
        )
        await insert_rows(CollectiveSession, [row])
        note.seal(row, *_SESSION)
        note.about("session", row.code, year=new.year)
    return Code(row.code)


async def enter(actor: Actor, code: Code, tallies: Sequence[NewTally], *, at: datetime) -> int:
    """Store the counts of units; those that are known are written over. Return how many."""
    actor.require(Role.COORDINATOR)
    async with entry(actor, "surveys.enter", at=at) as note:
        session = await queries.session(code)
        rules.may_edit(session)
        for tally in tallies:
            rules.check_tally(tally, session)
        units = {unit.code: unit.id for unit in await roster.units()}
        if any(tally.unit not in units for tally in tallies):
            raise Invalid("tally.faults", Fault("unit", "count.unit_unknown"))
        for tally in tallies:
            await _put(note, session.id, units[tally.unit], tally)
        await _change(
            note,
            session,
            SessionState.OPEN,
            {CollectiveSession.editors: rules.with_editor(session.editors, actor.person)},
        )
        note.about("session", code, units=len(tallies))
    return len(tallies)


async def _put(note: Note, session: int, unit: int, tally: NewTally) -> None:
    levels = ",".join(str(each) for each in tally.levels)
    row = await BallotCount.objects().get(
        (BallotCount.session == session) & (BallotCount.unit == unit)
    )
    if row is None:
        row = BallotCount(session=session, unit=unit, levels=levels, unknown=tally.unknown)
        await insert_rows(BallotCount, [row])
    else:
        row.levels, row.unknown = levels, tally.unknown
        await BallotCount.update(
            {BallotCount.levels: levels, BallotCount.unknown: tally.unknown}
        ).where(BallotCount.id == row.id)
    note.seal(row, *_TALLY)


async def import_tallies(
    actor: Actor, code: Code, data: bytes, filename: str, *, at: datetime
) -> int:
    """Store a table of counts whole, or refuse it with every fault by its cell."""
    actor.require(Role.COORDINATOR)
    session = await queries.session(code)
    found = rules.read_tallies(data, filename, await roster.unit_references(), session)
    return await enter(actor, code, found, at=at)


async def hand_on(actor: Actor, code: Code, *, at: datetime) -> None:
    """Hand complete figures to the second person."""
    actor.require(Role.COORDINATOR)
    async with entry(actor, "surveys.hand_on", at=at) as note:
        session = await queries.session(code)
        rules.may_hand_on(session, await queries.missing_units(session))
        await _change(
            note, session, SessionState.OPEN, {CollectiveSession.state: SessionState.ENTERED}
        )
        note.about("session", code)


async def check(
    actor: Actor, code: Code, *, at: datetime, paper: Signature | None = None
) -> SessionView:
    """Confirm the figures as a second person; the numbers then say whether the session stands."""
    actor.require(Role.COORDINATOR, Role.PUBLISHER)
    async with entry(actor, "surveys.check", at=at, paper=paper) as note:
        session = await queries.session(code)
        rules.may_check(session)
        for editor in session.editors or {None}:
            second_person(editor, actor, paper)
        book = (await rulebooks.frozen(session.rulebook_code)).rulebook
        void = rules.verdict(session, book.collective.quorum_percent)
        await _change(
            note,
            session,
            SessionState.ENTERED,
            {
                CollectiveSession.state: SessionState.VOID if void else SessionState.VALID,
                CollectiveSession.void_reason: void.value if void else "",
                CollectiveSession.checked_by: actor.person,
                CollectiveSession.checked_at: at,
            },
        )
        note.about("session", code, void=void.value if void else "")
    return await queries.session(code)


async def send_back(actor: Actor, code: Code, reason: str, *, at: datetime) -> None:
    """Give figures back that differ from the protocol."""
    actor.require(Role.COORDINATOR, Role.PUBLISHER)
    _reasoned(reason)
    async with entry(actor, "surveys.send_back", at=at, reason=reason) as note:
        session = await queries.session(code)
        rules.may_check(session)
        await _change(
            note,
            session,
            SessionState.ENTERED,
            {CollectiveSession.state: SessionState.OPEN, CollectiveSession.reason: reason},
        )
        note.about("session", code)


async def ask_void(actor: Actor, code: Code, reason: str, *, at: datetime) -> None:
    """Ask that a valid session be void, with a reason; it counts until another person agrees."""
    actor.require(Role.COORDINATOR, Role.PUBLISHER)
    _reasoned(reason)
    async with entry(actor, "surveys.ask_void", at=at, reason=reason) as note:
        session = await queries.session(code)
        rules.may_ask_void(session)
        await _change(
            note,
            session,
            SessionState.VALID,
            {
                CollectiveSession.void_asked_by: actor.person,
                CollectiveSession.void_asked_at: at,
                CollectiveSession.void_asked_reason: reason.strip(),
            },
            CollectiveSession.void_asked_at.is_null(),
        )
        note.about("session", code)


async def void(actor: Actor, code: Code, *, at: datetime, paper: Signature | None = None) -> None:
    """Declare void what somebody asked for, as a person who neither asked nor entered figures.

    A leader's signature on paper stands for that person.
    """
    actor.require(Role.COORDINATOR, Role.PUBLISHER)
    async with entry(actor, "surveys.void", at=at, paper=paper) as note:
        session = await queries.session(code)
        rules.may_void(session, actor, paper)
        await _change(
            note,
            session,
            SessionState.VALID,
            {
                CollectiveSession.state: SessionState.VOID,
                CollectiveSession.void_reason: VoidReason.OFFICE,
                CollectiveSession.reason: session.void_asked_reason,
            },
            CollectiveSession.void_asked_at == session.void_asked_at,
        )
        note.about("session", code)


async def decline_void(actor: Actor, code: Code, *, at: datetime) -> None:
    """Turn down that a session be void, or take the own request back; it goes on to count."""
    actor.require(Role.COORDINATOR, Role.PUBLISHER)
    async with entry(actor, "surveys.decline_void", at=at) as note:
        session = await queries.session(code)
        rules.asked_void(session)
        await _change(
            note,
            session,
            SessionState.VALID,
            {
                CollectiveSession.void_asked_by: None,
                CollectiveSession.void_asked_at: None,
                CollectiveSession.void_asked_reason: "",
            },
            CollectiveSession.void_asked_at == session.void_asked_at,
        )
        note.about("session", code)


def _reasoned(reason: str) -> None:
    if not reason.strip():
        raise Invalid("form.faults", Fault("reason", "form.required"))


async def _change(
    note: Note,
    session: SessionView,
    state: SessionState,
    values: dict[Column | str, Any],
    *conditions: Combinable,
) -> None:
    """Change a session that still stands where the command found it."""
    changed = (
        await CollectiveSession.update(values)
        .where(
            CollectiveSession.id == session.id,
            CollectiveSession.state == state.value,
            *conditions,
        )
        .returning(CollectiveSession.id)
    )
    if not changed:
        raise Conflict("session.changed")
    row = await CollectiveSession.objects().get(CollectiveSession.id == session.id)
    if row is not None:
        note.seal(row, *_SESSION)
