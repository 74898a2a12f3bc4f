"""Reads of the steps: rankings, answers, the chain of publications."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from panel.db import raw
from panel.errors import Missing
from panel.ids import Code, PersonId
from panel.rankings.rules import hearing
from panel.rankings.types import (
    AnswerState,
    AnswerView,
    PublicationView,
    RankingState,
    RankingView,
    ReleaseStatus,
)

_RANKING: Final = (
    "SELECT r.id, r.round AS round_id, v.code AS round_code, v.title, v.title_en, r.state, "
    "r.rulebook, r.computed_by, r.computed_at, r.notified_at, r.answer_by, r.published_at, "
    "r.published_by, r.document, r.edition, r.notice_from, r.notice_until, r.reason, "
    "r.withhold_by, r.withhold_at, r.withhold_reason, r.withhold_document "
    "FROM ranking r JOIN visit_round v ON v.id = r.round "
)
_ANSWER: Final = (
    "SELECT a.code, v.code AS round_code, u.code AS unit_code, u.name AS unit_name, "
    "u.name_en AS unit_name_en, a.text, a.filed_at, a.state, a.reply, a.considered_at, a.shown, "
    "a.printed "
    "FROM ranking_answer a JOIN ranking r ON r.id = a.ranking "
    "JOIN visit_round v ON v.id = r.round JOIN unit u ON u.id = a.unit "
)
_PUBLICATION: Final = (
    "SELECT p.sequence, v.code AS round_code, v.title, v.title_en, p.published_at, "
    "p.manifest_hash, p.previous_hash, p.edition, p.status, p.under_appeal "
    "FROM publication p JOIN ranking r ON r.id = p.ranking "
    "JOIN visit_round v ON v.id = r.round "
)


def _person(value: int | None) -> PersonId | None:
    return PersonId(value) if value is not None else None


def _ranking(row: dict[str, Any]) -> RankingView:
    return RankingView(
        id=row["id"],
        round_id=row["round_id"],
        round_code=Code(row["round_code"]),
        title=row["title"],
        title_en=row["title_en"],
        rulebook_code=Code(row["rulebook"]),
        state=RankingState(row["state"]),
        computed_by=_person(row["computed_by"]),
        computed_at=row["computed_at"],
        notified_at=row["notified_at"],
        answer_by=row["answer_by"],
        published_at=row["published_at"],
        published_by=_person(row["published_by"]),
        document=row["document"],
        edition=row["edition"],
        notice_from=row["notice_from"],
        notice_until=row["notice_until"],
        reason=row["reason"],
        withhold_by=_person(row["withhold_by"]),
        withhold_at=row["withhold_at"],
        withhold_reason=row["withhold_reason"],
        withhold_document=row["withhold_document"],
    )


def _answer(row: dict[str, Any]) -> AnswerView:
    return AnswerView(
        code=Code(row["code"]),
        round_code=Code(row["round_code"]),
        unit_code=Code(row["unit_code"]),
        unit_name=row["unit_name"],
        unit_name_en=row["unit_name_en"],
        text=row["text"],
        filed_at=row["filed_at"],
        state=AnswerState(row["state"]),
        reply=row["reply"],
        considered_at=row["considered_at"],
        shown=bool(row["shown"]),
        printed=hearing.printed(row["text"], row["printed"]),
    )


def _publication(row: dict[str, Any]) -> PublicationView:
    return PublicationView(
        sequence=row["sequence"],
        round_code=Code(row["round_code"]),
        title=row["title"],
        title_en=row["title_en"],
        published_at=row["published_at"],
        manifest_hash=row["manifest_hash"],
        previous_hash=row["previous_hash"],
        edition=row["edition"],
        status=ReleaseStatus(row["status"]),
        under_appeal=msgspec.json.decode(row["under_appeal"], type=tuple[Code, ...]),
    )


async def ranking(round: Code) -> RankingView:  # noqa: A002 - the round is what it is
    """Return the ranking of a round; ``Missing`` before it was computed."""
    rows = await raw(_RANKING + "WHERE v.code = {}", round)
    if not rows:
        raise Missing("ranking.missing")
    return _ranking(rows[0])


async def rankings() -> list[RankingView]:
    """Return all rankings, the newest first."""
    return [_ranking(row) for row in await raw(_RANKING + "ORDER BY r.id DESC")]


async def answers(round: Code) -> list[AnswerView]:  # noqa: A002 - the round is what it is
    """Return what the units said about a round's ranking, open answers first."""
    rows = await raw(_ANSWER + "WHERE v.code = {} ORDER BY a.considered_at, a.id", round)
    found = [_answer(row) for row in rows]
    return sorted(found, key=lambda each: each.state is not AnswerState.OPEN)


async def answer(code: Code) -> AnswerView:
    """Return one answer."""
    rows = await raw(_ANSWER + "WHERE a.code = {}", code)
    if not rows:
        raise Missing("hearing.missing")
    return _answer(rows[0])


async def open_answers(ranking_id: int) -> int:
    """Return how many answers wait for a reply."""
    rows = await raw(
        "SELECT count(*) AS n FROM ranking_answer WHERE ranking = {} AND state = {}",
        ranking_id,
        AnswerState.OPEN,
    )
    return int(rows[0]["n"])


async def publications() -> list[PublicationView]:
    """Return the chain of publications, the newest first."""
    return [_publication(row) for row in await raw(_PUBLICATION + "ORDER BY p.sequence DESC")]


async def published() -> PublicationView | None:
    """Return the newest publication whose files are written; none before the first."""
    rows = await raw(_PUBLICATION + "WHERE p.manifest_hash <> '' ORDER BY p.sequence DESC LIMIT 1")
    return _publication(rows[0]) if rows else None


async def unsealed(ranking_id: int) -> int:
    """Return how many entries about a ranking's lists the chain of the history does not hold."""
    rows = await raw(
        "SELECT count(*) AS n FROM audit_sealed_row s JOIN ranking_snapshot l ON l.id = s.row "
        "WHERE s.relation = 'ranking_snapshot' AND l.ranking = {} "
        "AND NOT EXISTS (SELECT 1 FROM audit_link k WHERE k.entry = s.entry)",
        ranking_id,
    )
    return int(rows[0]["n"])
