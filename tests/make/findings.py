"""Builders of findings, taken through their course by the real commands."""

from __future__ import annotations

from datetime import timedelta

from panel.actor import Actor
from panel.db import raw
from panel.evaluations import commands as sheets
from panel.evaluations.commands import findings as commands
from panel.evaluations.commands import replies
from panel.evaluations.types import Receipt, Share
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
from tests import people
from tests.make import evaluations, visits
from tests.make.evaluations import SENT

AT = SENT + timedelta(hours=2)
TOLD = "窗口在公示的工作时间内无人值守，也没有离岗告示。"
BODY = "纪委监委"


async def noted(
    setting: visits.Setting, *, share: Share = Share.SEND, item: str = "A3", **more: object
) -> tuple[Code, Receipt]:
    """Return a finding of an accepted sheet."""
    _, _, receipt = await evaluations.sent(setting, share=share, **more)  # type: ignore[arg-type]
    await sheets.accept(people.reviewer, receipt.code, at=AT)
    draft = FindingDraft(facts="九点四十到十点窗口没有人", item=item, sheet=receipt.code)
    return await commands.note_finding(people.reviewer, draft, at=AT), receipt


def judged(severity: int = 2, **more: object) -> Triage:
    """Return a judgement with a text that tells nothing."""
    values: dict[str, object] = {"body": BODY, "document": "移函〔2026〕1号", **more}
    return Triage(severity=severity, told=TOLD, **values)  # type: ignore[arg-type]


async def liaison_of(code: Code) -> Actor:
    """Return the liaison of a finding's unit."""
    (row,) = await raw(
        "SELECT u.code FROM finding f JOIN unit u ON u.id = f.unit WHERE f.code = {}", code
    )
    return people.liaison(Code(row["code"]))


async def sent(setting: visits.Setting, *, severity: int = 2, **more: object) -> tuple[Code, Actor]:
    """Return a finding that its unit has been told of, with the unit's liaison."""
    code, _ = await noted(setting, **more)  # type: ignore[arg-type]
    await commands.triage(people.coordinator, code, judged(severity), at=AT)
    await commands.send(people.coordinator, code, at=AT)
    return code, await liaison_of(code)


async def answered(
    setting: visits.Setting, *, severity: int = 2, **more: object
) -> tuple[Code, Actor]:
    """Return a finding that its unit has answered."""
    code, liaison = await sent(setting, severity=severity, **more)
    await replies.receive(liaison, code, at=AT)
    given = NewReply(Stance.PARTLY, "当天两人同时请假，已补离岗告示。")
    await replies.reply(liaison, code, given, at=AT + timedelta(hours=1))
    return code, liaison


async def proved(code: Code, kind: EvidenceKind = EvidenceKind.TICKET) -> None:
    """Add one more independent item."""
    await commands.add_evidence(
        people.coordinator, code, NewEvidence(kind, "取号单照片"), at=AT + timedelta(hours=2)
    )


async def verified(setting: visits.Setting, *, severity: int = 2) -> tuple[Code, Actor]:
    """Return a verified finding."""
    code, liaison = await answered(setting, severity=severity)
    await commands.conclude(
        people.second_reviewer, code, Outcome.VERIFIED, "情况属实。", at=AT + timedelta(hours=3)
    )
    return code, liaison
