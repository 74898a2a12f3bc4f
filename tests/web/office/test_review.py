"""The review opens on the next sheet, shows no member, and hides sealed accusations."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import datetime, timedelta

import httpx
import msgspec
import pytest

from panel import clock, db
from panel.actor import Role
from panel.evaluations import commands, queries
from panel.evaluations.types import SheetState
from panel.ids import Code
from tests import people
from tests.make import evaluations as make
from tests.make import visits
from tests.make.evaluations import SENT, key
from tests.web.conftest import Browser

Browse = Callable[..., Browser]
LATER = SENT + timedelta(hours=1)


def words(answer: httpx.Response) -> str:
    """Return a page's text with its references resolved; slashes in addresses are escaped."""
    return html.unescape(answer.text)


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the clock stand an hour after the sheets came in."""
    moment: datetime = LATER
    monkeypatch.setattr(clock, "now", lambda: moment)


@pytest.fixture
async def setting(engine: db.Engine) -> visits.Setting:
    """Return a running round."""
    return await visits.running_round()


async def state(code: Code) -> SheetState:
    """Return what became of a sheet."""
    return (await queries.submission(code)).state


async def test_the_review_opens_on_the_next_sheet_and_goes_on(
    setting: visits.Setting, browse: Browse
) -> None:
    _, _, first = await make.sent(setting, vetoes={"V2": "拒绝受理不说原因"})
    _, _, second = await make.sent(setting)
    desk = browse(people.reviewer)
    page = await desk.get("/office/review")
    assert page.status_code == 200
    assert first.code in words(page)
    assert "拒绝受理不说原因" in words(page)
    assert "2 份待审核" in words(page)
    answer = await desk.post_form(f"/office/review/{first.code}/accept", {})
    assert answer.status_code == 303
    following = await desk.get(answer.headers["location"])
    assert second.code in words(following)
    assert "已通过" in words(following)
    await desk.post_form(f"/office/review/{second.code}/accept", {})
    assert "没有等您审核的评议表" in words(await desk.get("/office/review"))
    assert len(await queries.counted(setting.round.id)) == 2


async def test_a_sheet_may_be_left_for_later(setting: visits.Setting, browse: Browse) -> None:
    _, _, first = await make.sent(setting)
    _, _, second = await make.sent(setting)
    desk = browse(people.reviewer)
    assert first.code in words(await desk.get("/office/review"))
    assert second.code in words(await desk.get(f"/office/review?after={first.code}"))
    end = words(await desk.get(f"/office/review?after={second.code}"))
    assert "还有 2 张评议表留待稍后处理" in end
    assert first.code in words(await desk.get("/office/review?after=-1"))


async def test_the_page_shows_no_member(setting: visits.Setting, browse: Browse) -> None:
    actor, task, receipt = await make.sent(setting)
    page = words(await browse(people.reviewer).get(f"/office/review/{receipt.code}"))
    assert actor.member is not None
    assert actor.member not in page
    assert task.visitor not in page
    assert task.visitor[:8] in page


async def test_keys_are_shown_and_work_on_marked_elements(
    setting: visits.Setting, browse: Browse
) -> None:
    await make.sent(setting)
    page = words(await browse(people.reviewer).get("/office/review"))
    assert re.findall(r'data-key="(\w)"', page) == ["a", "n", "b", "h", "v"]


async def test_sending_back_needs_a_reason_and_keeps_what_was_typed(
    setting: visits.Setting, browse: Browse
) -> None:
    _, _, receipt = await make.sent(setting)
    desk = browse(people.reviewer)
    refused = await desk.post_form(f"/office/review/{receipt.code}/send-back", {"reason": ""})
    assert refused.status_code == 422
    assert 'href="#f-reason"' in words(refused)
    long = "请补充" * 200
    kept = await desk.post_form(f"/office/review/{receipt.code}/send-back", {"reason": long})
    assert long in words(kept)
    answer = await desk.post_form(
        f"/office/review/{receipt.code}/send-back", {"reason": "请写明时间"}
    )
    assert answer.status_code == 303
    assert await state(receipt.code) is SheetState.RETURNED


async def test_a_second_version_shows_what_was_changed(
    setting: visits.Setting, browse: Browse
) -> None:
    actor, task, first = await make.sent(setting)
    await commands.send_back(people.reviewer, first.code, "请再想想B2", at=SENT)
    given = make.answers(await make.form_of(task), B2=1)
    await commands.submit(actor, task.code, given, key(2), filled_at=SENT, at=SENT)
    page = words(await browse(people.reviewer).get("/office/review"))
    assert "第 1 版被退回" in page
    assert "请再想想B2" in page
    assert "主动招呼，耐心周到" in page
    assert "<strong>冷淡或不耐烦</strong><br>第B2项的情况" in page
    assert page.count("未改动") > 10


async def test_a_faster_colleague_is_told_and_the_next_sheet_opens(
    setting: visits.Setting, browse: Browse
) -> None:
    _, _, receipt = await make.sent(setting)
    await commands.accept(people.second_reviewer, receipt.code, at=SENT)
    desk = browse(people.reviewer)
    answer = await desk.post_form(f"/office/review/{receipt.code}/accept", {})
    assert answer.status_code == 303
    assert "已由他人处理" in words(await desk.get(answer.headers["location"]))


async def test_voiding_goes_by_two_persons(setting: visits.Setting, browse: Browse) -> None:
    _, _, receipt = await make.sent(setting)
    desk, other = browse(people.reviewer), browse(people.second_reviewer)
    refused = await desk.post_form(f"/office/review/{receipt.code}/void", {"void_reason": ""})
    assert refused.status_code == 422
    await desk.post_form(f"/office/review/{receipt.code}/void", {"void_reason": "wrong_window"})
    assert receipt.code not in words(await desk.get("/office/review"))
    own = await desk.get(f"/office/review/{receipt.code}")
    assert "这是您提议的" in words(own)
    alone = await desk.post_form(f"/office/review/{receipt.code}/void/confirm", {})
    assert alone.status_code == 403
    page = words(await other.get("/office/review"))
    assert "走错窗口" in page
    assert "确认作废" in page
    done = await other.post_form(f"/office/review/{receipt.code}/void/confirm", {})
    assert done.status_code == 303
    assert await state(receipt.code) is SheetState.VOIDED


async def test_a_voiding_signed_on_paper_needs_its_scan(
    setting: visits.Setting, browse: Browse
) -> None:
    _, _, receipt = await make.sent(setting)
    await commands.propose_void(people.reviewer, receipt.code, "influenced", at=SENT)
    desk = browse(people.reviewer)
    address = f"/office/review/{receipt.code}/void/confirm"
    paper = {
        "paper": "yes", "paper_document": "〔2026〕8号", "paper_signer": "主任",
        "paper_date": "2026-03-11",
    }  # fmt: skip
    refused = await desk.post_form(address, paper)
    assert refused.status_code == 422
    assert "〔2026〕8号" in words(refused)
    done = await desk.post_form(
        address, paper, files={"paper_scan": ("scan.pdf", b"%PDF-1.4", "application/pdf")}
    )
    assert done.status_code == 303
    assert await state(receipt.code) is SheetState.VOIDED


async def test_a_voiding_may_be_turned_down(setting: visits.Setting, browse: Browse) -> None:
    _, _, receipt = await make.sent(setting)
    await commands.propose_void(people.reviewer, receipt.code, "influenced", at=SENT)
    other = browse(people.second_reviewer)
    answer = await other.post_form(f"/office/review/{receipt.code}/void/refuse", {})
    assert answer.status_code == 303
    assert await state(receipt.code) is SheetState.SUBMITTED


async def test_who_assigned_meets_no_sheet(setting: visits.Setting, browse: Browse) -> None:
    _, _, receipt = await make.sent(setting)
    both = msgspec.structs.replace(
        people.coordinator, roles=frozenset({Role.COORDINATOR, Role.REVIEWER})
    )
    desk = browse(both)
    assert "没有等您审核的评议表" in words(await desk.get("/office/review"))
    answer = await desk.post_form(f"/office/review/{receipt.code}/accept", {})
    assert answer.status_code == 403
    assert await state(receipt.code) is SheetState.SUBMITTED


async def test_others_do_not_read_sheets(setting: visits.Setting, browse: Browse) -> None:
    actor, _, receipt = await make.sent(setting)
    for nobody in (people.coordinator, people.publisher, people.clerk_a, actor):
        desk = browse(nobody)
        for address in ("/office/review", f"/office/review/{receipt.code}"):
            assert (await desk.get(address)).status_code == 403
    desk = browse(people.auditor)
    page = await desk.get(f"/office/review/{receipt.code}")
    assert page.status_code == 200
    assert "accept" not in words(page)
    answer = await desk.post_form(f"/office/review/{receipt.code}/accept", {})
    assert answer.status_code == 403


async def test_sealed_accusations_open_for_the_discipline_office_alone(
    setting: visits.Setting, browse: Browse
) -> None:
    _, _, receipt = await make.sent(setting, vetoes={"V1": "暗示要送两条烟"})
    page = words(await browse(people.reviewer).get("/office/review"))
    assert "已直接交给纪检机构" in page
    assert "两条烟" not in page
    assert "索要或收受财物" not in page
    assert (await browse(people.reviewer).get("/office/accusations")).status_code == 403
    desk = browse(make.discipline)
    listed = words(await desk.get("/office/accusations"))
    assert receipt.code in listed
    assert "两条烟" not in listed
    refused = await desk.post_form(f"/office/accusations/{receipt.code}", {"reason": ""})
    assert refused.status_code == 422
    opened = await desk.post_form(f"/office/accusations/{receipt.code}", {"reason": "核查线索"})
    assert opened.status_code == 200
    assert "暗示要送两条烟" in words(opened)
    assert (await desk.get(f"/office/review/{receipt.code}")).status_code == 403


async def test_english_pages_are_english(setting: visits.Setting, browse: Browse) -> None:
    await make.sent(setting)
    page = words(await browse(people.reviewer, "en").get("/office/review"))
    assert "Accept the sheet" in page
    assert "1 waiting" in page


async def test_an_unknown_sheet_is_not_found(setting: visits.Setting, browse: Browse) -> None:
    desk = browse(people.reviewer)
    assert (await desk.get("/office/review/0000000000")).status_code == 404
    assert (await desk.get("/office/review/nonsense")).status_code == 404
