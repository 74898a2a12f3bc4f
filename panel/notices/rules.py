"""Decisions about messages: when, how, at what price; nothing secret is ever in one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Final

from panel.errors import Fault, Invalid
from panel.notices.types import Channel, Preference, Reach
from panel.rulebook.types import Messages
from panel.workdays import SHANGHAI

ATTEMPTS: Final = 5
_BACKOFF: Final = timedelta(minutes=5)
_ADDRESS: Final = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\"]{2,}")
_LONGEST: Final = 120


def clock_of(text: str) -> time:
    """Read a time of day as the measures write it, ``HH:MM``."""
    return time.fromisoformat(text)


def send_at(at: datetime, measures: Messages) -> datetime:
    """Return when a message may leave: now, or when the quiet hours are over."""
    local = at.astimezone(SHANGHAI)
    begin, end = clock_of(measures.quiet_from), clock_of(measures.quiet_until)
    now = local.time()
    quiet = begin <= now or now < end if begin > end else begin <= now < end
    if not quiet:
        return at
    day = local.date() + timedelta(days=1 if begin > end and now >= begin else 0)
    return datetime.combine(day, end, SHANGHAI).astimezone(at.tzinfo)


def day_of(at: datetime) -> datetime:
    """Return the beginning of a moment's day: all that is kept of it beside a person."""
    day = datetime.combine(at.astimezone(SHANGHAI).date(), time(), SHANGHAI)
    return day.astimezone(at.tzinfo)


def again_at(at: datetime, attempts: int, measures: Messages) -> datetime | None:
    """Return when to try once more, twice as late each time; None when it was the last time."""
    if attempts >= ATTEMPTS:
        return None
    return send_at(at + _BACKOFF * 2 ** (attempts - 1), measures)


def reach(preferences: Iterable[Preference], measures: Messages) -> Reach:
    """Return how a message to these people would travel and what it would cost."""
    ways = [preference.channel for preference in preferences]
    sms = ways.count(Channel.SMS)
    return Reach(
        sms=sms,
        email=ways.count(Channel.EMAIL),
        call=ways.count(Channel.CALL),
        cost_hundredths=sms * measures.sms_cost_hundredths,
    )


def price(channel: Channel, measures: Messages) -> int:
    """Return what one message costs, in hundredths of a yuan."""
    return measures.sms_cost_hundredths if channel is Channel.SMS else 0


def check_address(channel: Channel, email: str) -> None:
    """Refuse e-mail without an address that reads like one."""
    wanted = channel is Channel.EMAIL
    if (wanted or email) and (len(email) > _LONGEST or not _ADDRESS.fullmatch(email)):
        raise Invalid("message.faults", Fault("email", "message.address"))
