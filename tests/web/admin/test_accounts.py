"""The administrator's pages: who may, what they show, and what they refuse."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import httpx
import pytest

from panel import clock
from panel.accounts import queries
from panel.accounts.types import AccountKind, AccountState, AccountView
from panel.actor import Actor, Role
from tests import people
from tests.make import accounts as make
from tests.web.conftest import Browser

Browse = Callable[..., Browser]
FILLED = {
    "login": "wang",
    "name": "王示例",
    "phone": "13900000077",
    "office": "评议办",
    "roles": ["coordinator", "publisher"],
    "unit": "",
}


def _said(answer: httpx.Response) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text)))


async def _wang() -> AccountView:
    await make.staff("wang", Role.REVIEWER, at=clock.now())
    return await queries.account_named("wang")


async def test_an_administrator_invites_a_person_and_sees_the_link_once(browse: Browse) -> None:
    browser = browse(people.administrator, lang="en")
    assert (await browser.get("/admin/accounts/new")).status_code == 200
    answer = await browser.post_form("/admin/accounts", FILLED)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    link = re.search(r"http://127\.0\.0\.1:8000(/invitation/[\w-]+)", _said(answer))
    assert link
    assert (await browse().get(link[1])).status_code == 200
    listed = _said(await browser.get("/admin"))
    assert "王示例" in listed
    assert "Coordinator · Publisher" in listed
    assert "Invited" in listed
    account = await queries.account_named("wang")
    shown = await browser.get(f"/admin/accounts/{account.code}")
    assert link[1] not in shown.text


async def test_a_wrong_form_keeps_what_was_typed_and_names_each_fault(browse: Browse) -> None:
    browser = browse(people.administrator, lang="en")
    answer = await browser.post_form(
        "/admin/accounts", {**FILLED, "login": "W!", "roles": ["administrator", "publisher"]}
    )
    assert answer.status_code == 422
    said = _said(answer)
    assert "A sign-in name has 3 to 40" in said
    assert "can't be held by one account" in said
    assert 'value="13900000077"' in answer.text
    assert re.search(r'value="publisher"[^>]* checked', answer.text)
    answer = await browser.post_form("/admin/accounts", {**FILLED, "roles": ["king"]})
    assert answer.status_code == 422
    assert await queries.accounts() == []


async def test_a_taken_name_is_told_in_the_form(browse: Browse) -> None:
    await _wang()
    answer = await browse(people.administrator, lang="en").post_form("/admin/accounts", FILLED)
    assert answer.status_code == 409
    assert "This sign-in name is taken" in _said(answer)
    assert 'value="王示例"' in answer.text


async def test_roles_and_office_are_changed_and_the_person_is_signed_out(browse: Browse) -> None:
    session = await make.signed_in("wang", Role.REVIEWER, at=clock.now())
    account = await queries.account_named("wang")
    browser, path = browse(people.administrator), f"/admin/accounts/{account.code}"
    shown = await browser.get(f"{path}/edit")
    assert re.search(r'value="reviewer"[^>]* checked', shown.text)
    answer = await browser.post_form(f"{path}/edit", {"office": "督查科", "roles": ["publisher"]})
    assert answer.status_code == 303
    changed = await queries.account(account.code)
    assert (changed.roles, changed.office) == ((Role.PUBLISHER,), "督查科")
    assert not await make.holds(session, at=clock.now())
    assert "角色与部门已更新" in _said(await browser.get(answer.headers["location"]))
    answer = await browser.post_form(f"{path}/edit", {"office": "督查科"})
    assert answer.status_code == 422


async def test_reset_and_deactivation_ask_first_and_end_the_sessions(browse: Browse) -> None:
    session = await make.signed_in("wang", Role.REVIEWER, at=clock.now())
    account = await queries.account_named("wang")
    browser, path = browse(people.administrator, lang="en"), f"/admin/accounts/{account.code}"
    for action in ("reset", "deactivate"):
        assert (await browser.get(f"{path}/{action}")).status_code == 200
    assert await make.holds(session, at=clock.now())
    answer = await browser.post_form(f"{path}/reset", {})
    assert "/invitation/" in _said(answer)
    assert not await make.holds(session, at=clock.now())
    answer = await browser.post_form(f"{path}/deactivate", {"reason": "moved"})
    assert answer.status_code == 303
    assert (await queries.account(account.code)).state is AccountState.DEACTIVATED
    answer = await browser.post_form(f"{path}/deactivate", {})
    assert answer.status_code == 409
    assert "/deactivate" not in (await browser.get(path)).text


async def test_the_own_account_is_left_to_another_administrator(browse: Browse) -> None:
    session = await make.signed_in("root", Role.ADMINISTRATOR, at=clock.now())
    account = await queries.account_named("root")
    browser = browse(session.actor, lang="en")
    shown = await browser.get(f"/admin/accounts/{account.code}")
    assert "Another administrator has to change it" in _said(shown)
    answer = await browser.post_form(f"/admin/accounts/{account.code}/deactivate", {})
    assert answer.status_code == 403
    assert (await queries.account(account.code)).state is AccountState.ACTIVE


@pytest.mark.parametrize(
    "actor", [people.coordinator, people.auditor, people.stranger, people.reviewer]
)
async def test_nobody_but_an_administrator_comes_in(browse: Browse, actor: Actor) -> None:
    account = await _wang()
    browser, path = browse(actor), f"/admin/accounts/{account.code}"
    for url in ("/admin", "/admin/accounts/new", path, f"{path}/edit", f"{path}/reset"):
        assert (await browser.get(url)).status_code == 403
    for url in ("/admin/accounts", f"{path}/edit", f"{path}/reset", f"{path}/deactivate"):
        assert (await browser.post_form(url, FILLED)).status_code == 403
    assert (await queries.account(account.code)).state is AccountState.ACTIVE


async def test_without_a_session_the_pages_lead_to_the_sign_in(browse: Browse) -> None:
    answer = await browse().get("/admin")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=/admin"


async def test_a_post_without_the_token_of_the_session_changes_nothing(browse: Browse) -> None:
    account = await _wang()
    browser = browse(people.administrator)
    answer = await browser.post(f"/admin/accounts/{account.code}/deactivate", data={"reason": "x"})
    assert answer.status_code == 403
    assert (await queries.account(account.code)).state is AccountState.ACTIVE


async def test_an_unknown_account_and_a_member_s_are_missing(browse: Browse) -> None:
    browser = browse(people.administrator)
    assert (await browser.get("/admin/accounts/0000000000")).status_code == 404
    await make.member(at=clock.now())
    (member,) = await queries.accounts(AccountKind.MEMBER)
    assert (await browser.get(f"/admin/accounts/{member.code}")).status_code == 404
    assert (await browser.post_form(f"/admin/accounts/{member.code}/reset", {})).status_code == 404
    assert member.login not in (await browser.get("/admin")).text
