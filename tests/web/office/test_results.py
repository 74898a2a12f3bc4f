"""Batched results from the office's desk to the unit's page."""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus

import pytest

from panel import clock, db
from panel.evaluations import queries
from tests import people
from tests.make import visits as make
from tests.panel.evaluations.test_releases import CLOSED, WORDS, closed_round
from tests.web.conftest import Browser

Browse = Callable[..., Browser]


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Return a box whose last moment is now."""
    moments: list[object] = [CLOSED]
    monkeypatch.setattr(clock, "now", lambda: moments[-1])
    return moments


async def test_results_go_from_sheets_to_the_units_page(
    engine: db.Engine, browse: Browse, now: list[object]
) -> None:
    await closed_round(comment=WORDS)
    maker, second = browse(people.coordinator), browse(people.second)
    made = await maker.post_form("/office/results", {})
    url = made.headers["location"]
    text = (await maker.get(url)).text
    assert WORDS in text
    view = (await queries.result_releases())[0]
    first, *rest = await queries.result_comments(view)
    verbatim = await maker.post_form(
        f"{url}/comments/{first.code}", {"decision": "pass", "text": first.original}
    )
    assert verbatim.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "原话" in verbatim.text
    telling = await maker.post_form(
        f"{url}/comments/{first.code}", {"decision": "pass", "text": "下午三点有人引导"}
    )
    assert "下午三点" in re.sub(r"\s", "", telling.text)
    assert 'name="sure"' in telling.text
    await maker.post_form(
        f"{url}/comments/{first.code}", {"decision": "pass", "text": "有工作人员主动引导"}
    )
    for each in rest:
        await maker.post_form(f"{url}/comments/{each.code}", {"decision": "withhold"})
    own = await maker.post_form(f"{url}/release", {})
    assert own.status_code == HTTPStatus.FORBIDDEN
    await second.post_form(f"{url}/release", {})
    told = (await queries.result_releases())[0]
    assert told.visible_from is not None
    (cell,) = await queries.result_cells(told)
    unit = browse(people.liaison(cell.unit_code))
    assert "还没有结果" in (await unit.get("/unit/results")).text
    now.append(told.visible_from)
    shown = (await unit.get("/unit/results")).text
    assert "有工作人员主动引导" in shown
    assert "100.00" in shown
    assert WORDS not in shown
    english = (await browse(people.liaison(cell.unit_code), lang="en").get("/unit/results")).text
    assert "Each line rests on at least 5 visitors" in english


async def test_nothing_to_tell_is_said(
    engine: db.Engine, browse: Browse, now: list[object]
) -> None:
    await make.measures()
    answer = await browse(people.coordinator).post_form("/office/results", {})
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "暂时没有可以反馈的结果" in answer.text


async def test_a_batch_is_given_up(engine: db.Engine, browse: Browse, now: list[object]) -> None:
    await closed_round()
    desk = browse(people.coordinator)
    url = (await desk.post_form("/office/results", {})).headers["location"]
    await desk.post_form(f"{url}/drop", {})
    assert "已放弃" in (await desk.get("/office/results")).text
