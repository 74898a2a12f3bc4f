"""The public notice on a phone: masked, not to be found, objections with receipt and reply."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable

import pytest

from panel import clock
from panel.db import Engine
from panel.members import queries as seats
from panel.members.tables import Member
from panel.recruitment.commands import objections
from panel.recruitment.queries import notice as notices
from panel.recruitment.tables import Objection
from panel.recruitment.types.campaigns import CampaignView
from tests import people
from tests.make import notice as make
from tests.make import recruitment
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


def leaks(text: str) -> list[str]:
    """Name what of the applicants or objectors a page tells though it must not."""
    planted = [make.form().name, make.form().phone, make.form().text, "示例漏"]
    for number in range(1, len(make.SEATS) + len(make.RESERVE) + 1):
        one = make.identity(number)
        planted += [one.name, one.phone, one.national_id, one.address, one.employer]
    return [each for each in planted if each in text]


def typed(ticket: str = "", **more: str) -> dict[str, str]:
    """Return what an objector types into the page."""
    form = make.form(ticket)
    fields = {name: getattr(form, name) for name in ("ticket", "ground", "text", "name", "phone")}
    return {**fields, "key": make.KEY, **more}


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_the_notice_masks_names_and_wants_not_to_be_found(
    browse: Browse, campaign: CampaignView, lang: str
) -> None:
    answer = await browse(lang=lang).get(f"/{lang}/recruitment/{campaign.code}/notice")
    assert answer.status_code == 200
    assert "noindex" in answer.headers["x-robots-tag"]
    assert answer.headers["cache-control"] == "no-store"
    assert '<meta name="robots" content="noindex' in answer.text
    assert leaks(answer.text) == []
    listed = await notices.listed(campaign, at=make.DRAWN)
    assert all(each.ticket in answer.text for each in listed)
    assert answer.text.count("示***") == len(listed)
    assert 'type="search"' not in answer.text
    # No address leads to one person.
    links = re.findall(r'href="([^"]+)"', answer.text)
    assert not any(each.ticket in link for link in links for each in listed)


async def test_the_list_vanishes_one_second_after_the_notice(
    browse: Browse, campaign: CampaignView, at: Callable[..., None]
) -> None:
    page = f"/zh/recruitment/{campaign.code}/notice"
    at(make.LAST)
    during = html.unescape((await browse().get(page)).text)
    assert "示***" in during
    assert f"{page}/objection" in during
    at(make.OVER)
    after = await browse().get(page)
    assert after.status_code == 200
    assert "示***" not in after.text
    assert f"{page}/objection" not in html.unescape(after.text)


async def test_the_campaigns_page_leads_to_its_notice(
    browse: Browse, campaign: CampaignView, at: Callable[..., None]
) -> None:
    page = f"/zh/recruitment/{campaign.code}"
    assert f'href="{page}/notice"' in html.unescape((await browse().get(page)).text)
    done = await make.completed()
    at(make.OVER)
    page = f"/zh/recruitment/{done.code}"
    assert f'href="{page}/notice"' in html.unescape((await browse().get(page)).text)


async def test_before_the_notice_there_is_no_page(browse: Browse, campaign: CampaignView) -> None:
    other = await recruitment.announced()
    for page in ("", "/objection", "/reply"):
        answer = await browse().get(f"/zh/recruitment/{other.code}/notice{page}")
        assert answer.status_code == 404
    assert campaign.code != other.code


async def test_an_objection_gets_number_and_code_and_the_code_stands_in_no_address(
    browse: Browse, campaign: CampaignView
) -> None:
    browser = browse()
    ticket = (await notices.noticed(campaign))[0].ticket
    page = f"/zh/recruitment/{campaign.code}/notice/objection"
    assert (await browser.get(page)).status_code == 200
    answer = await browser.post(page, data=typed(ticket, step="send"))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    row = await Objection.select().first()
    assert row is not None
    receipt = await make.objected(campaign, ticket)
    assert receipt.number in answer.text
    assert receipt.receipt in answer.text
    assert receipt.receipt not in "".join(re.findall(r'href="([^"]+)"', answer.text))
    assert leaks(answer.text) == []
    again = await browser.post(page, data=typed(ticket, step="send"))
    assert receipt.receipt in again.text
    assert await Objection.count() == 1


async def test_an_objection_is_shown_before_it_is_sent_and_nothing_typed_is_lost(
    browse: Browse, campaign: CampaignView
) -> None:
    browser = browse()
    ticket = (await notices.noticed(campaign))[0].ticket
    page = f"/zh/recruitment/{campaign.code}/notice/objection"
    said = '第一行："引号"与<尖括号>\n第二行'
    check = await browser.post(page, data=typed(ticket, text=said))
    assert check.status_code == 200
    assert "noindex" in check.headers["x-robots-tag"]
    assert await Objection.count() == 0
    pairs = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', check.text)
    carried = {name: html.unescape(value) for name, value in pairs}
    assert carried["text"] == said
    changed = await browser.post(page, data={**carried, "step": "change"})
    assert 'name="ticket"' in changed.text
    assert "第二行" in changed.text
    assert await Objection.count() == 0
    sent = await browser.post(page, data={**carried, "step": "send"})
    row = await Objection.select().first()
    assert row is not None
    assert row["code"] in sent.text
    whole = await browse(lang="en").post(page.replace("/zh/", "/en/"), data=typed(""))
    assert "The list as a whole" in whole.text


async def test_what_is_missing_is_told_and_what_was_typed_stays(
    browse: Browse, campaign: CampaignView
) -> None:
    page = f"/zh/recruitment/{campaign.code}/notice/objection"
    answer = await browse().post(page, data=typed(ground="", phone="12", text="留下的话"))
    assert answer.status_code == 422
    assert 'href="#f-ground"' in answer.text
    assert 'href="#f-phone"' in answer.text
    assert "留下的话" in answer.text
    unknown = await browse().post(page, data=typed("0000000000"))
    assert unknown.status_code == 422
    assert 'href="#f-ticket"' in unknown.text


async def test_an_objection_a_second_too_late_is_refused(
    browse: Browse, campaign: CampaignView, at: Callable[..., None]
) -> None:
    ticket = (await notices.noticed(campaign))[0].ticket
    at(make.OVER)
    page = f"/zh/recruitment/{campaign.code}/notice/objection"
    for step in ("", "send"):
        answer = await browse().post(page, data=typed(ticket, step=step))
        assert answer.status_code == 410
    assert await Objection.count() == 0


async def test_the_reply_opens_with_number_and_code_only(
    browse: Browse, campaign: CampaignView
) -> None:
    browser = browse()
    receipt = await make.objected(campaign)
    page = f"/zh/recruitment/{campaign.code}/notice/reply"
    assert (await browser.get(page)).status_code == 200
    right = {"number": receipt.number, "receipt": receipt.receipt}
    assert "待处理" in (await browser.post(page, data=right)).text
    await objections.decide(people.second, receipt.number, make.outcome(), at=make.DRAWN)
    opened = await browser.post(page, data=right)
    assert "异议成立" in opened.text
    assert make.outcome().reply in opened.text
    assert leaks(opened.text) == []
    wrong = await browser.post(page, data={**right, "receipt": receipt.number})
    assert wrong.status_code == 404
    assert make.outcome().reply not in wrong.text


async def test_a_certificate_page_tells_whether_it_is_in_force_and_nothing_more(
    browse: Browse, campaign: CampaignView, at: Callable[..., None]
) -> None:
    del campaign
    made = await make.appointed()
    member = (await seats.of_campaign(made.code))[0]
    browser = browse()
    page = f"/zh/certificate/{member.certificate}"
    for moment, word in (
        ("2026-04-21", "未生效或已终止"),
        ("2026-05-02", "有效"),
        ("2028-05-01", "已到期"),
    ):
        at(dt.datetime.fromisoformat(f"{moment}T04:00:00+00:00"))
        answer = await browser.get(page)
        assert answer.status_code == 200
        assert f'<strong class="word">{word}</strong>' in answer.text
        assert leaks(answer.text) == []
        assert member.code not in answer.text
        assert member.district not in answer.text
        assert member.category not in answer.text
        assert "noindex" in answer.headers["x-robots-tag"]
    at(dt.datetime(2026, 6, 1, tzinfo=dt.UTC))
    suspended = []
    for state in ("suspended", "dismissed"):
        await Member.update({Member.state: state}).where(Member.code == member.code)
        suspended.append((await browser.get(page)).text)
    assert "未生效或已终止" in suspended[0]
    assert suspended[0] == suspended[1]


async def test_an_unknown_certificate_is_told_plainly(browse: Browse, engine: Engine) -> None:
    del engine
    browser = browse()
    for number in ("0000000000", "nonsense", "12"):
        answer = await browser.get(f"/zh/certificate/{number}")
        assert answer.status_code == 404
        assert "没有这个编号的聘书" in answer.text
    asked = await browser.get("/en/certificate", params={"number": "o000-000000"})
    assert asked.headers["location"] == "/en/certificate/0000000000"
    assert (await browser.get("/en/certificate")).status_code == 200
    assert (await browser.get("/en/certificate", params={"number": "x"})).status_code == 404
