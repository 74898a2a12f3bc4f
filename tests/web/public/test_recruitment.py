"""Recruitment on a phone: the page, the form, the check, the receipt, the draw."""

from __future__ import annotations

import datetime as dt
import hashlib
import html
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from panel import clock
from panel.db import Engine
from panel.recruitment import commands
from tests import people
from tests.make import members as seats
from tests.make import recruitment as make
from tests.web.conftest import Browser

Browse = Callable[..., Browser]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[dt.datetime], None]:
    """Return a function that sets the clock of the pages."""

    def turn(moment: dt.datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    return turn


@pytest.fixture
async def rulebook(engine: Engine) -> None:
    await make.rulebook_in_force(make.small_toml())


def typed(number: int = 1, **more: Any) -> dict[str, Any]:
    """Return what an applicant types into the page."""
    form = msgspec.to_builtins(make.form(number))
    return {
        **{key: value for key, value in form.items() if isinstance(value, str)},
        "key": f"key-{number:032d}",
        "consent": "yes",
        **more,
    }


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_a_campaign_is_shown_with_dates_quotas_and_hash(
    browse: Browse, rulebook: None, at: Callable[..., None], lang: str
) -> None:
    campaign = await make.announced()
    at(make.OPEN)
    browser = browse()
    listed = await browser.get(f"/{lang}/recruitment")
    assert campaign.code in listed.text
    shown = await browser.get(f"/{lang}/recruitment/{campaign.code}")
    assert shown.status_code == 200
    assert campaign.criteria_hash in shown.text
    assert f"/{lang}/recruitment/{campaign.code}/apply" in html.unescape(shown.text)
    assert "set-cookie" not in shown.headers
    frozen = await browser.get(f"/{lang}/recruitment/{campaign.code}/criteria.json")
    assert hashlib.sha256(frozen.content).hexdigest() == campaign.criteria_hash


async def test_a_draft_is_no_campaign_for_the_public(
    browse: Browse, rulebook: None, at: Callable[..., None]
) -> None:
    made = await commands.create(people.coordinator, make.draft(), at=make.AT)
    at(make.OPEN)
    browser = browse()
    assert (await browser.get(f"/zh/recruitment/{made.code}")).status_code == 404
    assert made.code not in (await browser.get("/zh/recruitment")).text
    answer = await browser.post(f"/zh/recruitment/{made.code}/apply", data=typed())
    assert answer.status_code == 404


async def test_the_panels_make_up_is_numbers_only(
    browse: Browse, rulebook: None, at: Callable[..., None]
) -> None:
    at(make.AT)
    assert (await browse().get("/zh/panel")).status_code == 200
    panel = await seats.panel(10)
    shown = await browse().get("/en/panel")
    assert "8 of 10" in shown.text
    assert all(member.code not in shown.text for member in panel)
