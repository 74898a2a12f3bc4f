"""Reads of deliveries: what each unit was told last, and until when it may appeal."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from panel import keys
from panel.db import raw
from panel.errors import Missing
from panel.ids import Code
from panel.rankings.types import DeliveryView
from panel.vault.types import Attached

_DELIVERY: Final = (
    "SELECT d.id, d.ranking AS ranking_id, d.edition, u.code AS unit_code, u.name AS unit_name, "
    "u.name_en AS unit_name_en, d.posted_at, d.presumed_at, d.received_at, d.document, "
    "d.appeal_by, d.waived_at, d.signer, d.signed_on, length(d.scan) > 0 AS scanned, d.disputed_at "
    "FROM ranking_delivery d JOIN unit u ON u.id = d.unit "
)


def _delivery(row: dict[str, Any]) -> DeliveryView:
    day = row["signed_on"]
    return DeliveryView(
        **{
            **row,
            "unit_code": Code(row["unit_code"]),
            "signed_on": date.fromisoformat(day) if isinstance(day, str) else day,
            "scanned": bool(row["scanned"]),
        }
    )


def scan_context(delivery: int) -> str:
    """Return what the ciphertext of a receipt's picture is bound to."""
    return f"ranking_delivery:{delivery}:scan"


async def receipt_scan(view: DeliveryView) -> Attached:
    """Return the picture of the receipt that a unit signed on paper; ``Missing`` without one."""
    rows = await raw("SELECT scan FROM ranking_delivery WHERE id = {}", view.id)
    if not rows or not rows[0]["scan"]:
        raise Missing("delivery.no_scan")
    data = keys.current().open("reporter", bytes(rows[0]["scan"]), scan_context(view.id))
    return Attached(data, "image/jpeg")


async def deliveries(ranking_id: int) -> list[DeliveryView]:
    """Return what each unit was told last, in the order in which they were told first."""
    rows = await raw(_DELIVERY + "WHERE d.ranking = {} ORDER BY d.id", ranking_id)
    newest: dict[str, DeliveryView] = {}
    for row in rows:
        newest[row["unit_code"]] = _delivery(row)
    return list(newest.values())


async def delivery(ranking_id: int, unit: Code) -> DeliveryView:
    """Return what a unit was told last; ``Missing`` before."""
    rows = await raw(
        _DELIVERY + "WHERE d.ranking = {} AND u.code = {} ORDER BY d.edition DESC LIMIT 1",
        ranking_id,
        unit,
    )
    if not rows:
        raise Missing("ranking.missing")
    return _delivery(rows[0])
