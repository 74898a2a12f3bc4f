"""Open visits: what a unit is told beforehand, and who came and checked in."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from panel.ids import Code


class NoticeTexts(msgspec.Struct, frozen=True):
    """What the notice of open visits says: these fields and nothing else (domain.md V05).

    Never a day, a member or a number of visits.
    """

    purpose: str
    methods: str
    discipline: str
    address: str
    contact: str
    report_phone: str


class OpenNoticeView(msgspec.Struct, frozen=True):
    """One notice of open visits, as the units and everybody read it."""

    code: Code
    round_id: int
    round_code: Code
    texts: NoticeTexts
    texts_en: NoticeTexts
    posted_on: date
    withdrawn_at: datetime | None
    groups: tuple[str, ...]
    """Peer groups whose units it is for."""
