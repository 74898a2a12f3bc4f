"""The files a browser loads: named by their content, pressed once, cached for ever."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import brotli
import rcssmin
import rjsmin
from litestar import Request, Response
from litestar.enums import HttpMethod
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

STATIC = Path(__file__).parent / "static"
FOREVER = "public, max-age=31536000, immutable"
MEDIA = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
JOINED = {"member.js": ("outbox.js", "sheet.js")}
"""Files that travel as one: fewer requests, and pressed together they are smaller."""
WORKER = "/m/sw.js"
_WORKER_POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'"


class AssetsMissing(Exception):  # noqa: N818 - said to an operator as it is
    """The library of the pages was not built, so the service must not start."""


@dataclass(frozen=True)
class Asset:
    """One file under its content-hashed name."""

    name: str
    body: bytes

    @cached_property
    def hashed(self) -> str:
        """Give the name with ten characters of the content's digest before the ending."""
        stem, _, ending = self.name.rpartition(".")
        return f"{stem}.{hashlib.sha256(self.body).hexdigest()[:10]}.{ending}"

    @property
    def media(self) -> str:
        """Give the media type for the header."""
        return MEDIA[Path(self.name).suffix]

    @cached_property
    def pressed(self) -> Mapping[str, bytes]:
        """Give the body by encoding, best first, pressed at the first wish and then kept."""
        return {
            "br": brotli.compress(self.body, quality=11),
            "gzip": gzip.compress(self.body, compresslevel=9, mtime=0),
        }


class Assets:
    """All files of the front end: `url` for pages, `find` for the route, `write` for a release."""

    def __init__(self, files: Mapping[str, bytes], prefix: str = "/static/") -> None:
        """Take the bodies by plain name."""
        self.prefix = prefix
        self._named = {name: Asset(name, body) for name, body in files.items()}
        self._hashed = {asset.hashed: asset for asset in self._named.values()}

    def url(self, name: str) -> str:
        """Give the address of a file by its plain name; an unknown name is a bug of the page."""
        return self.prefix + self._named[name].hashed

    def find(self, hashed: str) -> Asset | None:
        """Give the file of a hashed name."""
        return self._hashed.get(hashed)

    def write(self, folder: Path, *names: str) -> list[Path]:
        """Write the named files (all by default) and their pressed twins for a static host."""
        folder.mkdir(parents=True, exist_ok=True)
        written = []
        for asset in [self._named[name] for name in names] or self._named.values():
            path = folder / asset.hashed
            twins = {"": asset.body, ".br": asset.pressed["br"], ".gz": asset.pressed["gzip"]}
            for ending, body in twins.items():
                twin = path.with_name(path.name + ending)
                twin.write_bytes(body)
                written.append(twin)
        return written


def load(folder: Path = STATIC) -> Assets:
    """Read our own files and the built library; raises `AssetsMissing` saying what to do."""
    files = {path.name: _light(path) for path in folder.iterdir() if path.suffix in MEDIA}
    for name, parts in JOINED.items():
        if all(part in files for part in parts):
            files[name] = b"\n".join(files.pop(part) for part in parts)
    vendor = folder / "vendor"
    try:
        manifest: dict[str, Any] = json.loads((vendor / "manifest.json").read_text("utf-8"))
        for name, entry in manifest["files"].items():
            files[name] = (vendor / name).read_bytes()
            digest = base64.b64encode(hashlib.sha384(files[name]).digest()).decode()
            if entry["integrity"] != f"sha384-{digest}":
                msg = f"{vendor / name} was changed after the build. Build again: make install"
                raise AssetsMissing(msg)
    except (OSError, ValueError, KeyError) as fault:
        msg = (
            f"The page library is missing in {vendor}: it is fetched when panel is installed. "
            "Run `make install`, or `pip install --editable .` in the source folder."
        )
        raise AssetsMissing(msg) from fault
    return Assets(files)


def _light(path: Path) -> bytes:
    """Read one of our own files without its comments and indentation."""
    body = path.read_bytes()
    if path.suffix == ".svg":
        return body
    squeeze = rcssmin.cssmin if path.suffix == ".css" else rjsmin.jsmin
    return str(squeeze(body.decode())).encode()


def worker_handler(assets: Assets) -> HTTPRouteHandler:
    """Make the route of the service worker: below ``/m/``, which is all that it may see."""
    found = assets.find(assets.url("sw.js").removeprefix(assets.prefix))
    library = f'importScripts("{assets.url("member.js")}");'.encode()
    body = library + (found.body if found else b"")
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {
        "Cache-Control": "no-cache",
        "ETag": etag,
        "Content-Security-Policy": _WORKER_POLICY,
    }

    async def worker(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Give the worker's script; a browser that has it learns so in a few bytes."""
        if request.headers.get("if-none-match") == etag:
            return Response(b"", status_code=304, headers=headers)
        return Response(body, media_type=MEDIA[".js"], headers=headers)

    return HTTPRouteHandler(
        WORKER,
        http_method=[HttpMethod.GET, HttpMethod.HEAD],
        name="worker",
        opt={"public": True},
        include_in_schema=False,
    )(worker)


def route_handler(assets: Assets) -> HTTPRouteHandler:
    """Make the route `/static/{name}`: no session, no cookie, 304 where the browser has it."""

    async def static(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        """Serve one hashed file in the best encoding the browser takes."""
        asset = assets.find(name)
        if asset is None:
            raise NotFoundException
        encoding = choose(request.headers.get("accept-encoding", ""))
        etag = f'"{asset.hashed}{"-" + encoding if encoding else ""}"'
        headers = {"Cache-Control": FOREVER, "ETag": etag, "Vary": "Accept-Encoding"}
        if etag in request.headers.get("if-none-match", ""):
            return Response(b"", status_code=304, headers=headers)
        if encoding:
            headers["Content-Encoding"] = encoding
        body = asset.pressed[encoding] if encoding else asset.body
        return Response(body, media_type=asset.media, headers=headers)

    return HTTPRouteHandler(
        "/static/{name:str}",
        http_method=[HttpMethod.GET, HttpMethod.HEAD],
        name="static",
        opt={"public": True},
        include_in_schema=False,
    )(static)


def choose(accepted: str, made: Sequence[str] = ("br", "gzip")) -> str:
    """Choose an encoding from the header: of those made, the first that was not refused."""
    offers = {}
    for part in accepted.lower().split(","):
        coding, _, weight = part.partition(";")
        offers[coding.strip()] = weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00"}
    return next((coding for coding in made if offers.get(coding)), "")
