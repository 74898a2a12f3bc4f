"""A sheet on a page: its questions as templates need them, its fields as they come back.

Each field is named by the path that a fault names: ``items.A1``, ``reasons.A1``,
``minutes.C1.waited``, ``vetoes.V2``, ``visited_on``.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from typing import Any, Final

from panel.errors import Fault
from panel.evaluations.types import Answers, Blank, Share, Wait
from panel.rulebook.types import Form as Sheet
from panel.rulebook.types import Item, ItemKind
from panel.visits.types import Errand
from web.forms import Form
from web.i18n import Lang, date, gettext

UNSEEN: Final = "none"
"""The value of "not observed"."""
PLAIN: Final = (
    "visited_on", "visited_at", "errand", "ticket", "ticket_at", "recognised", "impression", "good",
    "share", "declared",
)  # fmt: skip
"""The fields beside the items."""
_DIGITS: Final = 5
Typed = dict[str, str]


def typed_of(answers: Answers) -> Typed:
    """Return the fields of a sheet with these answers."""
    typed = {f"items.{key}": _shown(value) for key, value in answers.items.items()}
    typed |= {f"reasons.{key}": text for key, text in answers.reasons.items()}
    typed |= {f"replies.{key}": text for key, text in answers.replies.items()}
    for key, wait in answers.minutes.items():
        typed[f"minutes.{key}.waited"] = "" if wait.waited is None else str(wait.waited)
        typed[f"minutes.{key}.posted"] = "" if wait.posted is None else str(wait.posted)
    for key, text in answers.vetoes.items():
        typed |= {f"reported.{key}": "yes", f"vetoes.{key}": text}
    return typed | {
        "visited_on": answers.visited_on.isoformat() if answers.visited_on else "",
        "visited_at": answers.visited_at,
        "errand": answers.errand or "",
        "recognised": "" if answers.recognised is None else ("yes" if answers.recognised else "no"),
        "impression": "" if answers.impression is None else str(answers.impression),
        "good": answers.good,
        "ticket": answers.ticket,
        "ticket_at": answers.ticket_at,
        "share": answers.share,
    }


def _shown(value: int | None) -> str:
    return UNSEEN if value is None else str(value)


def posted(form: Form, blank: Blank) -> Typed:
    """Return the fields of this sheet as they were typed, and nothing else that was sent."""
    names = list(PLAIN)
    for item in blank.items:
        names += [f"items.{item.id}", f"reasons.{item.id}", f"replies.{item.id}"]
        if item.kind is ItemKind.MINUTES:
            names += [f"minutes.{item.id}.waited", f"minutes.{item.id}.posted"]
    for veto in blank.form.vetoes:
        names += [f"reported.{veto.id}", f"vetoes.{veto.id}"]
    return {name: text for name in names if (text := form.text(name))}


def read(typed: Typed, blank: Blank) -> tuple[Answers, list[Fault]]:
    """Read typed fields; what can't be read is left out and named as a fault."""
    faults: list[Fault] = []
    items: dict[str, int | None] = {}
    minutes: dict[str, Wait] = {}
    for item in blank.items:
        value = typed.get(f"items.{item.id}", "")
        if value == UNSEEN:
            items[item.id] = None
        elif value and item.kind is not ItemKind.MINUTES:
            number = _integer(typed, f"items.{item.id}", faults)
            if number is not None:
                items[item.id] = number
        if item.kind is ItemKind.MINUTES and value != UNSEEN:
            waited = _integer(typed, f"minutes.{item.id}.waited", faults)
            limit = _integer(typed, f"minutes.{item.id}.posted", faults)
            if waited is not None or limit is not None:
                minutes[item.id] = Wait(waited=waited, posted=limit)
    answers = Answers(
        items=items,
        reasons=_texts(typed, "reasons.", [item.id for item in blank.items]),
        minutes=minutes,
        vetoes=_reported(typed, blank),
        visited_on=_day(typed, faults),
        visited_at=unicodedata.normalize("NFKC", typed.get("visited_at", "")),
        errand=_errand(typed),
        recognised={"yes": True, "no": False}.get(typed.get("recognised", "")),
        impression=_integer(typed, "impression", faults),
        good=typed.get("good", ""),
        declared=bool(typed.get("declared")),
        ticket=typed.get("ticket", ""),
        ticket_at=unicodedata.normalize("NFKC", typed.get("ticket_at", "")),
        share=_share(typed),
        replies=_texts(typed, "replies.", [item.id for item in blank.items]),
    )
    return answers, faults


def _texts(typed: Typed, prefix: str, keys: list[str]) -> dict[str, str]:
    return {key: typed[prefix + key] for key in keys if typed.get(prefix + key)}


def _reported(typed: Typed, blank: Blank) -> dict[str, str]:
    """Take a grave event as reported when its box is ticked or its text written."""
    return {
        veto.id: typed.get(f"vetoes.{veto.id}", "")
        for veto in blank.form.vetoes
        if typed.get(f"reported.{veto.id}") or typed.get(f"vetoes.{veto.id}")
    }


def _integer(typed: Typed, name: str, faults: list[Fault]) -> int | None:
    text = unicodedata.normalize("NFKC", typed.get(name, "")).strip()
    if not text:
        return None
    if not text.isdecimal() or len(text) > _DIGITS:
        faults.append(Fault(name, "form.integer"))
        return None
    return int(text)


def _day(typed: Typed, faults: list[Fault]) -> dt.date | None:
    text = unicodedata.normalize("NFKC", typed.get("visited_on", ""))
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        faults.append(Fault("visited_on", "form.date"))
        return None


