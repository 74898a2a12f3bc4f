"""Circulars and plans of years by the pages of office, units and public."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

import pytest

from panel import clock, db
from panel.ids import Code
from panel.reports.commands import bulletins as commands
from tests import people
from tests.make import visits as make
from tests.web.conftest import Browser

Browse = Callable[..., Browser]
FIELDS = {
    "kind": "circular", "audience": "public", "title": "上半年评议通报",
    "text": "整改限期4月12日。",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _standing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: make.AT)


async def test_a_circular_goes_its_way(engine: db.Engine, browse: Browse) -> None:
    await make.measures()
    author, second = browse(people.coordinator), browse(people.publisher)
    assert "起草通报" in (await author.get("/office/circulars")).text
    refused = await author.post_form("/office/circulars", FIELDS)
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert 'value="4月12日"' in refused.text
    assert "上半年评议通报" in refused.text
    answer = await author.post_form("/office/circulars", {**FIELDS, "checked": "4月12日"})
    url = answer.headers["location"].partition("?")[0]
    assert "您起草的" in (await author.get(url)).text
    assert (await author.post_form(f"{url}/step", {"step": "review"})).status_code == 403
    assert "审阅通报" in (await second.get("/office")).text
    assert "审阅通报" not in (await author.get("/office")).text
    assert "上半年评议通报" in (await author.get(f"{url}/edit")).text
    again = await author.post_form(url, {**FIELDS, "checked": "4月12日", "document": "通报1号"})
    assert again.status_code == HTTPStatus.SEE_OTHER
    assert (await second.post_form(f"{url}/step", {"step": "review"})).status_code == 303
    late = await second.post_form(f"{url}/step", {"step": "schedule", "publish_on": "2026-01-01"})
    assert "这一天已经过去" in late.text
    today = {"step": "schedule", "publish_on": make.AT.date().isoformat()}
    await second.post_form(f"{url}/step", today)
    public = browse()
    listed = (await public.get("/zh/bulletins")).text
    assert "上半年评议通报" in listed
    code = url.rpartition("/")[2]
    assert "整改限期4月12日" in (await public.get(f"/zh/bulletins/{code}")).text
    await second.post_form(f"{url}/step", {"step": "correct", "note": "限期有误。"})
    assert "限期有误" in (await public.get(f"/en/bulletins/{code}")).text
    await second.post_form(f"{url}/step", {"step": "withdraw", "note": "重新发布。"})
    gone = (await public.get(f"/zh/bulletins/{code}")).text
    assert "整改限期" not in gone
    assert "重新发布" in gone
    assert (await second.post_form(f"{url}/step", {"step": "x"})).status_code == 422


async def test_units_read_internal_circulars_and_the_public_does_not(
    engine: db.Engine, browse: Browse
) -> None:
    await make.measures()
    author, second = browse(people.coordinator), browse(people.publisher)
    inside = {**FIELDS, "audience": "internal", "text": "请各单位自查。"}
    answer = await author.post_form("/office/circulars", inside)
    url = answer.headers["location"].partition("?")[0]
    reviewer = browse(people.reviewer)
    assert (await reviewer.get(url)).status_code == HTTPStatus.NOT_FOUND
    code = Code(url.rpartition("/")[2])
    await commands.review(people.publisher, code, at=make.AT)
    await commands.schedule(people.publisher, code, make.AT.date(), at=make.AT)
    await commands.publish_due(at=make.AT + timedelta(days=1))
    unit = browse(people.liaison(Code("0000000000")))
    assert "上半年评议通报" in (await unit.get("/unit/circulars")).text
    assert "请各单位自查" in (await unit.get(f"/unit/circulars/{code}")).text
    assert "请各单位自查" in (await reviewer.get(url)).text
    assert "上半年评议通报" in (await reviewer.get("/office/circulars")).text
    public = browse()
    assert "上半年评议通报" not in (await public.get("/zh/bulletins")).text
    assert (await public.get(f"/zh/bulletins/{code}")).status_code == HTTPStatus.NOT_FOUND
    assert (await second.get("/office/circulars/new")).status_code == HTTPStatus.OK


async def test_a_year_is_planned_and_told(engine: db.Engine, browse: Browse) -> None:
    await make.measures()
    author, second, public = browse(people.coordinator), browse(people.publisher), browse()
    assert "还没有发布过年度计划" in (await public.get("/zh/plan")).text
    url = "/office/annual-plans/2026"
    assert (await author.post_form("/office/annual-plans", {"year": "2026"})).headers[
        "location"
    ] == f"{url}/edit"
    assert "第 1 轮" in (await author.get(f"{url}/edit")).text
    fields = {
        "basis": "评议办法", "document": "计〔2026〕1号", "quarter-0": "2", "title-0": "窗口作风",
        "theme-0": "", "groups-0": "service",
    }  # fmt: skip
    refused = await author.post_form(url, fields)
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "窗口作风" in refused.text
    assert (await author.post_form(url, {**fields, "theme-0": "排队"})).status_code == 303
    assert (await public.get("/zh/plan/2026")).status_code == HTTPStatus.NOT_FOUND
    assert (await author.post_form(f"{url}/publish", {})).status_code == HTTPStatus.FORBIDDEN
    assert "窗口作风" in (await second.get(url)).text
    assert (await second.post_form(f"{url}/publish", {})).status_code == HTTPStatus.SEE_OTHER
    told = (await public.get("/zh/plan")).text
    assert "窗口作风" in told
    assert "第 2 季度" in told
    assert "Quarter 2" in (await public.get("/en/plan/2026")).text
    assert "编制下一版" in (await author.get(url)).text
    assert "2026 年度计划" in (await author.get("/office/annual-plans")).text
