"""A release: files that say everything, betray nobody, and stand without the service."""

from __future__ import annotations

import asyncio
import csv
import gzip
import hashlib
import io
import json
import re
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape
from itertools import cycle
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import Any
from urllib.parse import urlsplit

import brotli
import pytest

from panel.evaluations import queries as sheets
from panel.ids import Code
from panel.rankings import commands, queries
from panel.rankings.checker import verify_release
from panel.rankings.queries import officers
from panel.rankings.types import Reply
from panel.rankings.types.officers import Disclosure, PublishedOfficer, Side
from panel.settings import Settings
from tests import people
from tests.make import appeals
from tests.make import rankings as make
from tests.tables import remembered
from tests.web.conftest import HOST
from web import jobs, release
from web.exports import csv_file

pytestmark = pytest.mark.usefixtures("engine")
_FOLDER = tempfile.TemporaryDirectory(prefix="releases-")
LINK = re.compile(r'(?:href|src)="([^"]+)"')


async def written(
    settings: Settings, value: make.Value | make.Few = make.by_unit, **more: Any
) -> make.City:
    """Publish a city's ranking and write its files; those of the same city are copied."""
    city, folder = await _written(value, **more)
    shutil.copytree(folder, settings.releases_dir, symlinks=True, dirs_exist_ok=True)
    return city


@remembered
async def _written(value: make.Value | make.Few, **more: Any) -> tuple[make.City, Path]:
    city, _ = await make.published(value, **more)
    own = Settings(data_dir=Path(tempfile.mkdtemp(dir=_FOLDER.name)), base_url=HOST)
    assert len(await release.write_due(own, at=make.LATE)) == 2, "the notice, then the lists"
    return city, own.releases_dir


def latest(settings: Settings) -> Path:
    """Return the folder of the newest release."""
    return settings.releases_dir / "latest"


def plain_files(folder: Path) -> list[Path]:
    """Return the files of a release without their pressed twins and what stands aside."""
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix not in {".br", ".gz"} and path.parent.name != "overlay"
    ]


def data_of(settings: Settings) -> dict[str, Any]:
    """Return the public layer."""
    found: dict[str, Any] = json.loads(
        (latest(settings) / "rankings/data/rankings.json").read_text()
    )
    return found


async def test_a_release_holds_both_languages_both_sizes_and_its_manifest(
    settings: Settings,
) -> None:
    city = await written(settings, offices=1)
    folder = latest(settings)
    names = {path.relative_to(folder).as_posix() for path in plain_files(folder)}
    for lang in ("zh", "en"):
        for size in ("", "-large"):
            tree = f"{lang}/rankings{size}"
            assert f"{tree}.html" in names
            assert f"{tree}/method.html" in names
            assert f"{tree}/units-service.html" in names
            assert f"{tree}/windows-service.html" in names
            assert {f"{tree}/unit/{code}.html" for code in city.units} <= names
    manifest = (folder / "manifest.json").read_bytes()
    assert hashlib.sha256(manifest).hexdigest() == folder.readlink().name
    listed = json.loads(manifest)
    assert set(listed["files"]) | {"manifest.json", "manifest.sha256"} == names
    for name, digest in listed["files"].items():
        body = (folder / name).read_bytes()
        assert hashlib.sha256(body).hexdigest() == digest
        zipped = folder / f"{name}.gz"
        assert zipped.is_file() == (len(body) > 1024)
        assert not zipped.is_file() or gzip.decompress(zipped.read_bytes()) == body
    twins = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.br")}
    assert "rankings/data/rulebook.json.br" in twins
    assert twins.keys() == listed["twins"].keys()
    for name, path in twins.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == listed["twins"][name]
        assert brotli.decompress(path.read_bytes()) == path.with_suffix("").read_bytes()
        assert path.with_suffix(".gz").stat().st_size > 8192
    found = await queries.published()
    assert found is not None
    assert found.manifest_hash == folder.readlink().name
    assert (listed["sequence"], listed["previous"]) == (2, found.previous_hash)
    first = json.loads((folder.parent / found.previous_hash / "manifest.json").read_bytes())
    assert (first["sequence"], first["previous"], first["status"]) == (1, "", "notice")


async def test_every_link_leads_to_a_file_of_the_release(settings: Settings) -> None:
    await written(settings, offices=1)
    folder = latest(settings)
    links = 0
    for page in folder.rglob("*.html"):
        here = PurePosixPath(page.relative_to(folder).as_posix()).parent
        for raw in LINK.findall(page.read_text()):
            link = urlsplit(unescape(raw))
            if link.scheme == "tel" or (not link.path and link.fragment):
                continue
            assert not link.scheme, raw
            assert not link.path.startswith("/"), f"{page}: {raw}"
            target = folder / normpath(str(here / link.path))
            assert (target / "index.html" if target.is_dir() else target).is_file(), (
                f"{page}: {raw}"
            )
            links += 1
    assert links > 100


