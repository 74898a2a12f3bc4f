"""First act: from the announcement to a vetted and frozen pool."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Sequence
from typing import Final

import msgspec

from panel.actor import Actor
from panel.demo import behaviour
from panel.demo.people import SampleApplicant, applicants
from panel.demo.progress import Progress
from panel.demo.timeline import Timeline
from panel.entropy import key
from panel.ids import Code
from panel.recruitment import commands, queries
from panel.recruitment.types.applications import ApplicationForm, Declared
from panel.recruitment.types.campaigns import (
    CampaignDraft,
    CampaignKind,
    CampaignView,
    Reason,
    Screened,
    Verdict,
)
from panel.roster import queries as roster

_TITLE: Final = ("群众监督评议团招募公告", "Recruitment of the citizen supervision panel")
REPLACEMENT: Final = ("群众监督评议团补充招募公告", "Recruitment for vacant seats of the panel")
ADDITIONAL: Final = ("群众监督评议团增补招募公告", "Additional recruitment of the panel")
_BY_PHONE: Final = 25
"""Of a thousand applicants, so many use the form in the story; the others came on paper."""
_CATEGORIES: Final = {
    "enterprise": "企业职工",
    "self_employed": "个体工商户",
    "resident": "居民群众",
    "other": "其他（机关事业单位等）",
}
_HEADER: Final = (
    "姓名", "身份证号", "电话", "行政区", "类别", "职业", "住址", "工作单位", "回避单位",
    "纬度", "经度",
)  # fmt: skip
_INELIGIBLE: Final = 12
_DISPUTED: Final = 8


class Recruited(msgspec.Struct):
    """What the act leaves behind."""

    campaign: Code = Code("")
    lottery: Code = Code("")
    members: list[Code] = []


async def recruit(
    staff: dict[str, Actor], time: Timeline, seats: int, seed: str, outcome: Recruited
) -> AsyncIterator[Progress]:
    """Announce, take in three applicants a seat, and vet them until the pool is frozen."""
    campaign = await announce(staff, time, seats)
    outcome.campaign = campaign.code
    listed = {unit.ref for unit in await roster.units()}
    people = [
        msgspec.structs.replace(
            person, recusals=tuple(ref for ref in person.recusals if ref in listed)
        )
        for person in applicants(seats * 3, seed, on=time.day(93))
    ]
    async for step in _apply(staff, time, campaign, people, seed):
        yield step
    async for step in _screen(staff, time, campaign, seed):
        yield step


async def announce(
    staff: dict[str, Actor],
    time: Timeline,
    seats: int,
    *,
    days: int = 110,
    length: int = 10,
    lead: int = 64,
    title: tuple[str, str] = _TITLE,
    kind: CampaignKind = CampaignKind.PANEL,
) -> CampaignView:
    """Create a campaign and have another person approve its announcement."""
    created = await commands.create(
        staff["coordinator"],
        CampaignDraft(
            title=title[0],
            title_en=title[1],
            seats=seats,
            reserve=seats // 5,
            opens_at=time.days_ago(days - 8, 0),
            closes_at=time.days_ago(days - 8 - length, 18),
            conditions="年满18周岁、不超过70周岁，在本市居住或工作，愿意利用业余时间走访服务窗口、如实评议。",
            conditions_en="Aged 18 to 70, living or working in the city, willing to visit service "
            "windows in spare time and to judge truthfully.",
            privacy="姓名、电话、证件号码和住址加密保存，只用于资格审查和联系；未入选者的信息在招募结束90天后删除，候补人员的信息保存到任期届满。",
            privacy_en="Name, telephone, id number and address are kept encrypted and used only "
            "for checking and contact; they are deleted 90 days after the recruitment for those "
            "not selected, and after the term for the reserve.",
            term_start=time.day(days - lead),
            kind=kind,
        ),
        at=time.days_ago(days),
    )
    return await commands.approve_and_announce(
        staff["approver"], created.code, at=time.days_ago(days, 15)
    )


async def _apply(
    staff: dict[str, Actor],
    time: Timeline,
    campaign: CampaignView,
    people: Sequence[SampleApplicant],
    seed: str,
) -> AsyncIterator[Progress]:
    """Let some apply on their phones, and import the others' signed forms as one sheet."""
    by_phone = [p for p in people if behaviour.happens(_BY_PHONE, seed, "phone", str(p.index))]
    chosen = {person.index for person in by_phone}
    yield Progress("apply", 0, len(people))
    for number, person in enumerate(by_phone, start=1):
        at = time.days_ago(101 - number % 8, 9 + number % 12, number % 60)
        await commands.apply(campaign.code, _form(person), key=key(), at=at)
        yield Progress("apply", number, len(people))
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(_HEADER)
    writer.writerows(_row(person) for person in people if person.index not in chosen)
    await commands.import_applications(
        staff["coordinator"],
        campaign.code,
        sheet.getvalue().encode("utf-8-sig"),
        "报名表.csv",
        at=time.days_ago(93, 16),
    )
    yield Progress("apply", len(people), len(people))


def _form(person: SampleApplicant) -> ApplicationForm:
    """Return what a person types on the phone."""
    return ApplicationForm(
        name=person.name,
        national_id=person.national_id,
        phone=person.phone,
        district=person.district,
        category=person.category,
        occupation="other",
        address=person.address,
        employer=person.employer,
        recusals=tuple(Declared(unit) for unit in person.recusals),
        consent=True,
    )


def _row(person: SampleApplicant) -> tuple[str, ...]:
    """Return a person's row of the offices' sheet."""
    return (
        person.name,
        person.national_id,
        person.phone,
        person.district,
        _CATEGORIES[person.category],
        person.occupation,
        person.address,
        person.employer,
        ";".join(person.recusals),
        f"{person.latitude / 1_000_000:.6f}",
        f"{person.longitude / 1_000_000:.6f}",
    )


async def _screen(
    staff: dict[str, Actor], time: Timeline, campaign: CampaignView, seed: str
) -> AsyncIterator[Progress]:
    """Two offices vet every application; where they differ, a third person decides."""
    coordinator = staff["coordinator"]
    await commands.start_screening(coordinator, campaign.code, at=time.days_ago(91, 9))
    tickets = await queries.tickets_of(campaign, Screened())
    yield Progress("screen", 0, 3)
    bad = [t for n, t in enumerate(tickets) if behaviour.happens(_INELIGIBLE, seed, "bad", str(n))]
    apart = set(bad)
    odd = [
        ticket
        for number, ticket in enumerate(tickets)
        if ticket not in apart and behaviour.happens(_DISPUTED, seed, "odd", str(number))
    ]
    apart.update(odd)
    good = [ticket for ticket in tickets if ticket not in apart]
    rounds = (
        ("vetting1", ((good, Verdict.PASS), (bad, Verdict.FAIL), (odd, Verdict.PASS))),
        ("vetting2", ((good, Verdict.PASS), (bad, Verdict.FAIL), (odd, Verdict.FAIL))),
        ("approver", ((odd, Verdict.PASS),)),
    )
    for number, (login, verdicts) in enumerate(rounds, start=1):
        for some, verdict in verdicts:
            if some:
                reason = Reason.INCOMPLETE.value if verdict is Verdict.FAIL else ""
                await commands.vet(
                    staff[login], campaign.code, some, verdict, reason,
                    at=time.days_ago(91, 9 + number),
                )  # fmt: skip
        yield Progress("screen", number, 3)
    # Whoever was found ineligible may reply, until a working day; nobody does in this story.
    await commands.finish_screening(coordinator, campaign.code, at=time.days_ago(75, 10))
