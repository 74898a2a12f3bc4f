"""What publications cost: a ranking page beside a plain static server, checking, the floor of five.

One uvicorn serves the page by the service and, beside it in the same run, by a bare server that
reads the same file and sends it. The release is a synthetic city of 3,000 windows over a year.
"""

import gzip
import hashlib
import http.client
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import uvicorn

from benchmarks.pages import REQUESTS, ask, cost, cpu, loop
from panel import keys
from panel.ids import Code
from panel.rankings.checker import verify_release
from panel.rankings.rules.concealing import conceal
from panel.rankings.types import Cell, Earlier
from panel.settings import Settings
from web import app as web_app
from web.runtime import opened

UNITS, WINDOWS, ROUNDS = 300, 10, 4
PAGE = "zh/rankings.html"
LIMIT = 5.0
MODEL: dict[str, Any] = {
    "method": "crossed_effects", "scale": 1000, "unit_ratio": 4210, "window_ratio": 2875,
    "types": {"w": 7_800_000},
}  # fmt: skip
RULES: dict[str, Any] = {
    "unit_minimum_visits": 20, "unit_minimum_raters": 8, "window_minimum_visits": 8,
    "window_minimum_raters": 6, "list_size": 10, "bottom_share_percent": 20,
    "gate_hundredths": 0, "window_weights": "equal",
}  # fmt: skip
COMMON = {"sequence": 1, "round": "R", "edition": 1, "status": "final", "published_at": "2026"}


def between(least: int, most: int, *what: object) -> int:
    """Return a number that looks like chance and is the same each time."""
    digest = hashlib.sha256(repr(what).encode()).digest()
    return least + int.from_bytes(digest[:6], "big") % (most - least + 1)


def lists() -> list[dict[str, Any]]:
    """Return lists of all units and windows, scored and placed by the public formula."""
    units, lines = [], []
    for number in range(UNITS):
        windows: list[dict[str, Any]] = [
            {"code": f"U{number}W{n}", "visits": 40 + n, "weight": 1,
             "sum": between(-40_000_000, 40_000_000, number, n)}
            for n in range(WINDOWS)
        ]  # fmt: skip
        unit = row(f"U{number}", f"U{number}", windows)
        sums = verify_release.sums_of(unit, MODEL)
        units.append(unit | scored(sums, sums))
        for one in windows:
            part = verify_release.weigh(one["visits"], one["sum"], 1, MODEL)
            lines.append(row(str(one["code"]), f"U{number}", []) | scored(part, sums))
    return [placed("unit", units), placed("window", lines)]


