"""What a window publishes about its matters, as it stands beside the question about it."""

from __future__ import annotations

from typing import Final

from panel.roster import queries as roster
from panel.roster.types import ItemView
from panel.rulebook.types import Form
from panel.visits.types import TaskView
from web.i18n import Lang, gettext

_MOST: Final = 6
"""Matters told beside one question; a window with more has its own page."""


async def of_task(task: TaskView, form: Form, lang: Lang) -> dict[str, list[str]]:
    """Return the published lines beside each item that asks about them, by the item's id."""
    wanted = {item.id: item.guide for item in form.items if item.guide}
    if not wanted or task.window_code is None:
        return {}
    items = (await roster.items(task.window_code))[:_MOST]
    found = {key: _lines(task, items, part, lang) for key, part in wanted.items()}
    return {key: lines for key, lines in found.items() if lines}


def _lines(task: TaskView, items: list[ItemView], part: str, lang: Lang) -> list[str]:
    if part == "hours":
        return [task.hours] if task.hours else []
    found = []
    for item in items:
        name = item.name_en if lang == "en" and item.name_en else item.name
        text = _text(item, part, lang)
        if text:
            found.append(gettext(lang, "{name}: {text}", name=name, text=text))
    return found


def _text(item: ItemView, part: str, lang: Lang) -> str:
    if part == "papers":
        return item.papers
    if part == "fee":
        return " ".join(text for text in (item.fee, item.fee_basis) if text)
    if item.promised_days is None:
        return ""
    if item.promised_days == 0:
        return gettext(lang, "On the spot")
    return gettext(lang, "{n} working days promised", n=item.promised_days)
