"""Holds, second looks, questions, pictures, batches and keys as the desk shows them."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import datetime, timedelta

import httpx
import pytest

from panel import clock, db
from panel.evaluations import commands, queries
from panel.evaluations.types import SheetState
from panel.ids import Code
from panel.visits import commands as rounds
from panel.visits import queries as plans
from tests import people
from tests.make import evaluations as make
from tests.make import visits
from tests.make.evaluations import SENT, key
from tests.web.conftest import Browser

Browse = Callable[..., Browser]
LATER = SENT + timedelta(hours=1)
JPEG = b"\xff\xd8\xff planted picture"


def words(answer: httpx.Response) -> str:
    """Return a page's text with its references resolved."""
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


async def test_a_sheet_is_held_listed_and_released(setting: visits.Setting, browse: Browse) -> None:
    _, _, receipt = await make.sent(setting)
    desk = browse(people.reviewer)
    address = f"/office/review/{receipt.code}"
    refused = await desk.post_form(f"{address}/hold", {"hold_reason": " "})
    assert refused.status_code == 422
    assert 'href="#f-hold_reason"' in words(refused)
    done = await desk.post_form(f"{address}/hold", {"hold_reason": "票号不符", "revisit": "yes"})
    assert done.status_code == 303
    assert await state(receipt.code) is SheetState.HELD
    listed = words(await desk.get("/office/holds"))
    assert "票号不符" in listed
    assert "建议再次走访" in listed
    assert "待核实的评议表" in words(await desk.get("/office"))
    page = words(await desk.get(address))
    assert "待核实" in page
    assert "accept" not in page
    refused = await desk.post_form(f"{address}/release", {"outcome": ""})
    assert refused.status_code == 422
    assert 'href="#f-outcome"' in words(refused)
    freed = await desk.post_form(f"{address}/release", {"outcome": "票根已补"})
    assert freed.headers["location"].startswith(address)
    assert "通过" in words(await desk.get(freed.headers["location"]))


async def test_a_coordinator_plans_the_second_look_without_naming_the_place(
    setting: visits.Setting, browse: Browse
) -> None:
    _, task, receipt = await make.sent(setting)
    await commands.hold(people.reviewer, receipt.code, "票号不符", revisit=True, at=SENT)
    desk = browse(people.coordinator)
    page = words(await desk.get("/office/revisits"))
    assert task.unit_name in page
    assert task.visitor[:8] not in page
    assert "建议再次走访的地点" in words(await desk.get("/office"))
    (wish,) = await queries.revisits()
    done = await desk.post_form(f"/office/revisits/{wish.code}", {})
    planned = re.search(r"/office/rounds/(\w+)/edit", done.headers["location"])
    assert planned
    view = await plans.round(Code(planned[1]))
    assert task.unit_name not in view.draft.title
    assert task.window_name not in view.draft.title
    again = await desk.post_form(f"/office/revisits/{wish.code}", {})
    assert again.status_code == 409
    assert "暂无再次走访的建议" in words(await desk.get("/office/revisits"))


async def test_single_answers_are_asked_about_and_answered_on_the_phone(
    setting: visits.Setting, browse: Browse
) -> None:
    actor, task, receipt = await make.sent(setting)
    desk = browse(people.reviewer)
    address = f"/office/review/{receipt.code}/send-back"
    long = "问" * 501
    refused = await desk.post_form(address, {"reason": "", "ask.B2": long})
    assert refused.status_code == 422
    assert 'href="#f-ask-B2"' in words(refused)
    assert long in words(refused)
    done = await desk.post_form(address, {"reason": "", "ask.B2": "哪一位没有招呼？"})
    assert done.status_code == 303
    phone = browse(actor)
    sheet = words(await phone.get(f"/m/tasks/{task.code}/sheet"))
    assert "哪一位没有招呼？" in sheet
    assert 'name="replies.B2"' in sheet
    assert 'name="replies.A1"' not in sheet
    given = make.answers(await make.form_of(task))
    answered = type(given)(
        **{name: getattr(given, name) for name in given.__struct_fields__}
        | {"replies": {"B2": "左边那位"}}
    )
    again = await commands.submit(actor, task.code, answered, key(2), filled_at=SENT, at=SENT)
    page = words(await desk.get(f"/office/review/{again.code}"))
    assert "提问：哪一位没有招呼？" in page
    assert "答复审核人：左边那位" in page


async def test_the_guide_and_the_pictures_stand_beside_the_answer(
    setting: visits.Setting, browse: Browse
) -> None:
    actor, task = await visits.accepted_task(setting)
    code = await commands.add_photo(actor, task.code, "A2", key(7), JPEG, at=visits.DURING)
    given = make.answers(await make.form_of(task))
    receipt = await commands.submit(actor, task.code, given, key(1), filled_at=SENT, at=SENT)
    desk = browse(people.reviewer)
    page = words(await desk.get(f"/office/review/{receipt.code}"))
    address = f"/office/review/{receipt.code}/pictures/{code}"
    assert f'src="{address}"' in page
    assert "公示内容：" in page
    assert "身份证;申请表" in page
    found = await desk.get(address)
    assert found.content == JPEG
    assert found.headers["cache-control"] == "no-store"
    _, _, other = await make.sent(setting)
    assert (await desk.get(f"/office/review/{other.code}/pictures/{code}")).status_code == 404
    assert (await browse(people.coordinator).get(address)).status_code == 403


