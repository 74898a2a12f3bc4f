"""A sheet as paper: what is printed, the plain fields a clerk types, differences in words."""

from __future__ import annotations

from typing import Any, Final

from panel.evaluations.types import Answers, Blank, Reread, Share
from panel.rulebook.types import Item, ItemKind
from panel.visits.types import Errand
from web import i18n, sheets
from web.pages import Request

_CRIB: Final = 6
_LABELS: Final = {
    "visited_on": "Day of the visit",
    "visited_at": "At what time?",
    "errand": "What for",
    "recognised": "Did they notice why you came?",
    "impression": "Overall impression",
    "good": "What was especially good?",
    "declared": "Declaration ticked",
    "ticket": "Number on the ticket",
    "ticket_at": "Time on the ticket",
    "share": "What may the unit be told of a problem?",
}


def choices(request: Request) -> dict[str, list[dict[str, str]]]:
    """Return the choices of the plain fields."""
    text = request.text
    return {
        "errand": [{"value": k.value, "label": text(f"sheet.errand.{k}")} for k in Errand],
        "recognised": [{"value": key, "label": text(f"sheet.{key}")} for key in ("yes", "no")],
        "impression": [
            {"value": str(n), "label": text(f"sheet.impression.{n}")} for n in (5, 4, 3, 2, 1)
        ],
        "share": [{"value": k.value, "label": text(f"sheet.share.{k}")} for k in Share],
    }


def printed(request: Request, blank: Blank) -> dict[str, Any]:
    """Return what the paper of a task shows: lines to keep in mind, questions, grave events."""
    lang = request.lang
    crib = sorted(blank.items, key=lambda item: -item.weight)[:_CRIB]
    return {
        "crib": [item.text.get(lang) for item in blank.items if item in crib],
        "sections": [
            {
                "id": section.id,
                "title": section.text.get(lang),
                "questions": [
                    _question(item, lang) for item in section.items if item in blank.items
                ],
            }
            for section in blank.form.sections
            if any(item in blank.items for item in section.items)
        ],
        "low": blank.form.reason_at_or_below,
        "open_vetoes": [
            {"id": v.id, "text": v.text.get(lang)} for v in blank.form.vetoes if not v.sealed
        ],
        "sealed_vetoes": [
            {"id": v.id, "text": v.text.get(lang)} for v in blank.form.vetoes if v.sealed
        ],
        "choices": choices(request),
    }


def _question(item: Item, lang: i18n.Lang) -> dict[str, Any]:
    return {
        "no": item.id,
        "text": item.text.get(lang),
        "hint": item.proof.get(lang),
        "minutes": item.kind is ItemKind.MINUTES,
        "anchors": [
            {"value": anchor.value, "label": anchor.text.get(lang)} for anchor in item.anchors
        ],
    }


def differences(request: Request, blank: Blank, found: Reread) -> list[dict[str, str]]:
    """Return what two persons read differently, in words, side by side."""
    told = [_told(blank, answers, request) for answers in (found.first, found.second)]
    return [
        {
            "key": key,
            "name": f"pick.{key}",
            "label": _label(blank, key, request),
            "first": told[0].get(key) or "—",
            "second": told[1].get(key) or "—",
        }
        for key in found.keys
    ]


def _label(blank: Blank, key: str, request: Request) -> str:
    if key in _LABELS:
        return request.text(_LABELS[key])
    if key.startswith("veto."):
        veto = next(v for v in blank.form.vetoes if v.id == key.removeprefix("veto."))
        return f"{veto.id} {veto.text.get(request.lang)}"
    return f"{key} {blank.form.item(key).text.get(request.lang)}"


def _told(blank: Blank, answers: Answers, request: Request) -> dict[str, str]:
    """Return every part of a reading in words, by its key."""
    parts = {
        row["no"]: " · ".join(text for text in (row["answer"], row["reason"]) if text)
        for section in sheets.told(blank.form, answers, request.lang)
        for row in section["rows"]
    }
    parts |= {f"veto.{key}": text for key, text in answers.vetoes.items()}
    typed = {**sheets.typed_of(answers), "declared": "yes" if answers.declared else "no"}
    labels = {
        (name, each["value"]): each["label"]
        for name, found in choices(request).items()
        for each in found
    }
    labels |= {("declared", key): request.text(f"sheet.{key}") for key in ("yes", "no")}
    for name in sheets.PLAIN:
        value = typed.get(name, "")
        parts[name] = labels.get((name, value), value)
    return parts