async def test_an_unsettled_place_is_listed_without_its_number(settings: Settings) -> None:
    turn = cycle((4, 0, 2))
    await written(settings, lambda _: next(turn), units=5, members=14)
    found = [row for one in data_of(settings)["lists"] for row in one["rows"]]
    unsettled = [row for row in found if row["provisional"]]
    assert unsettled
    for lang, word in (("zh", "暂列"), ("en", "Provisional")):
        lines = {
            cells[3]: cells[1]
            for kind in ("units", "windows")
            for cells in csv.reader(
                (latest(settings) / f"rankings/data/{kind}-{lang}.csv").read_text().splitlines()
            )
        }
        assert {lines[row["code"]] for row in unsettled} == {word}
        settled = [row for row in found if row["place"] and not row["provisional"]]
        assert all(lines[row["code"]] == str(row["place"]) for row in settled)
    for row in unsettled:
        assert row["place"], "the data keep what a stranger recomputes"


async def test_no_file_names_a_visitor_or_a_member(settings: Settings) -> None:
    city = await written(settings, make.few())
    canaries = {sheet.visitor for sheet in await sheets.counted(city.round.id)} | {*city.members}
    assert len(canaries) > 10
    files = plain_files(latest(settings))

    def found() -> list[str]:
        texts = [path.read_bytes().decode() for path in plain_files(latest(settings))]
        return [canary for canary in canaries for text in texts if canary in text]

    assert found() == []
    page = next(path for path in files if path.name == "method.html")
    page.write_text(page.read_text() + min(canaries))
    assert found() == [min(canaries)]


async def test_a_small_cell_and_its_companion_are_in_no_file(settings: Settings) -> None:
    city = await written(settings, make.few())
    counted = await sheets.counted(city.round.id)
    own: dict[int | None, list[int]] = defaultdict(list)
    for sheet in counted:
        own[sheet.window_id].append(sheet.score)
    tiny = min(own, key=lambda window: len(own[window]))
    assert 0 < len(own[tiny]) < 5
    rows = [row for one in data_of(settings)["lists"] for row in one["rows"]]
    windows = [row for row in rows if row["unit_code"] == city.units[0] != row["code"]]
    assert [row["shown"] for row in windows] == [False, False]
    unit = next(row for row in rows if row["code"] == city.units[0])
    assert (unit["windows"], unit["rest"]["windows"]) == ([], 2)
    page = (latest(settings) / f"zh/rankings/unit/{city.units[0]}.html").read_text()
    assert "第1窗口" not in page
    assert "第2窗口" not in page
    assert "另有 2 个窗口" in page
    shown = (latest(settings) / f"zh/rankings/unit/{city.units[1]}.html").read_text()
    assert "第3窗口" in shown


async def test_a_place_under_appeal_is_left_out_with_all_that_says_how_sure_it_is(
    settings: Settings,
) -> None:
    city = await make.notified(units=3)
    await appeals.filed(city, 2)
    await make.waived(city)
    await commands.open_notice(people.publisher, city.round.code, at=make.LATE)
    await release.write_due(settings, at=make.LATE)
    rows = [row for one in data_of(settings)["lists"] for row in one["rows"]]
    open_ones = [row for row in rows if row["unit_code"] == city.units[2]]
    assert open_ones
    silent = {
        "place", "place_from_below", "rank_low", "rank_high", "set_low", "set_high", "band",
        "without_low", "without_high", "chance_top", "chance_bottom", "certainty",
    }  # fmt: skip
    assert {row[name] for row in open_ones for name in silent} == {None}
    assert {other["place"] for row in open_ones for other in row["others"]} <= {None}
    # The score stays, for everybody to compute again, and the page doesn't pretend otherwise.
    assert any(row["score"] is not None for row in open_ones)
    page = (latest(settings) / f"zh/rankings/unit/{city.units[2]}.html").read_text()
    assert "按公布的数据仍可推算" in page
    assert all(holds for _, holds in verify_release.check(latest(settings).resolve()))


