"""Third act: the ranking is computed, recounted, told, appealed against, put on notice, public."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Sequence
from typing import Final

import msgspec

from panel.actor import Actor
from panel.demo import cast
from panel.demo.progress import Progress
from panel.demo.timeline import morning_after
from panel.errors import Missing
from panel.evaluations import commands as evaluations
from panel.evaluations import queries as sheets
from panel.ids import Code
from panel.rankings import commands, queries
from panel.rankings.commands import appeals
from panel.rankings.queries import appeals as cases
from panel.rankings.queries import lifecycle
from panel.rankings.types import (
    AppealDraft,
    AppealGround,
    AppealOutcome,
    Kind,
    Reply,
    Row,
    Verdict,
)
from panel.rankings.types.appeals import SCREENED
from panel.rulebook import queries as rulebooks
from panel.visits import queries as tasks
from panel.visits.types import TaskState

STEPS: Final = 6
_ANSWERS: Final = (
    "评议期间我局系统升级，部分事项等候时间较长，已张贴告示。请在核查时予以考虑。",
    "群众反映的一次性告知不到位问题属实，已制作办事清单并逐一培训窗口人员。",
    "个别窗口当日人员轮训，值守不足，今后安排AB岗。",
)
_REPLIES: Final = (
    "已核对走访时间，升级告示期间的走访均记为未能走访，未计入得分，排名不变。",
    "收悉，整改情况将在下一轮走访中核实。",
    "收悉。评议以走访时所见为准，排名不变，请落实AB岗制度。",
)
_APPEALS: Final = (
    (
        AppealGround.CALCULATION,
        "我单位认为得分计算有误，请复核。",
        AppealOutcome.REJECTED,
        "经按封存数据重新计算，得分与公布一致，申诉不成立。",
    ),
    (
        AppealGround.FORCE_MAJEURE,
        "走访当日全市停电，窗口无法办理，请复核当日评议表。",
        AppealOutcome.UPHELD,
        "经核实，当日停电情况属实，有一份评议表不应计入，申诉成立。",
    ),
)


class Hearing(msgspec.Struct, frozen=True):
    """How a ranking is judged: when it was computed, and how many appeals of each end there are."""

    computed: dt.datetime
    rejected: int = 0
    upheld: int = 0


async def judge(
    staff: dict[str, Actor], code: Code, liaisons: dict[str, str], hearing: Hearing
) -> AsyncIterator[Progress]:
    """Take a ranking from its computing to its publication; fills in the liaisons."""
    coordinator = staff["coordinator"]
    yield Progress("rank", 0, STEPS)
    await commands.close(coordinator, code, at=hearing.computed)
    yield Progress("rank", 1, STEPS)
    told = morning_after(hearing.computed)
    await _tell(staff, code, at=told)
    speakers = await _liaisons(staff["admin"], code, liaisons, at=told)
    await _answer(staff, code, speakers, at=told)
    yield Progress("rank", 2, STEPS)
    upheld = await _appeal(staff, code, speakers, hearing, at=told)
    yield Progress("rank", 3, STEPS)
    if upheld is not None:
        again = await _carry_out(staff, upheld)
        await _tell(staff, code, at=morning_after(again))
    yield Progress("rank", 4, STEPS)
    await publish(staff, code)
    yield Progress("rank", STEPS, STEPS)


async def _tell(staff: dict[str, Actor], code: Code, *, at: dt.datetime) -> None:
    """Let a second person recount, then show every unit its line."""
    await commands.recount(staff["approver"], code, at=at)
    await commands.notify(staff["coordinator"], code, at=at + dt.timedelta(hours=1))


async def _answer(
    staff: dict[str, Actor], code: Code, speakers: Sequence[Actor], *, at: dt.datetime
) -> None:
    """Let the lowest units sign for their lines and answer; reply to each."""
    days = dt.timedelta(days=1)
    for number, (speaker, text) in enumerate(zip(speakers, _ANSWERS, strict=False)):
        await commands.receive(speaker, code, at=at + days)
        said = await commands.answer(speaker, code, text, at=at + (3 + number) * days)
        await commands.consider(
            staff["coordinator"],
            said.code,
            Reply(_REPLIES[number], shown=True, screened=True),
            at=at + (4 + number) * days,
        )


async def _appeal(
    staff: dict[str, Actor],
    code: Code,
    speakers: Sequence[Actor],
    hearing: Hearing,
    *,
    at: dt.datetime,
) -> Code | None:
    """Let units appeal and an independent reviewer decide; return the appeal that was upheld."""
    wanted = [_APPEALS[0]] * hearing.rejected + [_APPEALS[1]] * hearing.upheld
    found = None
    for number, (speaker, (ground, text, outcome, reasons)) in enumerate(
        zip(speakers, wanted, strict=False)
    ):
        filed = at + dt.timedelta(days=2, hours=number)
        draft = AppealDraft(ground.value, text, "单位主要负责人", f"申〔{number + 1}〕号")
        case = await commands.appeal(speaker, code, draft, at=filed)
        await appeals.acknowledge(staff["coordinator"], case, at=filed + dt.timedelta(hours=3))
        await appeals.admit(staff["coordinator"], case, at=filed + dt.timedelta(days=1))
        judge_, when = staff["independent"], filed + dt.timedelta(days=2)
        await appeals.take(judge_, case, at=when)
        record = await appeals.open_record(judge_, case, at=when)
        upheld = outcome is AppealOutcome.UPHELD
        book = (await rulebooks.current()).rulebook
        verdict = Verdict(
            outcome.value,
            reasons,
            sheets=(record[0].number,) if upheld and record else (),
            void_reason=book.void_reasons[0] if upheld and record else "",
            checked=tuple(SCREENED),
        )
        await appeals.decide(judge_, case, verdict, at=when + dt.timedelta(days=2))
        found = case if upheld else found
    return found


async def _carry_out(staff: dict[str, Actor], case: Code) -> dt.datetime:
    """Make void what the decision names, by two reviewers, and compute the group again."""
    appeal = await cases.appeal(case)
    assert appeal.decided_at is not None  # noqa: S101 - it was decided a line before
    at = morning_after(appeal.decided_at)
    for task in await cases.sheet_tasks(appeal):
        await evaluations.propose_void(staff["reviewer1"], task.code, task.reason, at=at)
        await evaluations.confirm_void(staff["reviewer2"], task.code, at=at)
    await commands.carry_out(staff["coordinator"], case, "申诉成立，重新计算", at=at)
    return at


async def correct(staff: dict[str, Actor], round_id: int, code: Code, *, at: dt.datetime) -> None:
    """Find out after the publication that a sheet must not count; publish the correction."""
    task = (await tasks.round_tasks(round_id, state=TaskState.DONE, limit=1))[0]
    sheet = await sheets.latest(task)
    if sheet is None:
        raise Missing("sheet.missing")
    reason = (await rulebooks.current()).rulebook.void_reasons[0]
    await evaluations.propose_void(staff["reviewer2"], sheet.code, reason, at=at)
    await evaluations.confirm_void(staff["reviewer3"], sheet.code, at=at)
    text = "事后核实一份评议表的走访地点有误，已作废并重新计算。"
    await commands.correct(staff["coordinator"], code, text, at=at)
    await _tell(staff, code, at=morning_after(at))
    over = await _heard(code)
    await _sign(staff["publisher"], code, at=over)
    await commands.publish(staff["publisher"], code, at=over + dt.timedelta(hours=1))


async def publish(staff: dict[str, Actor], code: Code) -> None:
    """Wait for the units' time, put the lists on notice, sign each step, publish."""
    publisher = staff["publisher"]
    await commands.open_notice(publisher, code, at=await _heard(code))
    view = await queries.ranking(code)
    if view.notice_until is None:
        raise Missing("ranking.missing")
    at = morning_after(view.notice_until)
    await _sign(publisher, code, at=at)
    await commands.finalise(publisher, code, at=at + dt.timedelta(hours=1))
    await commands.publish(publisher, code, at=at + dt.timedelta(hours=2))


