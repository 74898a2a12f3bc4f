"""Runs of the lottery: started, made in turns, stopped, resumed; never two real ones."""

from __future__ import annotations

import asyncio
import datetime as dt

import msgspec
import pytest
import pytest_asyncio

from panel import clock, db
from panel.audit import queries as audit
from panel.errors import Conflict, Forbidden, Invalid
from panel.ids import Code
from panel.piccolo_app import our_tables
from panel.recruitment import commands as recruitment
from panel.recruitment import queries
from panel.recruitment.commands import aside, publication
from panel.recruitment.commands import lottery as commands
from panel.recruitment.commands.pool import thaw_pool
from panel.recruitment.queries import lottery as runs
from panel.recruitment.queries.pool import frozen, packed, pool, roster
from panel.recruitment.rules import lottery
from panel.recruitment.tables import Application, FrozenPool, Lottery, Slice
from panel.recruitment.types.runs import LotteryView, Method, RunKind, RunState, Turn, Work
from panel.settings import Settings
from tests import people
from tests.make import lottery as make
from tests.make import recruitment as campaigns
from web import jobs, worker

AT = make.AT


@pytest_asyncio.fixture(loop_scope="session")
async def few_quotas(engine: db.Engine) -> Code:
    """Put a rulebook with category quotas alone into force."""
    return await campaigns.rulebook_in_force(campaigns.small_toml())


async def test_a_run_makes_lists_that_anybody_can_verify(few_quotas: Code) -> None:
    view = await make.listed(40)
    assert view.state is RunState.LISTED
    assert (view.done, view.lists) == (make.LISTS, make.LISTS)
    data = await runs.file(view)
    assert lottery.file_digest(data) == view.file_hash
    checks = lottery.verify(data, view.file_hash)
    assert checks
    assert all(each.passed for each in checks), checks
    book = lottery.read_document(data).book
    assert {len(each) for each in book.lists} == {10}
    assert view.outlook is not None
    assert 0 < view.outlook.least <= 1_000_000
    spans = {each.name: each for each in view.outlook.spans}
    assert spans["people"].fewest >= 8
    assert await Slice.count() == 0
    verified = await audit.verify(our_tables())
    assert not verified.findings


