"""A browser without a browser: the real application in process, signed in as somebody."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar

from panel import clock, db, keys
from panel.actor import Actor
from panel.settings import Settings
from web import app as web_app
from web import session
from web.pages import Request, SessionInfo, mask

CSRF = "token-of-the-test"
HOST = "http://127.0.0.1:8000"
NOON = dt.datetime(2026, 11, 23, 4, 0, tzinfo=dt.UTC)


class Browser(httpx.AsyncClient):
    """A client that posts forms as a page of ours would."""

    async def post_form(self, url: str, data: dict[str, Any], **more: Any) -> httpx.Response:
        """Post fields with the session's CSRF token."""
        return await self.post(url, data={"csrf": mask(CSRF), **data}, **more)


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the clock: no hour, no end of a month and no slow machine makes a difference."""
    monkeypatch.setattr(clock, "now", lambda: NOON)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings of a test's own data folder."""
    return Settings(data_dir=tmp_path / "data", key_dir=tmp_path / "keys", base_url=HOST)


@pytest.fixture(scope="session")
def built(own_keys: keys.Keys) -> Litestar:
    """Build the application once: it holds no state between requests but what it is given."""
    return web_app.create(Settings(), own_keys)


@pytest.fixture
async def browse(
    engine: db.Engine, settings: Settings, built: Litestar, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Callable[..., Browser]]:
    """Return ``browse(actor=None, lang="zh")``: a client signed in as the actor."""
    built.state.settings = settings
    application: Any = web_app.asgi(built, settings)  # httpx names the same types otherwise
    actors: dict[str, Actor] = {}
    numbers = itertools.count(1)
    real = session.load

    async def load(request: Request) -> SessionInfo | None:
        known = actors.get(request.cookies.get("test_session", ""))
        if known is None:
            return await real(request)
        return SessionInfo(actor=known, csrf=CSRF, label=known.name)

    monkeypatch.setattr(session, "load", load)
    opened: list[Browser] = []

    def open_browser(actor: Actor | None = None, lang: str = "zh", **more: Any) -> Browser:
        cookies = {"panel_lang": lang}
        if actor is not None:
            name = str(next(numbers))
            actors[name] = actor
            cookies["test_session"] = name
        browser = Browser(
            transport=httpx.ASGITransport(app=application, raise_app_exceptions=False),
            base_url=HOST,
            cookies=cookies,
            headers={"Origin": HOST},
            **more,
        )
        opened.append(browser)
        return browser

    yield open_browser
    for browser in opened:
        await browser.aclose()
