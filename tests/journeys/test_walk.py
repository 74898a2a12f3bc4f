"""One walk through all pages by hand, from the first table to the published ranking.

Three people with browsers of their own: the desk (staff take turns there), a member with a phone,
and somebody who reads English. Only the sheets of the other nine members come by command.
"""

from __future__ import annotations

import datetime as dt
import io
import re

import zxingcpp
from PIL import Image
from playwright.async_api import Browser

from panel.accounts import queries as accounts
from panel.demo import cast
from panel.evaluations import commands as evaluations
from panel.ids import Code
from panel.members import queries as members
from panel.rankings import queries as rankings
from panel.roster import queries as places
from panel.roster.types import TableKind
from panel.visits import commands as visits
from panel.visits import queries as tasks
from panel.visits.types import TaskState
from panel.workdays import SHANGHAI
from tests.journeys.browser import DESK, Person, person
from tests.journeys.forms import answer
from tests.journeys.town import Town
from tests.make import evaluations as sheets
from tests.make import recruitment as applicants
from tests.make import roster
from tests.make.accounts import PIN, code_of

FOLDER = "walk"
UNITS = 3
HERSELF = 1
"""The number of the applicant with the phone: one of two for two seats, so the draw takes her."""
ENGLISH = 2
OTHERS = (3, 4, 5, 6, 7, 8, 10, 12, 14, 16)


def measures() -> bytes:
    """Return measures for a tiny city: quotas by category alone, few visits."""
    text = applicants.default_toml()
    for feature in ("sex", "age_band", "district"):
        text = re.sub(
            rf'(feature = "{feature}"\n.*\n.*\n)minimum_percent = \d+\nmaximum_percent = \d+',
            r"\1minimum_percent = 0\nmaximum_percent = 100",
            text,
        )
    text = re.sub(
        r'(value = "self_employed"\n.*\n)minimum_percent = \d+', r"\g<1>minimum_percent = 20", text
    )
    for name, value in (
        ("visits_per_window", 5),
        ("unit_minimum_visits", 5),
        ("unit_minimum_raters", 5),
        ("window_minimum_visits", 5),
        ("window_minimum_raters", 5),
        ("list_size", 2),
        ("bottom_share_percent", 40),
    ):
        text = re.sub(rf"(?m)^{name} = \d+", f"{name} = {value}", text, count=1)
    return text.encode()


