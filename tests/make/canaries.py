"""A city full of canaries: words that no unit and nobody outside may ever read."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from panel import keys
from panel.actor import Actor, Role
from panel.evaluations import commands as evaluations
from panel.evaluations import queries as sheets
from panel.evaluations.tables import Photo, Submission
from panel.evaluations.types import Answers, InfluenceKind, LeadDraft, Share
from panel.ids import Code
from panel.members import queries as members
from panel.vault import commands as vault
from panel.vault.types import Identity, OpeningKind
from panel.visits import commands as visits
from panel.visits import queries as tasks
from panel.visits.tables import Round, Task
from panel.visits.types import Mode, RoundView, TaskView
from tests import people
from tests.make import evaluations as answers
from tests.make import rankings
from tests.make import visits as make
from tests.tables import remembered

TOLD = datetime(2026, 6, 20, 2, 0, tzinfo=UTC)
"""Everything has happened; the batched results have been told."""
PICTURE = b"\xff\xd8\xff\xe0CANARY-PICTURE-BYTES-7731"
coordinator = people.staff(9101, "canary-coordinator", "金丝雀办公室", Role.COORDINATOR)
discipline = people.staff(9150, "canary-discipline", "金丝雀纪检", Role.INDEPENDENT_REVIEWER)
IDENTITY = Identity(
    name="金丝雀甲",
    phone="13977310001",
    national_id="990000198001017731",
    address="金丝雀路7731号",
    employer="金丝雀公司",
)


class City(msgspec.Struct, frozen=True):
    """A city with its canaries by what they stand for."""

    unit: Code
    windows: list[Code]
    rounds: list[Code]
    codes: list[str]
    """Codes that somebody may try in an address."""
    canaries: dict[str, str]


@remembered
async def city() -> City:
    """Play a ranked covert round and one that runs, with a canary wherever something is typed."""
    played, _ = await rankings.published(members=16, groups=("service",))
    unit = played.units[0]
    await Task.update({Task.mode: Mode.COVERT}, force=True)
    await Round.update({Round.covert_percent: 100}, force=True)
    done = [t for t in await _tasks(played.round.id) if t.unit_code == unit]
    task = done[0]
    actor = await _visitor(played.members, task.round_code, task.visitor)
    person = (await members.member(Code(str(actor.member)))).person
    await vault.replace(person, IDENTITY)
    sheet = await _sheet(task.id)
    await _picture(task.id)
    await _told(unit)
    found = await _typed(actor, unit, task.code, played.round.code)
    second = await _second_round()
    coming = (await tasks.round_tasks(second.id, shown=True))[0]
    receipt = (await sheets.submission(sheet)).body_digest
    return City(
        unit=unit,
        windows=[each.window_code for each in done if each.window_code],
        rounds=[played.round.code, second.code],
        codes=[task.code, coming.code, sheet, str(actor.member), *found.pop("codes").split()],
        canaries={
            "name": IDENTITY.name, "phone": IDENTITY.phone, "id": IDENTITY.national_id,
            "address": IDENTITY.address, "employer": IDENTITY.employer,
            "day": "2026-03-11", "day in words": "3月11日", "hour": "07:31",
            "praise": "金丝雀夸奖", "reason": "金丝雀理由", "ticket": "KX7731",
            "hour of the ticket": "07:13", "grave event": "金丝雀情形",
            "picture": PICTURE.decode("latin-1"),
            "picture in base64": base64.b64encode(PICTURE[4:]).decode()[:24],
            "task": task.code, "task to come": coming.code, "sheet": sheet,
            "receipt": receipt, "key": answers.key(task.id),
            "label": task.visitor, "start of the label": task.visitor[:16],
            "label to come": coming.visitor, "member": str(actor.member),
            "note of a closed window": "金丝雀关门", "coordinator": coordinator.name,
            "office": coordinator.office, "account of the discipline office": discipline.name,
            **found,
        },
    )  # fmt: skip


async def _tasks(round_id: int) -> list[TaskView]:
    return await tasks.round_tasks(round_id, limit=500, shown=True)


async def _visitor(codes: Sequence[Code], round_code: Code, visitor: str) -> Actor:
    number, code = next(
        (number, code)
        for number, code in enumerate(codes)
        if tasks.link(code, round_code) == visitor
    )
    return people.member(code, 100 + number)


async def _sheet(task_id: int) -> Code:
    """Plant canaries in every counted sheet, the rarest in that of one task."""
    own = Code("")
    for row in await Submission.select(Submission.id, Submission.task, Submission.code,
                                       Submission.answers):  # fmt: skip
        given = msgspec.json.decode(row["answers"], type=Answers)
        planted = msgspec.structs.replace(
            given,
            good="金丝雀夸奖",
            reasons=dict.fromkeys(given.items, "金丝雀理由"),
            vetoes={"V2": "金丝雀情形"},
            visited_at="07:31",
            ticket="KX7731",
            ticket_at="07:13",
            share=Share.SEND,
        )
        await Submission.update({Submission.answers: msgspec.json.encode(planted).decode()}).where(
            Submission.id == row["id"]
        )
        own = Code(row["code"]) if row["task"] == task_id else own
    await Task.update({Task.note: "金丝雀关门"}).where(Task.id == task_id)
    return own


async def _picture(task_id: int) -> None:
    code = Code("0000000CAN")
    sealed = keys.current().seal("visit", PICTURE, sheets.photo_context(code))
    await Photo(code=code, task=task_id, key="canary", sealed=sealed, digest="", size=1,
                kept_at=make.DURING).save()  # fmt: skip


async def _told(unit: Code) -> None:
    """Tell the units their results, with one comment in the office's words."""
    view = await evaluations.make_results(people.coordinator, at=rankings.LATE)
    first, *rest = await sheets.result_comments(view)
    await evaluations.screen_comment(
        people.reviewer, first.code, "有群众建议增加引导", at=rankings.LATE
    )
    for each in rest:
        await evaluations.withhold_comment(people.reviewer, each.code, at=rankings.LATE)
    await evaluations.release_results(people.second, view.code, at=rankings.LATE)
    assert await sheets.unit_results(unit, at=TOLD)


