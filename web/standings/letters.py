"""All units of a publication by the letter under which people look for them."""

from __future__ import annotations

import re
from itertools import groupby
from typing import Any, Final

from panel.rankings.types import Kind, ListView
from web import pinyin
from web.i18n import Lang
from web.standings.names import called

_WHOSE: Final = re.compile(r"^(?:\w{2,3}市|[省市区县])(?=\w{2})")
"""Whose office it is, as most names begin: people look for what it does."""


def by_letter(lists: list[ListView], lang: Lang) -> dict[str, Any]:
    """Return every unit under the first letter of its name, which in Chinese is of its pinyin."""
    named = [
        (pinyin.initials(_WHOSE.sub("", name)), name, row.code)
        for one in lists
        if one.kind is Kind.UNIT
        for row in one.rows
        for name in (called(row.name, row.name_en, lang),)
    ]
    letters = [
        {
            "letter": letter,
            "id": letter.lower().strip("#") or "other",
            "units": [{"code": code, "name": name} for _, name, code in found],
        }
        for letter, found in groupby(sorted(named), key=lambda each: _letter(each[0]))
    ]
    return {"letters": letters, "units": len(named)}


def _letter(initials: str) -> str:
    first = initials[:1].upper()
    return first if first.isascii() and first.isalpha() else "#"
