"""Sheets on their way in: whole or not at all, cancelled, stopped, and gone on with."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest

from panel import db, keys
from panel.audit import queries as audit
from panel.db import Engine
from panel.errors import Conflict, Forbidden, Missing
from panel.ids import Code
from panel.piccolo_app import our_tables
from panel.queue.tables import JobRow
from panel.recruitment import commands, queries
from panel.recruitment.commands import imports as running
from panel.recruitment.commands import staging
from panel.recruitment.queries import imports
from panel.recruitment.tables import Application, ImportRun, Nomination
from panel.recruitment.types.applications import ApplicationState
from panel.recruitment.types.campaigns import CampaignView, Screened
from panel.recruitment.types.vetting import ImportState
from panel.vault import queries as vault
from panel.vault.tables import Attachment, Field, Person
from tests import people
from tests.make import recruitment as make
from tests.make import vetting

AT = make.OPEN


@pytest.fixture
async def campaign(engine: Engine) -> CampaignView:
    await make.rulebook_in_force(make.small_toml())
    return await make.announced()


async def begun(campaign: CampaignView, data: bytes) -> Code:
    return await commands.start_import(people.clerk_a, campaign.code, data, "sheet.csv", at=AT)


def some(count: int) -> bytes:
    return make.sheet(make.row(number) for number in range(1, count + 1))


async def test_a_sheet_waits_for_the_worker_and_counts_all_at_once(
    campaign: CampaignView,
) -> None:
    run = await begun(campaign, some(5))
    assert (await imports.run(run)).state is ImportState.QUEUED
    assert await Application.count() == 0
    assert await JobRow.count().where(JobRow.kind == running.IMPORT) == 1
    view = await running.proceed(run, at=AT + dt.timedelta(minutes=1))
    assert (view.state, view.done, view.total) == (ImportState.DONE, 5, 5)
    rows = await Application.select()
    assert {row["state"] for row in rows} == {ApplicationState.SUBMITTED}
    assert {row["received_at"] for row in rows} == {AT}
    assert all(row["mark"] and row["receipt_hash"] for row in rows)
    told = await audit.entries(limit=5)
    assert [each.command for each in told][:2] == [
        "recruitment.import_applications",
        "recruitment.start_import",
    ]
    assert told[0].actor == people.clerk_a.name
    again = await running.proceed(run, at=AT)
    assert again.done == 5
    assert await Application.count() == 5


async def test_the_receipt_of_a_slip_opens_the_application(campaign: CampaignView) -> None:
    run = await begun(campaign, some(3))
    await running.proceed(run, at=AT)
    starts = await imports.prints(run, 1)
    assert [len(await imports.slips(campaign, run, after=each, limit=1)) for each in starts] == [
        1, 1, 1, 0,
    ]  # fmt: skip
    slips = await imports.slips(campaign, run, after=starts[1], limit=5)
    assert len(slips) == 2
    from panel.recruitment.commands.applications import open_by_receipt

    own = await open_by_receipt(campaign.code, slips[0].ticket, slips[0].receipt, "caller", at=AT)
    assert own.ticket == slips[0].ticket
    assert slips[0].receipt not in repr(slips[0])


async def test_staged_rows_count_nowhere(
    campaign: CampaignView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "_CHUNK", 2)
    run = await begun(campaign, some(5))

    async def killed(*_: object, **__: object) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr(running, "_count", killed)
    with pytest.raises(asyncio.CancelledError):
        await running.proceed(run, at=AT)
    assert await Application.count() == 5
    assert await queries.count_of(campaign, Screened()) == 0
    assert (await queries.progress(campaign)).total == 0
    staged = await Application.select(Application.code).first()
    with pytest.raises(Missing):
        await queries.application(campaign, Code(staged["code"] if staged else ""))


@pytest.mark.parametrize("after", [0, 1, 2])
async def test_another_worker_goes_on_where_one_was_killed(
    campaign: CampaignView, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    monkeypatch.setattr(running, "_CHUNK", 2)
    run = await begun(campaign, some(7))
    real, stored = staging.store, 0

    async def dying(*args: object) -> None:
        nonlocal stored
        await real(*args)  # type: ignore[arg-type]
        stored += 1
        if stored > after:  # within the transaction: what it wrote is gone
            raise asyncio.CancelledError

    monkeypatch.setattr(staging, "store", dying)
    with pytest.raises(asyncio.CancelledError):
        await running.proceed(run, at=AT)
    assert (await imports.run(run)).done == after * 2
    assert await Application.count() == after * 2
    monkeypatch.setattr(staging, "store", real)
    await commands.resume_import(people.clerk_b, run, at=AT)
    view = await running.proceed(run, at=AT)
    assert (view.state, view.done) == (ImportState.DONE, 7)
    names = {
        (await vault.reveal_own(row["person"])).name
        for row in await Application.select(Application.person)
    }
    assert names == {make.form(number).name for number in range(1, 8)}
    assert await Person.count() == 7


async def test_two_workers_at_once_take_in_each_row_once(
    campaign: CampaignView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "_CHUNK", 3)
    run = await begun(campaign, some(12))
    await asyncio.gather(*(running.proceed(run, at=AT) for _ in range(3)))
    await running.proceed(run, at=AT)
    assert (await imports.run(run)).state is ImportState.DONE
    assert await Application.count() == 12
    assert await Person.count() == 12


@pytest.mark.parametrize("ending", ["another worker", "cancelling"])
async def test_a_sheet_that_ends_before_it_is_read_is_left_alone(
    campaign: CampaignView, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    run = await begun(campaign, some(4))
    real = running._move

    async def overtaken(*args: object, **more: object) -> None:
        await real(*args, **more)  # type: ignore[arg-type]
        monkeypatch.setattr(running, "_move", real)
        if ending == "cancelling":
            await commands.cancel_import(people.clerk_a, run, at=AT)
        else:
            await running.proceed(run, at=AT)

    monkeypatch.setattr(running, "_move", overtaken)
    view = await running.proceed(run, at=AT)
    done = ending == "another worker"
    assert view.state is (ImportState.DONE if done else ImportState.CANCELLED)
    assert await Application.count() == (4 if done else 0)


async def test_a_cancelled_sheet_leaves_nothing(
    campaign: CampaignView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "_CHUNK", 2)
    rows = [vetting.nominated(number) for number in range(1, 6)]
    run = await begun(campaign, vetting.table(rows))
    real = running._move
    moves = 0

    async def cancelling(*args: object, **more: object) -> None:
        nonlocal moves
        moves += 1
        if moves == 5:
            work = db.detached(commands.cancel_import(people.clerk_a, run, at=AT))
            monkeypatch.setattr(running, "_move", real)
            raise Stop(work)
        await real(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(running, "_move", cancelling)
    with pytest.raises(Stop) as stopped:
        await running.proceed(run, at=AT)
    await stopped.value.work
    assert await Application.count() > 0
    view = await running.proceed(run, at=AT)
    assert view.state is ImportState.CANCELLED
    for table in (Application, Nomination, Person, Field, Attachment):
        assert await table.count() == 0, table
    (row,) = await ImportRun.select()
    assert row["sealed"] == b""
    with pytest.raises(Conflict, match=r"import\.over"):
        await commands.cancel_import(people.clerk_a, run, at=AT)
    with pytest.raises(Conflict, match=r"import\.over"):
        await commands.resume_import(people.clerk_a, run, at=AT)


class Stop(Exception):  # noqa: N818 - nothing went wrong
    """The worker stops here, with the cancelling that goes on beside it."""

    def __init__(self, work: asyncio.Task[None]) -> None:
        """Keep the cancelling."""
        super().__init__()
        self.work = work


async def test_faults_are_kept_sealed_and_nothing_is_stored(campaign: CampaignView) -> None:
    planted = "示例密语"
    rows = [make.row(1), make.row(2, 类别=planted), make.row(3, 身份证号="3.70802E+17")]
    run = await begun(campaign, make.sheet(rows))
    view = await running.proceed(run, at=AT)
    assert (view.state, view.faults) == (ImportState.REFUSED, 2)
    refused = await imports.refusal(run)
    assert refused is not None
    assert {(each.path, each.code) for each in refused.faults} == {
        ("row 3, 类别", "application.unknown_choice"),
        ("row 4, 身份证号", "import.lost_digits"),
    }
    assert await Application.count() == 0
    assert planted.encode() not in await everything_stored()
    assert (await begun(campaign, some(1))) != run


async def test_somebody_who_applies_meanwhile_refuses_the_sheet_by_row(
    campaign: CampaignView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "_CHUNK", 2)
    run = await begun(campaign, some(5))
    real = running._require_unknown
    looked = 0

    async def then_apply(*args: object) -> None:
        nonlocal looked
        await real(*args)  # type: ignore[arg-type]
        looked += 1
        if looked == 1:
            await commands.apply(campaign.code, make.form(4), key="k" * 36, at=AT)

    monkeypatch.setattr(running, "_require_unknown", then_apply)
    view = await running.proceed(run, at=AT)
    assert view.state is ImportState.REFUSED
    refused = await imports.refusal(run)
    assert refused is not None
    assert [(each.path, each.code) for each in refused.faults] == [
        ("row 5, 身份证号", "application.known")
    ]
    assert await Application.count() == 1
    assert await Person.count() == 1


async def test_one_sheet_at_a_time_by_those_who_may(campaign: CampaignView) -> None:
    await begun(campaign, some(1))
    with pytest.raises(Conflict, match=r"import\.running"):
        await begun(campaign, some(2))
    with pytest.raises(Forbidden):
        await commands.start_import(people.reviewer, campaign.code, b"x", "a.csv", at=AT)
    with pytest.raises(Missing):
        await imports.run(Code("0000000000"))


async def test_a_nomination_on_paper_is_kept_with_its_nominator(campaign: CampaignView) -> None:
    data = vetting.table([vetting.nominated(1), vetting.nominated(2)])
    await commands.import_applications(people.clerk_a, campaign.code, data, "a.csv", at=AT)
    (first, _) = await Nomination.select().order_by(Nomination.id)
    assert (first["organisation"], first["state"]) == ("示例商会", "consented")
    nominator = await vault.reveal_own(first["nominator"])
    assert (nominator.name, nominator.phone) == ("示例甲", "053700000001")
    texts = (await vault.attachment(first["nominator"], Code(first["texts"]))).data.decode()
    assert "办事公道" in texts
    application = await Application.select(Application.nomination, Application.person).where(
        Application.nomination == first["id"]
    )
    assert application[0]["person"] == first["nominee"]


async def everything_stored() -> bytes:
    """Return all that the database holds, as one text."""
    parts: list[bytes] = []
    for table in our_tables():
        values = [value for row in await table.select() for value in row.values()]
        parts += [
            bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
            for value in values
        ]
    return b"\n".join(parts)


async def test_no_name_and_no_number_is_readable_in_the_database(campaign: CampaignView) -> None:
    await commands.import_applications(people.clerk_a, campaign.code, some(3), "a.csv", at=AT)
    stored = await everything_stored()
    typed = make.form(2)
    for planted in (typed.name, typed.national_id, typed.phone, typed.address, typed.employer):
        assert planted.encode() not in stored
    assert keys.current().hash("person", "mark", typed.national_id).encode() in stored
