"""Runs of the lottery: started, made turn by turn in a worker, cancelled."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import zlib
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from panel.actor import SYSTEM, Actor, Role, Signature
from panel.audit.commands import Note, entry
from panel.chance import canonical
from panel.db import Duplicate, insert_rows, savepoint, transaction
from panel.entropy import code as fresh_code
from panel.errors import Conflict
from panel.ids import Code
from panel.queue import commands as queue
from panel.recruitment import queries
from panel.recruitment.commands import aside, papers
from panel.recruitment.queries import lottery as runs
from panel.recruitment.queries.pool import frozen as frozen_pool
from panel.recruitment.queries.pool import live_roster, packed, roster
from panel.recruitment.rules import lottery, quotas
from panel.recruitment.rules import pool as counting
from panel.recruitment.rules import runs as rules
from panel.recruitment.tables import Campaign, Drawn, Lottery, Slice
from panel.recruitment.types.campaigns import CampaignState, CampaignView
from panel.recruitment.types.lottery import DrawPlan, Facts, PoolEntry, Relaxation, RosterEntry
from panel.recruitment.types.paper import PaperAct
from panel.recruitment.types.runs import (
    ALIVE,
    Frozen,
    LotteryView,
    Method,
    RunKind,
    RunState,
    Turn,
    Weighing,
    Work,
)
from panel.rulebook import queries as rulebook

JOB: Final = "recruitment.lottery"
FIXED: Final = (
    "code", "campaign", "kind", "method", "seats", "reserve", "lists", "plan", "relaxed", "root",
    "applicants", "pool", "sealed_hash", "seed",
)  # fmt: skip
LISTED: Final = (*FIXED, "file_hash")
_STEP: Final = 50
"""Lists of one turn of a large run: some ten seconds."""


async def start(
    actor: Actor,
    campaign: Code,
    kind: RunKind,
    method: Method = Method.LEXIMIN,
    *,
    at: dt.datetime,
    relax: bool = False,
    lists: int | None = None,
    paper: Signature | None = None,
) -> LotteryView:
    """Start a test selection or the real run; the worker does the rest.

    Quotas that can't be met are refused by name. With ``relax`` the soft ones give way by the
    smallest relaxation; that takes another person than the campaign's author, or paper. A campaign
    never has two real runs alive, nor two tests in the making.
    """
    actor.require(Role.COORDINATOR)
    found = await queries.campaign(campaign)
    frozen = await frozen_pool(found)
    rules.may_start(found, kind, method, frozen, at)
    if method is Method.ORGANISER:  # chosen with reasons, by a command of its own
        raise Conflict("lottery.not_yet")
    announced = (await rulebook.version(found.rulebook)).rulebook.recruitment.lists
    wanted = announced if lists is None else lists
    rules.check_lists(wanted)
    people = await roster(found) if frozen else await live_roster(found, undecided=True)
    pool = counting.eligible(people)
    rules.enough(method, len(pool), found.seats)
    plan = await queries.plan(found)
    relaxed: tuple[Relaxation, ...] = ()
    if rules.by_number(method):
        plan, relaxed = await agreed(pool, plan, relax=relax)
    async with entry(actor, "recruitment.start_lottery", at=at, paper=paper) as note:
        if relax:
            await papers.second(found.author, actor, paper, PaperAct.START, campaign, at=at)
        row = await insert_run(
            found, kind, method, plan, relaxed, people, frozen, actor=actor, lists=wanted, at=at
        )
        if method is Method.ALL:
            tickets = rules.everybody(plan, pool, row.seed)
            await propose(row, tickets, (), at=at)
        else:
            await _next(Code(row.code), 0, at=at)
        note.seal(row, *FIXED)
        note.about("lottery", row.code, campaign=campaign, run=kind, method=method, root=row.root)
        return await runs.lottery(Code(row.code))


async def agreed(
    people: Sequence[PoolEntry], plan: DrawPlan, *, relax: bool
) -> tuple[DrawPlan, tuple[Relaxation, ...]]:
    """Return the plan that can be met; refuse by name what stands in the way."""
    found = await aside.weigh(Weighing(list(people), plan))
    if found.possible:
        return plan, ()
    if found.impossible or not relax:
        names = found.impossible or tuple(each.name for each in found.relaxations)
        raise Conflict("recruitment.quotas_impossible", quotas=names)
    return quotas.relaxed(plan, found.relaxations), found.relaxations


async def insert_run(  # noqa: PLR0917 - a row's own columns
    campaign: CampaignView,
    kind: RunKind,
    method: Method,
    plan: DrawPlan,
    relaxed: Sequence[Relaxation],
    people: Sequence[RosterEntry],
    frozen: Frozen | None,
    *,
    actor: Actor,
    lists: int,
    at: dt.datetime,
) -> Lottery:
    """Store a new run; joins the caller's entry. The unique ``alive`` has the last word."""
    row = Lottery(
        code=fresh_code(),
        campaign=campaign.id,
        kind=kind,
        method=method,
        state=RunState.QUEUED,
        alive=f"{campaign.code}:{kind.value}",
        seats=plan.seats,
        reserve=plan.reserves,
        lists=lists if rules.by_number(method) else 1,
        plan=canonical(msgspec.to_builtins(plan)).decode(),
        relaxed=canonical(msgspec.to_builtins(tuple(relaxed))).decode(),
        root=frozen.root if frozen else lottery.roster_root(people),
        applicants=len(people),
        pool=sum(each.eligible for each in people),
        sealed_hash=frozen.sealed_hash if frozen else _hash(lottery.sealed_roster(people)),
        people=b"" if frozen else packed(people),
        started_at=at,
        started_by=actor.person,
    )
    row.seed = rules.seed(campaign, kind, row.root, plan, method)
    if kind is RunKind.REAL:
        await _hold(campaign)
    taken = False
    try:
        async with savepoint():
            (row.id,) = await insert_rows(Lottery, [row])
    except Duplicate:
        taken = True
    if taken:
        raise Conflict("lottery.running_already")
    return row


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


