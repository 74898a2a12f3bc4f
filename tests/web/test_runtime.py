"""A process starts on sound ground, or says plainly why it does not."""

from __future__ import annotations

import asyncio
import datetime as dt
import sqlite3
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import uvicorn
from click.testing import CliRunner
from cryptography import x509

from panel import clock, db, keys
from panel.actor import SYSTEM
from panel.audit import commands as audit
from panel.queue import commands as queue
from panel.queue import queries as jobs
from panel.queue.tables import JobRow
from panel.queue.types import JobState
from panel.settings import Settings
from panel.vault import commands as vault
from panel.vault.tables import Field, Person
from panel.vault.types import Identity
from tests.waiting import PATIENCE, until
from web import app as web_app
from web import cli, server, worker
from web import jobs as work
from web.runtime import Runtime, StartFault, opened

pytestmark = pytest.mark.engines("sqlite", "postgres")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings of an empty machine."""
    return Settings(data_dir=tmp_path / "data", key_dir=tmp_path / "keys")


@pytest.fixture(autouse=True)
def bound_again(own_keys: keys.Keys) -> Any:
    """Give the other tests their keys and engine back."""
    before = list(db._bound)
    yield
    keys.bind(own_keys)
    db._bound[:] = before


async def start(settings: Settings, *, migrate: bool | None = None) -> None:
    """Open and close a runtime."""
    async with opened(settings, migrate=migrate) as runtime:
        assert isinstance(runtime, Runtime)


async def test_an_empty_machine_gets_schema_and_keys(settings: Settings) -> None:
    await start(settings)
    assert settings.database_path.is_file()
    modes = {path.stat().st_mode & 0o777 for path in settings.key_dir.iterdir()}
    assert modes == {0o400}
    await start(settings)


async def test_a_data_folder_that_cannot_be_written_is_named(settings: Settings) -> None:
    file = settings.data_dir.parent / "file"
    file.write_bytes(b"")
    with pytest.raises(StartFault, match=r"can't be written.*PANEL_DATA_DIR"):
        await start(msgspec.structs.replace(settings, data_dir=file / "data"))


async def test_foreign_keys_are_refused(settings: Settings) -> None:
    await start(settings)
    other = msgspec.structs.replace(settings, key_dir=settings.key_dir.parent / "other")
    with pytest.raises(StartFault, match="another database"):
        await start(other)


async def test_a_missing_key_is_named_and_never_made_anew(settings: Settings) -> None:
    await start(settings)
    (settings.key_dir / "vault.key").unlink(missing_ok=True)
    (settings.key_dir / "member.key").unlink()
    with pytest.raises(StartFault, match="member"):
        await start(settings)
    assert not (settings.key_dir / "member.key").exists()


async def test_a_key_of_a_wrong_length_is_named(settings: Settings) -> None:
    await start(settings)
    path = settings.key_dir / "link.key"
    path.chmod(0o600)
    path.write_bytes(b"short")
    with pytest.raises(StartFault, match="link"):
        await start(settings)


async def test_a_database_from_a_newer_version_is_refused(settings: Settings) -> None:
    await start(settings)
    with sqlite3.connect(settings.database_path) as file:
        file.execute(
            "INSERT INTO migration (name, app_name, ran_on) VALUES "
            "('2999-01-01T00:00:00:000000', 'panel', '2999-01-01 00:00:00+00:00')"
        )
    with pytest.raises(StartFault, match="newer version"):
        await start(settings)


async def test_an_older_database_waits_for_the_word_where_it_is_shared(settings: Settings) -> None:
    with pytest.raises(StartFault, match="panel migrate"):
        await start(settings, migrate=False)


async def test_the_history_is_append_only_by_trigger(settings: Settings) -> None:
    await start(settings)
    with sqlite3.connect(settings.database_path) as file:
        file.execute(
            "INSERT INTO audit_entry (at, command, actor, office, reason, document, detail, digest)"
            " VALUES ('2026-01-01 00:00:00+00:00', 'x', 'x', '', '', '', '[]', 'x')"
        )
        for sql in ("UPDATE audit_entry SET actor = 'y'", "DELETE FROM audit_entry"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                file.execute(sql)


async def test_the_worker_does_a_due_job_and_puts_a_failing_one_off(engine: db.Engine) -> None:
    done: list[dict[str, Any]] = []

    async def work(_: Settings, payload: dict[str, Any], __: dt.datetime) -> None:
        await asyncio.sleep(0)
        if payload["fails"]:
            raise RuntimeError
        done.append(payload)

    kinds = {"test": work}
    for fails in (False, True):
        await queue.enqueue("test", {"fails": fails}, run_at=clock.now())
    while await worker.once(Settings(), "w", ["test"], kinds, {}):
        pass
    assert done == [{"fails": False}]
    counts = await jobs.counts()
    assert (counts[JobState.DONE], counts[JobState.READY]) == (1, 1)


async def test_a_long_job_stays_leased_while_its_worker_lives(
    engine: db.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    begun, free = asyncio.Event(), asyncio.Event()
    at = clock.now()

    async def work(_: Settings, __: dict[str, Any], ___: dt.datetime) -> None:
        calls.append("begun")
        begun.set()
        await free.wait()

    async def renewed() -> bool:
        (row,) = await JobRow.select(JobRow.lease_until)
        return bool(row["lease_until"] >= at)

    monkeypatch.setattr(clock, "now", lambda: at)
    monkeypatch.setattr(worker, "LEASE", dt.timedelta(seconds=0.03))
    await queue.enqueue("long", {}, run_at=at)
    first = db.detached(worker.once(Settings(), "a", ["long"], {"long": work}, {}))
    await begun.wait()
    at += dt.timedelta(hours=1)  # long after the first lease
    await until(renewed)
    assert not await worker.once(Settings(), "b", ["long"], {"long": work}, {})
    free.set()
    assert await first
    assert calls == ["begun"]


async def test_a_recurring_job_comes_back_later(engine: db.Engine) -> None:
    calls: list[dt.datetime] = []

    async def work(_: Settings, __: dict[str, Any], at: dt.datetime) -> None:
        await asyncio.sleep(0)
        calls.append(at)

    again = {"again": worker.Recurring(work, dt.timedelta(hours=1))}
    await queue.enqueue("again", {}, run_at=clock.now(), dedupe="again")
    assert await worker.once(Settings(), "w", ["again"], {}, again)
    assert not await worker.once(Settings(), "w", ["again"], {}, again)
    assert len(calls) == 1


async def test_a_recurring_job_that_fails_comes_back_however_often(engine: db.Engine) -> None:
    async def work(_: Settings, __: dict[str, Any], ___: dt.datetime) -> None:
        await asyncio.sleep(0)
        raise RuntimeError

    again = {"again": worker.Recurring(work, dt.timedelta(0))}
    await queue.enqueue("again", {}, run_at=clock.now(), dedupe="again")
    for _ in range(10):
        assert await worker.once(Settings(), "w", ["again"], {}, again)
    counts = await jobs.counts()
    assert (counts[JobState.READY], counts[JobState.DEAD]) == (1, 0)


async def test_the_worker_outlives_a_fault_of_ours(
    engine: db.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, turns = asyncio.Event(), []

    async def stumble(*_: object, **__: object) -> bool:
        await asyncio.sleep(0)
        turns.append(1)
        if len(turns) > 2:
            stop.set()
        raise RuntimeError

    monkeypatch.setattr(worker, "once", stumble)
    monkeypatch.setattr(audit, "seal_chain", stumble)
    monkeypatch.setattr(worker, "_LOOK_EVERY", 0.01)
    await asyncio.wait_for(worker.run(Settings(), stop), PATIENCE)
    assert len(turns) > 2


async def test_an_erased_person_leaves_no_bytes_in_the_file(settings: Settings) -> None:
    async with opened(settings) as runtime:
        number = await vault.enrol(Identity(name="林示例", phone="13900000001"), at=clock.now())
        row = await Person.select().where(Person.id == number).first()
        assert row is not None
        key = bytes(row["wrapped_key"])
        sealed = [bytes(each["sealed"]) for each in await Field.select()]
        tidy = work.RECURRING["db.tidy"].work
        await tidy(settings, {}, clock.now())
        assert key in settings.database_path.read_bytes()
        await vault.erase(SYSTEM, number, "本人要求", at=clock.now())
        await tidy(settings, {}, clock.now())
        kept = b"".join(
            path.read_bytes()
            for path in settings.data_dir.iterdir()
            if path.name.startswith("panel.sqlite")
        )
        assert runtime.engine.idle()
    assert not [each for each in (key, *sealed) if each[13:] in kept]


async def test_no_log_of_the_server_holds_an_address(
    engine: db.Engine, own_keys: keys.Keys, capfd: pytest.CaptureFixture[str]
) -> None:
    """A request for a card, for a page that fails and for none, on a real socket."""
    settings = Settings(allowed_hosts=("127.0.0.1",))
    app = web_app.create(settings, own_keys)
    config = server.configured(web_app.asgi(app, settings), settings, "127.0.0.1", 0)
    assert not config.proxy_headers
    running = uvicorn.Server(config)
    task = asyncio.create_task(running.serve())
    await until(lambda: running.started)
    port = running.servers[0].sockets[0].getsockname()[1]
    forwarded = {"X-Forwarded-For": "203.0.113.9"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=forwarded) as client:
        for path in ("/m/card/a-token-of-a-card", "/zh/?q=a-name", "/none/a-name"):
            answer = await client.get(path)
            assert "server" not in answer.headers
        await client.post("/m/sign-in", data={"number": "a-name", "pin": "123456"})
    running.should_exit = True
    await task
    told = "".join(capfd.readouterr())
    assert not [each for each in ("203.0.113.9", "a-token-of-a-card", "a-name") if each in told]


def test_a_certificate_for_phones_names_the_address(tmp_path: Path) -> None:
    pem, secret = server.make_certificate(tmp_path, "192.0.2.7")
    certificate = x509.load_pem_x509_certificate(pem.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(name) for name in names.get_values_for_type(x509.IPAddress)] == ["192.0.2.7"]
    assert secret.stat().st_mode & 0o777 == 0o600


def test_the_command_line_refuses_a_misspelt_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PANEL_DATA_DRI", "/nowhere")
    outcome = CliRunner().invoke(cli.main, ["audit", "verify"])
    assert outcome.exit_code == 1
    assert "PANEL_DATA_DIR" in outcome.output


def test_keys_are_made_once_and_never_over_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PANEL_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PANEL_KEY_DIR", str(tmp_path / "keys"))
    assert CliRunner().invoke(cli.main, ["keys"]).exit_code == 0
    before = {path.name: path.read_bytes() for path in (tmp_path / "keys").iterdir()}
    again = CliRunner().invoke(cli.main, ["keys"])
    assert again.exit_code == 1
    assert {path.name: path.read_bytes() for path in (tmp_path / "keys").iterdir()} == before


def test_the_command_line_makes_an_empty_city_with_its_administrator(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PANEL_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PANEL_KEY_DIR", str(tmp_path / "keys"))
    answers = ["init", "--login", "chief", "--name", "程某", "--password", "long-enough-secret"]
    first = CliRunner().invoke(cli.main, answers)
    assert first.exit_code == 0, first.output
    assert "otpauth://" in first.output
    second = CliRunner().invoke(cli.main, answers)
    assert second.exit_code == 1
    verified = CliRunner().invoke(cli.main, ["audit", "verify"])
    assert verified.exit_code == 0, verified.output
    code = CliRunner().invoke(cli.main, ["demo", "code", "chief"])
    assert code.exit_code == 1
    assert CliRunner().invoke(cli.main, ["rescue", "nobody"]).exit_code == 1
    rescued = CliRunner().invoke(cli.main, ["rescue", "Chief"])
    assert rescued.exit_code == 0, rescued.output
    assert "http://127.0.0.1:8000/invitation/" in rescued.output
