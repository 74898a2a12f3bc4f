"""The plan of a year: written, published by a second person, changed by a further edition."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec
from piccolo.columns import Column

from panel.actor import Actor, Role, Signature, second_person
from panel.audit.commands import Note, entry
from panel.db import Duplicate, insert_rows, savepoint
from panel.errors import Conflict
from panel.rulebook import queries as rulebooks
from panel.visits.queries import yearly as queries
from panel.visits.rules import yearly as rules
from panel.visits.tables import YearPlan
from panel.visits.types.yearly import YearDraft, YearPlanView, YearState

_KEPT: Final = (
    "year", "edition", "state", "basis", "document", "entries", "change", "written_by",
    "published_by", "revision",
)  # fmt: skip


async def write_year(actor: Actor, draft: YearDraft, *, at: datetime) -> YearPlanView:
    """Store a year's plan: change its draft, or begin the next edition of a published one."""
    actor.require(Role.COORDINATOR)
    async with entry(actor, "visits.write_year", at=at) as note:
        book = (await rulebooks.current()).rulebook
        known = await queries.editions(draft.year)
        going = next((each for each in known if each.state is YearState.DRAFT), None)
        edition = going.edition if going else len(known) + 1
        tidy = rules.check(draft, {group.key for group in book.peer_groups}, edition)
        columns = {
            "basis": tidy.basis,
            "document": tidy.document,
            "entries": msgspec.json.encode(tidy.entries).decode(),
            "change": tidy.change,
            "written_by": actor.person,
            "written_at": at,
        }
        if going is not None:
            await _move(going, note, **columns)
        else:
            await _begin(note, tidy.year, edition, columns)
    return await queries.year_plan(draft.year)


async def _begin(note: Note, year: int, edition: int, columns: dict[str, Any]) -> None:
    """Insert a new edition; a second one at once is a ``Conflict``."""
    row = YearPlan(year=year, edition=edition, state=YearState.DRAFT.value, **columns)
    try:
        async with savepoint():
            await insert_rows(YearPlan, [row])
    except Duplicate as known:
        raise Conflict("plan.state_changed") from known
    note.seal(row, *_KEPT)
    note.about("year_plan", str(year), edition=edition, after=YearState.DRAFT.value)


async def publish_year(
    actor: Actor, year: int, *, at: datetime, paper: Signature | None = None
) -> None:
    """Publish the draft of a year's plan as a second person, or by a signature on paper."""
    actor.require(Role.COORDINATOR, Role.PUBLISHER)
    async with entry(actor, "visits.publish_year", at=at, paper=paper) as note:
        view = await queries.year_plan(year)
        rules.may_publish(view)
        second_person(view.written_by, actor, paper)
        await _move(
            view,
            note,
            state=YearState.PUBLISHED.value,
            published_by=actor.person,
            published_at=at,
        )


async def _move(view: YearPlanView, note: Note, **columns: Any) -> None:
    """Change an edition that is still as it was read; ``Conflict`` if somebody was faster."""
    changes: dict[Column | str, Any] = {"revision": view.revision + 1}
    changes.update(columns)
    rows = (
        await YearPlan.update(changes)
        .where(YearPlan.id == view.id, YearPlan.revision == view.revision)
        .returning(*YearPlan.all_columns())
    )
    if not rows:
        raise Conflict("plan.state_changed")
    note.seal(YearPlan(**rows[0]), *_KEPT)
    note.about(
        "year_plan",
        str(view.draft.year),
        edition=view.edition,
        after=str(columns.get("state", view.state)),
    )
