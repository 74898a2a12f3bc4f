"""Reads of letters and of what is public; names go when their time is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from panel.actor import Actor, Role
from panel.db import raw
from panel.errors import Missing
from panel.evaluations.queries.findings import replies
from panel.evaluations.rules.texts import unnamed
from panel.evaluations.types.exposures import (
    ExposureState,
    ExposureView,
    NoteKind,
    NoteView,
    PublicExposure,
    TransferState,
    TransferView,
)
from panel.evaluations.types.findings import FindingState, ReplyView, Stance
from panel.ids import Code, PersonId

_PUBLIC: Final = (
    "SELECT e.id, e.code, e.finding, e.state, e.title, e.text, e.reply_shown, e.exposed_at, "
    "e.named_until, f.severity, f.state AS finding_state, f.order_text, u.name AS unit_name, "
    "u.name_en AS unit_name_en, u.peer_group, w.name AS window_name, "
    "w.name_en AS window_name_en FROM exposure e JOIN finding f ON f.id = e.finding "
    'JOIN unit u ON u.id = f.unit LEFT JOIN service_window w ON w.id = f."window" '
    "WHERE e.state IN ({}, {}) "
)
_NAMES: Final = ("unit_name", "unit_name_en", "window_name", "window_name_en")
_NOBODY: Final = "某单位"


def _person(value: int | None) -> PersonId | None:
    return None if value is None else PersonId(value)


async def _notes(exposures: Sequence[int]) -> dict[int, tuple[NoteView, ...]]:
    """Return what was added to some exposures, the first addition first."""
    found: dict[int, tuple[NoteView, ...]] = dict.fromkeys(exposures, ())
    if exposures:
        marks = ", ".join("{}" for _ in exposures)
        for row in await raw(
            "SELECT exposure, kind, text, at FROM exposure_note "
            f"WHERE exposure IN ({marks}) ORDER BY id",
            *exposures,
        ):
            note = NoteView(NoteKind(row["kind"]), row["text"], row["at"])
            found[row["exposure"]] += (note,)
    return found


async def exposures_of(finding_id: int) -> list[ExposureView]:
    """Return what was proposed to be public of a finding, the newest first."""
    rows = await raw(
        "SELECT e.*, f.code AS finding_code FROM exposure e JOIN finding f ON f.id = e.finding "
        "WHERE e.finding = {} ORDER BY e.id DESC",
        finding_id,
    )
    return [await _view(row) for row in rows]


async def exposure(code: Code) -> ExposureView:
    """Return one exposure for the office."""
    rows = await raw(
        "SELECT e.*, f.code AS finding_code FROM exposure e JOIN finding f ON f.id = e.finding "
        "WHERE e.code = {}",
        code,
    )
    if not rows:
        raise Missing("exposure.missing")
    return await _view(rows[0])


async def _view(row: dict[str, Any]) -> ExposureView:
    return ExposureView(
        id=row["id"],
        code=Code(row["code"]),
        finding=Code(row["finding_code"]),
        state=ExposureState(row["state"]),
        title=row["title"],
        text=row["text"],
        reply_shown=row["reply_shown"],
        checked=msgspec.json.decode(row["checked"], type=tuple[str, ...]),
        proposed_by=_person(row["proposed_by"]),
        proposed_at=row["proposed_at"],
        decided_by=_person(row["decided_by"]),
        exposed_at=row["exposed_at"],
        named_until=row["named_until"],
        refusal=row["refusal"],
        notes=(await _notes([row["id"]]))[row["id"]],
    )


async def proposed(actor: Actor) -> list[ExposureView]:
    """Return the texts that wait for this publisher: those that somebody else wrote."""
    if not actor.may(Role.PUBLISHER):
        return []
    rows = await raw(
        "SELECT e.*, f.code AS finding_code FROM exposure e JOIN finding f ON f.id = e.finding "
        "WHERE e.state = {} AND (e.proposed_by IS NULL OR e.proposed_by <> {}) ORDER BY e.id",
        ExposureState.PROPOSED,
        actor.person,
    )
    return [await _view(row) for row in rows]


async def public_exposures(
    *, at: datetime, before: int | None = None, limit: int = 30
) -> tuple[list[PublicExposure], int | None]:
    """Return what is public, the newest first, and the number from which the next page goes on."""
    rows = await raw(
        _PUBLIC + "AND e.id < {} ORDER BY e.id DESC LIMIT {}",
        ExposureState.EXPOSED,
        ExposureState.WITHDRAWN,
        before or 2**31 - 1,
        limit,
    )
    further = rows[-1]["id"] if len(rows) == limit else None
    return await _publics(rows, at), further


async def public_exposure(code: Code, *, at: datetime) -> PublicExposure:
    """Return one public exposure; a withdrawn one tells that it was, and its text no more."""
    rows = await raw(
        _PUBLIC + "AND e.code = {}", ExposureState.EXPOSED, ExposureState.WITHDRAWN, code
    )
    if not rows:
        raise Missing("exposure.missing")
    return (await _publics(rows, at))[0]


async def _publics(rows: list[dict[str, Any]], at: datetime) -> list[PublicExposure]:
    added = await _notes([row["id"] for row in rows])
    answers = await replies([row["finding"] for row in rows])
    return [_public(row, added[row["id"]], answers.get(row["finding"]), at) for row in rows]


def _public(
    row: dict[str, Any], added: tuple[NoteView, ...], answer: ReplyView | None, at: datetime
) -> PublicExposure:
    withdrawn = row["state"] == ExposureState.WITHDRAWN
    over = row["named_until"] is not None and at > row["named_until"]
    names = [row[name] or "" for name in _NAMES]
    shown = [""] * len(names) if withdrawn or over else names
    gone = names if over else []
    notes = [
        msgspec.structs.replace(note, text=unnamed(note.text, gone, _NOBODY)) for note in added
    ]
    return PublicExposure(
        code=Code(row["code"]),
        state=ExposureState(row["state"]),
        title="" if withdrawn else unnamed(row["title"], gone, _NOBODY),
        text="" if withdrawn else unnamed(row["text"], gone, _NOBODY),
        unit_name=shown[0],
        unit_name_en=shown[1],
        window_name=shown[2],
        window_name_en=shown[3],
        peer_group=row["peer_group"],
        severity=row["severity"],
        finding_state=FindingState(row["finding_state"]),
        stance=answer.stance if answer else Stance.SILENT,
        reply="" if withdrawn else unnamed(row["reply_shown"], gone, _NOBODY),
        order_text="" if withdrawn else unnamed(row["order_text"], gone, _NOBODY),
        exposed_at=row["exposed_at"],
        notes=tuple(notes),
    )


async def transfers(finding_id: int) -> list[TransferView]:
    """Return the letters about a finding, the first one first."""
    rows = await raw(
        "SELECT t.*, f.code AS finding_code FROM finding_transfer t "
        "JOIN finding f ON f.id = t.finding WHERE t.finding = {} ORDER BY t.id",
        finding_id,
    )
    return [_transfer(row) for row in rows]


async def transfer(finding_id: int, code: Code) -> TransferView:
    """Return one letter about a finding."""
    found = next((each for each in await transfers(finding_id) if each.code == code), None)
    if found is None:
        raise Missing("transfer.missing")
    return found


def _transfer(row: dict[str, Any]) -> TransferView:
    return TransferView(
        id=row["id"],
        code=Code(row["code"]),
        finding=Code(row["finding_code"]),
        body=row["body"],
        document=row["document"],
        state=TransferState(row["state"]),
        made_by=_person(row["made_by"]),
        made_at=row["made_at"],
        due_at=row["due_at"],
        received_at=row["received_at"],
        receipt=row["receipt"],
        outcome=row["outcome"],
        outcome_document=row["outcome_document"],
        answered_at=row["answered_at"],
    )
