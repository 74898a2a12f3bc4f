"""Opening an identity takes two persons of different roles, and happens once, in its minutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from panel import db
from panel.actor import Actor, Role
from panel.audit import queries as history
from panel.errors import Closed, Conflict, Forbidden, Invalid, Missing
from panel.ids import PersonId
from panel.vault import commands, queries
from panel.vault.tables import IdentityOpening
from panel.vault.types import OpeningKind, OpeningState, OpeningView
from tests import people
from tests.make import visits
from tests.make.vault import identity

AT = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
REASON = "核对收到的举报"
discipline = people.staff(9050, "discipline", "纪检", Role.INDEPENDENT_REVIEWER)


@pytest.fixture
async def _measures(engine: db.Engine) -> None:
    del engine
    await visits.measures()


pytestmark = pytest.mark.usefixtures("_measures")


async def asked(ref: str = "T0123456789") -> OpeningView:
    return await commands.ask(discipline, OpeningKind.VISITOR, ref, REASON, at=AT)


async def test_two_persons_open_once(engine: db.Engine) -> None:
    wish = await asked()
    granted = await commands.decide(people.coordinator, wish.code, approve=True, at=AT)
    assert granted.until == AT + timedelta(minutes=15)
    used = await commands.redeem(
        discipline, wish.code, OpeningKind.VISITOR, at=AT + timedelta(minutes=15)
    )
    assert used.state is OpeningState.OPENED
    with pytest.raises(Conflict, match=r"opening\.used"):
        await commands.redeem(discipline, wish.code, OpeningKind.VISITOR, at=AT)


async def test_one_person_alone_opens_nothing(engine: db.Engine) -> None:
    wish = await asked()
    with pytest.raises(Forbidden, match="same_person"):
        await commands.decide(discipline, wish.code, approve=True, at=AT)
    twin = msgspec.structs.replace(people.coordinator, person=discipline.person)
    with pytest.raises(Forbidden, match="same_person"):
        await commands.decide(twin, wish.code, approve=True, at=AT)
    with pytest.raises(Conflict, match=r"opening\.not_approved"):
        await commands.redeem(discipline, wish.code, OpeningKind.VISITOR, at=AT)


async def test_a_second_person_of_the_same_role_does_not_suffice(engine: db.Engine) -> None:
    wish = await commands.ask(people.coordinator, OpeningKind.UPCOMING, "R", REASON, at=AT)
    with pytest.raises(Forbidden, match=r"opening\.same_role"):
        await commands.decide(people.second, wish.code, approve=True, at=AT)
    assert await queries.openings(people.second) == []


@pytest.mark.parametrize(
    "stranger", [people.administrator, people.reviewer, people.auditor, people.stranger]
)
async def test_nobody_else_asks_or_approves(engine: db.Engine, stranger: Actor) -> None:
    with pytest.raises(Forbidden):
        await commands.ask(stranger, OpeningKind.VISITOR, "T", REASON, at=AT)
    wish = await asked()
    with pytest.raises(Forbidden):
        await commands.decide(stranger, wish.code, approve=True, at=AT)


async def test_an_approval_runs_out(engine: db.Engine) -> None:
    wish = await asked()
    await commands.decide(people.publisher, wish.code, approve=True, at=AT)
    with pytest.raises(Closed, match=r"opening\.over"):
        await commands.redeem(
            discipline, wish.code, OpeningKind.VISITOR, at=AT + timedelta(minutes=15, seconds=1)
        )


async def test_a_wish_that_waited_for_days_is_not_approved(engine: db.Engine) -> None:
    wish = await asked()
    with pytest.raises(Closed, match=r"opening\.over"):
        await commands.decide(people.publisher, wish.code, approve=True, at=AT + timedelta(days=2))


async def test_an_approval_serves_nobody_else_and_nothing_else(engine: db.Engine) -> None:
    wish = await asked()
    await commands.decide(people.publisher, wish.code, approve=True, at=AT)
    other = msgspec.structs.replace(discipline, person=PersonId(9099))
    with pytest.raises(Missing):
        await commands.redeem(other, wish.code, OpeningKind.VISITOR, at=AT)
    with pytest.raises(Missing):
        await commands.redeem(discipline, wish.code, OpeningKind.OBJECTOR, at=AT)


async def test_a_refused_wish_opens_nothing(engine: db.Engine) -> None:
    wish = await asked()
    await commands.decide(people.publisher, wish.code, approve=False, at=AT)
    with pytest.raises(Conflict, match=r"opening\.not_approved"):
        await commands.redeem(discipline, wish.code, OpeningKind.VISITOR, at=AT)
    with pytest.raises(Conflict, match=r"opening\.decided"):
        await commands.decide(people.coordinator, wish.code, approve=True, at=AT)


async def test_a_reason_is_asked_for(engine: db.Engine) -> None:
    with pytest.raises(Invalid, match=r"opening\.faults"):
        await commands.ask(discipline, OpeningKind.VISITOR, "T", "  ", at=AT)
    with pytest.raises(Invalid, match=r"opening\.faults"):
        await commands.ask(discipline, OpeningKind.VISITOR, "", REASON, at=AT)


async def test_neither_rows_nor_history_tell_what_was_opened(engine: db.Engine) -> None:
    wish = await asked("TASKOFHIS")
    await commands.decide(people.publisher, wish.code, approve=True, at=AT)
    await commands.redeem(discipline, wish.code, OpeningKind.VISITOR, at=AT)
    (row,) = await IdentityOpening.select()
    stored = f"{row}{await history.entries()}"
    assert "TASKOFHIS" not in stored
    assert REASON not in stored
    assert b"TASKOFHIS" not in bytes(row["sealed"])


async def test_auditors_and_the_two_persons_read_it(engine: db.Engine) -> None:
    wish = await asked()
    assert (await queries.openings(people.auditor))[0].ref == "T0123456789"
    assert (await queries.own_opening(discipline, wish.code)).reason == REASON
    with pytest.raises(Missing):
        await queries.own_opening(people.reviewer, wish.code)


async def test_two_looks_at_one_person_leave_no_equal_marks() -> None:
    person = (await commands.enrol_many([identity(1)], at=AT))[0]
    marks = []
    for minute in range(2):
        at = AT + timedelta(minutes=minute)
        await commands.look(people.coordinator, person, ("name",), REASON, at=at)
        marks.append((await history.entries(limit=1))[0].detail)
    assert marks[0] != marks[1]
