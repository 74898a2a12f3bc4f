"""How lists are numbered and how a public number names one.

Lists are numbered from nothing, with leading zeros: 000 to 999 for a thousand, so that a public
three-digit lottery names one by itself and a notary draws exactly what stands in the file.
"""

import unicodedata
from typing import Final

from panel.errors import Invalid

_LEAST: Final = 3


def label(number: int, lists: int) -> str:
    """Return a list's number as it stands in the file."""
    return f"{number:0{_width(lists)}}"


def list_number(value: str, lists: int) -> int:
    """Return the list that a drawn value names; ``Invalid`` where no list is called so."""
    plain = unicodedata.normalize("NFKC", value).strip()
    wide = len(plain) == _width(lists) and plain.isascii() and plain.isdecimal()
    if not wide or int(plain) >= lists:
        raise Invalid("lottery.number", first=label(0, lists), last=label(lists - 1, lists))
    return int(plain)


def _width(lists: int) -> int:
    return max(_LEAST, len(str(lists - 1)))
