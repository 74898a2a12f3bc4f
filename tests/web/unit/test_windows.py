"""A unit tells that a window of its own is closed, and never touches another unit's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from panel.roster import queries
from panel.roster.types import WindowState
from tests import people
from tests.make import roster

pytestmark = pytest.mark.usefixtures("engine")


async def test_a_liaison_closes_and_opens_an_own_window(browse: Callable[..., Any]) -> None:
    await roster.small_city(units=2, windows=1)
    own, other = await queries.windows()
    unit = browse(people.liaison(own.unit_code))
    listed = (await unit.get("/unit/windows")).text
    assert own.code in listed
    assert other.code not in listed
    page = f"/unit/windows/{own.code}"
    empty = await unit.post_form(f"{page}/close", {"reason": " "})
    assert empty.status_code == 422
    answer = await unit.post_form(f"{page}/close", {"reason": "大厅消防检修"})
    assert answer.status_code == 303
    assert (await queries.window(own.code)).state is WindowState.CLOSED
    assert "大厅消防检修" in (await unit.get(page)).text
    assert (await unit.post_form(f"{page}/reopen", {})).status_code == 303
    assert (await queries.window(own.code)).state is WindowState.ACTIVE


async def test_another_units_window_is_not_there(browse: Callable[..., Any]) -> None:
    await roster.small_city(units=2, windows=1)
    own, other = await queries.windows()
    unit = browse(people.liaison(own.unit_code))
    page = f"/unit/windows/{other.code}"
    assert (await unit.get(page)).status_code == 404
    assert (await unit.post_form(f"{page}/close", {"reason": "检修"})).status_code == 403
    assert (await queries.window(other.code)).state is WindowState.ACTIVE
