"""A member's tasks on the phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus

import pytest

from panel import clock, db
from panel.roster import queries as roster
from panel.visits import commands, queries
from panel.visits.types import RecusalKind, TaskState
from tests import people
from tests.make import visits as make
from tests.web.conftest import Browser

Browse = Callable[..., Browser]


@pytest.fixture(autouse=True)
def during(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """Stand still in the middle of the round; a test may move on."""
    moment = [make.DURING]
    monkeypatch.setattr(clock, "now", lambda: moment[0])
    return moment


async def test_the_list_counts_what_is_to_answer_and_to_do(
    engine: db.Engine, browse: Browse
) -> None:
    setting = await make.running_round()
    actor, task = await make.one_task(setting)
    own = await queries.member_tasks(actor.member, at=make.DURING)
    browser = browse(actor)
    text = (await browser.get("/m/tasks")).text
    assert f"{len(own)}项待答复" in text
    assert task.window_name in text
    await commands.accept(actor, task.code, at=make.DURING)
    assert "1项待完成" in (await browser.get("/m/tasks")).text


async def test_an_empty_list_says_what_will_come(engine: db.Engine, browse: Browse) -> None:
    text = (await browse(people.member(make.NOBODY, 1), lang="en").get("/m/tasks")).text
    assert "You have no task now." in text


async def test_a_covert_title_names_no_place(engine: db.Engine, browse: Browse) -> None:
    setting = await make.running_round(covert_percent=100)
    actor, task = await make.one_task(setting, covert=True)
    browser = browse(actor)
    listed = (await browser.get("/m/tasks")).text
    shown = (await browser.get(f"/m/tasks/{task.code}")).text
    assert task.unit_name not in listed
    assert task.window_name not in listed
    title = shown.partition("<title>")[2].partition("</title>")[0]
    assert task.unit_name not in title
    assert task.window_name in shown


async def test_a_task_is_accepted_and_briefed_by_taps(engine: db.Engine, browse: Browse) -> None:
    setting = await make.running_round()
    actor, task = await make.one_task(setting)
    browser = browse(actor)
    page = await browser.get(f"/m/tasks/{task.code}")
    assert "走访须知" in page.text
    assert "为什么是我" in page.text
    answer = await browser.post_form(f"/m/tasks/{task.code}/accept", {})
    assert answer.status_code == HTTPStatus.SEE_OTHER
    accepted = await browser.get(answer.headers["location"])
    assert f"/m/tasks/{task.code}/sheet" in accepted.text
    again = await browser.post_form(f"/m/tasks/{task.code}/accept", {})
    assert again.status_code == HTTPStatus.CONFLICT
    assert "已经答复过" in again.text
    await browser.post_form(f"/m/tasks/{task.code}/brief", {})
    assert (await queries.task(task.code)).briefed_at == make.DURING


async def test_before_the_first_day_there_is_no_sheet(
    engine: db.Engine, browse: Browse, during: list[datetime]
) -> None:
    setting = await make.running_round()
    actor, task = await make.accepted_task(setting)
    during[0] = make.AT
    assert "/sheet" not in (await browse(actor).get(f"/m/tasks/{task.code}")).text


async def test_declining_asks_first_and_needs_no_reason(engine: db.Engine, browse: Browse) -> None:
    setting = await make.running_round()
    actor, task = await make.one_task(setting)
    browser = browse(actor)
    assert "不能收回" in (await browser.get(f"/m/tasks/{task.code}/decline")).text
    assert (await queries.task(task.code)).state is TaskState.OFFERED
    await browser.post_form(f"/m/tasks/{task.code}/decline", {})
    assert (await queries.task(task.code)).state is TaskState.DECLINED


async def test_one_tap_recuses(engine: db.Engine, browse: Browse) -> None:
    setting = await make.running_round()
    actor, task = await make.one_task(setting)
    browser = browse(actor)
    asked = await browser.get(f"/m/tasks/{task.code}/recuse")
    assert asked.text.count('name="kind"') == len(RecusalKind)
    unknown = await browser.post_form(f"/m/tasks/{task.code}/recuse", {"kind": "mood"})
    assert unknown.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    await browser.post_form(f"/m/tasks/{task.code}/recuse", {"kind": "family"})
    assert (await queries.task(task.code)).state is TaskState.RECUSED


async def test_a_closed_window_keeps_what_was_typed_until_it_is_whole(
    engine: db.Engine, browse: Browse
) -> None:
    setting = await make.running_round()
    actor, task = await make.accepted_task(setting)
    browser = browse(actor)
    url = f"/m/tasks/{task.code}/closed"
    assert (await browser.get(url)).status_code == HTTPStatus.OK
    refused = await browser.post_form(url, {"on": "2027-01-01", "seen": "卷帘门关着"})
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "卷帘门关着" in refused.text
    assert 'aria-invalid="true"' in refused.text
    unreadable = await browser.post_form(url, {"on": "soon", "seen": "卷帘门关着"})
    assert unreadable.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    await browser.post_form(url, {"on": "2026-03-11", "seen": "卷帘门关着"})
    assert (await queries.task(task.code)).state is TaskState.NOT_POSSIBLE


async def test_somebody_elses_task_is_not_found_anywhere(engine: db.Engine, browse: Browse) -> None:
    setting = await make.running_round()
    actor, task = await make.one_task(setting)
    other = next(code for code in setting.members if code != actor.member)
    browser = browse(people.member(other, 700))
    for path in ("", "/decline", "/recuse", "/closed", "/proof.json"):
        found = await browser.get(f"/m/tasks/{task.code}{path}")
        assert found.status_code == HTTPStatus.NOT_FOUND, path
        assert task.unit_name not in found.text
    for path in ("accept", "brief", "decline", "recuse", "closed"):
        fields = {"kind": "family", "on": "2026-03-11", "seen": "x"}
        found = await browser.post_form(f"/m/tasks/{task.code}/{path}", fields)
        assert found.status_code == HTTPStatus.NOT_FOUND, path
    unknown = await browser.get("/m/tasks/0000000000")
    assert unknown.status_code == HTTPStatus.NOT_FOUND


async def test_staff_have_no_member_pages(engine: db.Engine, browse: Browse) -> None:
    setting = await make.running_round()
    _, task = await make.one_task(setting)
    for path in ("/m/tasks", f"/m/tasks/{task.code}"):
        answer = await browse(people.coordinator).get(path)
        assert answer.status_code == HTTPStatus.FORBIDDEN


async def test_a_scan_leads_to_the_own_open_task_and_others_to_the_public_page(
    engine: db.Engine, browse: Browse
) -> None:
    setting = await make.running_round()
    actor, task = await make.one_task(setting)
    browser = browse(actor)
    mine = await browser.get(f"/m/scan/{task.window_code}")
    assert mine.headers["location"] == f"/m/tasks/{task.code}?at={task.window_code}"
    windows = await roster.windows()
    own = {each.window_code for each in await queries.member_tasks(actor.member, at=make.DURING)}
    foreign = next(window.code for window in windows if window.code not in own)
    theirs = await browser.get(f"/m/scan/{foreign}")
    assert theirs.headers["location"] == f"/w/{foreign}"
    assert mine.status_code == theirs.status_code == HTTPStatus.SEE_OTHER
    typed = await browser.get("/m/scan", params={"code": f" {foreign.lower()} "})
    assert typed.headers["location"] == f"/m/scan/{foreign}"
    mistyped = await browser.get("/m/scan", params={"code": "ABC"})
    assert mistyped.status_code == HTTPStatus.NOT_FOUND
    assert (await browser.get("/m/scan")).status_code == HTTPStatus.OK


async def test_a_covert_task_is_not_opened_by_a_scan(engine: db.Engine, browse: Browse) -> None:
    setting = await make.running_round(covert_percent=100)
    actor, task = await make.one_task(setting, covert=True)
    answer = await browse(actor).get(f"/m/scan/{task.window_code}")
    assert answer.headers["location"] == f"/w/{task.window_code}"


async def test_the_proof_holds_the_own_label_only(engine: db.Engine, browse: Browse) -> None:
    setting = await make.running_round()
    actor, task = await make.one_task(setting)
    proof = (await browse(actor).get(f"/m/tasks/{task.code}/proof.json")).json()
    assert proof["label"] == task.visitor
    assert proof["n"] == len(setting.members)


async def test_an_offer_past_its_deadline_is_closed(
    engine: db.Engine, browse: Browse, during: list[datetime]
) -> None:
    setting = await make.running_round()
    actor, task = await make.one_task(setting)
    assert task.answer_by is not None
    during[0] = task.answer_by + timedelta(hours=1)
    answer = await browse(actor).post_form(f"/m/tasks/{task.code}/accept", {})
    assert answer.status_code == HTTPStatus.GONE
