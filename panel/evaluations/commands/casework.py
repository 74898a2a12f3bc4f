"""How commands write findings: one change at a time, its step, its papers, its deadlines."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from piccolo.columns import Column

from panel import keys
from panel.actor import Actor
from panel.audit.commands import Note
from panel.db import insert_rows
from panel.entropy import code as fresh_code
from panel.errors import Conflict, Forbidden
from panel.evaluations.queries import clocks as queries
from panel.evaluations.queries.findings import facts_context, file_context
from panel.evaluations.queries.leads import lead, own_reporters, sealed
from panel.evaluations.queries.review import own_links
from panel.evaluations.rules import clocks as rules
from panel.evaluations.rules import leads
from panel.evaluations.tables import (
    Evidence,
    Finding,
    FindingClock,
    FindingFile,
    FindingStep,
)
from panel.evaluations.types.clocks import ClockKind, ClockState, Level, Limits
from panel.evaluations.types.findings import (
    EvidenceKind,
    FindingState,
    FindingView,
    Grounds,
    Step,
)
from panel.ids import Code
from panel.rulebook.types import Rulebook

SEALED: Final = ("code", "unit", "veto", "state", "outcome", "severity", "concluded_by")


async def change(view: FindingView, note: Note, **columns: Any) -> None:
    """Change a finding that is still as it was read, and protect its new state."""
    changes: dict[Column | str, Any] = {Finding.revision: view.revision + 1}
    changes.update(columns.items())
    rows = (
        await Finding.update(changes)
        .where(Finding.id == view.id, Finding.revision == view.revision)
        .returning(*Finding.all_columns())
    )
    if not rows:
        raise Conflict("finding.changed")
    note.seal(Finding(**rows[0]), *SEALED)
    state = columns.get("state", view.state)
    note.about("finding", view.code, before=view.state.value, after=FindingState(state).value)


async def not_own(actor: Actor, view: FindingView, found: Grounds, *, at: datetime) -> None:
    """Refuse to judge what one has seen oneself, as the visitor of a sheet or by a lead."""
    for sheet in found.sheets:
        if sheet.task.visitor in await own_links(actor.person, sheet.task.round_code):
            raise Forbidden("sheet.visited_by_you")
    if view.lead:
        told = await lead(Code(view.lead))
        leads.not_own(told.reporter, await own_reporters(actor.person, at=at))


async def tell(
    finding: int, step: Step, actor: Actor, *, at: datetime, text: str = "", document: str = ""
) -> None:
    """Add a step to the course of a finding."""
    await insert_rows(
        FindingStep,
        [
            FindingStep(
                finding=finding, step=step.value, at=at, by=actor.name, text=text, document=document
            )
        ],
    )


async def keep_picture(
    finding: int, picture: bytes, *, at: datetime, from_unit: bool = False
) -> str:
    """Keep the picture of a paper, encrypted; nothing where there is none."""
    if not picture:
        return ""
    code = fresh_code()
    row = FindingFile(
        code=code,
        finding=finding,
        from_unit=from_unit,
        media="image/jpeg",
        sealed=keys.current().seal("reporter", picture, file_context(code)),
        at=at,
    )
    await insert_rows(FindingFile, [row])
    return code


async def add_evidence(  # noqa: PLR0917 - all that one row is made of
    view_id: int,
    code: Code,
    actor: Actor,
    kind: EvidenceKind,
    text: str,
    sheet: int | None,
    *,
    at: datetime,
    picture: bytes = b"",
) -> None:
    """Store one item of evidence; its note is encrypted."""
    row = Evidence(
        finding=view_id,
        kind=kind.value,
        sheet=sheet,
        note=sealed(text.encode(), facts_context(code, "evidence")) if text else "",
        file=await keep_picture(view_id, picture, at=at),
        by=actor.person,
        at=at,
    )
    await insert_rows(Evidence, [row])


async def start(
    finding: int, kind: ClockKind, found: Limits, book: Rulebook, *, at: datetime, about: str = ""
) -> None:
    """Let a deadline begin; the calendar by which it was counted stays with it."""
    row = FindingClock(
        finding=finding,
        kind=kind.value,
        about=about,
        state=ClockState.RUNNING.value,
        started_at=at,
        soft_at=found.soft_at,
        due_at=found.due_at,
        run_at=rules.next_run(found, Level.CALM),
        calendar_version=book.calendar_version,
    )
    await insert_rows(FindingClock, [row])


async def stop(
    finding: int, kind: ClockKind, *, about: str = "", after: ClockState = ClockState.MET
) -> None:
    """End a deadline, if one still runs or is paused."""
    found = await queries.live(finding, kind, about)
    if found is None:
        return
    done = (
        await FindingClock.update({FindingClock.state: after.value, FindingClock.run_at: None})
        .where(FindingClock.id == found.id, FindingClock.state == found.state.value)
        .returning(FindingClock.id)
    )
    if not done:
        raise Conflict("finding.changed")


async def stop_all(finding: int) -> None:
    """End whatever still runs of a finding that is over."""
    await FindingClock.update(
        {FindingClock.state: ClockState.MET.value, FindingClock.run_at: None}
    ).where(
        FindingClock.finding == finding,
        FindingClock.kind != ClockKind.TRANSFER.value,
        FindingClock.state.is_in([ClockState.RUNNING.value, ClockState.PAUSED.value]),
    )
