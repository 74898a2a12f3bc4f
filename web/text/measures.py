"""The bounds of the measures in the reader's words: labels, units, how they are typed and read."""

from __future__ import annotations

import unicodedata
from decimal import Decimal, InvalidOperation
from typing import Any

from panel.errors import Fault, Invalid
from panel.rulebook import queries
from panel.rulebook.types import Change, Rulebook
from web import i18n
from web.forms import Form
from web.i18n import Lang

_COSTS = frozenset({"visit_cost_hundredths", "sms_cost_hundredths"})
_LARGEST = Decimal(1_000_000)
_DIGITS = 6


def chapters(lang: Lang, book: Rulebook) -> list[dict[str, Any]]:
    """Return every chapter with its bounds, ready for a page of facts."""
    return [
        {"key": key, "title": i18n.gettext(lang, f"measures.{key}"), "rows": rows(lang, book, key)}
        for key in queries.CHAPTERS
    ]


def rows(lang: Lang, book: Rulebook, chapter: str) -> list[dict[str, Any]]:
    """Return the bounds of one chapter: name, label, typed value, unit, what may be chosen."""
    names = {deadline.key: deadline for deadline in book.deadlines}
    found = []
    for name, value in queries.bounds(book, chapter).items():
        if chapter == "deadlines":
            label = names[name].text.get(lang)
            suffix = i18n.gettext(lang, f"measures.unit.{names[name].unit}")
        else:
            label = i18n.gettext(lang, f"measures.{chapter}.{name}")
            suffix = _suffix(lang, chapter, name)
        typed = _typed(name, value)
        offered = [
            {"value": each, "label": i18n.gettext(lang, f"measures.choice.{name}.{each}")}
            for each in queries.choices(book, chapter, name)
        ]
        shown = next((each["label"] for each in offered if each["value"] == typed), typed)
        found.append(
            {
                "name": name,
                "label": label,
                "value": typed,
                "shown": shown,
                "suffix": suffix,
                "choices": offered,
            }
        )
    return found


def _suffix(lang: Lang, chapter: str, name: str) -> str:
    if name.endswith("_percent") or chapter == "weights":
        return "%"
    if name in _COSTS:
        return i18n.gettext(lang, "measures.unit.yuan")
    if name.endswith("_hundredths"):
        return i18n.gettext(lang, "measures.unit.points")
    return ""


def _typed(name: str, value: int | str | tuple[int, ...]) -> str:
    """Return a bound as it is typed: points and yuan with two decimals, lists with commas."""
    if isinstance(value, tuple):
        return ", ".join(str(each) for each in value)
    if isinstance(value, int) and name.endswith("_hundredths"):
        return i18n.score(value)
    return str(value)


def points(value: int) -> str:
    """Return hundredths as they are typed."""
    return i18n.score(value)


def read(form: Form, book: Rulebook, chapter: str) -> queries.Bounds:
    """Read the bounds of a chapter; refuses what is no number, by its field."""
    values: queries.Bounds = {}
    faults: list[Fault] = []
    for name, old in queries.bounds(book, chapter).items():
        try:
            values[name] = _read(form, name, old)
        except Invalid as refusal:
            faults.extend(refusal.faults)
    if faults:
        raise Invalid("form.faults", *faults)
    return values


def _read(form: Form, name: str, old: int | str | tuple[int, ...]) -> int | str | tuple[int, ...]:
    if isinstance(old, str):
        return form.text(name)
    if isinstance(old, tuple):
        return _list(form, name)
    return hundredths(form, name) if name.endswith("_hundredths") else form.integer(name)


def hundredths(form: Form, name: str) -> int:
    """Read points or yuan with up to two decimals; refuses anything else by its field."""
    text = unicodedata.normalize("NFKC", form.text(name)).strip()
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise Invalid("form.faults", Fault(name, "rulebook.decimal")) from None
    if not value.is_finite() or not 0 <= value <= _LARGEST or 100 * value % 1:
        raise Invalid("form.faults", Fault(name, "rulebook.decimal"))
    return int(100 * value)


def _list(form: Form, name: str) -> tuple[int, ...]:
    text = unicodedata.normalize("NFKC", form.text(name)).replace("、", ",")
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts or not all(part.isdecimal() and len(part) <= _DIGITS for part in parts):
        raise Invalid("form.faults", Fault(name, "rulebook.list"))
    return tuple(int(part) for part in parts)


def changed(lang: Lang, found: list[Change]) -> list[dict[str, str]]:
    """Return differences with the path in words where it has words."""
    return [
        {"path": _path(lang, each.path), "before": each.before, "after": each.after}
        for each in found
    ]


def _path(lang: Lang, path: str) -> str:
    """Turn ``forms[window].sections[A].items[A1].weight`` into words and names."""
    words = []
    known = i18n.catalogue(lang)
    for step in path.split("."):
        name, _, inner = step.partition("[")
        key = f"measures.path.{name}"
        words.append(known.get(key, name))
        if inner.rstrip("]"):
            words.append(inner.rstrip("]"))
    whole = f"measures.{path}"
    if whole in known:
        return known[whole]
    return " · ".join(word for word in words if word)
