"""Third act: the ranking is computed, the units are heard, the lists become public."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Final

from panel.actor import Actor
from panel.demo import cast
from panel.demo.progress import Progress
from panel.demo.timeline import Timeline
from panel.ids import Code
from panel.rankings import commands, queries
from panel.rankings.types import Kind, Row
from panel.roster import queries as roster

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


async def judge(
    staff: dict[str, Actor], time: Timeline, code: Code, liaisons: dict[str, str]
) -> AsyncIterator[Progress]:
    """Compute, notify, let the lowest units answer, reply, publish; fills in the liaisons."""
    coordinator = staff["coordinator"]
    yield Progress("rank", 0, 4)
    ranking = await commands.close(coordinator, code, at=time.days_ago(10, 20))
    lists = await queries.lists(ranking.id)
    units = [each for each in lists if each.kind is Kind.UNIT]
    speakers = await _liaisons(staff["admin"], time, [each.rows for each in units], liaisons)
    yield Progress("rank", 1, 4)
    await commands.notify(coordinator, code, at=time.days_ago(9))
    filed = [
        await commands.answer(speaker, code, text, at=time.days_ago(6, 10 + number))
        for number, (speaker, text) in enumerate(zip(speakers, _ANSWERS, strict=False))
    ]
    yield Progress("rank", 2, 4)
    for number, (answer, reply) in enumerate(zip(filed, _REPLIES, strict=False)):
        await commands.consider(
            coordinator, answer.code, reply, at=time.days_ago(5, 10 + number), shown=True
        )
    yield Progress("rank", 3, 4)
    await commands.publish(staff["publisher"], code, at=time.days_ago(1, 10))
    yield Progress("rank", 4, 4)


async def _liaisons(
    administrator: Actor,
    time: Timeline,
    groups: Sequence[Sequence[Row]],
    liaisons: dict[str, str],
) -> list[Actor]:
    """Open accounts for the liaisons of the lowest unit of each group, and of one of the best."""
    chosen = [
        min(ranked, key=lambda row: row.place_from_below or 0)
        for rows in groups
        if (ranked := [row for row in rows if row.place_from_below is not None])
    ]
    if chosen:
        largest = max(groups, key=len)
        chosen += [row for row in largest if row.place == 1][:1]
    actors = []
    for row in dict.fromkeys(chosen):
        unit = await roster.unit(row.unit_code)
        speakers = [each for each in await roster.liaisons(unit.code) if not each.deputy]
        if not speakers:
            continue
        login = unit.ref.lower()
        actors.append(
            await cast.liaison(
                administrator, login, unit.name, unit.code, speakers[0].person, at=time.days_ago(9)
            )
        )
        liaisons[login] = unit.name
    return actors
