"""Values of single cells: numbers, yes and no, choices; a wrong one is named and passed over."""

from __future__ import annotations

import re
from collections.abc import Mapping

from panel.errors import Fault
from panel.roster.rules.tables import fault
from panel.roster.types import SheetRow

_WHOLE = re.compile(r"\d{1,9}")
_DEGREES = re.compile(r"(\d{1,3})(?:\.(\d{1,15}))?")
_YES = frozenset({"是", "y", "yes", "true", "1", "√", "✓"})
_NO = frozenset({"否", "n", "no", "false", "0", "×"})
_MICRO = 6


def text(row: SheetRow, column: str, maximum: int, faults: list[Fault]) -> str:
    """Return a text of at most so many characters."""
    found = row.cells.get(column, "")
    if len(found) > maximum:
        faults.append(fault(row.number, column, "import.too_long", maximum=maximum))
    return found


def whole(row: SheetRow, column: str, maximum: int, faults: list[Fault]) -> int | None:
    """Return a whole number from 0 to the maximum, None for an empty cell."""
    found = row.cells.get(column, "").replace(",", "")
    if not found:
        return None
    if not _WHOLE.fullmatch(found) or int(found) > maximum:
        faults.append(fault(row.number, column, "import.not_whole", maximum=maximum))
        return None
    return int(found)


def yes_no(row: SheetRow, column: str, faults: list[Fault], *, default: bool) -> bool:
    """Return yes or no, the default for an empty cell."""
    found = row.cells.get(column, "").lower()
    if found and found not in _YES | _NO:
        faults.append(fault(row.number, column, "import.not_yes_no"))
    return found in _YES if found else default


def choice(
    row: SheetRow, column: str, choices: Mapping[str, str], faults: list[Fault], code: str
) -> str:
    """Return what a word stands for; refuse a word that is no choice."""
    found = row.cells.get(column, "")
    if found and found not in choices:
        faults.append(fault(row.number, column, code, found=found[:40]))
    return choices.get(found, "")


def micro_degrees(row: SheetRow, column: str, low: int, high: int, faults: list[Fault]) -> int:
    """Return a coordinate between two whole degrees in millionths, without floating numbers."""
    found = _DEGREES.fullmatch(row.cells.get(column, ""))
    micro = 0
    if found is not None:
        fraction = (found[2] or "")[:_MICRO].ljust(_MICRO, "0")
        micro = int(found[1]) * 10**_MICRO + int(fraction)
    if not low * 10**_MICRO <= micro <= high * 10**_MICRO:
        faults.append(fault(row.number, column, "import.not_coordinate", low=low, high=high))
    return micro
