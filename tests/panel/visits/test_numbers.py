"""Public numbers that two persons read, and what a draw says of its chance."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from panel import db
from panel.audit import queries as history
from panel.errors import Conflict, Forbidden, Invalid
from panel.visits import commands, queries
from panel.visits.queries import draws
from panel.visits.types import (
    Announced,
    PublicGame,
    RoundKind,
    RoundState,
    RoundView,
    SeedSource,
    Witnesses,
)
from tests import people
from tests.make import visits as make

DRAWN_AT = datetime(2026, 3, 8, 13, 30, tzinfo=UTC)
"""Half past nine in the evening of the day of both issues."""
SEEN = Witnesses("市纪委监委驻厅纪检组", "市公证处", "见证〔2026〕3号")


async def by_lottery() -> RoundView:
    """Commit to a round whose chance comes from two public lotteries."""
    await make.city()
    approved = await make.approved_round(source=SeedSource.LOTTERY, double_percent=10)
    named = [
        Announced(game, f"202605{number}", make.AT.date()) for number, game in enumerate(PublicGame)
    ]
    return await commands.commit(people.coordinator, approved.code, at=make.AT, announced=named)


async def test_two_persons_read_the_numbers_before_a_draw(engine: db.Engine) -> None:
    view = await by_lottery()
    early = commands.enter_numbers(people.coordinator, view.code, ["123", "045"], at=make.AT)
    with pytest.raises(Conflict, match=r"round.number_not_yet"):
        await early
    await commands.enter_numbers(people.coordinator, view.code, ["123", "045"], at=DRAWN_AT)
    with pytest.raises(Conflict, match=r"round.numbers_missing"):
        await commands.draw(people.coordinator, view.code, at=DRAWN_AT)
    again = await commands.enter_numbers(people.coordinator, view.code, ["123", "045"], at=DRAWN_AT)
    assert not queries.numbers_known(again)  # nobody is two persons
    known = await commands.enter_numbers(people.second, view.code, ["123", "045"], at=DRAWN_AT)
    assert [each.value for each in known.announced] == ["123", "045"]
    drawn = await commands.draw(people.coordinator, view.code, at=DRAWN_AT)
    record = json.loads(await queries.record(drawn.id))
    assert [each["value"] for each in record["announced"]] == ["123", "045"]
    with pytest.raises(Conflict, match=r"round.state_changed"):
        await commands.enter_numbers(people.second, view.code, ["123", "046"], at=DRAWN_AT)


async def test_numbers_that_differ_settle_nothing_and_are_kept(engine: db.Engine) -> None:
    view = await by_lottery()
    await commands.enter_numbers(people.coordinator, view.code, ["123", "054"], at=DRAWN_AT)
    with pytest.raises(Conflict, match=r"round.numbers_differ"):
        await commands.enter_numbers(people.second, view.code, ["123", "045"], at=DRAWN_AT)
    assert len(await queries.readings(view.id)) == 2
    mended = await commands.enter_numbers(
        people.coordinator, view.code, ["123", "045"], at=DRAWN_AT
    )
    assert queries.numbers_known(mended)


async def test_who_has_no_part_in_rounds_enters_no_number(engine: db.Engine) -> None:
    view = await by_lottery()
    with pytest.raises(Forbidden):
        await commands.enter_numbers(people.auditor, view.code, ["123", "045"], at=DRAWN_AT)


async def test_a_draw_within_the_hour_takes_witnesses_and_says_so(engine: db.Engine) -> None:
    await make.city()
    approved = await make.approved_round(source=SeedSource.WITNESSED)
    view = await commands.commit(people.coordinator, approved.code, at=make.AT)
    with pytest.raises(Invalid):
        await commands.draw(people.coordinator, view.code, at=make.AT)
    drawn = await commands.draw(people.coordinator, view.code, at=make.AT, witnesses=SEEN)
    assert drawn.witnesses == SEEN
    told = json.loads(await queries.public_record(drawn))
    assert told["witnesses"] == [SEEN.first, SEEN.second, SEEN.document]
    assert told["committed"]["chance"] == "witnessed"


async def test_a_draw_by_the_chain_waits_an_hour(engine: db.Engine) -> None:
    await make.city()
    approved = await make.approved_round()
    view = await commands.commit(people.coordinator, approved.code, at=make.AT)
    soon = make.AT + timedelta(minutes=30)
    with pytest.raises(Conflict, match=r"round.same_hour"):
        await commands.draw(people.coordinator, view.code, at=soon, witnesses=SEEN)


async def _records(view: RoundView) -> tuple[bytes, bytes, bytes]:
    """Return the public record, the whole one, and some member's proof."""
    ended = msgspec.structs.replace(view, closed_at=make.after(8))
    (task, *_) = await queries.round_tasks(view.id)
    proof = json.dumps(await queries.proof(task)).encode()
    return await queries.public_record(ended), (await queries.record(view.id)).encode(), proof