def _errand(typed: Typed) -> Errand | None:
    try:
        return Errand(typed.get("errand", ""))
    except ValueError:
        return None


def _share(typed: Typed) -> Share:
    """Return what was chosen; what nobody chose is sent on."""
    try:
        return Share(typed.get("share", ""))
    except ValueError:
        return Share.SEND


def sections(blank: Blank, typed: Typed, lang: Lang) -> list[dict[str, Any]]:
    """Return the questions by section, with what is chosen and how many are answered."""
    return _sections(blank.form, {item.id for item in blank.items}, typed, lang)


def practice(form: Sheet, asked: set[str], typed: Typed, lang: Lang) -> list[dict[str, Any]]:
    """Return the questions of a training sheet: points for waiting too, and no reasons."""
    found = _sections(form, asked, typed, lang)
    for section in found:
        for question in section["questions"]:
            question |= {"minutes": False, "why_name": None}
    return found


def _sections(form: Sheet, asked: set[str], typed: Typed, lang: Lang) -> list[dict[str, Any]]:
    found = []
    for section in form.sections:
        questions = [
            _question(form, item, typed, lang) for item in section.items if item.id in asked
        ]
        if questions:
            found.append(
                {
                    "id": section.id,
                    "title": section.text.get(lang),
                    "questions": questions,
                    "done": sum(question["answered"] for question in questions),
                    "total": len(questions),
                }
            )
    return found


def _question(sheet: Sheet, item: Item, typed: Typed, lang: Lang) -> dict[str, Any]:
    name = f"items.{item.id}"
    waited, limit = (f"minutes.{item.id}.{part}" for part in ("waited", "posted"))
    value = typed.get(name, "")
    wait = item.kind is ItemKind.MINUTES
    return {
        "no": item.id,
        "name": name,
        "text": item.text.get(lang),
        "hint": item.proof.get(lang) or None,
        "photo": item.photo,
        "minutes": wait,
        "choices": [
            {
                "value": anchor.value,
                "label": anchor.text.get(lang),
                "why": anchor.value <= sheet.reason_at_or_below,
            }
            for anchor in item.anchors
        ],
        "value": value,
        "why_name": f"reasons.{item.id}",
        "why_value": typed.get(f"reasons.{item.id}", ""),
        "reply_name": f"replies.{item.id}",
        "reply_value": typed.get(f"replies.{item.id}", ""),
        "waited_name": waited,
        "waited": typed.get(waited, ""),
        "posted_name": limit,
        "posted": typed.get(limit, ""),
        "answered": bool(value or (wait and typed.get(waited))),
    }


def vetoes(blank: Blank, typed: Typed, lang: Lang) -> list[dict[str, Any]]:
    """Return the grave events with what was typed about them."""
    return [
        {
            "id": veto.id,
            "name": f"vetoes.{veto.id}",
            "box": f"reported.{veto.id}",
            "text": veto.text.get(lang),
            "sealed": veto.sealed,
            "reported": bool(typed.get(f"reported.{veto.id}") or typed.get(f"vetoes.{veto.id}")),
            "value": typed.get(f"vetoes.{veto.id}", ""),
        }
        for veto in blank.form.vetoes
    ]


def told(
    sheet: Sheet, answers: Answers, lang: Lang, values: dict[str, int] | None = None
) -> list[dict[str, Any]]:
    """Return the given answers in words, by section, low ones marked, for reading.

    ``values`` are the judged ones, where minutes are worth something too.
    """
    if values is None:
        values = {key: value for key, value in answers.items.items() if value is not None}
    found = []
    for section in sheet.sections:
        rows = [
            _told(sheet, item, answers, values, lang)
            for item in section.items
            if item.id in answers.items or item.id in answers.minutes
        ]
        if rows:
            found.append({"id": section.id, "title": section.text.get(lang), "rows": rows})
    return found


def _told(
    sheet: Sheet, item: Item, answers: Answers, values: dict[str, int], lang: Lang
) -> dict[str, Any]:
    value = values.get(item.id)
    text = gettext(lang, "Not observed")
    if value is not None:
        text = next((a.text.get(lang) for a in item.anchors if a.value == value), str(value))
    wait = answers.minutes.get(item.id)
    if wait is not None:
        text = (
            gettext(lang, "waited {waited} min, no limit posted", waited=wait.waited)
            if wait.posted is None
            else gettext(
                lang, "waited {waited} min, posted limit {posted} min",
                waited=wait.waited, posted=wait.posted,
            )
        )  # fmt: skip
    return {
        "no": item.id,
        "field": f"minutes.{item.id}.waited" if wait else f"items.{item.id}",
        "text": item.text.get(lang),
        "answer": text,
        "value": value,
        "weight": item.weight,
        "low": value is not None and value <= sheet.reason_at_or_below,
        "reason": answers.reasons.get(item.id, ""),
        "reply": answers.replies.get(item.id, ""),
    }


def facts(answers: Answers, lang: Lang) -> list[dict[str, str]]:
    """Return what was told about the visit besides the items, as rows of label and value."""
    day = date(lang, answers.visited_on)
    rows = [("Day of the visit", f"{day} {answers.visited_at}".strip())]
    if answers.errand:
        rows.append(("What for", gettext(lang, f"sheet.errand.{answers.errand}")))
    if answers.recognised is not None:
        text = "sheet.yes" if answers.recognised else "sheet.no"
        rows.append(("Did they notice why you came?", gettext(lang, text)))
    if answers.impression is not None:
        rows.append(("Overall impression", gettext(lang, f"sheet.impression.{answers.impression}")))
    rows.append(("What was especially good?", answers.good))
    return [{"label": gettext(lang, label), "value": value} for label, value in rows]
