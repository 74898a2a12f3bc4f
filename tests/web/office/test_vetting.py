"""Vetting at the clerk's desk: sheets, verdicts, lists, replies, staff lists as pages."""

from __future__ import annotations

import datetime as dt
import html
import io
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from python_calamine import CalamineWorkbook

from panel import clock
from panel.actor import Role
from panel.db import Engine
from panel.recruitment import commands, queries
from panel.recruitment.commands import imports as running
from panel.recruitment.queries import imports, staff
from panel.recruitment.queries import vetting as lists
from panel.recruitment.tables import Application
from panel.recruitment.types.applications import ApplicationState
from panel.recruitment.types.campaigns import CampaignView, Reason, Verdict
from panel.recruitment.types.vetting import LIST_COLUMNS, ImportState
from panel.vault import queries as vault
from tests import people
from tests.make import recruitment as make
from tests.make import roster, vetting
from tests.web.conftest import Browser
from web import spreadsheets

Browse = Callable[..., Browser]
BASE = "/office/recruitment"
PAPER = {
    "paper_document": "示例审1号", "paper_signer": "示例负责人", "paper_date": "2026-04-11",
}  # fmt: skip
SCAN = ("scan.png", b"\x89PNG\r\n\x1a\n scan of a stamp")


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[dt.datetime], None]:
    """Return a function that sets the clock of the pages."""

    def turn(moment: dt.datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    turn(make.AT)
    return turn


@pytest.fixture
async def city(engine: Engine) -> roster.City:
    await make.rulebook_in_force(make.small_toml())
    return await roster.small_city()


def text_of(answer: httpx.Response) -> str:
    return html.unescape(answer.text)


def upload(data: bytes) -> dict[str, Any]:
    return {"file": ("sheet.csv", data)}


async def run_of(campaign: CampaignView) -> str:
    return (await imports.runs(campaign))[0].code


async def test_a_sheet_goes_its_way_in_and_its_faults_are_listed(
    browse: Browse, city: roster.City, at: Callable[..., None]
) -> None:
    campaign = await make.announced()
    at(make.OPEN)
    browser = browse(people.coordinator)
    address = f"{BASE}/{campaign.code}/import"
    assert "还没有导入过表格" in (await browser.get(address)).text
    assert (await browser.get(f"{BASE}/applications.xlsx")).content.startswith(b"PK")
    assert (await browser.post_form(address, {})).status_code == 422
    rows = [make.row(1), make.row(2, 身份证号="3.70802E+17"), make.row(3, 类别="外星人")]
    sent = await browser.post_form(address, {}, files=upload(make.sheet(rows)))
    assert sent.status_code == 303
    waiting = await browser.get(sent.headers["location"])
    assert waiting.headers["refresh"] == "3"
    assert "<progress" in waiting.text
    twice = await browser.post_form(address, {}, files=upload(make.sheet(rows)))
    assert twice.status_code == 409
    await running.proceed((await imports.runs(campaign))[0].code, at=make.OPEN)
    refused = await browser.get(sent.headers["location"])
    assert "refresh" not in refused.headers
    assert "第3行" in text_of(refused)
    assert "没有“外星人”这一选项" in text_of(refused)
    assert await Application.count() == 0


async def test_a_sheet_is_cancelled_or_gone_on_with(
    browse: Browse, city: roster.City, at: Callable[..., None]
) -> None:
    campaign = await make.announced()
    at(make.OPEN)
    browser = browse(people.clerk_a)
    await browser.post_form(
        f"{BASE}/{campaign.code}/import", {}, files=upload(make.sheet([make.row(1)]))
    )
    here = f"{BASE}/{campaign.code}/imports/{await run_of(campaign)}"
    assert (await browser.post_form(f"{here}/resume", {})).status_code == 303
    assert (await browser.post_form(f"{here}/cancel", {})).status_code == 303
    assert "已取消" in (await browser.get(here)).text
    assert (await browser.post_form(f"{here}/cancel", {})).status_code == 409
    other = await make.announced(title="另一次招募")
    foreign = here.replace(campaign.code, other.code)
    assert (await browser.get(foreign)).status_code == 404
    assert (await browser.post_form(f"{foreign}/slips", {"reason": "x"})).status_code == 404


async def test_receipts_are_printed_with_a_reason_and_on_the_record(
    browse: Browse, city: roster.City, at: Callable[..., None]
) -> None:
    campaign = await make.announced()
    await make.applied(campaign.code, 3)
    at(make.OPEN)
    browser = browse(people.clerk_a, lang="en")
    here = f"{BASE}/{campaign.code}/imports/{await run_of(campaign)}"
    assert "Receipts to hand over" in (await browser.get(here)).text
    assert (await browser.post_form(f"{here}/slips", {"batch": "0"})).status_code == 422
    slips = await browser.post_form(f"{here}/slips", {"batch": "0", "reason": "发回执"})
    assert slips.headers["cache-control"] == "no-store"
    found = await imports.slips(campaign, (await imports.runs(campaign))[0].code, limit=9)
    for each, number in zip(found, (1, 2, 3), strict=True):
        assert each.receipt in slips.text
        assert make.form(number).name in slips.text
        (look,) = await vault.looks(each.person)
        assert look.fields == ("name",)
        assert f"receipt={each.receipt}" not in slips.text
    refused = await browse(people.auditor).post_form(f"{here}/slips", {"reason": "x"})
    assert refused.status_code == 403


async def test_a_lost_receipt_is_printed_anew_after_the_card_was_compared(
    browse: Browse, city: roster.City, at: Callable[..., None]
) -> None:
    campaign = await make.announced()
    (ticket,) = await make.applied(campaign.code, 1)
    at(make.OPEN)
    browser = browse(people.clerk_a)
    here = f"{BASE}/{campaign.code}/applications/{ticket}"
    assert f'action="{here}/receipt"' in html.unescape((await browser.get(here)).text)
    unchecked = await browser.post_form(f"{here}/receipt", {"lost": "回执遗失"})
    assert unchecked.status_code == 422
    assert 'value="回执遗失"' in unchecked.text
    assert 'href="#f-checked"' in unchecked.text
    silent = await browser.post_form(f"{here}/receipt", {"checked": "yes"})
    assert silent.status_code == 422
    assert 'href="#f-lost"' in silent.text
    printed = await browser.post_form(f"{here}/receipt", {"lost": "回执遗失", "checked": "yes"})
    assert printed.headers["cache-control"] == "no-store"
    (slip,) = await imports.slips(campaign, (await imports.runs(campaign))[0].code, limit=9)
    assert slip.receipt in printed.text
    assert make.form(1).name in printed.text
    assert f"receipt={slip.receipt}" not in printed.text
    assert f'href="{here}"' in html.unescape(printed.text)


async def test_who_is_found_ineligible_is_told_by_letter(
    browse: Browse, city: roster.City, at: Callable[..., None]
) -> None:
    campaign, (ticket, *_) = await vetting.screening(2)
    at(make.SCREENING)
    browser = browse(people.clerk_a)
    here = f"{BASE}/{campaign.code}/applications/{ticket}"
    assert f'action="{here}/letter"' not in html.unescape((await browser.get(here)).text)
    assert (await browser.post_form(f"{here}/letter", {"sent": "x"})).status_code == 409
    for clerk in (people.clerk_a, people.clerk_b):
        await commands.vet(
            clerk, campaign.code, [ticket], Verdict.FAIL, Reason.RESIDENCE, at=make.SCREENING
        )
    assert f'action="{here}/letter"' in html.unescape((await browser.get(here)).text)
    assert (await browser.post_form(f"{here}/letter", {"sent": " "})).status_code == 422
    letter = await browser.post_form(f"{here}/letter", {"sent": "邮寄告知"})
    for told in ("您可以在", ticket, make.form(1).address):
        assert told in letter.text
    english = await browse(people.clerk_b, lang="en").post_form(f"{here}/letter", {"sent": "x"})
    assert "You may answer until" in english.text


async def test_screening_lists_counts_and_settles_in_bulk(
    browse: Browse, city: roster.City, at: Callable[..., None]
) -> None:
    campaign, tickets = await vetting.screening(12)
    at(make.SCREENING)
    first, second, third = (
        browse(each) for each in (people.clerk_a, people.clerk_b, people.clerk_c)
    )
    address = f"{BASE}/{campaign.code}/screening"
    everything = {"scope": "all", "verdict": "pass"}
    assert tickets[0] in (await first.get(address)).text
    assert (await first.post_form(address, everything)).status_code == 303
    assert tickets[0] not in (await first.get(address)).text
    nothing = await first.post_form(address, everything)
    assert nothing.status_code == 422
    again = await first.post_form(address, {"ticket": [tickets[0]], "verdict": "pass"})
    assert again.status_code == 409
    undecided = await second.post_form(address, {"ticket": [tickets[0]], "scope": "ticked"})
    assert undecided.status_code == 422
    fail = {"ticket": tickets[:2], "scope": "ticked", "verdict": "fail"}
    unreasoned = await second.post_form(address, fail)
    assert "请选择原因" in unreasoned.text
    assert (await second.post_form(address, {**fail, "reason": "residence"})).status_code == 303
    await second.post_form(address, everything)
    disputed = (await third.get(f"{address}?waiting=third")).text
    assert tickets[0] in disputed
    assert tickets[5] not in disputed
    await third.post_form(address, {**fail, "reason": "residence"})
    settled = text_of(await third.get(f"{address}?waiting=settled"))
    assert "不在本市居住" in settled
    progress = await queries.progress(campaign)
    assert progress.by_state == {"ineligible": 2, "eligible": 10}


async def test_a_look_at_a_person_needs_a_reason_and_is_on_the_record(
    browse: Browse, city: roster.City, at: Callable[..., None]
) -> None:
    campaign, (ticket,) = await vetting.screening(1)
    at(make.SCREENING)
    browser = browse(people.clerk_a)
    address = f"{BASE}/{campaign.code}/applications/{ticket}"
    name = make.form(1).name
    assert name not in (await browser.get(address)).text
    assert (await browser.post_form(f"{address}/look", {})).status_code == 422
    person = (await queries.application(campaign, ticket)).person
    assert not await vault.looks(person)
    shown = await browser.post_form(f"{address}/look", {"reason": "核对住址"})
    assert name in shown.text
    (look,) = await vault.looks(person)
    assert look.reason == "核对住址"
    refused = await browse(people.reviewer).post_form(f"{address}/look", {"reason": "x"})
    assert refused.status_code == 403


async def test_a_question_and_a_reply_are_read_with_the_name_and_decided(
    browse: Browse, city: roster.City, at: Callable[..., None]
) -> None:
    campaign, tickets = await vetting.screening(2)
    at(make.SCREENING)
    browser = browse(people.clerk_a)
    here = f"{BASE}/{campaign.code}/applications/{tickets[0]}"
    assert (await browser.post_form(f"{here}/ask", {})).status_code == 422
    assert (await browser.post_form(f"{here}/ask", {"question": "请补门牌号"})).status_code == 303
    assert tickets[0] in (await browser.get(f"{BASE}/{campaign.code}/screening?waiting=asked")).text
    await commands.answer(campaign.code, tickets[0], "示例路1号2单元", at=make.SCREENING)
    assert "2单元" not in (await browser.get(here)).text
    shown = await browser.post_form(f"{here}/look", {"reason": "看答复"})
    assert "2单元" in shown.text
    fail = {"ticket": [tickets[1]], "scope": "ticked", "verdict": "fail", "reason": "residence"}
    for clerk in (people.clerk_a, people.clerk_b):
        await browse(clerk).post_form(f"{BASE}/{campaign.code}/screening", fail)
    await commands.answer(campaign.code, tickets[1], "我住在本市", at=make.SCREENING)
    reply = f"{BASE}/{campaign.code}/applications/{tickets[1]}/reply"
    assert (await browser.post_form(reply, {"verdict": "pass"})).status_code == 403
    third = browse(people.clerk_c)
    assert (await third.post_form(reply, {})).status_code == 422
    assert (await third.post_form(reply, {"verdict": "pass"})).status_code == 303
    found = await queries.application(campaign, tickets[1])
    assert found.state is ApplicationState.ELIGIBLE


def cells(data: bytes) -> list[list[Any]]:
    """Return the rows of the first sheet of a workbook."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return book.get_sheet_by_index(0).to_python(skip_empty_area=False)


def offered(data: bytes, name: str) -> list[str]:
    """Return the words that a list offers to choose from in one of its columns."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return [str(row[0]) for row in book.get_sheet_by_name(name).to_python()]


def answered(data: bytes, opinion: str = "通过", why: str = "") -> bytes:
    """Fill in a downloaded list as an office does, in its own program."""
    rows = cells(data)
    place, reason = rows[1].index("审查意见"), rows[1].index("原因")
    kept = [row for row in rows[2:] if row[1]]
    for row in kept:
        row[place], row[reason] = opinion, why
    layout = spreadsheets.Layout(title=str(rows[0][0]), watermark="", foot=("制表人：甲",))
    return spreadsheets.written(LIST_COLUMNS, [[str(c) for c in row[1:9]] for row in kept], layout)


async def test_a_list_goes_out_as_a_spreadsheet_and_its_reply_comes_back(
    browse: Browse, city: roster.City, at: Callable[..., None]
) -> None:
    campaign, tickets = await vetting.screening(4)
    at(make.SCREENING)
    browser = browse(people.clerk_a)
    index = f"{BASE}/{campaign.code}/vetting"
    assert "还没有名单" in (await browser.get(index)).text
    assert (await browser.post_form(index, {"office": ""})).status_code == 422
    made = await browser.post_form(index, {"office": "示例公安局", "scope": "all"})
    here = made.headers["location"]
    fetched = await browser.post_form(f"{here}/file", {})
    rows = cells(fetched.content)
    assert "资格审查名单" in rows[0][0]
    assert rows[1] == ["序号", *LIST_COLUMNS]
    assert {row[1] for row in rows[2:6]} == set(tickets)
    assert [row[0] for row in rows[2:6]] == [1, 2, 3, 4]
    assert any("制表人" in str(cell) for row in rows[6:] for cell in row)
    (sheet,) = await lists.lists(campaign)
    assert len(await vault.looks((await queries.application(campaign, tickets[0])).person)) == 1
    data = answered(fetched.content)
    unsigned = await browser.post_form(f"{here}/reply", {}, files={"file": ("reply.xlsx", data)})
    assert unsigned.status_code == 422
    wrong = answered(fetched.content, "再说")
    both = {"file": ("reply.xlsx", wrong), "paper_scan": SCAN}
    refused = await browser.post_form(f"{here}/reply", PAPER, files=both)
    assert refused.status_code == 422
    assert "请填“通过”或“不通过”" in text_of(refused)
    assert PAPER["paper_document"] in refused.text
    both["file"] = ("reply.xlsx", data)
    assert (await browser.post_form(f"{here}/reply", PAPER, files=both)).status_code == 303
    assert "对所有人均未发现问题" in (await browser.get(here)).text
    assert (await queries.progress(campaign)).waiting == 4
    assert (await browser.post_form(f"{here}/file", {})).status_code == 409
    assert sheet.code in (await browser.get(index)).text


async def test_every_reason_that_a_list_offers_is_taken_back(
    browse: Browse, city: roster.City, at: Callable[..., None]
) -> None:
    campaign, _ = await vetting.screening(1)
    at(make.SCREENING)
    known = list(await queries.reasons(campaign))
    for number, code in enumerate(known):
        office = f"示例{number}局"
        clerk = people.staff(9200 + number, f"clerk-{number}", office, Role.VETTING_CLERK)
        browser = browse(clerk)
        made = await browser.post_form(
            f"{BASE}/{campaign.code}/vetting", {"office": f"示例{number}局"}
        )
        here = made.headers["location"]
        data = (await browser.post_form(f"{here}/file", {})).content
        both = {
            "file": ("reply.xlsx", answered(data, "不通过", offered(data, "原因")[number])),
            "paper_scan": SCAN,
        }
        taken = await browser.post_form(f"{here}/reply", PAPER, files=both)
        assert taken.status_code == 303, text_of(taken)
        found = next(
            each for each in await lists.lists(campaign) if each.office == f"示例{number}局"
        )
        (hit,) = await lists.hits(found)
        assert hit.hit == code


async def test_formulas_in_names_never_reach_an_office_as_formulas(
    browse: Browse, city: roster.City, at: Callable[..., None]
) -> None:
    campaign = await make.announced()
    planted = make.form(1, employer="=HYPERLINK(1)", name="@示例甲")
    await commands.apply(campaign.code, planted, key="k" * 36, at=make.OPEN)
    await commands.start_screening(people.coordinator, campaign.code, at=make.SCREENING)
    at(make.SCREENING)
    browser = browse(people.clerk_a)
    made = await browser.post_form(f"{BASE}/{campaign.code}/vetting", {"office": "=示例局"})
    here = made.headers["location"]
    fetched = await browser.post_form(f"{here}/file", {})
    line = cells(fetched.content)[2]
    assert "'=HYPERLINK(1)" in line
    assert "'@示例甲" in line
    assert b"<f>" not in fetched.content
    both = {"file": ("reply.xlsx", answered(fetched.content)), "paper_scan": SCAN}
    taken = await browser.post_form(f"{here}/reply", PAPER, files=both)
    assert taken.status_code == 303, text_of(taken)


async def test_findings_are_decided_and_lists_called_back_on_the_page(
    browse: Browse, city: roster.City, at: Callable[..., None]
) -> None:
    campaign, tickets = await vetting.screening(3)
    at(make.SCREENING)
    why = next(iter(await queries.reasons(campaign)))
    sheet = await vetting.returned(campaign, "示例公安局", dict.fromkeys(tickets[:2], why))
    browser = browse(people.clerk_b)
    here = f"{BASE}/{campaign.code}/vetting/{sheet.code}"
    assert "共2人，待处理2人" in text_of(await browser.get(here))
    for ticket, decision in zip(tickets, ("confirm", "mistaken"), strict=False):
        done = await browser.post_form(f"{here}/hits/{ticket}", {"decision": decision})
        assert done.status_code == 303
    again = await browser.post_form(f"{here}/hits/{tickets[0]}", {"decision": "confirm"})
    assert again.status_code == 409
    made = await browser.post_form(f"{BASE}/{campaign.code}/vetting", {"office": "示例法院"})
    away = made.headers["location"]
    assert (await browser.post_form(f"{away}/recall", {})).status_code == 422
    assert (await browser.post_form(f"{away}/recall", {"reason": "不再回复"})).status_code == 303
    reader = browse(people.auditor)
    assert (await reader.get(here)).status_code == 200
    assert (await reader.post_form(f"{here}/file", {})).status_code == 403


async def test_staff_lists_are_taken_in_compared_and_decided_on_one_page(
    browse: Browse, city: roster.City, at: Callable[..., None]
) -> None:
    campaign, tickets = await vetting.screening(2)
    at(make.SCREENING)
    browser = browse(people.clerk_a)
    page = "/office/staff"
    assert "还没有名册" in (await browser.get(page)).text
    assert (await browser.post_form(f"{page}/compare", {})).status_code == 409
    data = vetting.table([{"身份证号": make.form(1).national_id}])
    unit = city.units[0].code
    assert (await browser.post_form(f"{page}/lists", {}, files=upload(data))).status_code == 422
    assert (await browser.post_form(f"{page}/lists", {"unit": unit})).status_code == 422
    damaged = upload(vetting.table([{"身份证号": "3.70802E+17"}]))
    refused = await browser.post_form(f"{page}/lists", {"unit": unit}, files=damaged)
    assert "第2行" in text_of(refused)
    taken = await browser.post_form(f"{page}/lists", {"unit": unit}, files=upload(data))
    assert taken.status_code == 303
    assert (await browser.post_form(f"{page}/compare", {})).status_code == 303
    shown = await browser.get(page)
    assert tickets[0] in shown.text
    assert make.form(1).national_id not in shown.text
    (hit,) = await staff.staff_hits()
    here = f"{page}/hits/{hit.id}"
    assert (await browser.post_form(here, {})).status_code == 422
    assert (await browser.post_form(here, {"decision": "mistaken"})).status_code == 422
    assert (await browser.post_form(here, {"decision": "recused"})).status_code == 303
    assert (await browser.post_form(f"{page}/hits/x", {"decision": "recused"})).status_code == 404
    assert (await browser.get(f"{page}/template.xlsx")).content.startswith(b"PK")
    index = (await browser.get(f"{BASE}/{campaign.code}/vetting")).text
    assert re.search(r'href="/office/staff">0<', index)


async def test_the_worker_takes_in_a_sheet(
    browse: Browse, city: roster.City, at: Callable[..., None]
) -> None:
    from web import jobs, worker

    campaign = await make.announced()
    at(make.OPEN)
    browser = browse(people.clerk_a)
    await browser.post_form(
        f"{BASE}/{campaign.code}/import", {}, files=upload(make.sheet([make.row(1), make.row(2)]))
    )
    settings: Any = None
    assert await worker.once(settings, "w", [running.IMPORT], jobs.KINDS, jobs.RECURRING)
    (run,) = await imports.runs(campaign)
    assert (run.state, run.done) == (ImportState.DONE, 2)
    assert "已录入2份报名" in text_of(
        await browser.get(f"{BASE}/{campaign.code}/imports/{run.code}")
    )