async def test_an_answer_stands_on_the_units_page_only_where_the_office_said_so(
    settings: Settings,
) -> None:
    city = await make.notified()
    _, code = await make.answered(city, "我们已经增设窗口<b>。")
    shown = Reply("已核实。", shown=True, screened=True)
    await commands.consider(people.coordinator, code, shown, at=make.ANSWERED)
    other = await commands.answer(
        people.liaison(city.units[1]), city.round.code, "提到了张三", at=make.ANSWERED
    )
    await commands.consider(people.coordinator, other.code, Reply("已阅。"), at=make.ANSWERED)
    await make.waived(city)
    await commands.open_notice(people.publisher, city.round.code, at=make.ANSWERED)
    await make.signed(city)
    await commands.finalise(people.publisher, city.round.code, at=make.LATE)
    await commands.publish(people.publisher, city.round.code, at=make.LATE)
    await release.write_due(settings, at=make.LATE)
    pages = {
        unit: (latest(settings) / f"zh/rankings/unit/{unit}.html").read_text()
        for unit in city.units
    }
    assert "我们已经增设窗口&lt;b&gt;。" in pages[city.units[0]]
    assert "已核实。" in pages[city.units[0]]
    assert not [p for p in plain_files(latest(settings)) if "张三" in p.read_bytes().decode()]


async def test_tables_open_as_text_and_agree_with_the_data(settings: Settings) -> None:
    await written(settings, offices=1)
    body = (latest(settings) / "rankings/data/units-zh.csv").read_bytes()
    assert body.startswith(b"\xef\xbb\xbf")
    header, *rows = csv.reader(io.StringIO(body.decode("utf-8-sig")))
    assert header[:3] == ["同类组", "名次", "排名情况"]
    lists = [one for one in data_of(settings)["lists"] if one["kind"] == "unit"]
    units = [row for one in lists for row in one["rows"]]
    assert len(lists) == 2
    assert [row[3] for row in rows] == [row["code"] for row in units]
    assert rows[0][6] == f"{units[0]['score'] / 100:.2f}"


def test_a_cell_that_looks_like_a_formula_stays_a_text() -> None:
    body = csv_file(["a"], [["=cmd|' /C calc'!A0"], ["+1"], ["-1"], ["@x"], ["\t=1"], [-5], [None]])
    rows = [row[0] if row else "" for row in csv.reader(io.StringIO(body.decode("utf-8-sig")))]
    assert rows == ["a", "'=cmd|' /C calc'!A0", "'+1", "'-1", "'@x", "'\t=1", "-5", ""]


async def test_writing_twice_and_at_once_changes_nothing(settings: Settings) -> None:
    await make.published(units=1)
    hashes = await asyncio.gather(*(release.write_due(settings, at=make.LATE) for _ in range(2)))
    assert len({each for found in hashes for each in found}) == 2
    assert await release.write_due(settings, at=make.LATE) == []
    folders = {path.name for path in settings.releases_dir.iterdir() if not path.is_symlink()}
    assert folders == {each.manifest_hash for each in await queries.publications()}


async def test_the_job_of_the_assessment_runs_once(settings: Settings) -> None:
    city, _ = await make.published(units=1)
    for _ in range(2):
        await release.assessment_job(settings, {"round": city.round.code}, make.LATE)
    await release.release_job(settings, {"sequence": 1}, make.LATE)
    assert latest(settings).is_dir()


