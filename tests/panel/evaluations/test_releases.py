"""Batches of results: made, screened, released by another person, told on a fixed day."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from panel import db
from panel.actor import Actor
from panel.errors import Conflict, Forbidden, Invalid
from panel.evaluations import commands, queries
from panel.evaluations.tables import ResultComment, Submission
from panel.evaluations.types import SheetState
from panel.evaluations.types.releases import CommentState, ReleaseState, ReleaseView
from panel.ids import Code
from panel.visits import commands as visits
from tests import people
from tests.make import evaluations as sheets
from tests.make import visits as make

CLOSED = make.after(8)
WORDS = "保安大叔很热心"


async def closed_round(*, comment: str = "") -> make.Setting:
    """Return a closed round in which every unit was visited by at least five members."""
    setting = await make.running_round(
        members_count=24, units=1, windows=2, visits_per_window=6, groups=("enforcement",)
    )
    await sheets.all_sent(setting)
    for row in await Submission.select(Submission.id, Submission.answers):
        answers = row["answers"]
        if comment:
            answers = answers.replace('"good":""', f'"good":"{comment}{row["id"]}"')
        await Submission.update(
            {Submission.state: SheetState.ACCEPTED, Submission.answers: answers}
        ).where(Submission.id == row["id"])
    await visits.close(people.coordinator, setting.round.code, at=CLOSED)
    return setting


async def made(**more: str) -> ReleaseView:
    """Return a batch that nobody has told yet."""
    await closed_round(**more)
    return await commands.make_results(people.coordinator, at=CLOSED)


async def unit() -> Code:
    """Return the only unit."""
    return (await queries.result_cells((await queries.result_releases())[0]))[0].unit_code


async def test_an_open_round_tells_nothing(engine: db.Engine) -> None:
    setting = await make.running_round(
        members_count=24, units=1, visits_per_window=6, groups=("enforcement",)
    )
    await sheets.all_sent(setting)
    await Submission.update({Submission.state: SheetState.ACCEPTED}, force=True)
    with pytest.raises(Conflict, match=r"release\.nothing"):
        await commands.make_results(people.coordinator, at=CLOSED)


async def test_a_batch_is_told_from_the_release_day_on(engine: db.Engine) -> None:
    view = await made()
    (cell,) = await queries.result_cells(view)
    assert cell.visits == 12
    told = await commands.release_results(people.second, view.code, at=CLOSED)
    assert told.state is ReleaseState.RELEASED
    assert told.visible_from is not None
    own = cell.unit_code
    assert await queries.unit_results(own, at=told.visible_from - timedelta(seconds=1)) == []
    (shown,) = await queries.unit_results(own, at=told.visible_from)
    assert shown.score == 10_000
    assert await queries.unit_results(make.NOBODY, at=told.visible_from) == []


async def test_sheets_are_told_once(engine: db.Engine) -> None:
    view = await made()
    with pytest.raises(Conflict, match=r"release\.open"):
        await commands.make_results(people.coordinator, at=CLOSED)
    await commands.release_results(people.second, view.code, at=CLOSED)
    with pytest.raises(Conflict, match=r"release\.nothing"):
        await commands.make_results(people.coordinator, at=CLOSED)


async def test_a_batch_given_up_is_made_again(engine: db.Engine) -> None:
    view = await made()
    await commands.drop_results(people.coordinator, view.code, at=CLOSED)
    again = await commands.make_results(people.coordinator, at=CLOSED)
    assert again.cells == view.cells
    with pytest.raises(Conflict):
        await commands.release_results(people.second, view.code, at=CLOSED)


async def test_its_maker_does_not_release_it(engine: db.Engine) -> None:
    view = await made()
    with pytest.raises(Forbidden):
        await commands.release_results(people.coordinator, view.code, at=CLOSED)
    with pytest.raises(Forbidden):
        await commands.release_results(people.reviewer, view.code, at=CLOSED)
    with pytest.raises(Forbidden):
        await commands.make_results(people.publisher, at=CLOSED)


async def test_a_voided_sheet_makes_a_batch_stale(engine: db.Engine) -> None:
    view = await made()
    first = await Submission.select(Submission.id).first()
    assert first is not None
    await Submission.update({Submission.state: SheetState.VOIDED}).where(
        Submission.id == first["id"]
    )
    with pytest.raises(Conflict, match=r"release\.stale"):
        await commands.release_results(people.second, view.code, at=CLOSED)


async def test_comments_are_screened_by_a_person_and_never_told_verbatim(
    engine: db.Engine,
) -> None:
    view = await made(comment=WORDS)
    comments = await queries.result_comments(view)
    assert len(comments) == 12
    with pytest.raises(Conflict, match=r"release\.comments_wait"):
        await commands.release_results(people.second, view.code, at=CLOSED)
    with pytest.raises(Invalid):
        await commands.screen_comment(
            people.reviewer, comments[0].code, comments[0].original, at=CLOSED
        )
    passed = await commands.screen_comment(
        people.reviewer, comments[0].code, "有工作人员主动引导", at=CLOSED
    )
    assert passed.state is CommentState.PASSED
    for each in comments[1:]:
        await commands.withhold_comment(people.reviewer, each.code, at=CLOSED)
    told = await commands.release_results(people.second, view.code, at=CLOSED)
    (shown,) = await queries.unit_results(await unit(), at=told.visible_from or CLOSED)
    assert shown.comments == ("有工作人员主动引导",)
    with pytest.raises(Conflict):
        await commands.withhold_comment(people.reviewer, comments[0].code, at=CLOSED)
    assert not any(WORDS in str(row) for row in await ResultComment.select())


@pytest.mark.parametrize("stranger", [people.publisher, people.auditor, people.administrator])
async def test_nobody_else_screens(engine: db.Engine, stranger: Actor) -> None:
    view = await made(comment=WORDS)
    (first, *_) = await queries.result_comments(view)
    with pytest.raises(Forbidden):
        await commands.withhold_comment(stranger, first.code, at=CLOSED)


async def test_few_visitors_are_told_of_nowhere(engine: db.Engine) -> None:
    setting = await make.running_round(
        members_count=8, units=2, windows=2, visits_per_window=2, groups=("enforcement",)
    )
    await sheets.all_sent(setting)
    await Submission.update({Submission.state: SheetState.ACCEPTED}, force=True)
    await visits.close(people.coordinator, setting.round.code, at=CLOSED)
    with pytest.raises(Conflict, match=r"release\.nothing"):
        await commands.make_results(people.coordinator, at=CLOSED)
    assert msgspec.to_builtins(await queries.result_releases()) == []
