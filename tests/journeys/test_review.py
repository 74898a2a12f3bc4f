"""A reviewer's desk: one key a sheet, questions beside answers, holds, batches, a second look."""

from __future__ import annotations

import io
from typing import NamedTuple

import pytest_asyncio
from PIL import Image
from playwright.async_api import Browser, expect

from panel.accounts import commands as cards
from panel.accounts.types import CardRequest
from panel.actor import Actor
from panel.demo import cast
from panel.evaluations import commands, queries
from panel.evaluations.types import Answers, SheetState
from panel.ids import Code
from panel.members import queries as members
from panel.visits.types import TaskView
from tests import people
from tests.journeys.browser import DESK, PHONE, Person, person
from tests.journeys.town import Town
from tests.make import evaluations as make
from tests.make import visits as rounds
from tests.make.accounts import PIN

FOLDER = "review"


class Sent(NamedTuple):
    """A sheet that waits, with its visitor."""

    visitor: Actor
    task: TaskView
    code: Code


class Scene(NamedTuple):
    """A running round with sheets of many kinds."""

    setting: rounds.Setting
    clean: list[Sent]
    grave: Sent


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def scene(town: Town) -> Scene:
    """Let six clean sheets and a grave one wait for the reviewers."""
    town.wait_until(rounds.AT)
    await cast.staff(at=town.now())
    setting = await rounds.running_round(members_count=12, units=4)
    town.wait_until(rounds.DURING)
    grave = await _sent(setting, 9, vetoes={"V2": "窗口拒绝受理，也不说原因。"}, ticket="A023")
    clean = [await _sent(setting, number) for number in range(1, 7)]
    town.wait_until(make.SENT)
    return Scene(setting, clean, grave)


async def _sent(setting: rounds.Setting, number: int, **more: object) -> Sent:
    """Send a sheet with two lower answers, a picture and a reason."""
    visitor, task = await rounds.accepted_task(setting)
    await commands.add_photo(
        visitor, task.code, "A2", make.key(50 + number), _picture(number), at=rounds.DURING
    )
    given = await _answers(task)
    receipt = await commands.submit(
        visitor, task.code, _with(given, **more), make.key(number),
        filled_at=make.SENT, at=make.SENT,
    )  # fmt: skip
    return Sent(visitor, task, receipt.code)


async def _answers(task: TaskView, **items: int) -> Answers:
    return make.answers(await make.form_of(task), 4, but={"A1": 2, "B2": 3, **items})


def _with(given: Answers, **more: object) -> Answers:
    return type(given)(**{**{f: getattr(given, f) for f in given.__struct_fields__}, **more})


def _picture(number: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (320, 240), (20 * number, 90, 120)).save(out, "JPEG")
    return out.getvalue()


async def _reviewer(town: Town, chromium: Browser, login: str = "reviewer1") -> Person:
    desk = await person(chromium, town.base, FOLDER, DESK)
    await town.sign_in(desk, login)
    return desk


async def test_one_key_accepts_and_the_next_sheet_is_there(
    town: Town, chromium: Browser, scene: Scene
) -> None:
    desk = await _reviewer(town, chromium)
    await desk.go("/office/review")
    await desk.says("h1", f"{scene.grave.task.unit_name} · {scene.grave.task.window_name}")
    await desk.look("01-review")
    title = await desk.page.title()
    await desk.page.keyboard.press("a")
    await expect(desk.page).not_to_have_title(title)
    assert (await queries.submission(scene.grave.code)).state is SheetState.ACCEPTED
    await desk.says(".notice", "said.sheet_accepted")
    await expect(desk.page.locator("main h1")).to_be_focused()
    await desk.look("02-review-next")
    desk.satisfied()
    await desk.context.close()


