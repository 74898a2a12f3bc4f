"""Last part of the walk: ranking, hearing, publication, rectification."""

from __future__ import annotations

import datetime as dt
import re

from panel.demo import cast
from panel.ids import Code
from panel.rankings import queries as rankings
from panel.roster import queries as places
from panel.visits import queries as tasks
from tests.journeys.recruiting import UNITS
from tests.journeys.walk import Walk
from tests.make.accounts import code_of


async def rank(walk: Walk) -> None:
    """Close the round after its grace, compute, tell the units."""
    view = await tasks.round(Code(walk.round))
    walk.town.wait_until(view.closes_at + dt.timedelta(hours=1))
    await walk.town.sign_in(walk.desk, "coordinator")
    await walk.desk.go(f"/office/rounds/{walk.round}")
    await walk.desk.press("Close the round")
    await walk.desk.look("51-round-closed")
    await walk.desk.go(f"/office/rankings/{walk.round}")
    await walk.desk.look("52-ranking-due")
    await walk.desk.press("Compute the ranking")
    await walk.desk.look("53-ranking-computed")
    await walk.desk.page.locator('main a[href*="/lists/"]').first.click()
    await walk.desk.look("54-ranking-draft")
    await walk.desk.go(f"/office/rankings/{walk.round}")
    await walk.desk.press("Show each unit its line")


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
    """See the own line only, answer, have a reply, wait until the hearing is over."""
    await invite(walk, "liaison-last")
    assert walk.desk.path == "/unit"
    await walk.desk.look("58-unit-line")
    said = await walk.desk.page.locator("main").inner_text()
    others = [unit.name for unit in (await places.units())[:-1]]
    assert not [name for name in others if name in said]
    await walk.desk.type(text="大厅正在改造，坡道六月完工。")
    await walk.desk.press("Send the answer")
    await walk.desk.look("59-unit-answered")
    await walk.town.sign_in(walk.desk, "coordinator")
    await walk.desk.go(f"/office/rankings/{walk.round}")
    await walk.desk.look("60-ranking-answer")
    await walk.desk.type(reply="已记录，请在整改方案中写明工期。")
    await walk.desk.choose("shown")
    await walk.desk.press("Send the reply")
    await walk.desk.look("61-ranking-hearing")
    assert not await walk.desk.page.get_by_role(
        "button", name=walk.desk.words("Publish the ranking")
    ).count()
    view = await rankings.ranking(Code(walk.round))
    assert view.answer_by is not None
    walk.town.wait_until(view.answer_by + dt.timedelta(hours=1))


async def publish(walk: Walk) -> None:
    """Publish as a second person; everybody reads it."""
    await walk.town.sign_in(walk.desk, "publisher")
    await walk.desk.go(f"/office/rankings/{walk.round}")
    await walk.desk.look("62-ranking-publish")
    await walk.desk.press("Publish the ranking")
    await walk.town.work()
    await walk.desk.go(f"/office/rankings/{walk.round}")
    await walk.desk.look("63-ranking-published")
    await walk.phone.go("/rankings")
    await walk.phone.look("64-rankings")
    await walk.phone.follow("All units of the group")
    await walk.phone.look("65-ranking-units")
    await walk.phone.narrow("65-ranking-units")
    links = walk.phone.page.locator('main a[href*="unit/"]')
    await walk.phone.page.goto(await links.last.evaluate("one => one.href"))
    await walk.phone.look("66-ranking-unit")
    await walk.phone.narrow("66-ranking-unit")
    await walk.phone.go("/zh/rankings")
    await walk.phone.follow("All windows of the group")
    await walk.phone.look("67-ranking-windows")


async def rectify(walk: Walk) -> None:
    """Acknowledge the order; the office sees the year's lines; the history holds."""
    await walk.town.sign_in(walk.desk, "coordinator")
    await walk.desk.go("/office/assessments")
    await walk.desk.look("68-assessments")
    await walk.desk.go("/office/audit")
    await walk.desk.look("69-history")
    await walk.town.sign_in(walk.desk, "liaison-last", key=walk.key)
    await walk.desk.go("/unit/orders")
    await walk.desk.look("70-order")
    await walk.desk.press("Acknowledge receipt")
    await walk.desk.look("71-order-acknowledged")
