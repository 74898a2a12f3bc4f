"""From complaint numbers to a covert visit: a coordinator's desk, a member's phone, the others."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from panel.demo.stories import PIN, Ending
from panel.ids import Code
from panel.members import queries as members
from panel.roster import queries as roster
from panel.visits import queries as visits
from panel.visits.types import TaskState, TaskView
from panel.workdays import SHANGHAI
from tests.journeys import cities
from tests.journeys.browser import DESK, Person, person
from tests.journeys.town import Town

FOLDER = "targeting"
TOLD = "大厅取号机停用，没有告示，办事群众不知道在哪里取号。"


class Scene(NamedTuple):
    """A city with its ending, and who walks in it."""

    town: Town
    ending: Ending
    desk: Person
    phone: Person


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def scene(
    chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Scene]:
    """Serve the city of a round; somebody sits at a desk, somebody has a phone."""
    city = await cities.played("round", tmp_path_factory)
    async with cities.lived_in(city) as town:
        desk = await person(chromium, town.base, FOLDER, DESK)
        phone = await person(chromium, town.base, FOLDER)
        yield Scene(town, city.ending, desk, phone)


async def test_complaints_lead_by_lot_to_a_visit_that_nobody_foresees(scene: Scene) -> None:
    code, name = await _plan(scene)
    await _approve_and_draw(scene, code, name)
    await _look_once(scene, code, name)
    member, task = await _drawn(scene, code)
    await _go_there(scene, await cities.card_of(member, scene.town), task)
    for each in (scene.desk, scene.phone):
        each.satisfied()


async def _plan(scene: Scene) -> tuple[Code, str]:
    """Enter a unit's numbers, take the suggestion up."""
    town, desk = scene.town, scene.desk
    busy = (await visits.round(scene.ending.targeted)).draft.targets
    unit = next(
        each
        for each in await roster.units()
        if each.windows and each.active and each.code not in busy
    )
    await town.sign_in(desk, "coordinator")
    await desk.go("/office/targeting")
    await desk.look("01-targeting")
    await desk.page.locator("main summary").first.click()
    await desk.type(unit=unit.code, received="9", upheld="6", transactions="5000")
    await desk.press("Save the figures")
    today = town.now().astimezone(SHANGHAI).date()
    await desk.choose("units", unit.code)
    await desk.type(
        theme="投诉集中的办事窗口",
        covert_percent="100",
        register_number="JN-2026-021",
        disclosure="本年度将以明察、暗访方式走访各服务窗口，具体时间不预告。",
        disclosed_on=(today - dt.timedelta(days=60)).isoformat(),
    )
    await desk.press("Confirm and plan")
    await desk.hear(unit.name)
    return Code(desk.path.rpartition("/")[2]), unit.name


async def _approve_and_draw(scene: Scene, code: Code, name: str) -> None:
    """Let a second person approve; commit, wait an hour, draw; the public may check it."""
    town, desk, page = scene.town, scene.desk, f"/office/rounds/{code}"
    await town.sign_in(desk, "approver")
    await desk.go(page)
    await desk.look("02-approval")
    await desk.press("Approve the plan")
    await town.sign_in(desk, "coordinator")
    await desk.go(page)
    await desk.press("Commit to the draw")
    town.wait(hours=1)
    await town.sign_in(desk, "coordinator")
    await desk.go(page)
    await desk.press("Draw and offer the tasks")
    await desk.look("03-drawn")
    phone = scene.phone
    await phone.go(f"/zh/rounds/{code}")
    assert name not in await phone.page.content()
    await phone.look("04-round-public")
    await phone.follow("How the visitors were drawn, and how to check it")
    await phone.hear("While covert visits go on, only fingerprints are public. Code and seed follow"
                     " when the round is closed.")  # fmt: skip
    await phone.look("05-draw-public")
    await phone.narrow("05-draw-public")


async def _look_once(scene: Scene, code: Code, name: str) -> None:
    """See places only after a reason, which the auditor reads."""
    town, desk = scene.town, scene.desk
    await desk.go(f"/office/rounds/{code}/tasks")
    await desk.look("06-tasks-hidden")
    assert name not in await desk.page.locator("main").inner_text()
    await desk.follow("Show covert visits to come")
    await desk.look("07-look")
    await desk.type(reason="核对走访路线")
    await desk.press("Show them")
    await desk.hear(name)
    await desk.look("08-tasks-shown", langs=("zh",))
    await town.sign_in(desk, "auditor")
    await desk.go("/office/looks")
    await desk.hear("核对走访路线")
    await desk.look("09-looks")


async def _drawn(scene: Scene, code: Code) -> tuple[Code, TaskView]:
    """Return a member whom chance sent on a covert visit of the round."""
    at = scene.town.now()
    for member in await members.serving(at):
        for task in await visits.member_tasks(member.code, at=at):
            if task.round_code == code and task.covert and task.state is TaskState.OFFERED:
                return member.code, task
    raise AssertionError(code)


