"""Orders in words, for the pages of units and of the office alike."""

from __future__ import annotations

from typing import Any

from panel.assessments.queries import comparing
from panel.assessments.queries import order_parts as parts
from panel.assessments.types.orders import Benchmark, ItemView, OrderView
from panel.rulebook import queries as rulebooks
from panel.rulebook.types import Rulebook
from web import standings
from web.i18n import Lang
from web.office.findings import names
from web.pages import Request


async def measures(view: OrderView) -> Rulebook:
    """Return the measures that an order stands under."""
    return (await rulebooks.version(view.rulebook_code)).rulebook


def item_name(item: ItemView, book: Rulebook, lang: Lang) -> str:
    """Return what an item to close is called: by the sheet, or as the unit put it."""
    form = next((each for each in book.forms if each.key == item.form_key), None)
    return names(form, item.item, lang) or item.text


def place(item: ItemView, lang: Lang) -> str:
    """Return the window that an item is about; nothing where it is the whole unit."""
    return standings.called(item.window_name, item.window_name_en, lang)


async def items(view: OrderView, book: Rulebook, lang: Lang) -> list[dict[str, Any]]:
    """Return the items to close with their names."""
    return [
        {"view": each, "name": item_name(each, book, lang), "place": place(each, lang)}
        for each in await parts.items(view.id)
    ]


async def compared(
    request: Request, view: OrderView, book: Rulebook, chosen: list[dict[str, Any]]
) -> dict[str, Any]:
    """Return what the best of the same kind do, the items on the unit's list marked."""
    found: Benchmark = await comparing.benchmark(view, at=request.at)
    form = book.form(found.form_key)
    texts = {item.id: item.text.get(request.lang) for item in form.items}
    listed = {each["view"].item for each in chosen}
    lines = [
        {
            "item": each.item,
            "name": texts.get(each.item, ""),
            "own": each.own,
            "best": each.best,
            "listed": each.item in listed,
        }
        for each in found.items
    ]
    shown = [each for each in lines if each["listed"]] or lines
    return {
        "names": [standings.called(name, name_en, request.lang) for name, name_en in found.names],
        "lines": shown,
        "any": any(each["best"] is not None for each in shown),
    }


def month(view: OrderView) -> tuple[int, str] | None:
    """Return the month of the re-visit that decided."""
    day = view.revisited_on
    return (day.year, f"{day.month:02}") if day else None


def group(view: OrderView, book: Rulebook, lang: Lang) -> str:
    """Return what the unit's peer group is called."""
    return standings.group_name(book, view.group, lang)
