"""Taking in a sheet of signed applications: staged piece by piece, counted all at once."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from panel.actor import SYSTEM, Actor, Role
from panel.audit.commands import entry, row_digest
from panel.chance import digest
from panel.db import insert_rows, raw, transaction
from panel.entropy import code as fresh_code
from panel.errors import Conflict, Fault, Invalid, Missing
from panel.ids import Code, PersonId
from panel.queue import commands as queue
from panel.recruitment import queries
from panel.recruitment.commands import staging
from panel.recruitment.commands.applications import KEPT, identity_of
from panel.recruitment.commands.screening import hold
from panel.recruitment.queries import imports
from panel.recruitment.rules import campaigns as rules
from panel.recruitment.rules import sheets
from panel.recruitment.tables import Application, ImportRun, Nomination
from panel.recruitment.types.applications import (
    ApplicationState,
    ImportReport,
    Terms,
)
from panel.recruitment.types.campaigns import CampaignState, CampaignView
from panel.recruitment.types.vetting import SHEET_COLUMNS, ImportState, RunView
from panel.roster.rules.tables import read_table
from panel.vault import commands as vault
from panel.vault import queries as identities

IMPORT: Final = "recruitment.import"
"""The kind of the job that takes in a sheet."""
MAX_ROWS: Final = 60_000
"""More would be counted in one transaction too long for others who write (SQLite)."""
_CHUNK: Final = 500
"""Rows of one transaction: a fraction of a second, so that others write in between."""
_LIVING: Final = (ImportState.QUEUED, ImportState.READING, ImportState.STAGING)


class _Stopped(Exception):  # noqa: N818 - no error: somebody cancelled, or another worker goes on
    """The run is no longer this worker's."""


class _Refused(Exception):  # noqa: N818 - no error: the sheet is
    """The sheet is refused, as far as this worker has brought it."""

    def __init__(self, view: RunView, refusal: Invalid) -> None:
        """Keep how far it had come and why it is refused."""
        super().__init__(refusal.code)
        self.view = view
        self.refusal = refusal


async def import_applications(
    actor: Actor, campaign: Code, data: bytes, filename: str, *, at: dt.datetime
) -> ImportReport:
    """Take in a sheet of signed applications: all of it, or nothing and every fault's cell."""
    code = await _begin(actor, campaign, data, filename, at=at, queued=False)
    view = await proceed(code, at=at)
    refused = await imports.refusal(code)
    if refused is not None:
        raise refused
    return ImportReport(view.done)


async def start_import(
    actor: Actor, campaign: Code, data: bytes, filename: str, *, at: dt.datetime
) -> Code:
    """Hand a sheet to the worker; one at a time in a campaign."""
    return await _begin(actor, campaign, data, filename, at=at, queued=True)


async def _begin(
    actor: Actor, campaign: Code, data: bytes, filename: str, *, at: dt.datetime, queued: bool
) -> Code:
    actor.require(Role.COORDINATOR, Role.VETTING_CLERK)
    code = fresh_code()
    sealed = await asyncio.to_thread(imports.sealed, code, "sealed", data)
    async with entry(actor, "recruitment.start_import", at=at) as note:
        found = await queries.campaign(campaign)
        rules.may_apply(found, at)
        await hold(found)
        if await imports.living(found):
            raise Conflict("import.running")
        row = ImportRun(
            code=code,
            campaign=found.id,
            sealed=sealed,
            filename=filename[:120],
            digest=hashlib.sha256(data).hexdigest(),
            state=ImportState.QUEUED,
            actor=msgspec.json.encode(actor).decode(),
            started_at=at,
        )
        await insert_rows(ImportRun, [row])
        note.about("campaign", campaign, run=code, sheet=row.digest)
        if queued:
            await queue.enqueue(IMPORT, {"run": code}, run_at=at, dedupe=f"{IMPORT}:{code}")
    return code


async def resume_import(actor: Actor, code: Code, *, at: dt.datetime) -> None:
    """Hand a sheet to a worker once more, when the one that had it is gone."""
    actor.require(Role.COORDINATOR, Role.VETTING_CLERK)
    async with entry(actor, "recruitment.resume_import", at=at) as note:
        view = await imports.run(code)
        if not view.running:
            raise Conflict("import.over")
        dedupe = f"{IMPORT}:{code}:{at.isoformat(timespec='minutes')}"
        await queue.enqueue(IMPORT, {"run": code}, run_at=at, dedupe=dedupe)
        note.about("campaign", view.campaign, run=code, done=view.done)


