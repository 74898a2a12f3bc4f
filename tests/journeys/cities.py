"""Sample cities: each story is played once, by the command line, and every file has its copy."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import pytest

from panel import clock
from panel.accounts import commands as cards
from panel.accounts import queries as accounts
from panel.accounts.types import CardRequest
from panel.demo import stories
from panel.ids import Code
from panel.members import queries as members
from panel.vault import commands as vault
from tests.journeys import town as towns
from tests.journeys.town import Town

SCALE: Final = 0.1
PANEL: Final = Path(sys.executable).with_name("panel")
_PATIENCE: Final = 900
"""Seconds: a year of four rounds on a busy machine."""


class City(NamedTuple):
    """A city's folders, and what its story told in the end."""

    environment: dict[str, str]
    ending: stories.Ending

    @property
    def folder(self) -> Path:
        """Return the folder that holds data and keys."""
        return Path(self.environment["PANEL_DATA_DIR"]).parent

    async def panel(self, *words: str) -> str:
        """Run the command line and return what it prints."""
        return await _run(self.environment, *words)


async def _run(environment: dict[str, str], *words: str) -> str:
    process = await asyncio.create_subprocess_exec(
        PANEL,
        *words,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(_PATIENCE):
        told, _ = await process.communicate()
    assert process.returncode == 0, told.decode()
    return told.decode()


def _environment(folder: Path) -> dict[str, str]:
    return {
        **{key: value for key, value in os.environ.items() if key != "DATABASE_URL"},
        "PANEL_DATA_DIR": str(folder / "data"),
        "PANEL_KEY_DIR": str(folder / "keys"),
    }


async def played(story: str, temporary: pytest.TempPathFactory) -> City:
    """Return a copy of a city whose story was played, by whoever asked first, in this run."""
    base = temporary.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    first, own = shared / f"story-{story}", temporary.mktemp(story)
    with (shared / f"story-{story}.lock").open("w") as lock:
        await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)
        if not (first / "played").exists():
            await _run(_environment(first), "demo", "--story", story, "--scale", str(SCALE))
            (first / "played").touch()
    await asyncio.to_thread(shutil.copytree, first, own, symlinks=True, dirs_exist_ok=True)
    notes = (own / "data" / "sample-city.json").read_bytes()
    return City(_environment(own), msgspec.json.decode(notes, type=stories.Ending))


@asynccontextmanager
async def lived_in(city: City) -> AsyncIterator[Town]:
    """Serve a city in this process, where its clock can be moved on."""
    with pytest.MonkeyPatch.context() as patch:
        async with towns.served(city.folder, patch, clock.now()) as town:
            yield town


async def card_of(member: Code, town: Town) -> str:
    """Give a member of the city a new card with the story's PIN; return its number."""
    office, at = await accounts.actor_named("coordinator"), town.now()
    seat = (await members.member(member)).person
    (card,) = await cards.issue_cards(office, [CardRequest(member, seat)], at=at)
    phone = (await vault.look(office, seat, ("phone",), "sample card", at=at)).phone
    await cards.redeem_card(card.token, phone[-4:], stories.PIN, at=at)
    return card.number
