"""Notice and appointment at the office's desk, from the first look to the printed certificate."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Callable
from typing import Any

import pytest

from panel import clock
from panel.db import Engine
from panel.members import queries as seats
from panel.piccolo_app import our_tables
from panel.recruitment import queries
from panel.recruitment.queries import notice as notices
from panel.recruitment.types.campaigns import CampaignState, CampaignView
from panel.vault.tables import Look
from tests import people
from tests.make import notice as make
from tests.make import recruitment
from tests.tables import empty
from tests.web.conftest import Browser

Browse = Callable[..., Browser]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[dt.datetime], None]:
    """Return a function that sets the clock of the pages."""

    def turn(moment: dt.datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    return turn


@pytest.fixture
async def campaign(engine: Engine, at: Callable[..., None]) -> CampaignView:
    """Return a campaign on notice, at its first moment."""
    del engine
    await recruitment.rulebook_in_force()
    at(make.DRAWN)
    return await make.drawn()


def base(campaign: CampaignView) -> str:
    """Return the address of a campaign."""
    return f"/office/recruitment/{campaign.code}"


async def read(browser: Browser, page: str) -> str:
    """Return a page's text with its addresses as people see them."""
    return html.unescape((await browser.get(page)).text)


async def test_the_page_leads_from_the_notice_to_the_end_of_the_campaign(
    browse: Browse, campaign: CampaignView, at: Callable[..., None]
) -> None:
    desk = browse(people.coordinator)
    page = f"{base(campaign)}/notice"
    assert f"{page}/paper" in await read(desk, page)
    at(make.OVER)
    assert f'action="{page}/close"' in await read(desk, page)
    assert (await desk.post_form(f"{page}/close", {})).headers["location"].endswith("closed")
    assert f'action="{base(campaign)}/appointment"' in await read(desk, page)
    appointed = await desk.post_form(f"{base(campaign)}/appointment", {})
    assert appointed.headers["location"] == f"{base(campaign)}/certificates?said=appointed"
    assert "/office/members?show=pledge" in await read(desk, page)
    assert (await desk.get(f"{base(campaign)}/conduct")).status_code == 200
    early = await desk.post_form(f"{base(campaign)}/completion", {})
    assert early.status_code == 409
    await make.pledged(campaign)
    assert f'action="{base(campaign)}/completion"' in await read(desk, page)
    await desk.post_form(f"{base(campaign)}/completion", {})
    assert (await queries.campaign(campaign.code)).state is CampaignState.COMPLETED
    assert "目前没有待办事项" in await read(desk, page)


async def test_an_objection_is_read_on_the_record_and_decided_by_another_person(
    browse: Browse, campaign: CampaignView
) -> None:
    ticket = (await notices.noticed(campaign))[0].ticket
    receipt = await make.objected(campaign, ticket)
    page = f"{base(campaign)}/objections/{receipt.number}"
    author, second = browse(people.coordinator), browse(people.second)
    assert receipt.number in await read(second, f"{base(campaign)}/notice")
    shown = await second.get(page)
    assert make.form().text not in shown.text
    unfounded = await second.post_form(f"{page}/look", {"reason": ""})
    assert unfounded.status_code == 422
    opened = await second.post_form(f"{page}/look", {"reason": "处理异议"})
    assert make.form().text in opened.text
    assert make.form().name not in opened.text
    assert make.form().phone not in opened.text
    assert opened.headers["cache-control"] == "no-store"
    assert await Look.count() == 1
    decision = {
        "decision": "upheld",
        "finding": "经查属实",
        "reply": "已处理",
        "document": "评议办〔2026〕9号",
    }
    assert (await author.post_form(page, decision)).status_code == 403
    missing = await second.post_form(page, {**decision, "decision": "", "reply": "留下的话"})
    assert missing.status_code == 422
    assert "留下的话" in missing.text
    done = await second.post_form(page, decision)
    assert done.headers["location"].endswith("said=objection_decided")
    work = await read(second, f"{base(campaign)}/notice")
    assert f'action="{base(campaign)}/notice/replace"' in work
    moved = await second.post_form(f"{base(campaign)}/notice/replace", {})
    assert moved.headers["location"].endswith("said=moved_up")
    assert ticket in await read(second, f"{base(campaign)}/notice")


