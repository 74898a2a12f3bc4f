"""What a phone is told while the database is locked, full or away: come back, nothing is lost."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable

import asyncpg
import httpx
import pytest
import pytest_asyncio

from panel import db
from panel.actor import Actor
from panel.db import postgres
from panel.piccolo_app import our_tables
from panel.visits.types import TaskView
from tests import serving
from tests.make import evaluations as make
from tests.make import visits
from tests.web.conftest import Browser

pytestmark = pytest.mark.engines("sqlite", "postgres")

Browse = Callable[..., Browser]


@pytest_asyncio.fixture(loop_scope="session")
async def phone(engine: db.Engine, browse: Browse, monkeypatch: pytest.MonkeyPatch) -> Phone:
    """Return a phone with a whole sheet on it."""
    monkeypatch.setattr("panel.clock.now", lambda: make.SENT)
    setting = await visits.running_round()
    actor, task = await visits.accepted_task(setting)
    return Phone(browse, actor, task, (await sheet_of(task)).body)


class Phone:
    """A member's browser and the sheet that waits in it."""

    def __init__(self, browse: Browse, actor: Actor, task: TaskView, body: bytes) -> None:
        """Keep both."""
        self._client = browse(actor)
        self._path = f"/m/tasks/{task.code}"
        self._body = body

    async def send(self) -> httpx.Response:
        """Send the sheet as an outbox does."""
        headers = {"X-Panel": "1", "Content-Type": "application/json", "Accept": "application/json"}
        return await self._client.post(
            f"{self._path}/sheet.json", content=self._body, headers=headers
        )

    async def look(self) -> httpx.Response:
        """Open the task."""
        return await self._client.get(self._path)


async def sheet_of(task: TaskView) -> serving.Sheet:
    """Return a whole sheet for a task."""
    return serving.whole_sheet(task.code, task.id, "", await make.form_of(task))


async def refused(phone: Phone, status: int) -> None:
    """Assert that a sheet is refused for now, and that nothing of it was kept."""
    for _ in range(3):
        answer = await phone.send()
        assert answer.status_code == status, answer.text
        assert int(answer.headers["retry-after"]) <= 10
        assert answer.headers["content-type"].startswith("application/problem+json")
    assert await db.raw("SELECT id FROM sheet_submission") == []


async def accepted(phone: Phone) -> None:
    """Assert that the same sheet is taken now, and only once."""
    answers = [await phone.send(), await phone.send()]
    assert [answer.status_code for answer in answers] == [200, 200], answers[0].text
    assert answers[0].json() == answers[1].json()
    assert len(await db.raw("SELECT id FROM sheet_submission")) == 1
    assert db.engine().idle()


@pytest.mark.engines("sqlite")
async def test_while_another_process_holds_the_file_sheets_wait_on_the_phone(
    engine: db.SQLite, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine._writing, "patience", 0.05)
    other = sqlite3.connect(engine._file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    await refused(phone, 503)
    assert (await phone.look()).status_code == 200
    other.execute("ROLLBACK")
    other.close()
    await accepted(phone)


@pytest.mark.engines("sqlite")
async def test_while_the_disk_is_full_sheets_wait_on_the_phone(
    engine: db.SQLite, phone: Phone
) -> None:
    await db.raw("CREATE TABLE filler (x text)")
    async with db.transaction():
        (pages,) = await db.raw("PRAGMA page_count")
        await db.raw(f"PRAGMA max_page_count = {pages['page_count']}")
    with pytest.raises(db.Unavailable):
        await _fill()
    await refused(phone, 507)
    assert (await phone.look()).status_code == 200
    async with db.transaction():
        await db.raw("PRAGMA max_page_count = 1073741823")
        await db.raw("DROP TABLE filler")
    await accepted(phone)


async def _fill() -> None:
    while True:
        await db.raw("INSERT INTO filler VALUES ({})", "x" * 3500)


@pytest_asyncio.fixture(loop_scope="session")
async def impatient(
    engine: db.Postgres, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[db.Postgres]:
    """Bind an engine whose connections wait only a moment for locks."""
    monkeypatch.setattr(postgres, "LOCK_WAIT", "50ms")
    found = db.Postgres(str(engine.config["dsn"]), allow_unsafe=True)
    await db.start(found)
    db.bind(found, our_tables())
    yield found
    await db.stop(found)
    db.bind(engine, our_tables())


@pytest.mark.engines("postgres")
async def test_while_a_table_is_locked_sheets_wait_on_the_phone(
    phone: Phone, impatient: db.Postgres
) -> None:
    other = await asyncpg.connect(impatient.config["dsn"])
    await other.execute("BEGIN; LOCK TABLE audit_entry IN EXCLUSIVE MODE")
    await refused(phone, 503)
    assert (await phone.look()).status_code == 200
    await other.close()
    await accepted(phone)


@pytest.mark.engines("postgres")
@pytest.mark.parametrize(
    ("fault", "status"),
    [(asyncpg.DiskFullError, 507), (asyncpg.AdminShutdownError, 503), (ConnectionError, 503)],
)
async def test_what_the_server_cannot_do_now_is_told_to_the_phone(
    phone: Phone, monkeypatch: pytest.MonkeyPatch, fault: type[Exception], status: int
) -> None:
    # Planted at the driver: a server's disk is not filled up for a test.
    real = postgres._Borrowed.run

    async def planted(self: postgres._Borrowed, sql: str, args: list[object]) -> list[db.Row]:
        if sql.startswith('INSERT INTO "audit_entry"'):
            raise postgres.translated(fault("planted"))
        return await real(self, sql, args)

    with monkeypatch.context() as patch:
        patch.setattr(postgres._Borrowed, "run", planted)
        await refused(phone, status)
    await accepted(phone)