@pytest.mark.engines("sqlite")  # the engines keep slices alike; the arithmetic takes seconds
async def test_the_same_roster_gives_the_same_file_however_it_is_sliced(
    few_quotas: Code, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = await campaigns.selecting(40)
    first = await commands.run_out((await make.started(campaign.code)).code, at=AT)
    whole = await runs.file(first)
    await Lottery.delete(force=True)
    monkeypatch.setattr(aside, "SMALL", 0)
    monkeypatch.setattr(commands, "_STEP", 7)
    view = await make.started(campaign.code)
    made = []
    while await commands.advance(view.code, at=AT):
        made.append((await runs.lottery(view.code)).done)
    assert made == [7, 14]
    assert await runs.file(await runs.lottery(view.code)) == whole


async def test_an_early_run_is_refused_and_a_test_is_possible_before_the_vetting(
    few_quotas: Code,
) -> None:
    campaign = await campaigns.announced()
    await campaigns.applied(campaign.code, 20)
    for kind in RunKind:
        with pytest.raises(Conflict, match=r"lottery\.not_yet"):
            await commands.start(people.coordinator, campaign.code, kind, at=campaigns.OPEN)
    with pytest.raises(Conflict, match=r"lottery\.not_yet"):
        await make.started(campaign.code)
    view = await make.started(campaign.code, RunKind.TEST)
    assert view.pool == 20
    done = await commands.run_out(view.code, at=AT)
    assert done.state is RunState.LISTED
    with pytest.raises(Conflict, match=r"lottery\.changed"):
        await publication.publish(people.second, view.code, make.SOURCE, at=AT)
    with pytest.raises(Conflict, match=r"lottery\.no_test"):
        await make.started(campaign.code, RunKind.TEST, Method.ALL)


async def test_only_a_coordinator_starts_or_cancels_a_run(few_quotas: Code) -> None:
    campaign = await campaigns.selecting(20)
    for stranger in (people.auditor, people.clerk_a, people.publisher):
        with pytest.raises(Forbidden):
            await commands.start(stranger, campaign.code, RunKind.REAL, at=AT)
    view = await make.started(campaign.code)
    with pytest.raises(Forbidden):
        await commands.cancel(people.publisher, view.code, "误操作", at=AT)
    with pytest.raises(Invalid):
        await commands.cancel(people.coordinator, view.code, " ", at=AT)


async def test_there_are_never_two_living_real_runs(few_quotas: Code) -> None:
    campaign = await campaigns.selecting(20)
    outcomes = await asyncio.gather(
        *(
            db.detached(commands.start(each, campaign.code, RunKind.REAL, at=AT, lists=make.LISTS))
            for each in (people.coordinator, people.second)
        ),
        return_exceptions=True,
    )
    refused = [each for each in outcomes if isinstance(each, Conflict)]
    assert [each.code for each in refused] == ["lottery.running_already"]
    (view,) = [each for each in outcomes if isinstance(each, LotteryView)]
    with pytest.raises(Conflict, match=r"lottery\.running_already"):
        await thaw_pool(await queries.campaign(campaign.code))
    await commands.cancel(people.second, view.code, "重新核对名册", at=AT)
    again = await make.started(campaign.code)
    assert again.seed == view.seed  # nobody can try for another outcome
    assert [each.state for each in await runs.runs_of(campaign)] == ["queued", "cancelled"]


async def test_a_test_beside_the_real_run_changes_nothing_of_it(few_quotas: Code) -> None:
    real = await make.listed(20)
    test = await make.started(real.campaign, RunKind.TEST)
    assert test.seed != real.seed
    with pytest.raises(Conflict, match=r"lottery\.running_already"):
        await make.started(real.campaign, RunKind.TEST)
    await commands.run_out(test.code, at=AT)
    found = await runs.real_run(real.campaign)
    assert found is not None
    assert found.code == real.code


async def test_a_cancelled_run_is_not_finished_by_a_late_worker(
    few_quotas: Code, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = await campaigns.selecting(20)
    monkeypatch.setattr(aside, "SMALL", 0)
    monkeypatch.setattr(commands, "_STEP", 5)
    view = await make.started(campaign.code)
    assert await commands.advance(view.code, done=0, at=AT)
    real, made, go = aside.turn, asyncio.Event(), asyncio.Event()

    async def held(work: Work) -> Turn:
        found = await real(work)
        made.set()
        await go.wait()
        return found

    monkeypatch.setattr(aside, "turn", held)
    working = db.detached(commands.advance(view.code, done=5, at=AT))
    await made.wait()
    await commands.cancel(people.coordinator, view.code, "误操作", at=AT)
    go.set()
    assert not await working
    assert (await runs.lottery(view.code)).state is RunState.CANCELLED
    assert await Slice.count() == 0
    row = await Lottery.select(Lottery.people, Lottery.preparation).first()
    assert row is not None
    assert not row["people"]
    assert not row["preparation"]  # features stay no longer than they are needed
    assert not await commands.advance(view.code, at=AT)
    with pytest.raises(Conflict, match=r"lottery\.changed"):
        await commands.cancel(people.coordinator, view.code, "误操作", at=AT)


async def test_two_workers_at_one_turn_make_it_once(
    few_quotas: Code, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = await campaigns.selecting(20)
    monkeypatch.setattr(aside, "SMALL", 0)
    monkeypatch.setattr(commands, "_STEP", 5)
    view = await make.started(campaign.code)
    both = [db.detached(commands.advance(view.code, done=0, at=AT)) for _ in range(2)]
    assert sorted(await asyncio.gather(*both)) == [False, True]
    assert (await runs.lottery(view.code)).done == 5
    assert not await commands.advance(view.code, done=0, at=AT)  # a job that comes again
    done = await commands.run_out(view.code, at=AT)
    assert done.state is RunState.LISTED


async def test_the_worker_makes_the_lists_turn_by_turn(
    few_quotas: Code, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = await campaigns.selecting(20)
    monkeypatch.setattr(aside, "SMALL", 0)
    monkeypatch.setattr(commands, "_STEP", 10)
    monkeypatch.setattr(clock, "now", lambda: AT + dt.timedelta(seconds=1))
    view = await make.started(campaign.code)
    seen = []
    while await worker.once(Settings(), "w", [commands.JOB], jobs.KINDS, {}):
        seen.append((await runs.lottery(view.code)).done)
    assert seen == [10, 20]
    assert (await runs.lottery(view.code)).state is RunState.LISTED


async def test_quotas_that_cannot_be_met_are_named_and_relaxed_by_another_person(
    few_quotas: Code,
) -> None:
    campaign = await campaigns.announced()
    tickets = await campaigns.applied(campaign.code, 16)
    await Application.update({Application.category: "enterprise"}).where(
        Application.category == "resident"
    )
    await campaigns.screened(campaign.code, tickets)
    await recruitment.finish_screening(people.coordinator, campaign.code, at=AT)
    with pytest.raises(Conflict, match=r"recruitment\.quotas_impossible") as refusal:
        await make.started(campaign.code)
    assert "category:resident" in refusal.value.values["quotas"]  # type: ignore[operator]
    with pytest.raises(Forbidden, match=r"approval\.same_person"):
        await commands.start(people.coordinator, campaign.code, RunKind.REAL, at=AT, relax=True)
    view = await commands.start(
        people.second, campaign.code, RunKind.REAL, at=AT, relax=True, lists=make.LISTS
    )
    assert "category:resident" in {each.name for each in view.relaxed}
    done = await commands.run_out(view.code, at=AT)
    assert all(each.passed for each in lottery.verify(await runs.file(done)))


async def test_a_withdrawal_after_the_vetting_moves_nothing(few_quotas: Code) -> None:
    campaign = await campaigns.selecting(20)
    fixed = await frozen(campaign)
    people_before = await roster(campaign)
    assert fixed is not None
    assert fixed.root == campaign.pool_root == lottery.roster_root(people_before)
    await Application.update({Application.state: "withdrawn"}).where(
        Application.code == people_before[0].ticket
    )
    assert await roster(campaign) == people_before
    assert len(await pool(campaign)) == 20


async def test_an_applicant_proves_the_own_place_and_sees_the_lists(few_quotas: Code) -> None:
    view = await make.published(20)
    campaign = await queries.campaign(view.campaign)
    ticket = (await roster(campaign))[0].ticket
    mine = await runs.mine(campaign, Code(ticket), view)
    assert dict(mine.features)["category"]
    data = await runs.file(view)
    assert all(each.passed for each in lottery.verify(data, proof=mine.proof))
    book = lottery.read_document(data).book
    assert len(mine.seats) == sum(ticket in names for names in book.lists)
    assert len(mine.reserve) == sum(ticket in names for names in book.reserves)
    other = (await roster(campaign))[1].ticket
    assert other.encode() not in mine.proof


async def test_a_roster_changed_behind_the_service_makes_no_lists(few_quotas: Code) -> None:
    campaign = await campaigns.selecting(20)
    view = await make.started(campaign.code)
    everybody = await roster(campaign)
    bent = [msgspec.structs.replace(everybody[0], household="elsewhere"), *everybody[1:]]
    await FrozenPool.update({FrozenPool.data: packed(bent)}).where(FrozenPool.id > 0)
    ended = await commands.run_out(view.code, at=AT)
    assert (ended.state, ended.error) == (RunState.FAILED, "lottery.roster_changed")
    assert ended.file_hash == ""
