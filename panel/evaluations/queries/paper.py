"""Reads of sheets on paper: by their number, for the clerks who type and check them."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from panel import keys
from panel.actor import Actor
from panel.db import raw
from panel.errors import Missing
from panel.evaluations import rules
from panel.evaluations.queries.leads import unsealed
from panel.evaluations.types import Answers, Blank, PaperLine, PaperState, PaperView, Reread
from panel.ids import Code, PersonId
from panel.rulebook import queries as rulebooks
from panel.vault.types import Attached
from panel.visits import queries as visits
from panel.visits.types import TaskView

_COLUMNS: Final = (
    "SELECT p.*, (SELECT count(*) FROM paper_scan s WHERE s.paper = p.id) AS pages "
    "FROM paper_sheet p "
)
_OPEN: Final = (PaperState.PRINTED, PaperState.ENTERED, PaperState.DIFFERS)


def paper_context(code: Code, column: str) -> str:
    """Return what a ciphertext of a sheet on paper is bound to."""
    return f"paper_sheet:{code}:{column}"


async def _view(row: dict[str, Any]) -> PaperView:
    return PaperView(
        id=row["id"],
        code=Code(row["code"]),
        task=await visits.task_by_id(row["task"]),
        state=PaperState(row["state"]),
        arrived_on=row["arrived_on"],
        first_by=_person(row["first_by"]),
        second_by=_person(row["second_by"]),
        pages=row["pages"],
        reason=row["reason"],
        sheet=row["sheet"],
    )


def _person(value: int | None) -> PersonId | None:
    return None if value is None else PersonId(value)


async def paper(code: Code) -> PaperView:
    """Return a printed sheet by its number."""
    rows = await raw(_COLUMNS + "WHERE p.code = {}", code)
    if not rows:
        raise Missing("paper.missing")
    return await _view(rows[0])


async def paper_of(task: TaskView) -> PaperView | None:
    """Return the printed sheet that a task waits for, if there is one."""
    rows = await raw(_COLUMNS + "WHERE p.task = {} AND p.state IN ({}, {}, {})", task.id, *_OPEN)
    return await _view(rows[0]) if rows else None


async def papers_of_sheet(sheet: Code) -> PaperView | None:
    """Return the paper as which a sheet came in; none of a sheet sent by telephone."""
    rows = await raw(_COLUMNS + "WHERE p.sheet = {}", sheet)
    return await _view(rows[0]) if rows else None


async def paper_hands(sheet: Code) -> frozenset[PersonId]:
    """Return who typed and who checked a sheet that came on paper: they do not review it."""
    rows = await raw("SELECT first_by, second_by FROM paper_sheet WHERE sheet = {}", sheet)
    return frozenset(PersonId(value) for row in rows for value in row.values() if value is not None)


async def papers(
    *, open_only: bool = True, before: int | None = None, limit: int = 50
) -> list[tuple[int, PaperLine]]:
    """Return printed sheets with their inner ids: the waiting ones by their limit, else the rest.

    No unit: a covert visit may lie ahead. ``before`` is the last id seen among the finished ones.
    """
    mark = "IN" if open_only else "NOT IN"
    order = (
        f"CASE p.state WHEN '{PaperState.PRINTED}' THEN 1 ELSE 0 END, r.closes_at, p.id"
        if open_only
        else "p.id DESC"
    )
    rows = await raw(
        "SELECT p.id, p.code, p.state, p.arrived_on, r.title, r.title_en, r.closes_at "
        "FROM paper_sheet p JOIN visit_task t ON t.id = p.task "
        "JOIN visit_round r ON r.id = t.round "
        f"WHERE p.state {mark} ({{}}, {{}}, {{}}) AND p.id < {{}} ORDER BY {order} LIMIT {{}}",
        *_OPEN,
        before or 2**31 - 1,
        limit,
    )
    return [
        (
            row["id"],
            PaperLine(
                code=Code(row["code"]),
                state=PaperState(row["state"]),
                round_title=row["title"],
                round_title_en=row["title_en"],
                closes_at=row["closes_at"],
                arrived_on=row["arrived_on"],
            ),
        )
        for row in rows
    ]


async def papers_waiting() -> int:
    """Return how many papers are handed in and wait to be typed or checked."""
    rows = await raw(
        "SELECT count(*) AS count FROM paper_sheet WHERE state IN ({}, {}) "
        "OR (state = {} AND arrived_on IS NOT NULL)",
        PaperState.ENTERED,
        PaperState.DIFFERS,
        PaperState.PRINTED,
    )
    return int(rows[0]["count"])


async def paper_blank(found: PaperView) -> Blank:
    """Return the questions of a printed sheet."""
    return await blank_of(found.task)


async def blank_of(task: TaskView) -> Blank:
    """Return the questions of a task for the office that prints and types them."""
    version = await rulebooks.version(task.rulebook_code)
    form = version.rulebook.form(task.form_key)
    items = rules.asked(form, covert=task.covert, revisit=task.revisit)
    return Blank(task=task, form=form, items=items)


async def readings(found: PaperView) -> tuple[Answers | None, Answers | None]:
    """Return what the first and the second person typed."""
    rows = await raw("SELECT first, second FROM paper_sheet WHERE id = {}", found.id)
    first, second = (
        unsealed(rows[0][column], paper_context(found.code, column))
        for column in ("first", "second")
    )
    return (
        msgspec.json.decode(first, type=Answers) if first else None,
        msgspec.json.decode(second, type=Answers) if second else None,
    )


async def reread(found: PaperView) -> Reread:
    """Return what two persons read differently on a sheet."""
    first, second = await readings(found)
    if first is None or second is None:
        raise Missing("paper.missing")
    items = (await paper_blank(found)).items
    return Reread(first=first, second=second, keys=rules.differences(items, first, second))


async def scan(actor: Actor, code: Code, page: int) -> Attached:
    """Return one page of a scan to a reader who needs it; pages count from 1."""
    found = await paper(code)
    rules.may_see_scan(actor, found)
    rows = await raw(
        "SELECT media, sealed FROM paper_scan WHERE paper = {} AND page = {}", found.id, page
    )
    if not rows:
        raise Missing("paper.missing")
    plain = keys.current().open(
        "reporter", bytes(rows[0]["sealed"]), paper_context(found.code, f"page-{page}")
    )
    return Attached(plain, rows[0]["media"])
