"""The organiser's own choice, for a pool too small to draw from: proposed, never given alone."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence

from panel.actor import Actor, Role
from panel.audit.commands import entry
from panel.ids import Code
from panel.recruitment import queries
from panel.recruitment.commands import lottery as running
from panel.recruitment.commands.publication import keep_places
from panel.recruitment.queries import lottery as runs
from panel.recruitment.queries.pool import frozen as frozen_pool
from panel.recruitment.queries.pool import roster
from panel.recruitment.rules import pool as counting
from panel.recruitment.rules import runs as rules
from panel.recruitment.tables import Lottery
from panel.recruitment.types.runs import CHOICE_COLUMNS, LotteryView, Method, Pick, RunKind
from panel.roster.rules.tables import read_table


async def choose_from(
    actor: Actor, campaign: Code, data: bytes, filename: str, reason: str, *, at: dt.datetime
) -> LotteryView:
    """Propose the choice that a filled-in sheet holds; every fault is named by its row."""
    actor.require(Role.COORDINATOR)
    sheet = await asyncio.to_thread(
        read_table, data, filename, CHOICE_COLUMNS, required=("报名号",), unique="报名号"
    )
    return await choose(actor, campaign, rules.picks(sheet.rows), reason, at=at)


async def choose(
    actor: Actor, campaign: Code, picks: Sequence[Pick], reason: str, *, at: dt.datetime
) -> LotteryView:
    """Propose the organiser's own choice, with the reason for it and one for each person.

    It is published as such by another person; firm quotas hold as in any draw. The reasons are
    sealed under each applicant's own key.
    """
    actor.require(Role.COORDINATOR)
    told = rules.check_reason(reason)
    found = await queries.campaign(campaign)
    frozen = await frozen_pool(found)
    rules.may_start(found, RunKind.REAL, Method.ORGANISER, frozen, at)
    people = await roster(found)
    eligible = counting.eligible(people)
    rules.enough(Method.ORGANISER, len(eligible), found.seats)
    plan = await queries.plan(found)
    seats, reserves = rules.check_picks(plan, eligible, picks)
    async with entry(actor, "recruitment.choose_members", at=at, reason=told) as note:
        row = await running.insert_run(
            found, RunKind.REAL, Method.ORGANISER, plan, (), people, frozen,
            actor=actor, lists=1, at=at,
        )  # fmt: skip
        await Lottery.update({Lottery.reason: told}).where(Lottery.id == row.id)
        names = [[each.ticket for each in some] for some in (seats, reserves)]
        await running.propose(row, names[0], names[1], at=at)
        reasons = {each.ticket: each.reason.strip() for each in picks}
        await keep_places(row.id, found, names[0], names[1], reasons, at=at)
        note.seal(row, *running.FIXED)
        note.about("lottery", row.code, campaign=campaign, seats=len(seats))
        return await runs.lottery(Code(row.code))
