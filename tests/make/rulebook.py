"""A city's measures in force, made by the real commands."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import panel.rulebook
from panel.evaluations.commands import dryrun
from panel.rulebook import commands
from panel.rulebook.types import RulebookVersion
from tests import people
from tests.tables import remembered

DEFAULT = Path(panel.rulebook.__file__).with_name("default.toml").read_text(encoding="utf-8")
AT = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)


@remembered
async def approved(toml: str = DEFAULT, *, at: dt.datetime = AT) -> RulebookVersion:
    """Return measures that one coordinator proposed and another approved."""
    proposed = await commands.propose(people.coordinator, toml, at=at)
    return await in_force(proposed, at=at)


async def in_force(proposed: RulebookVersion, *, at: dt.datetime = AT) -> RulebookVersion:
    """Try a proposal on the last round and let a second person approve it."""
    await dryrun.dry_run(people.coordinator, proposed.rulebook, at=at)
    return await commands.approve(people.second, proposed.code, at=at)
