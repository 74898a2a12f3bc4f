"""A worker killed in the middle of a lottery: the next one finishes with the very same file."""

from __future__ import annotations

import asyncio
import datetime as dt
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
from panel.recruitment.types.runs import RunKind, RunState
from panel.settings import Settings
from tests import people
from tests.make import lottery as make
from tests.make import recruitment as campaigns
from tests.waiting import until

pytestmark = pytest.mark.engines("sqlite", "postgres")

APPLICANTS = 420  # more than are dealt with outside of a process of their own
LISTS = 60
LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


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


async def worker(settings: Settings, *words: str) -> asyncio.subprocess.Process:
    """Start a worker as an operator does, or another program in its place."""
    environ = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environ |= {"PANEL_DATA_DIR": str(settings.data_dir), "PANEL_KEY_DIR": str(settings.key_dir)}
    whole = words or (str(Path(sys.executable).with_name("panel")), "worker")
    return await asyncio.create_subprocess_exec(*whole, env=environ)


STUCK = """
import asyncio, pathlib, sys
from panel.recruitment.commands import aside, lottery
from web import cli
real, turns = aside.turn, []
async def turn(work):
    turns.append(asyncio.create_task(real(work)))
    if len(turns) == 2:
        await asyncio.sleep(0.1)  # it computes by now
        pathlib.Path(sys.argv.pop()).touch()
        await asyncio.Event().wait()
    return await turns[-1]
aside.turn, lottery._STEP = turn, 20
cli.main(["worker"])
"""
"""A worker that never leaves the middle of its second turn, and says by a file that it is there."""


async def due() -> None:
    """Let every job wait for a worker, whatever this machine's clock says."""
    await JobRow.update({JobRow.run_at: LONG_AGO, JobRow.lease_until: None}).where(JobRow.id > 0)


async def test_a_worker_killed_inside_a_turn_loses_nothing(house: Settings) -> None:
    await campaigns.rulebook_in_force(campaigns.small_toml())
    campaign = await crowd()
    view = await commands.start(
        people.coordinator, campaign.code, RunKind.REAL, at=make.AT, lists=LISTS
    )
    await due()
    mark = house.data_dir / "stuck"
    first = await worker(house, sys.executable, "-c", STUCK, str(mark))
    try:
        await until(lambda: asyncio.to_thread(mark.exists))
    finally:
        first.send_signal(signal.SIGKILL)
        await first.wait()
    stopped = await runs.lottery(view.code)
    assert (stopped.done, stopped.state) == (20, RunState.RUNNING)
    await due()
    second = await worker(house)

    async def ended() -> bool:
        found = await runs.lottery(view.code)
        return found.state in {RunState.LISTED, RunState.FAILED}

    try:
        await until(ended)
    finally:
        second.terminate()
        await second.wait()
    done = await runs.lottery(view.code)
    assert done.state is RunState.LISTED
    file = await runs.file(done)
    await Lottery.delete(force=True)
    again = await commands.start(
        people.coordinator, campaign.code, RunKind.REAL, at=make.AT, lists=LISTS
    )
    whole = await commands.run_out(again.code, at=make.AT)
    assert await runs.file(whole) == file
