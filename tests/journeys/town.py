"""The real service on a port of its own, in a town whose clock can be moved."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pytest
import uvicorn

from panel import clock, keys
from panel.accounts import queries as accounts
from panel.demo import cast
from panel.settings import Settings
from tests.journeys.browser import Person
from tests.make.accounts import code_of
from web import app as web_app
from web import jobs, worker
from web.runtime import opened

MONDAY: Final = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)


class _Server(uvicorn.Server):
    """A server that says when it is ready and leaves the signals to the test run."""

    def __init__(self, config: uvicorn.Config) -> None:
        """Be not ready yet."""
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start and say so."""
        await super().startup(sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take no signal."""
        yield


class Town:
    """A running service and its clock, which goes on by itself and can be moved ahead."""

    def __init__(self, settings: Settings, begin: dt.datetime) -> None:
        """Begin at a moment."""
        self.settings = settings
        self.base = settings.base_url
        self._read = clock.now
        self._ahead = begin - clock.now()
        self._still: dt.datetime | None = None

    def now(self) -> dt.datetime:
        """Return the town's time."""
        return self._still or self._read() + self._ahead

    def wait(self, **span: float) -> None:
        """Let time pass."""
        self._ahead += dt.timedelta(**span)

    def wait_until(self, moment: dt.datetime) -> None:
        """Let time pass up to a moment that lies ahead."""
        assert moment > self.now()
        self._ahead += moment - self.now()

    async def work(self) -> None:
        """Run every job that is due."""
        known = [*jobs.KINDS, *jobs.RECURRING]
        while await worker.once(self.settings, "town", known, jobs.KINDS, jobs.RECURRING):
            pass

    async def sign_in(self, person: Person, login: str, *, key: str = "") -> None:
        """Let staff sign in by hand, with a code never used before; ``key`` is an own app's."""
        self.wait(seconds=60)
        self._still = at = self.now()  # a code lasts for half a minute, however slow the machine
        try:
            code = code_of(key, at) if key else await accounts.sample_code(login, at=at)
            await person.go("/sign-in")
            await person.type(login=login, password=cast.PASSWORD, totp=code)
            await person.press("Sign in")
        finally:
            self._still = None


@asynccontextmanager
async def served(
    folder: Path, patch: pytest.MonkeyPatch, begin: dt.datetime = MONDAY
) -> AsyncIterator[Town]:
    """Open the town of a folder, or a new one, and serve it on a free port of this machine."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        settings = Settings(
            data_dir=folder / "data",
            key_dir=folder / "keys",
            base_url=f"http://127.0.0.1:{port}",
        )
        town = Town(settings, begin)
        patch.setattr(clock, "now", town.now)
        before = keys.current()
        async with opened(settings) as runtime:
            application = web_app.create(settings, runtime.keys)
            config = uvicorn.Config(
                web_app.asgi(application, settings),
                access_log=False,
                log_level="warning",
                lifespan="on",
                timeout_graceful_shutdown=1,
            )
            server = _Server(config)
            task = asyncio.create_task(server.serve(sockets=[listening]))
            await server.ready.wait()
            try:
                yield town
            finally:
                server.should_exit = True
                await task
        keys.bind(before)
