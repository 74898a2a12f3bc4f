"""Reads of appeals: their state for everybody who handles them, their texts one by one."""

from __future__ import annotations

import base64
from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

import msgspec

from panel import keys
from panel.db import raw
from panel.errors import Missing
from panel.evaluations.queries import records
from panel.ids import Code, PersonId
from panel.rankings.types import (
    AppealFigures,
    AppealGround,
    AppealKind,
    AppealOutcome,
    AppealState,
    AppealTexts,
    AppealView,
    CaseEvent,
    CaseStep,
    Inadmissible,
    RecordItem,
    RecordSheet,
    SheetTask,
)
from panel.vault.types import Attached
from panel.visits import queries as rounds

_APPEAL: Final = (
    "SELECT a.id, a.code, a.kind, a.subject, a.edition, u.code AS unit_code, "
    "u.name AS unit_name, u.name_en AS unit_name_en, a.ground, a.document, a.rulebook, "
    "a.handled_by, a.filed_by, a.filed_at, a.state, a.instance, a.acknowledged_at, "
    "a.inadmissible, a.reviewer, a.first_reviewer, a.due_at, a.escalated_at, "
    "a.told_head_at, a.outcome, "
    "a.decided_at, a.first_outcome, a.first_decided_at, a.reconsider_by, a.applied_at, "
    "a.applied_edition, a.revision FROM appeal a JOIN unit u ON u.id = a.unit "
)


def context(code: Code | str, column: str) -> str:
    """Return what a ciphertext of an appeal is bound to."""
    return f"appeal:{code}:{column}"


def sealed(text: str, code: Code | str, column: str) -> str:
    """Encrypt a text of an appeal for its column; nothing for nothing."""
    if not text:
        return ""
    data = keys.current().seal("reporter", text.encode(), context(code, column))
    return base64.b64encode(data).decode()


def opened(stored: str, code: Code | str, column: str) -> str:
    """Decrypt a text of an appeal."""
    if not stored:
        return ""
    data = base64.b64decode(stored)
    return keys.current().open("reporter", data, context(code, column)).decode()


def _person(value: int | None) -> PersonId | None:
    return None if value is None else PersonId(value)


def _outcome(value: str) -> AppealOutcome | None:
    return AppealOutcome(value) if value else None


def _view(row: dict[str, Any]) -> AppealView:
    whole = {
        **row,
        "code": Code(row["code"]),
        "kind": AppealKind(row["kind"]),
        "unit_code": Code(row["unit_code"]),
        "ground": AppealGround(row["ground"]),
        "rulebook_code": Code(row["rulebook"]),
        "handled_by": tuple(
            PersonId(each) for each in msgspec.json.decode(row["handled_by"], type=list[int])
        ),
        "filed_by": _person(row["filed_by"]),
        "state": AppealState(row["state"]),
        "inadmissible": Inadmissible(row["inadmissible"]) if row["inadmissible"] else None,
        "reviewer": _person(row["reviewer"]),
        "first_reviewer": _person(row["first_reviewer"]),
        "outcome": _outcome(row["outcome"]),
        "first_outcome": _outcome(row["first_outcome"]),
    }
    del whole["rulebook"]
    return AppealView(**whole)


async def appeal(code: Code) -> AppealView:
    """Return one appeal."""
    rows = await raw(_APPEAL + "WHERE a.code = {}", code)
    if not rows:
        raise Missing("appeal.missing")
    return _view(rows[0])


async def own_appeal(unit: Code, code: Code) -> AppealView:
    """Return a unit's own appeal; another's is ``Missing``."""
    found = await appeal(code)
    if found.unit_code != unit or found.kind is AppealKind.OFFICER:
        raise Missing("appeal.missing")
    return found


async def appeals_of(kind: AppealKind, subject: str) -> list[AppealView]:
    """Return the appeals against one thing, the oldest first."""
    rows = await raw(
        _APPEAL + "WHERE a.kind = {} AND a.subject = {} ORDER BY a.id", kind.value, subject
    )
    return [_view(row) for row in rows]


async def appeals_of_unit(unit: Code) -> list[AppealView]:
    """Return what a unit appealed against, the newest first; an officer's own case is not its."""
    where = "WHERE u.code = {} AND a.kind <> {} ORDER BY a.id DESC"
    return [_view(row) for row in await raw(_APPEAL + where, unit, AppealKind.OFFICER)]


