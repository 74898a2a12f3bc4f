"""The year's lines in the office."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest

from panel.assessments import commands
from tests import people
from tests.make import rankings as make

pytestmark = pytest.mark.usefixtures("engine")


async def test_lines_orders_and_the_table(browse: Callable[..., Any]) -> None:
    city, _ = await make.published()
    office = browse(people.coordinator)
    assert "还没有开启的年度" in (await office.get("/office/assessments")).text
    await commands.open_year(people.coordinator, city.round.code, at=make.LATE)
    page = (await office.get("/office/assessments")).text
    for text in ("缺项", "暂定", "组内末位", "整改通知", "第3单位"):
        assert text in page
    assert "没有单位的记录" in (await office.get("/office/assessments?group=office")).text
    body = (await office.get("/office/assessments.csv")).content
    header, *rows = csv.reader(io.StringIO(body.decode("utf-8-sig")))
    assert (header[0], len(rows)) == ("同类组", 3)
    assert (
        await browse(people.liaison(city.units[0])).get("/office/assessments")
    ).status_code == 403
