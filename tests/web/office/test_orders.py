"""The pages of orders to rectify, from the unit's inbox to what everybody may follow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from panel import clock, db
from panel.assessments.commands import revisits
from panel.assessments.queries import order_parts as parts
from panel.assessments.queries import order_views as queries
from panel.assessments.types.orders import OrderState, Verdict
from panel.ids import Code
from tests import people
from tests.make import orders as make

Browse = Callable[..., Any]


class Watch:
    """The clock that requests go by."""

    at = make.FILED


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Let requests come at a moment of the test's choice."""
    found = Watch()
    monkeypatch.setattr(clock, "now", lambda: found.at)
    return found


async def _state(code: Code) -> OrderState:
    return (await queries.stored(code)).state


async def test_an_order_walks_through_the_pages(
    engine: db.Engine, browse: Browse, watch: Watch
) -> None:
    made = await make.opened()
    unit, office = browse(made.liaison), browse(people.coordinator)
    url = f"/unit/orders/{made.code}"
    assert made.code in (await unit.get("/unit/orders")).text
    assert "Acknowledge" in (await browse(made.liaison, "en").get(url)).text
    await unit.post_form(f"{url}/steps/receive", {})
    assert (await unit.post_form(f"{url}/steps/analysis", {"cause": ""})).status_code == 422
    await unit.post_form(f"{url}/steps/analysis", {"cause": "人手安排没有替岗。"})
    early = await unit.post_form(
        f"{url}/steps/plan", {"leader": "分管副局长", "department": "科", "person": "组长"}
    )
    assert early.status_code == 422
    assert "第1项" in early.text
    view = await queries.stored(made.code)
    for item in await parts.items(view.id):
        where = f"{url}/items/{item.number}"
        assert (await unit.get(where)).status_code == 200
        wrong = await unit.post_form(where, {"measure": "", "owner": "组长", "due": "2026-03-30"})
        assert wrong.status_code == 422
        plan = {"measure": "实行替岗", "owner": "组长", "due": "2026-03-30"}
        assert (await unit.post_form(where, plan)).status_code == 303
    added = {"text": "增设导办", "measure": "张主任牵头", "owner": "组长", "due": "2026-03-30"}
    assert (await unit.post_form(f"{url}/items/0", added)).status_code == 303
    assert "增设导办" in (await unit.get(f"{url}/report")).text
    await unit.post_form(
        f"{url}/steps/plan", {"leader": "分管副局长", "department": "科", "person": "组长"}
    )
    desk = f"/office/orders/{made.code}"
    assert made.code in (await office.get("/office/orders")).text
    assert "待办整改通知" in (await office.get("/office")).text
    looked = await office.post_form(f"{desk}/steps/approve", {"desk": "1"})
    assert looked.status_code == 422
    assert 'value="张主任"' in looked.text
    endless = await office.post_form(f"{desk}/steps/approve", {"desk": "9" * 5_000})
    assert endless.status_code == 422
    await office.post_form(f"{desk}/steps/approve", {"checked": "张主任"})
    assert await _state(made.code) is OrderState.APPROVED
    for item in await parts.items(view.id):
        where = f"{url}/items/{item.number}"
        await unit.post_form(where, {"step": "prove", "proof": "已落实"})
    await unit.post_form(f"{url}/steps/report", {"report": "全部完成"})
    assert "正在核验" in (await unit.get(url)).text
    watch.at = make.PLANNED
    planned = await office.post_form("/office/orders/revisit", {"orders": made.code})
    assert planned.headers["location"].startswith("/office/rounds/")
    for page in (url, f"{url}/report"):
        shown = (await unit.get(page)).text
        assert "回访中" not in shown
        assert "安排回访" not in shown
    assert "已报告完成" in (await browse().get(f"/zh/outcomes/{made.code}")).text
    assert (await office.get(f"{desk}/letter")).status_code == 200
    assert (await office.post_form(f"{desk}/steps/nothing", {})).status_code == 404


