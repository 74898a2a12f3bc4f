"""Words for batched results, the same for the office and the unit."""

from __future__ import annotations

from typing import Any

from panel.evaluations.types.releases import CellView, Span
from panel.rulebook import queries as rulebooks
from web.pages import Request


async def cell(request: Request, view: CellView) -> dict[str, Any]:
    """Return a cell with its months and sections in the reader's words."""
    form = (await rulebooks.version(view.rulebook_code)).rulebook.form(view.form_key)
    names = {section.id: section.text.get(request.lang) for section in form.sections}
    return {
        "view": view,
        "period": period(request, view),
        "name": (request.lang == "en" and view.unit_name_en) or view.unit_name,
        "sections": [(names.get(key, key), value) for key, value in view.sections],
    }


def period(request: Request, view: CellView) -> str:
    """Write a month or a quarter; never a day."""
    if view.span is Span.MONTH:
        return request.text("{year}-{month}", year=view.since.year, month=f"{view.since.month:02}")
    number = (view.since.month + 2) // 3
    return request.text("Quarter {number} of {year}", year=view.since.year, number=number)