async def _go_there(scene: Scene, card: str, task: TaskView) -> None:
    """Accept without knowing the place, learn it in time, be recognised there."""
    town, phone, page = scene.town, scene.phone, f"/m/tasks/{task.code}"
    assert task.hidden
    real = await visits.task(task.code)
    await _sign_in(phone, card, "/m/tasks")
    await phone.look("10-tasks")
    await phone.narrow("10-tasks")
    await phone.go(page)
    await phone.hear(task.district)
    assert real.unit_name not in await phone.page.content()
    await phone.look("11-task-hidden")
    await phone.narrow("11-task-hidden")
    await phone.press("Accept")
    town.wait_until(real.opens_at + dt.timedelta(hours=9))
    await _sign_in(phone, card, page)
    await phone.hear(real.unit_name)
    assert real.unit_name not in await phone.page.title()
    await phone.look("12-task-shown")
    await phone.press("Read and agreed")
    await phone.follow("I was recognised")
    await phone.look("13-recognised")
    await phone.narrow("13-recognised")
    await phone.press("Yes, I was recognised")
    await phone.hear("visit.mode.open")
    assert not (await visits.task(task.code)).covert


async def _sign_in(phone: Person, card: str, page: str) -> None:
    await phone.go(f"/m/sign-in?next={page}")
    await phone.type(number=card, pin=PIN)
    await phone.press("Sign in")
    assert phone.path == page


async def test_a_member_reports_and_is_answered(chromium: Browser, scene: Scene) -> None:
    town, desk = scene.town, scene.desk
    phone = await person(chromium, town.base, FOLDER)
    await _sign_in(phone, scene.ending.card_number, "/m/leads")
    await phone.follow("Report a problem")
    await phone.look("20-lead-new")
    await phone.narrow("20-lead-new")
    today = town.now().astimezone(SHANGHAI).date().isoformat()
    await phone.page.locator('main select[name="unit"]').select_option(index=1)
    await phone.type(seen_on=today, text=TOLD)
    await phone.press("Send")
    await phone.hear(TOLD)
    await phone.look("21-lead")
    lead = phone.path.rpartition("/")[2]
    await _influenced(scene, phone)
    await town.sign_in(desk, "coordinator")
    await desk.go("/office/leads")
    await desk.look("24-leads")
    await desk.go(f"/office/leads/{lead}")
    await desk.press("Look into it")
    await desk.look("25-lead-office")
    await desk.type(answer="已督促大厅张贴告示，取号机本周修复。")
    await desk.press("Answer the member")
    await _sign_in(phone, scene.ending.card_number, f"/m/leads/{lead}")
    await phone.hear("已督促大厅张贴告示，取号机本周修复。")
    await phone.follow("What I reported")
    await phone.hear("已转办，谢谢。")
    await phone.look("26-leads-answered")
    await phone.narrow("26-leads-answered")
    for each in (desk, phone):
        each.satisfied()


async def _influenced(scene: Scene, phone: Person) -> None:
    """Tell the discipline office with one tap from a task; a coordinator may not even look."""
    town, desk = scene.town, scene.desk
    await phone.go("/m/tasks")
    async with phone.page.expect_navigation():
        await phone.page.locator("main .cardlist a").first.click()
    await phone.follow("Somebody tried to influence me")
    await phone.look("22-influence")
    await phone.narrow("22-influence")
    await phone.press("influence.kind.asked")
    await phone.hear("influence.kind.asked")
    await town.sign_in(desk, "coordinator")
    refused = await desk.page.goto(f"{town.base}/office/influence")
    assert refused is not None
    assert refused.status == 403
    desk.forgive("403")
    await town.sign_in(desk, "independent")
    await desk.go("/office/influence")
    await desk.look("23-influence-office")
    await desk.field("reason").first.fill("核查")
    await desk.press("Open")
    await desk.look("23-influence-open", langs=("zh",))
    await desk.type(answer="已转办，谢谢。")
    await desk.press("Answer and close")


async def test_a_members_own_pages_are_whole(chromium: Browser, scene: Scene) -> None:
    phone = await person(chromium, scene.town.base, FOLDER)
    await _sign_in(phone, scene.ending.card_number, "/m/me")
    await phone.go("/m/me/reminders")
    await phone.look("30-reminders")
    await phone.narrow("30-reminders")
    await phone.choose("channel", "call")
    await phone.press("Keep this")
    await phone.go("/m/me/reminders")
    assert await phone.chosen("channel") == "call"
    for name, path, told in (
        ("31-feedback", "/m/feedback", "Sheets that counted"),
        ("32-outbox", "/m/outbox", "Nothing waits on this phone."),
        ("33-scan", "/m/scan", "Take a photo of the symbol"),
        ("34-claims", "/m/claims", "Take another visit"),
    ):
        await phone.go(path)
        await phone.hear(told)
        await phone.look(name)
        await phone.narrow(name)
    await phone.go("/m/outbox")
    await phone.open(phone.page.locator("main .cardlist a"))
    await phone.hear("Your sheet has arrived")
    await phone.look("35-receipt")
    phone.satisfied()
