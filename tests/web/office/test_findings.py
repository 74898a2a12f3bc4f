"""The pages of findings, from the office's note to what everybody reads."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from panel import clock, db
from panel.evaluations import commands as sheets
from panel.evaluations.commands import exposures
from panel.evaluations.queries import findings as queries
from panel.evaluations.types.exposures import NewExposure
from panel.evaluations.types.findings import FindingState
from panel.ids import Code
from tests import people
from tests.make import evaluations, visits
from tests.make import findings as make
from tests.make.findings import AT

Browse = Callable[..., Any]


@pytest.fixture(autouse=True)
def moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let requests come while the round runs."""
    monkeypatch.setattr(clock, "now", lambda: AT)


def _picture() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(data, "JPEG")
    return data.getvalue()


async def _state(code: str) -> FindingState:
    return (await queries.stored(Code(code))).state


async def _one_unit_alone_reads(code: str, browse: Browse) -> None:
    units = await db.raw("SELECT code FROM unit")
    liaisons = [people.liaison(Code(row["code"]), 9031) for row in units]
    codes = [(await browse(each).get(f"/unit/findings/{code}")).status_code for each in liaisons]
    assert sorted(codes) == [200, *[404] * (len(liaisons) - 1)]


async def test_a_finding_walks_through_the_pages(engine: db.Engine, browse: Browse) -> None:
    setting = await visits.running_round()
    _, _, receipt = await evaluations.sent(setting)
    await sheets.accept(people.reviewer, receipt.code, at=AT)
    office, second = browse(people.coordinator), browse(people.second_reviewer)
    noter = browse(people.reviewer)
    assert "A3" in (await noter.get(f"/office/findings/new?sheet={receipt.code}")).text
    empty = await noter.post_form("/office/findings", {"sheet": receipt.code, "facts": ""})
    assert empty.status_code == 422
    answer = await noter.post_form(
        "/office/findings", {"sheet": receipt.code, "item": "A3", "facts": "没人<b>"}
    )
    url = answer.headers["location"].split("?")[0]
    code = url.rsplit("/", 1)[1]
    told = {"severity": "2", "told": "王师傅说无人值守"}
    refused = await office.post_form(f"{url}/steps/triage", told)
    assert refused.status_code == 422
    assert 'name="checked" value="王师傅"' in refused.text
    assert "没人&lt;b&gt;" in refused.text
    await office.post_form(f"{url}/steps/triage", {**told, "checked": "王师傅"})
    assert (await office.post_form(f"{url}/steps/send", {})).status_code == 303
    liaison = browse(await make.liaison_of(Code(code)))
    home = (await liaison.get("/unit")).text
    assert "本单位有待办事项" in home
    assert "待答复的问题 1</a>" in home
    inbox = (await liaison.get("/unit/findings")).text
    assert code in inbox
    for secret in (receipt.code, "没人", "2026年3月11日", "09:40"):
        assert secret not in inbox
        assert secret not in (await liaison.get(f"/unit/findings/{code}")).text.replace(
            "2026年3月11日 13:00", ""
        )
    early = await liaison.post_form(
        f"/unit/findings/{code}/reply", {"stance": "partly", "text": "情况"}
    )
    assert early.status_code == 409
    await liaison.post_form(f"/unit/findings/{code}/receive", {})
    nothing = await liaison.post_form(f"/unit/findings/{code}/reply", {"stance": "", "text": "x"})
    assert nothing.status_code == 422
    sent = await liaison.post_form(
        f"/unit/findings/{code}/reply",
        {"stance": "partly", "text": "已改"},
        files={"picture": ("a.jpg", _picture(), "image/jpeg")},
    )
    assert sent.status_code == 303
    found = await queries.reply((await queries.stored(Code(code))).id)
    assert found is not None
    own = await liaison.get(f"/unit/findings/files/{found.file}")
    assert own.headers["content-type"] == "image/jpeg"
    assert (await office.get(f"{url}/files/{found.file}")).content == own.content
    await _one_unit_alone_reads(code, browse)
    missing = await second.post_form(f"{url}/steps/conclude", {"outcome": "", "text": "属实"})
    assert missing.status_code == 422
    await second.post_form(f"{url}/steps/conclude", {"outcome": "verified", "text": "属实"})
    assert await _state(code) is FindingState.VERIFIED
    await office.post_form(f"{url}/steps/order", {"text": "请整改"})
    await liaison.post_form(f"/unit/findings/{code}/report", {"text": "已整改"})
    await office.post_form(f"{url}/steps/rectified", {"document": "核查单"})
    await office.post_form(f"{url}/steps/close", {"reason": "办结"})
    assert await _state(code) is FindingState.CLOSED
    assert code in (await office.get("/office/findings?show=ended")).text


