"""A unit sees and acknowledges its own orders only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from panel.assessments import commands
from tests import people
from tests.make import rankings as make

pytestmark = pytest.mark.usefixtures("engine")


async def test_an_order_is_seen_and_acknowledged_by_its_unit(browse: Callable[..., Any]) -> None:
    city, _ = await make.published(rectification_places=1)
    opened = await commands.open_year(people.coordinator, city.round.code, at=make.LATE)
    (code,) = opened.orders
    other, last = (browse(people.liaison(city.units[n])) for n in (0, 2))
    assert code not in (await other.get("/unit/orders")).text
    assert (await other.post_form(f"/unit/orders/{code}/steps/receive", {})).status_code == 404
    assert code in (await last.get("/unit/orders")).text
    assert (await last.post_form(f"/unit/orders/{code}/steps/receive", {})).status_code == 303
    page = (await last.get("/unit/orders?said=order_receive")).text
    assert "已签收" in page
    assert not [member for member in city.members if member in page]
    assert (await last.post_form(f"/unit/orders/{code}/steps/receive", {})).status_code == 409
