"""Taking in the offices' tables: the whole file or nothing, updates by number, never a deletion."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from piccolo.columns import Column
from piccolo.table import Table

from panel import entropy, keys
from panel.accounts import queries as accounts
from panel.actor import Actor, Role
from panel.audit.commands import Note, entry
from panel.chance import canonical
from panel.db import Duplicate, insert_rows
from panel.errors import Conflict, Fault
from panel.ids import PersonId
from panel.roster.commands import windows
from panel.roster.rules import entries as rules
from panel.roster.rules import tables as table_rules
from panel.roster.rules.entries import Entry, Known, Speaker
from panel.roster.tables import Hall, Item, Liaison, Unit, Window
from panel.roster.types import HEADERS, ImportReport, Sheet, TableKind
from panel.rulebook import queries as rulebook
from panel.rulebook.types import RulebookState
from panel.vault import commands as vault
from panel.vault.types import Identity, Purpose

_TABLES: dict[TableKind, type[Table]] = {
    TableKind.UNITS: Unit,
    TableKind.HALLS: Hall,
    TableKind.WINDOWS: Window,
    TableKind.ITEMS: Item,
}
_SEALED_OF_UNITS = ("code", "number", "peer_group", "active")


async def import_file(
    actor: Actor, kind: TableKind, data: bytes, filename: str, *, at: datetime
) -> ImportReport:
    """Take in a CSV or XLSX file; refuses it whole with every fault by row and column."""
    actor.require(Role.COORDINATOR)
    faults: list[Fault] = []
    sheet = table_rules.read_table(
        data,
        filename,
        HEADERS[kind],
        required=rules.REQUIRED[kind],
        unique=rules.KEY[kind],
        faults=faults,
    )
    return await import_table(actor, kind, sheet, at=at, faults=faults)


async def import_table(
    actor: Actor, kind: TableKind, sheet: Sheet, *, at: datetime, faults: Sequence[Fault] = ()
) -> ImportReport:
    """Add or update what a table names by its numbers, never delete; refuses every fault."""
    actor.require(Role.COORDINATOR)
    try:
        async with entry(actor, "roster.import", at=at) as note:
            found = list(faults)
            rows = rules.entries(kind, sheet, await _known(), found)
            table_rules.refuse_faults(found)
            added, written = await _write(_TABLES[kind], rows)
            if kind is TableKind.UNITS:
                written |= await _speak(actor, rows, at=at)
            await _record(note, kind, [row for row in rows if row.ref in written])
    except Duplicate as problem:
        raise Conflict("roster.import_at_once") from problem
    return ImportReport(
        kind=kind,
        rows=len(rows),
        added=len(added),
        changed=len(written - added),
        unchanged=len(rows) - len(written),
    )


async def _refs(table: type[Table]) -> dict[str, int]:
    """Return the ids of what is stored by the city's numbers."""
    return {row["number"]: row["id"] for row in await table.select("id", "number")}


async def _known() -> Known:
    """Gather what the rows of a table may refer to; without a rulebook any group may stand."""
    groups: dict[str, str] = {}
    for version in await rulebook.versions():
        if version.state is RulebookState.APPROVED:
            for group in version.rulebook.peer_groups:
                groups[group.key] = groups[group.text.zh] = group.key
            break
    return Known(
        units=frozenset(await _refs(Unit)),
        halls=frozenset(await _refs(Hall)),
        windows=frozenset(await _refs(Window)),
        groups=groups,
    )


