"""Published rankings: files that a release wrote, the same for everybody, without the database."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from panel.errors import Missing
from web.assets import FOREVER, choose
from web.pages import Request, page, redirect

LATEST: Final = "latest"
"""Name of the link to the newest release."""
_SHORT: Final = "public, max-age=60"
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_TWINS: Final = {"br": ".br", "gzip": ".gz"}
_MEDIA: Final = {
    ".html": "text/html",
    ".json": "application/json",
    ".csv": "text/csv",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".sha256": "text/plain",
    ".py": "text/plain",
}
_UNLISTED: Final = ("manifest.json", "manifest.sha256")
_ASIDE: Final = re.compile(r"rankings/(overlay|signatures)/[a-z0-9][a-z0-9-]*\.(css|html|json)")
"""What stands beside the files and may change: a banner, names that time takes away, signatures."""


@lru_cache(maxsize=32)
def _digests(folder: Path) -> dict[str, str]:
    """Return the digest of each file that a release lists; nothing else is ever served."""
    manifest = msgspec.json.decode((folder / "manifest.json").read_bytes())
    return {**manifest["files"], **dict.fromkeys(_UNLISTED, folder.name)}


def _latest(request: Request) -> Path | None:
    """Return the folder of the newest release; none before the first."""
    link = request.config.releases_dir / LATEST
    if not link.is_symlink():
        return None
    folder = link.parent / link.readlink()
    return folder if (folder / "manifest.json").is_file() else None


def published_page(request: Request, name: str) -> str | None:
    """Return the address of a page of the newest publication; None where it has none."""
    folder = _latest(request)
    tree = f"{request.lang}/rankings{'-large' if request.large else ''}"
    if folder is None or f"{tree}/{name}.html" not in _digests(folder):
        return None
    return f"/{tree}/{name}"


def _serve(request: Request, folder: Path, name: str, caching: str) -> Response[Any]:
    """Give one file of a release in the best encoding, or 304 where the reader has it."""
    digests = _digests(folder)
    names = (name, f"{name}.html", f"{name}/index.html")
    found = next((each for each in names if each in digests), None)
    if found is None:
        return _beside(folder, name)
    made = [coding for coding, end in _TWINS.items() if (folder / f"{found}{end}").is_file()]
    encoding = choose(request.headers.get("accept-encoding", ""), made)
    tag = f'"{digests[found][:32]}{"-" + encoding if encoding else ""}"'
    headers = {"ETag": tag, "Cache-Control": caching, "Vary": "Accept-Encoding"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=headers)
    if encoding:
        headers["Content-Encoding"] = encoding
    path = folder / (found + _TWINS.get(encoding, ""))
    return Response(path.read_bytes(), media_type=_MEDIA[Path(found).suffix], headers=headers)


def _beside(folder: Path, name: str) -> Response[Any]:
    """Give what stands beside the files: never kept long, since it may be taken away."""
    path = folder / name
    if not _ASIDE.fullmatch(name) or not path.is_file():
        raise Missing("publication.missing")
    headers = {"Cache-Control": _SHORT}
    return Response(path.read_bytes(), media_type=_MEDIA[path.suffix], headers=headers)


@get("/rankings")
async def start(request: Request) -> Response[Any]:
    """Lead to the lists in Chinese."""
    return redirect(request, "/zh/rankings")


@get(["/zh/rankings", "/en/rankings", "/zh/rankings-large", "/en/rankings-large"])
async def index(request: Request) -> Response[Any]:
    """Show all lists of the newest publication, or that there is none yet."""
    folder = _latest(request)
    if folder is None:
        return page(request, "public/rankings/empty.html")
    return _serve(request, folder, request.path.strip("/"), _SHORT)


@get(
    [
        "/zh/rankings/{name:path}",
        "/en/rankings/{name:path}",
        "/zh/rankings-large/{name:path}",
        "/en/rankings-large/{name:path}",
        "/rankings/{name:path}",
    ]
)
async def show(request: Request, name: FromPath[str]) -> Response[Any]:
    """Give a page or a file of the newest publication."""
    del name
    folder = _latest(request)
    if folder is None:
        raise Missing("publication.missing")
    return _serve(request, folder, request.path.strip("/"), _SHORT)


@get(["/zh/rankings.html", "/en/rankings.html", "/zh/rankings-large.html",
      "/en/rankings-large.html"])  # fmt: skip
async def plain(request: Request) -> Response[Any]:
    """Give the page of all lists under the name of its file, which other pages link to."""
    folder = _latest(request)
    if folder is None:
        raise Missing("publication.missing")
    return _serve(request, folder, request.path.strip("/"), _SHORT)


@get(["/manifest.json", "/manifest.sha256"])
async def manifest(request: Request) -> Response[Any]:
    """Give the manifest of the newest publication, where its pages link to it."""
    folder = _latest(request)
    if folder is None:
        raise Missing("publication.missing")
    return _serve(request, folder, request.path.strip("/"), _SHORT)


@get(["/r/{fingerprint:str}", "/r/{fingerprint:str}/{name:path}"])
async def release(
    request: Request, fingerprint: FromPath[str], name: FromPath[str] = ""
) -> Response[Any]:
    """Give a file of any release by its hash: it never changes."""
    if not _HASH.fullmatch(fingerprint):
        raise Missing("publication.missing")
    folder = request.config.releases_dir / fingerprint
    if not (folder / "manifest.json").is_file():
        raise Missing("publication.missing")
    if not name.strip("/") and not request.path.endswith("/"):
        return redirect(request, f"/r/{fingerprint}/index.html")
    return _serve(request, folder, name.strip("/") or "index.html", FOREVER)


handlers = [start, index, show, plain, manifest, release]
