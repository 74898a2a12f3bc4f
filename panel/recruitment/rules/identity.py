"""Reading what people type about themselves: id number, telephone, name, address."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import Final

import msgspec

from panel.recruitment.types.applications import AgeBand, Sex

_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"
_SHORT: Final = 15
_SEQUENCE: Final = 16
_SCIENTIFIC: Final = re.compile(r"\d\.\d+E\+\d+")
_PHONE: Final = re.compile(r"(\+?86)?(1\d{10}|0\d{9,11}|\d{7,8})")
_BAND: Final = re.compile(r"(\d+)(?:-(\d+)|\+)")
_OLDEST: Final = 200
_LEAST_ADDRESS: Final = 6


class NationalId(msgspec.Struct, frozen=True):
    """A number whose check digit holds, and what it says."""

    number: str
    born: dt.date
    sex: Sex


def tidy(text: str) -> str:
    """Bring full-width characters to their plain form and drop what surrounds the text."""
    return unicodedata.normalize("NFKC", text).strip()


def check_digit(body: str) -> str:
    """Return the last character of an id number (GB 11643, ISO 7064 MOD 11-2)."""
    total = sum(weight * int(char) for weight, char in zip(_WEIGHTS, body, strict=True))
    return _CHECKS[total % len(_CHECKS)]


def read_national_id(text: str) -> NationalId | str:
    """Read a number of 18 or 15 digits, with gaps, full-width digits or a small x.

    What can't be read gives the code of its fault instead.
    """
    plain = re.sub(r"[\s-]", "", tidy(text)).upper()
    if not plain:
        return "form.required"
    if _SCIENTIFIC.fullmatch(plain):
        return "national_id.digits_lost"
    if re.fullmatch(r"\d{15}", plain):
        body = f"{plain[:6]}19{plain[6:]}"
        plain = body + check_digit(body)
    if not re.fullmatch(r"\d{17}[\dX]", plain):
        return "national_id.length"
    if check_digit(plain[:17]) != plain[17]:
        return "national_id.check_digit"
    try:
        born = dt.date(int(plain[6:10]), int(plain[10:12]), int(plain[12:14]))
    except ValueError:
        return "national_id.birth"
    sex = Sex.MALE if int(plain[_SEQUENCE]) % 2 else Sex.FEMALE
    return NationalId(plain, born, sex)


def read_phone(text: str) -> str | None:
    """Return the digits of a mobile or landline number, None if it can't be one."""
    plain = re.sub(r"[\s()-]", "", tidy(text))
    found = _PHONE.fullmatch(plain)
    return found.group(2) if found else None


def read_name(text: str) -> str:
    """Return a name with one kind of middle dot, and without the gaps of a Chinese one."""
    plain = re.sub(r"\s+", " ", tidy(text))
    plain = re.sub(r"[.•・‧∙]", "·", plain) if not plain.isascii() else plain
    return (
        plain
        if any(char.isascii() and char.isalpha() for char in plain)
        else plain.replace(" ", "")
    )


def household(address: str) -> str | None:
    """Return the text by which people at one address are recognised, None if it names no door.

    An address without a number is a street or a village: it must not make strangers a household.
    """
    plain = "".join(char for char in tidy(address).casefold() if char.isalnum())
    numbered = any(char.isdecimal() for char in plain)
    return plain if numbered and len(plain) >= _LEAST_ADDRESS else None


def age_on(born: dt.date, day: dt.date) -> int:
    """Return somebody's age in full years on a day."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def read_bands(values: tuple[str, ...]) -> tuple[AgeBand, ...]:
    """Read age bands written as ``35-49`` or ``65+``; other values are no bands."""
    found = []
    for value in values:
        match = _BAND.fullmatch(value)
        if match:
            highest = int(match.group(2)) if match.group(2) else _OLDEST
            found.append(AgeBand(value, int(match.group(1)), highest))
    return tuple(found)


def agrees(born: dt.date, typed: str) -> bool:
    """Tell whether a birth date as typed (1965.3, 1965-03-02, 19650302) fits the id number's."""
    parts = [part for part in re.split(r"[^\d]+", tidy(typed)) if part][:3]
    if len(parts) == 1 and len(parts[0]) in {6, 8}:
        whole = parts[0]
        parts = [whole[:4], whole[4:6], *([whole[6:]] if whole[6:] else [])]
    known = (born.year, born.month, born.day)
    return bool(parts) and all(int(part) == known[at] for at, part in enumerate(parts))
