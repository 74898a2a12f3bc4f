"""What a unit does once it was told: it signs for its line, gives up its appeal, or appeals."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from piccolo.columns import Column

from panel import keys
from panel.accounts import queries as accounts
from panel.actor import Actor, Role
from panel.audit.commands import Note, entry
from panel.errors import Conflict, Forbidden
from panel.ids import Code
from panel.notices import commands as notices
from panel.notices.types import MessageKind
from panel.rankings import queries
from panel.rankings.commands import appeals
from panel.rankings.queries import appeals as cases
from panel.rankings.queries import lifecycle as ways
from panel.rankings.rules import lifecycle as rules
from panel.rankings.tables import Delivery
from panel.rankings.types import AppealDraft, AppealKind, DeliveryView, PaperReceipt
from panel.rulebook import queries as rulebooks

_SEALED = ("ranking", "edition", "unit", "document", "signer", "disputed_by")


def _unit(actor: Actor) -> Code:
    actor.require(Role.LIAISON)
    if actor.unit is None:
        raise Forbidden("actor.no_unit")
    return actor.unit


async def _write(view: DeliveryView, note: Note, **columns: Any) -> None:
    changes: dict[Column | str, Any] = dict(columns.items())
    rows = (
        await Delivery.update(changes)
        .where(
            Delivery.id == view.id,
            Delivery.waived_at.is_null(),
            Delivery.received_at.is_null()
            if view.received_at is None
            else Delivery.received_at.is_not_null(),
        )
        .returning(*Delivery.all_columns())
    )
    if not rows:
        raise Conflict("delivery.changed")
    note.seal(Delivery(**rows[0]), *_SEALED)


async def receive(actor: Actor, round: Code, *, at: datetime) -> datetime:  # noqa: A002
    """Sign for the own unit's line; returns until when it may appeal."""
    unit = _unit(actor)
    async with entry(actor, "rankings.receive", at=at) as note:
        return await _received(actor, round, unit, note, at=at)


async def record_receipt(
    actor: Actor,
    round: Code,  # noqa: A002
    unit: Code,
    given: PaperReceipt,
    *,
    at: datetime,
) -> datetime:
    """Record that a unit signed for its line on paper; returns until when it may appeal.

    The time runs from now, never from the day on the paper: the unit reads here what was recorded
    and can say that it is not its own. Whoever speaks for it is told.
    """
    actor.require(Role.COORDINATOR, Role.PUBLISHER)
    async with entry(actor, "rankings.record_delivery", at=at) as note:
        view = await queries.ranking(round)
        delivery = await ways.delivery(view.id, unit)
        tidy = rules.may_record(delivery, given, at)
        until = await _received(actor, round, unit, note, tidy, at=at)
        speakers = (await accounts.liaisons([unit])).get(unit, [])
        occasion = f"delivery {delivery.id} on paper"
        await notices.post(speakers, MessageKind.UNIT_WAITS, occasion, at=at)
    return until


async def dispute(actor: Actor, round: Code, *, at: datetime) -> datetime:  # noqa: A002
    """Say for the own unit that a receipt on paper is not its own; returns until when to appeal.

    The receipt counts for nothing from then on, and the office is told.
    """
    unit = _unit(actor)
    async with entry(actor, "rankings.dispute_delivery", at=at) as note:
        view = await queries.ranking(round)
        delivery = await ways.delivery(view.id, unit)
        book = (await rulebooks.version(view.rulebook_code)).rulebook
        until = rules.may_dispute(delivery, book, at)
        await _write(
            delivery,
            note,
            received_at=None,
            received_by=None,
            appeal_by=until,
            disputed_at=at,
            disputed_by=actor.person,
        )
        office = await accounts.holders(Role.COORDINATOR, Role.PUBLISHER)
        occasion = f"delivery {delivery.id} disputed"
        await notices.post(office, MessageKind.STAFF_WAITS, occasion, at=at)
        note.about("delivery", round, unit=unit, edition=delivery.edition, disputed=True)
    return until


async def _received(
    actor: Actor,
    round: Code,  # noqa: A002
    unit: Code,
    note: Note,
    paper: PaperReceipt | None = None,
    *,
    at: datetime,
) -> datetime:
    view = await queries.ranking(round)
    delivery = await ways.delivery(view.id, unit)
    book = (await rulebooks.version(view.rulebook_code)).rulebook
    until = rules.received(delivery, book, at)
    await _write(
        delivery,
        note,
        received_at=at,
        received_by=actor.person,
        appeal_by=until,
        **(_papers(delivery, paper) if paper else {}),
    )
    on_paper = paper is not None
    note.about(
        "delivery", round, unit=unit, edition=delivery.edition, received=True, paper=on_paper
    )
    return until


def _papers(delivery: DeliveryView, paper: PaperReceipt) -> dict[str, Any]:
    """Return what is kept of a receipt on paper, its picture encrypted."""
    context = ways.scan_context(delivery.id)
    return {
        "document": paper.document,
        "signer": paper.signer,
        "signed_on": paper.signed_on,
        "scan": keys.current().seal("reporter", paper.scan, context),
    }


async def waive(actor: Actor, round: Code, *, at: datetime) -> None:  # noqa: A002
    """Give up the own unit's appeal, so that nobody needs to wait for its time to run out."""
    unit = _unit(actor)
    async with entry(actor, "rankings.waive", at=at) as note:
        view = await queries.ranking(round)
        delivery = await ways.delivery(view.id, unit)
        filed = await cases.appeals_of(AppealKind.RANKING, round)
        mine = any(each.unit_code == unit and each.edition == delivery.edition for each in filed)
        rules.may_waive(delivery, appealed=mine, at=at)
        if delivery.received_at is None:
            await _received(actor, round, unit, note, at=at)
            delivery = await ways.delivery(view.id, unit)
        await _write(delivery, note, waived_at=at, waived_by=actor.person)
        note.about("delivery", round, unit=unit, edition=delivery.edition, waived=True)


async def appeal(
    actor: Actor,
    round: Code,  # noqa: A002
    draft: AppealDraft,
    *,
    at: datetime,
    unit: Code | None = None,
) -> Code:
    """Appeal against the own unit's line, in time, once an edition; returns the appeal's code.

    A coordinator records for a ``unit`` what came on paper. Who appeals has received its line.
    """
    of = actor.unit if actor.may(Role.LIAISON) else unit
    if of is None:
        raise Forbidden("actor.no_unit")
    async with entry(actor, "rankings.appeal", at=at) as note:
        view = await queries.ranking(round)
        delivery = await ways.delivery(view.id, of)
        rules.may_appeal(view, delivery)
        code = await appeals.file(
            actor,
            AppealKind.RANKING,
            round,
            of,
            draft,
            until=delivery.appeal_by,
            rulebook=view.rulebook_code,
            edition=delivery.edition,
            at=at,
        )
        if delivery.received_at is None:
            await _received(actor, round, of, note, at=at)
    return code