async def _typed(actor: Actor, unit: Code, task: Code, round_code: Code) -> dict[str, str]:
    """Let everybody type something that stays inside."""
    lead = await evaluations.report_lead(
        actor,
        LeadDraft(unit=unit, text="金丝雀线索", seen_on=make.DURING.date()),
        answers.key(901),
        at=make.DURING,
    )
    told = await evaluations.report_influence(
        actor, InfluenceKind.ASKED, answers.key(902), text="金丝雀招呼", who="金丝雀乙", task=task,
        at=make.DURING,
    )  # fmt: skip
    wish = await vault.ask(discipline, OpeningKind.VISITOR, task, "金丝雀开启", at=make.DURING)
    await vault.decide(coordinator, wish.code, approve=True, at=make.DURING)
    await visits.open_visitor(discipline, wish.code, at=make.DURING)
    await visits.look(coordinator, round_code, "金丝雀查看", at=make.DURING)
    return {
        "lead": "金丝雀线索", "influence": "金丝雀招呼", "who influenced": "金丝雀乙",
        "reason of an opening": "金丝雀开启", "reason of a look": "金丝雀查看",
        "number of a lead": str(lead), "number of an influence": str(told),
        "number of an opening": wish.code, "codes": f"{lead} {told} {wish.code}",
    }  # fmt: skip


async def _second_round() -> RoundView:
    """Draw a covert round that runs on: its tasks are still to come."""
    committed = await make.committed_round(
        groups=("service",), covert_percent=100, visits_per_window=5, title="第二轮",
        starts=rankings.LATE, ends=TOLD + timedelta(days=60),
    )  # fmt: skip
    view = await visits.draw(people.coordinator, committed.code, at=make.AT)
    stored = json.loads((await Round.select(Round.labels).where(Round.id == view.id))[0]["labels"])
    assert stored
    return view
