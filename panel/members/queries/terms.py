"""Reads of terms: which end, which follow, how the panel went, what is kept about one member."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from panel.db import raw
from panel.ids import Code, PersonId
from panel.members import rules
from panel.members.queries import training
from panel.members.queries.seats import view_of
from panel.members.tables import Attempt, Exclusion, Member, Practice, Reading
from panel.members.types import LEFT, ExclusionKind, MemberView
from panel.members.types.terms import Learning, Read, Recusal, Span, Standing
from panel.rulebook import queries as rulebook
from panel.workdays import SHANGHAI

_CHUNK: Final = 500


async def seats_of(person: PersonId) -> list[MemberView]:
    """Return every seat that a person has held, the first one first."""
    rows = await Member.select().where(Member.person == person).order_by(Member.id)
    return [view_of(row) for row in rows]


async def ending(today: dt.date, until: dt.date) -> list[MemberView]:
    """Return the serving members whose last day lies from today to a day, the nearest first."""
    rows = (
        await Member.select()
        .where(
            Member.term_end >= today,
            Member.term_end <= until,
            Member.state.not_in(list(LEFT)),
            Member.term_start <= today,
        )
        .order_by(Member.term_end)
        .order_by(Member.code)
    )
    return [view_of(row) for row in rows]


async def over(today: dt.date, limit: int) -> list[MemberView]:
    """Return some members whose last day has passed and who are not marked as ended yet."""
    rows = (
        await Member.select()
        .where(Member.term_end < today, Member.state.not_in(list(LEFT)))
        .order_by(Member.id)
        .limit(limit)
    )
    return [view_of(row) for row in rows]


async def following(codes: Sequence[Code]) -> dict[Code, Code]:
    """Return, by the seat that it renews, the granted next term that nobody left."""
    found: dict[Code, Code] = {}
    for start in range(0, len(codes), _CHUNK):
        rows = await Member.select(Member.code, Member.previous).where(
            Member.previous.is_in(list(codes[start : start + _CHUNK])),
            Member.state.not_in(list(LEFT)),
        )
        found |= {Code(row["previous"]): Code(row["code"]) for row in rows}
    return found


async def course(at: dt.datetime) -> tuple[Standing, ...]:
    """Return how the panel's make-up went, month by month: from terms and departures alone."""
    version = await rulebook.current()
    rows = await raw(
        "SELECT category, district, sex, age_band, term_start, term_end, left_at FROM member"
    )
    spans = [
        Span(
            category=row["category"],
            district=row["district"],
            sex=row["sex"],
            age_band=row["age_band"],
            first=row["term_start"],
            last=_last(row["term_end"], row["left_at"]),
        )
        for row in rows
    ]
    today = at.astimezone(SHANGHAI).date()
    return rules.course(spans, version.rulebook.recruitment.groups, today)


def _last(term_end: dt.date, left: dt.datetime | None) -> dt.date:
    """Return the last whole day on which a seat was held."""
    if left is None:
        return term_end
    return min(term_end, left.astimezone(SHANGHAI).date() - dt.timedelta(days=1))


async def recusals(member: MemberView) -> list[Recusal]:
    """Return the units that one member does not judge, the earliest first."""
    rows = (
        await Exclusion.select(Exclusion.unit, Exclusion.kind, Exclusion.since)
        .where(Exclusion.member == member.id)
        .order_by(Exclusion.id)
    )
    return [Recusal(Code(row["unit"]), ExclusionKind(row["kind"]), row["since"]) for row in rows]


async def learning(person: PersonId) -> Learning:
    """Return everything that is kept of a person's learning, the earliest first."""
    seats = await seats_of(person)
    ids = [each.id for each in seats]
    read = await Reading.select().where(Reading.member.is_in(ids)).order_by(Reading.id)
    attempts = await Attempt.select().where(Attempt.member.is_in(ids)).order_by(Attempt.id)
    practised = await Practice.select().where(Practice.member.is_in(ids)).order_by(Practice.id)
    held = await training.certificates_of(seats)
    return Learning(
        read=tuple(Read(row["unit"], row["at"]) for row in read),
        attempts=tuple(training.attempt_view(row) for row in attempts),
        practised=tuple(training.practice_view(row) for row in practised),
        certificates=tuple(each for seat in seats for each in held[seat.code]),
    )
