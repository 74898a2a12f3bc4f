"""From a campaign to appointed members: each step, and what it refuses."""

from __future__ import annotations

import asyncio
import datetime as dt

import msgspec
import pytest

from panel.actor import Actor, Signature
from panel.audit import queries as audit
from panel.db import Engine
from panel.errors import Closed, Conflict, Forbidden, Invalid, Missing
from panel.ids import Code
from panel.recruitment import commands, queries
from panel.recruitment.commands import papers
from panel.recruitment.tables import Application
from panel.recruitment.types.applications import Declared
from panel.recruitment.types.campaigns import (
    Phase,
    Reason,
    Screened,
    Verdict,
    VettingReport,
)
from panel.recruitment.types.paper import PaperAct
from panel.vault import queries as vault
from tests import people
from tests.make import recruitment as make
from tests.make import roster

PAPER = Signature("济评办2026-3号", "示例领导", make.AT.date(), "00" * 32)


@pytest.fixture
async def rulebook(engine: Engine) -> Code:
    return await make.rulebook_in_force()


async def commands_told() -> list[str]:
    return [each.command for each in await audit.entries(limit=200)]


async def test_an_announcement_freezes_its_criteria(rulebook: Code) -> None:
    campaign = await make.announced()
    assert campaign.phase(make.AT) is Phase.ANNOUNCED
    assert campaign.phase(make.OPEN) is Phase.OPEN
    assert campaign.phase(make.CLOSES) is Phase.CLOSED
    frozen = msgspec.json.decode(campaign.criteria)
    assert frozen["seats"] == 10
    assert frozen["plan"]["groups"][0]["minimum"] == 8
    assert len(campaign.criteria_hash) == 64
    assert (await commands_told())[:2] == [
        "recruitment.approve_and_announce",
        "recruitment.create",
    ]


async def test_the_author_does_not_approve(rulebook: Code) -> None:
    made = await commands.create(people.coordinator, make.draft(), at=make.AT)
    with pytest.raises(Forbidden, match=r"approval\.same_person"):
        await commands.approve_and_announce(people.coordinator, made.code, at=make.AT)
    await papers.enter(people.publisher, PaperAct.ANNOUNCE, made.code, PAPER, at=make.AT)
    signed = await commands.approve_and_announce(
        people.coordinator, made.code, at=make.AT, paper=PAPER
    )
    assert signed.criteria_hash
    with pytest.raises(Conflict, match=r"campaign\.announced_already"):
        await commands.approve_and_announce(people.second, made.code, at=make.AT)


async def test_a_late_announcement_is_refused(rulebook: Code) -> None:
    late = make.draft(opens_at=make.AT + dt.timedelta(days=6))
    made = await commands.create(people.coordinator, late, at=make.AT)
    with pytest.raises(Invalid, match=r"campaign\.too_late_to_announce"):
        await commands.approve_and_announce(people.second, made.code, at=make.AT)


async def test_an_incomplete_draft_names_every_fault(rulebook: Code) -> None:
    wrong = make.draft(title=" ", seats=0, closes_at=make.OPENS, term_start=dt.date(2026, 3, 1))
    with pytest.raises(Invalid) as refusal:
        await commands.create(people.coordinator, wrong, at=make.AT)
    paths = {fault.path for fault in refusal.value.faults}
    assert paths == {"title", "seats", "reserve", "closes_at", "term_start"}
    with pytest.raises(Forbidden):
        await commands.create(people.clerk_a, make.draft(), at=make.AT)


async def test_an_application_is_taken_in_once(rulebook: Code) -> None:
    campaign = await make.announced()
    typed = make.form(national_id=make.national_id(1).lower(), name="示 例")
    receipt = await commands.apply(campaign.code, typed, key="k" * 36, at=make.OPEN)
    assert await commands.apply(campaign.code, typed, key="k" * 36, at=make.OPEN) == receipt
    changed = msgspec.structs.replace(typed, employer="另一家公司")
    with pytest.raises(Conflict, match=r"application\.other_content"):
        await commands.apply(campaign.code, changed, key="k" * 36, at=make.OPEN)
    with pytest.raises(Conflict, match=r"person\.known"):
        await commands.apply(campaign.code, changed, key="l" * 36, at=make.OPEN)
    assert await Application.count() == 1
    (row,) = await Application.select()
    assert (row["category"], row["sex"]) == ("self_employed", "male")
    assert (await vault.reveal_own(row["person"])).name == "示例"
    stored = repr(row)
    assert "示例" not in stored
    assert typed.phone not in stored


