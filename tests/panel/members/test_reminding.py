"""Who is told that the course waits: before the first certificate, before and after its end."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import msgspec

from panel import db
from panel.db import raw
from panel.members import commands, rules
from panel.members.types import MemberState
from panel.notices.types import MessageKind
from panel.rulebook import queries as rulebooks
from panel.workdays import SHANGHAI
from tests.make import members as make
from tests.make import visits


async def _written() -> list[dict[str, object]]:
    return await raw("SELECT kind, person FROM message")


async def test_whoever_has_not_passed_is_told_of_the_course_once(engine: db.Engine) -> None:
    await visits.measures()
    found = await make.panel(3, qualified=False)
    assert await commands.remind_of_training(at=make.AT) == 3
    assert await commands.remind_of_training(at=make.AT + timedelta(days=1)) == 0
    rows = await _written()
    assert {row["kind"] for row in rows} == {MessageKind.TRAINING_DUE}
    assert {row["person"] for row in rows} == {each.person for each in found}


async def test_whoever_may_judge_is_left_alone_until_the_certificate_ends(
    engine: db.Engine,
) -> None:
    await visits.measures()
    (view, *_) = await make.panel(2)
    assert view.qualified_until is not None
    assert await commands.remind_of_training(at=make.AT) == 0
    last = datetime.combine(view.qualified_until, time(12), SHANGHAI)
    assert await commands.remind_of_training(at=last) == 2
    assert await commands.remind_of_training(at=last) == 0


async def test_a_city_without_measures_reminds_nobody(engine: db.Engine) -> None:
    assert await commands.remind_of_training(at=make.AT) == 0


async def test_the_suspended_and_those_yet_to_begin_are_not_told(engine: db.Engine) -> None:
    await visits.measures()
    book = (await rulebooks.current()).rulebook
    (view, *_) = await make.panel(1, qualified=False)
    today = make.AT.date()
    assert rules.training_occasion(view, book, today)
    later = msgspec.structs.replace(view, term_start=today + timedelta(days=1))
    suspended = msgspec.structs.replace(view, state=MemberState.SUSPENDED)
    gone = msgspec.structs.replace(view, state=MemberState.RESIGNED)
    assert [rules.training_occasion(each, book, today) for each in (later, suspended, gone)] == [
        "", "", "",
    ]  # fmt: skip
    lapsed = msgspec.structs.replace(view, qualified_until=today - timedelta(days=1))
    near = msgspec.structs.replace(view, qualified_until=today, term_end=date.max)
    names = {rules.training_occasion(each, book, today) for each in (view, lapsed, near)}
    assert len(names) == 3
