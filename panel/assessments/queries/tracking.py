"""Reads of what everybody may follow: orders with their milestones, re-visits and letters."""

from __future__ import annotations

from datetime import datetime

from msgspec import structs

from panel.assessments.queries.consequences import letters as recommendations
from panel.assessments.queries.order_parts import items, letters
from panel.assessments.queries.order_views import order_views
from panel.assessments.rules.orders import names_shown
from panel.assessments.types import ConsequenceKind, ConsequenceView
from panel.assessments.types.orders import (
    Extension,
    Milestone,
    OrderKind,
    OrderState,
    OrderView,
    PublicLetter,
    PublicOrder,
)
from panel.errors import Missing
from panel.ids import Code
from panel.rulebook import queries as rulebooks

_DECIDED = frozenset({OrderState.CLOSED, OrderState.FAILED, OrderState.ESCALATED})
_LEVEL = "unit_ranking"


async def public_orders(*, at: datetime) -> list[PublicOrder]:
    """Return the orders of units on the last places of public lists, the newest first."""
    found = [await _told(each, at) for each in await order_views() if each.kind is OrderKind.ORDER]
    return [each for each in reversed(found) if each is not None]


async def public_order(code: Code, *, at: datetime) -> PublicOrder:
    """Return one order as everybody may follow it; one that is not public is ``Missing``."""
    for each in await order_views(code=code):
        told = await _told(each, at) if each.kind is OrderKind.ORDER else None
        if told is not None:
            return told
    raise Missing("order.missing")


async def public_letters(*, at: datetime) -> list[PublicLetter]:
    """Return what competent bodies were asked, those that have not answered first."""
    found = [
        PublicLetter(
            unit_name=each.unit_name,
            unit_name_en=each.unit_name_en,
            recommended=False,
            body=letter.body,
            sent_at=letter.sent_at,
            due_at=letter.due_at,
            answered_at=letter.answered_at,
        )
        for each in await public_orders(at=at)
        for letter in each.letters
    ]
    publication = (await rulebooks.current()).rulebook.publication
    if publication.levels.get(_LEVEL) == "public":
        found += [
            _recommended(each, publication.named_years, at)
            for each in await recommendations()
            if each.kind is ConsequenceKind.RECOMMENDATION
        ]
    found.sort(key=lambda each: each.sent_at, reverse=True)
    return sorted(found, key=lambda each: each.answered_at is not None)


def _recommended(view: ConsequenceView, years: int, at: datetime) -> PublicLetter:
    sent_at = view.sent_at or view.made_at
    named = names_shown(sent_at, years, at)
    return PublicLetter(
        unit_name=view.unit_name if named else "",
        unit_name_en=view.unit_name_en if named else "",
        recommended=True,
        body=view.body,
        sent_at=sent_at,
        due_at=view.due_at,
        answered_at=view.answered_at,
    )


async def _told(view: OrderView, at: datetime) -> PublicOrder | None:
    book = (await rulebooks.version(view.rulebook_code)).rulebook
    if book.publication.levels.get(_LEVEL) != "public":
        return None
    named = names_shown(view.opened_at, book.publication.named_years, at)
    planned = view.approved_at is not None
    return PublicOrder(
        code=view.code,
        year=view.year,
        unit_code=view.unit_code if named else None,
        unit_name=view.unit_name if named else "",
        unit_name_en=view.unit_name_en if named else "",
        group=view.group,
        state=view.told_state,
        opened_at=view.opened_at,
        due=view.due,
        reported_at=view.reported_at,
        revisited_on=view.revisited_on,
        decided_at=view.judged_at if view.state in _DECIDED else None,
        extended=view.extension is Extension.GRANTED,
        period=view.period,
        recurrences=view.recurrences,
        milestones=tuple(
            Milestone(each.measure, each.due, each.state) for each in await items(view.id)
        )
        if planned
        else (),
        letters=tuple(
            structs.replace(each, document="", answer="", answer_document="")
            for each in await letters(view.id)
        ),
    )
