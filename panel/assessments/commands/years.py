"""A year's way from its formula to the final marks: each step one command, in one order."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from piccolo.columns import Column

from panel.accounts import queries as accounts
from panel.actor import Actor, Role, Signature, second_person
from panel.assessments import queries
from panel.assessments.commands import consequences
from panel.assessments.commands.marks import LINE, encoded, line_values, put_lines
from panel.assessments.rules import formulas
from panel.assessments.rules import marks as judged
from panel.assessments.rules import years as rules
from panel.assessments.tables import AnnualLine, AssessmentYear, YearVersion
from panel.assessments.types import LineView, UnitInputs, YearState, YearView
from panel.audit.commands import Note, entry
from panel.db import Duplicate, insert_rows, savepoint
from panel.errors import Conflict, Fault, Forbidden, Invalid
from panel.ids import Code
from panel.notices import commands as notices
from panel.notices.types import MessageKind
from panel.rankings.commands import appeals
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import Rulebook

_YEAR: Final = (
    "year", "rulebook", "rulebook_hash", "late", "decision", "state", "version", "final_document",
)  # fmt: skip
_VERSION: Final = ("year", "number", "digest")


async def begin(
    actor: Actor, year: int, *, at: datetime, decision: str = "", measures: Code | None = None
) -> YearView:
    """Bind a year to the measures that were in force when it began.

    Other ones, or ones made later, take the number of a decision and are marked.
    """
    actor.require(Role.COORDINATOR)
    version, late = rules.chosen(await rulebooks.versions(), year, measures, decision)
    async with entry(actor, "assessments.begin", at=at) as note:
        row = AssessmentYear(
            year=year,
            rulebook=version.code,
            rulebook_hash=version.hash,
            late=late,
            decision=decision.strip(),
            begun_by=actor.person,
            begun_at=at,
        )
        try:
            async with savepoint():
                await insert_rows(AssessmentYear, [row])
        except Duplicate as known:
            raise Conflict("assessment.begun") from known
        note.seal(row, *_YEAR)
        note.about("year", str(year), rulebook=version.hash, late=late)
    return await queries.year(year)


async def freeze(
    actor: Actor, year: int, *, at: datetime, paper: Signature | None = None
) -> YearView:
    """Take every figure of every unit as it stands; who brought figures may not do it."""
    actor.require(Role.COORDINATOR, Role.PUBLISHER)
    async with entry(actor, "assessments.freeze", at=at, paper=paper) as note:
        view = await queries.year(year)
        rules.require(view, YearState.OPEN)
        persons, names = await queries.enterers(year)
        for person in persons:
            second_person(person, actor, paper)
        if paper is None and actor.name in names:
            raise Forbidden("approval.same_person")
        given = await queries.gathered(year, at=at)
        if not given:
            raise Conflict("assessment.no_units")
        book = (await rulebooks.frozen(view.rulebook_code)).rulebook
        await _keep_inputs(note, view, given, book)
        await _change(
            note, view, state=YearState.FROZEN.value, frozen_by=actor.person, frozen_at=at
        )
        note.about("year", str(year), units=len(given))
    return await queries.year(year)


async def _keep_inputs(
    note: Note, view: YearView, given: Mapping[Code, UnitInputs], book: Rulebook
) -> None:
    """Store what marks will be made of; a mark that a unit knows stays until the next one."""
    units = {unit.code: unit.id for unit in await queries.units_of(view.year)}
    known = {line.unit_code: line for line in await queries.lines(view.year)}
    empty = formulas.combine({}, book.assessment)
    values: dict[int, dict[str, Any]] = {}
    for code, inputs in given.items():
        line = known.get(code)
        if line is not None and line.explained_at is not None:
            values[units[code]] = {"inputs": encoded(inputs)}
        else:
            mark = empty if line is None else line.mark
            judged_as = judged.eligibility(inputs, mark, book)
            values[units[code]] = line_values(inputs, mark, judged_as, view.rulebook_hash)
    await put_lines(note, view.year, values)


async def compute(actor: Actor, year: int, *, at: datetime) -> YearView:
    """Compute every mark from the frozen figures by the formula of the year.

    Where the year was computed before, units whose mark is the same need not be shown it again,
    and appeals that asked for the change count as carried out.
    """
    actor.require(Role.COORDINATOR, Role.PUBLISHER)
    async with entry(actor, "assessments.compute", at=at) as note:
        view = await queries.year(year)
        rules.require(view, YearState.FROZEN)
        book = (await rulebooks.frozen(view.rulebook_code)).rulebook
        lines = await queries.lines(year)
        found = formulas.marks(
            {line.unit_code: line.inputs for line in lines},
            {line.unit_code: line.group for line in lines},
            book,
        )
        values: dict[int, dict[str, Any]] = {}
        for line in lines:
            mark = found[line.unit_code]
            own = line_values(
                line.inputs, mark, judged.eligibility(line.inputs, mark, book), view.rulebook_hash
            )
            if mark != line.mark or line.explained_at is None:
                own |= {
                    "version": view.version,
                    "explained_at": None,
                    "received_at": None,
                    "received_by": None,
                    "appeal_until": None,
                }
            values[line.unit_id] = own
        await put_lines(note, year, values)
        await _keep_version(note, actor, view, lines, at=at)
        await _change(
            note, view, state=YearState.COMPUTED.value, computed_by=actor.person, computed_at=at
        )
        for line in lines if view.version > 1 else ():
            for each in await queries.appeals_of_line(line):
                if each.granted and not each.settled:
                    await appeals.applied(actor, each.code, at=at, edition=view.version)
    return await queries.year(year)


async def _keep_version(
    note: Note, actor: Actor, view: YearView, before: Sequence[LineView], *, at: datetime
) -> None:
    """Keep a computed version as it is, with what differs from the one before."""
    lines = await queries.lines(view.year)
    content = msgspec.json.encode(
        [
            {
                "unit": line.unit_code,
                "inputs": line.inputs,
                "mark": line.mark,
                "eligibility": line.eligibility,
            }
            for line in sorted(lines, key=lambda line: line.unit_code)
        ],
        order="deterministic",
    )
    changes = rules.changes(
        {line.unit_code: line.mark.total for line in before},
        {line.unit_code: line.mark.total for line in lines},
    )
    row = YearVersion(
        year=view.year,
        number=view.version,
        reason=view.reason,
        document=view.final_document,
        computed_by=actor.person,
        computed_at=at,
        digest=hashlib.sha256(content).hexdigest(),
        lines=content.decode(),
        changes=msgspec.json.encode(changes if view.version > 1 else []).decode(),
    )
    await insert_rows(YearVersion, [row])
    note.seal(row, *_VERSION)
    note.about("year", str(view.year), version=view.version, digest=row.digest, lines=len(lines))


async def explain(actor: Actor, year: int, *, at: datetime) -> YearView:
    """Show every unit its line with all that it was made of; the time to appeal begins."""
    actor.require(Role.COORDINATOR, Role.PUBLISHER)
    async with entry(actor, "assessments.explain", at=at) as note:
        view = await queries.year(year)
        rules.require(view, YearState.COMPUTED)
        book = (await rulebooks.frozen(view.rulebook_code)).rulebook
        until = rules.appeal_until(None, at, book)
        fresh = [line for line in await queries.lines(year) if line.explained_at is None]
        for line in fresh:
            await AnnualLine.update(
                {AnnualLine.explained_at: at, AnnualLine.appeal_until: until}
            ).where(AnnualLine.code == line.code)
        liaisons = await accounts.liaisons([line.unit_code for line in fresh])
        for unit, persons in liaisons.items():
            await notices.post(
                persons, MessageKind.UNIT_WAITS, f"mark {year} {view.version} {unit}", at=at
            )
        await _change(note, view, state=YearState.EXPLAINED.value, explained_at=at)
        note.about("year", str(year), units=len(fresh))
    return await queries.year(year)


async def finalise(
    actor: Actor, year: int, document: str, *, at: datetime, paper: Signature | None = None
) -> YearView:
    """End the year as a second person, once all could appeal and all appeals are settled."""
    actor.require(Role.PUBLISHER, Role.COORDINATOR)
    if not document.strip():
        raise Invalid("form.faults", Fault("document", "form.required"))
    async with entry(actor, "assessments.finalise", at=at, paper=paper) as note:
        view = await queries.year(year)
        rules.require(view, YearState.EXPLAINED)
        second_person(view.computed_by, actor, paper)
        lines = await queries.lines(year)
        rules.may_finalise(lines, await queries.open_appeals(lines), at)
        book = (await rulebooks.frozen(view.rulebook_code)).rulebook
        lost = await consequences.follow(note, view, lines, book, actor, at=at)
        for line in lines:
            kept = "lost" if line.unit_code in lost else "open"
            await AnnualLine.update({AnnualLine.eligibility: kept}).where(
                AnnualLine.code == line.code
            )
        await _sealed_again(note, year)
        await _change(
            note,
            view,
            state=YearState.FINAL.value,
            final_by=actor.person,
            final_at=at,
            final_document=document.strip(),
        )
        note.about("year", str(year), lines=len(lines), lost=len(lost))
    return await queries.year(year)


async def _sealed_again(note: Note, year: int) -> None:
    for row in await AnnualLine.objects().where(AnnualLine.year == year):
        note.seal(row, *LINE)


async def export(actor: Actor, year: int, form: str, *, at: datetime) -> YearView:
    """Leave the trace that final marks were taken out; the first time ends the year's way."""
    actor.require(Role.COORDINATOR, Role.PUBLISHER)
    async with entry(actor, "assessments.export", at=at) as note:
        view = await queries.year(year)
        if view.state not in {YearState.FINAL, YearState.EXPORTED}:
            raise Conflict("assessment.state", state=view.state.value)
        if view.state is YearState.FINAL:
            await _change(note, view, state=YearState.EXPORTED.value, exported_at=at)
        note.about("year", str(year), form=form, version=view.version)
    return await queries.year(year)