async def test_an_exhausted_reserve_is_told_with_the_way_onward(
    browse: Browse, campaign: CampaignView, at: Callable[..., None]
) -> None:
    del campaign
    other = await make.drawn(reserve=())
    await make.withdrawn((await make.on_notice(other, "resident"))[0].ticket)
    at(make.OVER)
    shown = await read(browse(people.coordinator), f"{base(other)}/notice")
    assert "候补已用完" in shown
    assert "/office/recruitment/new" in shown


async def test_a_paper_list_shows_full_names_once_and_logs_each(
    browse: Browse, campaign: CampaignView
) -> None:
    desk = browse(people.coordinator)
    page = f"{base(campaign)}/notice/paper"
    assert (await desk.get(page)).status_code == 200
    short = await desk.post_form(page, {"circle": "community", "place": "东里"})
    assert short.status_code == 422
    printed = await desk.post_form(page, {"circle": "community", "place": "示例街道东里"})
    assert printed.headers["cache-control"] == "no-store"
    inside = [make.identity(number) for number in (1, 3, 5, 7, 9)]
    outside = [make.identity(number) for number in (2, 4, 6, 8, 10, 11, 12, 13, 14)]
    assert all(each.name in printed.text for each in inside)
    assert not any(each.name in printed.text for each in outside)
    assert not any(each.phone in printed.text for each in inside)
    assert await Look.count() == 5
    assert (await desk.post_form(page, {"place": "别的地方"})).status_code == 404


async def test_certificates_and_cards_are_printed_in_batches(
    browse: Browse, campaign: CampaignView, at: Callable[..., None]
) -> None:
    del campaign
    made = await make.appointed()
    at(make.OVER)
    desk = browse(people.coordinator)
    for kind in ("certificates", "cards"):
        assert (await desk.get(f"{base(made)}/{kind}")).status_code == 200
    members = await seats.of_campaign(made.code)
    printed = await desk.post_form(f"{base(made)}/certificates", {"batch": "0"})
    assert all(each.certificate in printed.text for each in members)
    assert make.identity(1).name in printed.text
    assert "/zh/certificate" in html.unescape(printed.text)
    # The card's number must not stand on what is shown to strangers.
    assert not any(each.code in printed.text for each in members)
    one = await desk.post_form(f"{base(made)}/certificates", {"member": members[0].code})
    assert members[1].certificate not in one.text


async def test_an_auditor_reads_and_prints_nothing(browse: Browse, campaign: CampaignView) -> None:
    receipt = await make.objected(campaign)
    auditor = browse(people.auditor)
    assert (await auditor.get(f"{base(campaign)}/notice")).status_code == 200
    assert (await auditor.get(f"{base(campaign)}/objections/{receipt.number}")).status_code == 200
    assert (await auditor.get(f"{base(campaign)}/notice/paper")).status_code == 403
    for path in ("certificates", "notice/paper", f"objections/{receipt.number}/look"):
        answer = await auditor.post_form(f"{base(campaign)}/{path}", {"place": "示例街道"})
        assert answer.status_code == 403


async def test_before_the_lottery_the_page_tells_what_comes_first(
    browse: Browse, campaign: CampaignView
) -> None:
    del campaign
    other = await recruitment.announced()
    shown = await browse(people.coordinator, lang="en").get(f"{base(other)}/notice")
    assert "Nobody has been drawn yet" in shown.text


@pytest.mark.parametrize("public", [True, False])
async def test_the_pages_ask_no_more_for_three_people_than_for_one(
    browse: Browse, engine: Engine, at: Callable[..., None], monkeypatch: pytest.MonkeyPatch,
    *, public: bool,
) -> None:  # fmt: skip
    asked: list[str] = []
    run = engine.run

    async def counted(sql: str, args: list[Any]) -> list[dict[str, Any]]:
        asked.append(sql)
        return await run(sql, args)

    found = []
    at(make.DRAWN)
    for count in (1, 3):
        await empty(engine, our_tables())
        await recruitment.rulebook_in_force()
        campaign = await make.drawn(seats=("resident",) * count, reserve=("resident",))
        for number in range(count):
            await make.objected(campaign, key=f"objection-number-{number:04}")
        page = f"/zh/recruitment/{campaign.code}/notice" if public else f"{base(campaign)}/notice"
        with monkeypatch.context() as hooked:
            hooked.setattr(engine, "run", counted)
            asked.clear()
            answer = await browse(None if public else people.coordinator).get(page)
        assert answer.status_code == 200
        found.append((len(asked), len(answer.text)))
    assert found[0][0] == found[1][0] > 0
    assert found[0][1] < found[1][1]
