"""A visitor's own page of a covert visit: late to tell, quick to say that one was recognised."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

import pytest

from panel import clock, db
from panel.visits import commands
from tests.make import visits as make
from tests.web.conftest import Browser

Browse = Callable[..., Browser]


async def test_the_place_appears_some_days_before_and_never_in_titles(
    engine: db.Engine, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = await make.running_round(covert_percent=100)
    actor, task = await make.one_task(setting, covert=True)
    phone, url = browse(actor), f"/m/tasks/{task.code}"
    monkeypatch.setattr(clock, "now", lambda: make.STARTS - timedelta(days=4))
    for early in (url, "/m/tasks", f"{url}/recuse", f"{url}/recognised", f"{url}/decline"):
        text = (await phone.get(early)).text
        assert task.unit_name not in text
        assert task.window_name not in text
    assert "起在这里显示具体地点" in (await phone.get(url)).text
    monkeypatch.setattr(clock, "now", lambda: make.DURING)
    text = (await phone.get(url)).text
    assert task.unit_name in text
    assert task.unit_name not in text.partition("<main")[0]
    assert task.unit_name not in (await phone.get("/m/tasks")).text


async def test_recognised_takes_two_taps(
    engine: db.Engine, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = await make.running_round(covert_percent=100)
    actor, task = await make.one_task(setting, covert=True)
    await commands.accept(actor, task.code, at=make.DURING)
    monkeypatch.setattr(clock, "now", lambda: make.DURING)
    phone, url = browse(actor, lang="en"), f"/m/tasks/{task.code}"
    assert f"{url}/recognised" in (await phone.get(url)).text
    assert "not your fault" in (await phone.get(f"{url}/recognised")).text
    said = await phone.post_form(f"{url}/recognised", {})
    assert said.status_code == HTTPStatus.SEE_OTHER
    after = (await phone.get(said.headers["location"])).text
    assert "goes on as an open one" in after
    assert f"{url}/recognised" not in after
