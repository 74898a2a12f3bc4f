"""The office's way from the closed round to the published ranking."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from panel import clock
from panel.rankings import queries
from tests import people
from tests.make import rankings as make
from web import release

pytestmark = pytest.mark.usefixtures("engine")


async def test_each_step_is_offered_in_its_turn(
    browse: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    city = await make.closed_round()
    here = f"/office/rankings/{city.round.code}"
    office, publisher = browse(people.coordinator), browse(people.publisher)
    monkeypatch.setattr(clock, "now", lambda: make.NOTIFIED)
    assert "待计算" in (await office.get("/office/rankings")).text
    assert f"{here}/publish" not in (await office.get(here)).text
    for step in ("close", "notify"):
        assert f"{here}/{step}" in (await office.get(here)).text.replace("&#x2f;", "/")
        done = await office.post_form(f"{here}/{step}", {})
        assert (done.status_code, done.headers["location"][: len(here)]) == (303, here)
    assert (await office.get(f"{here}/lists/units-service")).status_code == 200
    assert (await office.get(f"{here}/lists/nothing")).status_code == 404

    unit = browse(people.liaison(city.units[0]))
    early = await publisher.post_form(f"{here}/publish", {})
    assert early.status_code == 409
    assert "2026-04-28" in early.text
    empty = await unit.post_form(f"/unit/rankings/{city.round.code}/answer", {"text": ""})
    assert empty.status_code == 422
    said = await unit.post_form(f"/unit/rankings/{city.round.code}/answer", {"text": "我们改了"})
    assert said.status_code == 303
    page = await office.get(here)
    assert "我们改了" in page.text
    (answer,) = await queries.answers(city.round.code)
    assert (await office.post_form(f"{here}/answers/{answer.code}", {})).status_code == 422
    reply = {"reply": "已核实", "shown": "yes"}
    assert (await office.post_form(f"{here}/answers/{answer.code}", reply)).status_code == 303

    monkeypatch.setattr(clock, "now", lambda: make.LATE)
    assert (await office.post_form(f"{here}/publish", {})).status_code == 403
    unsigned = await office.post_form(f"{here}/publish", {"paper": "yes"})
    assert unsigned.status_code == 422
    assert (await publisher.post_form(f"{here}/publish", {})).status_code == 303
    assert "正在生成公开文件" in (await publisher.get(here)).text
    await release.write_due(settings, at=make.LATE)
    assert "查看公开页面" in (await publisher.get(here)).text
    assert (await publisher.post_form(f"{here}/publish", {})).status_code == 409
    assert "已核实" in (await unit.get("/unit")).text
