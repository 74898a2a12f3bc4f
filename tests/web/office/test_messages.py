"""Messages at the coordinator's desk and on the own page."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest

from panel import clock
from panel.actor import Actor, Role
from panel.notices import commands, queries
from panel.notices.types import Channel, MessageKind, Preference
from panel.vault import queries as vault
from tests import people
from tests.make import vault as make
from tests.make import visits
from tests.web.conftest import Browser

pytestmark = pytest.mark.engines("sqlite", "postgres")

Browse = Callable[..., Browser]


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: visits.DURING)


def _hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))


async def test_a_coordinator_sees_the_price_before_anything_is_sent(browse: Browse) -> None:
    await visits.city(members_count=4)
    desk = browse(people.coordinator)
    page = await desk.get("/office/messages")
    assert page.status_code == 200
    assert "尚未设置发送服务：短信 · 电子邮件" in html.unescape(page.text)
    shown = await desk.get("/office/messages/new?audience=all")
    assert "0.20元" in shown.text
    assert await queries.waiting() == 0
    fields = {name: value for name, value in _hidden(shown.text).items() if name != "csrf"}
    stale = await desk.post_form("/office/messages", {**fields, "sms": "3"})
    assert stale.status_code == 409
    assert "尚未发送" in stale.text
    done = await desk.post_form("/office/messages", fields)
    assert done.headers["location"] == "/office/messages?said=message_written"
    assert await queries.waiting() == 4
    again = html.unescape((await desk.get("/office/messages")).text)
    assert "全体监督员" in again


async def test_an_audience_must_be_chosen(browse: Browse) -> None:
    await visits.measures()
    answer = await browse(people.coordinator).get("/office/messages/new?audience=everyone")
    assert answer.status_code == 422
    assert "请选择一项" in answer.text


async def test_the_telephone_list_needs_a_reason_and_is_a_look(browse: Browse) -> None:
    await visits.measures()
    person = await make.person(7)
    await commands.choose(
        Actor(person=person, roles=frozenset({Role.MEMBER})), person,
        Preference(Channel.CALL), "", at=visits.AT,
    )  # fmt: skip
    await commands.post([person], MessageKind.NEWS, "one", at=visits.AT)
    desk = browse(people.coordinator)
    refused = await desk.post_form("/office/messages/calls", {"reason": " "})
    assert refused.status_code == 422
    assert "13900000007" not in refused.text
    opened = await desk.post_form("/office/messages/calls", {"reason": "通知任务"})
    assert "13900000007" in opened.text
    (look,) = await vault.looks(person)
    assert look.reason == "通知任务"
    (call,) = await queries.calls()
    await desk.post_form(f"/office/messages/{call.code}/called", {})
    assert await queries.to_call() == 0


async def test_an_auditor_reads_and_writes_nothing(browse: Browse) -> None:
    await visits.measures()
    page = await browse(people.auditor).get("/office/messages")
    assert page.status_code == 200
    assert "/office/messages/calls" not in page.text


async def test_a_member_chooses_how_to_be_told(browse: Browse) -> None:
    await visits.measures()
    (code,) = await visits.panel_of(1)
    person = await make.person(99)
    phone = browse(people.member(code, person))
    page = await phone.get("/m/me/reminders")
    assert page.status_code == 200
    assert "13900000099" in page.text
    refused = await phone.post_form("/m/me/reminders", {"channel": "email", "email": "lin(at)x"})
    assert refused.status_code == 422
    assert 'value="lin(at)x"' in html.unescape(refused.text)
    kept = await phone.post_form(
        "/m/me/reminders", {"channel": "email", "email": "lin@example.org", "lang": "en"}
    )
    assert kept.headers["location"] == "/m/me?said=reminders_chosen"
    assert (await queries.preference(person)).lang == "en"
