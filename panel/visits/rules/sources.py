"""Where the chance of a draw comes from: numbers named beforehand, witnesses, time in between."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from panel.errors import Conflict, Fault, Invalid
from panel.visits.types import Announced, RoundState, RoundView, SeedSource, Witnesses
from panel.workdays import SHANGHAI

_SALES_END: Final = 20
"""Hour of the day after which an issue drawn that evening may no longer be named."""
_DRAWN: Final = 21
"""Hour of the day from which its number may be known."""
_BETWEEN: Final = timedelta(hours=1)
"""A draw sooner than this after the commitment needs witnesses."""
_DIGITS: Final = 3
_ISSUE: Final = 20
_OFFICE: Final = 80
_TWO: Final = 2


def announce(view: RoundView, announced: Sequence[Announced], at: datetime) -> RoundView:
    """Return the round with the issues that will decide; refuses what is known or one alone.

    Two different lotteries: one has too few numbers and would let an organiser try rosters.
    """
    if view.draft.source is not SeedSource.LOTTERY:
        return msgspec.structs.replace(view, announced=())
    faults = []
    now = at.astimezone(SHANGHAI)
    for number, each in enumerate(announced):
        if not 0 < len(each.issue.strip()) <= _ISSUE:
            faults.append(Fault(f"issue_{number}", "round.issue_missing"))
        if each.on < now.date() or (each.on == now.date() and now.hour >= _SALES_END):
            faults.append(Fault(f"on_{number}", "round.issue_known"))
    if len({each.game for each in announced}) != _TWO or len(announced) != _TWO:
        faults.append(Fault("issue_0", "round.two_lotteries"))
    if faults:
        raise Invalid("round.faults", *faults)
    named = tuple(Announced(each.game, each.issue.strip(), each.on) for each in announced)
    return msgspec.structs.replace(view, announced=named)


def may_read_numbers(view: RoundView, values: Sequence[str], at: datetime) -> tuple[str, ...]:
    """Return announced numbers as digits; refuses them before they are drawn, or not as told."""
    if view.state is not RoundState.COMMITTED or not view.announced or known(view):
        raise Conflict("round.state_changed")
    now = at.astimezone(SHANGHAI)
    for each in view.announced:
        if (now.date(), now.hour) < (each.on, _DRAWN):
            raise Conflict("round.number_not_yet", on=each.on.isoformat())
    plain = [unicodedata.normalize("NFKC", value).strip() for value in values]
    faults = [
        Fault(f"value_{number}", "round.number_wrong")
        for number, value in enumerate(plain)
        if not (len(value) == _DIGITS and value.isascii() and value.isdecimal())
    ]
    if faults or len(plain) != len(view.announced):
        raise Invalid("round.faults", *faults)
    return tuple(plain)


def agree(read: Mapping[int, tuple[str, ...]], person: int, values: tuple[str, ...]) -> bool | None:
    """Tell whether somebody else read the same; None where nobody else has read yet."""
    others = [each for who, each in read.items() if who != person]
    return values in others if others else None


def known(view: RoundView) -> bool:
    """Tell whether every announced number is known."""
    return bool(view.announced) and all(each.value for each in view.announced)


def may_draw(view: RoundView, witnesses: Witnesses | None, at: datetime) -> Witnesses | None:
    """Return who witnesses a draw; refuses one without its numbers, its hour or its witnesses."""
    if view.state is not RoundState.COMMITTED or view.committed_at is None:
        raise Conflict("round.state_changed")
    source = view.draft.source
    if source is SeedSource.LOTTERY and not known(view):
        raise Conflict("round.numbers_missing")
    if source is SeedSource.CHAIN and at - view.committed_at < _BETWEEN:
        raise Conflict("round.same_hour")
    if source is not SeedSource.WITNESSED:
        return None
    given = witnesses or Witnesses("", "", "")
    plain = Witnesses(given.first.strip(), given.second.strip(), given.document.strip())
    faults = [
        Fault(name, "round.witness_missing")
        for name in ("first", "second", "document")
        if not 0 < len(getattr(plain, name)) <= _OFFICE
    ]
    if plain.first and plain.first == plain.second:
        faults.append(Fault("second", "round.witness_twice"))
    if faults:
        raise Invalid("round.faults", *faults)
    return plain


def drawable_from(view: RoundView) -> datetime | None:
    """Return from when a draw by the chain's code needs no witnesses."""
    if view.committed_at is None or view.draft.source is not SeedSource.CHAIN:
        return None
    return view.committed_at + _BETWEEN