async def test_two_desks_open_two_sheets(setting: visits.Setting, browse: Browse) -> None:
    _, _, one = await make.sent(setting)
    _, _, two = await make.sent(setting)
    mine, other = browse(people.reviewer), browse(people.second_reviewer)
    assert one.code in words(await mine.get("/office/review"))
    assert two.code in words(await other.get("/office/review"))
    page = words(await other.get(f"/office/review/{one.code}"))
    assert "同事正在审核这张表" in page
    assert "/accept" not in page
    slow = await other.post_form(f"/office/review/{one.code}/accept", {})
    assert slow.status_code == 303
    assert await state(one.code) is SheetState.SUBMITTED


async def test_with_htmx_the_next_sheet_comes_with_the_answer(
    setting: visits.Setting, browse: Browse
) -> None:
    _, _, one = await make.sent(setting)
    _, _, two = await make.sent(setting)
    desk = browse(people.reviewer)
    page = words(await desk.get("/office/review"))
    assert f'hx-post="/office/review/{one.code}/accept"' in page
    answer = await desk.post_form(
        f"/office/review/{one.code}/accept", {"skip": "0"}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 200
    said = words(answer)
    assert two.code in said
    assert "已通过" in said
    assert "<html" not in said
    assert "data-focus" in said
    assert await state(one.code) is SheetState.ACCEPTED


async def test_single_keys_can_be_switched_off(setting: visits.Setting, browse: Browse) -> None:
    await make.sent(setting)
    desk = browse(people.reviewer)
    page = words(await desk.get("/office/review"))
    assert "data-key" in page
    (address,) = re.findall(r'href="(/prefer\?keys=0[^"]*)"', page)
    back = await desk.get(address)
    assert back.headers["location"] == "/office/review"
    page = words(await desk.get("/office/review"))
    assert "data-key" not in page
    assert "<kbd" not in page
    assert "打开单键快捷操作" in page


async def test_a_batch_is_drawn_looked_at_and_accepted(
    setting: visits.Setting, browse: Browse
) -> None:
    for number in range(3):
        actor, task = await visits.accepted_task(setting)
        given = make.answers(await make.form_of(task), A1=2)
        await commands.submit(actor, task.code, given, key(number), filled_at=SENT, at=SENT)
    desk = browse(people.reviewer)
    assert "有 3 张无疑点评议表待审核" in words(await desk.get("/office/batch"))
    early = await desk.post_form("/office/batch/accept", {})
    assert early.status_code == 409
    assert (await desk.post_form("/office/batch", {})).status_code == 303
    page = words(await desk.get("/office/batch"))
    (code,) = re.findall(r"/office/review/(\w{10})", page)
    assert "已审核 0 / 1 张" in page
    sheet = words(await desk.get(f"/office/review/{code}"))
    assert 'name="batch" value="yes"' in sheet
    done = await desk.post_form(f"/office/review/{code}/accept", {"batch": "yes"})
    assert done.headers["location"].startswith("/office/batch")
    assert "通过其余 2 张" in words(await desk.get("/office/batch"))
    await desk.post_form("/office/batch/accept", {})
    assert len(await queries.counted(setting.round.id)) == 3
    assert "没有等您审核的无疑点评议表" in words(await desk.get("/office/batch"))


async def test_a_batch_may_be_given_up(setting: visits.Setting, browse: Browse) -> None:
    actor, task = await visits.accepted_task(setting)
    given = make.answers(await make.form_of(task), A1=2)
    await commands.submit(actor, task.code, given, key(1), filled_at=SENT, at=SENT)
    desk = browse(people.reviewer)
    await desk.post_form("/office/batch", {})
    assert (await desk.post_form("/office/batch/end", {})).status_code == 303
    assert await queries.waiting(people.second_reviewer, at=LATER) == 1


async def test_the_public_page_of_a_round_tells_its_void_share(
    setting: visits.Setting, browse: Browse
) -> None:
    receipts = await make.all_sent(setting)
    first, *others = receipts
    await commands.propose_void(people.reviewer, first.code, "wrong_window", at=SENT)
    await commands.confirm_void(people.second_reviewer, first.code, at=SENT)
    address = f"/zh/rounds/{setting.round.code}"
    assert "作废的评议表" not in words(await browse(None).get(address))
    for receipt in others:
        await commands.accept(people.reviewer, receipt.code, at=SENT)
    await rounds.close(people.coordinator, setting.round.code, at=visits.after(8))
    page = words(await browse(None).get(address))
    share = f"{len(receipts)} 张中 1 张（{(await queries.void_share(setting.round.id)).percent}%）"
    assert share in page
    assert "走错窗口" in page


async def test_a_member_reads_the_own_marks_alone(setting: visits.Setting, browse: Browse) -> None:
    actor, _, _ = await make.sent(setting)
    page = words(await browse(actor).get("/m/feedback"))
    assert "此页仅您本人可见" in page
    assert "满 5 张后" in page
    assert (await browse(people.reviewer).get("/m/feedback")).status_code in {303, 403}
