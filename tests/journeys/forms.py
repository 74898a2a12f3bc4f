"""Filling in a sheet by hand."""

from __future__ import annotations

from tests.journeys.browser import Person


async def answer(someone: Person, *, low: str = "", reason: str = "") -> None:
    """Answer every question of a sheet by tapping the best anchor, one of them the worst."""
    names = await someone.page.locator('main .q input[type="radio"]').evaluate_all(
        "all => [...new Set(all.map(one => one.name))]"
    )
    for name in names:
        await someone.choose(name, "0" if name == f"items.{low}" else "4")
    if low:
        await someone.field(f"reasons.{low}").fill(reason)
    if await someone.field("minutes.C1.waited").count():
        await someone.type(minutes__C1__waited="12", minutes__C1__posted="15")
    await someone.choose("errand", "enquiry")
    if await someone.field("recognised").count():
        await someone.choose("recognised", "no")
    await someone.choose("impression", "4")
