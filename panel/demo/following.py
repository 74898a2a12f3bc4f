"""What follows from sheets: findings that go to their units, an exposure, a lead, reminders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from panel.accounts import queries as accounts
from panel.actor import Actor
from panel.demo.timeline import Timeline
from panel.entropy import key
from panel.evaluations import commands, queries
from panel.evaluations.commands import exposures, findings, replies
from panel.evaluations.types import LeadDraft, SheetState, SheetView
from panel.evaluations.types.exposures import NewExposure
from panel.evaluations.types.findings import (
    EvidenceKind,
    FindingDraft,
    NewEvidence,
    NewReply,
    Outcome,
    Stance,
    Triage,
)
from panel.ids import Code
from panel.members import queries as members
from panel.roster import queries as roster
from panel.visits import commands as visits
from panel.visits import queries as rounds
from panel.visits.types import TaskState

_SHOWN: Final = 3
"""Findings of the story: one made public, one waiting for its unit, one only noted."""
_TOLD: Final = (
    "办理事项时未一次性告知所需材料，群众需要往返多次。",
    "窗口公示的办理时限与实际不一致，未给出确定日期。",
    "投诉渠道未在窗口醒目位置公示。",
)


async def follow(
    staff: dict[str, Actor], time: Timeline, code: Code, liaisons: dict[str, str]
) -> None:
    """Note findings from sheets of a finished round and take them as far as days allow."""
    view = await rounds.round(code)
    speakers = await _speakers(liaisons)
    found = await _low(view.id, {actor.unit for actor in speakers if actor.unit})
    by_unit = {actor.unit: actor for actor in speakers}
    codes = []
    for sheet, told in zip(found, _TOLD, strict=False):
        item = next(iter(sheet.answers.reasons))
        codes.append(
            await findings.note_finding(
                staff["reviewer1"],
                FindingDraft(facts=sheet.answers.reasons[item], item=item, sheet=sheet.code),
                at=time.days_ago(9, 10),
            )
        )
        if len(codes) < _SHOWN:
            triage = Triage(severity=2, told=told)
            await findings.triage(staff["coordinator"], codes[-1], triage, at=time.days_ago(9, 11))
            await findings.send(staff["coordinator"], codes[-1], at=time.days_ago(9, 12))
    if codes:
        speaker = by_unit.get(found[0].task.unit_code)
        await _to_the_end(staff, time, codes[0], speaker)
    await _lead(staff, time)
    await visits.remind_due(at=time.days_ago(0, 0))


async def keep_busy(staff: dict[str, Actor], time: Timeline, codes: Sequence[Code]) -> None:
    """Leave a sheet with a question to its visitor and one that contradicts another."""
    at = time.days_ago(0, 0)
    waiting = [
        task.code
        for code in codes
        for task in await rounds.round_tasks(
            (await rounds.round(code)).id, state=TaskState.SUBMITTED
        )
    ]
    sheets = [await queries.latest(await rounds.task(code)) for code in waiting[:2]]
    if sheets and sheets[0] is not None:
        question = "请补充说明等候的具体情况。"
        await commands.send_back(staff["reviewer2"], sheets[0].code, question, at=at)
    if len(sheets) > 1 and sheets[1] is not None:
        reason = "与同日另一份评议表不一致。"
        await commands.hold(staff["reviewer3"], sheets[1].code, reason, revisit=True, at=at)


async def _speakers(liaisons: dict[str, str]) -> list[Actor]:
    """Return the liaisons who have an account."""
    return [await accounts.actor_named(login) for login in liaisons]


async def _low(round_id: int, units: set[Code]) -> list[SheetView]:
    """Return accepted sheets with a reason for a low answer, units with a liaison first."""
    found = []
    for task in await rounds.round_tasks(round_id, limit=400):
        sheet = await queries.latest(task)
        if sheet and sheet.state is SheetState.ACCEPTED and sheet.answers.reasons:
            found.append(sheet)
    chosen: dict[Code, SheetView] = {}
    for sheet in sorted(found, key=lambda each: each.task.unit_code not in units):
        chosen.setdefault(sheet.task.unit_code, sheet)
    return list(chosen.values())


async def _to_the_end(
    staff: dict[str, Actor], time: Timeline, code: Code, speaker: Actor | None
) -> None:
    """Let a unit receive and answer a finding; verify it and make it public."""
    if speaker is None:
        return
    await replies.receive(speaker, code, at=time.days_ago(8, 9))
    reply = NewReply(Stance.ACCEPTED, "情况属实。已制作一次性告知清单，并对窗口人员逐一培训。")
    await replies.reply(speaker, code, reply, at=time.days_ago(6, 10))
    evidence = NewEvidence(
        EvidenceKind.DOCUMENT, note="窗口公示材料清单与办事指南不一致的核对记录。"
    )
    await findings.add_evidence(staff["reviewer2"], code, evidence, at=time.days_ago(5, 9))
    await findings.conclude(
        staff["reviewer2"],
        code,
        Outcome.VERIFIED,
        "经核对办事指南和窗口材料清单，问题属实。",
        at=time.days_ago(5, 10),
    )
    text = NewExposure(
        title="一次性告知不到位",
        text="走访发现该单位窗口未一次性告知所需材料，群众需要往返多次。",
    )
    exposure = await exposures.propose_exposure(
        staff["reviewer2"], code, text, at=time.days_ago(4, 9)
    )
    await exposures.approve_exposure(staff["publisher"], exposure, at=time.days_ago(4, 15))


async def _lead(staff: dict[str, Actor], time: Timeline) -> None:
    """Let a member report a problem seen outside of any task; a coordinator takes it up."""
    unit = (await roster.units())[0]
    member = (await members.serving(time.days_ago(3, 9)))[0]
    draft = LeadDraft(
        unit=unit.code,
        text="大厅自助取号机停用，未张贴告示，办事群众不知道在哪里取号。",
        seen_on=time.day(3),
    )
    actor = await accounts.actor_of_member(member.code)
    lead = await commands.report_lead(actor, draft, key(), at=time.days_ago(3, 10))
    await commands.take_lead(staff["coordinator"], lead, at=time.days_ago(2, 10))
