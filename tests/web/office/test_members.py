"""Members at the office's desk: training and pledge in bulk, recusals, resignation, the alarm."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Callable

import pytest

from panel import clock
from panel.accounts import commands as cards
from panel.accounts.types import CardRequest
from panel.db import Engine
from panel.members import queries
from tests import people
from tests.make import members as make
from tests.make import recruitment, roster
from tests.web.conftest import Browser

Browse = Callable[..., Browser]
DAY = "2026-03-01"


@pytest.fixture
async def city(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> roster.City:
    """Return a roster, with a rulebook in force and the clock of the builders."""
    monkeypatch.setattr(clock, "now", lambda: make.AT)
    await recruitment.rulebook_in_force()
    return await roster.small_city()


async def test_an_empty_panel_says_where_members_come_from(
    browse: Browse, city: roster.City
) -> None:
    shown = await browse(people.coordinator).get("/office/members")
    assert "监督员由招募抽选产生" in shown.text


async def test_training_and_pledge_are_recorded_in_bulk(browse: Browse, city: roster.City) -> None:
    panel = await make.panel(10, qualified=False)
    browser = browse(people.coordinator)
    assert panel[0].code in (await browser.get("/office/members?show=training")).text
    typed = {"what": "training", "on": DAY, "scope": "ticked"}
    nobody = await browser.post_form("/office/members/record", typed)
    assert nobody.status_code == 422
    listed = {**typed, "codes": f"{panel[0].code.lower()}，{panel[1].code}\n"}
    assert (await browser.post_form("/office/members/record", listed)).status_code == 303
    files = {"file": ("list.txt", f"{panel[2].code}\n{panel[3].code}".encode())}
    await browser.post_form("/office/members/record", typed, files=files)
    ticked = {**typed, "member": [panel[4].code]}
    await browser.post_form("/office/members/record", ticked)
    trained = {each.code for each in await queries.serving(make.AT) if each.trained_on}
    assert trained == {each.code for each in panel[:5]} or len(trained) == 5
    everybody = {"on": DAY, "scope": "all"}
    await browser.post_form("/office/members/record", {**everybody, "what": "pledge"})
    assert len(await queries.qualified(make.AT)) == 5
    await browser.post_form("/office/members/record", {**everybody, "what": "training"})
    assert len(await queries.qualified(make.AT)) == 10


async def test_pledges_are_recorded_before_the_first_day_of_a_term(
    browse: Browse, city: roster.City, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = await make.panel(5, qualified=False)
    before = make.AT - dt.timedelta(days=40)
    monkeypatch.setattr(clock, "now", lambda: before)
    browser = browse(people.coordinator)
    assert panel[0].code not in (await browser.get("/office/members")).text
    assert panel[0].code in (await browser.get("/office/members?show=pledge")).text
    everybody = {"on": before.date().isoformat(), "scope": "all"}
    for what in ("pledge", "training"):
        await browser.post_form("/office/members/record", {**everybody, "what": what})
    assert not await queries.serving(before)
    assert len(await queries.qualified(make.AT)) == len(panel)


async def test_the_numbers_on_the_cards_stand_for_their_members(
    browse: Browse, city: roster.City
) -> None:
    panel = await make.panel(2, qualified=False)
    seats = [CardRequest(each.code, each.person) for each in panel]
    first, _ = await cards.issue_cards(people.coordinator, seats, at=make.AT)
    typed = {"what": "training", "on": DAY, "scope": "ticked", "codes": first.number.lower()}
    done = await browse(people.coordinator).post_form("/office/members/record", typed)
    assert done.status_code == 303
    trained = [each.code for each in await queries.serving(make.AT) if each.trained_on]
    assert trained == [first.member]


async def test_an_unknown_number_or_a_future_day_records_nothing(
    browse: Browse, city: roster.City
) -> None:
    panel = await make.panel(5, qualified=False)
    browser = browse(people.coordinator)
    typed = {"what": "training", "scope": "ticked", "codes": panel[0].code}
    late = await browser.post_form("/office/members/record", {**typed, "on": "2026-03-09"})
    assert late.status_code == 422
    assert panel[0].code in late.text
    unknown = {**typed, "on": DAY, "codes": "ABCDEFGHJK"}
    assert (await browser.post_form("/office/members/record", unknown)).status_code == 404
    assert not [each for each in await queries.serving(make.AT) if each.trained_on]


async def test_a_resignation_that_breaks_the_rule_raises_the_alarm(
    browse: Browse, city: roster.City
) -> None:
    panel = await make.panel(10)
    browser = browse(people.coordinator)
    assert "刚性比例已被突破" not in (await browser.get("/office/members")).text
    leaver = next(each for each in panel if each.category == "resident")
    address = f"/office/members/{leaver.code}"
    shown = html.unescape((await browser.get(address)).text)
    assert "林**" in shown
    assert (await browser.post_form(f"{address}/resign", {})).status_code == 422
    assert (await browser.post_form(f"{address}/resign", {"reason": "迁居"})).status_code == 303
    assert "刚性比例已被突破" in (await browser.get("/office/members")).text
    assert (await browser.post_form(f"{address}/resign", {"reason": "x"})).status_code == 409
    public = await browse().get("/zh/panel")
    assert "目前不足" in public.text


async def test_a_recusal_is_added(browse: Browse, city: roster.City) -> None:
    panel = await make.panel(5)
    browser = browse(people.coordinator)
    address = f"/office/members/{panel[0].code}"
    unit = city.units[0]
    assert (await browser.post_form(f"{address}/exclude", {})).status_code == 422
    assert (await browser.post_form(f"{address}/exclude", {"unit": unit.code})).status_code == 303
    assert await queries.exclusions() == {panel[0].code: frozenset({unit.code})}
    assert (await browse(people.reviewer).post_form(f"{address}/exclude", {"unit": unit.code})
            ).status_code == 403  # fmt: skip


async def test_a_long_list_comes_in_pages_and_the_bulk_means_all_of_it(
    browse: Browse, city: roster.City
) -> None:
    panel = sorted(each.code for each in await make.panel(55, qualified=False))
    browser = browse(people.coordinator)
    first = await browser.get("/office/members?show=training")
    assert [code for code in panel if f'value="{code}"' in first.text] == panel[:50]
    onward = f"?after={panel[49]}&page=2&show=training"
    assert onward in html.unescape(first.text)
    second = await browser.get(f"/office/members{onward}")
    assert [code for code in panel if f'value="{code}"' in second.text] == panel[50:]
    back = f"?before={panel[50]}&page=1&show=training"
    assert back in html.unescape(second.text)
    again = await browser.get(f"/office/members{back}")
    assert [code for code in panel if f'value="{code}"' in again.text] == panel[:50]
    assert 'rel="prev"' not in again.text
    assert "55" in second.text
    everybody = {"what": "training", "on": DAY, "scope": "all"}
    await browser.post_form("/office/members/record", everybody)
    assert sum(each.trained_on is not None for each in await queries.serving(make.AT)) == 55
