"""Thirty canaries and more: whatever a unit or anybody outside can reach, none of them sings.

The test walks every page, file, picture and refusal that a liaison and the public can get, with
every code in every address, and is itself proven by leaks that are planted.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from html import unescape
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit

import httpx
import pytest
import zxingcpp
from litestar import Litestar
from PIL import Image

from panel import clock, db
from panel.settings import Settings
from tests import people
from tests.make import canaries as make
from tests.make import rankings
from tests.web.conftest import HOST, Browser
from tests.web.test_archives import packed, unpacked
from web import archives, pages, release

Browse = Callable[..., Browser]
LINK = re.compile(r'(?:href|src|action|hx-get|hx-post)="([^"]+)"')
SYMBOL = re.compile(r'class="qr" viewBox="0 0 (\d+) \d+".*?</svg>', re.DOTALL)
RUN = re.compile(r"M(\d+) (\d+)h(\d+)v1")
START = {
    "": ("/", "/zh", "/en", "/rankings", "/zh/rounds"),
    "/unit": ("/unit", "/unit/results", "/unit/orders"),
}
"""Where the public and a liaison begin to read."""
MOST = 1500
"""Answers that one walk looks at; a walk that finds more is a fault of the walk."""
OTHERS = ("/m/", "/me", "/office", "/admin", "/static/", "/prefer", "/sign-")
"""Addresses of other readers, and those that show nothing of their own."""


def readings(answer: httpx.Response) -> Iterator[str]:
    """Yield everything that an answer tells, in each way in which somebody may read it."""
    yield " ".join(f"{name}: {value}" for name, value in answer.headers.multi_items())
    for data in _unpacked(answer.content):
        plain = data.decode("latin-1")
        text = data.decode("utf-8", "replace")
        yield plain
        yield text
        yield unescape(unquote(text))
        if "\\u" in text:
            yield re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
        if data.startswith((b"\x89PNG", b"\xff\xd8")):
            yield from _symbols(Image.open(io.BytesIO(data)).convert("L"))
        yield from _drawn(text)


def _unpacked(data: bytes) -> Iterator[bytes]:
    yield data
    if data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield from (archive.read(name) for name in archive.namelist())


def _drawn(text: str) -> Iterator[str]:
    """Yield what the QR symbols of a page say: their paths drawn as bitmaps and decoded."""
    for found in SYMBOL.finditer(text):
        size = int(found[1])
        image = Image.new("L", (size, size), 255)
        for x, y, length in RUN.findall(found[0]):
            for step in range(int(length)):
                image.putpixel((int(x) + step, int(y)), 0)
        yield from _symbols(image.resize((size * 6, size * 6), Image.Resampling.NEAREST))


def _symbols(image: Image.Image) -> Iterator[str]:
    yield from (found.text for found in zxingcpp.read_barcodes(image))


def leaks(answer: httpx.Response, canaries: dict[str, str]) -> set[str]:
    """Return which canaries an answer tells, beyond what its own address brought along."""
    asked = unquote(str(answer.request.url)) + answer.request.content.decode("latin-1")
    told = list(readings(answer))
    return {
        name
        for name, word in canaries.items()
        if word not in asked and any(word in each for each in told)
    }


class Walk:
    """A reader who follows every link, fills every address with every code, and posts nonsense."""

    def __init__(self, browser: Browser, canaries: dict[str, str], desk: str) -> None:
        """Begin with nothing seen; a desk is how the addresses of a reader's own pages begin."""
        self.browser = browser
        self.desk = desk
        self.canaries = canaries
        self.seen: set[str] = set()
        self.found: set[tuple[str, str]] = set()
        self.faults: list[str] = []
        self.answers = 0

    async def get(self, url: str) -> None:
        """Read one address, and what it leads to."""
        waiting = [url]
        while waiting:
            path = waiting.pop()
            if path in self.seen or not self.own(path):
                continue
            self.seen.add(path)
            answer = await self.browser.get(path)
            self._judge("GET", path, answer)
            if "html" in answer.headers.get("content-type", ""):
                waiting.extend(self._links(path, answer.text))
            if "location" in answer.headers:
                waiting.extend(self._links(path, f'href="{answer.headers["location"]}"'))

    def own(self, path: str) -> bool:
        """Tell whether an address belongs to this reader: public pages read no session."""
        if path.startswith(OTHERS) or "large=1" in path:
            return False
        return path.startswith("/unit") == bool(self.desk)

    async def post(self, path: str) -> None:
        """Post nonsense, to read the refusal."""
        for form in ({}, {"text": "x", "number": "1", "code": "0", "ref": "0"}):
            self._judge("POST", path, await self.browser.post_form(path, form))

    def _links(self, base: str, text: str) -> Iterator[str]:
        for link in LINK.findall(text):
            parts = urlsplit(urljoin(f"{HOST}{base}", unescape(link)))
            if f"{parts.scheme}://{parts.netloc}" == HOST:
                yield parts.path + (f"?{parts.query}" if parts.query else "")

    def _judge(self, method: str, path: str, answer: httpx.Response) -> None:
        self.answers += 1
        assert self.answers < MOST, "the walk does not end"
        if answer.status_code >= 500:
            self.faults.append(f"{method} {path} {answer.status_code}")
        self.found |= {(name, path) for name in leaks(answer, self.canaries)}


