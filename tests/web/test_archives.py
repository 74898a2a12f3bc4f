"""A round's archive: everything that belongs into it, and nothing that tells who came or when."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest

from panel import clock, db
from panel.errors import Conflict, Forbidden, Missing
from panel.ids import Code
from panel.reports.commands import archive as commands
from panel.reports.queries import archive as queries
from panel.reports.types import ArchiveItem, PackageState, Presence
from panel.settings import Settings
from tests import people
from tests.make import rankings
from tests.make import visits as make
from tests.web.conftest import Browser
from web import archives

Browse = Callable[..., Browser]


async def packed(round_code: Code, settings: Settings) -> tuple[Code, bytes]:
    """Pack a round by the worker's job."""
    code = await commands.pack(people.coordinator, round_code, at=rankings.LATE)
    await archives.pack(settings, {"package": code}, rankings.LATE)
    return code, await commands.take(people.auditor, code, at=rankings.LATE)


def unpacked(data: bytes) -> dict[str, bytes]:
    """Return the files of a package."""
    with zipfile.ZipFile(io.BytesIO(data)) as bundle:
        assert {each.date_time for each in bundle.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        return {name: bundle.read(name) for name in bundle.namelist()}


@pytest.mark.engines("sqlite", "postgres")
async def test_a_package_holds_what_the_catalogue_names(
    engine: db.Engine, settings: Settings
) -> None:
    city, _ = await rankings.published()
    code, data = await packed(city.round.code, settings)
    files = unpacked(data)
    package = await queries.package(code)
    assert package.state is PackageState.DONE
    assert package.done == package.total == len(ArchiveItem)
    assert package.hash == hashlib.sha256(data).hexdigest()
    listed = {each.path: each.hash for each in package.files}
    assert listed == {
        path: hashlib.sha256(content).hexdigest()
        for path, content in files.items()
        if path != "SHA256SUMS"
    }
    assert files["SHA256SUMS"].decode() == "".join(f"{h}  {path}\n" for path, h in listed.items())
    presence = {each.item: each.presence for each in package.checklist}
    assert presence[ArchiveItem.DRAW] is Presence.PRESENT
    assert presence[ArchiveItem.SHEETS] is Presence.PRESENT
    assert presence[ArchiveItem.RECOUNT] is Presence.PRESENT
    assert presence[ArchiveItem.PROCEDURE] is Presence.PRESENT
    assert presence[ArchiveItem.APPEALS] is Presence.NONE
    assert presence[ArchiveItem.PUBLICATION] is Presence.MISSING, "its files are not written yet"
    assert all(holds for _, holds in json.loads(files["04-draw/checked.json"]))
    rows = files["06-sheets/sheets.csv"].decode("utf-8-sig").splitlines()
    assert len(rows) == 31
    assert "归档目录" in files["00-catalogue.txt"].decode()


@pytest.mark.engines("sqlite")
async def test_the_same_round_is_the_same_bytes_and_a_later_package_replaces_the_first(
    engine: db.Engine, settings: Settings
) -> None:
    city = await rankings.computed()
    first, data = await packed(city.round.code, settings)
    again = await commands.pack(people.coordinator, city.round.code, at=rankings.LATE)
    assert again != first
    same = await commands.pack(people.publisher, city.round.code, at=rankings.LATE)
    assert same == again
    await archives.pack(settings, {"package": again}, rankings.LATE)
    assert await queries.file(again) == data
    assert (await queries.package(first)).state is PackageState.REPLACED
    with pytest.raises(Missing):
        await queries.file(first)
    await archives.pack(settings, {"package": again}, rankings.LATE)
    left = await commands.pack(people.coordinator, city.round.code, at=rankings.LATE)
    later = rankings.LATE + timedelta(hours=2)
    assert await commands.pack(people.coordinator, city.round.code, at=later) != left
    assert (await queries.package(left)).state is PackageState.FAILED


@pytest.mark.engines("sqlite")
async def test_only_a_round_that_is_over_is_packed_and_only_by_the_office(
    engine: db.Engine, settings: Settings
) -> None:
    setting = await make.running_round()
    with pytest.raises(Conflict, match=r"archive\.round_runs"):
        await commands.pack(people.coordinator, setting.round.code, at=make.DURING)
    with pytest.raises(Forbidden):
        await commands.pack(people.auditor, setting.round.code, at=make.DURING)
    with pytest.raises(Forbidden):
        await commands.take(people.reviewer, Code("0000000000"), at=make.DURING)


@pytest.mark.engines("sqlite")
async def test_the_office_packs_reads_and_fetches(
    engine: db.Engine, browse: Browse, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: rankings.LATE)
    city = await rankings.computed()
    desk: Any = browse(people.coordinator)
    url = f"/office/rounds/{city.round.code}/archive"
    assert "不完整" in (await desk.get(url)).text
    answer = await desk.post_form(url, {})
    where = answer.headers["location"]
    waiting = await desk.get(where)
    assert waiting.headers["refresh"] == "3"
    early = await desk.get(f"{where}/package.zip")
    assert early.status_code == HTTPStatus.NOT_FOUND
    await archives.pack(settings, {"package": where.rpartition("/")[2]}, rankings.LATE)
    ready = await desk.get(where)
    assert "refresh" not in ready.headers
    assert "归档目录" in ready.text
    data = (await browse(people.auditor).get(f"{where}/package.zip")).content
    assert hashlib.sha256(data).hexdigest() in ready.text
    assert "已归档" in (await desk.get("/office/archives")).text
    shown = (await desk.get(f"/office/ledger/{city.units[0]}")).text
    assert "计入 10 次走访" in shown
    assert city.round.code in shown
    assert "第1单位" in (await desk.get("/office/ledger?q=第1")).text
    assert "计入 10 次" not in (await desk.get(f"/office/ledger/{city.units[0]}?kind=order")).text
    unit = browse(people.liaison(city.units[0]))
    assert "还没有记录" in (await unit.get("/unit/ledger")).text
    board = (await browse().get("/zh/scoreboard")).text
    assert "复核无误" in board
    assert "中位数" not in board
    assert (await browse().get("/en/scoreboard/2026")).status_code == HTTPStatus.OK
    assert (await browse().get("/zh/scoreboard/1999")).status_code == HTTPStatus.NOT_FOUND