async def amend(actor: Actor, year: int, reason: str, document: str, *, at: datetime) -> YearView:
    """Open a year again to put figures right; the version before stays as it was."""
    actor.require(Role.COORDINATOR, Role.PUBLISHER)
    faults = [
        Fault(name, "form.required")
        for name, text in (("reason", reason), ("document", document))
        if not text.strip()
    ]
    if faults:
        raise Invalid("form.faults", *faults)
    async with entry(actor, "assessments.amend", at=at, reason=reason.strip()) as note:
        view = await queries.year(year)
        rules.may_amend(view)
        await _change(
            note,
            view,
            state=YearState.OPEN.value,
            version=view.version + 1,
            reason=reason.strip(),
            final_document=document.strip(),
            final_at=None,
            exported_at=None,
        )
        note.about("year", str(year), version=view.version + 1)
    return await queries.year(year)


async def _change(note: Note, view: YearView, **columns: Any) -> None:
    """Change a year that still stands where the command found it."""
    changes: dict[Column | str, Any] = {}
    changes.update(columns)
    changed = (
        await AssessmentYear.update(changes)
        .where(
            AssessmentYear.id == view.id,
            AssessmentYear.state == view.state.value,
            AssessmentYear.version == view.version,
        )
        .returning(AssessmentYear.id)
    )
    if not changed:
        raise Conflict("assessment.changed")
    row = await AssessmentYear.objects().get(AssessmentYear.id == view.id)
    if row is not None:
        note.seal(row, *_YEAR)
