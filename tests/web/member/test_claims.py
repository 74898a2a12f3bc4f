"""The open pool on the phone."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

import pytest

from panel import clock, db
from panel.visits import queries
from panel.visits.tables import Task
from panel.visits.types import TaskState
from tests import people
from tests.make import visits as make
from tests.web.conftest import Browser

Browse = Callable[..., Browser]


@pytest.fixture(autouse=True)
def _standing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: make.DURING)


async def test_a_member_takes_a_visit_of_a_district_and_learns_the_place_after(
    engine: db.Engine, browse: Browse
) -> None:
    setting = await make.running_round(members_count=24, claims=True)
    (task, *_) = await queries.round_tasks(setting.round.id)
    await Task.update({Task.state: TaskState.DECLINED}).where(Task.id == task.id)
    (place,) = await queries.open_places(setting.round)
    able = [code for code in setting.members if await queries.pools(code, at=make.DURING)]
    mine = browse(people.member(able[0], 700))
    assert "/m/claims" in (await mine.get("/m/tasks")).text
    page = (await mine.get("/m/claims")).text
    assert place.district in page
    assert task.unit_name not in page
    fields = {"round": setting.round.code, "district": place.district}
    answer = await mine.post_form("/m/claims", fields)
    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert answer.headers["location"].startswith("/m/tasks/")
    late = await browse(people.member(able[1], 701)).post_form("/m/claims", fields)
    assert late.status_code == HTTPStatus.CONFLICT
    assert "没有您可以领取的走访" in late.text


async def test_without_a_pool_nothing_points_to_it(engine: db.Engine, browse: Browse) -> None:
    setting = await make.running_round()
    mine = browse(people.member(setting.members[0], 702))
    assert "/m/claims" not in (await mine.get("/m/tasks")).text
    assert "目前没有可领取的走访" in (await mine.get("/m/claims")).text
