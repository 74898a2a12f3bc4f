"""Signing in and out, cards and invitations as people meet them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import httpx
import pytest

from panel import clock, db
from panel.accounts import commands, queries
from panel.accounts.types import Card
from panel.actor import Role
from tests import people
from tests.make import accounts as make
from tests.make import vault as make_vault
from tests.web.conftest import Browser

Browse = Callable[..., Browser]


def _said(answer: httpx.Response) -> str:
    """Return the text of a page as a reader sees it."""
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text)))


def _markup(answer: httpx.Response) -> str:
    """Return the markup with its slashes as they were written."""
    return answer.text.replace("&#x2f;", "/")


def _fields(answer: httpx.Response, action: str) -> list[tuple[str, str]]:
    """Return the hidden fields of the form with an action."""
    found = re.search(rf'<form action="{re.escape(action)}".*?</form>', _markup(answer), re.DOTALL)
    assert found, answer.text
    return [
        (unescape(name), unescape(value))
        for name, value in re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', found[0])
    ]


async def _card(number: int = 1) -> Card:
    return await make.card(number, at=clock.now())


async def _redeem(browser: Browser, card: Card, digits: str = "0001") -> httpx.Response:
    return await browser.post(
        f"/m/card/{card.token}",
        data={"digits": digits, "pin": make.PIN, "pin_again": make.PIN},
    )


async def test_a_member_redeems_the_card_and_is_signed_in(browse: Browse) -> None:
    browser, card = browse(), await _card()
    shown = await browser.get(f"/m/card/{card.token}")
    assert shown.status_code == 200
    assert shown.headers["cache-control"] == "no-store"
    answer = await _redeem(browser, card)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/m/tasks")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    me = await browser.get("/m/me")
    assert me.status_code == 200
    assert "13900000001" in _said(me)


async def test_previews_and_head_requests_do_not_use_a_card_up(browse: Browse) -> None:
    browser, card = browse(), await _card()
    for _ in range(10):
        assert (await browser.get(f"/m/card/{card.token}")).status_code == 200
        assert (await browser.head(f"/m/card/{card.token}")).status_code == 200
    assert (await _redeem(browser, card)).status_code == 303


async def test_a_card_used_twice_is_refused_and_leads_to_the_sign_in(browse: Browse) -> None:
    card = await _card()
    await _redeem(browse(), card)
    other = browse(lang="en")
    for answer in (await other.get(f"/m/card/{card.token}"), await _redeem(other, card)):
        assert answer.status_code == 410
        assert "This card was opened already" in _said(answer)
        assert 'href="/m/sign-in"' in _markup(answer)
        assert "set-cookie" not in answer.headers


async def test_guessed_digits_are_counted_down_and_end_the_card(browse: Browse) -> None:
    browser, card = browse(lang="en"), await _card()
    for left in (4, 3, 2, 1, 0):
        answer = await _redeem(browser, card, "9999")
        assert answer.status_code == 403
        assert f"{left} tries are left" in _said(answer)
    answer = await _redeem(browser, card)
    assert answer.status_code == 410
    assert "tried too often" in _said(answer)


async def test_a_guessed_card_is_missing_and_says_so_in_chinese(browse: Browse) -> None:
    answer = await browse().get("/m/card/guess")
    assert answer.status_code == 404
    assert "这不是有效的监督员证" in _said(answer)


async def test_different_or_easy_pins_are_told_at_the_field(browse: Browse) -> None:
    browser, card = browse(lang="en"), await _card()
    answer = await browser.post(
        f"/m/card/{card.token}", data={"digits": "0001", "pin": "580264", "pin_again": "580265"}
    )
    assert answer.status_code == 422
    assert "The two entries differ" in _said(answer)
    assert 'value="0001"' in answer.text
    assert "580264" not in answer.text
    answer = await browser.post(
        f"/m/card/{card.token}", data={"digits": "0001", "pin": "123456", "pin_again": "123456"}
    )
    assert "too easy to guess" in _said(answer)


async def test_a_member_signs_in_with_number_and_pin_in_another_browser(browse: Browse) -> None:
    card = await _card()
    await _redeem(browse(), card)
    other = browse()
    answer = await other.post("/m/sign-in", data={"number": card.number, "pin": make.PIN})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/m/tasks"
    assert (await other.get("/m/me")).status_code == 200


async def test_the_next_member_on_a_shared_phone_ends_the_session_before(browse: Browse) -> None:
    first, second, phone = await _card(1), await _card(2), browse()
    await _redeem(phone, first)
    token = phone.cookies["panel_session"]
    assert (await _redeem(phone, second, "0002")).status_code == 303
    assert phone.cookies["panel_session"] != token
    assert await queries.actor_of(token, at=clock.now()) is None
    assert "13900000002" in _said(await phone.get("/m/me"))


async def test_a_token_chosen_before_the_sign_in_is_never_kept(browse: Browse) -> None:
    card, browser = await _card(), browse()
    browser.cookies.set("panel_session", "chosen-by-an-attacker")
    answer = await _redeem(browser, card)
    assert "chosen-by-an-attacker" not in answer.headers["set-cookie"]
    assert await queries.actor_of("chosen-by-an-attacker", at=clock.now()) is None


async def test_known_and_unknown_numbers_are_answered_alike(browse: Browse) -> None:
    card = await _card()
    await _redeem(browse(), card)
    unknown = await _card(2)
    texts = []
    for number in (card.number, unknown.number):
        answer = await browse().post("/m/sign-in", data={"number": number, "pin": "000001"})
        assert answer.status_code == 403
        texts.append(_said(answer))
        assert f'value="{number}"' in answer.text
    assert texts[0] == texts[1]


async def test_too_many_tries_are_told_with_the_seconds(browse: Browse) -> None:
    card, browser = await _card(), browse(lang="en")
    for _ in range(3):
        await browser.post("/m/sign-in", data={"number": card.number, "pin": "000001"})
    answer = await browser.post("/m/sign-in", data={"number": card.number, "pin": "000001"})
    assert answer.status_code == 429
    assert "Please wait" in _said(answer)


async def test_a_session_that_ends_in_the_middle_of_a_sheet_loses_nothing(browse: Browse) -> None:
    card, browser = await _card(), browse()
    await _redeem(browser, card)
    await commands.issue_cards(people.coordinator, [], at=clock.now())
    found = await browser.get("/m/me")
    assert found.status_code == 200
    browser.cookies.delete("panel_session")
    typed = {
        "csrf": "stale",
        "a1": "3",
        "why_a1": "第一行\n“第二行” <b>&",
        "tags": ["x", "y"],
        "key": "8e7c",
    }
    target = "/m/me/secret?from=sheet"
    asked = await browser.post(target, data=typed)
    assert asked.status_code == 401
    assert asked.headers["cache-control"] == "no-store"
    assert "您填写的内容仍保留在本页" in _said(asked)
    waiting = _fields(asked, "/m/sign-in")
    assert ("next", target) in waiting
    assert ("carry.why_a1", "第一行\n“第二行” <b>&") in waiting
    assert [value for name, value in waiting if name == "carry.tags"] == ["x", "y"]
    assert "stale" not in asked.text
    wrong = await browser.post(
        "/m/sign-in", data={**_as_data(waiting), "number": card.number, "pin": "000001"}
    )
    assert wrong.status_code == 403
    assert sorted(_fields(wrong, "/m/sign-in")) == sorted(waiting)
    back = await browser.post(
        "/m/sign-in", data={**_as_data(waiting), "number": card.number, "pin": make.PIN}
    )
    assert back.status_code == 200
    assert "已登录，您填写的内容仍在" in _said(back)
    again = dict(_fields(back, target))
    assert again["why_a1"] == "第一行\n“第二行” <b>&"
    assert again["key"] == "8e7c"
    assert again["csrf"] not in {"", "stale"}
    sent = await browser.post(target, data=_as_data(_fields(back, target)))
    assert sent.status_code == 422, "reached its handler: guard and token were satisfied"


async def test_a_page_from_before_the_present_sign_in_can_be_sent_again(browse: Browse) -> None:
    card, browser = await _card(), browse()
    await _redeem(browser, card)
    old = dict(_fields(await browser.get("/m/me"), "/m/me/secret"))["csrf"]
    await browser.post("/m/sign-in", data={"number": card.number, "pin": make.PIN})
    typed = {"csrf": old, "why": "忙", "old": "1", "pin": "580264", "again": "580265"}
    answer = await browser.post("/m/me/secret", data=typed)
    assert answer.status_code == 403
    assert "内容尚未提交" in _said(answer)
    fields = _as_data(_fields(answer, "/m/me/secret"))
    assert fields["why"] == ["忙"]
    assert not {"old", "pin", "again"} & set(fields), "a secret is typed anew"
    assert (await browser.post("/m/me/secret", data=fields)).status_code == 422
    answer = await browser.post("/m/me/secret", data=typed, headers={"HX-Request": "true"})
    assert answer.status_code == 403
    assert "<form" not in answer.text


def _as_data(fields: list[tuple[str, str]]) -> dict[str, list[str]]:
    data: dict[str, list[str]] = {}
    for name, value in fields:
        data.setdefault(name, []).append(value)
    return data


async def test_an_interrupted_autosave_gets_a_fragment_and_a_script_problem_json(
    browse: Browse,
) -> None:
    browser = browse(lang="en")
    answer = await browser.post("/m/me/secret", data={"a": "1"}, headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert "<html" not in answer.text
    assert "What you typed is still here" in _said(answer)
    answer = await browser.post(
        "/m/me/secret", data={"a": "1"}, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 401
    assert answer.json()["code"] == "session.ended"


async def test_a_page_asked_for_without_session_comes_after_the_sign_in(browse: Browse) -> None:
    card, browser = await _card(), browse()
    await _redeem(browse(), card)
    answer = await browser.get("/m/me?x=1")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/m/sign-in?next=/m/me%3Fx%3D1"
    shown = await browser.get(answer.headers["location"])
    fields = dict(_fields(shown, "/m/sign-in"))
    answer = await browser.post(
        "/m/sign-in", data={**fields, "number": card.number, "pin": make.PIN}
    )
    assert answer.headers["location"] == "/m/me?x=1"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/m/", "//evil.example/m/x", "/\\evil.example", "javascript:alert(1)",
        "/office", "/m/sign-in", "/m/card/x", "/m/\nx", "m/tasks", "/mx",
    ],
)  # fmt: skip
async def test_a_sign_in_never_leads_elsewhere(browse: Browse, target: str) -> None:
    card = await _card()
    await _redeem(browse(), card)
    answer = await browse().post(
        "/m/sign-in",
        data={"number": card.number, "pin": make.PIN, "next": target, "carry.a": "1"},
    )
    assert answer.status_code == 303
    assert answer.headers["location"] == "/m/tasks"


async def test_another_site_can_t_post_a_sign_in(browse: Browse) -> None:
    card = await _card()
    await _redeem(browse(), card)
    answer = await browse().post(
        "/m/sign-in",
        data={"number": card.number, "pin": make.PIN},
        headers={"Origin": "https://evil.example"},
    )
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_a_member_changes_the_pin_and_signs_out(browse: Browse) -> None:
    card, browser, other = await _card(), browse(), browse()
    await _redeem(browser, card)
    await other.post("/m/sign-in", data={"number": card.number, "pin": make.PIN})
    page = await browser.get("/m/me")
    csrf = dict(_fields(page, "/m/me/secret"))["csrf"]
    before = browser.cookies["panel_session"]
    answer = await browser.post(
        "/m/me/secret",
        data={"csrf": csrf, "old": make.PIN, "pin": "804155", "again": "804155"},
    )
    assert answer.status_code == 303
    assert browser.cookies["panel_session"] != before
    assert (await other.get("/m/me")).status_code == 303
    page = await browser.get("/m/me")
    csrf = dict(_fields(page, "/sign-out"))["csrf"]
    answer = await browser.post("/sign-out", data={"csrf": csrf})
    assert answer.headers["location"].startswith("/m/sign-in")
    assert (await browser.get("/m/me")).status_code == 303


async def test_own_sessions_are_ended_from_the_page(browse: Browse) -> None:
    card, browser, other = await _card(), browse(), browse()
    await _redeem(browser, card)
    await other.post(
        "/m/sign-in",
        data={"number": card.number, "pin": make.PIN},
        headers={"User-Agent": "Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0"},
    )
    page = await browser.get("/m/me")
    assert "WeChat · Android" in _said(page)
    found = re.search(r'action="(/m/me/sessions/[0-9A-Z]+/end)"', _markup(page))
    assert found
    csrf = dict(_fields(page, found[1]))["csrf"]
    assert (await browser.post(found[1], data={"csrf": "wrong"})).status_code == 403
    assert (await other.get("/m/me")).status_code == 200
    assert (await browser.post(found[1], data={"csrf": csrf})).status_code == 303
    assert (await other.get("/m/me")).status_code == 303
    assert (await browser.get("/m/me")).status_code == 200


async def test_a_look_stands_on_the_member_s_own_page(browse: Browse) -> None:
    from panel.vault import commands as vault

    card, browser = await _card(), browse()
    await _redeem(browser, card)
    actor = await queries.actor_of_member(card.member)
    assert actor.person is not None
    await vault.look(people.coordinator, actor.person, ("phone",), "回电核实", at=clock.now())
    page = _said(await browser.get("/m/me"))
    assert "回电核实" in page
    assert "coordinator" in page


async def test_staff_accept_an_invitation_and_sign_in_with_a_code(browse: Browse) -> None:
    now = clock.now()
    invited = await commands.invite(
        people.administrator, "wang", [Role.REVIEWER], "评议办", make_vault.identity(), at=now
    )
    browser, path = browse(lang="en"), f"/invitation/{invited.token}"
    for _ in range(3):
        assert "wang" in _said(await browser.get(path))
    answer = await browser.post(path, data={"password": "password", "password_again": "password"})
    assert answer.status_code == 422
    assert "too common" in _said(answer)
    shown = await browser.post(
        path, data={"password": make.PASSWORD, "password_again": make.PASSWORD}
    )
    assert shown.status_code == 200
    assert shown.headers["cache-control"] == "no-store"
    assert '<svg class="qr"' in shown.text
    key = re.search(r"([A-Z2-7]{4}(?: [A-Z2-7]{4}){7})", _said(shown))
    assert key
    wrong = await browser.post(f"{path}/code", data={"totp": "00000"})
    assert wrong.status_code == 422
    assert "9 tries are left" in _said(wrong)
    from panel.accounts.types import TotpSetup

    setup = TotpSetup(login="wang", secret=key[1].replace(" ", ""), uri="")
    shown_now = make.code_for(setup, clock.now())
    done = await browser.post(f"{path}/code", data={"totp": shown_now})
    assert done.status_code == 303
    assert done.headers["location"] == "/office"
    assert (await browser.get("/me")).status_code == 200
    assert (await browser.get(path)).status_code == 410
    other = browse(lang="en")
    shown_next = make.code_for(setup, clock.now() + timedelta(seconds=30))
    signed = await other.post(
        "/sign-in", data={"login": "wang", "password": make.PASSWORD, "totp": shown_next}
    )
    assert signed.status_code == 303
    assert 'href="/office"' in _markup(await other.get("/me"))
    assert (await other.get("/admin")).status_code == 403


async def test_staff_are_refused_in_the_same_words(browse: Browse) -> None:
    await make.staff("wang", Role.REVIEWER, at=clock.now())
    texts = []
    for login in ("wang", "nobody"):
        answer = await browse(lang="en").post(
            "/sign-in", data={"login": login, "password": "wrong", "totp": "000000"}
        )
        assert answer.status_code == 403
        texts.append(_said(answer))
    assert texts[0] == texts[1]
    assert "don't fit together" in texts[0]


async def test_over_tls_the_cookie_is_of_the_strict_kind(engine: db.Engine) -> None:
    from panel import keys
    from panel.settings import Settings
    from web import app as web_app

    settings = Settings(base_url="https://panel.example", allowed_hosts=("panel.example",))
    application: Any = web_app.asgi(web_app.create(settings, keys.current()), settings)
    card = await _card()
    async with Browser(
        transport=httpx.ASGITransport(app=application),
        base_url="https://panel.example",
        headers={"Origin": "https://panel.example"},
    ) as browser:
        answer = await _redeem(browser, card)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-panel=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
