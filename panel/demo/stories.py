"""The stories: whole runs of the service through the very commands that its pages use."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec

import panel.rulebook
from panel.accounts import commands as accounts
from panel.accounts.types import Card, CardRequest
from panel.actor import Actor
from panel.demo import (
    following,
    founding,
    judging,
    recruiting,
    selecting,
    serving,
    targeting,
    visiting,
    yearly,
)
from panel.demo.progress import Progress
from panel.demo.timeline import Timeline
from panel.ids import Code, PersonId
from panel.members import queries as members
from panel.recruitment.types.campaigns import CampaignKind
from panel.vault import commands as vault
from panel.visits import commands as visits
from panel.visits import queries as tasks
from panel.visits.types import TaskState

SEATS: Final = 1000
VISITS: Final = 9
"""Visits a window; a small city is visited a little less, since few must carry all."""
_HEARD: Final = 30
"""Days that hearing the units and the public notice take, holidays included."""
PIN: Final = "246802"
_MEASURES: Final = Path(panel.rulebook.__file__).with_name("default.toml")


class Ending(msgspec.Struct):
    """What somebody needs who wants to go on by hand."""

    campaign: Code = Code("")
    round: Code = Code("")
    running: Code = Code("")
    targeted: Code = Code("")
    """The targeted evaluation of units with many upheld complaints."""
    open_campaign: Code = Code("")
    liaisons: dict[str, str] = {}
    """Units' names by the sign-in names of their liaisons."""
    card_number: str = ""
    """A member with a PIN and open tasks."""
    fresh_card: str = ""
    """The token of a card that nobody opened yet."""
    fresh_digits: str = ""
    """The last four digits of the telephone that belongs to it."""
    told: serving.Told = msgspec.field(default_factory=serving.Told)
    """What the story of a term counted."""


