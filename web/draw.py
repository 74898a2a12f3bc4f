"""The command `panel draw`: anybody checks a published draw, without a city of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from web.i18n import LOCALES, gettext

_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def draw() -> None:
    """Check a published draw of visitors."""


@draw.command()
@click.argument("file", type=_FILE)
@click.option("--proof", type=_FILE, help="Your own proof file from the page of your task.")
def verify(file: Path, proof: Path | None) -> None:
    """Check everything in FILE again; the exit code is 1 where something does not hold."""
    from panel.visits.queries import draws

    data = file.read_bytes()
    found = draws.checks(data, proof.read_bytes() if proof else b"")
    for name, holds in found:
        click.echo(_both("draw.passed" if holds else "draw.failed", name))
    click.echo(f"\n{_line('draw.commitment_is', hash=draws.commitment_of(data))}")
    holds = all(passed for _, passed in found)
    click.echo(f"\n{_line('draw.holds' if holds else 'draw.holds_not')}")
    if not holds:
        raise SystemExit(1)


def _both(outcome: str, name: str) -> str:
    """Say in both languages what was checked and how it came out."""
    kind, _, number = name.partition(" ")
    return "  ".join(
        gettext(lang, outcome, check=gettext(lang, f"draw.check.{kind}", number=number))
        for lang in LOCALES
    )


def _line(key: str, **values: object) -> str:
    return "\n".join(gettext(lang, key, **values) for lang in LOCALES)
