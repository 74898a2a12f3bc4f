"""From an accepted task: sheet, check, receipt; nothing typed is ever lost."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Callable
from datetime import datetime, timedelta

import brotli
import httpx
import pytest

from panel import clock, db
from panel.actor import Actor
from panel.evaluations import commands, queries
from panel.ids import Code
from panel.visits import queries as tasks
from panel.visits.types import TaskState, TaskView
from tests import people
from tests.make import evaluations as make
from tests.make import visits
from tests.make.evaluations import SENT
from tests.web.conftest import Browser
from web import sheets

Browse = Callable[..., Browser]
Setting = tuple[visits.Setting, Actor, TaskView]
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Return what sets the clock; it stands in the running round."""

    def put(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    put(SENT)
    return put


@pytest.fixture
async def accepted(engine: db.Engine, now: Callable[[datetime], None]) -> Setting:
    """Return a running round and one accepted task of it."""
    setting = await visits.running_round()
    return (setting, *(await visits.accepted_task(setting)))


async def fields(task: TaskView, value: int = 4, **items: int | None) -> dict[str, str]:
    """Return the fields of a whole sheet as a browser posts them."""
    given = make.answers(await make.form_of(task), value, but=items)
    return {name: text for name, text in sheets.typed_of(given).items() if text}


def words(answer: httpx.Response) -> str:
    """Return a page's text with its references resolved; slashes in addresses are escaped."""
    return html.unescape(answer.text)


def hidden(answer: httpx.Response) -> dict[str, str]:
    """Return the hidden fields of a page's form."""
    return {name: html.unescape(value) for name, value in HIDDEN.findall(answer.text)}


async def rows(table: str = "sheet_submission") -> int:
    """Return how many rows a table has."""
    return int((await db.raw(f"SELECT count(*) AS n FROM {table}"))[0]["n"])


async def checked(phone: Browser, task: TaskView, sheet: dict[str, str]) -> dict[str, str]:
    """Post a sheet to its check and return the fields that sending it posts."""
    answer = await phone.post_form(f"/m/tasks/{task.code}/check", sheet)
    assert answer.status_code == 200, answer.text
    return hidden(answer)


async def test_from_an_accepted_task_sheet_check_receipt(accepted: Setting, browse: Browse) -> None:
    _, actor, task = accepted
    phone = browse(actor)
    page = await phone.get(f"/m/tasks/{task.code}/sheet")
    assert page.status_code == 200
    assert "等候时间在公示范围内" in page.text
    assert "上次反馈的问题整改到位" not in page.text
    assert "已答 0 项" in page.text
    check = await phone.post_form(f"/m/tasks/{task.code}/check", await fields(task, B2=1))
    assert check.status_code == 200
    assert "92.97" in check.text
    assert "第B2项的情况" in check.text
    ready = hidden(check)
    receipt = await phone.post_form(f"/m/tasks/{task.code}/submit", {**ready, "declared": "yes"})
    assert receipt.status_code == 303
    shown = await phone.get(receipt.headers["location"])
    code = receipt.headers["location"].rpartition("/")[2]
    sheet = await queries.submission(Code(code))
    for wanted in (code, sheet.body_digest, "2026年3月11日", "评议表已收到"):
        assert wanted in shown.text
    assert (await tasks.task(task.code)).state is TaskState.SUBMITTED
    assert actor.member is not None
    assert actor.member not in page.text + check.text + shown.text


async def test_the_total_stands_on_the_check_page_alone(accepted: Setting, browse: Browse) -> None:
    _, actor, task = accepted
    phone = browse(actor)
    whole = await fields(task, 2)
    await phone.post_form(f"/m/tasks/{task.code}/draft", whole)
    page = await phone.get(f"/m/tasks/{task.code}/sheet")
    check = await phone.post_form(f"/m/tasks/{task.code}/check", whole)
    assert "总分" in check.text
    assert "53.13" in check.text  # C1 keeps 4: (2 × 90 + 4 × 6) of 4 × 96
    assert "53.13" not in page.text
    assert "总分" not in page.text


async def test_every_fault_is_named_at_its_field_and_nothing_typed_is_lost(
    accepted: Setting, browse: Browse
) -> None:
    _, actor, task = accepted
    phone = browse(actor)
    sheet = await fields(task, B2=0) | {
        "reasons.B2": "", "minutes.C1.waited": "十分钟", "good": "门口有轮椅坡道",
        "vetoes.V2": "",  "reported.V2": "yes",
    }  # fmt: skip
    del sheet["items.A2"]
    answer = await phone.post_form(f"/m/tasks/{task.code}/check", sheet)
    assert answer.status_code == 422
    assert "<title>错误：" in answer.text
    for anchor in ("f-items-A2", "f-reasons-B2", "f-minutes-C1-waited", "f-vetoes-V2"):
        assert f'href="#{anchor}"' in answer.text
        assert f'id="{anchor}"' in answer.text
    assert answer.text.count('href="#f-') == 4
    assert 'value="十分钟"' in answer.text
    assert "门口有轮椅坡道" in answer.text
    again = await phone.get(f"/m/tasks/{task.code}/sheet")
    assert "门口有轮椅坡道" in again.text
    assert await rows() == 0


async def test_each_change_is_saved_and_told_with_its_time(
    accepted: Setting, browse: Browse
) -> None:
    _, actor, task = accepted
    phone = browse(actor)
    saved = await phone.post(
        f"/m/tasks/{task.code}/draft.json",
        json={"fields": {"items.A1": "3"}},
        headers={"X-Panel": "1", "Accept": "application/json"},
    )
    assert saved.status_code == 200
    told = saved.json()
    assert told["text"] == "已保存 13:00"
    assert "已答 1 项" in told["progress"]
    assert (told["done"], told["parts"]["A"]) == (1, [1, 3])
    page = await phone.get(f"/m/tasks/{task.code}/sheet")
    assert re.search(r'name="items\.A1" value="3"[^>]*checked', page.text)


async def test_without_scripts_a_button_saves_for_later(accepted: Setting, browse: Browse) -> None:
    _, actor, task = accepted
    phone = browse(actor)
    page = await phone.get(f"/m/tasks/{task.code}/sheet")
    assert f'formaction="/m/tasks/{task.code}/draft"' in words(page)
    saved = await phone.post_form(f"/m/tasks/{task.code}/draft", {"items.A1": "3"})
    assert saved.status_code == 303
    assert saved.headers["location"] == f"/m/tasks/{task.code}?said=draft"


async def test_sending_without_the_declaration_keeps_key_and_answers(
    accepted: Setting, browse: Browse
) -> None:
    _, actor, task = accepted
    phone = browse(actor)
    ready = await checked(phone, task, await fields(task))
    answer = await phone.post_form(f"/m/tasks/{task.code}/submit", ready)
    assert answer.status_code == 422
    assert 'href="#f-declared"' in answer.text
    assert hidden(answer)["key"] == ready["key"]
    assert await rows() == 0


async def test_eight_taps_at_once_lead_to_one_receipt(accepted: Setting, browse: Browse) -> None:
    _, actor, task = accepted
    phone = browse(actor)
    ready = await checked(phone, task, await fields(task)) | {"declared": "yes"}
    answers = await asyncio.gather(
        *(phone.post_form(f"/m/tasks/{task.code}/submit", ready) for _ in range(8))
    )
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert await rows() == 1


async def test_the_same_key_with_other_answers_shows_both_versions(
    accepted: Setting, browse: Browse
) -> None:
    _, actor, task = accepted
    phone = browse(actor)
    ready = await checked(phone, task, await fields(task, B2=1)) | {"declared": "yes"}
    await phone.post_form(f"/m/tasks/{task.code}/submit", ready)
    other = ready | {"items.B2": "0", "reasons.B2": "后来改了主意"}
    answer = await phone.post_form(f"/m/tasks/{task.code}/submit", other)
    assert answer.status_code == 409
    assert "第B2项的情况" in answer.text
    assert "后来改了主意" in answer.text
    assert await rows() == 1


async def test_somebody_elses_task_is_not_found(accepted: Setting, browse: Browse) -> None:
    setting, actor, task = accepted
    other = people.member(next(c for c in setting.members if c != actor.member), 400)
    phone, owner = browse(other), browse(actor)
    sheet = await fields(task)
    assert (await phone.get(f"/m/tasks/{task.code}/sheet")).status_code == 404
    for step in ("draft", "check", "submit"):
        answer = await phone.post_form(f"/m/tasks/{task.code}/{step}", sheet)
        assert answer.status_code == 404
    ready = await checked(owner, task, sheet) | {"declared": "yes"}
    sent = await owner.post_form(f"/m/tasks/{task.code}/submit", ready)
    assert (await phone.get(sent.headers["location"])).status_code == 404
    assert (await phone.get(f"/m/tasks/{task.code}/receipt")).status_code == 404


async def test_after_the_grace_the_sheet_is_closed(
    accepted: Setting, browse: Browse, now: Callable[[datetime], None]
) -> None:
    _, actor, task = accepted
    phone = browse(actor)
    ready = await checked(phone, task, await fields(task)) | {"declared": "yes"}
    now(task.closes_at + timedelta(seconds=1))
    assert (await phone.get(f"/m/tasks/{task.code}/sheet")).status_code == 410
    answer = await phone.post_form(f"/m/tasks/{task.code}/submit", ready)
    assert answer.status_code == 410
    assert "提交评议表的时间已过" in answer.text
    assert await rows() == 0


async def test_a_late_sheet_is_taken_and_its_receipt_says_so(
    accepted: Setting, browse: Browse, now: Callable[[datetime], None]
) -> None:
    _, actor, task = accepted
    phone = browse(actor)
    now(task.closes_at)
    ready = await checked(phone, task, await fields(task)) | {"declared": "yes"}
    sent = await phone.post_form(f"/m/tasks/{task.code}/submit", ready)
    assert "逾期" in (await phone.get(sent.headers["location"])).text


async def test_a_session_that_ended_loses_nothing_typed(accepted: Setting, browse: Browse) -> None:
    _, _, task = accepted
    sheet = await fields(task) | {"good": "大厅里有人主动引导"}
    answer = await browse().post_form(f"/m/tasks/{task.code}/check", sheet)
    assert answer.status_code == 401
    assert "大厅里有人主动引导" in answer.text
    assert await rows("sheet_draft") == 0


async def test_a_form_without_the_token_changes_nothing(accepted: Setting, browse: Browse) -> None:
    _, actor, task = accepted
    answer = await browse(actor).post(f"/m/tasks/{task.code}/draft", data={"items.A1": "3"})
    assert answer.status_code == 403
    assert await rows("sheet_draft") == 0


async def test_a_sent_sheet_leads_to_its_receipt(accepted: Setting, browse: Browse) -> None:
    setting, _, _ = accepted
    actor, task, receipt = await make.sent(setting)
    phone = browse(actor)
    for address in (f"/m/tasks/{task.code}/sheet", f"/m/tasks/{task.code}/receipt"):
        answer = await phone.get(address)
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/m/receipts/{receipt.code}"


async def test_a_returned_sheet_shows_the_reason_and_the_earlier_answers(
    accepted: Setting, browse: Browse
) -> None:
    setting, _, _ = accepted
    actor, task, receipt = await make.sent(setting, 2)
    await commands.send_back(people.reviewer, receipt.code, "请写明几点去的", at=SENT)
    phone = browse(actor)
    page = await phone.get(f"/m/tasks/{task.code}/sheet")
    assert page.status_code == 200
    assert "请写明几点去的" in page.text
    assert re.search(r'name="items\.B2" value="2"[^>]*checked', page.text)
    ready = await checked(phone, task, await fields(task, B2=2)) | {"declared": "yes"}
    sent = await phone.post_form(f"/m/tasks/{task.code}/submit", ready)
    assert sent.status_code == 303
    assert await rows() == 2


async def test_a_covert_sheet_asks_whether_the_visitor_was_noticed(
    engine: db.Engine, browse: Browse, now: Callable[[datetime], None]
) -> None:
    setting = await visits.running_round(covert_percent=100)
    actor, task = await visits.accepted_task(setting)
    assert task.covert
    phone = browse(actor)
    page = await phone.get(f"/m/tasks/{task.code}/sheet")
    title = page.text.partition("<title>")[2].partition("</title>")[0]
    assert task.unit_name not in title
    sheet = await fields(task)
    del sheet["recognised"]
    answer = await phone.post_form(f"/m/tasks/{task.code}/check", sheet)
    assert 'href="#f-recognised"' in answer.text


async def test_a_unit_without_windows_has_its_own_sheet(
    engine: db.Engine, browse: Browse, now: Callable[[datetime], None]
) -> None:
    setting = await visits.running_round(units=1, offices=2, groups=("office",), visits_per_unit=2)
    actor, task = await visits.accepted_task(setting)
    page = await browse(actor).get(f"/m/tasks/{task.code}/sheet")
    assert "来访来电有人接，首问负责" in page.text
    ready = await checked(browse(actor), task, await fields(task))
    assert ready["key"]


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_pages_speak_the_readers_language(
    accepted: Setting, browse: Browse, lang: str
) -> None:
    _, actor, task = accepted
    phone = browse(actor, lang)
    page = await phone.get(f"/m/tasks/{task.code}/sheet")
    assert ("Check answers" in page.text) is (lang == "en")
    check = await phone.post_form(f"/m/tasks/{task.code}/check", await fields(task, B2=1))
    assert ("Check your sheet" in check.text) is (lang == "en")


async def test_the_first_load_of_the_sheet_fits_a_bad_network(
    accepted: Setting, browse: Browse
) -> None:
    _, actor, task = accepted
    phone = browse(actor)
    phone.headers["Accept-Encoding"] = "br"
    page = await phone.get(f"/m/tasks/{task.code}/sheet")
    files = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', words(page)))
    loaded = [await phone.get(address) for address in files]
    assert {answer.status_code for answer in loaded} == {200}
    transferred = len(brotli.compress(page.content, quality=4))
    transferred += sum(int(answer.headers["content-length"]) for answer in loaded)
    assert len(files) + 1 <= 10
    assert transferred <= 30_000


async def test_hostile_text_stays_text(accepted: Setting, browse: Browse) -> None:
    _, actor, task = accepted
    phone = browse(actor)
    bad = '"><script>alert(1)</script>'
    sheet = await fields(task) | {"good": bad, "visited_at": bad, "items.A1": bad}
    answer = await phone.post_form(f"/m/tasks/{task.code}/check", sheet)
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text
