"""Every address declares who may call it, and every role meets the right door."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from panel import clock, db, keys
from panel.actor import Actor
from panel.audit import commands as audit
from panel.ids import Code
from panel.queue import commands as queue
from panel.settings import Settings
from tests import people
from web import app as web_app
from web import guards
from web.pages import Request

GUARDS = {
    "m": guards.member,
    "office": guards.office,
    "unit": guards.unit,
    "admin": guards.admin,
}
SIGN_IN = {"/m/sign-in", "/m/card/{token}", "/m/resume", "/m/sw.js"}
"""Below /m/ for the sake of the cookie's, the card's and the worker's address, for anybody."""


OPEN = {"/api/v1", "/api/v1/session", "/api/v1/openapi.json", "/api/v1/{path:str}"}
"""What opens the interface and what describes it."""


def routes(app: Litestar) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    """Yield every address with its method and handler."""
    for route in app.routes:
        handlers = getattr(route, "route_handler_map", {})
        for method, found in handlers.items():
            handler = found[0] if isinstance(found, tuple) else found
            yield route.path, str(method), handler


@pytest.fixture
def app(engine: db.Engine, settings: Settings) -> Litestar:
    """Return the application."""
    return web_app.create(settings, keys.current())


async def test_every_address_has_the_guard_of_its_audience(app: Litestar) -> None:
    seen = 0
    for path, method, handler in routes(app):
        first = path.split("/")[1]
        resolved = handler.resolve_guards() if hasattr(handler, "resolve_guards") else ()
        names = {getattr(getattr(guard, "func", guard), "__name__", "") for guard in resolved}
        if method != "OPTIONS":
            assert "same_origin" in names, path
        if first in GUARDS and not any(path.startswith(p.split("{")[0]) for p in SIGN_IN):
            assert GUARDS[first].__name__ in names, f"{method} {path}"
            seen += 1
        if first == "api" and path not in OPEN and method != "OPTIONS":
            assert names & {"api_member", "api_token"}, f"{method} {path}"
    assert seen > 20


async def test_handlers_take_our_request(app: Litestar) -> None:
    assert app.request_class is Request


@pytest.mark.parametrize(
    ("actor", "welcome"),
    [
        (None, set()),
        (people.stranger, set()),
        (people.coordinator, {"/office"}),
        (people.auditor, {"/office"}),
        (people.administrator, {"/admin"}),
        (people.member(Code("0000000000"), 9101), {"/m/tasks"}),
    ],
)
async def test_only_the_own_door_opens(
    browse: Callable[..., Any], actor: Actor | None, welcome: set[str]
) -> None:
    browser = browse(actor)
    for path in ("/office", "/admin", "/m/tasks", "/unit"):
        answer = await browser.get(path)
        if path in welcome:
            assert answer.status_code == 200, path
        elif actor is None:
            assert answer.status_code in {303, 401}, path
        else:
            assert answer.status_code == 403, path


async def test_a_post_from_another_site_is_refused(browse: Callable[..., Any]) -> None:
    browser = browse(people.coordinator)
    foreign = {"Origin": "https://evil.example"}
    answer = await browser.post("/office/rulebooks", data={"csrf": "x"}, headers=foreign)
    assert answer.status_code == 403


async def test_a_post_without_the_sessions_token_is_refused(browse: Callable[..., Any]) -> None:
    answer = await browse(people.coordinator).post("/office/rulebooks", data={"toml": ""})
    assert answer.status_code == 403


async def test_an_auditor_reads_and_writes_nothing(browse: Callable[..., Any]) -> None:
    browser = browse(people.auditor)
    assert (await browser.get("/office/audit")).status_code == 200
    assert (await browser.post_form("/office/rulebooks", {"toml": ""})).status_code == 403


async def test_unrouted_addresses_wear_the_headers_too(browse: Callable[..., Any]) -> None:
    for path in ("/nothing/here", "/zh/nothing"):
        answer = await browse().get(path)
        assert answer.status_code == 404
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert (await browse().delete("/zh/")).status_code == 405


async def test_head_is_answered_like_get_without_a_body(browse: Callable[..., Any]) -> None:
    answer = await browse().head("/zh/")
    assert (answer.status_code, answer.content) == (200, b"")


async def test_a_foreign_host_is_refused(browse: Callable[..., Any]) -> None:
    answer = await browse().get("/zh/", headers={"Host": "evil.example"})
    assert answer.status_code == 421


async def test_an_unknown_language_is_chinese(browse: Callable[..., Any]) -> None:
    answer = await browse(people.coordinator, lang="tlh").get("/office/rulebooks")
    assert 'lang="zh-CN"' in answer.text


async def test_preferences_lead_back_inside_only(browse: Callable[..., Any]) -> None:
    for wish in ("https://evil.example", "//evil.example", "/\\evil.example"):
        answer = await browse().get("/prefer", params={"lang": "en", "next": wish})
        assert answer.headers["location"] == "/"


async def test_the_health_page_shows_no_number_that_moves_with_a_command(
    browse: Callable[..., Any],
) -> None:
    calm = {"status": "ok", "sealer": "ok", "worker": "ok", "dead_jobs": 0}
    assert (await browse().get("/healthz")).json() == calm
    async with audit.entry(people.coordinator, "a.command", at=clock.now()):
        await queue.enqueue("test", {}, run_at=clock.now())
    assert (await browse().get("/healthz")).json() == calm


async def test_the_health_page_tells_who_fell_behind(browse: Callable[..., Any]) -> None:
    long_ago = clock.now() - dt.timedelta(hours=1)
    async with audit.entry(people.coordinator, "a.command", at=long_ago):
        await queue.enqueue("test", {}, run_at=long_ago)
    answer = await browse().get("/healthz")
    assert answer.json() == {
        "status": "behind",
        "sealer": "behind",
        "worker": "behind",
        "dead_jobs": 0,
    }
    while await audit.seal_chain():
        pass
    assert (await browse().get("/healthz")).json()["sealer"] == "ok"
