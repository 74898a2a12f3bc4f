"""A unit sees its own mark with all it was made of, receives it, agrees or appeals."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

import pytest

from panel import clock
from panel.assessments import commands, queries
from tests import people
from tests.make import assessments as make
from tests.web.conftest import Browser

pytestmark = pytest.mark.usefixtures("engine")
Browse = Callable[..., Browser]


async def test_a_unit_receives_its_mark_and_appeals(
    browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: make.TOLD)
    city = await make.begun()
    own, other = (browse(people.liaison(unit)) for unit in city.units[:2])
    assert "还没有告知贵单位的得分" in (await own.get("/unit/assessments")).text
    await make.to_explained()
    line = await make.line_of(city.units[0])
    page = (await own.get("/unit/assessments")).text
    for text in ("有效票 100 张", "12345热线年报", "规定比重", "确认签收", "提出申诉"):
        assert text in page
    for hidden in ("96 张", "、30、20", "第2单位", *city.members):
        assert hidden not in page
    assert line.code not in (await other.get("/unit/assessments")).text
    url = f"/unit/assessments/{line.code}"
    for step in ("receive", "accept"):
        assert (await other.post_form(f"{url}/{step}", {})).status_code == HTTPStatus.NOT_FOUND
    assert (await other.get(f"{url}/appeal")).status_code == HTTPStatus.NOT_FOUND
    assert (await own.post_form(f"{url}/receive", {})).status_code == HTTPStatus.SEE_OTHER
    assert (await own.post_form(f"{url}/receive", {})).status_code == HTTPStatus.CONFLICT
    assert (await own.get(f"{url}/appeal")).status_code == HTTPStatus.OK
    empty = await own.post_form(f"{url}/appeal", {"statement": "少计了四件。"})
    assert empty.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "少计了四件。" in empty.text
    given = {
        "ground": "calculation", "statement": "少计了四件。", "leader": "王局长", "document": "函7"
    }  # fmt: skip
    assert (await own.post_form(f"{url}/appeal", given)).status_code == HTTPStatus.SEE_OTHER
    (appeal,) = await queries.appeals_of_line(line)
    assert appeal.code in (await own.get("/unit/assessments")).text


async def test_a_unit_that_agrees_sees_what_followed_once_it_is_final(
    browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: make.TOLD)
    city = await make.explained(rectification_places=1)
    last = city.units[2]
    own = browse(people.liaison(last), lang="en")
    line = await make.line_of(last)
    agreed = await own.post_form(f"/unit/assessments/{line.code}/accept", {})
    assert agreed.status_code == HTTPStatus.SEE_OTHER
    assert "What followed" not in (await own.get("/unit/assessments")).text
    await commands.finalise(people.publisher, make.YEAR, "批", at=make.OVER)
    page = (await own.get("/unit/assessments")).text
    for text in ("What followed", "Key supervision", "Final"):
        assert text in page
    await commands.amend(people.second, make.YEAR, "Figures corrected.", "批2", at=make.OVER)
    again = (await own.get("/unit/assessments")).text
    assert "being computed again: Figures corrected." in again
    assert "What followed" not in again
