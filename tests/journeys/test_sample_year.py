"""The sample city after a year: what four rounds leave at the office, at units, for everybody."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from panel.accounts import queries as accounts
from panel.rankings import queries as rankings
from panel.rankings.types import AppealKind, AppealOutcome
from tests.journeys import cities
from tests.journeys.browser import DESK, Person, person
from tests.journeys.town import Town
from tests.make import attack

FOLDER = "sample-year"
ROUNDS = 4


class Scene(NamedTuple):
    """A city after its year, and a town in which it is served."""

    town: Town
    city: cities.City


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """Serve the city of a year."""
    city = await cities.played("year", tmp_path_factory)
    async with cities.lived_in(city) as town:
        await town.work()
        yield Scene(town, city)


async def _first(someone: Person, below: str) -> None:
    """Follow the first link to something that stands below an address."""
    link = someone.page.locator(f'main a[href^="{below}"]').first
    await someone.page.goto(await link.evaluate("one => one.href"))


async def _look(someone: Person, *pages: tuple[str, str]) -> None:
    for name, path in pages:
        await someone.go(path)
        await someone.look(name)


async def test_the_year_went_its_whole_way(scene: Scene) -> None:
    every = await rankings.rankings()
    assert len(every) == ROUNDS
    appeals = [
        each
        for one in every
        for each in await rankings.appeals_of(AppealKind.RANKING, one.round_code)
    ]
    assert {each.outcome for each in appeals} >= {AppealOutcome.UPHELD, AppealOutcome.REJECTED}
    assert "Nothing was changed behind the service." in await scene.city.panel("audit", "verify")
    told = await scene.city.panel("verify", str(scene.town.settings.releases_dir))
    assert "FAIL" not in told


async def test_no_small_part_can_be_found_from_all_that_the_year_told(scene: Scene) -> None:
    """Take apart every release, report and batch of four rounds, all units together."""
    found = await attack.gathered(scene.town.settings)
    assert len(found.told) > ROUNDS
    assert found.found_anywhere() == frozenset()
    assert await attack.planted(found) != frozenset()


async def test_the_office_reads_its_year(chromium: Browser, scene: Scene) -> None:
    desk = await person(chromium, scene.town.base, FOLDER, DESK)
    await scene.town.sign_in(desk, "coordinator")
    code = scene.city.ending.round
    await _look(
        desk,
        ("01-office", "/office"),
        ("02-ranking", f"/office/rankings/{code}"),
        ("03-procedure", f"/office/rankings/{code}/procedure"),
        ("04-deliveries", f"/office/rankings/{code}/deliveries"),
        ("05-appeals", "/office/appeals"),
        ("06-officers", "/office/officers"),
        ("07-officers-round", f"/office/officers/rounds/{code}"),
        ("08-duty", "/office/duty"),
        ("09-assessments", "/office/assessments"),
        ("10-ballots", "/office/ballots"),
        ("11-orders", "/office/orders?show=ended"),
        ("12-archives", "/office/archives"),
        ("13-archive", f"/office/rounds/{code}/archive"),
        ("14-circulars", "/office/circulars"),
        ("15-plans", "/office/annual-plans"),
        ("16-next", f"/office/rounds/{code}/next"),
    )
    for name, path, asked in (
        ("17-appeal", "/office/appeals", ""),
        ("18-order", "/office/orders", "?show=ended"),
        ("19-ledger", "/office/ledger", ""),
    ):
        await desk.go(path + asked)
        await _first(desk, f"{path}/")
        await desk.look(name)
    desk.satisfied()


async def test_a_unit_reads_its_year(chromium: Browser, scene: Scene) -> None:
    desk = await person(chromium, scene.town.base, FOLDER)
    login = next(iter(scene.city.ending.liaisons))
    assert (await accounts.actor_named(login)).unit
    await scene.town.sign_in(desk, login)
    await _look(
        desk,
        ("20-unit", "/unit"),
        ("21-unit-appeals", "/unit/appeals"),
        ("22-unit-orders", "/unit/orders"),
        ("23-unit-assessments", "/unit/assessments"),
        ("24-unit-ledger", "/unit/ledger"),
        ("25-unit-duty", "/unit/duty"),
        ("26-unit-circulars", "/unit/circulars"),
    )
    desk.satisfied()


async def test_everybody_reads_the_year(chromium: Browser, scene: Scene) -> None:
    phone = await person(chromium, scene.town.base, FOLDER)
    for name, path in (
        ("30-rankings", "/zh/rankings"),
        ("31-corrections", "/zh/rankings/corrections"),
        ("32-outcomes", "/zh/outcomes"),
        ("33-scoreboard", "/zh/scoreboard"),
        ("34-plan", "/zh/plan"),
        ("35-bulletins", "/zh/bulletins"),
        ("36-find", "/zh/find?q=s"),
    ):
        await phone.go(path)
        await phone.look(name)
        await phone.narrow(name)
    await phone.go("/zh/rankings")
    assert await phone.page.locator('main a[href*="earlier/"]').count() == ROUNDS - 1
    await _first_containing(phone, "earlier/")
    await phone.look("37-earlier")
    await phone.go("/zh/rankings/names")
    await _first_containing(phone, "unit/")
    await phone.look("38-why")
    await phone.narrow("38-why")
    await _first_containing(phone, "window/")
    await phone.look("39-why-window")
    answer = await phone.context.request.get(f"{phone.base}/zh/rankings/officers")
    assert not answer.ok, "officers of the internal level stand in public"
    phone.satisfied()


async def _first_containing(someone: Person, part: str) -> None:
    link = someone.page.locator(f'main a[href*="{part}"]').first
    await someone.page.goto(await link.evaluate("one => one.href"))
