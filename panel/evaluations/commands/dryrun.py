"""Trying measures on the last closed round before they are approved."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from panel.actor import Actor, Role
from panel.audit.commands import entry
from panel.errors import Missing
from panel.evaluations import rules as judging
from panel.evaluations.queries import dryrun as queries
from panel.evaluations.rules import dryrun as rules
from panel.evaluations.types.dryrun import DryRunResult, TriedSheet
from panel.queue.commands import enqueue
from panel.roster import queries as roster
from panel.rulebook import commands as rulebooks
from panel.rulebook import queries as measures
from panel.rulebook.types import DryRunView, Form, Rulebook
from panel.visits import queries as visits
from panel.visits.types import RoundKind, RoundView

JOB: Final = "evaluations.dry_run"
AT_ONCE: Final = 1000
"""Sheets that are judged within the request; more are left to the worker."""


class _Trial(msgspec.Struct):
    """What a trial has gathered so far."""

    sheets: list[TriedSheet] = []
    unused: set[str] = set()
    unasked: set[str] = set()


async def dry_run(actor: Actor, book: Rulebook, *, at: datetime) -> DryRunView:
    """Try measures on the counted sheets of the last closed round, and keep what would change.

    A large round is left to the worker; without any closed round the trial is empty but kept.
    """
    actor.require(Role.COORDINATOR)
    view = await queries.last_round()
    total = await queries.accepted(view.id) if view else 0
    async with entry(actor, "evaluations.dry_run", at=at) as note:
        fingerprint = await rulebooks.begin_trial(book, view.code if view else None, total, at=at)
        if total > AT_ONCE:
            await enqueue(JOB, {"hash": fingerprint}, run_at=at)
        note.about("dry_run", view.code if view else "", hash=fingerprint, sheets=total)
    if total <= AT_ONCE:
        await proceed(fingerprint, at=at)
    found = await measures.dry_run(fingerprint)
    if found is None:
        raise Missing("rulebook.missing")
    return found


async def proceed(fingerprint: str, *, at: datetime) -> None:
    """Judge every sheet of the round anew; a stopped worker's trial begins from the start."""
    trial, book = await measures.dry_run(fingerprint), await measures.tried(fingerprint)
    if trial is None or book is None:
        return
    result = DryRunResult()
    if trial.round is not None:
        result = await _result(await visits.round(trial.round), book, fingerprint)
    await rulebooks.keep_trial(fingerprint, msgspec.json.encode(result).decode(), at=at)


async def _result(view: RoundView, book: Rulebook, fingerprint: str) -> DryRunResult:
    version = await measures.version(view.rulebook_code)
    found = await _tried(view, book, fingerprint)
    units = {
        unit.code: rules.Unit(unit.name, unit.name_en, unit.peer_group)
        for unit in await roster.units()
    }
    compared = rules.compare(
        found.sheets, units, version.rulebook, book, unranked=view.draft.unranked
    )
    return msgspec.structs.replace(
        compared,
        round=view.code,
        round_title=view.draft.title,
        round_title_en=view.draft.title_en,
        unused=tuple(sorted(found.unused)),
        unasked=tuple(sorted(found.unasked)),
    )


async def _tried(view: RoundView, book: Rulebook, fingerprint: str) -> _Trial:
    """Judge page by page, telling how far it is."""
    found = _Trial()
    revisit = view.draft.kind is RoundKind.REVISIT
    after = ""
    while page := await queries.given(view.id, after):
        for sheet in page:
            old = (await measures.version(sheet.rulebook)).rulebook.form(sheet.form_key)
            _add(found, sheet, old, _form(book, sheet), revisit=revisit)
        after = page[-1].code
        await rulebooks.note_progress(fingerprint, len(found.sheets))
    return found


def _form(book: Rulebook, sheet: queries.Given) -> Form | None:
    """Return the form with which the unit's peer group would be judged, if it has one."""
    group = next((each for each in book.peer_groups if each.key == sheet.group), None)
    key = group.form if group else sheet.form_key
    return next((form for form in book.forms if form.key == key), None)


def _add(
    found: _Trial, sheet: queries.Given, old: Form, new: Form | None, *, revisit: bool
) -> None:
    """Add one sheet to the trial."""
    before = judging.capped(old, sheet.score) if sheet.confirmed else sheet.score
    after, fault, missing = None, "sheet.no_form", 0
    if new is not None:
        again = rules.retry(
            old, new, sheet.answers,
            covert=sheet.covert, revisit=revisit, confirmed=sheet.confirmed,
        )  # fmt: skip
        after, fault, missing = again.after, again.fault, again.reasons_missing
        found.unused |= {f"{old.key}.{key}" for key in again.unused}
        found.unasked |= {f"{new.key}.{key}" for key in again.unasked}
    found.sheets.append(
        TriedSheet(
            unit=sheet.unit,
            window=sheet.window,
            visitor=sheet.visitor,
            group=sheet.group,
            before=before,
            after=after,
            fault=fault,
            reasons_missing=missing,
        )
    )
