"""A sheet as a reviewer reads it: answer, earlier answer, guide and pictures side by side."""

from __future__ import annotations

from typing import Any

from panel.evaluations import queries
from panel.evaluations.types import TICKET, Reading
from web import guides, sheets
from web.i18n import Lang, gettext


async def of(found: Reading, lang: Lang) -> dict[str, Any]:
    """Return the answers by section, the facts of the visit, and pictures of no single item."""
    pictures = await queries.photos(found.sheet.task.id)
    return {
        "sections": await _sections(found, pictures, lang),
        "facts": [*sheets.facts(found.sheet.answers, lang), *await _proofs(found, lang)],
        "photos": [each for each in pictures if each.item == TICKET],
    }


async def _sections(found: Reading, pictures: list[Any], lang: Lang) -> list[dict[str, Any]]:
    """Return the answers; each row with all that speaks for or against it."""
    form = found.blank.form
    shown = sheets.told(form, found.sheet.answers, lang, found.values)
    guide = await guides.of_task(found.sheet.task, form, lang)
    before, asked = _before(found, lang)
    for row in (row for section in shown for row in section["rows"]):
        number = row["no"]
        row |= {
            "guide": guide.get(number, []),
            "photos": [each for each in pictures if each.item == number],
            "asked": asked.get(number, ""),
            "before": before.get(number, "—") if found.earlier else None,
            "changed": bool(found.earlier) and before.get(number, "—") != _line(row),
        }
    return shown


def _before(found: Reading, lang: Lang) -> tuple[dict[str, str], dict[str, str]]:
    """Return the answers of the version before and what was asked about them, by item."""
    if not found.earlier:
        return {}, {}
    last = found.earlier[-1]
    told = sheets.told(found.blank.form, last.answers, lang)
    rows = {row["no"]: _line(row) for section in told for row in section["rows"]}
    return rows, found.questions.get(last.version, {})


def _line(row: dict[str, Any]) -> str:
    return " · ".join(text for text in (row["answer"], row["reason"]) if text)


async def _proofs(found: Reading, lang: Lang) -> list[dict[str, str]]:
    """Return the ticket and how far the phone was, where the visitor gave them."""
    answers = found.sheet.answers
    rows = []
    if answers.ticket or answers.ticket_at:
        text = " · ".join(part for part in (answers.ticket, answers.ticket_at) if part)
        rows.append({"label": gettext(lang, "Ticket as proof"), "value": text})
    metres = await queries.distance(found.sheet.task.id)
    if metres is not None:
        text = gettext(lang, "about {n} m from the hall", n=metres)
        rows.append({"label": gettext(lang, "Phone when filled in"), "value": text})
    return rows