async def cancel_import(actor: Actor, code: Code, *, at: dt.datetime) -> None:
    """Stop a sheet on its way in; what was staged of it is forgotten."""
    actor.require(Role.COORDINATOR, Role.VETTING_CLERK)
    async with entry(actor, "recruitment.cancel_import", at=at) as note:
        view = await imports.run(code)
        await _leave(view, ImportState.CANCELLED, at=at)
        dedupe = f"{IMPORT}:{code}:{ImportState.CANCELLED}"
        await queue.enqueue(IMPORT, {"run": code}, run_at=at, dedupe=dedupe)
        note.about("campaign", view.campaign, run=code, cancelled=True)


async def _leave(view: RunView, state: ImportState, *, at: dt.datetime, **values: object) -> None:
    """End a living run; its sheet is forgotten with it."""
    left = (
        await ImportRun.update(
            {
                ImportRun.state: state,
                ImportRun.sealed: b"",
                ImportRun.ended_at: at,
                **{getattr(ImportRun, name): value for name, value in values.items()},
            }
        )
        .where(
            ImportRun.id == view.id,
            ImportRun.state.is_in([each.value for each in _LIVING]),
            *([ImportRun.done == view.done] if state is ImportState.REFUSED else []),
        )
        .returning(ImportRun.id)
    )
    if not left:
        raise Conflict("import.over")


async def proceed(code: Code, *, at: dt.datetime) -> RunView:
    """Take in a sheet, or go on where a stopped worker left it; doing so twice changes nothing."""
    view = await imports.run(code)
    if view.running:
        try:
            await _take_in(view, at=at)
        except _Refused as fault:
            await _refuse(fault.view, fault.refusal, at=at)
        except _Stopped:
            pass
    view = await imports.run(code)
    if view.state in {ImportState.CANCELLED, ImportState.REFUSED}:
        await _discard(view)
    return view


async def _take_in(view: RunView, *, at: dt.datetime) -> None:
    """Read, stage and count a sheet."""
    campaign = await queries.campaign(view.campaign)
    begun = ImportState.STAGING if view.done else ImportState.READING
    await _move(view, {ImportRun.state: begun}, done=view.done)
    try:
        rows = await _read(view, campaign)
    except Invalid as refused:
        raise _Refused(view, refused) from refused
    values: dict[Any, Any] = {ImportRun.state: ImportState.STAGING, ImportRun.total: len(rows)}
    await _move(view, values, done=view.done)
    await _stage(view, campaign, rows)
    await _count(view, at=at)


async def _read(view: RunView, campaign: CampaignView) -> list[sheets.Entered]:
    """Return the rows of a sheet that has no fault; ``Invalid`` tells all of them."""
    try:
        data = await imports.content(code=view.code)
    except Missing:  # forgotten with the end of the run, which came meanwhile
        raise _Stopped from None
    terms = await queries.terms(campaign)
    rows = await asyncio.to_thread(_read_sheet, data, view.filename, terms)
    papers = [(each.row, each.nomination) for each in rows if each.nomination]
    refused = await imports.barred(papers)
    if refused:
        raise sheets.refusal([sheets.at(row, "推荐单位", "nomination.barred") for row in refused])
    if not view.done:
        await _require_unknown(campaign, rows)
    return rows


async def _move(view: RunView, values: dict[Any, Any], *, done: int) -> None:
    """Change a run that still lives and has come exactly so far, else leave it to others."""
    moved = (
        await ImportRun.update(values)
        .where(
            ImportRun.id == view.id,
            ImportRun.done == done,
            ImportRun.state.is_in([each.value for each in _LIVING]),
        )
        .returning(ImportRun.id)
    )
    if not moved:
        raise _Stopped


def _read_sheet(data: bytes, filename: str, terms: Terms) -> list[sheets.Entered]:
    faults: list[Fault] = []
    sheet = read_table(
        data, filename, SHEET_COLUMNS, required=sheets.REQUIRED, faults=faults, most=MAX_ROWS
    )
    return sheets.read(sheet.rows, terms, faults)


async def _require_unknown(campaign: CampaignView, rows: Sequence[sheets.Entered]) -> None:
    """Refuse a sheet with persons who have applied; it tells their rows, never who they are."""
    found: list[int] = []
    for start in range(0, len(rows), _CHUNK):
        some = [identity_of(each.applicant) for each in rows[start : start + _CHUNK]]
        found += [start + place for place in await identities.known(some, campaign.code)]
    if found:
        raise sheets.known(rows, found)


