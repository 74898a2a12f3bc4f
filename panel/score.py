"""Scores as integers in hundredths of a point, with the one rounding rule: half up, once."""

import re
from fractions import Fraction
from typing import Final

_TEXT: Final = re.compile(r"(-?)([0-9]{1,9})(?:\.([0-9]{1,2}))?", re.ASCII)


def half_up(numerator: int, denominator: int) -> int:
    """Return the integer nearest to numerator / denominator, halves upwards."""
    if denominator <= 0:
        message = "the denominator must be positive"
        raise ValueError(message)
    return (2 * numerator + denominator) // (2 * denominator)


def hundredths(numerator: int, denominator: int) -> int:
    """Return numerator / denominator points in hundredths: `hundredths(2, 3)` is 67."""
    return half_up(100 * numerator, denominator)


def mean_hundredths(total: int, count: int) -> int:
    """Return the mean of `count` scores that add up to `total`, all in hundredths."""
    return half_up(total, count)


def rounded(value: Fraction) -> int:
    """Return an exact value, already in hundredths, as the nearest integer."""
    return half_up(value.numerator, value.denominator)


def parse(text: str) -> int:
    """Return the hundredths written as "82.40", "82.4" or "82"; ValueError for anything else."""
    found = _TEXT.fullmatch(text)
    if found is None:
        message = "not a score"
        raise ValueError(message)
    sign, whole, part = found.groups()
    value = int(whole) * 100 + int((part or "").ljust(2, "0"))
    return -value if sign else value


def text(value: int) -> str:
    """Return hundredths in writing with two decimals: 8240 is "82.40"."""
    whole, part = divmod(abs(value), 100)
    return f"{'-' if value < 0 else ''}{whole}.{part:02d}"
