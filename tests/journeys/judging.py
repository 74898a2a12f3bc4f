"""Part of the walk: the ranking, computed, recounted, told; its units hear and are heard."""

from __future__ import annotations

import datetime as dt
import re

from panel.demo import cast
from panel.ids import Code
from panel.members import queries as members
from panel.roster import queries as places
from panel.visits import queries as tasks
from tests.journeys.recruiting import UNITS
from tests.journeys.walk import Walk
from tests.make.accounts import code_of

LIAISON = "liaison-last"
GROUNDS = "窗口当日停电，取号机停用，请核对评议表。"
REASONS = "经核对，各份评议表记录一致，未发现应作废的情形。"


async def rank(walk: Walk) -> None:
    """Close the round after its grace and compute; a second person recounts; tell the units."""
    view = await tasks.round(Code(walk.round))
    walk.town.wait_until(view.closes_at + dt.timedelta(hours=1))
    await walk.town.sign_in(walk.desk, "coordinator")
    await walk.desk.go(f"/office/rounds/{walk.round}")
    await walk.desk.press("Close the round")
    await walk.desk.look("51-round-closed")
    await walk.desk.go(f"/office/rankings/{walk.round}")
    await walk.desk.look("52-ranking-due", langs=("zh",))
    await walk.desk.press("Compute the ranking")
    await walk.desk.hear("The recount waits for another person than who computed the lists.")
    await walk.desk.look("53-ranking-computed")
    await walk.desk.open(walk.desk.page.locator('main a[href*="/lists/"]'))
    await walk.desk.look("54-ranking-draft")
    await walk.at_ranking("approver")
    await walk.desk.press("Recount the lists")
    await walk.desk.press("Show each unit its line")
    await walk.desk.look("54-ranking-told")


async def invite(walk: Walk, login: str) -> None:
    """Let the administrator invite the last unit's liaison, who sets the account up."""
    unit = (await places.units())[-1]
    await walk.town.sign_in(walk.desk, "admin")
    await walk.desk.look("55-accounts")
    await walk.desk.go("/admin/accounts/new")
    await walk.desk.look("56-invite")
    await walk.desk.type(
        login=login, name=f"联络{UNITS}", phone="13900000099", office=unit.name, unit=unit.code
    )
    await walk.desk.choose("roles", "liaison")
    await walk.desk.press("Make the invitation")
    link = await walk.desk.page.locator("main .card.mono").inner_text()
    await walk.desk.go(link.removeprefix(walk.town.base))
    await walk.desk.look("57-invitation")
    await walk.desk.type(password=cast.PASSWORD, password_again=cast.PASSWORD)
    await walk.desk.press("Continue")
    walk.key = re.sub(r"\s", "", await walk.desk.page.locator("main li .mono").inner_text())
    await walk.desk.type(totp=code_of(walk.key, walk.town.now()))
    await walk.desk.press("Finish")


async def hear(walk: Walk) -> None:
    """Sign for the own line, read why it stands there and no other's, answer, appeal."""
    await invite(walk, LIAISON)
    assert walk.desk.path == "/unit"
    await walk.desk.hear("Where the score comes from")
    await walk.desk.look("58-unit-line")
    said = await walk.desk.page.locator("main").inner_text()
    others = [unit.name for unit in (await places.units())[:-1]]
    assert not [name for name in others if name in said]
    await walk.desk.press("Acknowledge receipt")
    await walk.desk.type(text="大厅正在改造，坡道六月完工。")
    await walk.desk.press("Send the answer")
    await walk.desk.look("59-unit-answered")
    await walk.desk.follow("Appeal against the result")
    await walk.desk.look("59-unit-appeal")
    await walk.desk.choose("ground", "fact")
    await walk.desk.type(statement=GROUNDS, leader="局长", document="申〔2026〕1号")
    await walk.desk.press("File the appeal")
    walk.appeal = walk.desk.path.rpartition("/")[2]


