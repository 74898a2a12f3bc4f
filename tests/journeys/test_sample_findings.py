"""From a sheet to a public page: reviewer, coordinator, unit, publisher, everybody."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from panel.accounts import queries as accounts
from panel.evaluations import queries as evaluations
from panel.evaluations.queries import findings, releases
from panel.evaluations.rules import releases as rules
from panel.evaluations.types import SheetState, SheetView
from panel.ids import Code
from panel.roster import queries as roster
from panel.rulebook import queries as rulebooks
from panel.visits import queries as visits
from tests.journeys import cities
from tests.journeys.browser import DESK, Person, person
from tests.journeys.town import Town

FOLDER = "findings"
TOLD = "窗口未公示办事所需材料，群众往返多次，不符合一次性告知制度。"
REPLY = "情况属实。已制作材料清单并张贴在窗口，对工作人员逐一培训。"


class Scene(NamedTuple):
    """A city, who speaks for one of its units, a desk and a reader's phone."""

    town: Town
    city: cities.City
    speaker: str
    unit: Code
    desk: Person
    reader: Person


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def scene(
    chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Scene]:
    """Serve the city of a round; take a unit whose liaison has signed in before."""
    city = await cities.played("round", tmp_path_factory)
    async with cities.lived_in(city) as town:
        login, unit = await _speaker(city)
        desk = await person(chromium, town.base, FOLDER, DESK)
        reader = await person(chromium, town.base, FOLDER)
        yield Scene(town, city, login, unit, desk, reader)


async def _speaker(city: cities.City) -> tuple[str, Code]:
    """Return a liaison whose unit was visited, and that unit."""
    for login in city.ending.liaisons:
        unit = (await accounts.actor_named(login)).unit
        if unit and await _sheets(city, unit):
            return login, unit
    raise AssertionError(city.ending.liaisons)


async def _sheets(city: cities.City, unit: Code) -> list[SheetView]:
    """Return the accepted sheets about a unit of the round that is over."""
    view = await visits.round(city.ending.round)
    tasks = [each for each in await visits.round_tasks(view.id, limit=400)
             if each.unit_code == unit]  # fmt: skip
    found = [await evaluations.latest(each) for each in tasks]
    return [each for each in found if each and each.state is SheetState.ACCEPTED]


async def test_a_finding_goes_from_a_sheet_to_the_public(scene: Scene) -> None:
    code = await _note(scene)
    await _send(scene, code)
    await _answer(scene, code)
    await _conclude(scene, code)
    await _expose(scene, code)
    for each in (scene.desk, scene.reader):
        each.satisfied()


async def _note(scene: Scene) -> Code:
    """Note as a reviewer what a sheet tells."""
    desk, sheet = scene.desk, (await _sheets(scene.city, scene.unit))[0]
    await scene.town.sign_in(desk, "reviewer1")
    await desk.go("/office/findings")
    await desk.look("01-findings")
    await desk.go(f"/office/review/{sheet.code}")
    await desk.follow("Note a finding")
    await desk.look("02-finding-new")
    await desk.type(facts="票面时间与公示时限不符，材料清单没有张贴。")
    await desk.press("Note the finding")
    await desk.look("03-finding-noted")
    return Code(desk.path.rpartition("/")[2])


async def _send(scene: Scene, code: Code) -> None:
    """Judge as a coordinator how grave it is, say it to the unit."""
    desk = scene.desk
    await scene.town.sign_in(desk, "coordinator")
    await desk.go(f"/office/findings/{code}")
    await desk.choose("severity", "2")
    await desk.type(told=TOLD)
    await desk.press("Save the judgement")
    await desk.look("04-finding-triaged", langs=("zh",))
    await desk.press("Send to the unit")
    await desk.hear("Waiting for the unit")
    visible = (await findings.stored(code)).visible_at
    assert visible is not None
    if visible > scene.town.now():
        scene.town.wait_until(visible + dt.timedelta(hours=1))


async def _answer(scene: Scene, code: Code) -> None:
    """Sign for the finding and reply as the unit, which learns neither who nor when."""
    desk, sheet = scene.desk, (await _sheets(scene.city, scene.unit))[0]
    await scene.town.sign_in(desk, scene.speaker)
    await desk.go("/unit/findings")
    await desk.look("05-unit-findings")
    await desk.go(f"/unit/findings/{code}")
    await desk.hear(TOLD)
    said = await desk.page.content()
    assert not [each for each in (sheet.code, sheet.task.code) if each in said]
    await desk.look("06-unit-finding")
    await desk.press("Acknowledge receipt")
    await desk.look("07-unit-received")
    await desk.choose("stance", "accepted")
    await desk.type(text=REPLY)
    await desk.press("Send the reply")
    await desk.hear("Your reply")
    await desk.look("08-unit-replied", langs=("zh",))


