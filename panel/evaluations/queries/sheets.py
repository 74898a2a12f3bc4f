"""Reads of sheets: a visitor's own, the reviewers' queue, what rankings count."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any, Final

import msgspec

from panel import keys
from panel.db import look, raw
from panel.errors import Missing
from panel.evaluations import rules
from panel.evaluations.queries.review import flags_of, questions
from panel.evaluations.types import (
    Accusation,
    Answers,
    Blank,
    DraftView,
    Filling,
    Reading,
    Receipt,
    SheetState,
    SheetView,
)
from panel.ids import Code, PersonId
from panel.rulebook import queries as rulebooks
from panel.visits import queries as visits
from panel.visits.types import TaskView

_COLUMNS: Final = (
    "s.id, s.code, s.task, s.version, s.form_key, s.rulebook, s.rulebook_hash, s.answers, "
    "s.score, s.answered_weight, s.body_digest, s.filled_at, s.received_at, s.late, s.flags, "
    "s.sealed, s.state, s.reviewed_by, s.reviewed_at, s.review_reason, s.void_reason, s.void_by, "
    "s.veto_confirmed FROM sheet_submission s "
)


def _person(value: int | None) -> PersonId | None:
    return None if value is None else PersonId(value)


def _view(row: dict[str, Any], task: TaskView) -> SheetView:
    """Turn a row into the struct that readers get."""
    return SheetView(
        id=row["id"],
        code=Code(row["code"]),
        task=task,
        version=row["version"],
        form_key=row["form_key"],
        rulebook_code=Code(row["rulebook"]),
        rulebook_hash=row["rulebook_hash"],
        answers=msgspec.json.decode(row["answers"], type=Answers),
        score=row["score"],
        answered_weight=row["answered_weight"],
        body_digest=row["body_digest"],
        filled_at=row["filled_at"],
        received_at=row["received_at"],
        late=bool(row["late"]),
        flags=flags_of(row["flags"]),
        has_sealed=bool(row["sealed"]),
        state=SheetState(row["state"]),
        reviewed_by=_person(row["reviewed_by"]),
        reviewed_at=row["reviewed_at"],
        review_reason=row["review_reason"],
        void_reason=row["void_reason"],
        void_by=_person(row["void_by"]),
        veto_confirmed=bool(row["veto_confirmed"]),
    )


async def submission(code: Code) -> SheetView:
    """Return one version of a sheet for the office, without its sealed accusations."""
    rows = await raw(f"SELECT {_COLUMNS}WHERE s.code = {{}}", code)
    if not rows:
        raise Missing("sheet.missing")
    return _view(rows[0], await visits.task_by_id(rows[0]["task"]))


async def versions(task: TaskView) -> list[SheetView]:
    """Return every version of a task's sheet, the first one first."""
    rows = await raw(f"SELECT {_COLUMNS}WHERE s.task = {{}} ORDER BY s.version", task.id)
    return [_view(row, task) for row in rows]


async def latest(task: TaskView) -> SheetView | None:
    """Return the newest version of a task's sheet."""
    rows = await raw(
        f"SELECT {_COLUMNS}WHERE s.task = {{}} ORDER BY s.version DESC LIMIT 1", task.id
    )
    return _view(rows[0], task) if rows else None


async def received(task: TaskView) -> dict[str, Receipt]:
    """Return what was received for a task, by the keys it was sent with, the first one first."""
    rows = await look(
        "SELECT code, version, key, received_at, body_digest, late FROM sheet_submission "
        "WHERE task = {} ORDER BY version",
        task.id,
    )
    return {
        row["key"]: Receipt(
            code=Code(row["code"]),
            task_code=task.code,
            version=row["version"],
            received_at=row["received_at"],
            digest=row["body_digest"],
            late=bool(row["late"]),
        )
        for row in rows
    }


def receipt_of(sheet: SheetView) -> Receipt:
    """Return what a visitor gets for a sheet."""
    return Receipt(
        code=sheet.code,
        task_code=sheet.task.code,
        version=sheet.version,
        received_at=sheet.received_at,
        digest=sheet.body_digest,
        late=sheet.late,
    )


async def receipt(member: Code | None, code: Code) -> Receipt:
    """Return a member's own receipt; somebody else's is ``Missing`` like one that is not there."""
    sheet = await own_sheet(member, code)
    return receipt_of(sheet)


async def own_sheet(member: Code | None, code: Code) -> SheetView:
    """Return a member's own sheet; somebody else's is ``Missing``."""
    sheet = await submission(code)
    if member is None or visits.link(member, sheet.task.round_code) != sheet.task.visitor:
        raise Missing("sheet.missing")
    return sheet


