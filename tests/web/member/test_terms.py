"""A member's own term and data on the phone."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from panel import clock
from panel.accounts import commands as accounts
from panel.accounts.types import CardRequest
from panel.db import Engine
from panel.members import queries as members
from panel.members.types import MemberState, MemberView
from panel.recruitment.queries import rights, tenure
from panel.vault import commands as vault
from panel.vault import queries as identities
from tests import people
from tests.make import roster
from tests.make import terms as make
from tests.make.members import AT
from tests.web.conftest import Browser

Browse = Callable[..., Browser]
PIN = "580264"


@pytest.fixture
async def panel(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> list[MemberView]:
    """Return a panel of ten, at the builders' clock."""
    monkeypatch.setattr(clock, "now", lambda: AT)
    return await make.panel()


async def signed_in(browse: Browse, view: MemberView) -> Browser:
    """Return a phone that really signed in with its card."""
    (card,) = await accounts.issue_cards(
        people.coordinator, [CardRequest(view.code, view.person)], at=AT
    )
    ending = (await identities.reveal_own(view.person)).phone[-4:]
    browser = browse()
    answer = await browser.post(
        f"/m/card/{card.token}", data={"digits": ending, "pin": PIN, "pin_again": PIN}
    )
    assert answer.status_code == 303, answer.text
    return browser


async def test_a_suspended_member_is_told_and_replies(
    browse: Browse, panel: list[MemberView]
) -> None:
    found = await make.suspended(panel[0])
    phone = browse(make.phone(panel[0]))
    assert "已暂停" in (await phone.get("/m/tasks")).text
    shown = await phone.get("/m/term")
    assert make.REASON in shown.text
    form = {"proceeding": found.code, "reply": ""}
    assert (await phone.post_form("/m/term/reply", form)).status_code == 422
    sent = await phone.post_form("/m/term/reply", {**form, "reply": make.REPLY})
    assert sent.is_redirect
    assert make.REPLY in (await phone.get("/m/term")).text
    again = await phone.post_form("/m/term/reply", {**form, "reply": "又及"})
    assert again.status_code == 409
    other = browse(make.phone(panel[1]))
    theirs = await other.post_form("/m/term/reply", {**form, "reply": "x"})
    assert theirs.status_code == 404
    assert make.REASON not in (await other.get("/m/term")).text


async def test_the_last_weeks_bring_a_reminder_and_the_wish_to_go_on(
    browse: Browse, panel: list[MemberView], monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = browse(make.phone(panel[0]))
    assert "即将届满" not in (await phone.get("/m/tasks")).text
    assert (await phone.post_form("/m/term/renew", {})).status_code == 409
    soon = make.first_moment(panel[0].term_end)
    monkeypatch.setattr(clock, "now", lambda: soon)
    assert "即将届满" in (await phone.get("/m/tasks")).text
    assert "申请续聘" in (await phone.get("/m/term")).text
    assert (await phone.post_form("/m/term/renew", {})).is_redirect
    assert "已申请" in (await phone.get("/m/term")).text
    assert len(await tenure.asked_renewals()) == 1


async def test_resigning_asks_once_more_and_ends_the_session(
    browse: Browse, panel: list[MemberView]
) -> None:
    phone = browse(make.phone(panel[0]))
    assert "不能撤回" in (await phone.get("/m/term/resign")).text
    unsure = await phone.post_form("/m/term/resign", {"reason": "迁居"})
    assert unsure.status_code == 422
    assert (await members.member(panel[0].code)).state is MemberState.ACTIVE
    gone = await phone.post_form("/m/term/resign", {"reason": "迁居", "sure": "yes"})
    assert gone.headers["location"].startswith("/m/sign-in")
    assert (await members.member(panel[0].code)).state is MemberState.RESIGNED


async def test_everything_that_is_kept_is_shown_and_taken_along(
    browse: Browse, panel: list[MemberView]
) -> None:
    view = panel[0]
    await make.suspended(view)
    await vault.look(people.coordinator, view.person, ("phone",), "电话通知", at=AT)
    phone = await signed_in(browse, view)
    shown = (await phone.get("/m/me/data")).text
    taken = await phone.get("/m/me/data.json")
    assert taken.headers["cache-control"] == "no-store"
    data = msgspec.json.decode(taken.content)
    kept = await identities.reveal_own(view.person)
    for value in (kept.name, kept.phone, kept.national_id, kept.address, make.REASON):
        assert value in shown
        assert value in taken.text
    assert set(data) == {
        "identity", "seats", "recusals", "learning", "applications", "proceedings", "renewals",
        "wishes", "looks", "sessions",
    }  # fmt: skip
    assert data["looks"][0]["reason"] == "电话通知"
    assert len(data["sessions"]) == 1
    assert data["learning"]["certificates"]


async def test_nobody_reads_anybody_elses_data(browse: Browse, panel: list[MemberView]) -> None:
    other = panel[1]
    await vault.replace(
        other.person,
        msgspec.structs.replace(await identities.reveal_own(other.person), employer="别人的单位"),
    )
    phone = await signed_in(browse, panel[0])
    for address in ("/m/me/data", "/m/me/data.json", "/m/me/data/edit"):
        assert "别人的单位" not in (await phone.get(address)).text


async def test_a_member_corrects_the_phone_and_names_a_judged_employer(
    browse: Browse, panel: list[MemberView]
) -> None:
    city = await roster.small_city()
    unit = city.units[0]
    phone = browse(make.phone(panel[0]))
    shown = await phone.get("/m/me/data/edit")
    assert unit.name in shown.text
    wrong = await phone.post_form("/m/me/data/edit", {"phone": "12", "employer": "新单位"})
    assert wrong.status_code == 422
    assert "新单位" in wrong.text
    form = {"phone": "13900007777", "employer": "新单位", "unit": unit.code}
    assert (await phone.post_form("/m/me/data/edit", form)).is_redirect
    assert (await identities.reveal_own(panel[0].person)).phone == "13900007777"
    (recusal,) = await members.recusals(panel[0])
    assert recusal.unit == unit.code


async def test_a_name_and_an_erasure_are_asked_for(browse: Browse, panel: list[MemberView]) -> None:
    phone = browse(make.phone(panel[0]))
    empty = await phone.post_form("/m/me/data/ask", {"field": "name", "text": ""})
    assert empty.status_code == 422
    form = {"field": "name", "text": "林示范"}
    assert (await phone.post_form("/m/me/data/ask", form)).is_redirect
    assert (await phone.post_form("/m/me/data/ask", form)).status_code == 409
    assert (await phone.post_form("/m/me/data/erase", {})).status_code == 422
    assert (await phone.post_form("/m/me/data/erase", {"sure": "yes"})).is_redirect
    assert {each.kind for each in await rights.asked_requests()} == {"correction", "erasure"}
    assert "您已提出" in (await phone.get("/m/me/data/edit")).text
