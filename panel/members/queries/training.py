"""Reads of learning: where a member stands, attempts, training sheets, certificates."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec

from panel.errors import Missing
from panel.ids import Code
from panel.members import rules
from panel.members.queries.seats import member as seat
from panel.members.queries.seats import several
from panel.members.tables import Attempt, Practice, Qualification, Reading
from panel.members.types import (
    AttemptView,
    CertificateView,
    CourseStanding,
    Learner,
    MemberView,
    PracticeView,
)
from panel.rulebook import queries as rulebook
from panel.rulebook.types import Rulebook, RulebookVersion
from panel.workdays import SHANGHAI

_CHUNK = 1000


def attempt_view(row: dict[str, Any]) -> AttemptView:
    """Turn a row into the struct that readers get."""
    answers = msgspec.json.decode(row["answers"], type=dict[str, tuple[int, ...]])
    return AttemptView(
        code=Code(row["code"]),
        form=row["form"],
        rulebook=Code(row["rulebook"]),
        answers=answers,
        right=row["right"],
        total=row["total"],
        passed=bool(row["passed"]),
        at=row["at"],
    )


def practice_view(row: dict[str, Any]) -> PracticeView:
    """Turn a row into the struct that readers get."""
    return PracticeView(
        code=Code(row["code"]),
        form=row["form"],
        rulebook=Code(row["rulebook"]),
        case=row["case"],
        answers=msgspec.json.decode(row["answers"], type=dict[str, int | None]),
        severity=row["severity"],
        distance=row["distance"],
        at=row["at"],
    )


def _certificate(row: dict[str, Any]) -> CertificateView:
    return CertificateView(
        code=Code(row["code"]),
        form=row["form"],
        rulebook=Code(row["rulebook"]),
        attempt=row["attempt"],
        passed_on=row["passed_on"],
        valid_until=row["valid_until"],
    )


async def learner(code: Code, *, at: dt.datetime) -> Learner:
    """Return where a member stands with the courses of the measures in force."""
    member = await seat(code)
    version = await rulebook.current()
    mine, now = member.id, version.code
    read = frozenset(
        row["unit"]
        for row in await Reading.select(Reading.unit).where(
            Reading.member == mine, Reading.rulebook == now
        )
    )
    sheets = [
        practice_view(row)
        for row in await Practice.select()
        .where(Practice.member == mine, Practice.rulebook == now)
        .order_by(Practice.id)
    ]
    tries = [
        attempt_view(row)
        for row in await Attempt.select()
        .where(Attempt.member == mine, Attempt.rulebook == now)
        .order_by(Attempt.id, ascending=False)
    ]
    papers = await certificates(member)
    today = at.astimezone(SHANGHAI).date()
    book = version.rulebook
    return Learner(
        member=member,
        version=version,
        courses=tuple(
            _standing(
                version,
                form,
                today,
                read=read,
                sheets=[each for each in sheets if each.form == form],
                tries=[each for each in tries if each.form == form],
                papers=[each for each in papers if each.form == form],
            )
            for form in book.judged
        ),
        ends_soon=rules.ends_soon(member, book, today),
    )


def _standing(
    version: RulebookVersion,
    form: str,
    today: dt.date,
    *,
    read: frozenset[str],
    sheets: Sequence[PracticeView],
    tries: Sequence[AttemptView],
    papers: Sequence[CertificateView],
) -> CourseStanding:
    """Return how far a member is with one form, from what was done and earned with it."""
    book = version.rulebook
    earned = [each.valid_until for each in papers if each.rulebook == version.code]
    until = max(earned, default=None)
    again = rules.again_from(until, book) if until else None
    return CourseStanding(
        form=book.form(form),
        course=book.training.course(form),
        read=read,
        practised={each.case: each for each in sheets},
        attempts=tuple(tries),
        left_today=_left(book, tries, today),
        certificate=max(papers, key=lambda each: each.valid_until, default=None),
        again_from=again if until and until >= today else None,
        due=again is not None and again <= today,
    )


async def certificate_due(code: Code, *, at: dt.datetime) -> dt.date | None:
    """Return the last day of a member's certificate once its reminder is due, before it is over."""
    for member in await several([code]):
        version = await rulebook.current()
        return rules.ends_soon(member, version.rulebook, at.astimezone(SHANGHAI).date())
    return None


def _left(book: Rulebook, tries: Sequence[AttemptView], today: dt.date) -> int:
    """Return how many attempts a member has left today."""
    made = sum(each.at.astimezone(SHANGHAI).date() == today for each in tries)
    return max(book.training.attempts - made, 0)


async def certificates(member: MemberView) -> list[CertificateView]:
    """Return a member's certificates, the newest first."""
    rows = (
        await Qualification.select()
        .where(Qualification.member == member.id)
        .order_by(Qualification.id, ascending=False)
    )
    return [_certificate(row) for row in rows]


async def certificates_of(
    members: Sequence[MemberView],
) -> dict[Code, list[CertificateView]]:
    """Return the certificates of some members, by member."""
    codes = {each.id: each.code for each in members}
    found: dict[Code, list[CertificateView]] = defaultdict(list)
    ids = list(codes)
    for start in range(0, len(ids), _CHUNK):
        some = Qualification.member.is_in(ids[start : start + _CHUNK])
        for row in await Qualification.select().where(some):
            found[codes[row["member"]]].append(_certificate(row))
    return found


async def attempt(member: Code, code: Code) -> AttemptView:
    """Return a member's own attempt; ``Missing`` for anybody else's."""
    row = (
        await Attempt.select()
        .where(Attempt.code == code, Attempt.member == (await seat(member)).id)
        .first()
    )
    if row is None:
        raise Missing("training.missing")
    return attempt_view(row)


async def attempts(member: MemberView, form: str) -> list[AttemptView]:
    """Return all attempts of a member at the quiz of a form."""
    rows = await Attempt.select().where(Attempt.member == member.id, Attempt.form == form)
    return [attempt_view(row) for row in rows]


async def attempt_by_key(member: MemberView, key: str) -> AttemptView | None:
    """Return the attempt that a key has got already."""
    row = await Attempt.select().where(Attempt.member == member.id, Attempt.key == key).first()
    return None if row is None else attempt_view(row)


async def practice(member: Code, code: Code) -> PracticeView:
    """Return a member's own training sheet; ``Missing`` for anybody else's."""
    row = (
        await Practice.select()
        .where(Practice.code == code, Practice.member == (await seat(member)).id)
        .first()
    )
    if row is None:
        raise Missing("training.missing")
    return practice_view(row)


async def practice_by_key(member: MemberView, key: str) -> PracticeView | None:
    """Return the training sheet that a key has got already."""
    row = await Practice.select().where(Practice.member == member.id, Practice.key == key).first()
    return None if row is None else practice_view(row)


async def may_explain(member: MemberView, made: AttemptView) -> bool:
    """Tell whether a member may see the right answers to a quiz: passed, or the day's used up."""
    version = await rulebook.version(made.rulebook)
    tries = await attempts(member, made.form)
    return rules.revealed(made, tries, version.rulebook.training)


async def pass_mark(made: AttemptView) -> int:
    """Return how many questions of an attempt had to be right."""
    version = await rulebook.version(made.rulebook)
    return rules.needed(made.total, version.rulebook.training.pass_percent)
