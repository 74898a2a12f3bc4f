"""Last part of the walk: own data, a suspension and its reply, a resignation, the next one."""

from __future__ import annotations

import msgspec

from panel.ids import Code
from panel.members import queries as members
from tests.journeys import appointing
from tests.journeys.applying import HERSELF
from tests.journeys.walk import Walk
from tests.make.accounts import PIN


async def _sign_in(walk: Walk, page: str) -> None:
    await walk.phone.go(f"/m/sign-in?next={page}")
    await walk.phone.type(number=walk.card, pin=PIN)
    await walk.phone.press("Sign in")
    assert walk.phone.path == page


async def take_data_along(walk: Walk) -> None:
    """Read everything that is kept, correct something, take it along as a file."""
    await _sign_in(walk, "/m/me/data")
    await walk.phone.look("72-data")
    await walk.phone.narrow("72-data")
    await walk.phone.follow("Correct or erase")
    await walk.phone.look("72-data-edit")
    await walk.phone.type(address="示例新村8号")
    await walk.phone.press("Save")
    kept = msgspec.json.decode(await walk.phone.save("Take it along as a file (JSON)", role="link"))
    assert kept["identity"]["address"] == "示例新村8号"
    assert kept["applications"][0]["ticket"] == walk.receipts[HERSELF][0]
    walk.member = kept["seats"][0]["code"]


async def suspend(walk: Walk) -> None:
    """Suspend with a reason; the member replies on the phone; it is lifted."""
    await walk.town.sign_in(walk.desk, "coordinator")
    await walk.desk.go("/office/terms")
    await walk.desk.look("73-terms")
    await walk.desk.go(f"/office/terms/members/{walk.member}")
    await walk.desk.look("73-terms-member")
    await walk.desk.page.locator('main [name="ground"]').first.check()
    await walk.desk.type(reason="走访时亮明身份，暴露任务。")
    await walk.desk.press("Suspend")
    suspension = walk.desk.path
    await _sign_in(walk, "/m/term")
    await walk.phone.look("73-term-suspended")
    await walk.phone.type(reply="窗口主动认出了我，我没有亮明身份。")
    await walk.phone.press("Send the reply")
    await walk.phone.look("73-term-replied", langs=("zh",))
    await walk.desk.go(suspension)
    await walk.desk.look("73-suspension")
    await walk.desk.press("Open and read")
    await walk.desk.look("73-suspension-read", langs=("zh",))
    await walk.desk.type(outcome="情况属实，不予追究。")
    await walk.desk.press("Lift the suspension")
    await walk.desk.look("73-suspension-lifted", langs=("zh",))


async def resign(walk: Walk) -> None:
    """Resign on the phone; the reserve fills the vacant place after a notice."""
    before = len(await members.serving(walk.town.now()))
    await walk.phone.go("/m/term")
    await walk.phone.follow("Resign")
    await walk.phone.look("74-resign")
    await walk.phone.type(reason="搬家到外地。")
    await walk.phone.choose("sure")
    await walk.phone.press("Resign")
    assert walk.phone.path == "/m/sign-in"
    await walk.at_desk("coordinator", "/notice")
    await walk.desk.look("74-vacancy")
    await walk.desk.press("Let the reserve move up")
    await appointing.until_notice_ends(walk)
    await walk.at_desk("coordinator", "/notice")
    await walk.desk.press("End the notice")
    async with walk.desk.page.expect_navigation():
        await walk.desk.page.locator('main form[action$="/appointment"] button').click()
    serving = await members.serving(walk.town.now())
    assert len(serving) == before
    assert Code(walk.member) not in {each.code for each in serving}
    await walk.reader.go("/en/panel")
    await walk.reader.look("74-panel")
    await walk.desk.go("/office/terms")
    await walk.desk.look("74-terms")
