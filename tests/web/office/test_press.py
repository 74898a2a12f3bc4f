"""What goes out with a publication: text for the press under embargo, the notice to be stamped."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest

from panel.rankings import commands, queries
from panel.settings import Settings
from tests import people
from tests.make import rankings as make
from web import release
from web.office.press import embargo

pytestmark = pytest.mark.usefixtures("engine")


async def test_the_press_gets_settled_places_under_an_embargo(
    settings: Settings, browse: Callable[..., Any]
) -> None:
    city = await make.notified(units=5, members=14, list_size=1)
    here = f"/office/rankings/{city.round.code}"
    browser = browse(people.publisher)
    assert (await browser.get(f"{here}/press")).status_code == 404, "units are told first"
    await make.waived(city)
    await commands.open_notice(people.publisher, city.round.code, at=make.ANSWERED)
    await release.write_due(settings, at=make.ANSWERED)
    page = await browser.get(f"{here}/press?day=2026-12-01&hour=10:30")
    assert page.status_code == 200
    for text in ("2026年12月1日", "10:30", "不得发布", "Embargo: not to be published before"):
        assert text in page.text
    assert "press." not in page.text
    plain = await browser.get(f"{here}/press?day=soon")
    assert "不得发布" not in plain.text
    stamped = await browser.get(f"{here}/stamped")
    publication = await queries.published()
    assert publication is not None
    assert publication.manifest_hash in stamped.text
    assert "公示" in stamped.text
    screen = await browse().get("/zh/rankings/screen/1")
    assert screen.status_code == 200
    shown = unescape((await browser.get(here)).text)
    assert f"{here}/press" in shown
    assert f"{here}/stamped" in shown


def test_an_embargo_is_a_moment_or_none() -> None:
    moment = embargo("2026-12-01", "")
    assert moment is not None
    assert moment.isoformat() == "2026-12-01T09:00:00+08:00"
    assert embargo("2026-12-01", "25:00") is None
    assert embargo("", "09:00") is None
