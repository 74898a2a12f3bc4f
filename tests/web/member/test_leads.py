"""Reports from the phone: a lead with a picture, one tap to the discipline office, a check-in."""

from __future__ import annotations

import io
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from PIL import Image

from panel import clock
from panel.evaluations import commands, queries
from panel.evaluations.types import InfluenceKind
from panel.visits import commands as visit_commands
from panel.visits import queries as tasks
from panel.visits.types import NoticeTexts
from tests import people
from tests.make import evaluations, visits
from tests.panel.visits.test_open_visits import TEXTS

CANARY = "金丝雀七号科长来电"


@pytest.fixture(autouse=True)
def _during(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: evaluations.SENT)


async def test_a_lead_goes_out_once_and_its_answer_comes_back(browse: Callable[..., Any]) -> None:
    setting = await visits.running_round()
    actor, task = await visits.one_task(setting)
    phone, desk = browse(actor), browse(people.coordinator)
    assert (await phone.get("/m/leads/new", params={"window": task.window_code})).status_code == 200
    empty = await phone.post_form("/m/leads", {"key": evaluations.key(1), "seen_on": ""})
    assert empty.status_code == 422
    picture = io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(picture, "JPEG", exif=b"Exif\0\0where")
    fields = {
        "key": evaluations.key(1), "window": task.window_code, "share": "wait",
        "seen_on": evaluations.DAY.isoformat(), "text": "无障碍坡道堵着",
    }  # fmt: skip
    sent = await phone.post_form(
        "/m/leads", fields, files={"picture": ("a.jpg", picture.getvalue(), "image/jpeg")}
    )
    (lead,) = await queries.own_leads(actor.member, at=evaluations.SENT)
    assert sent.headers["location"] == f"/m/leads/{lead.code}?said=lead_received"
    again = await phone.post_form("/m/leads", fields)
    assert again.headers["location"] == sent.headers["location"]
    kept = await desk.get(f"/office/leads/{lead.code}/picture")
    assert kept.content[:2] == b"\xff\xd8"
    assert b"where" not in kept.content
    shown = await desk.get(f"/office/leads/{lead.code}")
    assert "无障碍坡道堵着" in shown.text
    assert str(actor.member) not in shown.text
    assert lead.reporter not in shown.text
    await desk.post_form(f"/office/leads/{lead.code}/take", {})
    url = f"/office/leads/{lead.code}/answer"
    assert (await desk.post_form(url, {"answer": " "})).status_code == 422
    assert (await desk.post_form(url, {"answer": "已清理。", "do": "answer"})).status_code == 303
    assert "已清理。" in (await phone.get(f"/m/leads/{lead.code}")).text
    stranger = browse(people.member(setting.members[-1], 9500))
    assert (await stranger.get(f"/m/leads/{lead.code}")).status_code == 404


async def test_one_tap_from_every_task_reaches_the_discipline_office(
    browse: Callable[..., Any],
) -> None:
    setting = await visits.running_round(covert_percent=100)
    actor, task = await visits.one_task(setting)
    phone, office = browse(actor), browse(evaluations.discipline)
    link = f"/m/influence?task={task.code}"
    assert link in (await phone.get(f"/m/tasks/{task.code}")).text
    asked = await phone.get(link)
    assert task.unit_name not in asked.text
    sent = await phone.post_form(
        "/m/influence", {"kind": "gift", "task": task.code, "key": evaluations.key(2)}
    )
    assert sent.headers["location"] == "/m/leads?said=influence_received"
    (line,) = await queries.influence_reports(evaluations.discipline)
    assert line.code in (await office.get("/office/influence")).text
    opened = await office.post_form(f"/office/influence/{line.code}", {"reason": "了解情况"})
    assert task.unit_name in opened.text
    assert opened.headers["cache-control"] == "no-store"
    closed = await office.post_form(
        f"/office/influence/{line.code}/close", {"answer": "已核查", "reason": "了解情况"}
    )
    assert closed.status_code == 303
    assert "已核查" in (await phone.get("/m/leads")).text


