"""Terms at the office's desk: suspensions, dismissals, renewals, wishes, the course."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Callable
from typing import Any

import pytest

from panel import clock
from panel.db import Engine
from panel.members import queries as members
from panel.members.types import MemberState, MemberView
from panel.recruitment.commands import rights as right_commands
from panel.recruitment.commands import terms as commands
from panel.recruitment.queries import rights, tenure
from panel.settings import Settings
from panel.workdays import SHANGHAI
from tests import people
from tests.make import terms as make
from tests.make.members import AT
from tests.web.conftest import Browser
from web import jobs

Browse = Callable[..., Browser]
SCAN = {"paper_scan": ("scan.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 16)}


@pytest.fixture
async def panel(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> list[MemberView]:
    """Return a panel of ten, at the builders' clock."""
    monkeypatch.setattr(clock, "now", lambda: AT)
    return await make.panel()


def at(monkeypatch: pytest.MonkeyPatch, moment: Any) -> None:
    """Set the clock."""
    monkeypatch.setattr(clock, "now", lambda: moment)


async def test_a_suspension_goes_its_way_to_a_dismissal(
    browse: Browse, panel: list[MemberView], monkeypatch: pytest.MonkeyPatch
) -> None:
    view = panel[0]
    first, second, other = (
        browse(each) for each in (people.coordinator, people.second, make.third)
    )
    address = f"/office/terms/members/{view.code}"
    assert "暂停资格" in (await first.get(address)).text
    empty = await first.post_form(f"{address}/suspend", {"ground": "misses"})
    assert empty.status_code == 422
    made = await first.post_form(f"{address}/suspend", {"ground": "misses", "reason": make.REASON})
    assert made.status_code == 303
    (found,) = await tenure.open_proceedings()
    case = f"/office/terms/proceedings/{found.code}"
    assert make.REASON not in (await first.get(case)).text
    assert make.REASON in (await first.post_form(f"{case}/look", {})).text
    later = found.reply_until + (found.reply_until - AT)
    at(monkeypatch, later)
    day = later.astimezone(SHANGHAI).date().isoformat()
    heard = {"heard_on": day, "document": make.DOCUMENT, "record": ""}
    told = await first.post_form(f"{case}/hear", heard)
    assert told.status_code == 422
    assert make.DOCUMENT in told.text
    assert (await first.post_form(f"{case}/hear", {**heard, "record": make.RECORD})).is_redirect
    assert (await first.post_form(f"{case}/approve", {})).status_code == 403
    assert "一人同意" not in (await second.get(case)).text
    assert (await second.post_form(f"{case}/approve", {})).is_redirect
    assert (await second.post_form(f"{case}/approve", {})).status_code == 403
    assert "一人已同意解聘" in (await other.get("/office/terms")).text
    signed = {
        "act": "approve_dismissal", "subject": case.rpartition("/")[2], "paper_document": "1号",
        "paper_signer": "示例", "paper_date": day,
    }  # fmt: skip
    entry = await first.post_form("/office/recruitment/papers", signed, files=SCAN)
    number = entry.headers["location"].partition("?")[0].rpartition("/")[2]
    alone = await first.post_form(f"{case}/approve", {"paper_entry": number})
    assert alone.status_code == 403
    assert (await second.post_form(f"{case}/approve", {"paper_entry": number})).is_redirect
    assert (await members.member(view.code)).state is MemberState.DISMISSED
    shown = await other.get(case)
    assert "已解聘" in shown.text
    assert (await other.post_form(f"{case}/lift", {"outcome": "x"})).status_code == 409


async def test_a_dismissal_is_printed_as_a_letter(browse: Browse, panel: list[MemberView]) -> None:
    found = await make.dismissed(panel[0])
    case = f"/office/terms/proceedings/{found.code}"
    desk = browse(people.coordinator)
    assert f'action="{case}/letter"' in html.unescape((await desk.get(case)).text)
    assert (await desk.post_form(f"{case}/letter", {"sent": ""})).status_code == 422
    letter = await desk.post_form(f"{case}/letter", {"sent": "邮寄决定书"})
    assert letter.headers["cache-control"] == "no-store"
    for told in (make.DOCUMENT, make.REASON, make.RECORD, "申诉"):
        assert told in letter.text
    english = browse(people.publisher, lang="en")
    assert "you may complain" in (await english.post_form(f"{case}/letter", {"sent": "x"})).text
    running = await make.suspended(panel[1])
    other = f"/office/terms/proceedings/{running.code}"
    assert f'action="{other}/letter"' not in html.unescape((await desk.get(other)).text)
    assert (await desk.post_form(f"{other}/letter", {"sent": "x"})).status_code == 409


async def test_a_lifted_suspension_is_told_with_its_reason(
    browse: Browse, panel: list[MemberView]
) -> None:
    found = await make.suspended(panel[0])
    browser = browse(people.second)
    case = f"/office/terms/proceedings/{found.code}"
    assert (await browser.post_form(f"{case}/lift", {})).status_code == 422
    assert (await browser.post_form(f"{case}/lift", {"outcome": "不属实"})).is_redirect
    assert (await members.member(panel[0].code)).state is MemberState.ACTIVE


async def test_only_whom_it_concerns_opens_a_case(browse: Browse, panel: list[MemberView]) -> None:
    found = await make.suspended(panel[0])
    case = f"/office/terms/proceedings/{found.code}"
    assert (await browse(people.reviewer).get(case)).status_code == 403
    assert (await browse(people.auditor).get(case)).status_code == 200
    assert (await browse(people.auditor).post_form(f"{case}/look", {})).status_code == 403
    assert (await browse(people.publisher).post_form(f"{case}/look", {})).status_code == 200
    assert (await browse(people.publisher).post_form(f"{case}/lift", {})).status_code == 403


