"""Officers and their duty rosters: taken in whole, agreed to by the unit and by the office."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from piccolo.columns import Column

from panel import entropy, keys
from panel.accounts import queries as accounts
from panel.actor import Actor, Role
from panel.audit.commands import Note, entry
from panel.db import Duplicate, insert_rows, insert_values
from panel.errors import Conflict, Fault
from panel.ids import Code, PersonId
from panel.notices import commands as notices
from panel.notices.types import MessageKind
from panel.roster import queries
from panel.roster.commands.erasure import SEALED as OFFICER_SEALED
from panel.roster.queries import duty
from panel.roster.rules import duty as rules
from panel.roster.rules import tables as table_rules
from panel.roster.rules.windows import tidy_reason
from panel.roster.tables import DutyRoster, DutyShift, Officer, Unit, Window
from panel.roster.types import (
    DUTY_COLUMNS,
    OFFICER_COLUMNS,
    DutyState,
    DutyView,
    OfficerReport,
    OfficerState,
    Shift,
)
from panel.vault import commands as vault
from panel.vault.types import Identity, Purpose

_DUTY_SEALED: Final = ("code", "unit", "state", "digest", "agreed_by", "confirmed_by")


async def import_officers(
    actor: Actor, data: bytes, filename: str, *, at: datetime
) -> OfficerReport:
    """Take in who serves at the windows, whole or not at all; names go to the vault.

    Updates by unit and number, never deletes: who has gone is marked in the column of states.
    """
    actor.require(Role.COORDINATOR)
    faults: list[Fault] = []
    sheet = table_rules.read_table(
        data, filename, OFFICER_COLUMNS, required=rules.OFFICERS_REQUIRED, faults=faults
    )
    units = {row["number"]: row["id"] for row in await Unit.select(Unit.id, Unit.number)}
    rows = rules.officer_rows(sheet, units, faults)
    table_rules.refuse_faults(faults)
    try:
        async with entry(actor, "roster.import_officers", at=at) as note:
            added, changed = await _write_officers(note, rows, units, at=at)
    except Duplicate as problem:
        raise Conflict("roster.import_at_once") from problem
    return OfficerReport(rows=len(rows), added=added, changed=changed)


def _match(row: rules.OfficerRow) -> str:
    return keys.current().hash("person", "officer", row.unit, row.number, row.name)


async def _write_officers(
    note: Note, rows: Sequence[rules.OfficerRow], units: dict[str, int], *, at: datetime
) -> tuple[int, int]:
    """Insert who is new and update who changed; return how many of each."""
    stored = {(row.unit, row.number): row for row in await Officer.objects()}
    fresh = [row for row in rows if (units[row.unit], row.number) not in stored]
    persons = await vault.enrol_many(
        [Identity(name=row.name) for row in fresh], at=at, purpose=Purpose.STAFF
    )
    made = [
        Officer(
            code=entropy.code(),
            unit=units[row.unit],
            number=row.number,
            person=person,
            match=_match(row),
            post=row.post,
            post_en=row.post_en,
            mid_level=row.mid_level,
            state=row.state,
        )
        for row, person in zip(fresh, persons, strict=True)
    ]
    for one, number in zip(made, await insert_rows(Officer, made), strict=True):
        one.id = number
    written = list(made)
    for row in rows:
        old = stored.get((units[row.unit], row.number))
        if old is not None and await _update_officer(old, row, at=at):
            written.append(old)
    for one in written:
        note.seal(one, *OFFICER_SEALED)
    note.bulk("roster.officers", [keys.current().hash("audit", one.code) for one in written])
    return len(made), len(written) - len(made)


async def _update_officer(old: Officer, row: rules.OfficerRow, *, at: datetime) -> bool:
    """Write what differs of an officer; tell whether anything did.

    Who was erased stays so, however often a table repeats the name, and is a new person to us
    on coming back.
    """
    erased = not old.match
    if erased and row.state == OfficerState.LEFT:
        return False
    wanted: dict[str, Any] = {
        "match": _match(row),
        "post": row.post,
        "post_en": row.post_en,
        "mid_level": row.mid_level,
        "state": row.state,
    }
    new: dict[Column | str, Any] = {
        name: value for name, value in wanted.items() if getattr(old, name) != value
    }
    if not new:
        return False
    if erased:
        (person,) = await vault.enrol_many([Identity(name=row.name)], at=at, purpose=Purpose.STAFF)
        new |= {"person": person, "erased_at": None, "erase_asked_by": None, "erase_asked_at": None}
        old.person = person
    elif "match" in new:
        await vault.replace(PersonId(old.person), Identity(name=row.name))
    await Officer.update(new).where(Officer.id == old.id)
    for name, value in wanted.items():
        setattr(old, name, value)
    return True


async def import_roster(
    actor: Actor, data: bytes, filename: str, *, at: datetime
) -> list[DutyView]:
    """Take in duty rosters, one for each unit that the file names; refuses every fault.

    By the office for every unit, by a liaison for the own one. A day at a window about which
    another roster speaks is refused: what two sides agreed to is never written over.
    """
    own = rules.may_file(actor)
    faults: list[Fault] = []
    sheet = table_rules.read_table(
        data, filename, DUTY_COLUMNS, required=rules.DUTY_REQUIRED, faults=faults
    )
    async with entry(actor, "roster.import_duty", at=at) as note:
        found = rules.shifts(sheet, await _places(own), faults)
        table_rules.refuse_faults(faults)
        codes = [await _file(note, actor, unit, made, at=at) for unit, made in found.items()]
    return [await duty.roster(code) for code in codes]


async def _places(own: Code | None) -> rules.Places:
    """Gather the windows, officers and days that a roster may and may not name."""
    windows = {row["number"]: (row["id"], row["unit"])
               for row in await Window.select(Window.id, Window.number, Window.unit)}  # fmt: skip
    people = await Officer.select(Officer.id, Officer.unit, Officer.number).where(
        Officer.state == OfficerState.IN_POST.value
    )
    return rules.Places(
        windows=windows,
        officers={(row["unit"], row["number"]): row["id"] for row in people},
        covered=await duty.covered([each for each, _ in windows.values()], date.min, date.max),
        own=(await queries.unit(own)).id if own is not None else None,
    )


async def _file(
    note: Note, actor: Actor, unit: int, made: Sequence[Shift], *, at: datetime
) -> Code:
    """Store the roster of one unit and tell its liaison that something waits."""
    row = DutyRoster(
        code=entropy.code(),
        unit=unit,
        first_day=min(made).day,
        last_day=max(made).day,
        state=DutyState.DRAFT,
        digest=rules.digest(made),
        filed_by=actor.person,
        filed_at=at,
    )
    (row.id,) = await insert_rows(DutyRoster, [row])
    await insert_values(
        DutyShift,
        ("roster", "window", "day", "half", "officer"),
        [(row.id, each.window_id, each.day, each.half.value, each.officer_id) for each in made],
    )
    note.seal(row, *_DUTY_SEALED)
    note.about("duty", row.code, shifts=len(made), digest=row.digest)
    if not actor.may(Role.LIAISON):
        owner = await Unit.select(Unit.code).where(Unit.id == unit).first()
        speakers = await accounts.liaisons([owner["code"]] if owner else [])
        for persons in speakers.values():
            await notices.post(persons, MessageKind.UNIT_WAITS, f"duty:{row.code}", at=at)
    return Code(row.code)


async def agree(actor: Actor, code: Code, *, at: datetime) -> DutyView:
    """Agree to a roster for the unit whose it is."""
    view = await duty.roster(code)
    rules.may_agree(actor, view)
    values: dict[Column | str, Any] = {
        DutyRoster.agreed_by: actor.person,
        DutyRoster.agreed_at: at,
    }
    return await _turn(actor, view, "roster.agree_duty", DutyState.AGREED, values, at=at)


async def confirm(actor: Actor, code: Code, *, at: datetime) -> DutyView:
    """Confirm a roster that its unit agreed to; from now on it says whose a visit was."""
    view = await duty.roster(code)
    rules.may_confirm(actor, view)
    values: dict[Column | str, Any] = {
        DutyRoster.confirmed_by: actor.person,
        DutyRoster.confirmed_at: at,
    }
    return await _turn(actor, view, "roster.confirm_duty", DutyState.CONFIRMED, values, at=at)


async def send_back(actor: Actor, code: Code, reason: str, *, at: datetime) -> DutyView:
    """Send a roster back with a reason, before the office has confirmed it."""
    view = await duty.roster(code)
    rules.may_return(actor, view)
    values: dict[Column | str, Any] = {DutyRoster.reason: tidy_reason(reason)}
    return await _turn(actor, view, "roster.return_duty", DutyState.RETURNED, values, at=at)


async def _turn(
    actor: Actor,
    view: DutyView,
    command: str,
    state: DutyState,
    values: dict[Column | str, Any],
    *,
    at: datetime,
) -> DutyView:
    """Bring a roster from the state that was judged into another one."""
    async with entry(actor, command, at=at) as note:
        done = (
            await DutyRoster.update({DutyRoster.state: state.value, **values})
            .where(DutyRoster.id == view.id, DutyRoster.state == view.state.value)
            .returning(DutyRoster.id)
        )
        if not done:
            raise Conflict("duty.state", state=view.state.value)
        row = await DutyRoster.objects().get(DutyRoster.id == view.id)
        if row is not None:
            note.seal(row, *_DUTY_SEALED)
        note.about("duty", view.code, before=view.state.value, after=state.value)
    return await duty.roster(view.code)
