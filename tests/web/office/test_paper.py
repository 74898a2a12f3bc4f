"""Sheets on paper at the desk: printed, scanned, typed twice, settled, counted."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from PIL import Image

from panel import clock, db
from panel.accounts import commands as accounts
from panel.accounts.types import CardRequest
from panel.evaluations import commands, queries
from panel.evaluations.types import PaperState
from panel.ids import Code
from panel.members import queries as members
from panel.visits import queries as tasks
from panel.visits.types import TaskState
from tests import people
from tests.make import paper, visits
from web import sheets


@pytest.fixture(autouse=True)
def moment(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """Let the clock stand at a moment that a test may change."""
    found = [paper.LATER]
    monkeypatch.setattr(clock, "now", lambda: found[0])
    return found


def _page() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (60, 80), "white").save(data, "PNG")
    return data.getvalue()


async def test_a_member_without_a_phone_gets_numbered_sheets_without_a_name(
    browse: Callable[..., Any], moment: list[datetime]
) -> None:
    moment[:] = [visits.DURING]
    setting = await visits.running_round(covert_percent=100)
    actor, task = await visits.one_task(setting)
    desk = browse(people.coordinator)
    url = f"/office/members/{actor.member}/paper"
    assert (await desk.get(url)).status_code == 200
    empty = await desk.post_form(url, {"reason": " "})
    assert empty.status_code == 422
    answer = await desk.post_form(url, {"reason": "没有智能手机"})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    (found,) = [line for _, line in await queries.papers() if line.code in answer.text][:1]
    printed = answer.text.split('<section class="leaf">')
    brief, sheet, envelope = printed[1], printed[2], printed[3]
    assert task.unit_name in brief
    assert task.unit_name not in sheet + envelope
    assert found.code in brief
    assert 'class="qr"' in sheet
    assert "林示例" not in brief + sheet + envelope
    assert "<title>" in answer.text
    assert task.unit_name not in re.findall("<title>(.*?)</title>", answer.text)[0]


async def test_nobody_prints_where_a_member_with_a_phone_goes_covertly(
    browse: Callable[..., Any], moment: list[datetime]
) -> None:
    moment[:] = [visits.DURING]
    setting = await visits.running_round(covert_percent=100)
    actor, task = await visits.one_task(setting)
    person = (await members.member(actor.member or Code(""))).person
    (card,) = await accounts.issue_cards(
        people.coordinator, [CardRequest(actor.member or Code(""), person)], at=visits.AT
    )
    await db.raw("UPDATE account SET state = 'active' WHERE login = {}", card.number)
    desk = browse(people.coordinator)
    answer = await desk.post_form(f"/office/members/{actor.member}/paper", {"reason": "打印"})
    assert answer.status_code == 200
    assert task.unit_name not in answer.text
    assert await queries.papers() == []
    assert (await tasks.task(task.code)).state is TaskState.OFFERED


async def test_clerks_scan_type_compare_and_settle(browse: Callable[..., Any]) -> None:
    setting = await visits.running_round()
    _, task, sheet = await paper.printed(setting)
    clerk, checker = browse(paper.clerk), browse(paper.checker)
    url = f"/office/paper/{sheet.code}"
    none = await clerk.post_form(f"{url}/scan", {"arrived_on": paper.ON.isoformat()})
    assert none.status_code == 422
    kept = await clerk.post_form(
        f"{url}/scan",
        {"arrived_on": paper.ON.isoformat()},
        files={"scan": ("page.png", _page(), "image/png")},
    )
    assert kept.status_code == 303
    scan = await clerk.get(f"{url}/scan/1")
    assert (scan.headers["content-type"], scan.content[:2]) == ("image/jpeg", b"\xff\xd8")
    assert scan.headers["cache-control"] == "no-store"
    first = {**sheets.typed_of(await paper.read_as(task)), "declared": "yes"}
    refused = await clerk.post_form(f"{url}/enter", {**first, "visited_on": ""})
    assert refused.status_code == 422
    assert (await clerk.post_form(f"{url}/enter", first)).status_code == 303
    assert (await clerk.post_form(f"{url}/check", first)).status_code == 403
    item = next(name for name, value in first.items() if name.startswith("items.") and value == "4")
    second = {**first, item: "2", "impression": "1"}
    shown = await checker.get(url)
    assert 'value="4" selected' not in shown.text
    assert (await checker.post_form(f"{url}/check", second)).status_code == 303
    differing = await checker.get(url)
    key = item.removeprefix("items.")
    assert f'name="pick.{key}"' in differing.text
    assert 'name="pick.impression"' in differing.text
    assert differing.text.count('value="first"') == 2
    half = await checker.post_form(f"{url}/settle", {f"pick.{key}": "second"})
    assert half.status_code == 422
    done = await checker.post_form(
        f"{url}/settle", {f"pick.{key}": "second", "pick.impression": "first"}
    )
    assert done.headers["location"] == f"{url}?said=paper_counted"
    counted = await queries.paper(sheet.code)
    assert counted.state is PaperState.COUNTED
    answers = (await queries.submission(Code(counted.sheet))).answers
    assert (answers.items[key], answers.impression) == (2, 4)


async def test_lists_tell_no_unit_and_a_typed_number_leads_to_its_sheet(
    browse: Callable[..., Any],
) -> None:
    setting = await visits.running_round(covert_percent=100)
    _, task, sheet = await paper.printed(setting)
    clerk = browse(paper.clerk)
    listed = await clerk.get("/office/paper")
    assert sheet.code in listed.text
    assert task.unit_name not in listed.text
    found = await clerk.get("/office/paper", params={"number": sheet.code.lower()})
    assert found.headers["location"] == f"/office/paper/{sheet.code}"
    assert task.unit_name not in (await clerk.get(f"/office/paper/{sheet.code}")).text


async def test_a_sheet_is_given_up_with_a_reason(browse: Callable[..., Any]) -> None:
    setting = await visits.running_round()
    _, _, sheet = await paper.printed(setting)
    clerk = browse(paper.clerk)
    url = f"/office/paper/{sheet.code}/spoil"
    assert (await clerk.post_form(url, {"reason": ""})).status_code == 422
    assert (await clerk.post_form(url, {"reason": "遗失"})).status_code == 303
    assert sheet.code in (await clerk.get("/office/paper", params={"show": "done"})).text


async def test_the_sealed_kinds_are_not_asked_for_at_the_desk(browse: Callable[..., Any]) -> None:
    setting = await visits.running_round()
    _, _, sheet = await paper.scanned(setting)
    shown = (await browse(paper.clerk).get(f"/office/paper/{sheet.code}")).text
    blank = await queries.paper_blank(sheet)
    for veto in blank.form.vetoes:
        assert (f'name="vetoes.{veto.id}"' in shown) is not veto.sealed


async def test_a_paper_waits_on_the_desk_of_its_clerks(browse: Callable[..., Any]) -> None:
    setting = await visits.running_round()
    await paper.entered(setting)
    checker = html.unescape((await browse(paper.checker).get("/office")).text)
    assert 'href="/office/paper"' in checker
    reviewer = html.unescape((await browse(people.reviewer).get("/office")).text)
    assert 'href="/office/paper"' not in reviewer


async def test_the_reviewer_sees_the_scan_beside_the_sheet(browse: Callable[..., Any]) -> None:
    setting = await visits.running_round()
    _, task, sheet = await paper.entered(setting)
    after = await commands.reread(
        paper.checker, sheet.code, await paper.read_as(task), at=paper.LATER
    )
    reviewer = browse(people.reviewer)
    scan = f"/office/paper/{sheet.code}/scan/1"
    assert scan in (await reviewer.get(f"/office/review/{after.sheet}")).text
    assert (await reviewer.get(scan)).status_code == 200
