"""Fifth part of the walk: public notice, an objection, a replacement, seats, cards, training."""

from __future__ import annotations

import datetime as dt

from panel.ids import Code
from panel.recruitment import queries
from panel.recruitment.queries import notice as notices
from panel.rulebook import queries as rulebook
from tests.journeys.applying import HERSELF, NEW_PHONE
from tests.journeys.browser import Person
from tests.journeys.walk import Walk
from tests.make import recruitment as applicants
from tests.make.accounts import PIN


async def notice(walk: Walk) -> None:
    """Read the masked list; print a paper list; somebody objects to one of the drawn."""
    await walk.phone.follow("To the public notice")
    await walk.phone.look("26-notice", langs=("zh",))
    await walk.phone.narrow("26-notice")
    await walk.reader.go(f"/en/recruitment/{walk.campaign}/notice")
    await walk.reader.look("26-notice", langs=("en",))
    tickets = await walk.reader.page.locator("main table.cards tbody th").all_inner_texts()
    herself = walk.receipts[HERSELF][0]
    assert herself in tickets
    assert applicants.form(HERSELF).name not in await walk.reader.page.content()
    async with walk.reader.page.expect_navigation():
        await walk.reader.page.locator("main .actions a").click()
    await walk.reader.look("26-objection-new")
    await walk.reader.type(
        ticket=next(each for each in tickets if each != herself),
        text="This person moved to another city last year; ask the residents' committee.",
        name="A Neighbour",
        phone="19700001234",
    )
    await walk.reader.choose("ground", "conditions")
    await walk.reader.press("Check my answers")
    await walk.reader.look("26-objection-check", langs=("en",))
    await walk.reader.press("Send the objection")
    await walk.reader.look("26-objection-receipt", langs=("en",))
    number = await walk.reader.page.locator("main .done .figure").inner_text()
    code = await walk.reader.page.locator("main dd.mono strong").inner_text()
    await _decide(walk, number)
    await walk.reader.go(f"/en/recruitment/{walk.campaign}/notice/reply")
    await walk.reader.type(number=number, receipt=code)
    await walk.reader.press("Read the reply")
    await walk.reader.look("26-objection-reply", langs=("en",))


async def _decide(walk: Walk, number: str) -> None:
    """Open the objection and uphold it; print the names for one community."""
    await walk.at_desk("approver", "/notice")
    await walk.desk.look("26-notice-office")
    await walk.desk.go(f"/office/recruitment/{walk.campaign}/objections/{number}")
    await walk.desk.look("26-objection")
    await walk.desk.press("Show the text")
    await walk.desk.choose("decision", "upheld")
    await walk.desk.type(
        finding="经核实，已迁出本市。", reply="已核实，异议成立。", document="评议办〔2026〕9号"
    )
    await walk.desk.look("26-objection-shown", langs=("zh",))
    await walk.desk.press("Record the decision")
    await walk.desk.go(f"/office/recruitment/{walk.campaign}/notice/paper")
    await walk.desk.look("26-paper")
    await walk.desk.type(place="示例路")
    await walk.desk.press("Show for printing")
    await walk.desk.look("26-paper-list", langs=("zh",))


async def replace(walk: Walk) -> None:
    """Let the reserve move up, wait until the second notice is over, appoint the cleared."""
    await walk.at_desk("coordinator", "/notice")
    await walk.desk.press("Let the reserve move up")
    await walk.desk.look("26-notice-second")
    await walk.reader.go(f"/en/recruitment/{walk.campaign}/notice")
    await walk.reader.look("26-notice-second-public", langs=("en",))
    await until_notice_ends(walk)
    await walk.at_desk("coordinator", "/notice")
    await walk.desk.press("End the notice")
    await walk.desk.look("26-notice-over", langs=("zh",))
    async with walk.desk.page.expect_navigation():
        await walk.desk.page.locator('main form[action$="/appointment"] button').click()


async def until_notice_ends(walk: Walk) -> None:
    """Let time pass until nobody may object any more."""
    batches = await notices.batches(await queries.campaign(Code(walk.campaign)))
    last = max(each.closes_at for each in batches)
    walk.town.wait_until(last + dt.timedelta(hours=9))


