"""The next round from what is unclear, by the office's pages."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

import pytest

from panel import clock, db
from panel.visits import queries
from panel.visits.types import RoundState
from tests import people
from tests.make import rankings
from tests.web.conftest import Browser

Browse = Callable[..., Browser]


@pytest.fixture(autouse=True)
def _standing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: rankings.LATE)


async def test_the_next_round_is_planned_from_the_lists_by_who_may(
    engine: db.Engine, browse: Browse
) -> None:
    city = await rankings.computed()
    author = browse(people.coordinator)
    url = f"/office/rounds/{city.round.code}"
    assert "按不确定程度安排下一轮" in (await author.get(url)).text
    shown = (await author.get(f"{url}/next?visits=3")).text
    assert "6 个点位共 18 次走访" in shown
    fields = {
        "visits": "3", "title": "第二轮走访", "theme": "窗口服务作风", "register_number": "",
        "starts": "2026-06-01", "ends": "2026-06-30",
    }  # fmt: skip
    refused = await author.post_form(f"{url}/next", fields)
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "第二轮走访" in refused.text
    numbered = {**fields, "register_number": "计划〔2026〕2号"}
    answer = await author.post_form(f"{url}/next", numbered)
    assert answer.status_code == HTTPStatus.SEE_OTHER
    made = await author.get(answer.headers["location"])
    assert "第二轮走访" in made.text
    view = (await queries.rounds())[0]
    assert view.state is RoundState.DRAFT
    assert sum(view.draft.targets.values()) == 18
    form = (await author.get(f"/office/rounds/{view.code}/edit")).text
    assert "由数据得出" in form
    again = (await author.get(f"/office/rounds/new?from={view.code}")).text
    assert 'name="target"' not in again
    nobody = browse(people.reviewer)
    assert (await nobody.get(f"{url}/next")).status_code == HTTPStatus.FORBIDDEN
    draft = f"/office/rounds/{view.code}/next"
    assert (await author.get(draft)).status_code == HTTPStatus.CONFLICT
