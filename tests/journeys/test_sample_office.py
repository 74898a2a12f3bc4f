"""A coordinator's year on the sample city: rounds, lists, messages, measures, sheets on paper."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from typing import NamedTuple

import httpx
import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Browser

from panel.ids import Code
from panel.members import queries as members
from panel.visits import queries as visits
from panel.visits.types import TaskState
from panel.workdays import SHANGHAI
from tests.journeys import cities
from tests.journeys.browser import DESK, Person, person
from tests.journeys.town import Town

FOLDER = "office"
MARK = b"\xef\xbb\xbf"
"""Before every CSV, so that spreadsheets read its Chinese."""


class Scene(NamedTuple):
    """A city and a desk."""

    town: Town
    city: cities.City
    desk: Person


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def scene(
    chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Scene]:
    """Serve the city of a round and sit down at a desk."""
    city = await cities.played("round", tmp_path_factory)
    async with cities.lived_in(city) as town:
        yield Scene(town, city, await person(chromium, town.base, FOLDER, DESK))


async def test_the_next_round_is_one_press_away_and_can_be_called_off(scene: Scene) -> None:
    town, desk = scene.town, scene.desk
    await town.sign_in(desk, "coordinator")
    await desk.go(f"/office/rounds/{scene.city.ending.round}")
    await desk.follow("Plan the next round like this one")
    await desk.look("01-next")
    await desk.type(register_number="JN-2026-030")
    await desk.press("Save the plan")
    assert "/new" not in desk.path, await desk.page.locator("main .faults").inner_text()
    planned = desk.path
    await desk.look("02-next-planned")
    await town.sign_in(desk, "approver")
    await desk.go(planned)
    await desk.press("Approve the plan")
    await desk.page.locator("main details summary").last.click()
    await desk.field("reason").last.fill("系统演练，另行安排。")
    await desk.press("Call this round off")
    await desk.hear("系统演练，另行安排。")
    await desk.look("03-cancelled")
    public = f"/zh/rounds/{planned.rpartition('/')[2]}"
    await desk.go(public)
    await desk.hear("This round was called off")
    await desk.look("04-cancelled-public")
    desk.satisfied()


async def test_unclear_places_get_a_second_stage_and_single_ones_a_round(scene: Scene) -> None:
    desk = scene.desk
    await scene.town.sign_in(desk, "coordinator")
    await desk.go(f"/office/rounds/{scene.city.ending.round}")
    await desk.follow("Second stage")
    await desk.look("05-second-stage")
    await desk.type(register_number="JN-2026-031")
    await desk.press("Plan the second stage")
    await desk.look("06-second-stage-planned", langs=("zh",))
    await desk.go("/office/rounds/places")
    await desk.look("07-places")
    await desk.page.locator('main [name="place"]').first.check()
    await desk.press("Plan with these")
    await desk.look("08-ad-hoc")
    desk.satisfied()


async def test_lists_leave_marked_and_without_a_name(scene: Scene) -> None:
    town, desk, code = scene.town, scene.desk, scene.city.ending.round
    await town.sign_in(desk, "coordinator")
    await desk.go("/office/board")
    assert await desk.page.locator("main svg").count() >= 2
    await desk.look("10-board")
    await desk.go(f"/office/exports?round={code}")
    await desk.look("11-exports")
    data = await desk.save("CSV", role="link")
    assert data.startswith(MARK)
    assert len(data.splitlines()) > 100
    assert (await desk.save("XLSX", role="link")).startswith(b"PK")
    await desk.go(f"/office/rounds/{code}/allowance")
    await desk.look("12-allowance")
    await desk.type(reason="发放补贴")
    await desk.press("List for signature")
    assert await desk.page.locator("main tbody tr").count() > 10
    await desk.look("13-signing", langs=("zh",))
    await desk.go("/office/revisits")
    await desk.press("Plan a second look")
    await desk.look("14-revisit", langs=("zh",))
    desk.satisfied()


async def test_messages_tell_their_price_before_they_leave(scene: Scene) -> None:
    desk = scene.desk
    await scene.town.sign_in(desk, "coordinator")
    await desk.go("/office/messages")
    await desk.look("20-messages")
    await desk.page.locator('main label:has([name="audience"])').first.click()
    await desk.press("See whom it reaches and what it costs")
    await desk.look("21-message")
    await desk.press("Send")
    assert desk.path == "/office/messages"
    assert await desk.page.locator("main table").count() >= 1
    await desk.look("22-message-sent", langs=("zh",))
    desk.satisfied()


async def test_another_program_reads_with_a_token_and_learns_no_visitor(scene: Scene) -> None:
    desk, town = scene.desk, scene.town
    await town.sign_in(desk, "admin")
    await desk.go("/admin/tokens")
    await desk.look("25-tokens")
    await desk.type(name="市大数据平台", days="90")
    for scope in await desk.page.locator('main label:has([name="scopes"])').all():
        await scope.click()
    await desk.press("Make the token")
    token = (await desk.page.locator("main p.mono").first.inner_text()).strip()
    await desk.page.locator("main h1").wait_for()
    await desk.go("/admin/tokens")
    assert token not in await desk.page.content()
    await desk.look("26-token-listed", langs=("zh",))
    async with httpx.AsyncClient(base_url=town.base) as program:
        head = {"Authorization": f"Bearer {token}"}
        assert (await program.get("/api/v1/rounds")).status_code == 403
        answer = await program.get("/api/v1/submissions", headers=head)
        assert answer.is_success, answer.text
    one = (await members.serving(town.now()))[0].code
    assert one not in answer.text
    desk.satisfied()


async def test_measures_are_written_previewed_tried_and_proposed(scene: Scene) -> None:
    town, desk = scene.town, scene.desk
    await town.sign_in(desk, "coordinator")
    await desk.go("/office/rulebooks/new")
    await desk.look("30-measures-new", langs=("zh",))
    await desk.press("Copy the version in force")
    draft = desk.path
    await desk.look("31-draft")
    await desk.page.locator("main table.cards th a").first.click()
    form = desk.path
    await desk.look("32-form")
    await desk.field("weights.A1").fill("9")
    await desk.page.locator("#sum .attention").wait_for()  # summed as it is typed
    await desk.page.reload()
    await desk.page.locator("main table.cards th a").first.click()
    await desk.page.wait_for_url("**/items/*")
    await desk.look("33-item")
    await desk.type(text__zh="办事指南是否摆放在显眼处？")
    await desk.press("Save")
    await desk.go(f"{form}/preview")
    sheet = desk.page.frame_locator("main iframe")
    await sheet.get_by_text("办事指南是否摆放在显眼处？").first.wait_for()
    await desk.look("34-preview", langs=("zh",))
    desk.forgive("about:srcdoc")  # the critic's own script, which the frame does not let in
    await desk.go(draft)
    await desk.type(edition="2026-2")
    await desk.press("Save")
    await desk.press("Try it on the last round")
    await town.work()
    await desk.go(f"{draft}/dry-run")
    await desk.hear("Counted sheets")
    await desk.look("35-dry-run")
    await desk.go(draft)
    await desk.press("Propose to the second person")
    assert "drafts" not in desk.path, await desk.page.locator("main").inner_text()
    proposed = desk.path
    await town.sign_in(desk, "approver")
    await desk.go(proposed)
    await desk.look("36-proposed", langs=("zh",))
    await desk.press("Approve and freeze")
    await desk.go("/zh/measures")
    await desk.hear("办事指南是否摆放在显眼处？")
    desk.satisfied()


async def test_a_sheet_on_paper_is_typed_by_two_and_counts(scene: Scene) -> None:
    town, desk = scene.town, scene.desk
    number = await _print(scene, await _with_a_task(scene))
    await town.sign_in(desk, "intake")
    await desk.go(f"/office/paper?number={number}")
    await desk.look("42-paper-printed")
    await desk.attach("scan", "page.jpg", _page(), "image/jpeg")
    await desk.press("Keep this page")
    await desk.look("43-paper-scanned")
    await _type(desk, town, "Keep as the first reading")
    await desk.go(f"/office/paper/{number}")
    await desk.hear("You typed this sheet. Another person types it again.")
    await desk.look("44-paper-typed", langs=("zh",))
    await town.sign_in(desk, "coordinator")
    await desk.go("/office/paper")
    await desk.look("45-papers")
    await desk.go(f"/office/paper/{number}")
    await _type(desk, town, "Compare")
    await desk.hear("Both readings agree or were settled. The sheet is with the reviewers like any"
                    " other.")  # fmt: skip
    await desk.look("46-paper-counted", langs=("zh",))
    desk.satisfied()


async def _with_a_task(scene: Scene) -> Code:
    """Return a member who has accepted an open visit that may be made now."""
    at = scene.town.now()
    for member in await members.serving(at):
        for task in await visits.member_tasks(member.code, at=at):
            fit = task.state is TaskState.ACCEPTED and not task.covert and task.window_code
            if fit and task.opens_at <= at < task.due_at:
                return member.code
    raise AssertionError(at)


async def _print(scene: Scene, member: Code) -> str:
    """Print a member's sheets after a reason; return the number of one of them."""
    desk = scene.desk
    await scene.town.sign_in(desk, "coordinator")
    await desk.go(f"/office/members/{member}")
    await desk.follow("Print sheets on paper")
    await desk.look("40-paper-offer")
    await desk.type(reason="没有智能手机，电话已同意")
    await desk.press("Show for printing")
    await desk.look("41-paper-print", langs=("zh",))
    return await desk.page.locator("main .leaf strong.mono").first.inner_text()


def _page() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (600, 850), "white").save(out, "JPEG")
    return out.getvalue()


async def _type(desk: Person, town: Town, button: str) -> None:
    """Type what stands on the paper."""
    day = town.now().astimezone(SHANGHAI).date().isoformat()
    await desk.type(visited_on=day, visited_at="09:30")
    for name in await desk.page.locator("main select").evaluate_all("all => all.map(x => x.name)"):
        await desk.field(name).select_option(index=1)
    for field in await desk.page.locator('main [name^="minutes."]').all():
        await field.fill("12")
    await desk.choose("declared", "yes")
    await desk.press(button)
