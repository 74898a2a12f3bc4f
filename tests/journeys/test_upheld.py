"""An appeal that is upheld: decided on the record, carried out by others, told again, public."""

from __future__ import annotations

import datetime as dt

from playwright.async_api import Browser

from panel.demo import cast
from panel.ids import Code
from panel.rankings import queries as rankings
from tests.journeys.browser import DESK, Person, person
from tests.journeys.town import Town
from tests.make import appeals
from tests.make import rankings as make
from tests.make import visits as rounds

FOLDER = "upheld"
REASONS = "经核实，当日停电属实，该份评议表不应计入。"


async def test_an_upheld_appeal_computes_the_whole_group_again(
    chromium: Browser, town: Town
) -> None:
    town.wait_until(rounds.AT)
    await cast.staff(at=town.now())
    city = await make.notified(members=12, visits_per_window=7)
    town.wait_until(appeals.FILED)
    case = await appeals.filed(city, at=town.now(), ground="force_majeure")
    desk = await person(chromium, town.base, FOLDER, DESK)
    await _admit(desk, town, case)
    sheet = await _uphold(desk, town, case)
    await _void(desk, town, sheet)
    await _carry_out(desk, town, case)
    await _tell_again(desk, town, city.round.code)
    await _publish(desk, town, city)
    desk.satisfied()


async def _admit(desk: Person, town: Town, case: Code) -> None:
    """Admit it in the office, where nobody may turn it down."""
    await town.sign_in(desk, "coordinator")
    await desk.go(f"/office/appeals/{case}")
    await desk.press("Admit the appeal")
    await desk.look("01-admitted")
    assert not await desk.field("inadmissible").count()


async def _uphold(desk: Person, town: Town, case: Code) -> str:
    """Uphold it and name a sheet; the office learns which one, the reviewer never does."""
    await town.sign_in(desk, "independent")
    await desk.go(f"/office/appeals/{case}")
    await desk.press("Take the appeal")
    await desk.press("Open the record")
    await desk.look("02-record")
    await desk.field("sheets").first.check()
    await desk.choose("outcome", "upheld")
    await desk.press("Decide the appeal")
    await desk.look("03-incomplete")
    assert await desk.field("sheets").first.is_checked()
    desk.forgive("status of 422")
    await desk.type(reasons=REASONS)
    await desk.field("void_reason").select_option(index=1)
    for box in await desk.field("checked").all():
        await box.check()
    await desk.press("Decide the appeal")
    await desk.look("04-upheld")
    assert not await desk.page.locator('main a[href^="/office/review/"]').count()
    await town.sign_in(desk, "coordinator")
    await desk.go(f"/office/appeals/{case}")
    await desk.look("05-to-carry-out")
    found = await desk.page.locator('main a[href^="/office/review/"]').inner_text()
    return found.strip()


async def _void(desk: Person, town: Town, sheet: str) -> None:
    """Find the sheet void as two reviewers do with any other."""
    await town.sign_in(desk, "reviewer1")
    await desk.go(f"/office/review/{sheet}")
    await desk.page.locator("main summary[data-key=v]").click()
    await desk.field("void_reason").select_option(index=1)
    await desk.press("Propose to void")
    await town.sign_in(desk, "reviewer2")
    await desk.go(f"/office/review/{sheet}")
    await desk.look("06-void")
    await desk.press("Confirm: void")


async def _carry_out(desk: Person, town: Town, case: Code) -> None:
    """Compute the whole group again; what changed is written down."""
    await town.sign_in(desk, "coordinator")
    await desk.go(f"/office/appeals/{case}")
    await desk.press("Compute again")
    await desk.look("07-carried-out")


async def _tell_again(desk: Person, town: Town, code: Code) -> None:
    """Recount the new edition, tell those of whom a line changed."""
    await town.sign_in(desk, "approver")
    await desk.go(f"/office/rankings/{code}")
    await desk.press("Recount the lists")
    await desk.look("08-second-edition")
    await desk.press("Show each unit its line")
    assert (await rankings.ranking(code)).edition == 2


async def _publish(desk: Person, town: Town, city: make.City) -> None:
    """Wait for everybody's time; read the second edition in public notice."""
    found = await rankings.ranking(city.round.code)
    told = await rankings.deliveries(found.id)
    assert found.answer_by is not None
    town.wait_until(
        max([found.answer_by, *(each.appeal_by for each in told)]) + dt.timedelta(hours=1)
    )
    await town.sign_in(desk, "publisher")
    await desk.go(f"/office/rankings/{city.round.code}")
    await desk.press("Begin the public notice")
    await town.work()
    await desk.look("09-noticed")
    await desk.go("/zh/rankings")
    await desk.look("10-public")
