"""How the panel's make-up went, as a picture with its table; states of terms in words."""

from __future__ import annotations

import datetime as dt
from typing import Any

from panel.members import queries as members
from panel.members.types import Standing
from panel.rulebook import queries as rulebook
from panel.rulebook.types import GroupQuota
from web import i18n
from web.pages import Request
from web.pictures import Column, columns
from web.text import features


async def course(request: Request) -> dict[str, Any]:
    """Return the course of the panel's make-up by month: picture, heads and rows of its table."""
    found = await members.course(request.at)
    recruitment = (await rulebook.current()).rulebook.recruitment
    words = features.Words(recruitment, request.lang)
    groups = recruitment.groups
    return {
        "picture": _picture(request, found, groups[0], words) if found and groups else "",
        "heads": [words.quota(group.key) for group in groups],
        "rows": [
            {
                "day": i18n.date(request.lang, each.day),
                "total": each.total,
                "broken": each.broken,
                "groups": [
                    {"seats": each.seats[group.key], "share": _share(each, group)}
                    for group in groups
                ],
            }
            for each in reversed(found)
        ],
    }


def _share(standing: Standing, group: GroupQuota) -> str:
    """Write the share of a group to a tenth of a percent, rounded down."""
    tenths = standing.seats[group.key] * 1000 // standing.total if standing.total else 0
    return f"{tenths // 10}.{tenths % 10} %"


def _picture(
    request: Request, found: tuple[Standing, ...], group: GroupQuota, words: features.Words
) -> str:
    parts = [
        Column(
            _month(each.day),
            each.seats[group.key] * 10_000 // each.total if each.total else 0,
            each.broken,
        )
        for each in found
    ]
    rule = request.text("at least {percent} %", percent=group.minimum_percent)
    title = f"{words.quota(group.key)} · {rule}"
    return columns(parts, group.minimum_percent * 100, title, request.text)


def _month(day: dt.date) -> str:
    return f"{day.year}-{day.month:02d}"
