"""Names by the first letters of their pinyin, as people type them on a phone."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

_LONGEST: Final = 60
"""Letters of a name that are looked at."""


@lru_cache(maxsize=8192)
def _letters(sign: str) -> str:
    """Return the letters that one sign may begin with, the usual one first; itself if it is none.

    Signs of several readings (行: xíng, háng) are found under each of them.
    """
    if not "\u3400" <= sign <= "\u9fff":
        return sign.lower() if sign.isalnum() else ""
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")  # single signs suffice, and take no memory
    from pypinyin import Style, pinyin  # large, and few processes need it

    (found,) = pinyin(sign, style=Style.FIRST_LETTER, heteronym=True)
    return "".join(dict.fromkeys(found))


@lru_cache(maxsize=8192)
def _ways(name: str) -> tuple[str, ...]:
    """Return the possible letters of each sign of a name, in order."""
    return tuple(letters for sign in name[:_LONGEST] if (letters := _letters(sign)))


def initials(name: str) -> str:
    """Return the usual first letters of a name: 市社保中心 gives ``ssbzx``."""
    return "".join(letters[0] for letters in _ways(name))


def begins(typed: str, name: str) -> int | None:
    """Return where in a name the typed letters begin; None where they are not its initials."""
    wanted, ways = typed.lower(), _ways(name)
    return next((at for at in range(len(ways) - len(wanted) + 1) if _fits(wanted, ways[at:])), None)


def _fits(typed: str, ways: Sequence[str]) -> bool:
    return all(letter in letters for letter, letters in zip(typed, ways, strict=False))
