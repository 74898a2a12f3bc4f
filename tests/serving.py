"""Servers in processes of their own and many phones sending to them: for kills, loads and costs.

``python -m tests.serving DATA KEYS [URL]`` serves the real application on a free port, on a
database whose tables are there; the clock stands still at the moment when sheets are sent.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import msgspec
import uvicorn
from piccolo.table import sort_table_classes

from panel import db, entropy, keys
from panel.accounts import commands as accounts
from panel.accounts.types import CardRequest
from panel.chance import Stream
from panel.ids import Code
from panel.piccolo_app import our_tables
from panel.rulebook.types import Form
from panel.settings import Settings
from panel.visits import commands as visit_commands
from panel.visits import queries as visit_queries
from panel.visits.tables import Round
from panel.visits.types import TaskState, TaskView
from tests import people
from tests.make import evaluations as make
from tests.make import vault, visits
from web import app as web_app
from web import sheets
from web.session import PLAIN_COOKIE

HOST = "127.0.0.1:8000"
PIN = "580264"


class Sheet(msgspec.Struct, frozen=True):
    """A sheet that waits on a phone: where it goes, whose session sends it, its key and body."""

    task: Code
    number: int
    token: str
    key: str
    body: bytes

    def request(self) -> bytes:
        """Return the request as a phone's outbox makes it."""
        head = (
            f"POST /m/tasks/{self.task}/sheet.json HTTP/1.1\r\nHost: {HOST}\r\n"
            f"Origin: http://{HOST}\r\nX-Panel: 1\r\nAccept: application/json\r\n"
            f"Cookie: {PLAIN_COOKIE}={self.token}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(self.body)}\r\n\r\n"
        )
        return head.encode() + self.body


class Answer(msgspec.Struct, frozen=True):
    """What a server answered."""

    status: int
    head: bytes
    body: bytes

    @property
    def receipt(self) -> Code:
        """Return the number of the receipt."""
        return Code(str(msgspec.json.decode(self.body)["receipt"]))


