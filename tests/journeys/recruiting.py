"""First part of the walk: measures, roster, campaign, draw, cards."""

from __future__ import annotations

import io
import re

import zxingcpp
from PIL import Image

from panel.roster import queries as places
from panel.roster.types import TableKind
from tests.journeys.walk import Walk
from tests.make import recruitment as applicants
from tests.make import roster
from tests.make.accounts import PIN

UNITS = 3
HERSELF = 1
"""The number of the applicant with the phone: one of two for two seats, so the draw takes her."""
ENGLISH = 2
OTHERS = (3, 4, 5, 6, 7, 8, 10, 12, 14, 16)


def measures() -> bytes:
    """Return measures for a tiny city: quotas by category alone, few visits."""
    text = applicants.default_toml()
    for feature in ("sex", "age_band", "district"):
        text = re.sub(
            rf'(feature = "{feature}"\n.*\n.*\n)minimum_percent = \d+\nmaximum_percent = \d+',
            r"\1minimum_percent = 0\nmaximum_percent = 100",
            text,
        )
    text = re.sub(
        r'(value = "self_employed"\n.*\n)minimum_percent = \d+', r"\g<1>minimum_percent = 20", text
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
            f"windows/{window.code}/poster",
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
    """Write a campaign; another person announces it."""
    await walk.desk.go("/office/recruitment/new")
    await walk.desk.look("14-campaign-new")
    draft = applicants.draft()
    await walk.desk.type(
        title=draft.title,
        title_en=draft.title_en,
        seats=str(draft.seats),
        reserve=str(draft.reserve),
        conditions=draft.conditions,
        conditions_en=draft.conditions_en,
        privacy=draft.privacy,
        privacy_en=draft.privacy_en,
    )
    await walk.desk.press("Save as draft")
    walk.campaign = walk.desk.path.rpartition("/")[2]
    await walk.town.sign_in(walk.desk, "approver")
    await walk.desk.go(f"/office/recruitment/{walk.campaign}")
    await walk.desk.look("15-campaign-draft")
    await walk.desk.press("Approve and announce")
    walk.town.wait(days=10)


async def apply(walk: Walk) -> None:
    """Apply on the phone in Chinese and on a desk in English; import the others."""
    for number, applicant in ((HERSELF, walk.phone), (ENGLISH, walk.reader)):
        lang = applicant.lang
        await applicant.go(f"/{lang}/recruitment/{walk.campaign}")
        await applicant.look("16-campaign", langs=(lang,))
        await applicant.follow("Apply now")
        await applicant.look("17-apply", langs=(lang,))
        form = applicants.form(number)
        await applicant.type(
            name=form.name,
            national_id=form.national_id,
            phone=form.phone,
            address=form.address,
            employer=form.employer,
            district=form.district,
            occupation=form.occupation,
        )
        await applicant.choose("category", form.category)
        await applicant.choose("consent")
        await applicant.press("Check my answers")
        await applicant.look("18-apply-check", langs=(lang,))
        await applicant.press("Send the application")
        await applicant.hear("Application received")
        await applicant.look("19-apply-receipt", langs=(lang,))
    await walk.town.sign_in(walk.desk, "coordinator")
    await walk.desk.go(f"/office/recruitment/{walk.campaign}/import")
    await walk.desk.look("20-applications-import")
    await walk.upload("报名表.csv", applicants.sheet(applicants.row(n) for n in OTHERS))
    await walk.desk.press("Import")
    await walk.desk.hear("Applications")


async def screen(walk: Walk) -> None:
    """Close by the clock; two clerks judge."""
    walk.town.wait(days=31)
    for login in ("vetting1", "vetting2"):
        await walk.town.sign_in(walk.desk, login)
        await walk.desk.go(f"/office/recruitment/{walk.campaign}/screening")
        if login == "vetting1":
            await walk.desk.look("21-screening")
        await walk.desk.choose("scope", "all")
        await walk.desk.choose("verdict", "pass")
        await walk.desk.press("Give the verdict")


async def draw(walk: Walk) -> None:
    """Commit, draw, check, appoint."""
    await walk.town.sign_in(walk.desk, "coordinator")
    await walk.desk.go(f"/office/recruitment/{walk.campaign}/draw?check=1")
    await walk.desk.hear("The quotas can be met.")
    await walk.desk.look("22-draw-pool")
    await walk.desk.press("Commit and publish")
    await walk.desk.look("23-draw-committed", langs=("zh",))
    await walk.desk.press("Draw now")
    await walk.desk.follow("Draw again and compare")
    await walk.desk.look("24-draw-verified")
    await walk.reader.go(f"/en/recruitment/{walk.campaign}/draw")
    await walk.reader.look("25-draw-public")
    await walk.desk.press("Appoint the drawn")
    walk.town.wait(days=40)


async def get_card(walk: Walk) -> None:
    """Print the cards; the member scans hers with the phone."""
    await walk.town.sign_in(walk.desk, "coordinator")
    await walk.desk.go(f"/office/recruitment/{walk.campaign}/cards")
    await walk.desk.press("Issue and show for printing")
    await walk.desk.look("26-cards")
    card = walk.desk.page.locator(".cardsheet > div").filter(has_text=applicants.form(HERSELF).name)
    picture = Image.open(io.BytesIO(await card.locator("svg").first.screenshot()))
    (symbol,) = zxingcpp.read_barcodes(picture.resize((picture.width * 3, picture.height * 3)))
    walk.card = await card.locator(".mono").inner_text()
    await walk.phone.go(symbol.text.removeprefix(walk.town.base))
    await walk.phone.look("27-card")
    await walk.phone.type(digits=applicants.form(HERSELF).phone[-4:], pin=PIN, pin_again=PIN)
    await walk.phone.press("Open my card")
    await walk.phone.look("28-tasks-none")
    await walk.desk.go("/office/members")
    for what in ("training", "pledge"):
        await walk.desk.choose("what", what)
        await walk.desk.choose("scope", "all")
        await walk.desk.press("Record")
    await walk.desk.look("29-members")
    await walk.reader.go("/en/panel")
    await walk.reader.look("30-panel")
