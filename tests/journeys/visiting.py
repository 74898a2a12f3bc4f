"""Second part of the walk: a round from its plan to the last reviewed sheet."""

from __future__ import annotations

import datetime as dt

from playwright.async_api import expect

from panel.accounts import queries as accounts
from panel.evaluations import commands as evaluations
from panel.members import queries as members
from panel.roster import queries as places
from panel.visits import commands as visits
from panel.visits import queries as tasks
from panel.visits.types import TaskState
from panel.workdays import SHANGHAI
from tests.journeys.forms import answer
from tests.journeys.recruiting import UNITS
from tests.journeys.walk import Walk
from tests.make import evaluations as sheets
from tests.make.accounts import PIN


async def plan(walk: Walk) -> None:
    """Plan a round; another person approves; commit and draw."""
    await walk.town.sign_in(walk.desk, "coordinator")
    await walk.desk.go("/office/rounds/new")
    await walk.desk.look("31-round-new")
    today = walk.town.now().astimezone(SHANGHAI).date()
    await walk.desk.type(
        title="第一轮走访评议",
        title_en="First round",
        theme="窗口服务作风",
        register_number="计划〔2026〕1号",
        disclosure="今年开展走访和暗访，结果用于改进服务。",
        disclosed_on=(today - dt.timedelta(days=20)).isoformat(),
    )
    for group in ("enforcement", "utility", "office"):
        await walk.desk.choose("groups", group)  # ticked by default: this takes it out
    await walk.desk.press("Save the plan")
    walk.round = walk.desk.path.rpartition("/")[2]
    await walk.town.sign_in(walk.desk, "approver")
    await walk.desk.go(f"/office/rounds/{walk.round}")
    await walk.desk.look("32-round-planned")
    await walk.desk.press("Approve the plan")
    await walk.town.sign_in(walk.desk, "coordinator")
    await walk.desk.go(f"/office/rounds/{walk.round}")
    await walk.desk.press("Commit to the draw")
    walk.town.wait(hours=1)  # sooner a draw needs two witnesses
    await walk.town.sign_in(walk.desk, "coordinator")
    await walk.desk.go(f"/office/rounds/{walk.round}")
    await walk.desk.press("Draw and offer the tasks")
    await walk.desk.look("33-round-drawn")


async def accept(walk: Walk) -> None:
    """Sign in with card and PIN, read the task and its ways out, accept it."""
    walk.town.wait(hours=1)
    await walk.phone.go("/m/tasks")
    assert walk.phone.path == "/m/sign-in"
    await walk.phone.look("34-member-sign-in")
    await walk.phone.type(number=walk.card, pin=PIN)
    await walk.phone.press("Sign in")
    await walk.phone.look("35-tasks")
    async with walk.phone.page.expect_navigation():
        await walk.phone.page.locator("main .cardlist a").first.click()
    walk.task = walk.phone.path
    await walk.phone.look("36-task-offered")
    for number, way in enumerate(("decline", "recuse"), start=37):
        await walk.phone.go(f"{walk.task}/{way}")
        await walk.phone.look(f"{number}-{way}")
    await walk.phone.go(walk.task)
    await walk.phone.press("Accept")
    await walk.phone.press("Read and agreed")
    await walk.phone.look("39-task-accepted")
    await walk.phone.go(f"{walk.task}/closed")
    await walk.phone.look("40-closed")


async def others_accept(walk: Walk) -> None:
    """Let the other members accept, as their pages would."""
    for member in await members.serving(walk.town.now()):
        actor = await accounts.actor_of_member(member.code)
        for task in await tasks.member_tasks(member.code, at=walk.town.now()):
            if task.state is TaskState.OFFERED:
                await visits.accept(actor, task.code, at=walk.town.now())


async def fill_in(walk: Walk) -> None:
    """Fill in the sheet question by question; it saves itself; check it and send it."""
    walk.town.wait(days=10)
    await walk.phone.go(f"/m/sign-in?next={walk.task}/sheet")
    await walk.phone.type(number=walk.card, pin=PIN)
    await walk.phone.press("Sign in")
    assert walk.phone.path == f"{walk.task}/sheet"
    await walk.phone.look("41-sheet")
    await answer(walk.phone, low="A1", reason="门口有三级台阶，没有坡道。")
    await walk.phone.saved()
    await walk.phone.look("42-sheet-filled")
    await walk.phone.press("Check answers")
    await walk.phone.look("43-check")
    await walk.phone.choose("declared")
    await walk.phone.press("Send the sheet")
    await walk.phone.hear("Your sheet has arrived")
    await walk.phone.look("44-receipt")


async def others_send(walk: Walk) -> None:
    """Let the other members send their sheets: the first unit is the best."""
    order = [unit.code for unit in await places.units()]
    now = walk.town.now()
    for member in await members.serving(now):
        actor = await accounts.actor_of_member(member.code)
        for task in await tasks.member_tasks(member.code, at=now):
            if task.state is not TaskState.ACCEPTED:
                continue
            value = (4, 2, 0)[order.index(task.unit_code)]
            await evaluations.submit(
                actor,
                task.code,
                sheets.answers(
                    await sheets.form_of(task),
                    value,
                    on=now.astimezone(SHANGHAI).date(),
                    B2=max(0, value - 1),
                ),
                sheets.key(task.id),
                filled_at=now,
                at=now,
            )


async def review(walk: Walk) -> None:
    """Send one sheet back, see it again, then accept all of them by keyboard alone."""
    receipt = walk.phone.path.rpartition("/")[2]
    await walk.town.sign_in(walk.desk, "reviewer1")
    await walk.desk.look("45-office-reviewer")
    await walk.desk.go(f"/office/review/{receipt}")
    await walk.desk.look("46-review")
    await walk.desk.page.keyboard.press("b")
    await walk.desk.type(reason="请写明等候了多久。")
    await walk.desk.press("Send back to the visitor")
    await walk.phone.go(walk.task)
    await walk.phone.look("47-task-returned")
    await walk.phone.follow("Go on with the sheet")
    await walk.phone.type(minutes__C1__waited="25")
    await walk.phone.press("Check answers")
    await walk.phone.choose("declared")
    await walk.phone.press("Send the sheet")
    await walk.phone.look("48-receipt-second")
    await walk.desk.go(f"/office/review/{walk.phone.path.rpartition('/')[2]}")
    await walk.desk.look("49-review-second")
    await walk.desk.go("/office/review")
    seen = 0
    while await walk.desk.page.locator('main [data-key="a"]').count():
        await walk.desk.page.evaluate("document.querySelector('main h1').dataset.seen = ''")
        await walk.desk.page.keyboard.press("a")
        await expect(walk.desk.page.locator("main h1:not([data-seen])")).to_be_visible()
        await walk.desk.page.wait_for_load_state()
        seen += 1
    assert seen >= UNITS * 5  # and the blind double visits
    await walk.desk.hear(
        "No sheet waits for you. Sheets of rounds that you assigned go to somebody else."
    )
    await walk.desk.look("50-review-empty")