@pytest.mark.parametrize("kind", [RoundKind.SCHEDULED, RoundKind.TARGETED])
async def test_the_shipped_program_checks_any_draw_and_finds_what_was_changed(
    engine: db.Engine, tmp_path: Path, kind: RoundKind
) -> None:
    codes = await make.city(members_count=30)
    more: dict[str, object] = {"double_percent": 20, "covert_percent": 50}
    if kind is RoundKind.TARGETED:
        unit = (await queries.places(make.draft()))[0].unit_code
        more = {"kind": kind, "groups": (), "targets": {unit: 3}}
    committed = await make.committed_round(**more)
    view = await commands.draw(people.coordinator, committed.code, at=make.AT)
    assert codes
    public, whole, proof = await _records(view)
    (tmp_path / "verify_draw.py").write_bytes(draws.program())
    (tmp_path / "proof.json").write_bytes(proof)

    def run(data: bytes) -> tuple[int, str]:
        (tmp_path / "draw.json").write_bytes(data)
        command = [sys.executable, "-I", "verify_draw.py", "draw.json", "--proof", "proof.json"]
        done = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)
        return done.returncode, done.stdout

    for data in (public, whole):
        code, said = run(data)
        assert code == 0, said
        assert draws.commitment_hash(view) in said
        assert draws.commitment_of(data) == draws.commitment_hash(view)
    assert view.record_hash in run(whole)[1]
    seed = json.loads(public)["seed"]
    assert run(public.replace(seed.encode(), b"0" * 64))[0] == 1
    swapped = json.loads(whole)
    first, *rest = swapped["result"]
    swapped["result"] = [first, first, *rest[1:]]
    assert run(json.dumps(swapped).encode())[0] == 1
    if kind is RoundKind.TARGETED:
        moved = json.loads(whole)
        moved["lots"][0]["drawn"].reverse()
        assert run(json.dumps(moved).encode())[0] == 1
    assert draws.checks(b"{") == [("readable", False)]


async def test_only_auditors_take_the_whole_record_and_only_after_the_round(
    engine: db.Engine,
) -> None:
    setting = await make.running_round(covert_percent=50)
    with pytest.raises(Forbidden):
        await commands.take_record(people.coordinator, setting.round.code, at=make.DURING)
    with pytest.raises(Conflict):
        await commands.take_record(people.auditor, setting.round.code, at=make.DURING)
    await commands.close(people.coordinator, setting.round.code, at=make.after(8))
    data = await commands.take_record(people.auditor, setting.round.code, at=make.after(9))
    assert data.decode() == await queries.record(setting.round.id)
    assert (await queries.round(setting.round.code)).state is RoundState.CLOSED


async def test_the_second_reader_finds_nothing_in_the_history(engine: db.Engine) -> None:
    view = await by_lottery()
    await commands.enter_numbers(people.coordinator, view.code, ["123", "045"], at=DRAWN_AT)
    assert "045" not in (await history.entries(limit=1))[0].detail
    await commands.enter_numbers(people.second, view.code, ["123", "045"], at=DRAWN_AT)
    assert "045" in (await history.entries(limit=1))[0].detail