async def _hold(campaign: CampaignView) -> None:
    """Make sure that nobody reopens the campaign while its run begins."""
    held = (
        await Campaign.update({Campaign.state: CampaignState.SELECTING})
        .where(
            Campaign.id == campaign.id,
            Campaign.state == CampaignState.SELECTING,
            Campaign.pool_root == campaign.pool_root,
        )
        .returning(Campaign.id)
    )
    if not held:
        raise Conflict("lottery.changed")


async def propose(
    row: Lottery, seats: Sequence[str], reserves: Sequence[str], *, at: dt.datetime
) -> None:
    """List a run that needs no number: the seats are known, another person must publish them."""
    facts = {
        "version": 1,
        "lottery": row.code,
        "method": str(row.method),
        "root": row.root,
        "applicants": row.applicants,
        "plan": msgspec.json.decode(row.plan),
        "seats": list(seats),
        "reserve": list(reserves),
    }
    file = canonical(facts)
    row.state, row.file_hash = RunState.LISTED, _hash(file)
    await Lottery.update(
        {
            Lottery.state: RunState.LISTED,
            Lottery.file: zlib.compress(file),
            Lottery.file_hash: row.file_hash,
            Lottery.listed_at: at,
            Lottery.done: 1,
        }
    ).where(Lottery.id == row.id)


async def _next(code: Code, done: int, *, at: dt.datetime) -> None:
    payload = {"lottery": code, "done": done}
    await queue.enqueue(JOB, payload, run_at=at, dedupe=f"lottery:{code}:{done}")


async def advance(code: Code, *, done: int | None = None, at: dt.datetime) -> bool:
    """Make a run's next lists and store them; tell whether there is more to do.

    A job's ``done`` says how many lists there were when it was enqueued: one that comes again
    finds more and does nothing. Without an outcome nothing is stored, so a killed worker loses
    one turn at most, and the same lists come out of it the next time.
    """
    view = await runs.lottery(code)
    if view.state not in {RunState.QUEUED, RunState.RUNNING} or done not in {None, view.done}:
        return False
    campaign = await queries.campaign(view.campaign)
    people = await runs.people_of(view, campaign)
    work = await _work(view, campaign, people)
    whole = True
    if not view.done or view.done + work.count >= view.lists:  # the first turn and the last
        data = await asyncio.to_thread(lottery.sealed_roster, people)
        whole = _hash(data) == view.sealed_hash
    made = await aside.turn(work) if whole else Turn(refusal="lottery.roster_changed")
    try:
        return await _keep(view, made, at=at)
    except Conflict:  # cancelled meanwhile, or another worker made the same lists
        return False


async def _keep(view: LotteryView, made: Turn, *, at: dt.datetime) -> bool:
    """Store what a turn brought and tell whether there is more to do."""
    if made.refusal:
        await _fail(view, made, at=at)
    elif made.file:
        await _list(view, made, at=at)
    else:
        async with transaction():
            await _store(view, made, RunState.RUNNING)
            await _next(view.code, view.done + made.size, at=at)
        return True
    return False


async def run_out(code: Code, *, at: dt.datetime) -> LotteryView:
    """Make all lists of a run at once, without the worker: for a story that is told quickly."""
    more = True
    while more:
        more = await advance(code, at=at)
    return await runs.lottery(code)