async def appeals(states: Collection[AppealState] = ()) -> list[AppealView]:
    """Return appeals in some states (none named: all), the one to be decided first at the top."""
    wanted = [state.value for state in states or AppealState]
    marks = ", ".join("{}" for _ in wanted)
    rows = await raw(_APPEAL + f"WHERE a.state IN ({marks}) ORDER BY a.due_at, a.id", *wanted)
    return [_view(row) for row in rows]


async def under_appeal(kind: AppealKind, subject: str) -> frozenset[Code]:
    """Return the units whose appeal against a thing is not settled."""
    return frozenset(each.unit_code for each in await appeals_of(kind, subject) if not each.settled)


async def appeal_texts(code: Code) -> AppealTexts:
    """Return what an appeal says and what it was answered."""
    rows = await raw(
        "SELECT id, content, reasons, first_reasons, again FROM appeal WHERE code = {}", code
    )
    if not rows:
        raise Missing("appeal.missing")
    (row,) = rows
    said = msgspec.json.decode(opened(row["content"], code, "content"), type=dict[str, str])
    files = await raw("SELECT code FROM appeal_file WHERE appeal = {} ORDER BY id", row["id"])
    return AppealTexts(
        statement=said["statement"],
        leader=said["leader"],
        reasons=opened(row["reasons"], code, "reasons"),
        first_reasons=opened(row["first_reasons"], code, "reasons"),
        again=opened(row["again"], code, "again"),
        files=tuple(Code(each["code"]) for each in files),
    )


async def appeal_file(code: Code, file: Code) -> Attached:
    """Return a picture of an appeal."""
    rows = await raw(
        "SELECT f.media, f.sealed FROM appeal_file f JOIN appeal a ON a.id = f.appeal "
        "WHERE a.code = {} AND f.code = {}",
        code,
        file,
    )
    if not rows:
        raise Missing("appeal.missing")
    data = keys.current().open("reporter", bytes(rows[0]["sealed"]), context(file, "file"))
    return Attached(data, rows[0]["media"])


async def course(view: AppealView) -> list[CaseEvent]:
    """Return the steps that an appeal took, the first one first."""
    rows = await raw(
        'SELECT step, "at", "by", text FROM appeal_step WHERE appeal = {} ORDER BY id', view.id
    )
    return [CaseEvent(CaseStep(row["step"]), row["at"], row["by"], row["text"]) for row in rows]


async def sheet_tasks(view: AppealView) -> list[SheetTask]:
    """Return the sheets that decisions want void, with how far the reviewing office is."""
    rows = await raw(
        "SELECT k.sheet, k.reason, s.state, s.void_reason FROM appeal_sheet k "
        "JOIN sheet_submission s ON s.code = k.sheet WHERE k.appeal = {} ORDER BY k.id",
        view.id,
    )
    return [
        SheetTask(
            code=Code(row["sheet"]),
            reason=row["reason"],
            voided=row["state"] == "voided",
            proposed=bool(row["void_reason"]),
        )
        for row in rows
    ]


async def record(view: AppealView) -> list[tuple[Code, RecordSheet]]:
    """Return the unit's sheets behind what is appealed against, each with its own code.

    In an order that only the service can make again; without visitor, day or words. The codes
    stay in the service: pages show the numbers.
    """
    if view.kind is not AppealKind.RANKING:
        return []
    subject = await rounds.round(Code(view.subject))
    counted = [each.id for each in await rounds.counting_with(subject)]
    asked = {each.code for each in await sheet_tasks(view)}
    ring = keys.current()
    found = sorted(
        await records.of_unit(counted, view.unit_code),
        key=lambda each: ring.hash("link", "appeal", view.code, each.code),
    )
    return [
        (
            each.code,
            RecordSheet(
                number=number,
                window_name=each.window_name,
                window_name_en=each.window_name_en,
                form_key=each.form_key,
                covert=each.covert,
                score=each.score,
                items=tuple(RecordItem(key, value) for key, value in each.values),
                counted=each.counted,
                asked_void=each.code in asked,
            ),
        )
        for number, each in enumerate(found, start=1)
    ]