async def round_(
    scale: float, seed: str, now: dt.datetime, ending: Ending
) -> AsyncIterator[Progress]:
    """Play recruitment, a round, its ranking and the start of the next one; ends at ``now``."""
    time = Timeline(now)
    early = time.back(_HEARD)
    staff: dict[str, Actor] = {}
    recruited = recruiting.Recruited()
    toml = _MEASURES.read_text(encoding="utf-8")
    async for step in _panel(early, scale, seed, (staff, recruited), toml=toml):
        yield step
    ending.campaign = recruited.campaign
    yield Progress("assign", 0, 1)
    visits_each = VISITS if scale >= 1 else VISITS - 1
    draft = visiting.first_round(early, visits_each, double_percent=4)
    view = await visiting.plan(staff, early, draft, days=42)
    ending.round = view.code
    yield Progress("assign", 1, 1)
    course = visiting.first_course(early, recruited.members, seed)
    async for step in visiting.play(staff, early, view, course):
        yield step
    await visits.close(staff["coordinator"], view.code, at=early.days_ago(10, 19))
    hearing = judging.Hearing(early.days_ago(10, 20), rejected=1)
    async for step in judging.judge(staff, view.code, ending.liaisons, hearing):
        yield step
    yield Progress("next", 0, 4)
    running = await visiting.plan(staff, time, visiting.next_round(time), days=10)
    ending.running = running.code
    yield Progress("next", 1, 4)
    course = visiting.second_course(time, recruited.members, seed)
    async for step in visiting.play(staff, time, running, course):
        yield msgspec.structs.replace(step, step=f"second_{step.step}")
    ending.targeted = await targeting.target(staff, time, recruited.members, seed)
    yield Progress("next", 2, 4)
    await following.keep_busy(staff, time, [running.code, ending.targeted])
    await following.follow(staff, time, view.code, ending.liaisons)
    yield Progress("next", 3, 4)
    opened = await recruiting.announce(
        staff,
        time,
        max(5, round(SEATS * scale) // 20),
        days=9,
        length=12,
        lead=80,
        title=recruiting.ADDITIONAL,
    )
    ending.open_campaign = opened.code
    await _to_try(staff, recruited.members, running.code, ending, at=now)
    yield Progress("next", 4, 4)


async def year(
    scale: float, seed: str, now: dt.datetime, ending: Ending
) -> AsyncIterator[Progress]:
    """Play a year: four rounds that add up, appeals, a correction, officers, marks, orders."""
    time = yearly.end(now)
    staff: dict[str, Actor] = {}
    recruited = recruiting.Recruited()
    toml = yearly.measures(_MEASURES.read_text(encoding="utf-8"))
    early = yearly.beginning(time)
    async for step in _panel(early, scale, seed, (staff, recruited), toml=toml):
        yield step
    ending.campaign = recruited.campaign
    course = yearly.Year(staff, time, recruited.members, seed, ending.liaisons)
    async for step in course.play():
        yield step
    # Certificates last twelve months: the panel is examined again before they end.
    await selecting.qualify(staff["coordinator"], recruited.members, time, 1)
    ending.round = course.codes[-1]


async def _panel(
    time: Timeline,
    scale: float,
    seed: str,
    found: tuple[dict[str, Actor], recruiting.Recruited],
    *,
    toml: str,
) -> AsyncIterator[Progress]:
    """Found the city, recruit the panel and give everybody a card; fills in staff and members."""
    staff, recruited = found
    yield Progress("found", 0, 1)
    staff.update(await founding.found(time, toml))
    yield Progress("found", 1, 1)
    async for step in founding.fill_roster(staff, time, scale):
        yield step
    seats = max(40, round(SEATS * scale))
    async for step in recruiting.recruit(staff, time, seats, seed, recruited):
        yield step
    async for step in selecting.select(staff, time, recruited):
        yield step
    cards = await _cards(staff["coordinator"], recruited.members, at=time.days_ago(43))
    yield Progress("cards", len(cards), len(cards))


async def term(
    scale: float, seed: str, now: dt.datetime, ending: Ending
) -> AsyncIterator[Progress]:
    """Play a whole term: notice, objections, replacements, resignations, renewal, expiry.

    The recruitment lies two years back, so that the term has ended and the next one is recruited.
    """
    time = Timeline(now)
    early = Timeline(now - dt.timedelta(days=serving.BACK))
    yield Progress("found", 0, 1)
    staff = await founding.found(early, _MEASURES.read_text(encoding="utf-8"))
    yield Progress("found", 1, 1)
    async for step in founding.fill_roster(staff, early, scale):
        yield step
    seats = max(40, round(SEATS * scale))
    recruited = recruiting.Recruited()
    async for step in recruiting.recruit(staff, early, seats, seed, recruited):
        yield step
    async for step in selecting.select(staff, early, recruited, disputes=2):
        yield step
    ending.campaign = recruited.campaign
    async for step in serving.serve(staff, time, recruited, ending.told):
        yield step
    opened = await recruiting.announce(
        staff,
        time,
        seats - ending.told.renewed,
        days=9,
        length=12,
        lead=80,
        title=recruiting.REPLACEMENT,
        kind=CampaignKind.REPLACEMENT,
    )
    ending.open_campaign = opened.code


async def _cards(actor: Actor, codes: Sequence[Code], *, at: dt.datetime) -> list[Card]:
    """Issue every member's card; the story keeps none of them."""
    seats = [CardRequest(member.code, member.person) for member in await members.several(codes)]
    return await accounts.issue_cards(actor, seats, at=at)


async def _to_try(
    staff: dict[str, Actor],
    codes: Sequence[Code],
    running: Code,
    ending: Ending,
    *,
    at: dt.datetime,
) -> None:
    """Give two members with open tasks new cards: one with a PIN, one still unopened."""
    found: list[Code] = []
    for code in codes:
        states = {
            task.state
            for task in await tasks.member_tasks(code, at=at)
            if task.round_code == running
        }
        if states & {TaskState.OFFERED, TaskState.ACCEPTED}:
            found.append(code)
        if len(found) == 2:  # noqa: PLR2004 - one of each
            break
    people = {member.code: member.person for member in await members.several(found)}
    cards = await accounts.issue_cards(
        staff["coordinator"], [CardRequest(code, people[code]) for code in found], at=at
    )
    phones = {code: (await _phone(staff["coordinator"], people[code], at=at)) for code in found}
    ready, fresh = cards[0], cards[-1]
    await accounts.redeem_card(ready.token, phones[ready.member][-4:], PIN, at=at)
    ending.card_number = ready.number
    ending.fresh_card = fresh.token
    ending.fresh_digits = phones[fresh.member][-4:]


async def _phone(actor: Actor, person: PersonId, *, at: dt.datetime) -> str:
    """Look up a sample member's number as a coordinator would: logged, and shown to the member."""
    return (await vault.look(actor, person, ("phone",), "制作样板监督员证", at=at)).phone


STORIES: Final[dict[str, Callable[[float, str, dt.datetime, Ending], AsyncIterator[Progress]]]] = {
    "round": round_,
    "term": term,
    "year": year,
}
"""What ``panel demo --story`` can play."""
