"""First part of the walk: measures, roster, a campaign and its announcement."""

from __future__ import annotations

import re

from panel.roster import queries as places
from panel.roster.types import TableKind
from tests.journeys.walk import Walk
from tests.make import recruitment as applicants
from tests.make import roster

UNITS = 3


def measures() -> bytes:
    """Return measures for a tiny city: quotas by category alone, few visits."""
    text = applicants.default_toml()
    for feature in ("sex", "age_band", "district"):
        text = re.sub(
            rf'(feature = "{feature}"\n.*\n.*\n)minimum_percent = \d+\nmaximum_percent = \d+',
            r"\1minimum_percent = 0\nmaximum_percent = 100",
            text,
        )
    for name, value in (
        ("visits_per_window", 5),
        ("unit_minimum_visits", 5),
        ("unit_minimum_raters", 5),
        ("window_minimum_visits", 5),
        ("window_minimum_raters", 5),
        ("list_size", 2),
        ("bottom_share_percent", 40),
    ):
        text = re.sub(rf"(?m)^{name} = \d+", f"{name} = {value}", text, count=1)
    return text.encode()


async def set_up(walk: Walk) -> None:
    """Sign in, put the measures into force."""
    await walk.reader.go("/en/")
    await walk.reader.look("01-start")
    await walk.desk.go("/sign-in")
    await walk.desk.look("02-sign-in")
    await walk.town.sign_in(walk.desk, "coordinator")
    await walk.desk.look("03-office-empty")
    await walk.desk.go("/office/rulebooks/new")
    await walk.desk.look("04-measures-new")
    await walk.upload("measures.toml", measures())
    await walk.desk.press("Check and propose")
    proposed = walk.desk.path
    await walk.town.sign_in(walk.desk, "approver")
    await walk.desk.go(proposed)
    await walk.desk.look("05-measures-proposed", langs=("zh",))
    await walk.desk.press("Approve and freeze")
    await walk.reader.go("/en/measures")
    await walk.reader.look("06-measures")


async def fill_roster(walk: Walk) -> None:
    """Import the four tables, look at a unit, a window and its poster."""
    await walk.town.sign_in(walk.desk, "coordinator")
    numbers = range(1, UNITS + 1)
    names = ("行政审批服务局", "住房公积金管理中心", "自然资源和规划局不动产登记中心")
    tables = {
        TableKind.UNITS: [roster.unit_row(n, 单位名称=f"示例市{names[n - 1]}") for n in numbers],
        TableKind.HALLS: [roster.hall_row(n) for n in numbers],
        TableKind.WINDOWS: [roster.window_row(n, n, n) for n in numbers],
        TableKind.ITEMS: [roster.item_row(n, n) for n in numbers],
    }
    for kind, rows in tables.items():
        await walk.desk.go("/office/roster/import")
        if kind is TableKind.UNITS:
            await walk.desk.look("07-import")
        await walk.desk.choose("kind", kind.value)
        await walk.upload(f"{kind.value}.csv", roster.table(kind, rows))
        await walk.desk.press("Import")
        await walk.desk.hear("Table imported")
    await walk.desk.look("08-imported", langs=("zh",))  # loading it anew would lose the file
    unit, window = (await places.units())[0], (await places.windows())[0]
    for number, address in enumerate(
        (
            "roster",
            f"units/{unit.code}",
            f"windows/{window.code}",
            f"posters/{window.code}",
        ),
        start=9,
    ):
        await walk.desk.go(f"/office/{address}")
        await walk.desk.look(f"{number:02}-{address.split('/')[0]}")
    await walk.phone.go(f"/w/{window.code}")
    await walk.phone.look("13-window", langs=("zh",))
    await walk.reader.go(f"/en/w/{window.code}")
    await walk.reader.look("13-window", langs=("en",))


async def announce(walk: Walk) -> None:
    """Write a campaign; another person announces it; its poster leads to the public page."""
    await walk.desk.go("/office/recruitment/new")
    await walk.desk.look("14-campaign-new")
    draft = applicants.draft()
    await walk.desk.type(
        title=draft.title,
        title_en=draft.title_en,
        seats=str(draft.seats),
        reserve="3",
        conditions=draft.conditions,
        conditions_en=draft.conditions_en,
        privacy=draft.privacy,
        privacy_en=draft.privacy_en,
    )
    await walk.desk.press("Save as draft")
    walk.campaign = walk.desk.path.rpartition("/")[2]
    await walk.at_desk("approver")
    await walk.desk.look("15-campaign-draft")
    await walk.desk.press("Approve and announce")
    await walk.desk.look("15-campaign-announced", langs=("zh",))
    await walk.desk.follow("Poster of the recruitment")
    await walk.desk.look("15-campaign-poster")
    walk.town.wait(days=10)
    await walk.phone.go(await walk.desk.scan(walk.desk.page.locator(".poster svg").first))
    await walk.phone.look("16-campaign", langs=("zh",))
    await walk.reader.go("/en/recruitment")
    await walk.reader.look("16-campaigns")
    await walk.reader.go(f"/en/recruitment/{walk.campaign}")
    await walk.reader.look("16-campaign", langs=("en",))
