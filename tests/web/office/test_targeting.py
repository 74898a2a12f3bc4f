"""Targeted evaluations at the office's desk."""

from __future__ import annotations

import io
from collections.abc import Callable
from http import HTTPStatus

import pytest
from python_calamine import CalamineWorkbook

from panel import clock, db
from panel.roster import queries as roster
from panel.visits import queries
from panel.visits.types import RoundKind
from tests import people
from tests.make import visits as make
from tests.web.conftest import Browser

Browse = Callable[..., Browser]
PLAN = {
    "title": "定向监督评议",
    "theme": "投诉集中的窗口",
    "covert_percent": "50",
    "starts": "2026-03-16",
    "ends": "2026-04-12",
    "legal_basis": "群众监督评议办法",
    "register_number": "计划〔2026〕9号",
}


@pytest.fixture(autouse=True)
def _standing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: make.AT)


async def test_numbers_lead_to_a_suggestion_and_to_a_plan(
    engine: db.Engine, browse: Browse
) -> None:
    await make.city(members_count=24)
    unit = (await roster.units())[0]
    desk = browse(people.coordinator)
    assert "还没有投诉举报数据" in (await desk.get("/office/targeting")).text
    entered = await desk.post_form(
        "/office/targeting/counts",
        {"unit": unit.code, "month": "2026-02", "received": "9", "upheld": "4",
         "transactions": "1,000"},
    )  # fmt: skip
    assert entered.status_code == HTTPStatus.SEE_OTHER
    text = (await desk.get("/office/targeting")).text
    assert unit.name in text
    assert "40.00" in text
    refused = await desk.post_form("/office/targeting", {**PLAN, "title": "", "units": unit.code})
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "计划〔2026〕9号" in refused.text
    planned = await desk.post_form("/office/targeting", {**PLAN, "units": unit.code})
    assert planned.status_code == HTTPStatus.SEE_OTHER
    (view,) = await queries.rounds()
    assert view.draft.kind is RoundKind.TARGETED
    assert sum(view.draft.targets.values()) == 9
    assert (await desk.get(planned.headers["location"])).status_code == HTTPStatus.OK
    assert "正在定向评议" in (await desk.get("/office/targeting")).text


async def test_a_file_is_taken_whole_or_explained(engine: db.Engine, browse: Browse) -> None:
    await make.city()
    desk = browse(people.coordinator)
    blank = await desk.get("/office/targeting/template.xlsx")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(blank.content)).get_sheet_by_index(0)
    assert rows.to_python()[1][1:4] == ["单位", "月份", "投诉举报件数"]
    wrong = "单位,月份,投诉举报件数,查实件数\n没有这个单位,三月,x,3\n".encode()
    refused = await desk.post_form("/office/targeting/import", {}, files={"file": ("a.csv", wrong)})
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "没有这个名称或编号的单位" in refused.text
    assert "第2行" in refused.text.replace(" ", "")
    unit = (await roster.units())[0]
    right = f"单位,月份,投诉举报件数,查实件数\n{unit.name},2026-02,5,1\n".encode()
    taken = await desk.post_form("/office/targeting/import", {}, files={"file": ("a.csv", right)})
    assert taken.status_code == HTTPStatus.SEE_OTHER
    missing = await desk.post_form("/office/targeting/import", {})
    assert missing.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


async def test_wrong_numbers_keep_what_was_typed(engine: db.Engine, browse: Browse) -> None:
    await make.city()
    unit = (await roster.units())[0]
    refused = await browse(people.coordinator, lang="en").post_form(
        "/office/targeting/counts",
        {"unit": unit.code, "month": "2026-02", "received": "1", "upheld": "4"},
    )
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "More upheld than received." in refused.text
    nonsense = await browse(people.coordinator).post_form(
        "/office/targeting/counts", {"unit": unit.code, "month": "二月", "received": "1"}
    )
    assert "月份请写成" in nonsense.text


async def test_auditors_read_and_change_nothing(engine: db.Engine, browse: Browse) -> None:
    await make.city()
    reader = browse(people.auditor)
    assert "<form" not in (await reader.get("/office/targeting")).text.partition("<main")[2]
    answer = await reader.post_form("/office/targeting", PLAN)
    assert answer.status_code == HTTPStatus.FORBIDDEN