async def test_public_pages_are_files_with_etags_and_need_no_session(
    settings: Settings, browse: Callable[..., Any]
) -> None:
    browser = browse()
    first = await browser.get("/rankings")
    assert (first.status_code, first.headers["location"]) == (303, "/zh/rankings")
    empty = await browser.get("/zh/rankings")
    assert "还没有公布排名" in empty.text
    assert (await browser.get("/zh/rankings/method.html")).status_code == 404
    city = await written(settings, offices=1)
    name = latest(settings).readlink().name
    paths = {
        "/zh/rankings": "zh/rankings.html",
        "/en/rankings": "en/rankings.html",
        "/zh/rankings-large": "zh/rankings-large.html",
        "/zh/rankings.html": "zh/rankings.html",
        "/zh/rankings/method": "zh/rankings/method.html",
        f"/en/rankings/unit/{city.units[0]}.html": f"en/rankings/unit/{city.units[0]}.html",
        "/rankings/data/rankings.json": "rankings/data/rankings.json",
        f"/r/{name}/manifest.json": "manifest.json",
        "/manifest.json": "manifest.json",
        "/rankings/verify_release.py": "rankings/verify_release.py",
        f"/r/{name}/zh/rankings.html": "zh/rankings.html",
    }
    for path, file in paths.items():
        answer = await browser.get(path)
        assert answer.status_code == 200, path
        assert answer.content == (latest(settings) / file).read_bytes()
        assert "set-cookie" not in answer.headers
        wanted = "immutable" if path.startswith("/r/") else "max-age=60"
        assert wanted in answer.headers["cache-control"]
        again = await browser.get(path, headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    signed_in = await browse(people.coordinator).get("/zh/rankings")
    assert signed_in.content == (await browser.get("/zh/rankings")).content


async def test_nothing_but_listed_files_is_served(
    settings: Settings, browse: Callable[..., Any]
) -> None:
    await written(settings, units=1)
    name = latest(settings).readlink().name
    (settings.data_dir / "panel.sqlite").write_bytes(b"secret")
    (latest(settings) / "zh/rankings/left.html").write_text("left behind")
    browser = browse()
    for path in (
        "/zh/rankings/left.html",
        f"/r/{name}/../../panel.sqlite",
        f"/r/{name}/%2e%2e/%2e%2e/panel.sqlite",
        "/rankings/data/..%2f..%2f..%2f..%2fpanel.sqlite",
        f"/r/{'0' * 64}/index.html",
        "/r/latest/index.html",
        "/r/..%2f..%2f/panel.sqlite",
        "/rankings/overlay/..%2f..%2f..%2fpanel.sqlite",
        "/rankings/signatures/none.json",
    ):
        answer = await browser.get(path)
        assert answer.status_code == 404, path
        assert b"secret" not in answer.content


async def test_a_member_proves_the_own_receipt(
    settings: Settings, browse: Callable[..., Any], tmp_path: Path
) -> None:
    city, _ = await make.published(units=1)
    member = people.member(city.members[0], 100)
    own = (await sheets.own_receipts(city.members[0], at=make.CLOSED))[0]
    browser = browse(member)
    page = await browser.get(f"/m/receipts/{own.code}")
    assert "公布后，您的回执就在它的回执根之下" in page.text
    await release.write_due(settings, at=make.LATE)
    page = await browser.get(f"/m/receipts/{own.code}")
    assert latest(settings).readlink().name in page.text
    file = await browser.get(f"/m/receipts/{own.code}/proof.json")
    assert file.json() == {"code": own.code, "digest": own.digest}
    found = dict(verify_release.check(latest(settings).resolve(), file.json()))
    assert found["own receipt"]
    assert all(found.values())
    stranger = browse(people.member(city.members[1], 101))
    assert (await stranger.get(f"/m/receipts/{own.code}/proof.json")).status_code == 404
    public = [path.read_bytes() for path in plain_files(latest(settings))]
    assert not any(own.code.encode() in body or own.digest.encode() in body for body in public)


async def test_a_notice_says_so_and_what_replaced_it_stands_beside_its_files(
    settings: Settings,
) -> None:
    await written(settings, units=1)
    newest = await queries.published()
    assert newest is not None
    old = settings.releases_dir / newest.previous_hash
    assert "内容尚未定稿" in (old / "zh/rankings.html").read_text()
    assert "内容尚未定稿" not in (latest(settings) / "zh/rankings.html").read_text()
    banner = (old / "rankings/overlay/overlay.css").read_text()
    assert "已由第 2 次公布" in banner
    assert "Replaced by publication 2" in banner
    assert "content" not in (latest(settings) / "rankings/overlay/overlay.css").read_text()
    for folder in (old, latest(settings).resolve()):
        assert all(holds for _, holds in verify_release.check(folder))


async def test_names_stand_beside_the_files_and_are_taken_away(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, browse: Callable[..., Any]
) -> None:
    named = [
        PublishedOfficer(
            case=Code("C000000001"), round_code=Code("R000000001"), side=Side.TOP,
            level=Disclosure.NAMED, name="张某某", post="科长", post_en="Section head",
            unit_name="第1单位", unit_name_en="Unit 1", places=(), document="2026-3",
            approval="2026-1", published_at=make.LATE, until=make.LATE.date(),
        )
    ]  # fmt: skip

    async def published_names(*, at: datetime) -> list[PublishedOfficer]:
        return named if at <= make.LATE else []

    monkeypatch.setattr(officers, "published_names", published_names)
    await make.published(units=1)
    await release.write_due(settings, at=make.LATE)
    aside = latest(settings) / "rankings/overlay/officers-zh.html"
    assert "张某某" in aside.read_text()
    assert not [p for p in plain_files(latest(settings)) if "张某某" in p.read_bytes().decode()]
    shown = await browse().get("/rankings/overlay/officers-zh.html")
    assert ("张某某" in shown.text, shown.headers["cache-control"]) == (True, "public, max-age=60")
    beside = jobs.RECURRING["releases.beside"]
    await beside.work(settings, {}, make.LATE)
    assert aside.exists()
    await beside.work(settings, {}, make.LATE + timedelta(days=1))
    assert not aside.exists()
    assert beside.every <= timedelta(hours=1)
    assert all(holds for _, holds in verify_release.check(latest(settings).resolve()))