async def _heard(code: Code) -> dt.datetime:
    """Return the morning after the last unit could appeal or answer."""
    view = await queries.ranking(code)
    waits = [each.appeal_by for each in await queries.deliveries(view.id) if not each.waived_at]
    return morning_after(max([*waits, view.answer_by or view.computed_at]))


async def _sign(publisher: Actor, code: Code, *, at: dt.datetime) -> None:
    sheet = await lifecycle.procedure(await queries.ranking(code), at=at, draws_too=False)
    left = [each.key for each in sheet if each.fulfilled and not each.signed]
    await commands.sign(publisher, code, left, at=at)


async def _liaisons(
    administrator: Actor, code: Code, liaisons: dict[str, str], *, at: dt.datetime
) -> list[Actor]:
    """Open accounts for the liaisons of the lowest unit of each group, and of one of the best."""
    found = await queries.ranking(code)
    lists = await queries.lists(found.id)
    groups = [each.rows for each in lists if each.kind is Kind.UNIT]
    chosen: list[Row] = [
        min(ranked, key=lambda row: row.place_from_below or 0)
        for rows in groups
        if (ranked := [row for row in rows if row.place_from_below is not None])
    ]
    if chosen:
        largest = max(groups, key=len)
        chosen += [row for row in largest if row.place == 1][:1]
    return [
        await cast.speaker(administrator, row.unit_code, liaisons, at=at)
        for row in dict.fromkeys(chosen)
    ]
