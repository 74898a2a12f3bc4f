"""The command `panel lottery`: anybody checks a published lottery, without a city of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from web.i18n import LOCALES, gettext

_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def lottery() -> None:
    """Check a published lottery."""


@lottery.command()
@click.argument("file", type=_FILE)
@click.option("--sha256", help="The file's SHA-256 as it was announced.")
@click.option("--number", help="The drawn number: the list it names is printed.")
@click.option("--proof", type=_FILE, help="Your own proof file from the page of your application.")
@click.option("--sealed", type=_FILE, help="For witnesses: the sealed roster.")
def verify(
    file: Path, sha256: str | None, number: str | None, proof: Path | None, sealed: Path | None
) -> None:
    """Count everything in FILE again; the exit code is 1 where something does not hold."""
    from panel.recruitment.queries import checking

    data = file.read_bytes()
    found = checking.checks(
        data,
        sha256,
        number,
        proof.read_bytes() if proof else None,
        sealed.read_bytes() if sealed else None,
    )
    for check in found:
        click.echo(_both("lottery.passed" if check.passed else "lottery.failed", check.code))
    told = checking.named(data, number) if number else None
    if told is not None:
        label, seats, spare = told
        for key, tickets in (("lottery.listed_seats", seats), ("lottery.listed_reserve", spare)):
            click.echo(f"\n{_line(key, number=label, count=len(tickets))}\n{' '.join(tickets)}")
    holds = all(check.passed for check in found)
    click.echo(f"\n{_line('lottery.holds' if holds else 'lottery.holds_not')}")
    if not holds:
        raise SystemExit(1)


def _both(outcome: str, code: str) -> str:
    """Say in both languages what was checked and how it came out."""
    return "  ".join(
        gettext(lang, outcome, check=gettext(lang, f"lottery.check.{code}")) for lang in LOCALES
    )


def _line(key: str, **values: object) -> str:
    return "\n".join(gettext(lang, key, **values) for lang in LOCALES)
