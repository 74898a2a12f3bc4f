"""Reasons of vetting in the reader's words: the rulebook's own, else the catalogue's."""

from __future__ import annotations

from collections.abc import Mapping

from panel.rulebook.types import Text
from web.i18n import LOCALES, Lang, gettext


def reason(lang: Lang, known: Mapping[str, Text | None], code: str) -> str:
    """Return a reason code in words; nothing where there is none."""
    text = known.get(code)
    if text is not None:
        return text.get(lang)
    return gettext(lang, f"vetting.reason.{code}") if code else ""


def choices(lang: Lang, known: Mapping[str, Text | None]) -> list[dict[str, str]]:
    """Return the reason codes of a campaign for a list of choices."""
    return [{"value": code, "label": reason(lang, known, code)} for code in known]


def words(known: Mapping[str, Text | None]) -> dict[str, tuple[str, ...]]:
    """Return how the reasons of a list are told in each language, as an office may write them."""
    return {code: tuple(reason(lang, known, code) for lang in LOCALES) for code in known}