class Walk:
    """Who walks, and what they have found so far."""

    def __init__(self, town: Town, desk: Person, phone: Person, reader: Person) -> None:
        """Begin at the desk."""
        self.town = town
        self.desk = desk
        self.phone = phone
        self.reader = reader
        self.campaign = self.round = self.card = self.task = self.key = ""

    async def upload(self, name: str, data: bytes) -> None:
        """Choose a file on the desk's page."""
        await self.desk.field("file").set_input_files(
            {"name": name, "mimeType": "text/plain", "buffer": data}
        )

    async def set_up(self) -> None:
        """Sign in, put the measures into force."""
        await self.reader.go("/en/")
        await self.reader.look("01-start")
        await self.desk.go("/sign-in")
        await self.desk.look("02-sign-in")
        await self.town.sign_in(self.desk, "coordinator")
        await self.desk.look("03-office-empty")
        await self.desk.go("/office/rulebooks/new")
        await self.desk.look("04-measures-new")
        await self.upload("measures.toml", measures())
        await self.desk.press("Check and propose")
        proposed = self.desk.path
        await self.town.sign_in(self.desk, "approver")
        await self.desk.go(proposed)
        await self.desk.look("05-measures-proposed")
        await self.desk.press("Approve and freeze")
        await self.reader.go("/en/measures")
        await self.reader.look("06-measures")

    async def fill_roster(self) -> None:
        """Import the four tables, look at a unit, a window and its poster."""
        await self.town.sign_in(self.desk, "coordinator")
        numbers = range(1, UNITS + 1)
        names = ("行政审批服务局", "住房公积金管理中心", "自然资源和规划局不动产登记中心")
        tables = {
            TableKind.UNITS: [
                roster.unit_row(n, 单位名称=f"示例市{names[n - 1]}") for n in numbers
            ],
            TableKind.HALLS: [roster.hall_row(n) for n in numbers],
            TableKind.WINDOWS: [roster.window_row(n, n, n) for n in numbers],
            TableKind.ITEMS: [roster.item_row(n, n) for n in numbers],
        }
        for kind, rows in tables.items():
            await self.desk.go("/office/roster/import")
            if kind is TableKind.UNITS:
                await self.desk.look("07-import")
            await self.desk.choose("kind", kind.value)
            await self.upload(f"{kind.value}.csv", roster.table(kind, rows))
            await self.desk.press("Import")
            await self.desk.hear("Table imported")
        await self.desk.look("08-imported", langs=("zh",))  # loading it anew would lose the file
        unit, window = (await places.units())[0], (await places.windows())[0]
        for number, address in enumerate(
            (
                "roster",
                f"units/{unit.code}",
                f"windows/{window.code}",
                f"windows/{window.code}/poster",
            ),
            start=9,
        ):
            await self.desk.go(f"/office/{address}")
            await self.desk.look(f"{number:02}-{address.split('/')[0]}")
        await self.phone.go(f"/w/{window.code}")
        await self.phone.look("13-window", langs=("zh",))
        await self.reader.go(f"/en/w/{window.code}")
        await self.reader.look("13-window", langs=("en",))

    async def announce(self) -> None:
        """Write a campaign; another person announces it."""
        await self.desk.go("/office/recruitment/new")
        await self.desk.look("14-campaign-new")
        draft = applicants.draft()
        await self.desk.type(
            title=draft.title,
            title_en=draft.title_en,
            seats=str(draft.seats),
            reserve=str(draft.reserve),
            conditions=draft.conditions,
            conditions_en=draft.conditions_en,
            privacy=draft.privacy,
            privacy_en=draft.privacy_en,
        )
        await self.desk.press("Save as draft")
        self.campaign = self.desk.path.rpartition("/")[2]
        await self.town.sign_in(self.desk, "approver")
        await self.desk.go(f"/office/recruitment/{self.campaign}")
        await self.desk.look("15-campaign-draft")
        await self.desk.press("Approve and announce")
        self.town.wait(days=10)

    async def apply(self) -> None:
        """Apply on the phone in Chinese and on a desk in English; import the others."""
        for number, applicant in ((HERSELF, self.phone), (ENGLISH, self.reader)):
            lang = applicant.lang
            await applicant.go(f"/{lang}/recruitment/{self.campaign}")
            await applicant.look("16-campaign", langs=(lang,))
            await applicant.follow("Apply now")
            await applicant.look("17-apply", langs=(lang,))
            form = applicants.form(number)
            await applicant.type(
                name=form.name,
                national_id=form.national_id,
                phone=form.phone,
                address=form.address,
                employer=form.employer,
                district=form.district,
                occupation=form.occupation,
            )
            await applicant.choose("category", form.category)
            await applicant.choose("consent")
            await applicant.press("Check my answers")
            await applicant.look("18-apply-check", langs=(lang,))
            await applicant.press("Send the application")
            await applicant.hear("Application received")
            await applicant.look("19-apply-receipt", langs=(lang,))
        await self.town.sign_in(self.desk, "coordinator")
        await self.desk.go(f"/office/recruitment/{self.campaign}/import")
        await self.desk.look("20-applications-import")
        await self.upload("报名表.csv", applicants.sheet(applicants.row(n) for n in OTHERS))
        await self.desk.press("Import")
        await self.desk.hear("Applications")

    async def screen(self) -> None:
        """Close by the clock; two clerks judge."""
        self.town.wait(days=31)
        for login in ("vetting1", "vetting2"):
            await self.town.sign_in(self.desk, login)
            await self.desk.go(f"/office/recruitment/{self.campaign}/screening")
            if login == "vetting1":
                await self.desk.look("21-screening")
            await self.desk.choose("scope", "all")
            await self.desk.choose("verdict", "pass")
            await self.desk.press("Give the verdict")

    async def draw(self) -> None:
        """Commit, draw, check, appoint."""
        await self.town.sign_in(self.desk, "coordinator")
        await self.desk.go(f"/office/recruitment/{self.campaign}/draw?check=1")
        await self.desk.hear("The quotas can be met.")
        await self.desk.look("22-draw-pool")
        await self.desk.press("Commit and publish")
        await self.desk.look("23-draw-committed")
        await self.desk.press("Draw now")
        await self.desk.follow("Draw again and compare")
        await self.desk.look("24-draw-verified")
        await self.reader.go(f"/en/recruitment/{self.campaign}/draw")
        await self.reader.look("25-draw-public")
        await self.desk.press("Appoint the drawn")
        self.town.wait(days=40)

    async def get_card(self) -> None:
        """Print the cards; the member scans hers with the phone."""
        await self.town.sign_in(self.desk, "coordinator")
        await self.desk.go(f"/office/recruitment/{self.campaign}/cards")
        await self.desk.press("Issue and show for printing")
        await self.desk.look("26-cards")
        card = self.desk.page.locator(".cardsheet > div").filter(
            has_text=applicants.form(HERSELF).name
        )
        picture = Image.open(io.BytesIO(await card.locator("svg").first.screenshot()))
        (symbol,) = zxingcpp.read_barcodes(picture.resize((picture.width * 3, picture.height * 3)))
        self.card = await card.locator(".mono").inner_text()
        await self.phone.go(symbol.text.removeprefix(self.town.base))
        await self.phone.look("27-card")
        await self.phone.type(digits=applicants.form(HERSELF).phone[-4:], pin=PIN, pin_again=PIN)
        await self.phone.press("Open my card")
        await self.phone.look("28-tasks-none")
        await self.desk.go("/office/members")
        for what in ("training", "pledge"):
            await self.desk.choose("what", what)
            await self.desk.choose("scope", "all")
            await self.desk.press("Record")
        await self.desk.look("29-members")
        await self.reader.go("/en/panel")
        await self.reader.look("30-panel")

    async def plan(self) -> None:
        """Plan a round; another person approves; commit and draw."""
        await self.desk.go("/office/rounds/new")
        await self.desk.look("31-round-new")
        today = self.town.now().astimezone(SHANGHAI).date()
        await self.desk.type(
            title="第一轮走访评议",
            title_en="First round",
            theme="窗口服务作风",
            register_number="计划〔2026〕1号",
            disclosure="今年开展走访和暗访，结果用于改进服务。",
            disclosed_on=(today - dt.timedelta(days=20)).isoformat(),
        )
        for group in ("enforcement", "utility", "office"):
            await self.desk.choose("groups", group)  # ticked by default: this takes it out
        await self.desk.press("Save the plan")
        self.round = self.desk.path.rpartition("/")[2]
        await self.town.sign_in(self.desk, "approver")
        await self.desk.go(f"/office/rounds/{self.round}")
        await self.desk.look("32-round-planned")
        await self.desk.press("Approve the plan")
        await self.town.sign_in(self.desk, "coordinator")
        await self.desk.go(f"/office/rounds/{self.round}")
        await self.desk.press("Commit to the draw")
        await self.desk.press("Draw and offer the tasks")
        await self.desk.look("33-round-drawn")

    async def accept(self) -> None:
        """Sign in with card and PIN, read the task and its ways out, accept it."""
        self.town.wait(hours=1)
        await self.phone.go("/m/tasks")
        assert self.phone.path == "/m/sign-in"
        await self.phone.look("34-member-sign-in")
        await self.phone.type(number=self.card, pin=PIN)
        await self.phone.press("Sign in")
        await self.phone.look("35-tasks")
        async with self.phone.page.expect_navigation():
            await self.phone.page.locator("main .cardlist a").first.click()
        self.task = self.phone.path
        await self.phone.look("36-task-offered")
        for number, way in enumerate(("decline", "recuse"), start=37):
            await self.phone.go(f"{self.task}/{way}")
            await self.phone.look(f"{number}-{way}")
        await self.phone.go(self.task)
        await self.phone.press("Accept")
        await self.phone.press("Read and agreed")
        await self.phone.look("39-task-accepted")
        await self.phone.go(f"{self.task}/closed")
        await self.phone.look("40-closed")

    async def others_accept(self) -> None:
        """Let the other members accept, as their pages would."""
        for member in await members.serving(self.town.now()):
            actor = await accounts.actor_of_member(member.code)
            for task in await tasks.member_tasks(member.code, at=self.town.now()):
                if task.state is TaskState.OFFERED:
                    await visits.accept(actor, task.code, at=self.town.now())

    async def fill_in(self) -> None:
        """Fill in the sheet question by question; it saves itself; check it and send it."""
        self.town.wait(days=10)
        await self.phone.go(f"/m/sign-in?next={self.task}/sheet")
        await self.phone.type(number=self.card, pin=PIN)
        await self.phone.press("Sign in")
        assert self.phone.path == f"{self.task}/sheet"
        await self.phone.look("41-sheet")
        await answer(self.phone, low="A1", reason="门口有三级台阶，没有坡道。")
        await self.phone.page.locator(".saved svg").wait_for()
        await self.phone.look("42-sheet-filled")
        await self.phone.press("Check answers")
        await self.phone.look("43-check")
        await self.phone.choose("declared")
        await self.phone.press("Send the sheet")
        await self.phone.hear("Your sheet has arrived")
        await self.phone.look("44-receipt")

    async def others_send(self) -> None:
        """Let the other members send their sheets: the first unit is the best."""
        order = [unit.code for unit in await places.units()]
        now = self.town.now()
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

    async def review(self) -> None:
        """Send one sheet back, see it again, then accept all of them by keyboard alone."""
        receipt = self.phone.path.rpartition("/")[2]
        await self.town.sign_in(self.desk, "reviewer1")
        await self.desk.look("45-office-reviewer")
        await self.desk.go(f"/office/review/{receipt}")
        await self.desk.look("46-review")
        await self.desk.page.keyboard.press("b")
        await self.desk.type(reason="请写明等候了多久。")
        await self.desk.press("Send back to the visitor")
        await self.phone.go(self.task)
        await self.phone.look("47-task-returned")
        await self.phone.follow("Go on with the sheet")
        await self.phone.type(minutes__C1__waited="25")
        await self.phone.press("Check answers")
        await self.phone.choose("declared")
        await self.phone.press("Send the sheet")
        await self.phone.look("48-receipt-second")
        await self.desk.go(f"/office/review/{self.phone.path.rpartition('/')[2]}")
        await self.desk.look("49-review-second")
        await self.desk.go("/office/review")
        for _ in range(UNITS * 5):
            async with self.desk.page.expect_navigation():
                await self.desk.page.keyboard.press("a")
        await self.desk.hear(
            "No sheet waits for you. Sheets of rounds that you assigned go to somebody else."
        )
        await self.desk.look("50-review-empty")

    async def rank(self) -> None:
        """Close the round after its grace, compute, tell the units."""
        view = await tasks.round(Code(self.round))
        self.town.wait_until(view.closes_at + dt.timedelta(hours=1))
        await self.town.sign_in(self.desk, "coordinator")
        await self.desk.go(f"/office/rounds/{self.round}")
        await self.desk.press("Close the round")
        await self.desk.look("51-round-closed")
        await self.desk.go(f"/office/rankings/{self.round}")
        await self.desk.look("52-ranking-due")
        await self.desk.press("Compute the ranking")
        await self.desk.look("53-ranking-computed")
        await self.desk.page.locator('main a[href*="/lists/"]').first.click()
        await self.desk.look("54-ranking-draft")
        await self.desk.go(f"/office/rankings/{self.round}")
        await self.desk.press("Show each unit its line")

    async def invite(self, login: str) -> None:
        """Let the administrator invite the last unit's liaison, who sets the account up."""
        unit = (await places.units())[-1]
        await self.town.sign_in(self.desk, "admin")
        await self.desk.look("55-accounts")
        await self.desk.go("/admin/accounts/new")
        await self.desk.look("56-invite")
        await self.desk.type(
            login=login, name=f"联络{UNITS}", phone="13900000099", office=unit.name, unit=unit.code
        )
        await self.desk.choose("roles", "liaison")
        await self.desk.press("Make the invitation")
        link = await self.desk.page.locator("main .card.mono").inner_text()
        await self.desk.go(link.removeprefix(self.town.base))
        await self.desk.look("57-invitation")
        await self.desk.type(password=cast.PASSWORD, password_again=cast.PASSWORD)
        await self.desk.press("Continue")
        self.key = re.sub(r"\s", "", await self.desk.page.locator("main li .mono").inner_text())
        await self.desk.type(totp=code_of(self.key, self.town.now()))
        await self.desk.press("Finish")

    async def hear(self) -> None:
        """See the own line only, answer, have a reply, wait until the hearing is over."""
        await self.invite("liaison-last")
        assert self.desk.path == "/unit"
        await self.desk.look("58-unit-line")
        said = await self.desk.page.locator("main").inner_text()
        others = [unit.name for unit in (await places.units())[:-1]]
        assert not [name for name in others if name in said]
        await self.desk.type(text="大厅正在改造，坡道六月完工。")
        await self.desk.press("Send the answer")
        await self.desk.look("59-unit-answered")
        await self.town.sign_in(self.desk, "coordinator")
        await self.desk.go(f"/office/rankings/{self.round}")
        await self.desk.look("60-ranking-answer")
        await self.desk.type(reply="已记录，请在整改方案中写明工期。")
        await self.desk.choose("shown")
        await self.desk.press("Send the reply")
        await self.desk.look("61-ranking-hearing")
        assert not await self.desk.page.get_by_role(
            "button", name=self.desk.words("Publish the ranking")
        ).count()
        view = await rankings.ranking(Code(self.round))
        assert view.answer_by is not None
        self.town.wait_until(view.answer_by + dt.timedelta(hours=1))

    async def publish(self) -> None:
        """Publish as a second person; everybody reads it."""
        await self.town.sign_in(self.desk, "publisher")
        await self.desk.go(f"/office/rankings/{self.round}")
        await self.desk.look("62-ranking-publish")
        await self.desk.press("Publish the ranking")
        await self.town.work()
        await self.desk.go(f"/office/rankings/{self.round}")
        await self.desk.look("63-ranking-published")
        await self.phone.go("/rankings")
        await self.phone.look("64-rankings")
        await self.phone.follow("All units of the group")
        await self.phone.look("65-ranking-units")
        await self.phone.narrow("65-ranking-units")
        links = self.phone.page.locator('main a[href*="unit/"]')
        await self.phone.page.goto(await links.last.evaluate("one => one.href"))
        await self.phone.look("66-ranking-unit")
        await self.phone.narrow("66-ranking-unit")
        await self.phone.go("/zh/rankings")
        await self.phone.follow("All windows of the group")
        await self.phone.look("67-ranking-windows")

    async def rectify(self) -> None:
        """Acknowledge the order; the office sees the year's lines; the history holds."""
        await self.town.sign_in(self.desk, "coordinator")
        await self.desk.go("/office/assessments")
        await self.desk.look("68-assessments")
        await self.desk.go("/office/audit")
        await self.desk.look("69-history")
        await self.town.sign_in(self.desk, "liaison-last", key=self.key)
        await self.desk.go("/unit/orders")
        await self.desk.look("70-order")
        await self.desk.press("Acknowledge receipt")
        await self.desk.look("71-order-acknowledged")


async def test_a_city_recruits_visits_ranks_and_publishes(chromium: Browser, town: Town) -> None:
    await cast.staff(at=town.now())
    desk = await person(chromium, town.base, FOLDER, DESK)
    phone = await person(chromium, town.base, FOLDER)
    reader = await person(chromium, town.base, FOLDER, DESK)
    await reader.speak("en")
    walk = Walk(town, desk, phone, reader)
    for step in (
        walk.set_up, walk.fill_roster, walk.announce, walk.apply, walk.screen, walk.draw,
        walk.get_card, walk.plan, walk.accept, walk.others_accept, walk.fill_in,
        walk.others_send, walk.review, walk.rank, walk.hear, walk.publish, walk.rectify,
    ):  # fmt: skip
        await step()
    faults = [*desk.faults, *phone.faults, *reader.faults]
    assert not faults, "\n".join(["", *faults])
