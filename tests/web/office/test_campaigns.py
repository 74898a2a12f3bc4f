"""A campaign at the office's desk: what is due, the quotas as they fill, and every change."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import httpx
import pytest

from panel import clock
from panel.db import Engine
from panel.members import commands as members
from panel.members import queries as panel
from panel.recruitment import commands, queries
from panel.recruitment.tables import Application, Campaign
from panel.recruitment.types.campaigns import CampaignKind, CampaignState, Phase
from tests import people
from tests.make import members as seats
from tests.make import notice, roster
from tests.make import recruitment as make
from tests.web.conftest import HOST, Browser
from tests.web.office.test_recruitment import links, text_of, typed

Browse = Callable[..., Browser]
BASE = "/office/recruitment"
DAY = dt.timedelta(days=1)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[dt.datetime], None]:
    """Return a function that sets the clock of the pages."""

    def turn(moment: dt.datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    turn(make.AT)
    return turn


@pytest.fixture
async def city(engine: Engine) -> None:
    await make.rulebook_in_force(make.small_toml())
    await roster.small_city()


def fragment(answer: httpx.Response) -> bool:
    return "<html" not in answer.text


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_each_phase_says_what_is_due_and_where(
    browse: Browse, city: None, at: Callable[..., None], lang: str
) -> None:
    browser = browse(people.coordinator, lang=lang)
    made = await commands.create(people.coordinator, make.draft(), at=make.AT)
    address = f"{BASE}/{made.code}"
    assert f"{address}/approve" in text_of(await browser.get(address))
    await commands.approve_and_announce(people.second, made.code, at=make.AT)
    assert f"{address}/lottery" not in text_of(await browser.get(address))
    at(make.OPEN)
    tickets = await make.applied(made.code, 40)
    page = text_of(await browser.get(address))
    assert f"{address}/import" in page
    assert "<svg" in page
    assert f'hx-get="{address}/feasibility"' in page
    at(make.SCREENING)
    assert f"{address}/start" in text_of(await browser.get(address))
    assert (await browser.post_form(f"{address}/start", {})).status_code == 303
    assert (await browser.post_form(f"{address}/start", {})).status_code == 409
    page = text_of(await browser.get(address))
    assert f"{address}/screening" in page
    assert f"{address}/vetting" in page
    assert f"{address}/finish" not in page
    assert (await browser.post_form(f"{address}/finish", {})).status_code == 409
    await make.screened(made.code, tickets)
    assert f"{address}/finish" in text_of(await browser.get(address))
    assert (await browser.post_form(f"{address}/finish", {})).status_code == 303
    page = text_of(await browser.get(address))
    assert f"{address}/lottery" in page
    assert f"{address}/notice" not in page
    for state, link in (
        (CampaignState.NOTICE, "notice"), (CampaignState.APPOINTING, "cards"),
        (CampaignState.COMPLETED, "notice"),
    ):  # fmt: skip
        await Campaign.update({Campaign.state: state}).where(Campaign.code == made.code)
        assert f"{address}/{link}" in text_of(await browser.get(address))


async def test_the_check_is_a_fragment_or_a_page_and_tells_the_way_out(
    browse: Browse, city: None, at: Callable[..., None]
) -> None:
    campaign = await make.announced()
    tickets = await make.applied(campaign.code, 40)
    at(make.OPEN)
    browser = browse(people.coordinator, lang="en")
    address = f"{BASE}/{campaign.code}/feasibility"
    whole = await browser.get(address)
    assert not fragment(whole)
    live = await browser.get(address, headers={"HX-Request": "true"})
    assert fragment(live)
    assert "every quota can be met" in live.text
    assert "Not yet" in live.text  # nobody is eligible so far
    await Application.update({Application.category: "enterprise"}).where(
        Application.category == "resident"
    )
    bent = await browser.get(address)
    assert "The smallest relaxation" in bent.text
    assert "Residents" in bent.text
    assert all(ticket not in bent.text for ticket in tickets)


async def test_a_poster_leads_to_the_public_page(
    browse: Browse, city: None, at: Callable[..., None]
) -> None:
    browser = browse(people.auditor, lang="en")
    draft = await commands.create(people.coordinator, make.draft(), at=make.AT)
    assert (await browser.get(f"{BASE}/{draft.code}/poster")).status_code == 404
    campaign = await make.announced()
    shown = await browser.get(f"{BASE}/{campaign.code}/poster")
    assert links(shown.text) == [f"{HOST}/zh/recruitment/{campaign.code}"]
    assert "扫码查看条件并报名" in shown.text
    assert "Scan to read the conditions" in shown.text


async def test_more_time_is_given_with_a_reason_that_everybody_reads(
    browse: Browse, city: None, at: Callable[..., None]
) -> None:
    campaign = await make.announced()
    at(make.OPEN)
    browser = browse(people.coordinator)
    address = f"{BASE}/{campaign.code}"
    assert "what=extend" in text_of(await browser.get(f"{address}/change"))
    form = await browser.get(f"{address}/change?what=extend")
    assert f"{address}/extend" in text_of(form)
    unreasoned = await browser.post_form(f"{address}/extend", {"closes_at": "2026-04-20"})
    assert unreasoned.status_code == 422
    assert "2026-04-20" in unreasoned.text
    early = {"closes_at": "2026-04-01", "reason": "报名不足"}
    assert "新的截止日须更晚" in (await browser.post_form(f"{address}/extend", early)).text
    done = await browser.post_form(f"{address}/extend", {**early, "closes_at": "2026-04-20"})
    assert done.status_code == 303
    assert (await queries.campaign(campaign.code)).closes_at == dt.datetime(
        2026, 4, 20, 16, tzinfo=dt.UTC
    )
    for shown in (
        await browser.get(address), await browse().get(f"/zh/recruitment/{campaign.code}"),
    ):  # fmt: skip
        assert "报名不足" in shown.text
        assert "延长报名" in shown.text


async def test_a_second_period_is_offered_only_where_quotas_fail(
    browse: Browse, city: None, at: Callable[..., None]
) -> None:
    few = await make.announced()
    await make.applied(few.code, 9)
    await make.screening(few.code)
    at(make.SCREENING)
    browser = browse(people.coordinator)
    address = f"{BASE}/{few.code}"
    assert "what=reopen" in text_of(await browser.get(f"{address}/change"))
    today = make.SCREENING.astimezone(dt.timezone(dt.timedelta(hours=8))).date()
    typed_in = {
        "opens_at": (today - DAY).isoformat(), "closes_at": (today + 9 * DAY).isoformat(),
        "reason": "人数不足",
    }  # fmt: skip
    past = await browser.post_form(f"{address}/reopen", typed_in)
    assert past.status_code == 422
    assert "人数不足" in past.text
    done = await browser.post_form(f"{address}/reopen", {**typed_in, "opens_at": today.isoformat()})
    assert done.status_code == 303
    assert (await queries.campaign(few.code)).phase(make.SCREENING) is Phase.OPEN
    enough = await make.announced()
    await make.applied(enough.code, 40)
    await make.screening(enough.code)
    page = text_of(await browser.get(f"{BASE}/{enough.code}/change"))
    assert "what=reopen" not in page
    refused = await browser.post_form(
        f"{BASE}/{enough.code}/reopen", {**typed_in, "opens_at": today.isoformat()}
    )
    assert refused.status_code == 409


async def test_a_cancelled_campaign_says_why(
    browse: Browse, city: None, at: Callable[..., None]
) -> None:
    campaign = await make.announced()
    address = f"{BASE}/{campaign.code}"
    own = browse(people.coordinator)
    assert "另一人取消" in text_of(await own.get(f"{address}/change?what=cancel"))
    assert (await own.post_form(f"{address}/cancel", {"reason": "x"})).status_code == 403
    other = browse(people.second)
    assert (await other.post_form(f"{address}/cancel", {})).status_code == 422
    done = await other.post_form(f"{address}/cancel", {"reason": "机构改革"})
    assert done.status_code == 303
    public = browse()
    shown = await public.get(f"/zh/recruitment/{campaign.code}")
    assert "机构改革" in shown.text
    assert "已取消" in (await public.get("/zh/recruitment")).text
    nothing = text_of(await other.get(f"{address}/change"))
    assert "现在不能再作变更" in nothing
    assert (await browse(people.auditor).get(f"{address}/change")).status_code == 200


async def test_a_replacement_is_drafted_from_what_is_missing(
    browse: Browse, city: None, at: Callable[..., None]
) -> None:
    await seats.panel(10)
    browser = browse(people.coordinator)
    form = await browser.get(f"{BASE}/new?kind=replacement")
    assert 'value="990"' in form.text
    sent = typed(kind="replacement", cohorts="yes", seats="5", reserve="1")
    assert (await browser.post_form(BASE, sent)).status_code == 303
    (campaign,) = await queries.campaigns()
    assert (campaign.kind, campaign.cohorts) == (CampaignKind.REPLACEMENT, 2)


async def test_the_desk_names_the_next_step_of_a_campaign(
    browse: Browse, city: None, at: Callable[..., None]
) -> None:
    author, second = browse(people.coordinator), browse(people.second)
    clerk = browse(people.clerk_a)
    made = await commands.create(people.coordinator, make.draft(), at=make.AT)
    assert "批准招募公告" in text_of(await second.get("/office/"))
    assert "批准招募公告" in text_of(await browse(people.publisher).get("/office/"))
    assert "批准招募公告" not in text_of(await author.get("/office/"))
    assert "批准招募公告" not in text_of(await clerk.get("/office/"))
    await commands.approve_and_announce(people.second, made.code, at=make.AT)
    at(make.CLOSES - 3 * DAY - dt.timedelta(seconds=1))
    assert "报名即将截止" not in text_of(await author.get("/office/"))
    at(make.CLOSES - 3 * DAY)
    assert "报名即将截止，名额尚未满足" in text_of(await author.get("/office/"))
    tickets = await make.applied(made.code, 40)
    soon = text_of(await author.get("/office/"))
    assert "名额尚未满足" not in soon
    assert "40人报名，10个名额" in soon
    at(make.CLOSES)
    assert "开始资格审查" in text_of(await author.get("/office/"))
    await make.screening(made.code)
    assert "资格审查" in text_of(await clerk.get("/office/"))
    await make.screened(made.code, tickets)
    assert "结束资格审查" in text_of(await author.get("/office/"))
    assert "结束资格审查" not in text_of(await clerk.get("/office/"))
    await commands.finish_screening(people.coordinator, made.code, at=make.SCREENING)
    assert f"{BASE}/{made.code}/lottery" in text_of(await author.get("/office/"))


async def test_the_desk_follows_a_notice_to_the_second_and_vacancies_after_it(
    browse: Browse, city: None, at: Callable[..., None]
) -> None:
    campaign = await notice.drawn()
    address = f"{BASE}/{campaign.code}/notice"
    browser = browse(people.coordinator)

    async def waits() -> str:
        return text_of(await browser.get("/office/"))

    at(notice.LAST)
    assert address not in await waits()
    assert "公示进行中" in text_of(await browser.get(f"{BASE}/{campaign.code}"))
    at(notice.OVER)
    assert "结束公示" in await waits()
    assert "公示期满" in text_of(await browser.get(f"{BASE}/{campaign.code}"))
    await notice.objected(campaign)
    assert "处理异议" in await waits()
    assert "有1件异议待处理" in text_of(await browser.get(f"{BASE}/{campaign.code}"))
    waiting = await notice.appointed()
    assert "聘任评议团" in await waits()
    done = await notice.completed()
    page = f"{BASE}/{done.code}"
    assert f"{page}/notice" not in await waits()
    gone = next(each for each in await panel.of_campaign(done.code) if each.category == "resident")
    await members.resign(people.coordinator, gone.code, "搬家", at=notice.OVER)
    assert f"{page}/notice" in await waits()
    assert "有1个席位出缺" in text_of(await browser.get(page))
    assert waiting.code != done.code


async def test_a_broken_share_leads_to_a_replacement(
    browse: Browse, city: None, at: Callable[..., None]
) -> None:
    serving = await seats.panel(10)
    at(seats.AT)
    browser = browse(people.coordinator)
    assert "kind=replacement" not in text_of(await browser.get("/office/"))
    residents = [each for each in serving if each.category == "resident"]
    for each in residents[:3]:
        await members.resign(people.coordinator, each.code, "搬家", at=seats.AT)
    shown = text_of(await browser.get("/office/"))
    assert f"{BASE}/new?kind=replacement" in shown
    assert "增补评议团缺额" in shown


async def test_every_page_of_the_way_is_there(
    browse: Browse, city: None, at: Callable[..., None]
) -> None:
    browser = browse(people.coordinator)
    at(notice.OVER)
    for campaign, wanted in (
        (await make.selecting(40), {"import", "screening", "vetting", "lottery"}),
        (await notice.completed(), {"notice", "cards"}),
    ):
        address = f"{BASE}/{campaign.code}"
        shown = text_of(await browser.get(address))
        found = {
            each.rsplit("/", 1)[1] for each in re.findall(rf'href="({address}/[a-z]+)"', shown)
        }
        assert found >= wanted
        for each in wanted:
            assert (await browser.get(f"{address}/{each}")).status_code == 200, each