async def test_letters_deadlines_and_exposures_have_their_pages(
    engine: db.Engine, browse: Browse
) -> None:
    setting = await visits.running_round()
    code, _ = await make.verified(setting)
    url = f"/office/findings/{code}"
    office, publisher = browse(people.coordinator), browse(people.publisher, "en")
    proposed = await office.post_form(
        f"{url}/exposure", {"title": "无人值守", "text": "窗口无人值守。"}
    )
    page = proposed.headers["location"].split("?")[0]
    assert page.split("/")[-1] in (await publisher.get("/office")).text
    assert (await office.post_form(page, {"step": "approve"})).status_code == 403
    assert (await publisher.post_form(page, {"step": "approve"})).status_code == 303
    number = page.rsplit("/", 1)[1]
    public = await browse().get(f"/zh/exposures/{number}")
    assert public.status_code == 200
    assert "窗口无人值守。" in public.text
    assert "□□两人同时请假" in public.text
    assert number in (await browse().get("/en/exposures")).text
    assert (await publisher.post_form(page, {"step": "note", "text": "x"})).status_code == 422
    assert (
        await publisher.post_form(page, {"step": "note", "kind": "update", "text": "整改中"})
    ).status_code == 303
    letter = await office.post_form(f"{url}/transfer", {"body": make.BODY, "document": "移函2号"})
    where = letter.headers["location"]
    printed = (await office.get(where)).text
    assert make.BODY in printed
    (row,) = await db.raw("SELECT code FROM sheet_submission")
    assert row["code"] not in printed
    assert (await office.post_form(where, {"step": "receipt"})).status_code == 422
    assert (
        await office.post_form(where, {"step": "receipt", "receipt": "张某签收"})
    ).status_code == 303
    other, _ = await make.answered(setting)
    (clock_row,) = await db.raw(
        "SELECT c.id FROM finding_clock c JOIN finding f ON f.id = c.finding "
        "WHERE f.code = {} AND c.kind = 'check'",
        other,
    )
    place = f"/office/findings/{other}/clocks/{clock_row['id']}"
    assert (await publisher.get(place)).status_code == 200
    assert (await office.post_form(place, {"step": "extend", "reason": "等"})).status_code == 403
    assert (
        await publisher.post_form(place, {"step": "extend", "reason": "等鉴定"})
    ).status_code == 303
    assert (
        await office.post_form(place, {"step": "pause", "reason": "法院审理"})
    ).status_code == 303
    assert (await office.post_form(place, {"step": "resume"})).status_code == 303


async def test_a_sealed_finding_is_no_page_for_others(engine: db.Engine, browse: Browse) -> None:
    setting = await visits.running_round()
    _, _, receipt = await evaluations.sent(setting, vetoes={"V1": "暗示送礼"})
    discipline = browse(evaluations.discipline)
    answer = await discipline.post_form(
        "/office/findings", {"sheet": receipt.code, "item": "V1", "facts": "暗示送礼"}
    )
    url = answer.headers["location"].split("?")[0]
    assert (await discipline.get(url)).status_code == 200
    for nobody in (people.coordinator, people.reviewer, people.publisher, people.auditor):
        browser = browse(nobody)
        assert (await browser.get(url)).status_code == 404
        assert url not in (await browser.get("/office/findings")).text
    assert (
        "V1"
        not in (
            await browse(people.reviewer).get(f"/office/findings/new?sheet={receipt.code}")
        ).text
    )


async def test_another_findings_exposure_is_missing(engine: db.Engine, browse: Browse) -> None:
    setting = await visits.running_round()
    first, _ = await make.verified(setting)
    second, _ = await make.verified(setting)
    number = await exposures.propose_exposure(
        people.coordinator, first, NewExposure("标题", "文字"), at=AT
    )
    publisher = browse(people.publisher)
    assert (await publisher.get(f"/office/findings/{second}/exposures/{number}")).status_code == 404
