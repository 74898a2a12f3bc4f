"""Builders of campaigns, applicants and drawn panels, made by the real commands."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping
from importlib.resources import files

import msgspec

from panel.actor import Actor
from panel.ids import Code
from panel.recruitment import commands, queries
from panel.recruitment.rules import identity
from panel.recruitment.types.applications import APPLICATION_COLUMNS, ApplicationForm
from panel.recruitment.types.campaigns import (
    CampaignDraft,
    CampaignView,
    Phase,
    Screened,
    Verdict,
)
from panel.rulebook import commands as rulebook
from tests import people
from tests.tables import remembered

AT = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
OPENS = AT + dt.timedelta(days=10)
CLOSES = AT + dt.timedelta(days=40)
OPEN = OPENS + dt.timedelta(days=1)
SCREENING = CLOSES + dt.timedelta(hours=1)
DISTRICTS = ("任城区", "兖州区", "曲阜市")
CATEGORIES = ("enterprise", "self_employed", "resident", "other")
WORDS = {
    "enterprise": "企业职工",
    "self_employed": "个体工商户",
    "resident": "群众",
    "other": "机关事业单位",
}


def default_toml() -> str:
    """Return the rulebook that the service comes with."""
    return files("panel.rulebook").joinpath("default.toml").read_text(encoding="utf-8")


@remembered
async def rulebook_in_force(toml: str | None = None) -> Code:
    """Propose a rulebook and approve it by another person."""
    version = await rulebook.propose(people.coordinator, toml or default_toml(), at=AT)
    return (await rulebook.approve(people.second, version.code, at=AT)).code


def small_toml() -> str:
    """Return the rulebook with the 80 % rule and category quotas alone, for panels of ten."""
    head, *blocks = default_toml().split("[[recruitment.quotas]]\n")
    last, _, tail = blocks[-1].partition("[rounds]")
    kept = [each for each in [*blocks[:-1], last] if 'feature = "category"' in each]
    return head + "".join("[[recruitment.quotas]]\n" + each for each in kept) + "[rounds]" + tail


def draft(**more: object) -> CampaignDraft:
    """Return a complete draft of ten seats and two reserves."""
    whole = CampaignDraft(
        title="第一届监督评议团招募",
        title_en="Recruitment of the first panel",
        seats=10,
        reserve=2,
        opens_at=OPENS,
        closes_at=CLOSES,
        conditions="年满18周岁，在本市居住。",
        conditions_en="Aged 18 or over and living in the city.",
        privacy="个人信息只用于招募。",
        privacy_en="Personal data are used for the recruitment only.",
        term_start=dt.date(2026, 5, 1),
    )
    return msgspec.structs.replace(whole, **more)


@remembered
async def announced(**more: object) -> CampaignView:
    """Announce a campaign under the default rulebook, approved by another person."""
    made = await commands.create(people.coordinator, draft(**more), at=AT)
    return await commands.approve_and_announce(people.second, made.code, at=AT)


def national_id(number: int, *, born: str = "19850615", female: bool | None = None) -> str:
    """Return a number whose check digit holds, of a region that does not exist."""
    odd = number % 2 if female is None else not female
    body = f"990000{born}{number // 2 % 100:02d}{odd}"
    return body + identity.check_digit(body)


def form(number: int = 1, **more: object) -> ApplicationForm:
    """Return what an invented applicant types."""
    whole = ApplicationForm(
        name=f"示例{chr(0x4E00 + number)}",
        national_id=national_id(number, born=f"{1960 + number % 40}0615"),
        phone=f"1990000{number:04d}",
        district=DISTRICTS[number % 3],
        category=CATEGORIES[number % 4],
        occupation="worker",
        address=f"示例路{number}号",
        employer=f"第{number}示例公司",
        consent=True,
    )
    return msgspec.structs.replace(whole, **more)


def row(number: int = 1, **more: str) -> dict[str, str]:
    """Return a row of a sheet of applications."""
    typed = form(number)
    return {
        "姓名": typed.name,
        "身份证号": typed.national_id,
        "电话": typed.phone,
        "性别": "男" if number % 2 else "女",
        "出生日期": f"{1960 + number % 40}.6",
        "行政区": typed.district,
        "类别": WORDS[typed.category],
        "职业": "工人",
        "住址": typed.address,
        "工作单位": typed.employer,
        **more,
    }


def sheet(rows: Iterable[Mapping[str, str]]) -> bytes:
    """Write rows as a CSV file."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, APPLICATION_COLUMNS, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


@remembered
async def applied(campaign: Code, count: int, actor: Actor = people.coordinator) -> list[Code]:
    """Import so many invented applicants; return their tickets in the order of the sheet."""
    data = sheet(row(number) for number in range(1, count + 1))
    await commands.import_applications(actor, campaign, data, "applications.csv", at=OPEN)
    return await queries.tickets_of(await queries.campaign(campaign), Screened())


async def screening(campaign: Code) -> None:
    """Begin the vetting, where it has not begun."""
    if (await queries.campaign(campaign)).phase(SCREENING) is Phase.CLOSED:
        await commands.start_screening(people.coordinator, campaign, at=SCREENING)


async def screened(campaign: Code, tickets: Iterable[Code]) -> None:
    """Let two clerks pass applications."""
    await screening(campaign)
    wanted = list(tickets)
    for clerk in (people.clerk_a, people.clerk_b):
        await commands.vet(clerk, campaign, wanted, Verdict.PASS, "", at=SCREENING)


@remembered
async def selecting(count: int = 40, **more: object) -> CampaignView:
    """Take a campaign up to the lottery: everybody vetted, screening finished."""
    campaign = await announced(**more)
    await screened(campaign.code, await applied(campaign.code, count))
    return await commands.finish_screening(people.coordinator, campaign.code, at=SCREENING)