class Phone:
    """One connection to a server, opened anew when it is lost."""

    def __init__(self, port: int) -> None:
        """Open nothing yet."""
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, request: bytes) -> Answer:
        """Send and wait for the answer; an ``OSError`` when there is none."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        try:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            return Answer(int(head[9:12]), head.lower(), await reader.readexactly(length))
        except (asyncio.IncompleteReadError, OSError) as error:
            self.close()
            raise ConnectionError from error

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def at_once(
    port: int, work: Iterable[Sheet], use: Callable[[Phone, Sheet], Awaitable[None]], many: int
) -> None:
    """Let many phones work through the sheets."""
    waiting = iter(work)

    async def one() -> None:
        phone = Phone(port)
        try:
            for sheet in waiting:
                await use(phone, sheet)
        finally:
            phone.close()

    await asyncio.gather(*(one() for _ in range(many)))


async def tables(engine: db.Engine) -> None:
    """Bind our tables to an empty database and create them."""
    db.bind(engine, our_tables())
    async with engine.transaction():
        for table in sort_table_classes(our_tables()):
            await table.create_table()


async def waiting_sheets(count: int) -> list[Sheet]:
    """Draw a round, sign its members in, and return as many whole sheets that wait to be sent.

    The round is small; its accepted tasks are copied until there are enough.
    """
    setting = await visits.running_round()
    sessions: dict[Code, str] = {}
    tasks: list[tuple[TaskView, Code]] = []
    for number, code in enumerate(setting.members):
        seat = CardRequest(member=code, person=await vault.person(number + 1000))
        (card,) = await accounts.issue_cards(people.coordinator, [seat], at=make.SENT)
        signed = await accounts.redeem_card(card.token, f"{number + 1000:04}", PIN, at=make.SENT)
        sessions[code] = signed.token
        actor = people.member(code, number + 100)
        for task in await visit_queries.member_tasks(code, at=visits.DURING):
            if task.state is TaskState.OFFERED:
                accepted = await visit_commands.accept(actor, task.code, at=visits.DURING)
                tasks.append((accepted, code))
    form = await make.form_of(tasks[0][0])
    found = [whole_sheet(task.code, task.id, sessions[code], form) for task, code in tasks]
    while len(found) < count:
        async with db.transaction():
            for code, number, member in await _another_round(tasks):
                found.append(whole_sheet(code, number, sessions[member], form))
    return found[:count]


_COPIED: Final = (
    'place, unit, "window", mode, errand, form_key, state, opens_at, due_at, offered_at, why'
)


async def _another_round(tasks: list[tuple[TaskView, Code]]) -> list[tuple[Code, int, Code]]:
    """Copy a round with its tasks; return their codes, ids and visitors."""
    code = entropy.code()
    names = [column._meta.db_column_name for column in Round._meta.columns]
    same = ", ".join(f'"{name}"' for name in names if name not in {"id", "code"})
    (row,) = await db.raw(
        f"INSERT INTO visit_round (code, {same}) SELECT {{}}, {same} FROM visit_round "
        "WHERE id = {} RETURNING id",
        code,
        tasks[0][0].round_id,
    )
    found = []
    for task, member in tasks:
        number = entropy.code()
        (copy,) = await db.raw(
            f"INSERT INTO visit_task (code, round, visitor, {_COPIED}) "
            f"SELECT {{}}, {{}}, {{}}, {_COPIED} FROM visit_task WHERE id = {{}} RETURNING id",
            number,
            row["id"],
            visit_queries.link(member, code),
            task.id,
        )
        found.append((number, copy["id"], member))
    return found


def whole_sheet(task: Code, number: int, token: str, form: Form) -> Sheet:
    """Return a sheet with answers that differ from task to task."""
    stream = Stream("load", str(number))
    given = make.answers(form, B1=stream.below(5), B2=stream.below(5), A1=stream.below(5))
    fields = {name: text for name, text in sheets.typed_of(given).items() if text}
    key = make.key(number)
    body = msgspec.json.encode({"fields": fields | {"declared": "yes"}, "key": key})
    return Sheet(task=task, number=number, token=token, key=key, body=body)


class Server:
    """The application in a process of its own."""

    def __init__(self, folder: Path, url: str = "") -> None:
        """Start it; ``wait`` tells when it listens."""
        command = [sys.executable, "-m", "tests.serving", str(folder), str(folder / "keys"), url]
        self._child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # ourselves
        self.port = 0

    async def wait(self) -> Server:
        """Wait until it listens."""
        assert self._child.stdout is not None
        line = await asyncio.to_thread(self._child.stdout.readline)
        self.port = int(line)
        return self

    def kill(self) -> None:
        """Kill it as a power cut would."""
        self._child.send_signal(signal.SIGKILL)
        self.stop()

    def stop(self) -> None:
        """End it and wait for its end."""
        self._child.terminate()
        self._child.wait()
        if self._child.stdout is not None:
            self._child.stdout.close()

    async def used(self) -> tuple[float, float, float]:
        """Return its CPU seconds, its memory now and at most, in mebibytes."""
        phone = Phone(self.port)
        answer = await phone.send(f"GET /used HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        phone.close()
        cpu, now, most = msgspec.json.decode(answer.body, type=tuple[float, float, float])
        return cpu, now, most


def write_keys(own: keys.Keys, folder: Path) -> None:
    """Write the keys of the tests as files, for other processes."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in keys.NAMES:
        (folder / f"{name}.key").write_bytes(own.secret(name))


async def kept(receipts: Iterable[Code]) -> set[Code]:
    """Return which of the receipts stand in the database."""
    wanted = set(receipts)
    return wanted & {row["code"] for row in await db.raw("SELECT code FROM sheet_submission")}


def _usage() -> bytes:
    # Not getrusage: there the most is what the process had that started this one.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    sizes = dict(line.split(":", 1) for line in status.splitlines())
    now, most = (int(sizes[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))
    return msgspec.json.encode((time.process_time(), now, most))


async def _serve(data: Path, key_dir: Path, url: str) -> None:
    settings = Settings(data_dir=data, key_dir=key_dir, database_url=url, base_url=f"http://{HOST}")
    own = keys.load(key_dir, create=False)
    engine = db.open_engine(url or None, path=settings.database_path)
    await db.start(engine)
    db.bind(engine, our_tables())
    whole: Any = web_app.asgi(web_app.create(settings, own), settings)

    async def dispatch(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] != "/used":
            await whole(scope, receive, send)
            return
        body = _usage()
        headers = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    config = uvicorn.Config(
        dispatch, lifespan="off", access_log=False, log_level="critical", server_header=False
    )
    # Named as TCP: asyncio sends at once only on such sockets, else each answer waits 40 ms.
    with (
        socket.socket(proto=socket.IPPROTO_TCP) as listening,
        patch("panel.clock.now", lambda: make.SENT),
    ):
        listening.bind(("127.0.0.1", 0))
        listening.listen(128)
        sys.stdout.write(f"{listening.getsockname()[1]}\n")
        sys.stdout.flush()
        await uvicorn.Server(config).serve(sockets=[listening])
    await db.stop(engine)


def main(data: str, key_dir: str, url: str = "") -> None:
    """Serve on the loop that `panel serve` runs on."""
    import uvloop

    uvloop.run(_serve(Path(data), Path(key_dir), url))


if __name__ == "__main__":
    main(*sys.argv[1:])