def doors(app: Litestar, method: str) -> list[str]:
    """Return the addresses of the public and of liaisons that answer a method."""
    return sorted(
        {
            route.path
            for route in app.routes
            if method in {str(each) for each in getattr(route, "route_handler_map", {})}
        }
    )


def filled(path: str, codes: Iterable[str]) -> list[str]:
    """Return an address with each of the codes in the place of what it names."""
    plain = re.sub(r"\{\w*lang\w*:\w+\}", "zh", path)
    if "{" not in plain:
        return [plain]
    return [re.sub(r"\{\w+:\w+\}", code, plain) for code in codes]


async def walked(
    browser: Browser, city: make.City, desk: str = "", app: Litestar | None = None
) -> Walk:
    """Walk along the links with one reader; through an application's every door if one is given."""
    walk = Walk(browser, city.canaries, desk)
    known = [city.unit, city.windows[0], *city.rounds]
    for start in (*START[desk], f"/w/{city.windows[0]}", f"/zh/rounds/{city.rounds[0]}"):
        await walk.get(start)
    for path in filter(walk.own, doors(app, "GET") if app else ()):
        for url in filled(path, [*known, *city.codes] if path.count("{") == 1 else known[:2]):
            await walk.get(url)
    for path in filter(walk.own, doors(app, "POST") if app else ()):
        for url in filled(path, [city.codes[0]]):
            await walk.post(url)
    return walk


@pytest.fixture
async def city(engine: db.Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> make.City:
    """Return the city with its canaries, its ranking written as files, all results told."""
    del engine
    found = await make.city()
    await release.write_due(settings, at=rankings.LATE)
    monkeypatch.setattr(clock, "now", lambda: make.TOLD)
    return found


@pytest.mark.engines("sqlite")
async def test_no_canary_reaches_a_unit_or_the_public_and_planted_leaks_are_found(
    city: make.City,
    built: Litestar,
    browse: Browse,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert len(city.canaries) >= 30
    assert len(set(city.canaries.values())) == len(city.canaries)
    readers = {"": browse(), "/unit": browse(people.liaison(city.unit))}
    for desk, least in (("", 100), ("/unit", 12)):
        walk = await walked(readers[desk], city, desk, built)
        assert walk.found == set()
        assert walk.faults == []
        assert walk.answers > least, "the walk reached too little to prove anything"
    # A page that shows nothing proves nothing.
    assert "有群众建议增加引导" in (await readers["/unit"].get("/unit/results")).text
    assert (await readers[""].get("/rankings", follow_redirects=True)).status_code == 200
    files = [path for path in settings.releases_dir.rglob("*") if path.is_file()]
    assert files
    for path in files:
        told = path.read_bytes().decode("utf-8", "replace")
        assert not {name for name, word in city.canaries.items() if word in told}, path.name
    for desk, template in (("/unit", "unit/results/index.html"), ("", "public/visits/show.html")):
        with monkeypatch.context() as planted:
            planted.setattr(pages, "render", leaking(template, city.canaries["name"]))
            walk = await walked(readers[desk], city, desk)
        assert {name for name, _ in walk.found} == {"name"}, template
    await _archived(city, settings)


async def _archived(city: make.City, settings: Settings) -> None:
    """Look through the archive of the round, which leaves the office for good."""
    _, data = await packed(city.rounds[0], settings)
    kept = unpacked(data)
    assert b"covert" in kept["06-sheets/sheets.csv"]
    assert leaks(_answer(data), city.canaries) == set()
    for name in ("sheet", "day", "name", "label"):
        planted = {**kept, "06-sheets/more.json": city.canaries[name].encode()}
        found = leaks(_answer(archives.bundle(list(planted.items()))), city.canaries)
        assert name in found


def leaking(template: str, word: str) -> Callable[..., str]:
    """Return a renderer that lets a word slip into one page."""
    whole = pages.render

    def render(env: Any, name: str, *rest: Any, **context: Any) -> str:
        text = whole(env, name, *rest, **context)
        return text + (f"<!-- {quote(word)} -->" if name == template else "")

    return render


def _answer(body: bytes, **headers: str) -> httpx.Response:
    return httpx.Response(
        200, content=body, headers=headers, request=httpx.Request("GET", f"{HOST}/unit")
    )


def _packed(text: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", text)
    return file.getvalue()


def _code(text: str) -> bytes:
    from web import qr

    return qr.svg(text, "").encode()


@pytest.mark.parametrize(
    "answer",
    [
        _answer("<p>金丝雀</p>".encode()),
        _answer("".join(f"&#{ord(sign)};" for sign in "金丝雀").encode()),
        _answer(b"<a href='/x?q=%E9%87%91%E4%B8%9D%E9%9B%80'>"),
        _answer(json.dumps({"a": "金丝雀"}).encode()),
        _answer(_packed("金丝雀")),
        _answer(_code("https://example.invalid/金丝雀")),
        _answer(b"", **{"X-Visitor": "%E9%87%91 canary"}),
    ],
)
def test_a_canary_is_heard_in_whatever_way_it_is_told(answer: httpx.Response) -> None:
    assert leaks(answer, {"word": "金丝雀", "other": "canary"})


def test_what_the_reader_brought_along_is_no_leak() -> None:
    answer = httpx.Response(
        404, content=b"KX7731", request=httpx.Request("GET", f"{HOST}/w/KX7731")
    )
    assert not leaks(answer, {"ticket": "KX7731"})