async def draft(task_id: int) -> DraftView | None:
    """Return what a visitor has typed so far."""
    rows = await raw(
        "SELECT content, started_at, saved_at FROM sheet_draft WHERE task = {}", task_id
    )
    if not rows:
        return None
    plain = keys.current().open(
        "reporter", base64.b64decode(rows[0]["content"]), draft_context(task_id)
    )
    return DraftView(
        answers=msgspec.json.decode(plain, type=Answers),
        started_at=rows[0]["started_at"],
        saved_at=rows[0]["saved_at"],
    )


def draft_context(task_id: int) -> str:
    """Return what the ciphertext of a draft is bound to."""
    return f"sheet_draft:{task_id}:content"


def sealed_context(code: Code) -> str:
    """Return what the ciphertext of a sheet's sealed accusations is bound to."""
    return f"sheet_submission:{code}:sealed"


async def blank(member: Code | None, code: Code) -> Blank:
    """Return the questions of a member's task; somebody else's is ``Missing``."""
    task = await visits.member_task(member, code)
    version = await rulebooks.frozen(task.rulebook_code)
    form = version.rulebook.form(task.form_key)
    items = rules.asked(form, covert=task.covert, revisit=task.revisit)
    return Blank(task=task, form=form, items=items)


async def filling(member: Code | None, code: Code, *, at: datetime) -> Filling:
    """Return the sheet of a member's task with what was typed before.

    Refuses somebody else's task (``Missing``), one that is not open, one out of time (``Closed``).
    """
    sheet = await blank(member, code)
    rules.may_write(sheet.task, at)
    await visits.may_begin(member, sheet.task, at=at)
    typed = await draft(sheet.task.id)
    returned = await latest(sheet.task)
    answers = Answers(errand=sheet.task.errand)
    if typed is not None:
        answers = typed.answers
    elif returned is not None:
        sealed = await accusations(returned.code)
        answers = msgspec.structs.replace(
            returned.answers,
            vetoes={**returned.answers.vetoes, **sealed},
            declared=False,
            replies={},
        )
    return Filling(
        blank=sheet,
        answers=answers,
        saved_at=typed.saved_at if typed else None,
        started_at=typed.started_at if typed else None,
        returned=returned,
        questions=(await questions(sheet.task.id)).get(returned.version, {}) if returned else {},
    )


async def reading(sheet: SheetView) -> Reading:
    """Return a sheet with the questions it answers and the versions before it."""
    version = await rulebooks.version(sheet.rulebook_code)
    form = version.rulebook.form(sheet.form_key)
    items = rules.asked(form, covert=sheet.task.covert, revisit=sheet.task.revisit)
    return Reading(
        sheet=sheet,
        blank=Blank(task=sheet.task, form=form, items=items),
        values=rules.values(items, sheet.answers),
        band=version.rulebook.band(sheet.score),
        void_reasons=version.rulebook.void_reasons,
        earlier=tuple(v for v in await versions(sheet.task) if v.version < sheet.version),
        questions=await questions(sheet.task.id),
    )


async def accusations(code: Code) -> dict[str, str]:
    """Return a sheet's sealed accusations: for the visitor and for the discipline office alone."""
    rows = await raw("SELECT sealed FROM sheet_submission WHERE code = {}", code)
    if not rows or not rows[0]["sealed"]:
        return {}
    plain = keys.current().open(
        "reporter", base64.b64decode(rows[0]["sealed"]), sealed_context(code)
    )
    return msgspec.json.decode(plain, type=dict[str, str])


async def accused(*, limit: int = 100) -> list[Accusation]:
    """Return the sheets that hold sealed accusations, the newest first, without their texts."""
    rows = await raw(
        "SELECT s.code, s.received_at, u.name AS unit_name, u.name_en AS unit_name_en "
        "FROM sheet_submission s JOIN visit_task t ON t.id = s.task JOIN unit u ON u.id = t.unit "
        "WHERE s.sealed <> '' ORDER BY s.id DESC LIMIT {}",
        limit,
    )
    return [Accusation(**row) for row in rows]


async def copied(task: TaskView, texts_digest: str) -> bool:
    """Tell whether another task's sheet has the very same longer comments."""
    rows = await look(
        "SELECT id FROM sheet_submission WHERE texts_digest = {} AND task <> {} LIMIT 1",
        texts_digest,
        task.id,
    )
    return bool(rows)
