"""A receipt on paper names who signed, and a unit can say that it is not its own."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from panel import db
from panel.actor import Role
from panel.audit import queries as history
from panel.errors import Closed, Conflict, Forbidden, Invalid, Missing
from panel.piccolo_app import our_tables
from panel.rankings import commands, queries
from panel.rankings.queries import lifecycle
from tests import people
from tests.make import accounts
from tests.make import rankings as make

pytestmark = pytest.mark.usefixtures("engine")

ONE = pytest.mark.engines("sqlite")


@ONE
async def test_a_receipt_on_paper_needs_number_post_day_and_picture() -> None:
    city = await make.notified(units=1, members=5)
    code, unit = city.round.code, city.units[0]
    wrong = [
        (make.paper_receipt(document=" ", signer=" ", scan=b""), ["document", "signer", "scan"]),
        (
            make.paper_receipt(signed_on=date(2026, 1, 1), signer="长" * 201),
            ["signer", "signed_on"],
        ),
        (make.paper_receipt(signed_on=date(2030, 1, 1)), ["signed_on"]),
    ]
    for given, paths in wrong:
        with pytest.raises(Invalid) as refused:
            await commands.record_receipt(people.coordinator, code, unit, given, at=make.ANSWERED)
        assert [each.path for each in refused.value.faults] == paths
    with pytest.raises(Forbidden):
        await commands.record_receipt(
            people.liaison(unit), code, unit, make.paper_receipt(), at=make.ANSWERED
        )


async def test_a_receipt_that_is_not_the_units_own_counts_for_nothing() -> None:
    city = await make.notified(units=1, members=5)
    code, unit = city.round.code, people.liaison(city.units[0])
    await accounts.staff("desk", Role.COORDINATOR)
    with pytest.raises(Conflict, match=r"delivery\.no_paper"):
        await commands.dispute(unit, code, at=make.ANSWERED)
    short = await commands.record_receipt(
        people.coordinator, code, city.units[0], make.paper_receipt(), at=make.NOTIFIED
    )
    view = await queries.delivery((await make.ranking(city)).id, city.units[0])
    assert (await lifecycle.receipt_scan(view)).data == b"picture of the receipt"
    stored = await db.raw("SELECT scan FROM ranking_delivery WHERE id = {}", view.id)
    assert b"picture" not in bytes(stored[0]["scan"])
    with pytest.raises(Forbidden):
        await commands.dispute(people.coordinator, code, at=make.ANSWERED)
    # Even after the shortened time is over.
    after = short + timedelta(hours=1)
    long = await commands.dispute(unit, code, at=after)
    assert long > after
    found = await queries.delivery(view.ranking_id, city.units[0])
    assert (found.received_at, found.disputed_at, found.appeal_by) == (None, after, long)
    assert found.delivered_at == found.presumed_at
    assert found.open(after)
    told = await db.raw("SELECT kind FROM message")
    assert [row["kind"] for row in told] == ["staff_waits"]
    with pytest.raises(Conflict, match=r"delivery\.disputed_before"):
        await commands.record_receipt(
            people.coordinator, code, city.units[0], make.paper_receipt(), at=after
        )
    with pytest.raises(Conflict, match=r"delivery\.no_paper"):
        await commands.dispute(unit, code, at=after)
    assert await commands.receive(unit, code, at=after) == long
    assert (await history.verify(our_tables())).findings == ()


@ONE
async def test_a_receipt_is_disputed_before_the_appeal_is_given_up_and_in_time() -> None:
    city = await make.notified(units=2)
    code = city.round.code
    for unit in city.units:
        await commands.record_receipt(
            people.coordinator, code, unit, make.paper_receipt(), at=make.NOTIFIED
        )
    first, second = map(people.liaison, city.units)
    await commands.waive(first, code, at=make.ANSWERED)
    with pytest.raises(Conflict, match=r"delivery\.waived"):
        await commands.dispute(first, code, at=make.ANSWERED)
    with pytest.raises(Closed, match=r"appeal\.over"):
        await commands.dispute(second, code, at=make.LATE)
    plain = await make.ranking(city)
    await db.raw("UPDATE ranking_delivery SET scan = {}", b"")
    with pytest.raises(Missing, match=r"delivery\.no_scan"):
        await lifecycle.receipt_scan(await queries.delivery(plain.id, city.units[0]))