async def test_eight_equal_posts_at_once_give_one_row_and_equal_receipts(rulebook: Code) -> None:
    campaign = await make.announced()
    receipts = await asyncio.gather(
        *(commands.apply(campaign.code, make.form(), key="s" * 36, at=make.OPEN) for _ in range(8))
    )
    assert len({receipt.ticket for receipt in receipts}) == 1
    assert await Application.count() == 1


async def test_applications_outside_their_time_are_refused(rulebook: Code) -> None:
    campaign = await make.announced()
    with pytest.raises(Conflict, match=r"application\.not_open"):
        await commands.apply(campaign.code, make.form(), key="a" * 36, at=make.AT)
    with pytest.raises(Closed, match=r"application\.closed"):
        await commands.apply(campaign.code, make.form(), key="a" * 36, at=make.CLOSES)
    with pytest.raises(Closed, match=r"application\.closed"):
        await commands.import_applications(
            people.coordinator, campaign.code, make.sheet([make.row()]), "a.csv", at=make.CLOSES
        )
    made = await commands.create(people.coordinator, make.draft(), at=make.AT)
    with pytest.raises(Missing, match=r"campaign\.unknown"):
        await commands.apply(made.code, make.form(), key="a" * 36, at=make.OPEN)
    assert await Application.count() == 0


async def test_recusals_follow_from_what_is_declared_and_from_the_employer(rulebook: Code) -> None:
    city = await roster.small_city()
    campaign = await make.announced()
    typed = make.form(employer=city.units[1].name, recusals=(Declared(city.units[0].code),))
    await commands.apply(campaign.code, typed, key="a" * 36, at=make.OPEN)
    (row,) = await Application.select(Application.exclusions, Application.latitude)
    assert {tuple(each) for each in msgspec.json.decode(row["exclusions"])} == {
        (city.units[0].code, "declared"),
        (city.units[1].code, "employer"),
    }
    assert row["latitude"] % 10_000 == 0
    with pytest.raises(Invalid) as refusal:
        await commands.apply(
            campaign.code,
            make.form(2, recusals=(Declared("没有的单位"),)),
            key="b" * 36,
            at=make.OPEN,
        )
    assert [fault.path for fault in refusal.value.faults] == ["recusals"]


async def test_a_sheet_is_taken_in_whole_or_not_at_all(rulebook: Code) -> None:
    campaign = await make.announced()
    rows = [make.row(n) for n in range(1, 7)]
    rows[1]["身份证号"] = rows[1]["身份证号"][:-1] + "0"
    rows[2]["性别"] = "女"
    rows[3]["类别"] = "外星人"
    rows[4]["身份证号"] = rows[0]["身份证号"].lower()
    rows[4] |= {"性别": "", "出生日期": ""}
    with pytest.raises(Invalid) as refusal:
        await commands.import_applications(
            people.coordinator, campaign.code, make.sheet(rows), "a.csv", at=make.OPEN
        )
    assert {(fault.path, fault.code) for fault in refusal.value.faults} == {
        ("row 3, 身份证号", "national_id.check_digit"),
        ("row 4, 性别", "import.disagrees"),
        ("row 5, 类别", "application.unknown_choice"),
        ("row 6, 身份证号", "import.twice"),
    }
    assert await Application.count() == 0


async def test_a_sheet_with_somebody_who_has_applied_names_the_row(rulebook: Code) -> None:
    campaign = await make.announced()
    await commands.apply(campaign.code, make.form(2), key="a" * 36, at=make.OPEN)
    with pytest.raises(Invalid) as refusal:
        await make.applied(campaign.code, 3)
    assert [fault.path for fault in refusal.value.faults] == ["row 3, 身份证号"]
    assert await Application.count() == 1


