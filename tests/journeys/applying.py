"""Second part of the walk: applications on the phone, at a desk, by nomination and on paper."""

from __future__ import annotations

import asyncio

from panel.recruitment.types.applications import ApplicationForm
from tests.journeys import tables
from tests.journeys.browser import Person
from tests.journeys.walk import Walk
from tests.make import applications as made
from tests.make import recruitment as applicants

HERSELF = 1
"""The number of the applicant with the phone, a member later on."""
ENGLISH = 2
NOMINEE = 3
OTHERS = (4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 16, 18)
NEW_PHONE = "19900007301"


async def _fill(who: Person, form: ApplicationForm) -> None:
    """Type what an applicant knows by heart."""
    await who.type(
        name=form.name,
        national_id=form.national_id,
        phone=form.phone,
        address=form.address,
        employer=form.employer,
        district=form.district,
        occupation=form.occupation,
    )
    await who.choose("category", form.category)


async def _receipt(walk: Walk, who: Person, number: int) -> None:
    """Keep the two numbers that the receipt shows."""
    await who.hear("Application received")
    ticket = await who.page.locator("main .cardsheet strong").nth(0).inner_text()
    code = await who.page.locator("main .cardsheet strong").nth(1).inner_text()
    walk.receipts[number] = (ticket.strip(), code.strip())


async def by_phone(walk: Walk) -> None:
    """Begin in Chinese on the phone, keep a draft, go on another day, send, look at the receipt."""
    phone, form = walk.phone, applicants.form(HERSELF)
    await phone.go(f"/zh/recruitment/{walk.campaign}")
    await phone.follow("Apply now")
    await phone.look("17-apply", langs=("zh",))
    await phone.narrow("17-apply")
    await phone.type(name=form.name, phone=form.phone)
    await phone.press("Save and go on later")
    await phone.look("17-apply-draft", langs=("zh",))
    draft = await phone.page.locator("main .done .figure").inner_text()
    walk.town.wait(days=1)
    await phone.go(f"/zh/recruitment/{walk.campaign}/draft")
    await phone.look("17-apply-draft-open")
    await phone.type(draft=draft)
    await phone.press("Open the draft")
    assert await phone.field("name").input_value() == form.name
    await _fill(phone, form)
    await phone.choose("consent")
    await phone.press("Check my answers")
    await phone.look("18-apply-check", langs=("zh",))
    await phone.press("Send the application")
    await phone.look("19-apply-receipt", langs=("zh",))
    await phone.narrow("19-apply-receipt")
    await _receipt(walk, phone, HERSELF)
    await _change(walk, form)


async def _change(walk: Walk, form: ApplicationForm) -> None:
    """See where it stands, change an answer, read what is kept and take it along."""
    phone = walk.phone
    await phone.go(await phone.scan(phone.page.locator("main .cardsheet svg").first))
    await phone.look("19-own-door")
    ticket, receipt = walk.receipts[HERSELF]
    assert await phone.field("ticket").input_value() == ticket
    await phone.type(receipt=receipt)
    await phone.press("Open my application")
    await phone.look("19-own", langs=("zh",))
    await phone.press("Change my answers")
    assert await phone.field("address").input_value() == form.address
    await phone.look("19-own-change", langs=("zh",))
    await phone.type(phone=NEW_PHONE)
    await phone.press("Check my answers")
    await phone.press("Save the changes")
    await phone.hear("Your changes were saved.")
    await phone.press("What is kept about me")
    await phone.hear("Nobody has looked at your data.")
    await phone.look("19-own-data", langs=("zh",))
    kept = await phone.save("Download as a file (JSON)")
    assert NEW_PHONE in kept.decode()


async def at_a_desk(walk: Walk) -> None:
    """Apply in English on a desk, with a fault told and put right."""
    reader, form = walk.reader, applicants.form(ENGLISH)
    await reader.go(f"/en/recruitment/{walk.campaign}/apply")
    await _fill(reader, form)
    await reader.press("Check my answers")  # without the consent
    await reader.look("17-apply-fault", langs=("en",))
    reader.forgive("422")
    await reader.choose("consent")
    await reader.press("Check my answers")
    await reader.look("18-apply-check", langs=("en",))
    await reader.press("Send the application")
    await reader.look("19-apply-receipt", langs=("en",))
    await _receipt(walk, reader, ENGLISH)
    await reader.press("Open my application")
    await reader.look("19-own", langs=("en",))


async def by_nomination(walk: Walk) -> None:
    """Nominate in an organisation's name with its signed form; apply as the nominee."""
    reader, phone, typed = walk.reader, walk.phone, made.nomination(NOMINEE)
    await reader.go(f"/en/recruitment/{walk.campaign}/nominate")
    await reader.look("20-nominate")
    await reader.type(
        organisation=typed.organisation,
        post=typed.post,
        name=typed.name,
        phone=typed.phone,
        nominee=typed.nominee,
        reasons=typed.reasons,
    )
    await reader.attach("scan", "form.jpg", made.picture(), "image/jpeg")
    await reader.choose("duty")
    await reader.press("Send the nomination")
    await reader.look("20-nominated", langs=("en",))
    code = await reader.page.locator("main .cardsheet .figure").inner_text()
    link = await reader.scan(reader.page.locator("main .cardsheet svg").first)
    await phone.go(link.replace("/en/", "/zh/"))
    await phone.look("20-nomination")
    await phone.type(consent_code=code)
    await phone.press("Open the nomination")
    await phone.look("20-consent", langs=("zh",))
    await phone.press("I agree: to my application")
    await _fill(phone, applicants.form(NOMINEE))
    await phone.choose("consent")
    await phone.press("Check my answers")
    await phone.press("Send the application")
    await _receipt(walk, phone, NOMINEE)
    await walk.at_desk("coordinator", "/nominations")
    await walk.desk.look("20-nominations")
    await walk.desk.open(walk.desk.page.locator("main td a, main th a"))
    await walk.desk.look("20-nomination-office")


async def on_paper(walk: Walk) -> None:
    """Import a table: a lost number is refused and explained, then all of it comes in."""
    desk = walk.desk
    rows = [applicants.row(number, 本人签名="是") for number in OTHERS]
    first = rows[0]
    first["身份证号"] = first["身份证号"].translate({ord("0"): "０", ord("9"): "９"})  # noqa: RUF001
    lost = [{**first, "身份证号": "3.70802E+17"}, *rows[1:]]
    for data, state in ((tables.sheet(lost), "refused"), (tables.sheet(rows), "done")):
        await desk.go(f"/office/recruitment/{walk.campaign}/import")
        if state == "refused":
            await desk.look("20-import")
        await desk.attach("file", "报名表.xlsx", data, tables.XLSX)
        await desk.press("Import")
        await desk.hold_still()
        if state == "refused":
            await desk.look("20-import-waiting")
        await walk.town.work()
        await desk.page.reload()
        await desk.look(f"20-import-{state}")
    await desk.press("Show for printing")
    await desk.look("20-slips", langs=("zh",))
    slips = desk.page.locator("main .cardsheet > div")
    assert await slips.count() == len(OTHERS)
    for number in OTHERS:
        own = slips.filter(has_text=applicants.form(number).name)
        ticket, code = await asyncio.gather(
            own.locator("strong").nth(1).inner_text(), own.locator("strong").nth(2).inner_text()
        )
        walk.receipts[number] = (ticket, code)
