"""What a round's archive package holds: months and no days of visits, places and no visitors.

Every sheet stands without its code, its day, its words and its flags, in an order that only the
service can make again; appeals stand without their texts, and nobody is named.
"""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import datetime
from typing import Final

import msgspec

from panel import keys
from panel.assessments.queries import order_views
from panel.chance import Json, canonical
from panel.errors import Missing
from panel.evaluations import queries as evaluations
from panel.rankings import queries as rankings
from panel.rankings.queries import appeals, inputs, lifecycle, objections
from panel.rankings.types import AppealKind, PublicationView, RankingState, RankingView
from panel.reports.queries.sheets import items_of, sheet_pages
from panel.reports.types import (
    ArchiveItem,
    SheetFilter,
    SheetLine,
)
from panel.rulebook import queries as rulebooks
from panel.visits import queries as visits
from panel.visits.queries import draws
from panel.visits.types import RoundKind, RoundView
from panel.workdays import SHANGHAI

_SHEET: Final = ("number", "unit", "window", "form", "manner", "month", "state", "score")
_DANGER: Final = ("=", "+", "-", "@")
"""Signs with which a spreadsheet would begin a formula."""
_PUBLISHED: Final = frozenset({RankingState.PUBLISHED, RankingState.SUPERSEDED})
_COVERT: Final = 100
"""Percent of the visits of a round of which no unit is told beforehand."""


class Found(msgspec.Struct, frozen=True):
    """A round with its ranking, if it was computed."""

    view: RoundView
    ranking: RankingView | None


async def found_of(view: RoundView) -> Found:
    """Return a round with its ranking, if it was computed."""
    try:
        return Found(view, await rankings.ranking(view.code))
    except Missing:
        return Found(view, None)


def due(item: ArchiveItem, found: Found) -> bool:
    """Tell whether an item that is not there should be."""
    scheduled = found.view.draft.kind is RoundKind.SCHEDULED
    if item is ArchiveItem.NOTICE:
        return found.view.draft.covert_percent < _COVERT
    if item in _OF_RANKING:
        return scheduled
    return item not in _MAYBE


_OF_RANKING: Final = frozenset(
    {
        ArchiveItem.RANKING,
        ArchiveItem.RECOUNT,
        ArchiveItem.DELIVERIES,
        ArchiveItem.PROCEDURE,
        ArchiveItem.PUBLICATION,
    }
)
_MAYBE: Final = frozenset({ArchiveItem.APPEALS, ArchiveItem.OBJECTIONS, ArchiveItem.ORDERS})
Files = AsyncIterator[tuple[str, bytes]]


def _json(value: Json) -> bytes:
    return canonical(value) + b"\n"