async def _work(view: LotteryView, campaign: CampaignView, people: Sequence[RosterEntry]) -> Work:
    preparation, slices = await runs.made_of(view)
    facts = Facts(
        campaign=campaign.code,
        criteria=campaign.criteria_hash,
        root=view.root,
        applicants=view.applicants,
        plan=view.plan,
        relaxed=view.relaxed,
        method=lottery.STRATIFIED if view.method is Method.STRATIFIED else lottery.LEXIMIN,
        library=lottery.library(),
        seed=view.seed,
        sealed=view.sealed_hash,
    )
    return Work(
        people=counting.eligible(people),
        plan=view.plan,
        method=view.method,
        seed=view.seed,
        lists=view.lists,
        count=view.lists if view.pool <= aside.SMALL else _STEP,
        preparation=preparation,
        slices=slices,
        facts=msgspec.json.encode(facts),
    )


async def _store(view: LotteryView, made: Turn, state: RunState) -> None:
    """Keep what a turn made, unless another worker or a cancellation was faster."""
    values: dict[Any, Any] = {Lottery.state: state, Lottery.done: view.done + made.size}
    if made.preparation:
        values[Lottery.preparation] = made.preparation
    updated = (
        await Lottery.update(values)
        .where(Lottery.id == view.id, Lottery.state == view.state, Lottery.done == view.done)
        .returning(Lottery.id)
    )
    if not updated:
        raise Conflict("lottery.changed")
    data = zlib.compress(made.slice)
    await insert_rows(Slice, [Slice(lottery=view.id, first=view.done, size=made.size, data=data)])


async def _list(view: LotteryView, made: Turn, *, at: dt.datetime) -> None:
    """Close a run's making: the file stands, and only the office knows it."""
    async with entry(SYSTEM, "recruitment.list_lottery", at=at) as note:
        await _store(view, made, RunState.LISTED)
        values: dict[Any, Any] = {
            Lottery.file: zlib.compress(made.file),
            Lottery.file_hash: _hash(made.file),
            Lottery.outlook: msgspec.json.encode(made.outlook).decode(),
            Lottery.listed_at: at,
            Lottery.people: b"",  # features of people are kept no longer than they are needed
            Lottery.preparation: b"",
        }
        if view.kind is RunKind.TEST:
            values[Lottery.alive] = None
        await Lottery.update(values).where(Lottery.id == view.id)
        await Slice.delete().where(Slice.lottery == view.id)  # the file holds all of it
        await seal(note, view)
        note.about("lottery", view.code, file=_hash(made.file), lists=view.lists)


async def _fail(view: LotteryView, made: Turn, *, at: dt.datetime) -> None:
    async with entry(SYSTEM, "recruitment.fail_lottery", at=at) as note:
        await end(view, (RunState.QUEUED, RunState.RUNNING), RunState.FAILED, "", at=at)
        await Lottery.update(
            {
                Lottery.error: made.refusal,
                Lottery.detail: msgspec.json.encode(made.detail).decode(),
            }
        ).where(Lottery.id == view.id)
        note.about("lottery", view.code, refusal=made.refusal)


async def cancel(actor: Actor, code: Code, reason: str, *, at: dt.datetime) -> LotteryView:
    """Stop a run whose lists nobody has seen; a later one makes the same lists again."""
    actor.require(Role.COORDINATOR)
    told = rules.check_reason(reason)
    async with entry(actor, "recruitment.cancel_lottery", at=at, reason=told) as note:
        view = await runs.lottery(code)
        making = (RunState.QUEUED, RunState.RUNNING)
        await end(view, making, RunState.CANCELLED, told, at=at)
        note.about("lottery", code, done=view.done)
        return await runs.lottery(code)


async def end(
    view: LotteryView,
    before: Sequence[RunState],
    after: RunState,
    reason: str,
    *,
    at: dt.datetime,
) -> None:
    """End a run for good; what it proposed is no longer proposed. Joins the caller's entry."""
    updated = (
        await Lottery.update(
            {
                Lottery.state: after,
                Lottery.alive: None,
                Lottery.people: b"",  # features of people are kept no longer than they are needed
                Lottery.preparation: b"",
                Lottery.demand: "",
                Lottery.ended_at: at,
                Lottery.end_reason: reason,
            }
        )
        .where(Lottery.id == view.id, Lottery.state.is_in([each.value for each in before]))
        .returning(Lottery.id)
    )
    if not updated:
        raise Conflict("lottery.changed")
    await Slice.delete().where(Slice.lottery == view.id)
    await Drawn.delete().where(Drawn.lottery == view.id)


async def end_runs(campaign: CampaignView, reason: str, *, at: dt.datetime) -> None:
    """End every run of a campaign that is cancelled; joins the caller's entry."""
    before = [each for each in ALIVE if each is not RunState.DRAWN]
    for view in await runs.runs_of(campaign):
        if view.state in before:
            await end(view, before, RunState.VOID, reason, at=at)


async def seal(note: Note, view: LotteryView) -> None:
    """Keep the digest of a run as it stands, so that a change by SQL is found."""
    row = await Lottery.objects().where(Lottery.id == view.id).first()
    if row is not None:
        note.seal(row, *LISTED, "number", "value")
