"""What units, windows, groups and lists are called, and their numbers in plain writing."""

from __future__ import annotations

from panel import score
from panel.rankings.types import ListView
from panel.rulebook.types import Rulebook
from web.i18n import Lang, gettext


def called(name: str, name_en: str, lang: Lang) -> str:
    """Return a name in a language, the Chinese one where there is no other."""
    return name_en if lang == "en" and name_en else name


def group_name(rulebook: Rulebook, key: str, lang: Lang) -> str:
    """Return what a peer group is called; the empty key is the whole city."""
    for group in rulebook.peer_groups:
        if group.key == key:
            return group.text.get(lang)
    return gettext(lang, "The whole city")


def plain(value: int | None) -> str | None:
    """Write hundredths as a plain number for a table."""
    return None if value is None else score.text(value)


def page_name(one: ListView) -> str:
    """Return the name of a list's page: ``units-service``."""
    return f"{one.kind.value}s-{one.scope or 'all'}"


def mean(total: int, count: int) -> int:
    """Return the mean of scores in hundredths, rounded half up once."""
    return score.mean_hundredths(total, count)
