"""Reads of batched results: what may be told next, a batch at the office, a unit's own results."""

from __future__ import annotations

import base64
from collections import defaultdict
from datetime import datetime
from typing import Any

import msgspec

from panel import keys
from panel.db import raw
from panel.errors import Missing
from panel.evaluations import rules
from panel.evaluations.rules import releases, texts
from panel.evaluations.types import Answers, SheetState
from panel.evaluations.types.releases import (
    CellView,
    CommentState,
    CommentView,
    Leaf,
    ReleaseState,
    ReleaseView,
    Span,
)
from panel.ids import Code, PersonId
from panel.rulebook import queries as rulebooks
from panel.visits import queries as visits


async def leaves() -> list[Leaf]:
    """Return the counted sheets of closed rounds as the batching sees them."""
    rows = await raw(
        "SELECT s.id, s.score, s.veto_confirmed, s.answers, s.rulebook, s.form_key, s.visited_on, "
        't.unit, t."window" AS window_id, u.parent, t.round, t.visitor, r.code AS round_code '
        "FROM sheet_submission s JOIN visit_task t ON t.id = s.task "
        "JOIN visit_round r ON r.id = t.round JOIN unit u ON u.id = t.unit "
        "WHERE s.state = {} AND r.closed_at IS NOT NULL ORDER BY s.id",
        SheetState.ACCEPTED,
    )
    visitors: dict[Code, set[str]] = defaultdict(set)
    for row in rows:
        visitors[Code(row["round_code"])].add(row["visitor"])
    persons = await visits.told_apart(visitors)
    return [await _leaf(row, persons[row["round_code"], row["visitor"]]) for row in rows]


async def _leaf(row: dict[str, Any], person: int) -> Leaf:
    version = await rulebooks.version(Code(row["rulebook"]))
    form = version.rulebook.form(row["form_key"])
    score = rules.capped(form, row["score"]) if row["veto_confirmed"] else row["score"]
    items = rules.asked(form, covert=False, revisit=True)
    values = rules.values(items, msgspec.json.decode(row["answers"], type=Answers))
    return Leaf(
        sheet=row["id"],
        unit=row["unit"],
        parent=row["parent"],
        round=row["round"],
        month=row["visited_on"].replace(day=1),
        person=person,
        score=score,
        form=f"{row['rulebook']} {row['form_key']}",
        sections=releases.sections(form, values),
        window=row["window_id"],
    )


async def told() -> list[frozenset[int]]:
    """Return the sheets of every cell that was told."""
    rows = await raw(
        "SELECT c.sheets FROM result_cell c JOIN result_release r ON r.id = c.release "
        "WHERE r.state = {} ORDER BY c.id",
        ReleaseState.RELEASED,
    )
    return [frozenset(msgspec.json.decode(row["sheets"], type=list[int])) for row in rows]


_RELEASES = (
    "SELECT r.*, (SELECT COUNT(*) FROM result_cell c WHERE c.release = r.id) AS cells, "
    "(SELECT COUNT(*) FROM result_comment m JOIN result_cell c ON c.id = m.cell "
    "WHERE c.release = r.id) AS comments, "
    "(SELECT COUNT(*) FROM result_comment m JOIN result_cell c ON c.id = m.cell "
    "WHERE c.release = r.id AND m.state = {}) AS waiting FROM result_release r "
)


def _release(row: dict[str, Any]) -> ReleaseView:
    return ReleaseView(
        id=row["id"],
        code=Code(row["code"]),
        state=ReleaseState(row["state"]),
        made_at=row["made_at"],
        made_by=PersonId(row["made_by"]),
        released_at=row["released_at"],
        visible_from=row["visible_from"],
        cells=int(row["cells"]),
        comments=int(row["comments"]),
        waiting=int(row["waiting"]),
    )


async def result_releases(*, limit: int = 50) -> list[ReleaseView]:
    """Return the batches of results, the newest first."""
    rows = await raw(_RELEASES + "ORDER BY r.id DESC LIMIT {}", CommentState.WAITING, limit)
    return [_release(row) for row in rows]


async def result_release(code: Code) -> ReleaseView:
    """Return one batch of results."""
    rows = await raw(_RELEASES + "WHERE r.code = {}", CommentState.WAITING, code)
    if not rows:
        raise Missing("release.missing")
    return _release(rows[0])