async def _conclude(scene: Scene, code: Code) -> None:
    """Add a document, conclude as somebody who did not note it, order to put it right."""
    desk, page = scene.desk, f"/office/findings/{code}"
    await scene.town.sign_in(desk, "reviewer2")
    await desk.go(page)
    await desk.hear(REPLY)
    await desk.look("09-finding-replied")
    await desk.follow("Add evidence")
    await desk.look("10-evidence")
    await desk.choose("kind", "document")
    await desk.type(note="窗口公示材料清单与办事指南不一致的核对记录。")
    await desk.press("Add evidence")
    await desk.go(page)
    await desk.choose("outcome", "verified")
    await desk.type(text="经核对办事指南和窗口材料清单，问题属实。")
    await desk.press("Conclude")
    await desk.look("11-finding-verified", langs=("zh",))
    await desk.type(text="在窗口张贴材料清单，并一次性告知。")
    await desk.press("Open the order")
    await desk.look("12-finding-ordered")


async def _expose(scene: Scene, code: Code) -> None:
    """Propose a text, publish it as another person, read it with the unit's reply."""
    desk, reader = scene.desk, scene.reader
    await desk.follow("Propose an exposure")
    await desk.look("13-exposure-new")
    await desk.type(title="一次性告知不到位", text="走访发现该单位窗口未公示所需材料。")
    await desk.press("Propose")
    proposed = desk.path
    await scene.town.sign_in(desk, "publisher")
    await desk.go(proposed)
    await desk.look("14-exposure-proposed")
    await desk.press("Make it public")
    await desk.look("15-exposure-public", langs=("zh",))
    await reader.go("/zh/exposures")
    await reader.look("16-exposures")
    await reader.narrow("16-exposures")
    assert await reader.page.locator("main .cardlist a").count() > 1
    public = f"/zh/exposures/{desk.path.rpartition('/')[2]}"
    await reader.go(public)
    await reader.hear(REPLY)
    await reader.hear("在窗口张贴材料清单，并一次性告知。")
    await reader.look("17-exposure")
    await reader.narrow("17-exposure")


async def test_open_visits_are_announced_to_units_and_at_their_windows(scene: Scene) -> None:
    desk, reader = scene.desk, scene.reader
    await scene.town.sign_in(desk, "coordinator")
    await desk.go(f"/office/rounds/{scene.city.ending.running}")
    await desk.follow("Notice of open visits")
    await desk.look("20-notice-new")
    await desk.type(
        purpose="改进窗口服务。",
        methods="监督员持证走访，可查看公示、体验办理。",
        discipline="不收礼、不吃请、不干扰办公。",
        address="示例路1号",
        contact="监督评议办公室",
        report_phone="0537-0000000",
    )
    await desk.press("Hang the notice")
    await desk.hear("Take the notice down")
    await desk.look("21-notice-hangs", langs=("zh",))
    tasks = await visits.round_tasks((await visits.round(scene.city.ending.running)).id)
    visited = next(each for each in tasks if each.window_code and not each.covert)
    await reader.go(f"/w/{visited.window_code}")
    await reader.study("22-window")
    await reader.follow("Notice of open visits")
    await reader.hear("不收礼、不吃请、不干扰办公。")
    await reader.look("23-notice")
    await reader.narrow("23-notice")
    await _as_liaison_of(scene, visited.unit_code)
    for each in (desk, reader):
        each.satisfied()


async def _as_liaison_of(scene: Scene, unit: Code) -> None:
    """Read as a unit's liaison, of one that is not visited in this round too, what hangs."""
    names = {value: login for login, value in scene.city.ending.liaisons.items()}
    login = names.get((await roster.unit(unit)).name, scene.speaker)
    await scene.town.sign_in(scene.desk, login)
    for name, path in (
        ("24-unit-visits", "/unit/visits"),
        ("25-unit-results", "/unit/results"),
        ("26-unit", "/unit"),
    ):
        await scene.desk.go(path)
        await scene.desk.look(name)


async def test_results_go_to_units_in_batches_after_a_look(scene: Scene) -> None:
    desk = scene.desk
    await scene.town.sign_in(desk, "coordinator")
    await desk.go("/office/results")
    await desk.look("30-results")
    minimum = (await rulebooks.current()).rulebook.publication.minimum_visitors
    tellable = rules.batch(await releases.leaves(), await releases.told(), minimum)
    await desk.press("Gather what may be told now")
    if not tellable:  # the lot may leave each figure, beside the ranking, with too few visitors
        await desk.hear("release.nothing", minimum=minimum)
        desk.forgive("409")
        return
    await desk.look("31-results-draft")
    assert await desk.page.locator("main table tbody tr").count() >= len(tellable)
    await desk.press("Keep it in the office")
    await desk.look("32-results-next", langs=("zh",))
    desk.satisfied()