async def _stage(view: RunView, campaign: CampaignView, rows: Sequence[sheets.Entered]) -> None:
    """Store the rows in short transactions; the next ones are encrypted meanwhile."""
    done = view.done
    coming: asyncio.Task[staging.Prepared] | None = None
    try:
        for start in range(done, len(rows), _CHUNK):
            piece = rows[start : start + _CHUNK]
            ready = await (coming or _prepared(piece, campaign, view))
            after = rows[start + _CHUNK : start + 2 * _CHUNK]
            coming = asyncio.create_task(_prepared(after, campaign, view))
            try:
                async with transaction():
                    # First, so that of two workers with one piece the second stops here.
                    await _move(view, {ImportRun.done: done + len(piece)}, done=done)
                    await staging.store(ready, campaign, view)
            except Conflict:  # somebody has applied since the sheet was compared
                come = msgspec.structs.replace(view, done=done)
                try:
                    await _require_unknown(campaign, piece)
                except Invalid as refused:
                    raise _Refused(come, refused) from refused
                raise
            done += len(piece)
    finally:
        if coming is not None:
            coming.cancel()


async def _prepared(
    piece: Sequence[sheets.Entered], campaign: CampaignView, view: RunView
) -> staging.Prepared:
    return await asyncio.to_thread(staging.prepare, piece, campaign, view)


async def _count(view: RunView, *, at: dt.datetime) -> None:
    """Let all staged rows count in one command; digests are made before it holds the database."""
    rows = await imports.staged(view.code)
    digests, told = await asyncio.to_thread(_digests, rows)
    actor = await _actor(view)
    async with entry(actor, "recruitment.import_applications", at=at) as note:
        campaign = await queries.campaign(view.campaign)
        if campaign.state is not CampaignState.ANNOUNCED:
            come = msgspec.structs.replace(view, done=len(rows))
            raise _Refused(come, Invalid("import.too_late"))
        await hold(campaign)
        current = await imports.run(view.code)
        if not current.running or current.done != len(rows) or current.total != len(rows):
            raise _Stopped  # another worker has counted them meanwhile
        await raw(
            "UPDATE application SET state = {} WHERE run = {} AND state = {}",
            ApplicationState.SUBMITTED,
            view.code,
            ApplicationState.STAGED,
        )
        await _leave(view, ImportState.DONE, at=at)
        note.about("campaign", view.campaign, imported=len(rows), run=view.code)
        note.keep("application", KEPT, digests)
        note.bulk("application", told)


def _digests(rows: Sequence[dict[str, Any]]) -> tuple[dict[int, str], list[str]]:
    kept = {
        row["id"]: row_digest("application", row["id"], {name: row[name] for name in KEPT})
        for row in rows
    }
    return kept, [digest([row["code"], row["category"]]) for row in rows]


async def _actor(view: RunView) -> Actor:
    """Return who handed in the sheet: the worker only does what that person asked for."""
    row = await ImportRun.select(ImportRun.actor).where(ImportRun.id == view.id).first()
    return SYSTEM if row is None else msgspec.json.decode(row["actor"], type=Actor)


async def _refuse(view: RunView, refused: Invalid, *, at: dt.datetime) -> None:
    """Keep why a sheet was refused, sealed: a fault may quote what stands in a cell.

    Nothing happens where another worker has brought the sheet further meanwhile.
    """
    kept = imports.packed(view.code, refused)
    count = int(str(refused.values.get("total", len(refused.faults) or 1)))
    with contextlib.suppress(Conflict):
        async with entry(SYSTEM, "recruitment.refuse_import", at=at) as note:
            await _leave(view, ImportState.REFUSED, at=at, faults=kept, fault_count=count)
            note.about("campaign", view.campaign, run=view.code, faults=count)


async def _discard(view: RunView) -> None:
    """Forget what was staged of a sheet that will never count, piece by piece."""
    while True:
        rows = (
            await Application.select(
                Application.id,
                Application.person,
                Application.nomination,
                Application.nomination.nominator.as_alias("nominator"),
            )
            .where(Application.run == view.code, Application.state == ApplicationState.STAGED)
            .limit(_CHUNK)
        )
        if not rows:
            return
        async with transaction():
            await Application.delete().where(Application.id.is_in([row["id"] for row in rows]))
            papers = [row["nomination"] for row in rows if row["nomination"]]
            if papers:
                await Nomination.delete().where(Nomination.id.is_in(papers))
            people = [row["person"] for row in rows]
            nominators = [row["nominator"] for row in rows if row["nominator"]]
            await vault.discard([PersonId(number) for number in [*people, *nominators]])
