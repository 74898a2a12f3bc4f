"""The command `panel`: init, serve, worker, demo, import, publish, verify, sign, audit, migrate."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from panel import clock, settings
from panel.errors import Invalid, Refusal
from panel.log import configure
from web import i18n
from web.draw import draw
from web.errors import text_of
from web.lottery import lottery
from web.releases import sign, verify
from web.runtime import Runtime, StartFault, opened

console = Console()


def _run(
    work: Callable[[Runtime], Coroutine[Any, Any, None]], *, migrate: bool | None = None
) -> None:
    """Run asynchronous work on an opened runtime; say refusals and faults plainly."""

    async def whole() -> None:
        own = settings.load()
        configure(own.log_level)
        async with opened(own, migrate=migrate) as runtime:
            await work(runtime)

    try:
        _loop(whole())
    except (StartFault, settings.SettingsFault) as fault:
        raise click.ClickException(str(fault)) from fault
    except Refusal as refusal:
        lang: i18n.Lang = "zh"
        lines = [text_of(lang, refusal)]
        if isinstance(refusal, Invalid):
            lines += [f"  {fault.path}: {text_of(lang, fault)}" for fault in refusal.faults]
        raise click.ClickException("\n".join(lines)) from refusal


def _loop(work: Coroutine[Any, Any, None]) -> None:
    """Run on uvloop where the platform has it."""
    if sys.platform == "win32":
        asyncio.run(work)
    else:
        import uvloop

        uvloop.run(work)


@click.group()
@click.version_option(package_name="panel")
def main() -> None:
    """Citizens supervise public services, fairly."""


main.add_command(lottery)
main.add_command(draw)
main.add_command(verify)
main.add_command(sign)


@main.command()
@click.option("--login", prompt="Sign-in name of the first administrator", default="admin")
@click.option("--name", prompt="Name of that person")
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
def init(login: str, name: str, password: str) -> None:
    """Make an empty city with its first administrator."""
    from panel.accounts import commands as accounts
    from panel.vault.types import Identity

    async def work(_: Runtime) -> None:
        setup = await accounts.found(Identity(name=name), login, password, at=clock.now())
        console.print(f"Administrator [b]{login}[/b] is ready. Second factor, to be typed once:")
        console.print(f"  {setup.secret}\n  {setup.uri}", soft_wrap=True)
        console.print("Next: panel serve, then sign in at /sign-in and invite colleagues.")

    _run(work, migrate=True)


@main.command("keys")
def make_keys() -> None:
    """Make the key folder of a new city; hosts that share a database share a copy of it."""
    from panel.keys import KeyFault, load

    folder = settings.load().key_dir
    try:
        if any(folder.glob("*.key")):
            raise click.ClickException(f"{folder} holds keys already; nothing was changed")
        own = load(folder, create=True)
    except (KeyFault, OSError) as fault:
        raise click.ClickException(str(fault)) from fault
    console.print(f"Keys are in {folder} (fingerprint {own.fingerprint()}).")
    console.print("Keep a copy apart from every backup: without them no name can be read again.")


@main.command()
@click.argument("login")
def rescue(login: str) -> None:
    """Invite an administrator again who lost the second factor; the history tells of it."""
    from panel.accounts import commands as accounts

    async def work(runtime: Runtime) -> None:
        invited = await accounts.rescue(login, at=clock.now())
        url = f"{runtime.settings.base_url}/invitation/{invited.token}"
        console.print(f"The sessions of [b]{invited.login}[/b] ended. Open once, within 7 days:")
        console.print(f"  {url}", soft_wrap=True)

    _run(work)


@main.command()
def migrate() -> None:
    """Bring the database up to this version (SQLite files do it by themselves)."""

    async def work(_: Runtime) -> None:
        console.print("The database is up to date.")

    _run(work, migrate=True)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--lan", is_flag=True, help="Serve phones in this network, with a generated TLS key.")
@click.option("--no-worker", is_flag=True, help="Run jobs elsewhere (panel worker).")
def serve(*, host: str, port: int, lan: bool, no_worker: bool) -> None:
    """Serve the pages, with the worker inside."""
    from web import server

    try:
        own = settings.load()
        configure(own.log_level)
        _loop(server.serve(own, console, host=host, port=port, lan=lan, worker=not no_worker))
    except (StartFault, settings.SettingsFault) as fault:
        raise click.ClickException(str(fault)) from fault


@main.command()
def worker() -> None:
    """Run jobs and seal the history beside other processes."""
    from web import worker as web_worker

    async def work(runtime: Runtime) -> None:
        await web_worker.run(runtime.settings, asyncio.Event())

    _run(work)


@main.command()
def publish() -> None:
    """Write the files of every publication that waits for them; the service does so by itself."""
    from web import release

    async def work(runtime: Runtime) -> None:
        for name in await release.write_due(runtime.settings, at=clock.now()):
            console.print(runtime.settings.releases_dir / name, soft_wrap=True)

    _run(work)


@main.group()
def audit() -> None:
    """Check the history."""


@audit.command("verify")
@click.option("--head", help="Head kept elsewhere, as SEQUENCE:HASH.")
def audit_verify(head: str | None) -> None:
    """Find changed, dropped, reordered entries, a cut tail, and rows changed by SQL."""
    from panel.audit import queries
    from panel.audit.types import Head
    from panel.piccolo_app import our_tables

    async def work(_: Runtime) -> None:
        kept = None
        if head:
            sequence, _mark, digest = head.partition(":")
            kept = Head(int(sequence), digest)
        found = await queries.verify(our_tables(), kept=kept)
        console.print(
            f"{found.entries} entries, {found.unsealed} not sealed yet, "
            f"{found.rows} protected rows; head {found.head.sequence}:{found.head.hash}",
            soft_wrap=True,
        )
        for finding in found.findings:
            console.print(f"  [red]{finding.trouble}[/red] {finding.place}")
        if found.findings:
            raise click.ClickException(f"{len(found.findings)} troubles found")
        console.print("[green]Nothing was changed behind the service.[/green]")

    _run(work)


@main.command("import")
@click.argument("kind", type=click.Choice(["units", "halls", "windows", "items"]))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(kind: str, file: Path) -> None:
    """Import a table of the roster (CSV or XLSX), all or nothing."""
    from panel.actor import Actor, Role
    from panel.roster import commands as roster
    from panel.roster.types import TableKind

    data = file.read_bytes()

    async def work(_: Runtime) -> None:
        operator = Actor(name="operator", roles=frozenset({Role.COORDINATOR}))
        report = await roster.import_file(
            operator, TableKind(kind), data, file.name, at=clock.now()
        )
        console.print(
            f"{report.rows} rows: {report.added} added, {report.changed} changed, "
            f"{report.unchanged} unchanged"
        )

    _run(work)


@main.command(hidden=True)
def migration() -> None:
    """Write a migration for the difference between tables and migrations."""
    from panel.db import migrations

    path = asyncio.run(migrations.write_migration("schema"))
    console.print(path or "Tables and migrations agree.")


@main.group(invoke_without_command=True)
@click.option(
    "--story",
    type=click.Choice(["round", "term", "year"]),
    help="Play a story through the commands.",
)
@click.option("--scale", default=1.0, show_default=True, type=click.FloatRange(0.1, 1.0))
@click.option("--reset", is_flag=True, help="Throw the sample city away first.")
@click.option("--if-empty", is_flag=True, help="Do nothing where a city stands already.")
@click.pass_context
def demo(
    context: click.Context, *, story: str | None, scale: float, reset: bool, if_empty: bool
) -> None:
    """Play the sample city, or show a sign-in code of one of its people."""
    if context.invoked_subcommand is not None:
        return
    if story is None:
        raise click.UsageError("say which story: panel demo --story round, or --story term")
    from web import demo as web_demo

    try:
        own = settings.load()
        configure("WARNING")
        _loop(web_demo.play(own, console, story, scale=scale, reset=reset, if_empty=if_empty))
    except (StartFault, settings.SettingsFault) as fault:
        raise click.ClickException(str(fault)) from fault


@demo.command("code")
@click.argument("name")
def demo_code(name: str) -> None:
    """Print the current one-time code of a sample account."""
    from panel.accounts import queries

    async def work(_: Runtime) -> None:
        console.print(await queries.sample_code(name, at=clock.now()))

    _run(work)
