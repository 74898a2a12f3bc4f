"""The sample city after a whole term: what two years leave on pages."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from tests.journeys import cities
from tests.journeys.browser import DESK, person

FOLDER = "sample-term"


async def test_the_story_of_a_term_leaves_what_two_years_leave(
    chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    city = await cities.played("term", tmp_path_factory)
    told = city.ending.told
    assert min(told.resigned, told.moved_up, told.erased, told.reminded) > 0
    assert min(told.renewed, told.refused, told.ended) > 0
    assert "Nothing was changed behind the service." in await city.panel("audit", "verify")
    async with cities.lived_in(city) as town:
        reader = await person(chromium, town.base, FOLDER)
        for name, path in (
            ("30-lottery", f"/zh/recruitment/{city.ending.campaign}/lottery"),
            ("31-notice", f"/zh/recruitment/{city.ending.campaign}/notice"),
            ("32-replacement", f"/zh/recruitment/{city.ending.open_campaign}"),
            ("33-panel", "/zh/panel"),
        ):
            await reader.go(path)
            await reader.look(name)
            await reader.narrow(name)
        desk = await person(chromium, town.base, FOLDER, DESK)
        await town.sign_in(desk, "coordinator")
        for name, path in (
            ("40-terms", "/terms"),
            ("41-training", "/training"),
            ("42-members", "/members"),
            ("43-campaign", f"/recruitment/{city.ending.campaign}"),
            ("44-notice", f"/recruitment/{city.ending.campaign}/notice"),
            ("45-lottery", f"/recruitment/{city.ending.campaign}/lottery"),
            ("46-nominations", f"/recruitment/{city.ending.campaign}/nominations"),
            ("47-replacement", f"/recruitment/{city.ending.open_campaign}"),
        ):
            await desk.go(f"/office{path}")
            await desk.look(name)
        reader.satisfied()
        desk.satisfied()
