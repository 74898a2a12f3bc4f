"""Reads of findings: the office's, and the unit's own without who came or when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from panel import keys
from panel.actor import Actor, Role
from panel.db import raw
from panel.errors import Missing
from panel.evaluations.queries.leads import unsealed
from panel.evaluations.queries.sheets import submission
from panel.evaluations.rules import findings as rules
from panel.evaluations.types import Share
from panel.evaluations.types.clocks import ClockState
from panel.evaluations.types.findings import (
    EvidenceKind,
    EvidenceView,
    FindingLine,
    FindingSource,
    FindingState,
    FindingView,
    Grounds,
    Outcome,
    ReplyView,
    Stance,
    Step,
    StepView,
    UnitFinding,
    VerifiedFinding,
)
from panel.ids import Code, PersonId
from panel.rulebook import queries as rulebooks
from panel.vault.types import Attached
from panel.visits import queries as visits
from panel.visits.types import TaskView
from panel.workdays import year_of

_NAMES: Final = (
    "u.code AS unit_code, u.name AS unit_name, u.name_en AS unit_name_en, u.peer_group, "
    "w.code AS window_code, w.name AS window_name, w.name_en AS window_name_en "
    'FROM finding f JOIN unit u ON u.id = f.unit LEFT JOIN service_window w ON w.id = f."window" '
)
_SELECT: Final = "SELECT f.*, " + _NAMES


def facts_context(code: Code, column: str) -> str:
    """Return what a ciphertext of a finding is bound to."""
    return f"finding:{code}:{column}"


def file_context(code: Code) -> str:
    """Return what the ciphertext of a picture is bound to."""
    return f"finding_file:{code}:sealed"


def _person(value: int | None) -> PersonId | None:
    return None if value is None else PersonId(value)


def _day(value: date | str | None) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _code(value: str | None) -> Code | None:
    return Code(value) if value else None


def _view(row: dict[str, Any]) -> FindingView:
    return FindingView(
        id=row["id"],
        code=Code(row["code"]),
        source=FindingSource(row["source"]),
        sheet_id=row["sheet"],
        lead=row["lead"],
        unit_id=row["unit"],
        unit_code=Code(row["unit_code"]),
        unit_name=row["unit_name"],
        unit_name_en=row["unit_name_en"],
        peer_group=row["peer_group"],
        window_id=row["window"],
        window_code=_code(row["window_code"]),
        window_name=row["window_name"] or "",
        window_name_en=row["window_name_en"] or "",
        item=row["item"],
        veto=row["veto"],
        sealed=bool(row["sealed"]),
        rulebook_code=Code(row["rulebook"]),
        form_key=row["form_key"],
        month=_day(row["month"]),
        share=Share(row["share"]),
        state=FindingState(row["state"]),
        outcome=Outcome(row["outcome"]) if row["outcome"] else None,
        severity=row["severity"],
        told=row["told"],
        frozen=bool(row["frozen"]),
        noted_by=_person(row["noted_by"]),
        noted_at=row["noted_at"],
        handler=_person(row["handler"]),
        sent_at=row["sent_at"],
        visible_at=row["visible_at"],
        received_at=row["received_at"],
        receipt_document=row["receipt_document"],
        outcome_text=row["outcome_text"],
        concluded_by=_person(row["concluded_by"]),
        concluded_at=row["concluded_at"],
        veto_by=_person(row["veto_by"]),
        order_text=row["order_text"],
        report=row["report"],
        report_file=_code(row["report_file"]),
        reported_at=row["reported_at"],
        rectified_by=row["rectified_by"],
        revision=row["revision"],
        within=row["within"],
    )


async def stored(code: Code) -> FindingView:
    """Return a finding whoever asks: for commands, which judge the actor themselves."""
    rows = await raw(_SELECT + "WHERE f.code = {}", code)
    if not rows:
        raise Missing("finding.missing")
    return _view(rows[0])


async def finding(actor: Actor, code: Code) -> FindingView:
    """Return a finding to a reader in the office; a sealed one to the discipline office alone."""
    view = await stored(code)
    rules.may_read(actor, view)
    return view


async def facts(view: FindingView) -> str:
    """Return what was noted, for who may read the finding."""
    rows = await raw("SELECT facts FROM finding WHERE id = {}", view.id)
    return unsealed(rows[0]["facts"], facts_context(view.code, "facts")).decode()


def _scope(actor: Actor) -> tuple[str, list[object]]:
    """Return the condition of what a reader may see at all."""
    if not actor.may(Role.INDEPENDENT_REVIEWER):
        return "f.sealed = {}", [False]
    return ("f.id > {}", [0]) if actor.may(*rules.READERS) else ("f.sealed = {}", [True])


async def findings(
    actor: Actor,
    *,
    at: datetime,
    states: tuple[FindingState, ...] = (),
    unit: Code | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[FindingLine]:
    """Return findings in these states (all where none is named), the newest first."""
    where, values = _scope(actor)
    if states:
        where += f" AND f.state IN ({', '.join('{}' for _ in states)})"
        values += states
    if unit is not None:
        where += " AND u.code = {}"
        values.append(unit)
    rows = await raw(
        "SELECT f.id, f.code, f.item, f.veto, f.state, f.outcome, f.severity, f.noted_at, "
        "c.soft_at, c.due_at, " + _NAMES + "LEFT JOIN finding_clock c ON c.id = "
        "(SELECT min(o.id) FROM finding_clock o WHERE o.finding = f.id AND o.state = {} "
        "AND o.due_at = (SELECT min(x.due_at) FROM finding_clock x WHERE x.finding = f.id "
        "AND x.state = {})) "
        f"WHERE {where} AND f.id < {{}} ORDER BY f.id DESC LIMIT {{}}",
        ClockState.RUNNING,
        ClockState.RUNNING,
        *values,
        before or 2**31 - 1,
        limit,
    )
    return [_line(row, at) for row in rows]


def _line(row: dict[str, Any], at: datetime) -> FindingLine:
    due, soft = row["due_at"], row["soft_at"]
    return FindingLine(
        id=row["id"],
        code=Code(row["code"]),
        unit_name=row["unit_name"],
        unit_name_en=row["unit_name_en"],
        window_name=row["window_name"] or "",
        window_name_en=row["window_name_en"] or "",
        item=row["item"],
        veto=row["veto"],
        state=FindingState(row["state"]),
        outcome=Outcome(row["outcome"]) if row["outcome"] else None,
        severity=row["severity"],
        noted_at=row["noted_at"],
        due_at=due,
        near=due is not None and soft <= at <= due,
        overdue=due is not None and at > due,
    )


async def counts(actor: Actor) -> dict[FindingState, int]:
    """Return how many findings stand in each state, as far as the reader may know of them."""
    where, values = _scope(actor)
    rows = await raw(
        f"SELECT f.state, count(*) AS count FROM finding f WHERE {where} GROUP BY f.state", *values
    )
    return {FindingState(row["state"]): int(row["count"]) for row in rows}


async def evidence(view: FindingView) -> list[EvidenceView]:
    """Return the items of evidence in the order in which they came."""
    rows = await raw(
        "SELECT e.kind, e.note, e.file, e.at, s.code AS sheet FROM finding_evidence e "
        "LEFT JOIN sheet_submission s ON s.id = e.sheet WHERE e.finding = {} ORDER BY e.id",
        view.id,
    )
    return [
        EvidenceView(
            kind=EvidenceKind(row["kind"]),
            sheet=_code(row["sheet"]),
            note=unsealed(row["note"], facts_context(view.code, "evidence")).decode(),
            file=_code(row["file"]),
            at=row["at"],
        )
        for row in rows
    ]


async def grounds(view: FindingView) -> Grounds:
    """Return what a conclusion would rest on."""
    found = tuple(await evidence(view))
    sheets = [await submission(each.sheet) for each in found if each.sheet]
    return Grounds(found, tuple(sheets), await reply(view.id))


async def reply(finding_id: int) -> ReplyView | None:
    """Return what the unit answered."""
    return (await replies([finding_id])).get(finding_id)


async def replies(findings: Sequence[int]) -> dict[int, ReplyView]:
    """Return what units answered to some findings."""
    if not findings:
        return {}
    marks = ", ".join("{}" for _ in findings)
    rows = await raw(
        "SELECT finding, stance, text, file, at, late FROM finding_reply "
        f"WHERE finding IN ({marks})",
        *findings,
    )
    return {
        row["finding"]: ReplyView(
            Stance(row["stance"]), row["text"], _code(row["file"]), row["at"], bool(row["late"])
        )
        for row in rows
    }


async def steps(view: FindingView) -> list[StepView]:
    """Return the course of a finding, the first step first."""
    rows = await raw(
        "SELECT step, at, by, text, document FROM finding_step WHERE finding = {} ORDER BY id",
        view.id,
    )
    return [
        StepView(Step(row["step"]), row["at"], row["by"], row["text"], row["document"])
        for row in rows
    ]


async def file(actor: Actor, view: FindingView, code: Code) -> Attached:
    """Return a picture of a paper to a reader in the office."""
    rules.may_read(actor, view)
    return await _file("f.id = {} AND p.code = {}", view.id, code)


async def unit_file(unit: Code, code: Code, *, at: datetime) -> Attached:
    """Return a picture that the unit itself sent."""
    return await _file(
        "u.code = {} AND f.visible_at <= {} AND p.from_unit = {} AND p.code = {}",
        unit,
        at,
        True,  # noqa: FBT003 - a value of the query
        code,
    )


async def _file(where: str, *values: object) -> Attached:
    rows = await raw(
        "SELECT p.code, p.media, p.sealed FROM finding_file p JOIN finding f ON f.id = p.finding "
        f"JOIN unit u ON u.id = f.unit WHERE {where}",
        *values,
    )
    if not rows:
        raise Missing("finding.missing")
    (row,) = rows
    data = keys.current().open("reporter", bytes(row["sealed"]), file_context(row["code"]))
    return Attached(data, row["media"])


async def same_visitor(first: TaskView, second: TaskView) -> bool:
    """Tell whether two visits were made by one member, without telling by whom.

    Links of two rounds can't be compared, so each member's two links are tried.
    """
    if first.round_code == second.round_code:
        return first.visitor == second.visitor
    rows = await raw("SELECT code FROM member")
    for row in rows:
        if visits.link(Code(row["code"]), first.round_code) == first.visitor:
            return visits.link(Code(row["code"]), second.round_code) == second.visitor
    return False


async def unit_findings(unit: Code, *, at: datetime) -> list[UnitFinding]:
    """Return what a unit has been told of, the newest first."""
    rows = await raw(
        _SELECT + "WHERE u.code = {} AND f.visible_at <= {} ORDER BY f.visible_at DESC, f.id DESC",
        unit,
        at,
    )
    answers = await replies([row["id"] for row in rows])
    return [_told(_view(row), answers.get(row["id"])) for row in rows]


async def unit_finding(unit: Code, code: Code, *, at: datetime) -> UnitFinding:
    """Return one finding to its unit; another unit's, or one not yet told, is ``Missing``."""
    view = await unit_stored(unit, code, at=at)
    return _told(view, await reply(view.id))