async def test_two_persons_settle_an_application_and_a_third_where_they_differ(
    rulebook: Code,
) -> None:
    campaign = await make.announced()
    first, other, third = await make.applied(campaign.code, 3)
    await make.screening(campaign.code)

    async def vet(actor: Actor, tickets: list[Code], verdict: Verdict) -> VettingReport:
        reason = Reason.RESIDENCE if verdict is Verdict.FAIL else ""
        return await commands.vet(
            actor,
            campaign.code,
            tickets,
            verdict,
            reason,
            at=make.SCREENING,
        )

    await vet(people.clerk_a, [first, other, third], Verdict.PASS)
    with pytest.raises(Conflict, match=r"vetting\.same_person"):
        await vet(people.clerk_a, [other], Verdict.PASS)
    report = await vet(people.clerk_b, [first], Verdict.PASS)
    assert msgspec.to_builtins(report) == {
        "judged": 1, "eligible": 1, "ineligible": 0, "disputed": 0,
    }  # fmt: skip
    report = await vet(people.clerk_b, [other], Verdict.FAIL)
    assert msgspec.to_builtins(report)["disputed"] == 1
    with pytest.raises(Conflict, match=r"vetting\.settled"):
        await vet(people.clerk_c, [first, other], Verdict.FAIL)
    await vet(people.clerk_c, [other], Verdict.FAIL)
    states = {
        each.ticket: (each.state.value, each.reason)
        for each in await queries.applications_of(
            await queries.campaign(campaign.code), Screened(), limit=10
        )
    }
    assert states == {
        first: ("eligible", ""), other: ("ineligible", "residence"), third: ("submitted", ""),
    }  # fmt: skip
    progress = await queries.progress(await queries.campaign(campaign.code))
    assert (progress.waiting, progress.unjudged, progress.disputed) == (1, 0, 0)
    with pytest.raises(Conflict, match=r"campaign\.unsettled"):
        await commands.finish_screening(people.coordinator, campaign.code, at=make.SCREENING)


async def test_where_two_offices_are_asked_for_one_office_counts_once(rulebook: Code) -> None:
    campaign = await make.announced(two_offices=True)
    tickets = await make.applied(campaign.code, 1)
    await make.screening(campaign.code)
    same = msgspec.structs.replace(people.clerk_b, office=people.clerk_a.office)
    await commands.vet(people.clerk_a, campaign.code, tickets, Verdict.PASS, "", at=make.SCREENING)
    with pytest.raises(Conflict, match=r"vetting\.same_office"):
        await commands.vet(same, campaign.code, tickets, Verdict.PASS, "", at=make.SCREENING)


async def test_screening_needs_a_reason_a_role_and_its_time(rulebook: Code) -> None:
    campaign = await make.announced()
    tickets = await make.applied(campaign.code, 1)
    with pytest.raises(Conflict, match=r"vetting\.not_now"):
        await commands.vet(
            people.clerk_a, campaign.code, tickets, Verdict.PASS, "", at=make.SCREENING
        )
    await make.screening(campaign.code)
    with pytest.raises(Invalid, match=r"vetting\.reason_needed"):
        await commands.vet(
            people.clerk_a, campaign.code, tickets, Verdict.FAIL, "", at=make.SCREENING
        )
    with pytest.raises(Forbidden):
        await commands.vet(
            people.reviewer, campaign.code, tickets, Verdict.PASS, "", at=make.SCREENING
        )


async def test_two_first_verdicts_at_once_settle_the_application(rulebook: Code) -> None:
    campaign = await make.announced()
    tickets = await make.applied(campaign.code, 5)
    await make.screening(campaign.code)
    await asyncio.gather(
        *(
            commands.vet(clerk, campaign.code, tickets, Verdict.PASS, "", at=make.SCREENING)
            for clerk in (people.clerk_a, people.clerk_b)
        )
    )
    progress = await queries.progress(await queries.campaign(campaign.code))
    assert progress.by_state == {"eligible": 5}


async def test_three_thousand_applications_are_taken_in_at_once(rulebook: Code) -> None:
    campaign = await make.announced(seats=1000, reserve=200)
    rows = []
    for number in range(3000):
        born = f"{1957 + number // 100:04d}0615"
        rows.append(make.row(number) | {"身份证号": make.national_id(number, born=born)})
        rows[-1] |= {"性别": "", "出生日期": "", "住址": f"示例路{number}号"}
    await commands.import_applications(
        people.coordinator, campaign.code, make.sheet(rows), "a.csv", at=make.OPEN
    )
    assert await Application.count() == 3000