async def reply(walk: Walk) -> None:
    """Answer the unit; admit its appeal, which another person decides."""
    await walk.at_ranking("coordinator")
    await walk.desk.look("60-ranking-answer")
    await walk.desk.type(reply="已记录，请在整改方案中写明工期。")
    await walk.desk.choose("shown")
    await walk.desk.choose("screened")
    await walk.desk.press("Send the reply")
    await walk.desk.look("61-ranking-hearing")
    assert not await walk.desk.page.get_by_role(
        "button", name=walk.desk.words("Begin the public notice")
    ).count()
    await walk.desk.go(f"/office/rankings/{walk.round}/deliveries")
    await walk.desk.look("61-deliveries")
    await walk.desk.go(f"/office/appeals/{walk.appeal}")
    await walk.desk.press("Confirm that it came in")
    await walk.desk.press("Admit the appeal")
    assert not await walk.desk.field("outcome").count()


async def decide(walk: Walk) -> None:
    """Decide the appeal from the record, which tells nobody who came; the unit reads why."""
    await walk.town.sign_in(walk.desk, "independent")
    await walk.desk.look("61-independent", langs=("zh",))
    await walk.desk.go("/office/appeals")
    await walk.desk.look("61-appeals")
    await walk.desk.go(f"/office/appeals/{walk.appeal}")
    await walk.desk.press("Take the appeal")
    await walk.desk.press("Open the record")
    await walk.desk.look("61-appeal-record")
    assert await walk.desk.field("sheets").count() >= 5
    said = await walk.desk.page.content()
    serving = await members.serving(walk.town.now())
    assert not [each.code for each in serving if each.code in said], "the record names visitors"
    assert "门口有三级台阶" not in said, "the record shows a visitor's words"
    await walk.desk.choose("outcome", "rejected")
    await walk.desk.type(reasons=REASONS)
    for box in await walk.desk.field("checked").all():
        await box.check()
    await walk.desk.press("Decide the appeal")
    await walk.desk.hear(REASONS)
    await walk.town.sign_in(walk.desk, LIAISON, key=walk.key)
    await walk.desk.go(f"/unit/appeals/{walk.appeal}")
    await walk.desk.hear(REASONS)
    await walk.desk.look("61-unit-decided")


async def rectify(walk: Walk) -> None:
    """Sign for the order, say why, plan each item; the office approves; the history holds."""
    await walk.town.sign_in(walk.desk, LIAISON, key=walk.key)
    await walk.desk.go("/unit/orders")
    await walk.desk.open(walk.desk.page.locator("main .cardlist a"))
    await walk.desk.look("68-order")
    await walk.desk.press("Acknowledge receipt")
    order = walk.desk.path
    await walk.desk.type(cause="一次性告知清单没有更新，窗口人员没有培训。")
    await walk.desk.press("File the analysis")
    await _plan(walk, order)
    await walk.town.sign_in(walk.desk, "coordinator")
    await walk.desk.go(f"/office/orders/{order.rpartition('/')[2]}")
    await walk.desk.look("69-order-plan")
    await walk.desk.press("Approve the rectification plan")
    await walk.desk.go("/office/audit")
    await walk.desk.look("69-history")
    await walk.phone.go("/zh/outcomes")
    await walk.phone.look("70-outcomes")
    await walk.phone.open(walk.phone.page.locator("main .cardlist a"))
    await walk.phone.look("71-outcome")


async def _plan(walk: Walk, order: str) -> None:
    """Plan every item that is to be closed, then file the plan."""
    day = (walk.town.now() + dt.timedelta(days=5)).date().isoformat()
    await walk.desk.follow("Add an item")
    await walk.desk.type(text="无障碍通道", measure="修建坡道并设置扶手。", owner="办公室", due=day)
    await walk.desk.press("Save")
    for link in await walk.desk.page.locator('main a[href*="/items/"]').evaluate_all(
        "all => [...new Set(all.map(one => one.pathname))].filter(one => !one.endsWith('/0'))"
    ):
        await walk.desk.go(link)
        await walk.desk.type(measure="更新清单，张贴在窗口。", owner="窗口科", due=day)
        await walk.desk.press("Save")
    await walk.desk.go(order)
    await walk.desk.type(leader="分管副局长", department="政务服务科", person="窗口负责人")
    await walk.desk.press("File the plan")
    await walk.desk.look("68-order-planned")
