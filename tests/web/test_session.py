"""What a request tells about its caller, and where a sign-in may lead."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar
from litestar.datastructures import State
from litestar.testing import RequestFactory

from panel.accounts.types import AccountKind
from panel.settings import Settings
from web import session
from web.pages import Request

pytestmark = pytest.mark.engines("sqlite", "postgres")


def _request(headers: dict[str, str], peer: str = "10.0.0.1", **settings: Any) -> Request:
    app = Litestar(
        request_class=Request, state=State({"settings": Settings(**settings)}), openapi_config=None
    )
    made = RequestFactory(app=app).get("/m/sign-in", headers=headers)
    made.scope["client"] = (peer, 1234)
    return Request(made.scope)


def test_a_forwarded_address_counts_from_configured_proxies_only() -> None:
    headers = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7, 10.0.0.2"}
    proxies = ("10.0.0.1", "10.0.0.2")
    assert session.address(_request(headers)) == "10.0.0.1"
    assert session.address(_request(headers, trusted_proxies=proxies)) == "198.51.100.7"
    assert session.address(_request({}, trusted_proxies=proxies)) == "10.0.0.1"
    assert session.address(_request(headers, "192.0.2.5", trusted_proxies=proxies)) == "192.0.2.5"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Linux; Android 14) Chrome/120 MicroMessenger/8.0.4", "WeChat · Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Safari/604.1", "Safari · iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64) Chrome/120 Safari/537.36 Edg/120", "Edge · Windows"),
        ("curl/8", ""),
    ],
)
def test_a_browser_is_named_coarsely(agent: str, name: str) -> None:
    assert session.device(_request({"User-Agent": agent})) == name


def test_the_cookie_is_strict_wherever_there_is_tls() -> None:
    assert session.cookie_name(_request({})) == "panel_session"
    assert session.cookie_name(_request({}, base_url="https://x.example")) == "__Host-panel"


@pytest.mark.parametrize("target", ["/m/tasks", "/m/tasks/ABC/sheet?part=2", "/m/me"])
def test_a_member_is_led_back_to_own_pages(target: str) -> None:
    assert session.safe_next(target, AccountKind.MEMBER) == target
    assert session.safe_next(target, AccountKind.STAFF) == ""


@given(st.text(max_size=40))
def test_no_address_leads_out_of_the_service(text: str) -> None:
    for kind in AccountKind:
        for target in (text, f"/{text}", f"//{text}", f"/m{text}", f"/office{text}"):
            allowed = session.safe_next(target, kind)
            assert allowed == "" or allowed.startswith(("/m", "/office", "/unit", "/admin", "/me"))
            assert not allowed.startswith(("//", "/\\"))
