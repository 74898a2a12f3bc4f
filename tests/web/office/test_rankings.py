"""The office's way from the closed round to the published ranking."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from panel import clock
from panel.audit import queries as history
from panel.rankings import queries
from panel.rankings.types import StepKey
from tests import people
from tests.make import applications as pictures
from tests.make import rankings as make
from web import release

pytestmark = pytest.mark.usefixtures("engine")


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Set the clock of the pages."""

    def to(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    return to


async def step(actor: Any, here: str, name: str) -> None:
    """Take a step that the page offers."""
    text = (await actor.get(here)).text.replace("&#x2f;", "/")
    assert f"{here}/{name}" in text, name
    answer = await actor.post_form(f"{here}/{name}", {})
    assert (answer.status_code, answer.headers["location"][: len(here)]) == (303, here), name


async def test_computing_recounting_and_telling_come_in_turn(
    browse: Callable[..., Any], at: Callable[[datetime], None]
) -> None:
    city = await make.closed_round(units=1, members=5)
    here = f"/office/rankings/{city.round.code}"
    office, publisher = browse(people.coordinator), browse(people.publisher)
    at(make.NOTIFIED)
    assert "待计算" in (await office.get("/office/rankings")).text
    assert f"{here}/publish" not in (await office.get(here)).text
    await step(office, here, "close")
    assert "复算须由计算人以外的人进行" in (await office.get(here)).text
    assert (await office.post_form(f"{here}/recount", {})).status_code == 403
    await step(publisher, here, "recount")
    await step(office, here, "notify")
    assert (await office.get(f"{here}/lists/units-service")).status_code == 200
    assert (await office.get(f"{here}/lists/nothing")).status_code == 404


async def test_units_are_heard_before_the_notice(
    browse: Callable[..., Any], at: Callable[[datetime], None]
) -> None:
    city = await make.notified(units=2)
    here, own = f"/office/rankings/{city.round.code}", f"/unit/rankings/{city.round.code}"
    office, publisher = browse(people.coordinator), browse(people.publisher)
    unit, other = (browse(people.liaison(each)) for each in city.units)
    at(make.ANSWERED)
    early = await publisher.post_form(f"{here}/notice", {})
    assert early.status_code == 409
    assert "2026-05-06" in early.text
    assert (await unit.post_form(f"{own}/answer", {"text": ""})).status_code == 422
    assert (await unit.post_form(f"{own}/answer", {"text": "我们改了"})).status_code == 303
    assert "我们改了" in (await office.get(here)).text
    (answer,) = await queries.answers(city.round.code)
    assert (await office.post_form(f"{here}/answers/{answer.code}", {})).status_code == 422
    reply = {"reply": "已核实", "shown": "yes"}
    assert (await office.post_form(f"{here}/answers/{answer.code}", reply)).status_code == 422
    reply["screened"] = "yes"
    assert (await office.post_form(f"{here}/answers/{answer.code}", reply)).status_code == 303

    assert (await office.get(f"{here}/deliveries")).text.count("未签收</span>") == 2
    assert (await unit.post_form(f"{own}/receive", {})).status_code == 303
    receipt = f"{here}/deliveries/{city.units[1]}"
    assert (await office.post_form(receipt, {"document": ""})).status_code == 422
    page = (await office.post_form(receipt, {"document": "回执1号"})).text
    assert "请填写" in page
    paper = {"document": "回执1号", "signer": "办公室主任", "signed_on": "2026-04-21"}
    scan = {"scan": ("a.png", pictures.picture(kind="PNG"), "image/png")}
    assert (await office.post_form(receipt, paper, files=scan)).status_code == 303
    assert "回执1号 · 办公室主任" in (await office.get(f"{here}/deliveries")).text
    assert (await office.get(f"{receipt}/scan")).headers["content-type"] == "image/jpeg"
    assert (await other.get(f"{own}/scan")).status_code == 200
    assert (await unit.get(f"{own}/scan")).status_code == 404
    assert "这不是我单位的回执" in (await other.get(own)).text
    assert (await unit.post_form(f"{own}/dispute", {})).status_code == 409
    assert (await other.post_form(f"{own}/dispute", {})).status_code == 303
    assert "回执有异议" in (await office.get(f"{here}/deliveries")).text
    for one in (unit, other):
        assert (await one.post_form(f"{own}/waive", {})).status_code == 303
    await step(publisher, here, "notice")
    assert "公示至" in (await publisher.get(here)).text
    assert "已核实" in (await unit.get("/unit")).text


async def test_the_procedure_sheet_is_signed_before_lists_are_final(
    browse: Callable[..., Any], at: Callable[[datetime], None], settings: Any
) -> None:
    city = await make.noticed(units=1, members=5)
    here = f"/office/rankings/{city.round.code}"
    office, publisher = browse(people.coordinator), browse(people.publisher)
    at(make.LATE)
    assert "程序单还有 9 步未签字" in (await publisher.get(here)).text
    sheet = f"{here}/procedure"
    assert (await publisher.get(sheet)).text.count("尚不具备") == 0
    assert (await publisher.post_form(sheet, {})).status_code == 422
    assert (await publisher.post_form(sheet, {"paper": "yes"})).status_code == 422
    signed = await publisher.post_form(sheet, {"steps": [each.value for each in StepKey]})
    assert signed.status_code == 303
    assert (await publisher.get(sheet)).text.count("publisher") >= len(StepKey)
    await step(publisher, here, "final")
    assert (await office.post_form(f"{here}/publish", {})).status_code == 403
    assert (await office.post_form(f"{here}/publish", {"paper": "yes"})).status_code == 422
    await step(publisher, here, "publish")
    assert "正在生成公开文件" in (await publisher.get(here)).text
    await release.write_due(settings, at=make.LATE)
    assert "查看公开页面" in (await publisher.get(here)).text
    assert (await publisher.post_form(f"{here}/publish", {})).status_code == 409


async def test_a_published_ranking_is_corrected_and_a_draft_withheld(
    browse: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    city, _ = await make.published(units=1, members=5)
    here = f"/office/rankings/{city.round.code}"
    monkeypatch.setattr(clock, "now", lambda: make.LATE + timedelta(hours=1))
    office, publisher = browse(people.coordinator), browse(people.publisher)
    assert "已公布的版本保留并加注" in (await office.get(f"{here}/ways")).text
    assert (await office.post_form(f"{here}/correct", {"reason": ""})).status_code == 422
    done = await office.post_form(f"{here}/correct", {"reason": "录入有误"})
    assert done.status_code == 303
    page = (await publisher.get(here)).text
    assert "录入有误" in page
    assert f"{here}/recount" in page.replace("&#x2f;", "/")
    assert (
        await publisher.post_form(f"{here}/withhold", {"reason": "x", "document": "1号"})
    ).status_code == 409


async def test_a_withheld_ranking_says_why(
    browse: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    city = await make.computed(units=1, members=5)
    here = f"/office/rankings/{city.round.code}"
    monkeypatch.setattr(clock, "now", lambda: make.NOTIFIED)
    publisher, second = browse(people.publisher), browse(people.second)
    assert (await publisher.post_form(f"{here}/withhold", {})).status_code == 422
    form = {"reason": "系统故障", "document": "决定1号"}
    assert (await publisher.post_form(f"{here}/withhold", form)).status_code == 303
    assert "不予公布：系统故障" not in (await publisher.get(here)).text
    assert "待确认不予公布" in (await publisher.get(here)).text
    assert "确认不予公布" not in (await publisher.get(f"{here}/ways")).text
    assert (await publisher.post_form(f"{here}/withhold/confirm", {})).status_code == 403
    assert (await publisher.post_form(f"{here}/withhold/decline", {})).status_code == 303
    assert (await publisher.post_form(f"{here}/withhold", form)).status_code == 303
    assert "确认不予公布" in (await second.get(f"{here}/ways")).text
    assert (await second.post_form(f"{here}/withhold/confirm", {})).status_code == 303
    assert "不予公布：系统故障" in (await publisher.get(here)).text
    view = await queries.ranking(city.round.code)
    assert view.document == "决定1号"


async def test_an_auditor_takes_out_the_sealed_input_with_a_reason(
    browse: Callable[..., Any], at: Callable[[datetime], None]
) -> None:
    city = await make.computed(units=1, members=5)
    here = f"/office/rankings/{city.round.code}"
    at(make.NOTIFIED)
    auditor, office = browse(people.auditor), browse(people.coordinator)
    assert "封存数据" in (await auditor.get(here)).text
    assert (await auditor.post_form(f"{here}/sealed", {"reason": " "})).status_code == 422
    given = await auditor.post_form(f"{here}/sealed", {"reason": "年度审计"})
    (edition,) = await queries.editions((await queries.ranking(city.round.code)).id)
    assert hashlib.sha256(given.content).hexdigest() == edition.sealed_hash
    (entry, *_) = await history.entries(limit=1)
    assert (entry.command, entry.reason) == ("rankings.open_sealed", "年度审计")
    assert "封存数据" not in (await office.get(here)).text
    assert (await office.post_form(f"{here}/sealed", {"reason": "看看"})).status_code == 403
