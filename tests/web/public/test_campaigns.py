"""A campaign's public page: periods with their reasons, and how applications fill the quotas."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable

import pytest

from panel import clock
from panel.db import Engine
from panel.recruitment import commands
from panel.recruitment.tables import Campaign
from panel.recruitment.types.campaigns import CampaignState
from tests import people
from tests.make import recruitment as make
from tests.make import roster
from tests.web.conftest import Browser

Browse = Callable[..., Browser]
DAY = dt.timedelta(days=1)
_CELLS = re.compile(r"<tr><th[^>]*>(.*?)</th>(.*?)</tr>", re.DOTALL)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[dt.datetime], None]:
    """Return a function that sets the clock of the pages."""

    def turn(moment: dt.datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    return turn


@pytest.fixture
async def city(engine: Engine) -> None:
    await make.rulebook_in_force(make.small_toml())
    await roster.small_city()


def rows(text: str) -> dict[str, list[str]]:
    """Return the numbers of a page's table by the words of their row."""
    found = {}
    for head, cells in _CELLS.findall(html.unescape(text)):
        name = re.sub(r"<span.*", "", head, flags=re.DOTALL).strip()
        if "<td" not in cells:
            continue
        found[name] = [
            re.sub(r"<.*", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", cells)
        ]
    return found


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_the_page_counts_applicants_for_each_line_and_names_nobody(
    browse: Browse, city: None, at: Callable[..., None], lang: str
) -> None:
    campaign = await make.announced()
    at(make.OPENS - dt.timedelta(seconds=1))
    address = f"/{lang}/recruitment/{campaign.code}"
    before = rows((await browse().get(address)).text)
    assert all(len(cells) == 1 for cells in before.values())
    tickets = await make.applied(campaign.code, 8)
    at(make.OPENS)
    shown = await browse().get(address)
    counted = rows(shown.text)
    seats = {"zh": "席位", "en": "Seats"}[lang]
    assert counted[seats] == ["10–10", "8"]
    residents = next(cells for name, cells in counted.items() if name.endswith(
        {"zh": "居民群众", "en": "Residents"}[lang]
    ))  # fmt: skip
    assert residents[1] == "2"
    for number, ticket in enumerate(tickets, 1):
        typed = make.form(number)
        for planted in (ticket, typed.name, typed.phone, typed.national_id, typed.address):
            assert planted not in shown.text
    await Campaign.update({Campaign.state: CampaignState.COMPLETED}).where(
        Campaign.id == campaign.id
    )
    after = rows((await browse().get(address)).text)
    assert all(len(cells) == 1 for cells in after.values())


async def test_every_period_stands_with_its_reason_and_document(
    browse: Browse, city: None, at: Callable[..., None]
) -> None:
    campaign = await make.announced()
    at(make.OPEN)
    address = f"/zh/recruitment/{campaign.code}"
    assert "报名时段" not in (await browse().get(address)).text
    await commands.extend(
        people.coordinator, campaign.code, make.CLOSES + DAY, "暴雨停工<b>", at=make.OPEN
    )
    shown = (await browse().get(address)).text
    assert "报名时段" in shown
    assert "暴雨停工&lt;b&gt;" in shown
    await make.applied(campaign.code, 9)
    closed = make.CLOSES + DAY
    await commands.start_screening(people.coordinator, campaign.code, at=closed)
    await commands.reopen(
        people.coordinator, campaign.code, closed + DAY, closed + 9 * DAY, "人数不足", at=closed
    )
    at(closed)
    shown = (await browse().get(address)).text
    assert "再次报名" in shown
    assert "人数不足" in shown
    assert campaign.criteria_hash in shown
    assert f"{address}/apply" not in html.unescape(shown)
    at(closed + DAY)
    assert f"{address}/apply" in html.unescape((await browse().get(address)).text)


async def test_a_cancelled_draft_never_becomes_public(
    browse: Browse, city: None, at: Callable[..., None]
) -> None:
    made = await commands.create(people.coordinator, make.draft(), at=make.AT)
    await commands.cancel(people.coordinator, made.code, "重复", at=make.AT)
    at(make.OPEN)
    assert (await browse().get(f"/zh/recruitment/{made.code}")).status_code == 404
    assert made.code not in (await browse().get("/zh/recruitment")).text