def _day(moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(SHANGHAI).date().isoformat()


async def _plan(found: Found, _: datetime) -> Files:
    draft = found.view.draft
    yield (
        "01-plan/plan.json",
        _json(
            {
                "round": found.view.code,
                "title": draft.title,
                "theme": draft.theme,
                "kind": draft.kind.value,
                "groups": list(draft.groups),
                "first_month": _day(draft.starts)[:7],
                "last_month": _day(draft.ends)[:7],
                "covert_percent": draft.covert_percent,
                "double_percent": draft.double_percent,
                "visits_per_window": draft.visits_per_window,
                "legal_basis": draft.legal_basis,
                "register_number": draft.register_number,
                "places": sum(1 for _ in await visits.frozen_places(found.view)),
            }
        ),
    )


async def _approval(found: Found, _: datetime) -> Files:
    view = found.view
    steps: dict[str, Json] = {
        "approved": _day(view.approved_at),
        "approval_document": view.approval_document,
        "committed": _day(view.committed_at),
        "drawn": _day(view.drawn_at),
        "closed": _day(view.closed_at),
    }
    if view.approved_at is not None:
        yield "02-approval/decisions.json", _json(steps)


async def _notice(found: Found, _: datetime) -> Files:
    draft = found.view.draft
    if draft.disclosure:
        told: dict[str, Json] = {
            "text": draft.disclosure,
            "published": draft.disclosed_on.isoformat() if draft.disclosed_on else "",
        }
        yield "03-notice/disclosure.json", _json(told)
    notice = await visits.notice_of_round(found.view.id)
    if notice is not None:
        texts: dict[str, Json] = {
            "zh": msgspec.to_builtins(notice.texts),
            "en": msgspec.to_builtins(notice.texts_en),
            "posted": notice.posted_on.isoformat(),
        }
        yield "03-notice/open-visits.json", _json(texts)


async def _draw(found: Found, _: datetime) -> Files:
    if not found.view.record_hash:
        return
    record = await visits.public_record(found.view)
    yield "04-draw/record.json", record
    yield "04-draw/verify_draw.py", draws.program()
    checks: list[Json] = [[name, holds] for name, holds in draws.checks(record)]
    yield "04-draw/checked.json", _json(checks)


async def _forms(found: Found, _: datetime) -> Files:
    version = await rulebooks.version(found.view.rulebook_code)
    yield "05-forms/measures.json", _json(msgspec.to_builtins(version.rulebook))
    yield "05-forms/measures.sha256", f"{version.hash}\n".encode()


async def _sheets(found: Found, _: datetime) -> Files:
    chosen = SheetFilter(round=found.view.code, voided=True, ended=True)
    items = await items_of(chosen)
    ring = keys.current()
    lines = [line async for page in sheet_pages(chosen) for line in page]
    lines.sort(key=lambda each: ring.hash("link", "archive", found.view.code, each.code))
    if lines:
        rows = [_row(number, line, items) for number, line in enumerate(lines, 1)]
        yield "06-sheets/sheets.csv", _csv([*_SHEET, *items], rows)
    void = await evaluations.void_share(found.view.id)
    if void.sheets:
        figures: dict[str, Json] = {
            "sheets": void.sheets,
            "void": void.voided,
            "reasons": dict(void.reasons),
        }
        yield "06-sheets/void.json", _json(figures)


def _row(number: int, line: SheetLine, items: Sequence[str]) -> list[object]:
    """Return a sheet as it may be archived: no code, no day, no words, no flags."""
    return [
        number,
        line.unit,
        line.window,
        line.form,
        line.mode,
        line.visited[:7],
        line.state,
        line.score,
        *(line.values.get(item) for item in items),
    ]


def _csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Write a table that spreadsheets open as text and never as formulas."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(head)
    for row in rows:
        writer.writerow(["" if cell is None else _safe(str(cell)) for cell in row])
    return "\ufeff".encode() + text.getvalue().encode()


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(_DANGER) else text


async def _lists(found: Found, _: datetime) -> Files:
    if found.ranking is None:
        return
    for edition in await inputs.editions(found.ranking.id):
        facts: dict[str, Json] = {
            "edition": edition.number,
            "computed": _day(edition.computed_at),
            "reason": edition.reason,
            "rounds": list(edition.rounds),
            "input_hash": edition.input_hash,
            "sealed_hash": edition.sealed_hash,
            "receipts_root": edition.receipts_root,
            "receipts": edition.receipts,
            "code_version": edition.code_version,
            "model": msgspec.to_builtins(edition.model),
            "changes": msgspec.to_builtins(edition.changes),
        }
        yield f"07-ranking/edition-{edition.number}.json", _json(facts)
        for each in await rankings.lists(found.ranking.id, edition.number):
            name = f"{edition.number}-{each.kind.value}-{each.scope or 'city'}"
            yield f"07-ranking/list-{name}.json", _json(msgspec.to_builtins(each))


async def _recounts(found: Found, _: datetime) -> Files:
    made = await lifecycle.recounts(found.ranking.id) if found.ranking else []
    rows: list[Json] = [
        {
            "edition": each.edition,
            "day": _day(each.at),
            "agreed": each.agreed,
            "lists": each.lists,
            "figures": each.figures,
            "code_version": each.code_version,
            "differences": list(each.differences),
        }
        for each in made
    ]
    if rows:
        yield "08-recount/recounts.json", _json(rows)


async def _deliveries(found: Found, _: datetime) -> Files:
    told = await lifecycle.deliveries(found.ranking.id) if found.ranking else []
    rows: list[Json] = [
        {
            "unit": each.unit_code,
            "edition": each.edition,
            "posted": _day(each.posted_at),
            "received": _day(each.received_at),
            "document": each.document,
            "appeal_by": _day(each.appeal_by),
            "waived": _day(each.waived_at),
        }
        for each in told
    ]
    if rows:
        yield "09-deliveries/deliveries.json", _json(rows)


async def _appealed(found: Found, _: datetime) -> Files:
    rows: list[Json] = [
        {
            "number": each.code,
            "unit": each.unit_code,
            "edition": each.edition,
            "ground": each.ground.value,
            "document": each.document,
            "filed": _day(each.filed_at),
            "state": each.state.value,
            "outcome": each.outcome.value if each.outcome else "",
            "inadmissible": each.inadmissible.value if each.inadmissible else "",
            "decided": _day(each.decided_at),
            "applied_edition": each.applied_edition,
        }
        for each in await appeals.appeals_of(AppealKind.RANKING, found.view.code)
    ]
    if rows:
        yield "10-appeals/appeals.json", _json(rows)


async def _objected(found: Found, _: datetime) -> Files:
    made = await objections.objections(found.ranking.id) if found.ranking else []
    rows: list[Json] = [
        {
            "number": each.number,
            "unit": each.unit_code,
            "ground": each.ground.value,
            "channel": each.channel.value,
            "state": each.state.value,
            "filed": _day(each.filed_at),
            "decision": each.decision.value if each.decision else "",
            "document": each.document,
            "decided": _day(each.decided_at),
        }
        for each in made
    ]
    if rows:
        yield "11-objections/objections.json", _json(rows)


async def _procedure(found: Found, at: datetime) -> Files:
    if found.ranking is None:
        return
    steps = await lifecycle.procedure(found.ranking, at=at, draws_too=False)
    rows: list[Json] = [
        {"step": each.key.value, "signed": _day(each.signed_at), "document": each.document}
        for each in steps
    ]
    if all(each.signed for each in steps):
        yield "12-procedure/procedure.json", _json(rows)


async def _published(found: Found, _: datetime) -> Files:
    rows: list[Json] = [
        _publication(each)
        for each in await rankings.publications()
        if each.round_code == found.view.code and each.manifest_hash
    ]
    if found.ranking is not None and found.ranking.state in _PUBLISHED and rows:
        yield "13-publication/publications.json", _json(rows)


def _publication(each: PublicationView) -> Json:
    return {
        "sequence": each.sequence,
        "edition": each.edition,
        "status": each.status.value,
        "published": _day(each.published_at),
        "manifest": each.manifest_hash,
        "previous": each.previous_hash,
    }


async def _ordered(found: Found, _: datetime) -> Files:
    rows: list[Json] = [
        {
            "number": each.code,
            "unit": each.unit_code,
            "kind": each.kind.value,
            "opened": _day(each.opened_at),
            "due": _day(each.due),
            "state": each.told_state.value,
            "closed": _day(each.closed_at),
        }
        for each in await order_views.order_views()
        if each.round_code == found.view.code
    ]
    if rows:
        yield "14-orders/orders.json", _json(rows)


MAKERS: Final[dict[ArchiveItem, Callable[[Found, datetime], Files]]] = {
    ArchiveItem.PLAN: _plan,
    ArchiveItem.APPROVAL: _approval,
    ArchiveItem.NOTICE: _notice,
    ArchiveItem.DRAW: _draw,
    ArchiveItem.FORMS: _forms,
    ArchiveItem.SHEETS: _sheets,
    ArchiveItem.RANKING: _lists,
    ArchiveItem.RECOUNT: _recounts,
    ArchiveItem.DELIVERIES: _deliveries,
    ArchiveItem.APPEALS: _appealed,
    ArchiveItem.OBJECTIONS: _objected,
    ArchiveItem.PROCEDURE: _procedure,
    ArchiveItem.PUBLICATION: _published,
    ArchiveItem.ORDERS: _ordered,
}