async def _write(table: type[Table], rows: Sequence[Entry]) -> tuple[set[str], set[str]]:
    """Insert what is new and update what differs; return the numbers added and written."""
    before = await _refs(table)
    added = {row.ref for row in rows if row.ref not in before}
    ids = {"unit": await _refs(Unit), "hall": await _refs(Hall), "window": await _refs(Window)}
    fresh: list[dict[str, Any]] = [
        {"code": entropy.code(), "number": row.ref, **row.values, **_links(row, ids)}
        for row in rows
        if row.ref in added
    ]
    await insert_rows(table, [table(**values) for values in fresh])
    # A unit may stand above others of the same file, so parents are set once all have ids.
    ids["parent"] = ids["unit"] if table is not Unit else await _refs(Unit)
    stored = {row["number"]: row for row in await table.select()}
    written = set(added)
    for row in rows:
        wanted: dict[str, Any] = {**row.values, **_links(row, ids)}
        old = stored[row.ref]
        new: dict[Column | str, Any] = {
            field: value for field, value in wanted.items() if old[field] != value
        }
        if new:
            written.add(row.ref)
            key = table._meta.primary_key  # noqa: SLF001 - Piccolo's documented metadata
            await table.update(new).where(key == old["id"])
    return added, written


def _links(row: Entry, ids: dict[str, dict[str, int]]) -> dict[str, int | None]:
    """Turn the numbers that a row refers to into ids, as far as their tables are known."""
    return {
        field: ids[field][ref] if ref else None for field, ref in row.refers.items() if field in ids
    }


async def _record(note: Note, kind: TableKind, rows: Sequence[Entry]) -> None:
    """Tell the history what was written: number and root; guard what decides about scores."""
    digests = [
        keys.current().hash(
            "audit", canonical({"ref": row.ref, **row.values, **row.refers}).decode()
        )
        for row in rows
    ]
    note.bulk(f"roster.{kind}", digests)
    refs = [row.ref for row in rows]
    if kind is TableKind.WINDOWS and refs:
        await windows.seal(note, refs)
    if kind is TableKind.UNITS and refs:
        for unit in await Unit.objects().where(Unit.number.is_in(refs)):
            note.seal(unit, *_SEALED_OF_UNITS)


async def _speak(actor: Actor, rows: Sequence[Entry], *, at: datetime) -> set[str]:
    """Keep who speaks for the units, names and telephones in the vault; return what changed."""
    units = await _refs(Unit)
    stored = {(row["unit"], row["deputy"]): row for row in await Liaison.select()}
    persons = {row["match"]: PersonId(row["person"]) for row in stored.values()}
    changes: list[tuple[str, Speaker, str]] = []
    for row in rows:
        for speaker in row.speakers:
            match = keys.current().hash("person", "liaison", speaker.name, speaker.phone)
            old = stored.get((units[row.ref], speaker.deputy))
            if old is None or old["match"] != match:
                changes.append((row.ref, speaker, match))
    strangers = {match: speaker for _, speaker, match in changes if match not in persons}
    numbers = await vault.enrol_many(
        [Identity(name=one.name, phone=one.phone) for one in strangers.values()],
        at=at,
        purpose=Purpose.STAFF,
    )
    persons |= dict(zip(strangers, numbers, strict=True))
    fresh: list[Table] = []
    left: set[PersonId] = set()
    for ref, speaker, match in changes:
        old = stored.get((units[ref], speaker.deputy))
        if old is None:
            fresh.append(
                Liaison(unit=units[ref], deputy=speaker.deputy, person=persons[match], match=match)
            )
        else:
            left.add(PersonId(old["person"]))
            await Liaison.update({Liaison.person: persons[match], Liaison.match: match}).where(
                Liaison.id == old["id"]
            )
    await insert_rows(Liaison, fresh)
    await _forget(actor, left, at=at)
    return {ref for ref, _, _ in changes}


async def _forget(actor: Actor, left: set[PersonId], *, at: datetime) -> None:
    """Erase who no longer speaks for any unit and has no account: nobody needs the data."""
    if not left:
        return
    rows = await Liaison.select(Liaison.person).where(Liaison.person.is_in(list(left)))
    kept = {row["person"] for row in rows}
    kept |= {account.person for account in await accounts.accounts()}
    for person in sorted(left - kept):
        await vault.erase(actor, person, "no longer liaison", at=at)