async def test_questions_stand_beside_the_answer_and_come_back_answered(
    town: Town, chromium: Browser, scene: Scene
) -> None:
    desk = await _reviewer(town, chromium)
    sent = scene.clean[0]
    await desk.go(f"/office/review/{sent.code}")
    await desk.page.locator("summary", has_text=desk.words("Ask")).first.click()
    await desk.type(**{"ask.A1": "大厅入口的指引牌在哪里？"})
    await desk.look("03-review-asking", langs=("zh",))
    await desk.page.locator("summary[data-key=b]").click()
    await desk.press("Send back to the visitor")
    filling = await queries.filling(sent.visitor.member, sent.task.code, at=town.now())
    assert filling.questions == {"A1": "大厅入口的指引牌在哪里？"}
    await _look_at_phone(town, chromium, scene, sent)
    again = await commands.submit(
        sent.visitor, sent.task.code,
        _with(await _answers(sent.task, B2=1), replies={"A1": "在门口右侧，被花盆挡住了。"}),
        make.key(80), filled_at=town.now(), at=town.now(),
    )  # fmt: skip
    await desk.go(f"/office/review/{again.code}")
    await desk.look("05-review-second-version")
    desk.satisfied()
    await desk.context.close()


async def _look_at_phone(town: Town, chromium: Browser, scene: Scene, sent: Sent) -> None:
    """Let the visitor read the question on the phone."""
    assert sent.visitor.member is not None
    seat = CardRequest(
        member=sent.visitor.member, person=(await members.member(sent.visitor.member)).person
    )
    (card,) = await cards.issue_cards(people.coordinator, [seat], at=town.now())
    await cards.redeem_card(
        card.token,
        f"{scene.setting.members.index(sent.visitor.member) + 1:04d}",
        PIN,
        at=town.now(),
    )
    phone = await person(chromium, town.base, FOLDER, PHONE)
    await phone.go(f"/m/sign-in?next=/m/tasks/{sent.task.code}/sheet")
    await phone.type(number=card.number, pin=PIN)
    await phone.press("Sign in")
    await phone.hear("Your answer to the reviewer")
    await phone.look("04-phone-asked")
    await phone.go("/m/feedback")
    await phone.look("06-phone-feedback")
    phone.satisfied()
    await phone.context.close()


async def test_a_contradiction_waits_and_leads_to_a_second_look(
    town: Town, chromium: Browser, scene: Scene
) -> None:
    desk = await _reviewer(town, chromium)
    await desk.go(f"/office/review/{scene.clean[1].code}")
    await desk.page.keyboard.press("h")
    await desk.type(hold_reason="票号显示另一窗口，照片却是本窗口。")
    await desk.choose("revisit")
    await desk.page.locator('main form[action$="/hold"] button').click()
    await desk.page.wait_for_url("**/office/review?*")
    await desk.go("/office/holds")
    await desk.look("07-holds")
    await desk.open(desk.page.locator("main .card a"))
    await desk.look("08-review-held")
    office = await _reviewer(town, chromium, "coordinator")
    await office.look("09-office-home", langs=("zh",))
    await office.go("/office/revisits")
    await office.look("10-revisits")
    await office.press("Plan a second look")
    assert office.path.endswith("/edit")
    await office.look("11-revisit-plan", langs=("zh",))
    for each in (desk, office):
        each.satisfied()
        await each.context.close()


async def test_clean_sheets_go_together_after_their_sample(
    town: Town, chromium: Browser, scene: Scene
) -> None:
    desk = await _reviewer(town, chromium, "reviewer2")
    await desk.go("/office/batch")
    await desk.look("12-batch-offer")
    await desk.press("Draw the sample")
    await desk.look("13-batch-sample")
    await desk.open(desk.page.locator("main .card a"))
    await desk.look("14-batch-sheet", langs=("zh",))
    async with desk.page.expect_navigation():
        await desk.page.keyboard.press("a")
    assert desk.path == "/office/batch"
    await desk.look("15-batch-ready")
    async with desk.page.expect_navigation():
        await desk.page.keyboard.press("a")
    await desk.look("16-review-empty")
    assert (await queries.submission(scene.clean[5].code)).state is SheetState.ACCEPTED
    desk.satisfied()
    await desk.context.close()


async def test_single_keys_are_switched_off(town: Town, chromium: Browser, scene: Scene) -> None:
    desk = await _reviewer(town, chromium, "reviewer3")
    await desk.go(f"/office/review/{scene.clean[2].code}")
    await desk.follow("Switch single keys off")
    assert desk.path == f"/office/review/{scene.clean[2].code}"
    assert not await desk.page.locator("[data-key], kbd").count()
    before = (await queries.submission(scene.clean[2].code)).state
    await desk.page.keyboard.press("a")
    assert (await queries.submission(scene.clean[2].code)).state is before
    await desk.follow("Switch single keys on")
    desk.satisfied()
    await desk.context.close()