async def test_a_person_decides_on_what_the_re_visit_saw(
    engine: db.Engine, browse: Browse, watch: Watch
) -> None:
    made = await make.opened()
    (sheet, *_) = await make.looked(made)
    watch.at = make.JUDGED
    url = f"/office/orders/{made.code}"
    second, office = browse(people.second_reviewer), browse(people.coordinator)
    assert sheet in (await second.get(url)).text
    own = await office.post_form(f"{url}/steps/judge", {"verdict": "closed", "text": "到位"})
    assert own.status_code == 403
    assert (
        await second.post_form(f"{url}/steps/judge", {"verdict": "", "text": "到位"})
    ).status_code == 422
    done = await second.post_form(f"{url}/steps/judge", {"verdict": "closed", "text": "到位"})
    assert (await second.get(url)).status_code == 200
    assert done.status_code == 303
    public = (await browse().get(f"/en/outcomes/{made.code}")).text
    assert "Verified closed" in public
    unit = (await browse(made.liaison).get(f"/unit/orders/{made.code}")).text
    for page in (public, unit, (await browse().get("/zh/outcomes")).text):
        assert sheet not in page
        assert f"{make.LOOKED:%Y-%m-%d}" not in page


async def test_orders_that_failed_twice_wait_for_the_body_in_public(
    engine: db.Engine, browse: Browse, watch: Watch
) -> None:
    made = await make.opened()
    await make.looked(made, 0)
    await revisits.judge(
        people.second_reviewer, made.code, Verdict.FAILED, "仍未改。", at=make.JUDGED
    )
    watch.at = make.JUDGED + dt.timedelta(days=40)
    url = f"/office/orders/{made.code}"
    office = browse(people.coordinator)
    await office.post_form(f"{url}/steps/missed", {"reason": "逾期未报告"})
    assert await _state(made.code) is OrderState.ESCALATED
    await office.post_form(f"{url}/steps/letter", {"body": "主管部门", "document": "函1号"})
    public = (await browse().get("/zh/outcomes")).text
    assert "主管部门" in public
    assert "函1号" not in public
    view = await queries.stored(made.code)
    (letter,) = await parts.letters(view.id)
    answer = {"letter": letter.code, "answer": "已约谈", "document": "复1号"}
    assert (await office.post_form(f"{url}/steps/answer", answer)).status_code == 303
    shown = (await browse().get(f"/zh/outcomes/{made.code}")).text
    assert "已答复" in shown
    assert "已约谈" not in shown


async def test_more_time_is_decided_by_a_publisher(
    engine: db.Engine, browse: Browse, watch: Watch
) -> None:
    made = await make.opened()
    await make.filed(made)
    unit, publisher = browse(made.liaison), browse(people.publisher)
    await unit.post_form(f"/unit/orders/{made.code}/steps/extension", {"reason": "设备未到"})
    assert "审批延期申请" in (await publisher.get("/office")).text
    url = f"/office/orders/{made.code}"
    assert (await publisher.post_form(f"{url}/steps/extend", {"reason": ""})).status_code == 422
    assert (await publisher.post_form(f"{url}/steps/extend", {"reason": "同意"})).status_code == 303


async def test_a_unit_sees_no_order_of_another(
    engine: db.Engine, browse: Browse, watch: Watch
) -> None:
    made = await make.opened()
    (other,) = await db.raw("SELECT code FROM unit WHERE code <> {} LIMIT 1", made.liaison.unit)
    stranger = browse(people.liaison(Code(other["code"]), 9031))
    url = f"/unit/orders/{made.code}"
    for page in (url, f"{url}/report", f"{url}/items/1"):
        assert (await stranger.get(page)).status_code == 404
    assert (await stranger.post_form(f"{url}/steps/receive", {})).status_code == 404
    assert (await stranger.post_form(f"{url}/items/1", {"step": "prove"})).status_code == 404
