"""What was acknowledged is there, once, whoever is killed; two processes share one database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from panel import db, keys
from panel.audit import queries as audit
from panel.ids import Code
from panel.piccolo_app import our_tables
from tests import embedded, serving
from tests.serving import Answer, Phone, Server, Sheet
from tests.waiting import PATIENCE

pytestmark = pytest.mark.engines("sqlite", "postgres")

SHEETS = 120
PHONES = 8


class City:
    """A database that outlives its servers."""

    def __init__(self, folder: Path, engine: db.Engine, url: str, postgres: Any) -> None:
        """Keep what starts the servers."""
        self.folder = folder
        self.engine = engine
        self.url = url
        self.postgres = postgres
        self.servers: list[Server] = []

    async def serve(self, many: int = 1) -> list[Server]:
        """Start servers on the database."""
        started = [Server(self.folder, self.url) for _ in range(many)]
        self.servers += started
        return [await server.wait() for server in started]


@pytest_asyncio.fixture(loop_scope="session")
async def city(engine_name: str, own_keys: keys.Keys, tmp_path: Path) -> AsyncIterator[City]:
    """Give a durable database of its own: a file, or a PostgreSQL that waits for the disk."""
    serving.write_keys(own_keys, tmp_path / "keys")
    postgres, url = None, ""
    if engine_name == "postgres":
        postgres = embedded.start()
        url = str(postgres.get_uri())
    engine = db.open_engine(url or None, path=tmp_path / "panel.sqlite")
    await db.start(engine)
    await serving.tables(engine)
    found = City(tmp_path, engine, url, postgres)
    try:
        yield found
    finally:
        for server in found.servers:
            server.stop()
        await db.stop(engine)
        if postgres is not None:
            postgres.cleanup()


class Tally:
    """What the phones were told."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.receipts: dict[Code, Code] = {}
        self.refused: list[Answer] = []
        self.lost = 0
        self.some = asyncio.Event()
        self.refusing = asyncio.Event()
        self.free = asyncio.Event()

    async def send(self, phone: Phone, sheet: Sheet) -> None:
        """Send a sheet once and note the answer, or that there was none."""
        try:
            answer = await phone.send(sheet.request())
        except OSError:
            self.lost += 1
            return
        if answer.status == 200:
            self.receipts[sheet.task] = answer.receipt
            if len(self.receipts) >= SHEETS // 4:
                self.some.set()
        else:
            self.refused.append(answer)
            self.refusing.set()

    async def until_sent(self, phone: Phone, sheet: Sheet) -> None:
        """Send a sheet again and again as a phone does."""
        if len(self.receipts) >= SHEETS // 2:
            await self.free.wait()  # the other half is sent after the kills
        await self.send(phone, sheet)
        while sheet.task not in self.receipts:
            await asyncio.sleep(0.1)
            await self.send(phone, sheet)

    async def until_lost(self, phone: Phone, sheet: Sheet) -> None:
        """Send a sheet until it is taken or the server is gone, however busy that one is."""
        await self.send(phone, sheet)
        while not self.lost and sheet.task not in self.receipts:
            await asyncio.sleep(0.1)
            await self.send(phone, sheet)


async def same(city: City, sheets: list[Sheet], *tallies: Tally) -> None:
    """Compare what was told with what is kept: each sheet once, its entry once, nothing changed."""
    receipts = [code for tally in tallies for code in tally.receipts.values()]
    assert await serving.kept(receipts) == set(receipts)
    final = tallies[-1].receipts
    assert all(final[task] == code for one in tallies for task, code in one.receipts.items())
    assert len(final) == len(sheets)
    counts = [
        (await db.raw(f"SELECT count(*) AS n FROM {source}"))[0]["n"]
        for source in (
            "sheet_submission",
            "audit_entry WHERE command = 'evaluations.submit'",
            "visit_task WHERE state = 'submitted'",
        )
    ]
    assert counts == [len(sheets)] * 3
    findings = (await audit.verify(our_tables())).findings
    assert [each for each in findings if not each.place.startswith("visit_round ")] == []  # copied


async def test_kills_lose_nothing_and_double_nothing(city: City) -> None:
    servers = asyncio.create_task(city.serve(2))
    sheets = await serving.waiting_sheets(SHEETS)
    one, other = await servers
    told, beside = Tally(), Tally()
    # Two at once, to both of which every phone sends the same; then the first one is killed.
    loads = [
        asyncio.create_task(serving.at_once(one.port, sheets, told.until_lost, PHONES)),
        asyncio.create_task(serving.at_once(other.port, sheets, beside.until_sent, PHONES)),
    ]
    async with asyncio.timeout(PATIENCE):
        await told.some.wait()
        one.kill()
        before = set(told.receipts.values())
        if city.postgres is not None:
            await _kill_postgres(city, beside)
        beside.free.set()
        await asyncio.gather(*loads)
    assert told.lost > 0
    assert before <= set(beside.receipts.values())
    refused = told.refused + beside.refused
    assert {answer.status for answer in refused} <= {503}
    assert all(b"retry-after: " in answer.head for answer in refused)
    await same(city, sheets, told, beside)


async def _kill_postgres(city: City, tally: Tally) -> None:
    """Kill the server of the database, wait until a phone notices, and start it again."""
    await asyncio.to_thread(embedded.kill, city.postgres)
    tally.free.set()
    await tally.refusing.wait()
    await asyncio.to_thread(embedded.start_again, city.postgres)
