"""The plan of a year: whole, published by a second person, changed only by a further edition."""

from __future__ import annotations

import msgspec
import pytest

from panel import db
from panel.audit import queries as audit
from panel.errors import Conflict, Forbidden, Invalid
from panel.piccolo_app import our_tables
from panel.visits.commands import yearly as commands
from panel.visits.queries import yearly as queries
from panel.visits.rules import yearly as rules
from panel.visits.tables import YearPlan
from panel.visits.types.yearly import YearDraft, YearEntry, YearState
from tests import people
from tests.make import visits as make

ENTRY = YearEntry(quarter=2, title="窗口作风评议", theme="排队与告知", groups=("service",))
DRAFT = YearDraft(year=2026, basis="群众监督评议办法", document="计〔2026〕1号", entries=(ENTRY,))


async def written(**more: object) -> None:
    """Write a plan in a city with measures."""
    await make.measures()
    draft = msgspec.structs.replace(DRAFT, **more)
    await commands.write_year(people.coordinator, draft, at=make.AT)


async def test_a_plan_is_published_by_a_second_person(engine: db.Engine) -> None:
    await written()
    assert await queries.published_years() == []
    with pytest.raises(Forbidden, match=r"approval\.same_person"):
        await commands.publish_year(people.coordinator, 2026, at=make.AT)
    with pytest.raises(Forbidden):
        await commands.publish_year(people.reviewer, 2026, at=make.AT)
    await commands.publish_year(people.publisher, 2026, at=make.AT)
    (found,) = await queries.published_plans()
    assert found.draft.entries == (ENTRY,)
    with pytest.raises(Conflict):
        await commands.publish_year(people.publisher, 2026, at=make.AT)


async def test_a_published_plan_is_changed_by_a_further_edition(engine: db.Engine) -> None:
    await written()
    await commands.publish_year(people.publisher, 2026, at=make.AT)
    with pytest.raises(Invalid) as refused:
        await written()
    assert [fault.path for fault in refused.value.faults] == ["change"]
    await written(change="第三季度增加一轮。")
    await written(change="第三季度增加两轮。")
    assert [each.edition for each in await queries.editions(2026)] == [2, 1]
    assert [each.edition for each in await queries.published_plans(2026)] == [1]
    assert (await queries.year_plan(2026)).state is YearState.DRAFT
    await commands.publish_year(people.publisher, 2026, at=make.AT)
    assert [each.edition for each in await queries.published_plans(2026)] == [2, 1]
    assert (await audit.verify(our_tables())).findings == ()
    await YearPlan.update({YearPlan.entries: "[]"}).where(YearPlan.edition == 1)
    assert (await audit.verify(our_tables())).findings


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"year": 26}, "year"),
        ({"basis": " "}, "basis"),
        ({"document": ""}, "document"),
        ({"entries": ()}, "title-0"),
        ({"entries": (ENTRY,) * 13}, "title-12"),
        ({"entries": (msgspec.structs.replace(ENTRY, title=" "),)}, "title-0"),
        ({"entries": (ENTRY, msgspec.structs.replace(ENTRY, theme=""))}, "theme-1"),
        ({"entries": (msgspec.structs.replace(ENTRY, quarter=0),)}, "quarter-0"),
        ({"entries": (msgspec.structs.replace(ENTRY, groups=("moon",)),)}, "groups-0"),
        ({"entries": (msgspec.structs.replace(ENTRY, theme="长" * 501),)}, "theme-0"),
    ],
)
def test_a_faulty_plan_is_refused_by_its_field(more: dict[str, object], path: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.check(msgspec.structs.replace(DRAFT, **more), {"service"}, 1)
    assert [fault.path for fault in refused.value.faults] == [path]
