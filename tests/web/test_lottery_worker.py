"""A worker killed in the middle of a lottery: the next one finishes with the very same file."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from piccolo.apps.migrations.tables import Migration
from piccolo.table import sort_table_classes

from panel import db, keys
from panel.audit.commands import claim_keys
from panel.db import migrations
from panel.piccolo_app import our_tables
from panel.queue.tables import JobRow
from panel.recruitment import commands as recruitment
from panel.recruitment import queries
from panel.recruitment.commands import lottery as commands
from panel.recruitment.queries import lottery as runs
from panel.recruitment.tables import Lottery
from panel.recruitment.types.campaigns import CampaignView, Screened
from panel.recruitment.types.runs import LotteryView, RunKind, RunState
from panel.settings import Settings
from tests import people
from tests.make import lottery as make
from tests.make import recruitment as campaigns

pytestmark = pytest.mark.engines("sqlite", "postgres")

APPLICANTS = 420  # more than are dealt with outside of a process of their own
LISTS = 150


@pytest_asyncio.fixture(loop_scope="session")
async def house(tmp_path: Path, own_keys: keys.Keys) -> AsyncIterator[Settings]:
    """Give a data folder as the command finds it: a current database and its keys."""
    settings = Settings(data_dir=tmp_path / "data", key_dir=tmp_path / "keys")
    settings.data_dir.mkdir()
    keys.bind(keys.load(settings.key_dir, create=True))
    engine = db.open_engine(None, path=settings.database_path)
    await db.start(engine)
    db.bind(engine, [*our_tables(), Migration])
    for table in sort_table_classes(our_tables()):
        await table.create_table(if_not_exists=True)
    await Migration.create_table(if_not_exists=True)
    for path in sorted(migrations.FOLDER.glob("[!_]*.py")):
        (name,) = re.findall(r'^ID = "(.+)"$', path.read_text(encoding="utf-8"), re.MULTILINE)
        await Migration(name=name, app_name=migrations.APP).save()
    await claim_keys(keys.current().fingerprint())
    yield settings
    await db.stop(engine)
    keys.bind(own_keys)


async def crowd() -> CampaignView:
    """Take a campaign of many applicants up to the lottery."""
    campaign = await campaigns.announced()
    rows = []
    for number in range(APPLICANTS):
        born = f"{1957 + number // 100}0615"
        rows.append(campaigns.row(number) | {"身份证号": campaigns.national_id(number, born=born)})
        rows[-1] |= {"性别": "", "出生日期": "", "住址": f"示例路{number}号"}
    await recruitment.import_applications(
        people.coordinator, campaign.code, campaigns.sheet(rows), "a.csv", at=campaigns.OPEN
    )
    tickets = await queries.tickets_of(await queries.campaign(campaign.code), Screened())
    await campaigns.screened(campaign.code, tickets)
    return await recruitment.finish_screening(people.coordinator, campaign.code, at=make.AT)


async def worker(settings: Settings) -> asyncio.subprocess.Process:
    """Start a worker as an operator does."""
    environ = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environ |= {"PANEL_DATA_DIR": str(settings.data_dir), "PANEL_KEY_DIR": str(settings.key_dir)}
    return await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("panel")), "worker", env=environ
    )


async def until(view: LotteryView, done: int, state: RunState) -> LotteryView:
    """Wait until a run has so many lists in this state."""
    while True:
        found = await runs.lottery(view.code)
        if found.done >= done and found.state in {state, RunState.FAILED}:
            return found
        await asyncio.sleep(0.05)


async def test_a_worker_killed_inside_a_turn_loses_nothing(house: Settings) -> None:
    await campaigns.rulebook_in_force(campaigns.small_toml())
    campaign = await crowd()
    view = await commands.start(
        people.coordinator, campaign.code, RunKind.REAL, at=make.AT, lists=LISTS
    )
    first = await worker(house)
    async with asyncio.timeout(120):
        stopped = await until(view, 50, RunState.RUNNING)
    await asyncio.sleep(0.3)  # it is in the middle of the next turn by now
    first.send_signal(signal.SIGKILL)
    await first.wait()
    assert stopped.done < LISTS
    await JobRow.update({JobRow.lease_until: make.AT}).where(JobRow.lease_until.is_not_null())
    second = await worker(house)
    try:
        async with asyncio.timeout(120):
            done = await until(view, LISTS, RunState.LISTED)
    finally:
        second.terminate()
        await second.wait()
    assert done.state is RunState.LISTED
    file = await runs.file(done)
    await Lottery.delete(force=True)
    again = await commands.start(
        people.coordinator, campaign.code, RunKind.REAL, at=make.AT, lists=LISTS
    )
    whole = await commands.run_out(again.code, at=make.AT)
    assert await runs.file(whole) == file
