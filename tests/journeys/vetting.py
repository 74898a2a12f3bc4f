"""Third part of the walk: two offices check, one finding is answered, a staff list is compared."""

from __future__ import annotations

from panel.workdays import SHANGHAI
from tests.journeys import tables
from tests.journeys.applying import ENGLISH
from tests.journeys.browser import Person
from tests.journeys.walk import Walk
from tests.make import applications as made
from tests.make import recruitment as applicants

NAMESAKE = 8
"""Of whom one office thinks that it knows something."""
EMPLOYED = 6
"""Who works for an evaluated unit."""
OFFICES = {"vetting1": "示例市公安局", "vetting2": "示例市中级人民法院"}


async def begin(walk: Walk) -> None:
    """Close by the clock; see whether the quotas can be met; begin the vetting."""
    walk.town.wait(days=31)
    await walk.at_desk("coordinator")
    await walk.desk.page.locator("main .notice.good").first.wait_for()  # loaded by itself
    await walk.desk.look("21-campaign-closed")
    await walk.desk.go(f"/office/recruitment/{walk.campaign}/feasibility")
    await walk.desk.look("21-feasibility")
    await walk.desk.go(f"/office/recruitment/{walk.campaign}")
    await walk.desk.press("Begin the vetting")


async def ask_offices(walk: Walk) -> None:
    """Make a list for each office, hand it over, enter the stamped reply, decide the findings."""
    ticket, namesake = walk.receipts[ENGLISH][0], walk.receipts[NAMESAKE][0]
    for login, office in OFFICES.items():
        await walk.at_desk(login, "/vetting")
        if login == "vetting1":
            await walk.desk.look("21-vetting")
        await walk.desk.type(office=office)
        await walk.desk.press("Make the list")
        hits = [ticket, namesake] if login == "vetting1" else [ticket]
        await _reply(walk, office, hits)
        if login == "vetting1":
            await walk.desk.look("21-vetting-findings")
            await _decide(walk.desk, namesake, "Not this person, or no reason")
        await _decide(walk.desk, ticket, "It stands")
    await walk.desk.go(f"/office/recruitment/{walk.campaign}/screening?waiting=settled")
    await walk.desk.look("21-screening")


async def _reply(walk: Walk, office: str, hits: list[str]) -> None:
    """Fetch the list, fill it in as its office does, bring it back with its stamp."""
    desk = walk.desk
    data = await desk.save("Download the spreadsheet")
    await desk.page.reload()
    await desk.look(f"21-vetting-list-{len(hits)}", langs=("zh",))
    await desk.attach("file", "reply.xlsx", tables.answered(data, hits), tables.XLSX)
    await desk.type(
        paper_document="审〔2026〕3号",
        paper_signer=f"{office}负责人",
        paper_date=walk.town.now().astimezone(SHANGHAI).date().isoformat(),
    )
    await desk.attach("paper_scan", "reply.jpg", made.picture(), "image/jpeg")
    await desk.press("Take in the reply")
    await desk.hear("Findings")


async def _decide(desk: Person, ticket: str, decision: str) -> None:
    card = desk.page.locator("main section.card").filter(has_text=ticket)
    async with desk.page.expect_navigation():
        await card.get_by_role("button", name=desk.words(decision)).click()


async def answer(walk: Walk) -> None:
    """Reply as the applicant who reads the reason; decide as somebody without a verdict."""
    await walk.open_own(walk.reader, ENGLISH)
    await walk.reader.look("21-own-ineligible", langs=("en",))
    await walk.reader.type(
        answer="That was somebody with the same name. Please compare the number."
    )
    await walk.reader.press("Send the answer")
    await walk.reader.look("21-own-replied", langs=("en",))
    ticket = walk.receipts[ENGLISH][0]
    await walk.at_desk("coordinator", f"/applications/{ticket}")
    await walk.desk.look("21-application-replied")
    await walk.desk.page.locator("main input[name=reason]").fill("处理申辩")
    await walk.desk.press("Show the person")
    await walk.desk.look("21-application-shown", langs=("zh",))
    await walk.desk.choose("verdict", "pass")
    await walk.desk.press("Decide")


async def compare_staff(walk: Walk) -> None:
    """Take in a unit's staff list; whoever stands on it will not judge that unit."""
    await walk.town.sign_in(walk.desk, "vetting1")
    await walk.desk.go("/office/staff")
    await walk.desk.page.locator('main select[name="unit"]').select_option(index=1)
    staff = [{"身份证号": applicants.national_id(99)}]
    staff.append({"身份证号": applicants.form(EMPLOYED).national_id})
    await walk.desk.attach("file", "staff.xlsx", tables.sheet(staff), tables.XLSX)
    await walk.desk.press("Take in")
    await walk.desk.press("Compare now")
    await walk.desk.look("22-staff")
    await _decide(walk.desk, walk.receipts[EMPLOYED][0], "Does not judge this unit")
    await walk.desk.look("22-staff-decided", langs=("zh",))


async def finish(walk: Walk) -> None:
    """End the vetting: from now on the roster is fixed."""
    await walk.at_desk("coordinator")
    await walk.desk.look("22-campaign-vetted")
    await walk.desk.press("Finish the vetting")
    await walk.desk.look("22-campaign-selecting", langs=("zh",))
