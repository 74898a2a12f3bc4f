"""What would have changed in a closed round if other measures had been in force."""

from __future__ import annotations

import msgspec

from panel.ids import Code


class TriedSheet(msgspec.Struct, frozen=True):
    """One counted sheet under the old and the new measures; ``after`` is None where it is void."""

    unit: Code
    window: Code | None
    visitor: str
    group: str
    before: int
    after: int | None
    fault: str = ""
    """Why it would not count: the code of the first fault."""
    reasons_missing: int = 0
    """Low answers for which the new form asks a reason that nobody was asked for."""


class UnitTrial(msgspec.Struct, frozen=True):
    """A unit before and after, in hundredths; None where too few visitors are left to tell."""

    unit: Code
    name: str
    name_en: str
    group: str
    sheets_before: int
    sheets_after: int
    score_before: int | None
    score_after: int | None
    place_before: int | None
    place_after: int | None


class DryRunResult(msgspec.Struct, frozen=True):
    """The whole trial: units by peer group, and why sheets would not count any more."""

    round: str = ""
    round_title: str = ""
    round_title_en: str = ""
    sheets: int = 0
    changed: int = 0
    """Sheets whose score differs."""
    invalid: int = 0
    reasons_missing: int = 0
    faults: dict[str, int] = {}
    """Sheets by the first fault for which they would not count."""
    unused: tuple[str, ...] = ()
    """Answers given then for which the new forms have no item."""
    unasked: tuple[str, ...] = ()
    """Items of the new forms that nobody was asked then."""
    units: tuple[UnitTrial, ...] = ()
