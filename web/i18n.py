"""Texts in both languages, dates and numbers as people here write them."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

Lang = Literal["zh", "en"]
LOCALES: Final[dict[Lang, str]] = {"zh": "zh_Hans_CN", "en": "en"}
HTML_LANG: Final[dict[Lang, str]] = {"zh": "zh-CN", "en": "en"}
FOLDER: Final = Path(__file__).parent.parent / "locale"
ZONE: Final = ZoneInfo("Asia/Shanghai")


@lru_cache(maxsize=2)
def catalogue(lang: Lang) -> dict[str, str]:
    """Read all areas of a language into one table of texts."""
    texts: dict[str, str] = {}
    for path in sorted((FOLDER / LOCALES[lang] / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, abort_invalid=True):
                if message.id and isinstance(message.string, str) and message.string:
                    texts[str(message.id)] = message.string
    return texts


def gettext(lang: Lang, text: str, /, **values: object) -> str:
    """Return a text in a language, its ``{placeholders}`` filled."""
    found = catalogue(lang).get(text, text)
    return found.format_map(values) if values else found


def negotiate(wished: str | None, accept: str) -> Lang:
    """Choose a language: the person's wish, then the browser's first known one, then Chinese."""
    if wished == "en":
        return "en"
    if wished == "zh":
        return "zh"
    for part in accept.split(","):
        tag = part.split(";")[0].strip().lower()
        if tag.startswith("zh"):
            return "zh"
        if tag.startswith("en"):
            return "en"
    return "zh"


def date(lang: Lang, moment: dt.datetime | dt.date | None) -> str:
    """Write a day as the city's calendar shows it."""
    if moment is None:
        return ""
    if isinstance(moment, dt.datetime):
        moment = moment.astimezone(ZONE).date()
    return str(
        format_date(moment, format="long" if lang == "zh" else "d MMM y", locale=LOCALES[lang])
    )


def datetime_(lang: Lang, moment: dt.datetime | None) -> str:
    """Write a moment to the minute in local time."""
    if moment is None:
        return ""
    pattern = "y年M月d日 HH:mm" if lang == "zh" else "d MMM y, HH:mm"
    return str(format_datetime(moment.astimezone(ZONE), format=pattern, locale=LOCALES[lang]))


def clock(lang: Lang, moment: dt.datetime) -> str:
    """Write the time of day."""
    return str(format_time(moment.astimezone(ZONE), format="HH:mm", locale=LOCALES[lang]))


def number(lang: Lang, value: int) -> str:
    """Write a whole number with its groups of digits."""
    return str(format_decimal(value, locale=LOCALES[lang]))


def score(hundredths: int | None) -> str:
    """Write hundredths of a point as 82.40; a dash where there is none."""
    if hundredths is None:
        return "—"
    sign = "-" if hundredths < 0 else ""
    whole, part = divmod(abs(hundredths), 100)
    return f"{sign}{whole}.{part:02d}"