async def unit_stored(unit: Code, code: Code, *, at: datetime) -> FindingView:
    """Return one finding of a unit for its commands."""
    rows = await raw(
        _SELECT + "WHERE u.code = {} AND f.code = {} AND f.visible_at <= {}", unit, code, at
    )
    if not rows:
        raise Missing("finding.missing")
    return _view(rows[0])


async def unit_waiting(unit: Code, *, at: datetime) -> int:
    """Return how many findings wait for a unit: to be received, answered or reported on."""
    rows = await raw(
        "SELECT count(*) AS count FROM finding f JOIN unit u ON u.id = f.unit "
        "WHERE u.code = {} AND f.visible_at <= {} AND (f.state = {} "
        "OR (f.state = {} AND f.reported_at IS NULL AND f.within = ''))",
        unit,
        at,
        FindingState.UNIT_REPLY_WAIT,
        FindingState.ORDER_OPENED,
    )
    return int(rows[0]["count"])


def _told(view: FindingView, answer: ReplyView | None) -> UnitFinding:
    return UnitFinding(
        code=view.code,
        window_name=view.window_name,
        window_name_en=view.window_name_en,
        item=view.item,
        veto=view.veto,
        rulebook_code=view.rulebook_code,
        form_key=view.form_key,
        month=view.month if view.share is Share.SEND else None,
        severity=view.severity,
        state=view.state,
        told=view.told,
        visible_at=view.visible_at or view.noted_at,
        received_at=view.received_at,
        reply=answer,
        outcome_text=view.outcome_text,
        order_text=view.order_text,
        report=view.report,
        reported_at=view.reported_at,
    )


async def verified_findings(year: int) -> list[VerifiedFinding]:
    """Return the findings verified in a year, with the points of the rulebook they stand under."""
    rows = await raw(
        "SELECT f.code, f.unit, f.severity, f.veto, f.rulebook, f.concluded_at, "
        "u.code AS unit_code "
        "FROM finding f JOIN unit u ON u.id = f.unit WHERE f.outcome = {} ORDER BY f.id",
        Outcome.VERIFIED,
    )
    found = []
    for row in rows:
        if year_of(row["concluded_at"]) != year:
            continue
        book = (await rulebooks.version(Code(row["rulebook"]))).rulebook
        found.append(
            VerifiedFinding(
                code=Code(row["code"]),
                unit_id=row["unit"],
                unit_code=Code(row["unit_code"]),
                severity=row["severity"],
                points=book.findings.points[row["severity"] - 1],
                verified_at=row["concluded_at"],
                veto=row["veto"],
            )
        )
    return found
