"""Closing, hearing and publishing on both engines; the refusals as much as the successes."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest

from panel import db, entropy
from panel.actor import Signature
from panel.audit import commands as audit
from panel.audit import queries as history
from panel.errors import Closed, Conflict, Forbidden, Invalid, Missing
from panel.evaluations import commands as evaluations
from panel.evaluations import queries as sheets
from panel.ids import Code
from panel.piccolo_app import our_tables
from panel.queue import commands as queue
from panel.rankings import commands, queries
from panel.rankings.tables import Snapshot
from panel.rankings.types import AnswerState, Kind, RankingState, ReleaseStatus, Reply, Standing
from panel.visits import queries as rounds
from panel.visits.types import RoundState
from tests import people, tables
from tests.make import rankings as make
from tests.make import visits

pytestmark = pytest.mark.usefixtures("engine")
PAPER = Signature("公告〔2026〕1号", "主任", date(2026, 5, 6), "0" * 64)
_results: dict[str, list[str]] = {}


async def entries() -> int:
    """Return how many entries the history holds."""
    return len(await history.entries(limit=10_000))


async def test_closing_ranks_units_and_windows_once() -> None:
    city = await make.closed_round()
    before = await entries()
    view = await commands.close(people.coordinator, city.round.code, at=make.COMPUTED)
    assert await entries() == before + 1
    assert (view.state, view.computed_by) == (RankingState.DRAFT, people.coordinator.person)
    assert (await rounds.round(city.round.code)).state is RoundState.COMPUTED
    units, windows = await queries.lists(view.id)
    assert (units.kind, windows.kind, units.scope) == (Kind.UNIT, Kind.WINDOW, "service")
    assert [row.code for row in units.rows] == list(city.units)
    assert [row.place for row in units.rows] == [1, 2, 3]
    assert len(windows.rows) == 6
    assert len(units.input_hash) == len(units.rulebook_hash) == 64
    with pytest.raises(Conflict, match=r"ranking\.exists"):
        await commands.close(people.coordinator, city.round.code, at=make.COMPUTED)
    assert (await history.verify(our_tables())).findings == ()


async def test_of_two_who_close_at_once_one_is_refused() -> None:
    city = await make.closed_round()
    outcome = await asyncio.gather(
        *(commands.close(people.coordinator, city.round.code, at=make.COMPUTED) for _ in range(2)),
        return_exceptions=True,
    )
    assert sorted(isinstance(each, Conflict) for each in outcome) == [False, True]
    assert len(await queries.rankings()) == 1


async def test_a_round_that_is_not_closed_is_not_ranked() -> None:
    setting = await visits.running_round(members_count=12)
    with pytest.raises(Conflict, match=r"ranking\.round_not_closed"):
        await commands.close(people.coordinator, setting.round.code, at=make.COMPUTED)
    with pytest.raises(Missing):
        await queries.ranking(setting.round.code)


async def test_a_sheet_without_decision_holds_the_ranking_up() -> None:
    city = await make.closed_round()
    (one, *_) = await db.raw("SELECT code FROM sheet_submission ORDER BY id")
    reason = "not_own_visit"
    await evaluations.propose_void(people.reviewer, Code(one["code"]), reason, at=make.COMPUTED)
    with pytest.raises(Conflict, match=r"ranking\.undecided"):
        await commands.close(people.coordinator, city.round.code, at=make.COMPUTED)
    assert (await rounds.round(city.round.code)).state is RoundState.CLOSED
    await evaluations.confirm_void(people.second_reviewer, Code(one["code"]), at=make.COMPUTED)
    await commands.close(people.coordinator, city.round.code, at=make.COMPUTED)
    counted = len(await sheets.counted(city.round.id))
    units = (await queries.lists((await make.ranking(city)).id))[0]
    assert sum(row.visits or 0 for row in units.rows) == counted == 29


async def test_only_a_coordinator_computes() -> None:
    city = await make.closed_round(units=1, members=5)
    for actor in (people.reviewer, people.publisher, people.liaison(city.units[0])):
        with pytest.raises(Forbidden):
            await commands.close(actor, city.round.code, at=make.COMPUTED)


async def test_lists_are_equal_to_the_bit_on_both_engines(
    engine_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = count(1)

    def octets(size: int) -> bytes:
        return hashlib.sha512(str(next(numbers)).encode()).digest()[:size]

    fixed = SimpleNamespace(token_bytes=octets, token_urlsafe=lambda size: octets(size).hex())
    monkeypatch.setattr(entropy, "secrets", fixed)
    # A city that was kept before was not played by this chance.
    monkeypatch.setattr(tables, "_asked", lambda *_: None)
    city = await make.computed(make.few())
    ranking = await make.ranking(city)
    rows = await Snapshot.select().where(Snapshot.ranking == ranking.id).order_by(Snapshot.id)
    columns = ("kind", "scope", "method", "rulebook_hash", "input_hash", "result")
    _results[engine_name] = ["|".join(row[name] for name in columns) for row in rows]
    assert len({tuple(each) for each in _results.values()}) == 1


async def test_no_list_names_a_visitor() -> None:
    city = await make.computed(make.few())
    ranking = await make.ranking(city)
    stored = "".join(row["result"] for row in await Snapshot.select(Snapshot.result))
    links = {sheet.visitor for sheet in await sheets.counted(city.round.id)}
    canaries = {*links, *city.members}
    assert len(canaries) > 10
    assert not [canary for canary in canaries if canary in stored]
    seen = stored + next(iter(links))
    assert [canary for canary in canaries if canary in seen]  # one would be found
    assert city.units[0] in stored
    assert ranking.state is RankingState.DRAFT


async def test_a_small_cell_and_its_companion_are_stored_nowhere() -> None:
    city = await make.computed(make.few())
    units, windows = await queries.lists((await make.ranking(city)).id)
    first = next(row for row in units.rows if row.code == city.units[0])
    mine = [row for row in windows.rows if row.unit_code == first.code]
    assert len(mine) == 2
    assert not any(row.shown or row.score or row.visits for row in mine)
    assert first.windows == ()
    assert first.rest is not None
    assert (first.rest.windows, first.rest.visits) == (2, first.visits)
    assert {row.standing for row in mine} <= {Standing.NOT_RANKED, Standing.INSUFFICIENT}
    others = [row for row in windows.rows if row.unit_code != first.code]
    assert all(row.shown for row in others)


async def test_windows_with_few_staff_count_in_their_unit_only() -> None:
    city = await make.computed(window_minimum_staff=4)
    units, *windows = await queries.lists((await make.ranking(city)).id)
    assert [row for each in windows for row in each.rows] == []
    assert [row.place for row in units.rows] == [1, 2, 3]
    assert all(row.windows == () for row in units.rows)


async def test_units_below_the_minimum_are_listed_without_a_place() -> None:
    city = await make.computed(unit_minimum_visits=11)
    units, _ = await queries.lists((await make.ranking(city)).id)
    assert {(row.standing, row.place) for row in units.rows} == {(Standing.INSUFFICIENT, None)}
    assert all(row.score is not None for row in units.rows)


async def test_a_unit_sees_its_own_line_after_the_notice_and_no_other() -> None:
    city = await make.recounted()
    with pytest.raises(Missing):
        await queries.own(city.units[0], city.round.code)
    assert await queries.own_rounds(city.units[0]) == []
    await commands.notify(people.coordinator, city.round.code, at=make.NOTIFIED)
    own = await queries.own(city.units[0], city.round.code)
    assert [row.code for row in own.list.rows] == [city.units[0]]
    assert {row.unit_code for row in own.windows} == {city.units[0]}
    assert own.ranking.answer_by is not None
    assert own.ranking.answer_by - make.NOTIFIED >= timedelta(days=7)
    assert [each.round_code for each in await queries.own_rounds(city.units[0])] == [
        city.round.code
    ]
    with pytest.raises(Missing):
        await queries.own(visits.NOBODY, city.round.code)
    with pytest.raises(Conflict, match=r"hearing\.begun"):
        await commands.notify(people.coordinator, city.round.code, at=make.NOTIFIED)


async def test_a_unit_answers_once_and_in_time() -> None:
    city = await make.notified()
    actor = people.liaison(city.units[0])
    for text in ("", "  ", "长" * 4001):
        with pytest.raises(Invalid):
            await commands.answer(actor, city.round.code, text, at=make.ANSWERED)
    with pytest.raises(Forbidden):
        await commands.answer(people.coordinator, city.round.code, "答复", at=make.ANSWERED)
    before = await entries()
    found = await commands.answer(actor, city.round.code, " 答复 ", at=make.ANSWERED)
    assert await entries() == before + 1
    assert (found.text, found.state, found.unit_code) == ("答复", AnswerState.OPEN, city.units[0])
    with pytest.raises(Conflict, match=r"hearing\.answered"):
        await commands.answer(actor, city.round.code, "再答", at=make.ANSWERED)
    late = make.after_hearing(await make.ranking(city))
    with pytest.raises(Closed, match=r"hearing\.over"):
        await commands.answer(people.liaison(city.units[1]), city.round.code, "迟了", at=late)


async def test_nothing_is_answered_before_the_notice() -> None:
    city = await make.computed()
    with pytest.raises(Missing):
        await commands.answer(
            people.liaison(city.units[0]), city.round.code, "答复", at=make.ANSWERED
        )


async def test_the_office_replies_once_in_writing() -> None:
    city = await make.notified()
    _, code = await make.answered(city)
    with pytest.raises(Invalid):
        await commands.consider(people.coordinator, code, Reply(" "), at=make.ANSWERED)
    for actor in (people.reviewer, people.liaison(city.units[0])):
        with pytest.raises(Forbidden):
            await commands.consider(actor, code, Reply("已阅"), at=make.ANSWERED)
    shown = Reply("已阅", shown=True, screened=True)
    found = await commands.consider(people.coordinator, code, shown, at=make.ANSWERED)
    assert (found.state, found.reply, found.shown) == (AnswerState.CONSIDERED, "已阅", True)
    with pytest.raises(Conflict, match=r"hearing\.considered"):
        await commands.consider(people.coordinator, code, Reply("再阅"), at=make.ANSWERED)
    with pytest.raises(Missing):
        await commands.consider(people.coordinator, visits.NOBODY, Reply("无"), at=make.ANSWERED)


async def test_an_answer_is_printed_only_as_it_was_screened() -> None:
    city = await make.notified()
    _, code = await make.answered(city, "王某说票号 A102 有误，已改正。")
    told = {"shown": True, "screened": True}
    for given, paths in (
        (Reply("已阅", shown=True, screened=True), ["printed"]),
        (Reply("请找李主任", printed="□说□有误，已改正。", **told), ["reply"]),
        (Reply("已阅", printed="□有误，已全部改正。", **told), ["printed"]),
        (Reply("已阅", printed="□有误，已改正。", shown=True), ["screened"]),
    ):
        with pytest.raises(Invalid) as refused:
            await commands.consider(people.coordinator, code, given, at=make.ANSWERED)
        assert [each.path for each in refused.value.faults] == paths
    fit = Reply("已阅", printed="□说□有误，已改正。", **told)
    found = await commands.consider(people.coordinator, code, fit, at=make.ANSWERED)
    assert (found.printed, found.shortened) == ("□说□有误，已改正。", True)


async def test_publishing_takes_final_lists_and_another_person() -> None:
    city = await make.noticed()
    code = city.round.code
    with pytest.raises(Conflict, match=r"ranking\.not_final"):
        await commands.publish(people.publisher, code, at=make.LATE)
    await make.signed(city)
    await commands.finalise(people.publisher, code, at=make.LATE)
    with pytest.raises(Forbidden, match=r"approval\.same_person"):
        await commands.publish(people.coordinator, code, at=make.LATE)
    with pytest.raises(Forbidden):
        await commands.publish(people.reviewer, code, at=make.LATE)
    before = await entries()
    found = await commands.publish(people.publisher, code, at=make.LATE)
    assert await entries() == before + 1
    assert (found.sequence, found.manifest_hash, found.status) == (2, "", ReleaseStatus.FINAL)
    with pytest.raises(Conflict, match=r"ranking\.published"):
        await commands.publish(people.publisher, code, at=make.LATE)
    assert (await history.verify(our_tables())).findings == ()


async def test_a_leader_on_paper_stands_for_the_second_person() -> None:
    city = await make.final(units=1, members=5)
    await commands.publish(people.coordinator, city.round.code, at=make.LATE, paper=PAPER)
    assert (await make.ranking(city)).document == PAPER.document


async def test_of_two_publishers_at_once_one_is_refused() -> None:
    city = await make.final(units=1, members=5)
    outcome = await asyncio.gather(
        *(
            commands.publish(actor, city.round.code, at=make.LATE)
            for actor in (people.publisher, people.second)
        ),
        return_exceptions=True,
    )
    assert sorted(isinstance(each, Conflict) for each in outcome) == [False, True]
    assert len(await queries.publications()) == 2


async def test_publishing_seals_the_history_and_refuses_where_it_cannot(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    city = await make.notified(units=1, members=5)
    await make.waived(city)
    ranking = await make.ranking(city)
    assert await queries.unsealed(ranking.id) == 2

    async def busy() -> int:
        return 0

    with monkeypatch.context() as patch:
        patch.setattr(commands.publishing, "seal_chain", busy)
        with pytest.raises(Conflict, match=r"ranking\.unsealed"):
            await commands.open_notice(people.publisher, city.round.code, at=make.ANSWERED)
    await commands.open_notice(people.publisher, city.round.code, at=make.ANSWERED)
    assert await queries.unsealed(ranking.id) == 0
    await audit.seal_chain()


async def test_publishing_asks_for_files_and_for_the_assessment() -> None:
    await make.published(units=1, members=5)
    kinds = []
    for _ in range(3):
        job = await queue.claim(
            [commands.RELEASE, commands.ASSESSMENT],
            "w",
            at=make.LATE,
            lease=timedelta(minutes=1),
        )
        assert job is not None
        kinds.append(job.kind)
    assert sorted(kinds) == [commands.ASSESSMENT, commands.RELEASE, commands.RELEASE]


async def test_a_release_is_recorded_once_and_in_the_chain() -> None:
    _, publication = await make.published(units=1, members=5)
    assert publication.sequence == 2
    with pytest.raises(Conflict, match=r"publication\.chain"):
        await commands.record_release(1, "a" * 64, "b" * 64, at=make.LATE)
    with pytest.raises(Conflict, match=r"publication\.chain"):
        await commands.record_release(2, "b" * 64, "", at=make.LATE)
    found = await commands.record_release(1, "a" * 64, "", at=make.LATE)
    assert found.manifest_hash == "a" * 64
    assert await commands.record_release(1, "a" * 64, "", at=make.LATE) == found
    with pytest.raises(Conflict, match=r"publication\.recorded"):
        await commands.record_release(1, "c" * 64, "", at=make.LATE)
    with pytest.raises(Missing):
        await commands.record_release(9, "a" * 64, "", at=make.LATE)


async def test_a_list_changed_behind_the_commands_is_found() -> None:
    await make.computed(units=1, members=5)
    await db.raw("UPDATE ranking_snapshot SET result = 'x' WHERE kind = {}", Kind.UNIT)
    findings = (await history.verify(our_tables())).findings
    assert [each.place.split()[0] for each in findings] == ["ranking_snapshot"]


def test_the_domain_holds_no_path_to_visitors_in_its_tables() -> None:
    folder = Path(commands.__file__).parents[1] / "tables"
    source = "\n".join(path.read_text("utf-8") for path in sorted(folder.glob("*.py")))
    assert "visitor =" not in source
    assert "member =" not in source
