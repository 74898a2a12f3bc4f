"""Members with an accepted task and a phone: what the journeys of the sheet share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import pytest_asyncio
from playwright.async_api import Browser

from panel.accounts import commands as cards
from panel.accounts import queries as accounts
from panel.accounts.types import CardRequest
from panel.members import queries as members
from panel.visits import commands as visits
from panel.visits import queries as tasks
from panel.visits.types import TaskState
from tests import people
from tests.journeys.browser import Person, person
from tests.journeys.town import Town
from tests.make import visits as rounds
from tests.make.accounts import PIN

FOLDER = "sheet"


class Visitor(NamedTuple):
    """A member with a card, a PIN and an accepted task."""

    card: str
    task: str


Visitors = AsyncIterator[Visitor]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def visitors(town: Town) -> Visitors:
    """Draw a round in the town; each visitor that is taken from here is another member."""
    town.wait_until(rounds.AT)
    setting = await rounds.running_round(members_count=24, units=6)
    town.wait_until(rounds.DURING)
    return _each(town, setting)


async def _each(town: Town, setting: rounds.Setting) -> Visitors:
    for number, code in enumerate(setting.members, start=1):
        found = await tasks.member_tasks(code, at=town.now())
        task = next((each for each in found if each.state is TaskState.OFFERED), None)
        if task is None:
            continue
        seat = CardRequest(member=code, person=(await members.member(code)).person)
        (card,) = await cards.issue_cards(people.coordinator, [seat], at=town.now())
        await cards.redeem_card(card.token, f"{number:04d}", PIN, at=town.now())
        await visits.accept(await accounts.actor_of_member(code), task.code, at=town.now())
        yield Visitor(card.number, f"/m/tasks/{task.code}")


async def at_the_sheet(chromium: Browser, town: Town, visitor: Visitor, **more: Any) -> Person:
    """Return somebody who signed in and opened the sheet."""
    someone = await person(chromium, town.base, FOLDER, **more)
    await someone.go(f"/m/sign-in?next={visitor.task}/sheet")
    await sign_in(someone, visitor)
    return someone


async def sign_in(someone: Person, visitor: Visitor) -> None:
    """Sign in by card number and PIN; the sheet follows."""
    await someone.type(number=visitor.card, pin=PIN)
    await someone.press("Sign in")
    assert someone.path == f"{visitor.task}/sheet"
