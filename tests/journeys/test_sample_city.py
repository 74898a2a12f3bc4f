"""The sample city as a newcomer gets it: made and served by the command line, read in a browser."""

from __future__ import annotations

import asyncio
import contextlib
import html
import os
import re
import socket
from collections.abc import AsyncIterator
from typing import NamedTuple

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser

from panel.demo import cast, stories
from tests.journeys import cities
from tests.journeys.browser import DESK, Person, person
from tests.journeys.cities import PANEL

FOLDER = "sample-city"
SEATS = 100
_PATIENCE = 300
"""Seconds until a service answers on a busy machine."""


class City(NamedTuple):
    """A sample city that is served."""

    played: cities.City
    base: str

    @property
    def ending(self) -> stories.Ending:
        """Return what the story told in the end."""
        return self.played.ending

    async def panel(self, *words: str) -> str:
        """Run the command line and return what it prints."""
        return await self.played.panel(*words)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def city(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[City]:
    """Serve the city of a round as ``make run`` does."""
    found = await cities.played("round", tmp_path_factory)
    port = _free_port()
    base = f"http://127.0.0.1:{port}"
    server = await asyncio.create_subprocess_exec(
        PANEL, "serve", "--port", str(port), env=found.environment,
        stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await _healthy(base)
        yield City(found, base)
    finally:
        server.terminate()
        await server.wait()


def _free_port() -> int:
    """Return a port that nobody is given for a connection before the service listens on it."""
    for port in range(20_000 + os.getpid() % 5_000, 32_000):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError


async def _healthy(base: str) -> None:
    async with asyncio.timeout(_PATIENCE), httpx.AsyncClient() as client:
        while True:
            try:
                answer = await client.get(f"{base}/healthz")
            except httpx.TransportError:
                await asyncio.sleep(0.2)
                continue
            assert answer.is_success
            return


async def _sign_in(someone: Person, city: City, login: str) -> None:
    await someone.go("/sign-in")
    for _ in range(3):  # a code lasts for half a minute: too short for a machine that stands still
        code = (await city.panel("demo", "code", login)).strip()
        await someone.type(login=login, password=cast.PASSWORD, totp=code)
        await someone.press("Sign in")
        if someone.path != "/sign-in":
            break
        someone.forgive("status of")
    assert someone.path != "/sign-in"


async def test_the_story_ends_as_it_should(city: City) -> None:
    async with httpx.AsyncClient(base_url=city.base, follow_redirects=True) as reader:
        people = await _drawn(reader, city)
        assert len(people) == SEATS
        assert sum(each != "other" for each in people) >= SEATS * 80 // 100
        ranking = await reader.get("/rankings")
        assert ranking.is_success
        assert ranking.url.path == "/zh/rankings"
        lists = await reader.get("/rankings/data/rankings.json")
        assert any(each["rows"] for each in lists.json()["lists"])
    told = await city.panel("audit", "verify")
    assert "Nothing was changed behind the service." in told


async def _drawn(reader: httpx.AsyncClient, city: City) -> list[str]:
    """Return the categories of the drawn, from the published file and number alone."""
    place = f"/en/recruitment/{city.ending.campaign}/lottery"
    shown = html.unescape((await reader.get(place)).text)
    number = re.search(r'class="figure mono">(\d{3})<', shown)
    file = re.search(rf'href="({place}/[0-9A-Z]+/file)"', shown)
    assert number
    assert file
    lines = [line.split(" ") for line in (await reader.get(file[1])).text.splitlines()]
    category = {line[1]: line[2] for line in lines if line[0] == "ticket"}
    (seats,) = [line[2:] for line in lines if line[:2] == ["list", f"{number[1]}:"]]
    return [category[ticket] for ticket in dict.fromkeys(seats)]


async def test_the_office_finds_its_round_ranking_and_orders(chromium: Browser, city: City) -> None:
    desk = await person(chromium, city.base, FOLDER, DESK)
    await _sign_in(desk, city, "coordinator")
    for name, path in (
        ("00-office", ""),
        ("01-rounds", "/rounds"),
        ("02-round", f"/rounds/{city.ending.round}"),
        ("03-coverage", f"/rounds/{city.ending.round}/coverage"),
        ("04-ranking", f"/rankings/{city.ending.round}"),
        ("05-appeals", "/appeals"),
        ("05-orders", "/orders?show=unit"),
        ("06-members", "/members"),
    ):
        await desk.go(f"/office{path}")
        await desk.look(name)
    await desk.go("/office/orders?show=unit")
    assert await desk.page.locator('main a[href^="/office/orders/"]').count(), "no order was opened"
    desk.satisfied()


async def test_everybody_reads_the_ranking(chromium: Browser, city: City) -> None:
    reader = await person(chromium, city.base, FOLDER)
    await reader.go("/rankings")
    await reader.look("10-rankings")
    await reader.narrow("10-rankings")
    await reader.follow("All units of the group")
    await reader.look("11-units")
    await reader.narrow("11-units")
    unit = reader.page.locator('main a[href*="unit/"]').first
    await reader.page.goto(await unit.evaluate("one => one.href"))
    await reader.look("12-unit")
    await reader.go(f"/zh/recruitment/{city.ending.campaign}/lottery")
    await reader.look("13-lottery")
    await reader.narrow("13-lottery")
    await reader.go("/zh/panel")
    await reader.look("14-panel")
    reader.satisfied()


async def test_a_member_has_tasks_to_try(chromium: Browser, city: City) -> None:
    phone = await person(chromium, city.base, FOLDER)
    await phone.go("/m/sign-in")
    await phone.type(number=city.ending.card_number, pin=stories.PIN)
    await phone.press("Sign in")
    await phone.look("20-tasks")
    assert await phone.page.locator("main .cardlist a").count() >= 1
    phone.satisfied()


async def test_a_fresh_card_opens_with_the_end_of_the_telephone_number(
    chromium: Browser, city: City
) -> None:
    phone = await person(chromium, city.base, FOLDER)
    await phone.go(f"/m/card/{city.ending.fresh_card}")
    await phone.type(digits=city.ending.fresh_digits, pin="580264", pin_again="580264")
    await phone.press("Open my card")
    assert phone.path == "/m/tasks"
    phone.satisfied()
