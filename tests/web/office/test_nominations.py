"""Nominations at the office's desk: listed without names, looked at on the record, barred."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from panel import clock
from panel.audit.tables import Entry
from panel.db import Engine
from panel.recruitment.commands import nominations
from panel.recruitment.tables import Nomination, NominationBar
from panel.recruitment.types.applications import NominationState
from panel.recruitment.types.campaigns import CampaignView
from panel.vault.tables import Look
from tests import people
from tests.make import applications as apply
from tests.make import recruitment as make
from tests.web.conftest import Browser

Browse = Callable[..., Browser]


@pytest.fixture
async def campaign(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> CampaignView:
    await make.rulebook_in_force(make.small_toml())
    monkeypatch.setattr(clock, "now", lambda: make.OPEN)
    return await make.announced()


def place(campaign: CampaignView, number: str = "", verb: str = "") -> str:
    """Return an address of the nominations."""
    tail = f"/{number}" if number else ""
    return f"/office/recruitment/{campaign.code}/nominations{tail}{verb}"


async def test_the_list_and_the_page_name_nobody(browse: Browse, campaign: CampaignView) -> None:
    filed = await apply.nominated(campaign.code)
    form = apply.nomination()
    for actor in (people.coordinator, people.clerk_a, people.auditor):
        for lang in ("zh", "en"):
            browser = browse(actor, lang)
            listed = await browser.get(place(campaign))
            shown = await browser.get(place(campaign, filed.number))
            for page in (listed.text, shown.text):
                assert form.organisation in page
                assert form.name not in page
                assert form.nominee not in page
                assert "nomination.state" not in page
    assert await Look.count() == 0


async def test_a_look_needs_a_reason_and_stays_on_the_record(
    browse: Browse, campaign: CampaignView
) -> None:
    filed = await apply.nominated(campaign.code)
    browser, form = browse(people.clerk_a), apply.nomination()
    bare = await browser.post_form(place(campaign, filed.number, "/look"), {"reason": ""})
    assert bare.status_code == 422
    assert form.name not in bare.text
    shown = await browser.post_form(place(campaign, filed.number, "/look"), {"reason": "核实推荐"})
    for known in (form.name, form.nominee, form.reasons, "data:image/jpeg;base64,"):
        assert known in shown.text.replace("&#x2f;", "/")
    (look,) = await Look.select()
    assert look["reason"] == "核实推荐"
    assert form.name not in str(await Entry.select())


async def test_a_bar_names_its_reason_and_refuses_what_is_missing(
    browse: Browse, campaign: CampaignView
) -> None:
    filed = await apply.nominated(campaign.code)
    browser, address = browse(people.coordinator), place(campaign, filed.number, "/bar")
    missing = await browser.post_form(address, {"reason": "材料不实", "document": ""})
    assert missing.status_code == 422
    assert "材料不实" in missing.text
    done = await browser.post_form(address, {"reason": "材料不实", "document": "评议办〔2026〕5号"})
    assert done.status_code == 303
    shown = await browser.get(done.headers["location"])
    assert "评议办〔2026〕5号" in shown.text
    again = await browser.post_form(address, {"reason": "再次", "document": "号"})
    assert again.status_code == 409
    assert await NominationBar.count() == 2
    with pytest.raises(Exception, match=r"nomination\.barred"):
        await nominations.nominate(
            campaign.code, apply.nomination(2), apply.scan(), key=apply.key(9), at=make.OPEN
        )


async def test_a_nomination_is_taken_back_with_a_reason(
    browse: Browse, campaign: CampaignView
) -> None:
    filed = await apply.nominated(campaign.code)
    browser, address = browse(people.coordinator), place(campaign, filed.number, "/withdraw")
    assert (await browser.post_form(address, {})).status_code == 422
    assert (await browser.post_form(address, {"withdrawal": "单位来函"})).status_code == 303
    (row,) = await Nomination.select(Nomination.state)
    assert row["state"] == NominationState.WITHDRAWN
    assert (await browser.post_form(address, {"withdrawal": "单位来函"})).status_code == 409


async def test_an_unknown_number_is_missing(browse: Browse, campaign: CampaignView) -> None:
    answer = await browse(people.coordinator).get(place(campaign, "0000000000"))
    assert answer.status_code == 404