async def test_nobody_else_sees_that_a_report_exists(browse: Callable[..., Any]) -> None:
    setting = await visits.running_round()
    actor, task = await visits.accepted_task(setting)
    pages = (
        "/office", "/office/audit", "/office/leads", "/office/review", "/office/paper",
        f"/office/tasks/{task.code}", f"/office/rounds/{setting.round.code}",
        f"/office/members/{actor.member}", f"/office/units/{task.unit_code}",
    )  # fmt: skip
    staff = (people.coordinator, people.reviewer, people.publisher)
    before = [[await _seen(browse(each), page) for page in pages] for each in staff]
    code = await commands.report_influence(
        actor, InfluenceKind.ASKED, evaluations.key(6), text=CANARY, task=task.code,
        at=evaluations.SENT,
    )  # fmt: skip
    await commands.open_influence(evaluations.discipline, code, CANARY, at=evaluations.SENT)
    found = await browse(evaluations.discipline).post_form(
        f"/office/influence/{code}", {"reason": "了解情况"}
    )
    assert CANARY in found.text  # the canary sings where it may
    for each, seen in zip(staff, before, strict=True):
        desk = browse(each)
        for page, old in zip(pages, seen, strict=True):
            new = await _seen(desk, page)
            assert CANARY not in new[1]
            assert code not in new[1]
            assert "influence" not in new[1]
            assert new[0] == old[0]
        for address in ("/office/influence", f"/office/influence/{code}"):
            assert (await desk.post_form(address, {"reason": "看看"})).status_code == 403


async def _seen(desk: Any, page: str) -> tuple[int, str]:
    answer = await desk.get(page)
    return answer.status_code, answer.text


async def test_a_scanned_open_window_offers_the_check_in_and_a_covert_one_does_not(
    browse: Callable[..., Any],
) -> None:
    setting = await visits.running_round(covert_percent=50)
    for covert in (False, True):
        actor, task = await visits.one_task(setting, covert=covert)
        await visit_commands.accept(actor, task.code, at=visits.DURING)
        phone = browse(actor)
        scanned = await phone.get(f"/m/scan/{task.window_code}")
        url = f"/m/tasks/{task.code}/check-in"
        if covert:
            assert task.code not in scanned.headers["location"]
            shown = await phone.get(f"/m/tasks/{task.code}", params={"at": task.window_code})
            assert url not in unescape(shown.text)
            refused = await phone.post_form(url, {"window": task.window_code})
            assert refused.status_code == 403
            continue
        plain = await phone.get(f"/m/tasks/{task.code}")
        assert url not in unescape(plain.text)
        offered = await phone.get(scanned.headers["location"])
        assert url in unescape(offered.text)
        done = await phone.post_form(url, {"window": task.window_code})
        assert done.status_code == 303
        assert await tasks.checked_in(task) == evaluations.SENT


async def test_units_and_everybody_read_the_notice_and_nothing_of_any_task(
    browse: Callable[..., Any],
) -> None:
    setting = await visits.running_round(covert_percent=50)
    _, task = await visits.one_task(setting, covert=True)
    desk = browse(people.coordinator)
    url = f"/office/rounds/{setting.round.code}/notice"
    assert (await desk.get(url)).status_code == 200
    fields = {name: getattr(TEXTS, name) for name in NoticeTexts.__struct_fields__}
    assert (await desk.post_form(url, {**fields, "contact": ""})).status_code == 422
    assert (await desk.post_form(url, fields)).status_code == 303
    (found,) = await tasks.notices_at(task.unit_code, at=evaluations.SENT)
    unit = browse(people.liaison(task.unit_code))
    pages = [
        await unit.get("/unit/visits"),
        await browse().get(f"/zh/open-visits/{found.code}"),
        await browse(lang="en").get(f"/en/open-visits/{found.code}"),
    ]
    for page in pages:
        assert page.status_code == 200
        assert all(text in page.text for text in fields.values())
        for code in setting.members:
            for each in await tasks.member_tasks(code, at=evaluations.SENT):
                assert each.code not in page.text
        assert setting.round.code not in page.text
        assert setting.round.draft.title not in page.text
    windows = await browse().get(f"/w/{task.window_code}")
    assert f"/zh/open-visits/{found.code}" in windows.text
    other = browse(people.liaison(visits.NOBODY, 9021))
    assert TEXTS.purpose not in (await other.get("/unit/visits")).text
    taken = await desk.post_form(f"{url}/withdraw", {"notice": found.code, "reason": "改期"})
    assert taken.status_code == 303
    assert TEXTS.purpose not in (await unit.get("/unit/visits")).text


async def test_a_covert_round_has_no_notice_on_any_page(browse: Callable[..., Any]) -> None:
    setting = await visits.running_round(covert_percent=100)
    desk = browse(people.coordinator)
    url = f"/office/rounds/{setting.round.code}/notice"
    fields = dict.fromkeys(NoticeTexts.__struct_fields__, "字")
    assert (await desk.post_form(url, fields)).status_code == 403
    assert 'name="purpose"' not in (await desk.get(url)).text