async def involved(view: AppealView) -> frozenset[PersonId]:
    """Return everybody of the office who took part in the ranking that is appealed against.

    Planned, approved or drew a round that counts; assigned a visit; reviewed or voided a sheet;
    computed, recounted, signed, answered, decided on an objection or published.
    """
    if view.kind is not AppealKind.RANKING:
        return frozenset()
    subject = await rounds.round(Code(view.subject))
    counted = [each.id for each in await rounds.counting_with(subject)]
    marks = ", ".join("{}" for _ in counted)
    rows = await raw(
        f"SELECT created_by AS p FROM visit_round WHERE id IN ({marks}) "
        f"UNION SELECT approved_by FROM visit_round WHERE id IN ({marks}) "
        f"UNION SELECT drawn_by FROM visit_round WHERE id IN ({marks}) "
        f'UNION SELECT assigned_by FROM visit_task WHERE "round" IN ({marks}) '
        "UNION SELECT s.reviewed_by FROM sheet_submission s JOIN visit_task t ON t.id = s.task "
        f'WHERE t."round" IN ({marks}) '
        "UNION SELECT s.void_by FROM sheet_submission s JOIN visit_task t ON t.id = s.task "
        f'WHERE t."round" IN ({marks}) '
        "UNION SELECT s.void_confirmed_by FROM sheet_submission s "
        f'JOIN visit_task t ON t.id = s.task WHERE t."round" IN ({marks}) '
        'UNION SELECT computed_by FROM ranking WHERE "round" = {} '
        "UNION SELECT e.computed_by FROM ranking_edition e JOIN ranking r ON r.id = e.ranking "
        'WHERE r."round" = {} '
        'UNION SELECT c."by" FROM ranking_recount c JOIN ranking r ON r.id = c.ranking '
        'WHERE r."round" = {} '
        "UNION SELECT s.signed_by FROM ranking_procedure_step s "
        'JOIN ranking r ON r.id = s.ranking WHERE r."round" = {} '
        "UNION SELECT w.considered_by FROM ranking_answer w JOIN ranking r ON r.id = w.ranking "
        'WHERE r."round" = {} '
        "UNION SELECT o.decided_by FROM ranking_objection o "
        'JOIN ranking r ON r.id = o.ranking WHERE r."round" = {} '
        'UNION SELECT published_by FROM ranking WHERE "round" = {}',
        *(counted * 7),
        *([subject.id] * 7),
    )
    return frozenset(PersonId(row["p"]) for row in rows if row["p"] is not None)


async def made_a_visit(links: Collection[str]) -> bool:
    """Tell whether whoever stands behind these links of a round was to visit somewhere in it."""
    if not links:
        return False
    marks = ", ".join("{}" for _ in links)
    rows = await raw(f"SELECT id FROM visit_task WHERE visitor IN ({marks}) LIMIT 1", *links)
    return bool(rows)


async def appeal_figures(*, since: datetime, until: datetime, at: datetime) -> list[AppealFigures]:
    """Return how the appeals went that were filed in a time, by unit in the order of its names."""
    rows = await raw(
        _APPEAL + "WHERE a.filed_at >= {} AND a.filed_at < {} ORDER BY u.name, a.id", since, until
    )
    by_unit: dict[Code, list[AppealView]] = {}
    for row in rows:
        view = _view(row)
        by_unit.setdefault(view.unit_code, []).append(view)
    return [_figures(found, at) for found in by_unit.values()]


def _figures(found: list[AppealView], at: datetime) -> AppealFigures:
    def count(outcome: AppealOutcome) -> int:
        return sum(each.outcome is outcome for each in found)

    first = [(each.filed_at, each.first_decided_at or each.decided_at) for each in found]
    return AppealFigures(
        unit_code=found[0].unit_code,
        unit_name=found[0].unit_name,
        unit_name_en=found[0].unit_name_en,
        filed=len(found),
        upheld=count(AppealOutcome.UPHELD),
        partly=count(AppealOutcome.PARTLY),
        rejected=count(AppealOutcome.REJECTED),
        inadmissible=sum(each.inadmissible is not None for each in found),
        open=sum(not each.settled for each in found),
        overdue=sum(each.overdue(at) for each in found),
        days=tuple((decided - filed).days for filed, decided in first if decided is not None),
    )