def row(code: str, unit: str, windows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a line without its score and place."""
    return {
        "code": code, "unit_code": unit, "shown": True, "standing": "ranked", "windows": windows,
        "rest": None, "form": "w", "story": [], "low": None, "high": None, "visitors": 30,
        "under_gate": False,
    }  # fmt: skip


def scored(own: list[Any], unit: list[Any]) -> dict[str, Any]:
    """Return the score of a line."""
    exact = verify_release.value(own, unit, MODEL["types"]["w"], MODEL)
    got = min(max(exact, 0), 10_000)
    return {"score": got, "limit": got - exact, "visits": own[1]}


def placed(kind: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a list with its places; equal scores share one."""
    scores = sorted(each["score"] for each in rows)
    size = min(RULES["list_size"], len(rows) * RULES["bottom_share_percent"] // 100)
    for each in rows:
        place = 1 + sum(score > each["score"] for score in scores)
        below = 1 + sum(score < each["score"] for score in scores)
        each |= {"place": place, "place_from_below": below}
        each |= {"in_top": place <= size < below, "in_bottom": below <= size < place}
    return {"code": kind, "kind": kind, "input_hash": "", "ranked": len(rows), "list_size": size,
            "rows": rows}  # fmt: skip


def written(releases: Path) -> Path:
    """Write the release: the public layer, and a page for every unit and window in two sizes."""
    rules = json.dumps({"ranking": RULES, "publication": {"minimum_visitors": 5}}).encode()
    head = {**COMMON, "rulebook_hash": hashlib.sha256(rules).hexdigest()}
    found = lists()
    public = {**head, "rules": RULES, "minimum_visitors": 5, "under_appeal": [], "model": MODEL,
              "lists": found}  # fmt: skip
    leaves = sorted(hashlib.sha256(b"%d" % n).hexdigest() for n in range(60_000))
    files = {
        "rankings/data/rankings.json": json.dumps(public).encode(),
        "rankings/data/rulebook.json": rules,
        "rankings/data/receipts.json": json.dumps({"leaves": leaves}).encode(),
        "rankings/data/errata.json": b"[]",
        PAGE: "".join(f"<p>{r['code']} {r['score']}</p>" for r in found[0]["rows"]).encode() * 3,
    }
    files |= {
        f"{tree}/{each['code']}.html": f"<p>{each['code']}</p>".encode() * 400
        for tree in ("zh/rankings", "zh/rankings-large", "en/rankings", "en/rankings-large")
        for one in found
        for each in one["rows"]
    }
    manifest = json.dumps(
        {**head, "previous": "", "receipts": {"root": verify_release.root(leaves),
         "number": len(leaves)}, "lists": [{"code": k, "kind": k, "input_hash": ""}
         for k in ("unit", "window")],
         "files": {name: hashlib.sha256(body).hexdigest() for name, body in files.items()}}
    ).encode()  # fmt: skip
    name = hashlib.sha256(manifest).hexdigest()
    folder = releases / name
    files |= {"manifest.json": manifest, "manifest.sha256": f"{name}  manifest.json\n".encode()}
    for path, body in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(body)
        (folder / f"{path}.gz").write_bytes(gzip.compress(body, 1, mtime=0))
    (releases / "latest").symlink_to(name, target_is_directory=True)
    return folder


async def serve(data: Path) -> None:
    """Serve the release by the service and by a bare server of files; print the port."""
    settings = Settings(data_dir=data, key_dir=data / "keys")
    keys.load(settings.key_dir, create=True)
    page = settings.releases_dir / "latest" / PAGE

    async def static(_: Any, receive: Any, send: Any) -> None:
        await receive()
        body = page.read_bytes()
        headers = [(b"content-type", b"text/html"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async with opened(settings, migrate=True) as runtime:
        whole: Any = web_app.asgi(web_app.create(settings, runtime.keys), settings)
        apps: dict[str, Any] = {"/static": static, "/cpu": cpu}

        async def dispatch(scope: Any, receive: Any, send: Any) -> None:
            await apps.get(scope["path"], whole)(scope, receive, send)

        config = uvicorn.Config(
            dispatch, lifespan="off", access_log=False, log_level="warning", server_header=False
        )
        with socket.socket(proto=socket.IPPROTO_TCP) as listening:
            listening.bind(("127.0.0.1", 0))
            listening.listen()
            print(listening.getsockname()[1], flush=True)
            await uvicorn.Server(config).serve(sockets=[listening])


def page_beside_static(data: Path) -> None:
    """Print what the page costs as a multiple of the bare server's cost."""
    command = [sys.executable, "-m", "benchmarks.publishing", "serve", str(data)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - ourselves
    try:
        assert child.stdout is not None
        connection = http.client.HTTPConnection("127.0.0.1", int(child.stdout.readline()))
        size = len(ask(connection, "/static"))
        assert len(ask(connection, "/zh/rankings")) == size
        pairs = [(cost(connection, "/static"), cost(connection, "/zh/rankings")) for _ in range(5)]
    finally:
        child.terminate()
        child.wait()
    ratio = statistics.median(page / plain for plain, page in pairs)
    plain, page = (statistics.median(each) for each in zip(*pairs, strict=True))
    print(
        f"{'a ranking page, served as a file':<42} {ratio:5.1f} × plain static server  ({page:,.0f}"
        f" and {plain:,.0f} µs CPU, {size:,} bytes, {5 * REQUESTS} requests; limit {LIMIT:g})"
    )


def checking(folder: Path) -> None:
    """Print how long it takes to check the release."""
    begun = time.process_time()
    found = verify_release.check(folder)
    spent = time.process_time() - begun
    assert all(holds for _, holds in found), [name for name, holds in found if not holds]
    files = sum(1 for path in folder.rglob("*") if path.is_file())
    print(
        f"{'verify, 3,000 windows over a year':<42} {spent:5.2f} s CPU  ({files:,} files; limit 5)"
    )


def concealing() -> None:
    """Print what it costs to find out what a list may show, round after round."""
    cells: list[Cell] = []
    earlier: list[Earlier] = []
    spent = 0.0
    for number in range(ROUNDS):
        cells += [
            Cell(f"u{unit}", f"u{unit}w{window}", f"p{who}", 1, 8000, 8000**2, "", f"r{number}")
            for unit in range(UNITS)
            for window in range(WINDOWS)
            for who in visitors(number, unit, window)
        ]
        begun = time.process_time()
        found = conceal(cells, frozenset(), 5, earlier)
        spent = time.process_time() - begun
        earlier.append(Earlier(Code(f"r{number}"), 1, tuple(cells), found.kept))
    title = "floor over differences, fourth round"
    print(f"{title:<42} {spent:5.2f} s CPU  ({len(cells):,} cells; limit 2)")


def visitors(*where: int) -> list[int]:
    """Return who comes to a window in a round: some windows see few."""
    least, most = (0, 12) if where[-1] % WINDOWS // 2 == 0 else (5, 14)
    first = between(0, 599, "first", *where)
    return [(first + 7 * turn) % 600 for turn in range(between(least, most, "many", *where))]


def main() -> None:
    """Write the release and measure."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        release = written(data / "releases")
        page_beside_static(data)
        checking(release)
    concealing()


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        loop(serve(Path(sys.argv[2])))
    else:
        main()