_CELLS = (
    "SELECT c.id, u.code AS unit_code, u.name AS unit_name, u.name_en AS unit_name_en, c.whole, "
    "c.span, c.since, c.until, c.visits, c.score, c.sections, c.rulebook, c.form_key "
    "FROM result_cell c JOIN result_release r ON r.id = c.release JOIN unit u ON u.id = c.unit "
)


def _cell(row: dict[str, Any], comments: dict[int, list[str]]) -> CellView:
    return CellView(
        id=row["id"],
        unit_code=Code(row["unit_code"]),
        unit_name=row["unit_name"],
        unit_name_en=row["unit_name_en"],
        whole=bool(row["whole"]),
        span=Span(row["span"]),
        since=row["since"],
        until=row["until"],
        visits=row["visits"],
        score=row["score"],
        sections=msgspec.json.decode(row["sections"], type=tuple[tuple[str, int], ...]),
        rulebook_code=Code(row["rulebook"]),
        form_key=row["form_key"],
        comments=tuple(comments.get(row["id"], ())),
    )


async def result_cells(release: ReleaseView) -> list[CellView]:
    """Return the cells of a batch, by unit."""
    rows = await raw(_CELLS + "WHERE r.id = {} ORDER BY u.number, c.since, c.id", release.id)
    return [_cell(row, {}) for row in rows]


async def unit_results(unit: Code, *, at: datetime) -> list[CellView]:
    """Return what a unit may read of its own results today, the latest months first."""
    rows = await raw(
        _CELLS + "WHERE u.code = {} AND r.state = {} AND r.visible_from <= {} "
        "ORDER BY c.since DESC, c.id DESC",
        unit,
        ReleaseState.RELEASED,
        at,
    )
    comments: dict[int, list[str]] = defaultdict(list)
    for row in rows:
        for each in await raw(
            "SELECT text FROM result_comment WHERE cell = {} AND state = {} ORDER BY code",
            row["id"],
            CommentState.PASSED,
        ):
            comments[row["id"]].append(each["text"])
    return [_cell(row, comments) for row in rows]


def comment_context(code: str) -> str:
    """Return what the ciphertext of a comment is bound to."""
    return f"result_comment:{code}:sealed"


_COMMENTS = (
    "SELECT m.code, m.cell, m.sealed, m.state, m.text, u.name AS unit_name, "
    "u.name_en AS unit_name_en FROM result_comment m JOIN result_cell c ON c.id = m.cell "
    "JOIN unit u ON u.id = c.unit "
)


def _comment(row: dict[str, Any]) -> CommentView:
    sealed = base64.b64decode(row["sealed"])
    original = keys.current().open("visit", sealed, comment_context(row["code"])).decode()
    return CommentView(
        code=Code(row["code"]),
        cell=row["cell"],
        unit_name=row["unit_name"],
        unit_name_en=row["unit_name_en"],
        original=original,
        hits=texts.text_check(original),
        suggestion=releases.suggestion(original),
        state=CommentState(row["state"]),
        text=row["text"],
    )


async def result_comments(release: ReleaseView) -> list[CommentView]:
    """Return the comments of a batch, those that wait for a person first."""
    rows = await raw(
        _COMMENTS + "WHERE c.release = {} "
        "ORDER BY CASE WHEN m.state = {} THEN 0 ELSE 1 END, u.number, m.code",
        release.id,
        CommentState.WAITING,
    )
    return [_comment(row) for row in rows]


async def result_comment(code: Code) -> CommentView:
    """Return one comment."""
    rows = await raw(_COMMENTS + "WHERE m.code = {}", code)
    if not rows:
        raise Missing("comment.missing")
    return _comment(rows[0])


async def stale(release: ReleaseView) -> bool:
    """Tell whether a sheet behind a batch does not count any more."""
    counted = {row["id"] for row in await raw(
        "SELECT id FROM sheet_submission WHERE state = {}", SheetState.ACCEPTED
    )}  # fmt: skip
    rows = await raw("SELECT sheets FROM result_cell WHERE release = {}", release.id)
    return any(
        not counted.issuperset(msgspec.json.decode(row["sheets"], type=list[int])) for row in rows
    )
