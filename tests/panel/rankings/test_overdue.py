"""What is overdue reaches who handles it, a day later those above; once, without content."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from panel import db
from panel.actor import Role
from panel.rankings.commands import appeals, overdue
from panel.rankings.queries import appeals as cases
from panel.rankings.types.officers import CaseState
from tests import people
from tests.make import accounts
from tests.make import appeals as make_appeals
from tests.make import officers as make_officers
from tests.make import rankings as make

pytestmark = pytest.mark.usefixtures("engine")

ONE = pytest.mark.engines("sqlite")
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


async def told() -> Counter[str]:
    """Return how many messages of each kind lie in the outbox."""
    return Counter(row["kind"] for row in await db.raw("SELECT kind FROM message"))


async def office() -> None:
    """Open accounts for those whom lateness may reach."""
    await accounts.staff("desk", Role.COORDINATOR)
    await accounts.staff("judge", Role.INDEPENDENT_REVIEWER)
    await accounts.staff("leader", Role.PUBLISHER)


async def test_a_late_appeal_reaches_the_reviewers_and_a_day_later_the_leader() -> None:
    city = await make.notified(units=1, members=5)
    code = await make_appeals.filed(city)
    await office()
    await db.raw("DELETE FROM message")
    due = (await cases.appeal(code)).due_at
    assert await appeals.turn_clocks(at=due) == 0
    assert await told() == {}
    assert await appeals.turn_clocks(at=due + SECOND) == 1
    assert await told() == {"staff_waits": 2}
    assert await appeals.turn_clocks(at=due + DAY - SECOND) == 0
    assert await appeals.turn_clocks(at=due + DAY) == 1
    assert await appeals.turn_clocks(at=due + 2 * DAY) == 0
    assert await told() == {"staff_waits": 2, "leader_waits": 1}
    rows = await db.raw("SELECT * FROM message")
    assert not [row for row in rows if code in {str(value) for value in row.values()}]


@ONE
async def test_an_answer_without_a_reply_reaches_the_desk_then_the_leader() -> None:
    city = await make.notified(units=1, members=5)
    await make.answered(city)
    await office()
    await db.raw("DELETE FROM message")
    view = await make.ranking(city)
    assert view.answer_by is not None
    assert await overdue.tell_overdue(at=view.answer_by) == 0
    assert await overdue.tell_overdue(at=view.answer_by + SECOND) == 1
    assert await overdue.tell_overdue(at=view.answer_by + DAY - SECOND) == 0
    assert await told() == {"staff_waits": 1}
    assert await overdue.tell_overdue(at=view.answer_by + DAY) == 1
    assert await overdue.tell_overdue(at=view.answer_by + 9 * DAY) == 0
    assert await told() == {"staff_waits": 1, "leader_waits": 1}


@ONE
async def test_an_officer_not_heard_in_time_reaches_both_after_a_stop() -> None:
    place = await make_officers.computed(list_size=1)
    about = await make_officers.officer(3, 1)
    case = await make_officers.brought(place, about, "bottom", CaseState.NOTIFIED)
    await office()
    await db.raw("DELETE FROM message")
    assert case.hear_until is not None
    assert await overdue.tell_overdue(at=case.hear_until) == 0
    assert await overdue.tell_overdue(at=case.hear_until + 5 * DAY) == 1
    assert await overdue.tell_overdue(at=case.hear_until + 6 * DAY) == 0
    assert await told() == {"staff_waits": 1, "leader_waits": 1}


@ONE
async def test_who_handles_a_matter_is_told_alone_while_in_office() -> None:
    await office()
    assert list(await overdue.handlers(people.publisher.person, Role.COORDINATOR)) == list(
        await overdue.handlers(None, Role.COORDINATOR)
    )
    (row,) = await db.raw("SELECT person FROM account WHERE login = 'leader'")
    assert list(await overdue.handlers(row["person"], Role.COORDINATOR)) == [row["person"]]
