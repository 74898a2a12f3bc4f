"""The bounds of the measures in the reader's words: labels, units, how they are typed and read."""

from __future__ import annotations

import unicodedata
from decimal import Decimal, InvalidOperation
from typing import Any

from panel.errors import Fault, Invalid
from panel.rulebook import queries
from panel.rulebook.queries import Kind
from panel.rulebook.types import Change, Rulebook
from web import i18n
from web.forms import Form
from web.i18n import Lang

_AREAS = frozenset({Kind.LINES, Kind.DAYS})
"""What is typed one a line."""
_HINTS = {
    Kind.LINES: "One a line.",
    Kind.DAYS: "One day a line, such as 2026-10-01.",
    Kind.NUMBERS: "Whole numbers with commas.",
}
_LANGS = {"zh": "{label} (Chinese)", "en": "{label} (English)"}
_PERCENTS = frozenset({"weights", "complaints", "public_work"})
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
    found = []
    for name, value in queries.bounds(book, chapter).items():
        kind = queries.kind(book, chapter, name)
        label, suffix = _named(lang, book, chapter, name)
        typed = _typed(name, value, kind)
        offered = [
            {"value": each, "label": choice(lang, name, each)}
            for each in queries.choices(book, chapter, name)
        ]
        shown = next((each["label"] for each in offered if each["value"] == typed), typed)
        found.append(
            {
                "name": name,
                "label": label,
                "value": typed,
                "shown": shown.replace("\n", " · ") if kind in _AREAS else shown,
                "suffix": suffix,
                "choices": offered,
                "area": kind in _AREAS or kind is Kind.TEXT,
                "hint": hint(lang, kind),
                "optional": name.endswith(".en") or kind in _AREAS,
            }
        )
    return found


def hint(lang: Lang, kind: Kind) -> str:
    """Return what to know about typing a value of a kind."""
    return i18n.gettext(lang, _HINTS[kind]) if kind in _HINTS else ""


def choice(lang: Lang, name: str, value: str) -> str:
    """Return the words of something that may be chosen."""
    if name.endswith(".unit"):
        return i18n.gettext(lang, f"measures.unit.{value}")
    return i18n.gettext(lang, f"measures.choice.{name.partition('.')[0]}.{value}")


def _named(lang: Lang, book: Rulebook, chapter: str, name: str) -> tuple[str, str]:
    """Return the label of a bound, and what stands behind its value."""
    if chapter != "deadlines":
        return label(lang, chapter, name), _suffix(lang, chapter, name)
    key, _, unit = name.partition(".")
    limit = queries.limits(book)[key]
    words = limit.text.get(lang)
    if unit:
        return i18n.gettext(lang, "measures.deadlines.unit", limit=words), ""
    return words, i18n.gettext(lang, f"measures.unit.{limit.unit}")


def label(lang: Lang, chapter: str, name: str) -> str:
    """Return the label of a value; of a text with its language."""
    whole, _, part = name.rpartition(".")
    if part in _LANGS and whole:
        words = i18n.gettext(lang, f"measures.{chapter}.{whole}")
        return i18n.gettext(lang, _LANGS[part], label=words)
    return i18n.gettext(lang, f"measures.{chapter}.{name}")


def _suffix(lang: Lang, chapter: str, name: str) -> str:
    if name.endswith("percent") or chapter in _PERCENTS:
        return "%"
    if name in _COSTS:
        return i18n.gettext(lang, "measures.unit.yuan")
    if name.endswith("_hundredths"):
        return i18n.gettext(lang, "measures.unit.points")
    return ""


def _typed(name: str, value: queries.Bound, kind: Kind) -> str:
    """Return a bound as it is typed: points and yuan with two decimals, lists with commas."""
    if isinstance(value, tuple):
        return ("\n" if kind in _AREAS else ", ").join(str(each) for each in value)
    if isinstance(value, int) and name.endswith("_hundredths"):
        return i18n.score(value)
    return str(value)


def lines(lang: Lang, chapter: str, typed: list[dict[str, str]]) -> list[dict[str, Any]]:
    """Return the lines of a list as a page shows them: for each its fields, typed and named."""
    return [
        {
            "place": place,
            "title": row.get(f"text.{lang}") or row.get("text.zh") or row.get("key", ""),
            "fields": [_field(lang, chapter, place, *each) for each in row.items()],
        }
        for place, row in enumerate(typed)
    ]


def _field(lang: Lang, chapter: str, place: int, name: str, value: str) -> dict[str, Any]:
    kind = queries.columns(chapter)[name.partition(".")[0]]
    return {
        "name": f"rows[{place}].{name}",
        "label": label(lang, chapter, name),
        "value": value,
        "kind": kind.value,
        "suffix": _suffix(lang, chapter, name),
        "optional": name.endswith(".en"),
        "choices": [
            {"value": each, "label": choice(lang, name, each)}
            for each in queries.row_choices(chapter, name)
        ],
    }


def typed_rows(book: Rulebook, chapter: str) -> list[dict[str, str]]:
    """Return the lines of a list as they are typed."""
    columns = queries.columns(chapter)
    return [
        {
            name: ("yes" if value else "")
            if columns[name.partition(".")[0]] is Kind.TICK
            else ", ".join(map(str, value))
            if isinstance(value, tuple)
            else _typed(name, value, columns[name.partition(".")[0]])
            for name, value in row.items()
        }
        for row in queries.rows(book, chapter)
    ]


def blank(chapter: str) -> dict[str, str]:
    """Return a line in which nothing is typed yet."""
    found: dict[str, str] = {}
    for name, kind in queries.columns(chapter).items():
        texts = (f"{name}.zh", f"{name}.en") if kind is Kind.TEXT else (name,)
        first = (*queries.row_choices(chapter, name), "")[0]
        found |= dict.fromkeys(texts, first)
    return found


def read_row(form: Form, chapter: str, place: int) -> dict[str, Any]:
    """Read one line of a list; refuses what is no number, by its field."""
    found: dict[str, Any] = {}
    faults: list[Fault] = []
    for name in blank(chapter):
        field = f"rows[{place}].{name}"
        kind = queries.columns(chapter)[name.partition(".")[0]]
        try:
            found[name] = _read_kind(form, field, kind)
        except Invalid as refusal:
            faults.extend(refusal.faults)
    if faults:
        raise Invalid("form.faults", *faults)
    return found


def _read_kind(form: Form, name: str, kind: Kind) -> bool | queries.Bound:
    """Read a value by how it is typed."""
    if kind is Kind.TICK:
        return form.ticked(name)
    if kind is Kind.NUMBERS:
        return _list(form, name)
    if kind is Kind.LINES:
        parts = form.text(name).replace("、", ",").replace("，", ",").split(",")
        return tuple(part.strip() for part in parts if part.strip())
    if kind is Kind.NUMBER:
        return hundredths(form, name) if name.endswith("_hundredths") else form.integer(name)
    return form.text(name)


def points(value: int) -> str:
    """Return hundredths as they are typed."""
    return i18n.score(value)


def read(form: Form, book: Rulebook, chapter: str) -> queries.Bounds:
    """Read the bounds of a chapter; refuses what is no number, by its field."""
    values: queries.Bounds = {}
    faults: list[Fault] = []
    for name in queries.bounds(book, chapter):
        kind = queries.kind(book, chapter, name)
        try:
            if kind in _AREAS:
                values[name] = tuple(filter(None, map(str.strip, form.text(name).split("\n"))))
            else:
                values[name] = _read_kind(form, name, kind)
        except Invalid as refusal:
            faults.extend(refusal.faults)
    if faults:
        raise Invalid("form.faults", *faults)
    return values


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
