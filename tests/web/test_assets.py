"""The files a browser loads: names by content, encodings, caching, budgets, and a clear refusal."""

from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import brotli
import httpx
import pytest
from litestar import Litestar

from web import assets
from web.assets import STATIC, Assets, AssetsMissing, choose, load, route_handler

JS_BUDGET = 6 * 1024
CSS_BUDGET = 5_000
CODE = "a { color: red }" * 50


@pytest.fixture
def own() -> Assets:
    """Return two small files of the test's own."""
    return Assets({"app.css": CODE.encode(), "icon.svg": b"<svg/>"})


@pytest.fixture
async def client(own: Assets) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of an application with nothing but the files."""
    app = Litestar([route_handler(own)], openapi_config=None)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(cast("Any", app)), base_url="http://files"
    ) as opened:
        yield opened


def test_a_changed_file_gets_another_name() -> None:
    names = {Assets({"app.js": body}).url("app.js") for body in (b"1", b"2")}
    assert len(names) == 2
    assert all(name.startswith("/static/app.") and name.endswith(".js") for name in names)


def test_an_unknown_name_is_a_bug_of_the_page(own: Assets) -> None:
    with pytest.raises(KeyError):
        own.url("nothing.js")


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("", ""),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("identity", ""),
        ("BR", "br"),
    ],
)
def test_the_best_accepted_encoding_is_chosen(accepted: str, encoding: str) -> None:
    assert choose(accepted) == encoding


async def test_a_file_is_served_pressed_and_for_ever(
    own: Assets, client: httpx.AsyncClient
) -> None:
    for encoding in ("br", "gzip", "identity"):
        answer = await client.get(own.url("app.css"), headers={"accept-encoding": encoding})
        assert answer.status_code == 200
        assert answer.text == CODE
        assert answer.headers["content-type"] == "text/css; charset=utf-8"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.headers.get("content-encoding", "identity") == encoding
        assert "set-cookie" not in answer.headers


async def test_what_the_browser_has_is_not_sent_again(
    own: Assets, client: httpx.AsyncClient
) -> None:
    first = await client.get(own.url("app.css"))
    again = await client.get(own.url("app.css"), headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    other = await client.get(own.url("app.css"), headers={"if-none-match": '"else"'})
    assert other.status_code == 200


async def test_head_is_answered_and_an_old_name_is_not(
    own: Assets, client: httpx.AsyncClient
) -> None:
    assert (await client.head(own.url("app.css"))).status_code == 200
    assert (await client.get("/static/app.0000000000.css")).status_code == 404
    assert (await client.get("/static/app.css")).status_code == 404


def test_a_release_gets_files_and_their_pressed_twins(own: Assets, tmp_path: Path) -> None:
    written = own.write(tmp_path / "static", "app.css")
    plain, pressed, zipped = written
    assert plain.name == own.url("app.css").removeprefix("/static/")
    assert plain.read_text() == CODE
    assert brotli.decompress(pressed.read_bytes()) == CODE.encode()
    assert gzip.decompress(zipped.read_bytes()) == CODE.encode()
    assert len(own.write(tmp_path / "all")) == 6


def test_a_missing_library_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "app.css").write_text(CODE)
    with pytest.raises(AssetsMissing, match="make install"):
        load(tmp_path)


def test_a_changed_library_is_refused(tmp_path: Path) -> None:
    vendor = tmp_path / "vendor"
    vendor.mkdir()
    (vendor / "htmx.js").write_text("changed")
    manifest = {"files": {"htmx.js": {"integrity": "sha384-other"}}}
    (vendor / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(AssetsMissing, match="changed"):
        load(tmp_path)


def test_the_built_files_keep_to_the_budget() -> None:
    built = load()
    weights = {
        name: len(built.find(built.url(name).removeprefix("/static/")).pressed["br"])  # type: ignore[union-attr]  # an address of its own always leads back
        for name in ("app.css", "app.js", "member.js", "sw.js", "htmx.js", "icon.svg")
    }
    assert sum(weights[name] for name in ("app.js", "member.js", "sw.js")) <= JS_BUDGET
    assert weights["app.css"] <= CSS_BUDGET
    # The sheet needs no library: with about 10 KB for the page its first load is far below 30 KB.
    assert sum(weights.values()) - weights["htmx.js"] <= 12_000


def test_the_library_is_the_locked_one_and_the_lock_names_no_address() -> None:
    root = STATIC.parent.parent
    lock = json.loads((root / "package-lock.json").read_text("utf-8"))
    manifest = json.loads((STATIC / "vendor" / "manifest.json").read_text("utf-8"))
    locked = lock["packages"]["node_modules/htmx.org"]
    assert manifest["files"]["htmx.js"]["version"] == locked["version"] == "4.0.1"
    assert locked["integrity"].startswith("sha512-")
    assert "http" not in json.dumps(lock)


def test_own_script_has_no_way_to_run_text() -> None:
    names = ("app.js", "outbox.js", "sheet.js", "sw.js")
    text = "".join((STATIC / name).read_text("utf-8") for name in names)
    assert not [
        word for word in ("eval(", "new Function", ".innerHTML", ".outerHTML") if word in text
    ]
    assert assets.MEDIA.keys() == {".css", ".js", ".svg"}
