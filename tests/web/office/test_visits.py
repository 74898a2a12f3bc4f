"""Rounds at the office's desk."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

import pytest

from panel import clock, db
from panel.ids import Code
from panel.members import queries as members
from panel.visits import commands, queries
from panel.visits.tables import Task
from panel.visits.types import RoundState
from tests import people
from tests.make import visits as make
from tests.web.conftest import Browser

Browse = Callable[..., Browser]
PLAN = {
    "title": "第一轮走访",
    "theme": "窗口作风",
    "groups": ["service", "enforcement", "utility"],
    "covert_percent": "50",
    "visits_per_window": "2",
    "visits_per_unit": "2",
    "starts": "2026-03-09",
    "ends": "2026-04-12",
    "due_hours": "48",
    "legal_basis": "群众监督评议办法",
    "register_number": "计划〔2026〕1号",
    "max_tasks": "4",
    "disclosure": "今年开展走访和暗访，结果用于改进服务。",
    "disclosed_on": "2026-02-20",
    "source": "witnessed",
}
WITNESSES = {"first": "市纪委监委", "second": "市公证处", "document": "记录〔2026〕1号"}


@pytest.fixture(autouse=True)
def _standing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: make.AT)


async def planned(browser: Browser) -> Code:
    """Plan a round on the page and return its code."""
    answer = await browser.post_form("/office/rounds", PLAN)
    assert answer.status_code == HTTPStatus.SEE_OTHER
    return Code(answer.headers["location"].rpartition("/")[2].partition("?")[0])


async def test_a_round_goes_from_plan_to_draw_by_pages(engine: db.Engine, browse: Browse) -> None:
    await make.city()
    author, second = browse(people.coordinator), browse(people.second)
    assert (await author.get("/office/rounds")).status_code == HTTPStatus.OK
    assert (await author.get("/office/rounds/new")).status_code == HTTPStatus.OK
    code = await planned(author)
    url = f"/office/rounds/{code}"
    draft = (await author.get(url)).text
    assert "12项任务，12名合格监督员" in draft
    assert draft.count("<svg") >= 2
    own = await author.post_form(f"{url}/approve", {})
    assert own.status_code == HTTPStatus.FORBIDDEN
    for browser, step in ((second, "approve"), (author, "commit"), (author, "draw")):
        answer = await browser.post_form(f"{url}/{step}", WITNESSES if step == "draw" else {})
        assert answer.status_code == HTTPStatus.SEE_OTHER, step
        assert (await author.get(answer.headers["location"])).status_code == HTTPStatus.OK
    assert (await queries.round(code)).state is RoundState.RUNNING
    again = await author.post_form(f"{url}/draw", WITNESSES)
    assert again.status_code == HTTPStatus.CONFLICT
    running = (await author.get(url, params={"said": "round_drawn"})).text
    assert "抽取完成" in running
    assert "远距离走访" in running
    early = await author.post_form(f"{url}/close", {})
    assert early.status_code == HTTPStatus.CONFLICT
    for path in ("/office/rounds", f"{url}/coverage?group=utility", f"{url}/tasks?state=offered"):
        assert (await author.get(path)).status_code == HTTPStatus.OK


async def test_a_faulty_plan_keeps_what_was_typed(engine: db.Engine, browse: Browse) -> None:
    await make.city()
    browser = browse(people.coordinator, lang="en")
    refused = await browser.post_form("/office/rounds", {**PLAN, "legal_basis": "", "groups": []})
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Enter the legal basis." in refused.text
    assert "第一轮走访" in refused.text
    unreadable = await browser.post_form("/office/rounds", {**PLAN, "max_tasks": "many"})
    assert unreadable.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert await queries.rounds() == []


async def test_a_plan_is_changed_until_it_is_approved(engine: db.Engine, browse: Browse) -> None:
    await make.city()
    browser = browse(people.coordinator)
    code = await planned(browser)
    form = (await browser.get(f"/office/rounds/{code}/edit")).text
    assert "2026-04-12" in form
    await browser.post_form(f"/office/rounds/{code}", {**PLAN, "title": "第二稿"})
    assert (await queries.round(code)).draft.title == "第二稿"
    await commands.approve(people.second, code, at=make.AT)
    late = await browser.get(f"/office/rounds/{code}/edit")
    assert late.status_code == HTTPStatus.CONFLICT


async def test_a_refused_approval_names_the_group_and_what_is_missing(
    engine: db.Engine, browse: Browse
) -> None:
    await make.city()
    browser = browse(people.coordinator)
    answer = await browser.post_form("/office/rounds", {**PLAN, "visits_per_window": "1"})
    url = answer.headers["location"].partition("?")[0]
    refused = await browse(people.second).post_form(f"{url}/approve", {})
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "公用事业类：单点仅1次，至少需要2次" in refused.text


async def test_a_signature_on_paper_needs_all_its_parts(engine: db.Engine, browse: Browse) -> None:
    await make.city()
    browser = browse(people.coordinator)
    url = f"/office/rounds/{await planned(browser)}"
    half = await browser.post_form(f"{url}/approve", {"paper": "yes", "paper_document": "批1号"})
    assert half.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "批1号" in half.text
    whole = await browser.post_form(
        f"{url}/approve",
        {
            "paper": "yes", "paper_document": "批1号", "paper_signer": "示例",
            "paper_date": "2026-03-07",
        },
        files={"paper_scan": ("scan.pdf", b"%PDF-1.4", "application/pdf")},
    )  # fmt: skip
    assert whole.status_code == HTTPStatus.SEE_OTHER


async def test_more_tasks_than_room_are_shown_and_refused(
    engine: db.Engine, browse: Browse
) -> None:
    await make.city(members_count=2)
    browser = browse(people.coordinator)
    url = f"/office/rounds/{await planned(browser)}"
    assert "超出承载量" in (await browser.get(url)).text
    refused = await browse(people.second).post_form(f"{url}/approve", {})
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


async def test_an_auditor_reads_and_changes_nothing(engine: db.Engine, browse: Browse) -> None:
    await make.city()
    code = await planned(browse(people.coordinator))
    auditor = browse(people.auditor)
    assert (await auditor.get(f"/office/rounds/{code}")).status_code == HTTPStatus.OK
    for step in ("approve", "commit", "draw", "close"):
        answer = await auditor.post_form(f"/office/rounds/{code}/{step}", {})
        assert answer.status_code == HTTPStatus.FORBIDDEN


async def pages_of(browser: Browser, code: Code) -> dict[str, str]:
    """Return every office page that tells of a round and its tasks."""
    view = await queries.round(code)
    url = f"/office/rounds/{code}"
    paths = ["/office/rounds", url, f"{url}/tasks", f"{url}/coverage", f"{url}/draw.json"]
    paths += [f"/office/tasks/{task.code}" for task in await queries.round_tasks(view.id)]
    return {path: (await browser.get(path)).text for path in paths}


async def test_no_office_page_names_a_visitor(engine: db.Engine, browse: Browse) -> None:
    setting = await make.running_round(covert_percent=50)
    browser = browse(people.coordinator)
    people_of = [await members.member(code) for code in setting.members]
    needles = {each.code for each in people_of}
    for path, text in (await pages_of(browser, setting.round.code)).items():
        assert not [each for each in needles if each in text], path
    # The check sees what it looks for: a planted code is found.
    (task, *_) = await queries.round_tasks(setting.round.id)
    await Task.update({Task.note: setting.members[0]}).where(Task.id == task.id)
    found = await pages_of(browser, setting.round.code)
    assert setting.members[0] in found[f"/office/tasks/{task.code}"]


async def test_a_reviewer_sees_a_covert_task_only_when_its_sheet_is_in(
    engine: db.Engine, browse: Browse
) -> None:
    setting = await make.running_round(covert_percent=100)
    actor, task = await make.one_task(setting, covert=True)
    reviewer = browse(people.reviewer)
    url = f"/office/rounds/{setting.round.code}"
    for path in (f"/office/tasks/{task.code}", f"{url}/tasks", f"{url}/coverage"):
        assert (await reviewer.get(path)).status_code == HTTPStatus.FORBIDDEN, path
    shown = await reviewer.get(url)
    assert shown.status_code == HTTPStatus.OK
    assert f"{url}/tasks" not in shown.text
    await commands.accept(actor, task.code, at=make.DURING)
    await commands.complete(await queries.task(task.code), at=make.DURING)
    assert (await reviewer.get(f"/office/tasks/{task.code}")).status_code == HTTPStatus.OK
    clerk = await browse(people.clerk_a).get(f"/office/tasks/{task.code}")
    assert clerk.status_code == HTTPStatus.FORBIDDEN


async def test_a_covert_record_holds_hashes_only(engine: db.Engine, browse: Browse) -> None:
    setting = await make.running_round(covert_percent=50)
    record = (
        await browse(people.coordinator).get(f"/office/rounds/{setting.round.code}/draw.json")
    ).json()
    assert "result" not in record
    assert record["record_hash"] == setting.round.record_hash
