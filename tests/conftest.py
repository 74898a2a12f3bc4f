"""Shared by all tests: the engines, and tables that are empty when a test begins."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, settings
from piccolo.table import sort_table_classes

from panel import db, keys
from panel.piccolo_app import our_tables
from tests import chance, embedded
from tests.tables import broom, empty

ENGINES = ("sqlite", "postgres")

# A busy machine is no fault of the code: examples have no time limit, and every run tries the same.
settings.register_profile(
    "panel", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("panel")

_PAGES = Path(__file__).parent / "web"
# Never waiting for the disk is for tests only; panel refuses to serve on such a server.
_FAST = ("fsync", "full_page_writes", "synchronous_commit")
# What tidies up whenever its minute has come changes plans, and what the tables held last.
_BY_THE_CLOCK = "autovacuum"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the choice of engines."""
    parser.addoption(
        "--engines", default=",".join(ENGINES), help="engines to test on, separated by commas"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register our marks."""
    config.addinivalue_line("markers", "engines(*names): the test is about these engines alone")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Let codes and tokens come out of the test's name, those of its fixtures too."""
    chance.begin(item.nodeid)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that touches the database on each engine.

    Pages ask commands and queries that ``tests/panel`` holds on both; they are read on the embedded
    engine, except where a test asks for both.
    """
    if "engine_name" in metafunc.fixturenames:
        names = [name.strip() for name in metafunc.config.getoption("--engines").split(",")]
        if unknown := set(names) - set(ENGINES):
            message = f"no such engine: {', '.join(sorted(unknown))}"
            raise pytest.UsageError(message)
        only = metafunc.definition.get_closest_marker("engines")
        pages = metafunc.definition.path.is_relative_to(_PAGES)
        wanted = only.args if only else ENGINES[:1] if pages else ENGINES
        names = [name for name in names if name in wanted]
        metafunc.parametrize("engine_name", names, scope="session")


class Databases:
    """The databases of one session; each is started when the first test asks for it."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._folder = Path(tempfile.mkdtemp(prefix="panel-"))
        self._shared: dict[str, db.Engine] = {}
        self._names: list[str] = []
        self._server_url = os.environ.get("TEST_DATABASE_URL", "")
        self._stop_server: Callable[[], None] | None = None

    async def engine(self, name: str) -> db.Engine:
        """Return the started engine that all tests share, with all our tables created."""
        if name not in self._shared:
            engine = await self.blank(name)
            db.bind(engine, our_tables())
            async with engine.transaction():
                for table in sort_table_classes(our_tables()):
                    await table.create_table()
            self._shared[name] = engine
        return self._shared[name]

    async def blank(self, name: str) -> db.Engine:
        """Return a started engine on a new, empty database."""
        self._names.append(f"panel_test_{os.getpid()}_{len(self._names)}")
        url = await self._create_database(self._names[-1]) if name == "postgres" else None
        path = self._folder / f"{self._names[-1]}.sqlite"
        engine = db.open_engine(url, path=path, allow_unsafe=True)
        await db.start(engine)
        return engine

    async def _create_database(self, name: str) -> str:
        if not self._server_url:
            self._server_url = self._start_server()
            for setting in (*_FAST, _BY_THE_CLOCK):
                await self._on_server(f"ALTER SYSTEM SET {setting} = off")
            await self._on_server("SELECT pg_reload_conf()")
        await self._on_server(f'DROP DATABASE IF EXISTS "{name}"')
        await self._on_server(f'CREATE DATABASE "{name}"')
        head, mark, options = self._server_url.partition("?")
        return head.rpartition("/")[0] + "/" + name + mark + options

    async def _on_server(self, sql: str) -> None:
        connection = await asyncpg.connect(self._server_url)
        try:
            await connection.execute(sql)
        finally:
            await connection.close()

    def _start_server(self) -> str:
        server = embedded.start()
        self._stop_server = server.cleanup
        return str(server.get_uri())

    async def close(self) -> None:
        """Stop everything and remove the files."""
        for engine in self._shared.values():
            await db.stop(engine)
            if isinstance(engine, db.SQLite):
                broom(engine.path).close()
        if self._stop_server is not None:
            self._stop_server()
        elif self._server_url:
            for name in self._names:
                await self._on_server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        shutil.rmtree(self._folder, ignore_errors=True)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def databases() -> AsyncIterator[Databases]:
    """Keep the databases of the session."""
    found = Databases()
    yield found
    await found.close()


@pytest_asyncio.fixture(loop_scope="session")
async def engine(engine_name: str, databases: Databases) -> db.Engine:
    """Give a started engine, bound to all our tables, all empty."""
    found = await databases.engine(engine_name)
    db.bind(found, our_tables())
    await empty(found, our_tables())
    return found


@pytest.fixture(scope="session", autouse=True)
def own_keys() -> keys.Keys:
    """Bind fixed keys, so that a failing test fails the same way again."""
    fixed = keys.Keys({name: name.encode().ljust(32, b".") for name in keys.NAMES})
    keys.bind(fixed)
    return fixed


@pytest_asyncio.fixture(loop_scope="session")
async def blank(engine_name: str, databases: Databases) -> AsyncIterator[db.Engine]:
    """Give a started engine on a database of its own, without any table."""
    found = await databases.blank(engine_name)
    yield found
    await db.stop(found)