async def certify(walk: Walk) -> None:
    """Print certificates and cards; check one by its code; open the card on the phone."""
    await walk.desk.look("27-certificates")
    await walk.desk.press("Show for printing")
    await walk.desk.look("27-certificates-print", langs=("zh",))
    name = applicants.form(HERSELF).name
    paper = walk.desk.page.locator(".poster").filter(has_text=name)
    await walk.reader.go((await walk.desk.scan(paper.locator("svg"))).replace("/zh/", "/en/"))
    await walk.reader.look("27-certificate")
    assert name not in await walk.reader.page.content()
    await walk.desk.go(f"/office/recruitment/{walk.campaign}/cards")
    await walk.desk.look("27-cards")
    await walk.desk.press("Issue and show for printing")
    await walk.desk.look("27-cards-print", langs=("zh",))
    card = walk.desk.page.locator(".cardsheet > div").filter(has_text=name)
    walk.card = await card.locator(".mono").inner_text()
    await walk.phone.go(await walk.desk.scan(card.locator("svg").first))
    await walk.phone.look("27-card")
    await walk.phone.type(digits=NEW_PHONE[-4:], pin=PIN, pin_again=PIN)
    await walk.phone.press("Open my card")
    await walk.phone.look("28-tasks-none")


async def learn(walk: Walk) -> None:
    """Pledge on the phone, read the course, fill in its training sheets, pass the quiz."""
    phone = walk.phone
    await phone.go("/m/training")
    await phone.look("28-training")
    await phone.follow("Read the code of conduct")
    await phone.look("28-pledge")
    await phone.press("Give my pledge")
    await phone.go("/m/courses/window")
    await phone.look("28-course")
    await phone.follow("Begin")
    await phone.look("28-unit")
    await phone.narrow("28-unit")
    while "/units/" in phone.path:
        await _go_on(phone)
    await phone.follow("Continue")
    await phone.look("28-sheet")
    while "/sheets/" in phone.path:
        await _practise(phone)
    await phone.look("28-quiz")
    await _pass_quiz(phone)
    await phone.look("28-quiz-passed")
    await phone.go("/m/training/certificates")
    await phone.look("28-training-certificate")


async def _go_on(phone: Person) -> None:
    """Press the only button of a lesson."""
    async with phone.page.expect_navigation():
        await phone.page.locator("main .actions button").first.click()


async def _practise(phone: Person) -> None:
    """Fill in a training sheet, compare it with the model answer, go on."""
    names = await phone.page.locator('main .q input[type="radio"]').evaluate_all(
        "all => [...new Set(all.map(one => one.name))]"
    )
    for name in names:
        await phone.choose(name, "4")
    await phone.press("Compare with the model answer")
    await phone.look("28-compared", langs=("zh",))
    await phone.follow("Continue")


async def _pass_quiz(phone: Person) -> None:
    """Tick what is right."""
    training = (await rulebook.current()).rulebook.training
    course = training.course("window")
    assert course is not None
    for question in course.questions:
        for number in question.right:
            await phone.choose(f"q.{question.key}", str(number))
    await phone.press("Hand in")


async def complete(walk: Walk) -> None:
    """Record the examinations and pledges of a hall; the campaign is complete."""
    desk = walk.desk
    await walk.at_desk("coordinator", "/notice")
    await desk.follow("Record pledges")
    await desk.look("29-members-pledge", langs=("zh",))
    for what in ("training", "pledge"):
        await desk.go(f"/office/members?show={what}")
        await desk.choose("what", what)
        await desk.choose("scope", "all")
        await desk.press("Record")
    await desk.go("/office/members?show=training")
    await desk.look("29-members")
    await desk.follow("Training and certificates")
    await desk.look("29-training")
    await desk.go("/office/training/window/sheets")
    await desk.look("29-training-paper", langs=("zh",))
    await desk.go(f"/office/recruitment/{walk.campaign}/notice")
    await desk.press("Complete the campaign")
    await desk.go(f"/office/recruitment/{walk.campaign}")
    await desk.look("29-campaign-completed")
    view = await queries.campaign(Code(walk.campaign))
    walk.town.wait_until(
        dt.datetime.combine(view.term_start, dt.time(9), dt.UTC) + dt.timedelta(days=2)
    )
    await walk.reader.go("/en/panel")
    await walk.reader.look("30-panel")