async def test_another_term_is_granted_or_refused_at_the_desk(
    browse: Browse, panel: list[MemberView], monkeypatch: pytest.MonkeyPatch
) -> None:
    soon = make.first_moment(panel[0].term_end)
    for view in panel[:2]:
        await commands.ask_renewal(make.phone(view), at=soon)
    at(monkeypatch, soon)
    browser = browse(people.coordinator)
    desk = await browser.get("/office/terms")
    assert panel[0].code in desk.text
    wishes = await tenure.renewals([each.code for each in panel])
    for view, decision, status in ((panel[0], "grant", 303), (panel[1], "refuse", 422)):
        address = f"/office/terms/members/{view.code}"
        form = {"renewal": wishes[view.code].code, "decision": decision}
        assert (await browser.post_form(f"{address}/renewal", form)).status_code == status
    shown = await browser.post_form(
        f"/office/terms/members/{panel[1].code}/renewal",
        {"renewal": wishes[panel[1].code].code, "decision": "refuse", "refusal": "名额已满"},
    )
    assert shown.is_redirect
    states = {each.member: each.state for each in (await tenure.renewals(
        [each.code for each in panel])).values()}  # fmt: skip
    assert states == {panel[0].code: "granted", panel[1].code: "refused"}


async def test_several_wishes_are_granted_at_once_or_none(
    browse: Browse, panel: list[MemberView], monkeypatch: pytest.MonkeyPatch
) -> None:
    soon = make.first_moment(panel[0].term_end)
    asked = [await commands.ask_renewal(make.phone(view), at=soon) for view in panel[:3]]
    at(monkeypatch, soon)
    browser = browse(people.coordinator)
    assert (await browser.post_form("/office/terms/renewals", {})).status_code == 422
    codes = [each.code for each in asked]
    await commands.decide_renewal(people.coordinator, codes[2], grant=False, reason="x", at=soon)
    decided = await browser.post_form("/office/terms/renewals", {"renewal": codes})
    assert decided.status_code == 409
    assert len(await tenure.asked_renewals()) == 2
    assert (await browser.post_form("/office/terms/renewals", {"renewal": codes[:2]})).is_redirect
    assert not await tenure.asked_renewals()


async def test_a_wish_about_data_is_opened_on_the_record_and_decided(
    browse: Browse, panel: list[MemberView]
) -> None:
    asked = await right_commands.ask_correction(make.phone(panel[0]), "name", "林示范", at=AT)
    browser = browse(people.second)
    address = f"/office/terms/wishes/{asked.code}"
    assert asked.code in (await browser.get("/office/terms")).text
    assert "林示范" not in (await browser.get(address)).text
    opened = await browser.post_form(f"{address}/look", {})
    assert "林示范" in opened.text
    assert "林示例" in opened.text
    assert (await browser.post_form(f"{address}/decide", {"decision": "grant"})).status_code == 422
    form = {"decision": "grant", "reason": "已核对"}
    assert (await browser.post_form(f"{address}/decide", form)).is_redirect
    assert not await rights.asked_requests()


async def test_who_has_left_is_erased_on_paper(browse: Browse, panel: list[MemberView]) -> None:
    browser = browse(people.coordinator)
    address = f"/office/terms/members/{panel[0].code}"
    await commands.resign(make.phone(panel[0]), panel[0].code, "迁居", at=AT)
    assert "登记请求" in (await browser.get(address)).text
    assert (await browser.post_form(f"{address}/erasure", {})).is_redirect
    (wish,) = await rights.asked_requests()
    form = {"decision": "grant", "reason": "本人书面申请"}
    done = await browse(people.second).post_form(f"/office/terms/wishes/{wish.code}/decide", form)
    assert done.is_redirect
    assert (await browser.get(address)).status_code == 404
    shown = await browser.get(f"/office/terms/wishes/{wish.code}")
    assert "已办理" in shown.text


async def test_the_desk_tells_of_the_alarm_and_of_what_waits(
    browse: Browse, panel: list[MemberView]
) -> None:
    leaver = next(each for each in panel if each.category == "enterprise")
    await commands.resign(make.phone(leaver), leaver.code, "迁居", at=AT)
    await make.suspended(next(each for each in panel if each.code != leaver.code))
    browser = browse(people.second)
    home = await browser.get("/office")
    assert "处理暂停事项" in home.text
    desk = html.unescape((await browser.get("/office/terms")).text)
    assert "刚性比例已被突破" in desk
    assert "逐月变化" in desk
    public = await browse().get("/zh/panel")
    assert "逐月变化" in public.text
    assert "目前不足" in public.text
    english = await browse(lang="en").get("/en/panel")
    assert "month by month" in english.text


async def test_the_worker_ends_terms_and_reminds(
    panel: list[MemberView], settings: Settings
) -> None:
    work = jobs.RECURRING["terms.end"].work
    soon = make.first_moment(panel[0].term_end)
    await work(settings, {}, soon)
    assert (await members.member(panel[0].code)).reminded_at == soon
    over = make.first_moment(panel[0].term_end + dt.timedelta(days=1))
    await work(settings, {}, over)
    assert (await members.member(panel[0].code)).state is MemberState.ENDED
    await jobs.RECURRING["applicants.erase"].work(settings, {}, over)
