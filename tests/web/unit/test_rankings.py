"""A unit sees its own result, never another unit's, never who came."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from panel.evaluations import queries as sheets
from panel.rankings import commands
from tests import people
from tests.make import rankings as make

pytestmark = pytest.mark.usefixtures("engine")


async def test_the_own_line_and_nothing_else(browse: Callable[..., Any]) -> None:
    city = await make.recounted()
    unit = browse(people.liaison(city.units[0]))
    assert "本单位还没有结果" in (await unit.get("/unit")).text
    assert (await unit.get(f"/unit/rankings/{city.round.code}")).status_code == 404
    await commands.notify(people.coordinator, city.round.code, at=make.NOTIFIED)
    for lang in ("zh", "en"):
        page = (await browse(people.liaison(city.units[0]), lang=lang).get("/unit")).text
        names = ("第1单位", "第2单位") if lang == "zh" else ("Unit 1", "Unit 2")
        assert names[0] in page
        assert names[1] not in page
        visitors = {sheet.visitor for sheet in await sheets.counted(city.round.id)}
        canaries = {*visitors, *city.members, *city.units[1:]}
        assert not [canary for canary in canaries if canary in page]
        assert [canary for canary in canaries if canary in page + city.members[0]]
    assert (await browse(people.coordinator).get("/unit")).status_code == 403


async def test_a_small_cell_is_not_told_to_the_unit_either(browse: Callable[..., Any]) -> None:
    city = await make.notified(make.few())
    page = (await browse(people.liaison(city.units[0])).get("/unit")).text
    assert "第1窗口" not in page
    assert "另有 2 个窗口" in page
