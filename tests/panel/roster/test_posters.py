"""Printed codes: printings with their reasons, what was printed, files of posters and their end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from panel import db
from panel.actor import Actor
from panel.audit import queries as audit
from panel.errors import Conflict, Forbidden, Invalid, Missing
from panel.ids import Code
from panel.piccolo_app import our_tables
from panel.queue import queries as jobs
from panel.queue.types import JobState
from panel.roster import queries
from panel.roster.commands import close_window, retire_window
from panel.roster.commands import posters as commands
from panel.roster.queries import posters
from panel.roster.types import KEPT, Filter, PosterSize, PosterState, TableKind, WindowState
from tests import people
from tests.make import roster as make

AT = make.AT
LATER = AT + timedelta(hours=1)


async def give_up(code: Code) -> None:
    """Close a window and give it up."""
    await close_window(people.coordinator, code, "合并", at=AT)
    await retire_window(people.coordinator, code, "合并", at=AT)


async def test_a_reprint_raises_the_number_keeps_the_code_and_its_reason(engine: db.Engine) -> None:
    city = await make.small_city(units=1)
    codes = [window.code for window in city.windows]
    assert await commands.reprint(people.coordinator, codes, " 被  覆盖 ", at=AT) == 2
    after = await queries.windows()
    assert [(window.code, window.printing) for window in after] == [(code, 2) for code in codes]
    (printing,) = await posters.printings(after[0])
    assert (printing.number, printing.reason, printing.raised_at) == (2, "被 覆盖", AT)
    assert printing.printed_at is None
    (entry, *_) = await audit.entries()
    assert (entry.command, entry.reason) == ("roster.reprint", "被 覆盖")
    assert (await audit.verify(our_tables())).findings == ()


@pytest.mark.parametrize("reason", ["", " ", "长" * 301])
async def test_a_reprint_needs_a_short_reason(engine: db.Engine, reason: str) -> None:
    city = await make.small_city(units=1)
    with pytest.raises(Invalid) as refusal:
        await commands.reprint(people.coordinator, [city.windows[0].code], reason, at=AT)
    assert refusal.value.faults[0].path == "reason"
    assert {window.printing for window in await queries.windows()} == {1}


async def test_an_unknown_or_given_up_window_is_not_printed(engine: db.Engine) -> None:
    city = await make.small_city(units=1)
    first, second = (window.code for window in city.windows)
    await give_up(first)
    for codes in ([first, second], [second, Code("0000000000")]):
        with pytest.raises(Missing):
            await commands.reprint(people.coordinator, codes, "破损", at=AT)
        with pytest.raises(Missing):
            await commands.print_page(people.coordinator, PosterSize.A5, codes, at=AT)
        with pytest.raises(Missing):
            await commands.start(people.coordinator, PosterSize.A5, codes, at=AT)
    with pytest.raises(Conflict):
        await commands.reprint(people.coordinator, [], "破损", at=AT)
    assert {window.printing for window in await queries.windows()} == {1}
    assert await posters.runs(limit=9) == []


@pytest.mark.parametrize("actor", [people.reviewer, people.auditor, people.stranger])
async def test_others_print_nothing(engine: db.Engine, actor: Actor) -> None:
    city = await make.small_city(units=1)
    codes = [city.windows[0].code]
    run = await commands.start(people.coordinator, PosterSize.A4, codes, at=AT)
    for attempt in (
        commands.reprint(actor, codes, "破损", at=AT),
        commands.print_page(actor, PosterSize.A5, codes, at=AT),
        commands.start(actor, PosterSize.A5, codes, at=AT),
        commands.cancel(actor, run, at=AT),
    ):
        with pytest.raises(Forbidden):
            await attempt
    assert (await posters.run(run)).state is PosterState.QUEUED


async def test_what_was_printed_is_known_until_the_number_is_raised(engine: db.Engine) -> None:
    city = await make.small_city(units=1)
    first, second = (window.code for window in city.windows)
    due = Filter(state=posters.DUE)
    assert await posters.count(due) == 2
    await commands.print_page(people.coordinator, PosterSize.A6, [first], at=AT)
    await commands.print_page(people.coordinator, PosterSize.A4, [first], at=LATER)
    assert await posters.printable(due) == [second]
    lines = await posters.lines(Filter(), limit=9)
    assert [line.printed_at for line in lines] == [LATER, None]
    await commands.reprint(people.coordinator, [first], "破损", at=LATER)
    assert await posters.count(due) == 2
    await commands.print_page(people.coordinator, PosterSize.A4, [first], at=LATER)
    found = await posters.printings(await queries.window(first))
    assert [(each.number, each.reason) for each in found] == [(2, "破损"), (1, "")]
    assert {each.printed_at for each in found} == {LATER}


async def test_too_many_are_not_shown_on_one_page(engine: db.Engine) -> None:
    await make.small_city(units=3, windows=17)
    codes = await posters.printable(Filter())
    with pytest.raises(Conflict) as refusal:
        await commands.print_page(people.coordinator, PosterSize.A5, codes, at=AT)
    assert refusal.value.values["found"] == 51
    once = [*codes[:50], *codes[:50]]
    assert len(await commands.print_page(people.coordinator, PosterSize.A5, once, at=AT)) == 50


async def test_filters_find_windows_by_every_name_and_pages_follow_by_key(
    engine: db.Engine,
) -> None:
    city = await make.small_city(units=3, windows=2)
    window = city.windows[2]
    for typed in (window.code.lower(), window.ref, window.name, window.name_en.upper()):
        found = await posters.lines(Filter(search=f" {typed} "), limit=9)
        assert [line.window for line in found] == [window], typed
    assert await posters.count(Filter(search="%")) == 0
    assert await posters.count(Filter(search="_")) == 0
    unit = Filter(unit=window.unit_code)
    assert await posters.printable(unit) == [each.code for each in city.windows[2:4]]
    hall = await posters.lines(Filter(hall=window.hall_code), limit=9)
    assert {line.window.hall_code for line in hall} == {window.hall_code}
    page = await posters.lines(Filter(), limit=4)
    rest = await posters.lines(Filter(), after=page[-1].window.ref, limit=4)
    assert [line.window for line in (*page, *rest)] == city.windows
    await give_up(window.code)
    assert await posters.printable(Filter(state="retired")) == []
    assert await posters.count(Filter(state="retired")) == 1
    assert await posters.count(Filter(state=posters.DUE)) == 5


async def test_the_same_wish_twice_is_one_file(engine: db.Engine) -> None:
    city = await make.small_city(units=1)
    codes = [window.code for window in city.windows]
    run = await commands.start(people.coordinator, PosterSize.A5, codes, at=AT)
    assert await commands.start(people.second, PosterSize.A5, codes, at=AT) == run
    other = await commands.start(people.coordinator, PosterSize.A6, codes, at=AT)
    assert other != run
    assert (await jobs.counts())[JobState.READY] == 2
    view = await posters.run(run)
    assert (view.name, view.name_en) == (city.units[0].name, city.units[0].name_en)
    assert (view.total, view.windows) == (2, tuple(codes))
    with pytest.raises(Missing):
        await posters.file(run)


async def test_a_file_is_kept_whole_and_its_printings_count_as_printed(engine: db.Engine) -> None:
    city = await make.small_city(units=1)
    codes = [window.code for window in city.windows]
    code = await commands.start(people.coordinator, PosterSize.A5, codes, at=AT)
    run = await posters.run(code)
    assert await commands.advance(run, 1)
    assert (await posters.run(code)).state is PosterState.DRAWING
    # The number was raised while the file was drawn: what it shows is the earlier printing.
    await commands.reprint(people.coordinator, codes[:1], "破损", at=LATER)
    assert await commands.finish(run, b"%PDF", city.windows, at=LATER)
    assert await posters.file(code) == b"%PDF"
    view = await posters.run(code)
    assert (view.state, view.done, view.bytes, view.finished_at) == (
        PosterState.DONE, 2, 4, LATER,
    )  # fmt: skip
    assert await posters.printable(Filter(state=posters.DUE)) == codes[:1]
    assert not await commands.finish(run, b"again", city.windows, at=LATER)
    assert await posters.file(code) == b"%PDF"
    assert (await audit.verify(our_tables())).findings == ()


async def test_a_cancelled_file_stops_its_worker_and_prints_nothing(engine: db.Engine) -> None:
    city = await make.small_city(units=1)
    codes = [window.code for window in city.windows]
    code = await commands.start(people.coordinator, PosterSize.A5, codes, at=AT)
    run = await posters.run(code)
    await commands.cancel(people.second, code, at=AT)
    assert not await commands.advance(run, 1)
    assert not await commands.finish(run, b"%PDF", city.windows, at=AT)
    with pytest.raises(Missing):
        await posters.file(code)
    with pytest.raises(Conflict):
        await commands.cancel(people.second, code, at=AT)
    with pytest.raises(Missing):
        await commands.cancel(people.second, Code("0000000000"), at=AT)
    assert await posters.count(Filter(state=posters.DUE)) == 2


async def test_files_end_after_their_time_and_what_no_worker_made_is_given_up(
    engine: db.Engine,
) -> None:
    city = await make.small_city(units=1)
    first, second = (window.code for window in city.windows)
    made = await commands.start(people.coordinator, PosterSize.A5, [first], at=AT)
    await commands.finish(await posters.run(made), b"%PDF", city.windows[:1], at=AT)
    left = await commands.start(people.coordinator, PosterSize.A5, [second], at=AT)
    assert await commands.expire(at=AT + timedelta(hours=23)) == 0
    assert await commands.expire(at=AT + timedelta(days=1)) == 1
    assert (await posters.run(left)).state is PosterState.CANCELLED
    assert await posters.file(made) == b"%PDF"
    assert await commands.expire(at=AT + KEPT) == 1
    assert (await posters.run(made)).state is PosterState.GONE
    with pytest.raises(Missing):
        await posters.file(made)
    assert await commands.expire(at=AT + KEPT) == 0
    assert (await queries.window(first)).printing == 1


async def test_a_code_that_was_given_up_is_never_used_again(engine: db.Engine) -> None:
    city = await make.small_city(units=1)
    gone = city.windows[0]
    await give_up(gone.code)
    await make.take(TableKind.WINDOWS, [make.window_row(1), make.window_row(9)])
    codes = [window.code for window in await queries.windows()]
    assert len(codes) == len(set(codes)) == 3
    again = await queries.window(gone.code)
    assert (again.ref, again.state) == (gone.ref, WindowState.RETIRED)
